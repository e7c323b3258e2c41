"""A table of figures: as many columns as fit, and all of the marked row below it."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content

from chat_tui.ui.widgets.marked_rows import MarkedRows, cut
from chat_tui.ui.widgets.text_lines import padded

_LEAST_NAME = 12
"""Cells that the first column keeps before others make room."""

_MOST_NAME = 40

_GAP = 2


class Heading(NamedTuple):
    """A column."""

    label: str
    rank: int = 0
    """Columns of a higher rank make room first."""
    mark: str = ""
    """Stands before the label at the top, as of the one that is sorted by."""

    @property
    def told(self) -> str:
        """What stands at the top."""
        return self.mark + self.label


class TableRow(NamedTuple):
    """A row of clean cells."""

    id: str
    cells: Sequence[str]
    best: frozenset[int] = frozenset()
    """The places of those that are the best of their column."""


class FigureTable(MarkedRows[TableRow, TableRow]):
    """Names at the left, figures at the right; the best ones stand out."""

    def __init__(self) -> None:
        super().__init__()
        self._headings: Sequence[Heading] = ()

    def show(self, headings: Sequence[Heading], rows: Sequence[TableRow], at: int) -> None:
        """Show other rows.

        Args:
            headings: of the columns, that of the names first.
            rows: each with as many cells.
            at: the one to mark.
        """
        self._headings = headings
        self.supply({row.id: row for row in rows})
        self.show_rows(rows, at, keep_place=True)

    def heading(self) -> Content:
        """The names of the columns that fit, in their places."""
        widths = self._widths(self.scrollable_content_region.width)
        return Content(self._line([each.told for each in self._headings], widths))

    def details(self, row: TableRow) -> Content:
        """All of a row that is known: every column with its label."""
        told = [
            f"{heading.label} {cell}"
            for heading, cell in zip(self._headings[1:], row.cells[1:], strict=True)
            if cell
        ]
        return Content.assemble((row.cells[0], "bold"), "  ", " · ".join(told))

    def segments(self, row: TableRow, facts: TableRow | None, width: int) -> list[Segment]:
        """A cell a column."""
        plain, strong = self.style_of("plain"), self.style_of("strong")
        widths = self._widths(width)
        return [
            Segment(self._cell(place, row.cells[place], cells), strong if best else plain)
            for place, cells in widths.items()
            for best in (place in row.best,)
        ]

    def _line(self, words: Sequence[str], widths: dict[int, int]) -> str:
        return "".join(self._cell(place, words[place], cells) for place, cells in widths.items())

    def _cell(self, place: int, words: str, cells: int) -> str:
        fitting = cut(words, cells)
        if place == 0:
            return padded(fitting, cells)
        return " " * (_GAP + cells - cell_len(fitting)) + fitting

    def _widths(self, width: int) -> dict[int, int]:
        """The columns that fit, by their place; the names have what the others leave."""
        labels = [each.told for each in self._headings]
        wanted = {
            place: max(cell_len(words) for words in column)
            for place, column in enumerate(
                zip(labels, *(row.cells for row in self.rows), strict=True)
            )
        }
        if not wanted:
            return {}
        names = min(max(wanted.pop(0), _LEAST_NAME), _MOST_NAME)
        empty = [p for p in wanted if not any(row.cells[p] for row in self.rows)]
        for place in empty:
            del wanted[place]
        least = min(names, _LEAST_NAME)
        while wanted and least + sum(wanted.values()) + _GAP * len(wanted) > width:
            del wanted[max(wanted, key=lambda place: (self._headings[place].rank, place))]
        rest = width - sum(wanted.values()) - _GAP * len(wanted)
        return {0: max(min(names, rest), 1), **wanted}
