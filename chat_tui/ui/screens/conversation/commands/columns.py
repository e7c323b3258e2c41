"""The columns on the screen: which one is marked, zoomed, scrolled."""

from dataclasses import replace

from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class ColumnCommands(CommandGroup):
    """Moving among columns."""

    async def zoom(self) -> None:
        """Show the marked column alone, or all of them again."""
        chat, panes = await self._ready(), self._screen.panes
        marked, board = panes.marked, chat.conversation.board
        if marked is None or (board.zoomed is None and len(panes.panes) < 2):
            self._tell("columns.nothing-to-zoom", timeout=3)
            return
        zoomed = marked.column.slot if board.zoomed is None else None
        await self._keep_zoomed(chat, zoomed)
        await self._screen.branches.follow(chat)

    async def toggle_synced(self) -> None:
        """Scroll all columns together, or each by itself."""
        chat = await self._ready()
        board = chat.conversation.board
        synced = not board.synced
        await self._screen.session.manager.sides.set_board(chat, replace(board, synced=synced))
        if synced:
            self._screen.panes.lead(self._screen.transcript)
        self._tell("columns.synced" if synced else "columns.not-synced", timeout=3)

    def move(self, step: int) -> None:
        """Mark the next column, or the one before; after the last comes the first."""
        panes = self._screen.panes
        if panes.on:
            self._mark((panes.place + step) % len(panes.panes))

    def go_to(self, number: int) -> None:
        """Mark a column by its number, counted from 1."""
        count = len(self._screen.panes.panes)
        if number <= count:
            self._mark(number - 1)
        elif count:
            self._tell("columns.no-such", timeout=3, count=count)

    def _mark(self, place: int) -> None:
        panes, chat = self._screen.panes, self._screen.session.chat
        panes.mark(place)
        marked = panes.marked
        if chat is None or marked is None or chat.conversation.board.zoomed is None:
            return
        # It is seen at once; what is kept follows.
        self._screen.run_worker(
            self._keep_zoomed(chat, marked.column.slot),
            name="zoom",
            group="zoom",
            exclusive=True,
            exit_on_error=False,
        )

    async def _keep_zoomed(self, chat: OpenConversation, slot: int | None) -> None:
        """Keep with the conversation which column is shown alone."""
        board = replace(chat.conversation.board, zoomed=slot)
        await self._screen.session.manager.sides.set_board(chat, board)
