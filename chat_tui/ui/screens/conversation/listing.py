"""Keeps the list of conversations true to what is stored."""

from typing import TYPE_CHECKING

from chat_tui.core.clock import Clock
from chat_tui.core.conversation import ConversationSummary
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.widgets.conversation_list import ConversationList, ListLegend, Marks

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.queues import Queues

PAGE = 50
"""Conversations that are read at once."""


class ListKeeper:
    """Fills the list page by page.

    Args:
        session: its store and its conversation.
        rows: shows the rows.
        legend: says what their marks mean.
        clock: for the groups by age.
    """

    def __init__(
        self, session: Session, rows: ConversationList, legend: ListLegend, clock: Clock
    ) -> None:
        self._session = session
        self._list = rows
        self._legend = legend
        self._clock = clock
        self._new: set[str] = set()
        """The conversations that were answered while they were not on the screen."""
        self._queued: frozenset[str] = frozenset()
        """The conversations in which prompts wait, as it is stored."""

    async def reload(self) -> None:
        """Read the rows again that are shown, and a page at least; and where prompts wait."""
        limit = max(PAGE, self._list.count)
        rows = await self._session.store.summaries(limit=limit)
        self._queued = await self._session.store.queued_drafts()
        self._list.show(rows, self._clock.now(), complete=len(rows) < limit)

    async def load_page(self, after: ConversationSummary) -> None:
        """Read the rows after one."""
        rows = await self._session.store.summaries(limit=PAGE, after=after)
        self._list.add_page(rows, complete=len(rows) < PAGE)

    def note_new(self, id_: str) -> None:
        """An answer ended in a conversation that is not on the screen."""
        self._new.add(id_)

    def note_queue(self, id_: str, waits: bool) -> None:
        """Something waits in a conversation now, or nothing any more."""
        self._queued = self._queued | {id_} if waits else self._queued - {id_}

    def mark(self, running: frozenset[str], queues: "Queues") -> None:
        """Mark the open conversation, and how things stand in the others.

        Args:
            running: the conversations that are being answered.
            queues: what waits in those that are open.
        """
        # Of a conversation that is not open here, nothing goes out by itself.
        held = queues.held | (self._queued - queues.known)
        chat = self._session.chat
        open_ = chat.id if chat is not None else ""
        self._new.discard(open_)
        marks = Marks(running, frozenset(self._new), held)
        self._list.mark(open_, marks)
        self._legend.show(self._list.marks)
