"""What other windows of the app write meanwhile."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView

_INTERVAL = 3.0
"""Seconds between two looks whether another window wrote something."""


class OtherWindows:
    """Takes over what another window wrote.

    Args:
        screen: where it is shown.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._changed = False
        """Whether something was written that is not shown yet."""

    def watch(self) -> None:
        """Look from time to time, and when the user comes back to this window."""
        self._screen.watch(self._screen.app, "app_focus", self.look, init=False)
        self._screen.set_interval(_INTERVAL, self.look)

    def look(self) -> None:
        """Look once, in the background."""
        # Not exclusive: the store tells of a change once, so that who heard of it must go on.
        self._screen.run_worker(self._take_over(), name="changes", exit_on_error=False)

    async def _take_over(self) -> None:
        session = self._screen.session
        self._changed = await session.store.changed_elsewhere() or self._changed
        chat = session.chat
        if not self._changed or (chat is not None and chat.streaming):
            # While an answer comes here, its path stays as it is; the end of it looks again.
            return
        self._changed = False
        try:
            await self._screen.reload_list()
            if chat is not None and len(chat.tree):
                await session.manager.refresh(chat)
                await self._screen.branches.follow(chat)
                await self._screen.panes.follow_others(chat)
        except BaseException:
            self._changed = True
            raise
