"""What all groups of commands have in common."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chat_tui.core.texts import text

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class CommandGroup:
    """Commands that belong together; an action's `run` names one: `screen.do('group.method')`.

    A command is a method, async where it waits for storage. What waits for the user (a dialog)
    runs `in_background`, so that keys go on being heard.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen

    async def _ready(self) -> "OpenConversation":
        """The conversation on the screen, once there is one.

        Raises:
            ChatError: the backend could not be opened.
        """
        return await self._screen.session.ready()

    def _in_background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run what waits for the user."""
        self._screen.run_worker(work, name=name, exit_on_error=False)

    def _tell(self, key: str, /, *, timeout: float = 4, **values: object) -> None:
        """Tell a text of the catalogue as a toast; the values are clean."""
        self._screen.app.notify(text(key, **values), timeout=timeout, markup=False)
