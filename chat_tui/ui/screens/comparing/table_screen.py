"""What the screens with a table of figures have in common."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from chat_tui.ui.screens.comparing.table import FigureTable
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.marked_rows import MarkedRows

CopyText = Callable[[str], Awaitable[None]]
"""Copies a text and says so."""


class TableScreen(ActionDialog[None]):
    """A title, a table, all of the marked row, and the keys.

    Args:
        copy: copies the table.
    """

    DEFAULT_CSS: ClassVar[str] = """
    TableScreen {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #table-title { background: $surface; text-style: bold; }
        & > #table-heading { color: $text-muted; background: $panel; }
        & > FigureTable { margin: 0 1; }
        & > #table-empty { display: none; height: 1fr; padding: 1 2; text-wrap: wrap; }
        &.-empty > #table-empty { display: block; }
        &.-empty > FigureTable, &.-empty > #table-heading, &.-empty > #table-details {
            display: none;
        }
        & > #table-details {
            height: auto; max-height: 4; background: $panel; text-wrap: wrap;
        }
        & > ActionHints { padding: 0 1; background: $surface; }
    }
    """

    table = query_one(FigureTable)

    def __init__(self, copy: CopyText) -> None:
        super().__init__()
        self._copy = copy

    def compose(self) -> ComposeResult:
        """The title, the table, the marked row, and the keys."""
        yield Static("", id="table-title", markup=False)
        yield Static("", id="table-heading", markup=False)
        yield Static("", id="table-empty", markup=False)
        yield FigureTable()
        yield Static("", id="table-details", markup=False)
        yield ActionHints(hints_of(self, self.SCOPE))

    def on_resize(self) -> None:
        """Show as many columns as fit into the new width."""
        self.call_after_refresh(self._show_heading)

    def markdown(self) -> str:
        """The table as it is copied; empty for nothing."""
        raise NotImplementedError

    def _show_title(self, title: str, told: str) -> None:
        line = Content.assemble(title, (f"  {told}", "$foreground 60% not bold"))
        self.query_one("#table-title", Static).update(line, layout=False)

    def _show_heading(self) -> None:
        self.query_one("#table-heading", Static).update(self.table.heading(), layout=False)

    def _show_empty(self, words: str) -> None:
        """Show a sentence in place of the table; an empty one brings that back."""
        self.set_class(bool(words), "-empty")
        self.query_one("#table-empty", Static).update(words)

    @on(MarkedRows.Moved)
    def show_details(self) -> None:
        """Tell all of the marked row."""
        if self.table.marked is not None:
            details = self.table.details(self.table.marked)
            self.query_one("#table-details", Static).update(details)

    def action_move(self, step: int) -> None:
        """Mark another row."""
        self.table.move_by(step)

    async def action_copy(self) -> None:
        """Copy the table as Markdown."""
        if table := self.markdown():
            await self._copy(table)
