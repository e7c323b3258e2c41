"""The figures of answers beside each other: how fast, how long, how dear."""

from typing import ClassVar

from textual.binding import BindingType

from chat_tui.core.side_by_side.figures import (
    COLUMNS,
    Column,
    best_of,
    cell,
    column_label,
    figures_markdown,
    figures_of_all,
    order_of,
)
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.comparing.answers import Answers
from chat_tui.ui.screens.comparing.table import Heading, TableRow
from chat_tui.ui.screens.comparing.table_screen import CopyText, TableScreen

_RANKS: dict[Column, int] = {
    "provider": 9, "prompt": 8, "reasoning": 7, "words": 6, "finish": 5,
    "first_token": 4, "status": 4, "completion": 3, "rate": 2, "cost": 1,
}  # fmt: skip
"""Which columns make room first where it is narrow; those that are not named go last."""


class FiguresScreen(TableScreen):
    """Shows the figures of answers, in an order that can be changed.

    Args:
        answers: two or more.
        copy: copies the table.
    """

    SCOPE = "figures"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("figures")]

    def __init__(self, answers: Answers, copy: CopyText) -> None:
        super().__init__(copy)
        self._answers = answers
        self._figures = figures_of_all(answers.replies)
        self._best = best_of(self._figures)
        self._order: Column | None = None
        """The figure that they are sorted by; None for their order on the screen."""

    def on_mount(self) -> None:
        """Show them in the order of the columns."""
        self.table.focus()
        self._show(self._answers.at)

    def _show(self, marked: int) -> None:
        """Show the table with the mark on an answer."""
        places = self._places()
        rows = [self._row(at) for at in places]
        self.table.show(self._headings(), rows, places.index(marked))
        order = text("figures.as-shown") if self._order is None else column_label(self._order)
        told = text("figures.order", order=order)
        self._show_title(text("figures.title"), told)
        self._show_heading()
        self.show_details()

    def _headings(self) -> list[Heading]:
        return [
            Heading(
                column_label(column), _RANKS.get(column, 0), "▾" if column == self._order else ""
            )
            for column in COLUMNS
        ]

    def _row(self, at: int) -> TableRow:
        figures, best = self._figures[at], self._best
        cells = [self._answers.names[at], *(cell(figures, column) for column in COLUMNS[1:])]
        marked = {"total": best.fastest, "first_token": best.first, "cost": best.cheapest}
        places = [place for place, column in enumerate(COLUMNS) if marked.get(column) == at]
        for place in places:
            cells[place] = f"★ {cells[place]}"
        return TableRow(self._answers.replies[at].id, cells, frozenset(places))

    def _places(self) -> list[int]:
        if self._order is None:
            return list(range(len(self._figures)))
        return [*order_of(self._figures, self._order)]

    def action_next_order(self) -> None:
        """Sort by the next figure; after the last one as on the screen."""
        marked = self.table.marked
        orders: list[Column | None] = [None, *COLUMNS[2:]]
        known = [each for each in orders if each is None or self._is_known(each)]
        now = known.index(self._order) if self._order in known else 0
        self._order = known[(now + 1) % len(known)]
        ids = [reply.id for reply in self._answers.replies]
        self._show(ids.index(marked.id) if marked is not None else 0)

    def _is_known(self, column: Column) -> bool:
        return any(cell(each, column) for each in self._figures)

    def markdown(self) -> str:
        """See `TableScreen.markdown`; in the order in which they are shown."""
        places = self._places()
        figures = [self._figures[at] for at in places]
        return figures_markdown(figures, [self._answers.names[at] for at in places])
