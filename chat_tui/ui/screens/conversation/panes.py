"""What the conversation is shown in: one transcript, or a column for each of several models."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from chat_tui.core.side_by_side.board import MERGED
from chat_tui.ui.screens.conversation.pane_row import Pane, PaneRow
from chat_tui.ui.screens.conversation.shown_panes import ShownPanes
from chat_tui.ui.widgets.transcript import Transcript

if TYPE_CHECKING:  # most conversations have one column
    from chat_tui.core.messages import ChatMessage
    from chat_tui.core.side_by_side.threads import Column
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.stage import Stage
    from chat_tui.ui.screens.conversation.view import ConversationView


class Panes(ShownPanes):
    """Keeps the columns as the open conversation has them, and points the screen at the marked one.

    While the conversation is not side by side there is the one transcript, and none of this costs
    anything. `screen.transcript` and `screen.stage` are those of the marked column otherwise.

    Args:
        screen: where they stand.
        stage: shows a conversation in the one transcript.
    """

    def __init__(self, screen: "ConversationView", stage: "Stage") -> None:
        super().__init__(stage)
        self._screen = screen
        self._row = PaneRow(screen, stage.transcript)
        self._of = ""
        """Whose columns they are."""
        self._one_by_one = asyncio.Lock()
        self._told: object = None
        """What the columns show, to know when there is nothing to do."""

    # Showing

    async def show(self, chat: "OpenConversation") -> bool:
        """Show a conversation with its end in view; tells whether it still is what is shown."""
        self._screen.session.chat = chat
        async with self._one_by_one:
            if self._screen.session.chat is not chat:
                return False
            self._single.transcript.show_path([])
            for pane in self._panes:
                pane.transcript.show_path([])
            await self._hold(chat, anew=self._of != chat.id)
            if not self._panes:
                return await self._single.show(chat)
            return await self._fill(chat, self._panes)

    async def follow(
        self,
        chat: "OpenConversation",
        *,
        at: int | None = None,
        line: int | None = None,
        reveal: bool = False,
    ) -> None:
        """Show board and tree as they are now. Columns that stay keep all of their state.

        See `Stage.follow` for what is brought into view, in the marked column.
        """
        async with self._one_by_one:
            if chat is not self._screen.session.chat:
                return
            was_on = self.on
            new = await self._hold(chat, anew=not was_on)
            if not self._panes:
                if was_on:
                    await self._single.show(chat)
                await self._single.follow(chat, at=at, line=line, reveal=reveal)
                return
            await self._fill(chat, new)
            marked, now = self.marked, _state_of(chat)
            changed, self._told = now != self._told, now
            for pane in self._panes:
                if pane is marked and (changed or at is not None):
                    await pane.stage.follow(chat, at=at, line=line, reveal=reveal)
                elif changed and pane not in new:
                    await pane.stage.follow(chat)
            self.refresh_heads(chat)

    def started(
        self, chat: "OpenConversation", messages: "Sequence[ChatMessage]", *, calm: bool = False
    ) -> None:
        """Show what a turn or a round begins with, in each column whose path has it now.

        Nothing is awaited: what streams in may follow at once. Columns that are new come a little
        later, with all that has come by then.

        Args:
            chat: nothing is done where another one is on the screen.
            messages: the prompts and the empty replies, stored already.
            calm: nobody pressed a key for it: who reads further up is left in peace.
        """
        if chat is not self._screen.session.chat:
            return
        for stage in [pane.stage for pane in self._panes] or [self._single]:
            stage.extend(chat, messages, calm=calm)
        if self._columns(chat) != [pane.column for pane in self._panes]:
            self._screen.run_worker(
                self.follow(chat), name="columns", group="columns", exit_on_error=False
            )
        elif self._panes:
            self._row.place(chat, self._panes, self._place)
            self.refresh_heads(chat)

    def finish(self, chat: "OpenConversation", reply: "ChatMessage") -> None:
        """Show a reply as it ended, wherever it stands."""
        if chat is self._screen.session.chat:
            for stage in [pane.stage for pane in self._panes] or [self._single]:
                stage.finish(chat, reply)

    async def follow_others(self, chat: "OpenConversation") -> None:
        """Show how far the replies are that another window receives, and what it pinned."""
        for stage in [pane.stage for pane in self._panes] or [self._single]:
            await stage.follow_others(chat)

    # Marking

    def mark(self, place: int) -> None:
        """Mean another column, by its place; the focus goes along where one reads."""
        if not 0 <= place < len(self._panes):
            return
        before, pane = self.marked, self._panes[place]
        reads = self.is_transcript(self._screen.focused)
        self._place = place
        self._point(pane.stage)
        chat = self._screen.session.chat
        if chat is not None:
            self._row.place(chat, self._panes, self._place)
        if reads:
            self._screen.set_focus(pane.transcript)
        if before is not None and before is not pane:
            if self._screen.finding.active:
                before.transcript.show_hits(None)
                if chat is not None:
                    self._screen.finding.shown(chat)
            self._screen.update_status()

    def mark_with(self, chat: "OpenConversation", id_: str) -> None:
        """Mean a column that has a message, where the marked one has it not and another one has."""
        if not self._panes or id_ in self._panes[self._place].stage.path(chat):
            return
        for place, pane in enumerate(self._panes):
            if id_ in pane.stage.path(chat):
                self.mark(place)
                return

    def focused(self, widget: Widget | None) -> None:
        """The focus went to a column, perhaps by the mouse: it is meant from now on."""
        for place, pane in enumerate(self._panes):
            if pane.transcript is widget and place != self._place:
                self.mark(place)

    def lead(self, transcript: Transcript) -> None:
        """The reader scrolled a column: the others go where it is, if they go together."""
        chat = self._screen.session.chat
        if chat is None or not self._panes or not chat.conversation.board.synced:
            return
        from chat_tui.ui.widgets.transcript.together import stand_like, standing_of

        standing = standing_of(transcript)
        if standing is not None:
            for pane in self._panes:
                if pane.transcript is not transcript:
                    stand_like(pane.transcript, standing)

    def rearranged(self) -> None:
        """Other columns came on the screen: they go where the marked one is."""
        if self._panes:
            self._row.keep_clear()
            self.lead(self._screen.transcript)

    def rearrange(self) -> None:
        """Take over another least width, or other keys."""
        chat = self._screen.session.chat
        if chat is not None and self._panes:
            self._row.place(chat, self._panes, self._place)
            self.refresh_heads(chat)

    # Inside

    def _columns(self, chat: "OpenConversation") -> "list[Column]":
        slots = chat.conversation.board.slots
        if not slots:
            return []
        from chat_tui.core.side_by_side.threads import columns

        wanted = [*columns(chat.conversation, chat.tree)]
        if len(slots) > 1 or not chat.streaming or self._of != chat.id:
            return wanted
        # Of n answers each stands in its column as soon as it begins: the columns wait for them.
        shown = [pane.column for pane in self._panes if pane.column.slot in slots]
        own = [column for column in wanted if column.slot in slots]
        return [*max(own, shown, key=len), *wanted[len(own) :]]

    async def _hold(self, chat: "OpenConversation", *, anew: bool) -> list[Pane]:
        """Have the columns that a conversation has; gives those that are new, still empty."""
        wanted, board = self._columns(chat), chat.conversation.board
        self._of = chat.id
        if not wanted:
            await self._leave()
            return []
        kept = {pane.column: pane for pane in self._panes}
        if [*kept] == wanted and not anew:
            self._row.place(chat, self._panes, self._place)
            return []
        row = await self._row.open()
        self._row.make_room(len(wanted))
        marked = None if (before := self.marked) is None else before.column
        panes = [kept.get(column) or self._row.make(column, row) for column in wanted]
        was_reading = self.is_transcript(self._screen.focused)
        if was_reading and self._screen.focused not in [pane.transcript for pane in panes]:
            self._screen.set_focus(None)
        await row.hold([pane.widget for pane in panes])
        self._panes = tuple(panes)
        slots = [column.slot for column in wanted]
        if not anew and MERGED in slots and MERGED not in {column.slot for column in kept}:
            # What was just asked for.
            self._place = slots.index(MERGED)
        elif not anew and marked in wanted and not board.blind:
            # Where nobody is to know who is who, the mark must not go along with one of them.
            self._place = wanted.index(marked)
        elif board.zoomed in slots:
            self._place = slots.index(board.zoomed)
        else:
            self._place = 0 if anew else min(self._place, len(panes) - 1)
        self._row.place(chat, self._panes, self._place)
        self._point(panes[self._place].stage)
        if was_reading:
            self._screen.set_focus(panes[self._place].transcript)
        return [pane for pane in panes if pane.column not in kept]

    async def _leave(self) -> None:
        """Show the one transcript again."""
        if not self._panes:
            return
        reads = self.is_transcript(self._screen.focused)
        self._panes, self._place = (), 0
        self._point(self._single)
        closing = self._row.close()
        if reads:
            self._screen.set_focus(self._single.transcript)
        await closing

    async def _fill(self, chat: "OpenConversation", panes: Sequence[Pane]) -> bool:
        """Show a conversation in columns; tells whether it still is what is shown."""
        wanted = dict.fromkeys(id_ for pane in panes for id_ in pane.stage.wanted(chat))
        messages = await chat.messages([*wanted])
        if self._screen.session.chat is not chat:
            return False
        # All at once: a screen is drawn once, and not after each of them.
        for pane in panes:
            pane.stage.fill(chat, messages)
        self.refresh_heads(chat)
        return True

    def _point(self, stage: "Stage") -> None:
        self._screen.stage, self._screen.transcript = stage, stage.transcript

    def refresh_heads(self, chat: "OpenConversation") -> None:
        """Tell in all headings who it is and how things stand; cheap where nothing changed."""
        if chat is not self._screen.session.chat or not self._panes:
            return
        # 3 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.column_names import show_names

        show_names(self._screen, chat, self._panes)
        self._screen.sides.show_heads()


def _state_of(chat: "OpenConversation") -> object:
    """Another one where a column may have another path."""
    tree, about = chat.tree, chat.conversation
    return chat.id, tree.moves, len(tree), tree.shown, dict(about.heads), about.board
