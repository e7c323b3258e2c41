"""Keeps the list of conversations true to what is stored."""

from chat_tui.core.clock import Clock
from chat_tui.core.conversation import ConversationSummary
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.widgets.conversation_list import ConversationList

PAGE = 50
"""Conversations that are read at once."""


class ListKeeper:
    """Fills the list page by page.

    Args:
        session: its store and its conversation.
        rows: shows the rows.
        clock: for the groups by age.
    """

    def __init__(self, session: Session, rows: ConversationList, clock: Clock) -> None:
        self._session = session
        self._list = rows
        self._clock = clock

    async def reload(self) -> None:
        """Read the newest rows again."""
        rows = await self._session.store.summaries(limit=PAGE)
        self._list.show(rows, self._clock.now(), complete=len(rows) < PAGE)

    async def load_page(self, after: ConversationSummary) -> None:
        """Read the rows after one."""
        rows = await self._session.store.summaries(limit=PAGE, after=after)
        self._list.add_page(rows, complete=len(rows) < PAGE)

    def mark(self, running: frozenset[str]) -> None:
        """Mark the open conversation and the running ones."""
        chat = self._session.chat
        self._list.mark(chat.id if chat else "", running)
