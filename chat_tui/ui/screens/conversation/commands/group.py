"""What all groups of commands have in common."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


_TITLE = 48
"""Characters of a title in a toast, where a name given by hand may have 200."""


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

    def _key_here(self, id_: str) -> str:
        """The key of an action, or that of the same action for those who read."""
        reads = self._screen.focused is self._screen.transcript
        return active_keys(self._screen).shown(f"{id_}-reading" if reads else id_)

    def _tell(self, key: str, /, *, timeout: float = 4, **values: object) -> None:
        """Tell a text of the catalogue as a toast; the values are clean."""
        self._screen.app.notify(text(key, **values), timeout=timeout, markup=False)


def told_title(title: str) -> str:
    """A conversation's title as it stands in a toast: clean, and short."""
    line = clean_line(title)
    return (line if len(line) <= _TITLE else f"{line[:_TITLE].rstrip()}…") or text("list.untitled")
