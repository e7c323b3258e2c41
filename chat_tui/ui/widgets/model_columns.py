"""What the rows of the table of models say: columns, and a model's texts in them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rich.cells import cell_len

from chat_tui.core.figures import short_count
from chat_tui.core.models import ABILITIES, Ability, ModelCard
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.wording import price_words
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.marked_rows import cut
from chat_tui.ui.widgets.text_lines import padded

SIGNS = 4
"""Cells before a name: the mark, the star."""

_LETTERS: Mapping[Ability, str] = {"vision": "V", "tools": "T", "json": "J", "reasoning": "R"}
"""What stands for an ability in a row."""


class Columns(NamedTuple):
    """How wide the columns are, in cells; 0 where there is no room for one."""

    provider: int
    window: int
    price: int
    """Of each of the two prices."""
    abilities: int

    @classmethod
    def within(cls, width: int) -> "Columns":
        """The columns of a table of some width."""
        if width >= 90:
            return cls(18, 7, 7, 2 * len(ABILITIES))
        if width >= 74:
            return cls(12, 6, 6, len(ABILITIES))
        if width >= 58:
            return cls(9, 6, 6, len(ABILITIES))
        return cls(9, 6, 6, 0) if width >= 50 else cls(8, 6, 0, 0)

    def name(self, width: int) -> int:
        """What is left for the name."""
        others = (self.provider, self.window, self.price, self.price, self.abilities)
        return max(width - SIGNS - sum(each + 1 for each in others if each), 0)


class RowTexts(NamedTuple):
    """What a row says at some width."""

    row: ModelRow
    width: int
    name: str
    """As much of it as there is room for."""
    shift: int | None
    """How far its characters moved; None where they are others than those of the id."""
    left: int
    """Cells that the name leaves."""
    label: str
    figures: str
    abilities: str


def row_texts(row: ModelRow, columns: Columns, width: int) -> RowTexts:
    """What a row says.

    Args:
        row: the model.
        columns: how wide they are.
        width: cells of the row.
    """
    name, room = clean_line(row.place.model, code=True), columns.name(width)
    shown, shift = _shortened(name, room)
    return RowTexts(
        row,
        width,
        shown,
        shift if name == row.place.model else None,
        room - cell_len(shown),
        _gapped_left(clean_line(row.label, code=True), columns.provider),
        _figures(row.card, columns),
        _abilities(row.card, columns),
    )


def _figures(card: ModelCard, columns: Columns) -> str:
    """Window and prices."""
    window = short_count(card.window.value) if card.window is not None else ""
    told = _gapped_right(window, columns.window)
    for price in (card.input_price, card.output_price):
        words = price_words(price.value) if price is not None else ""
        told += _gapped_right(words, columns.price)
    return told


def _abilities(card: ModelCard, columns: Columns) -> str:
    """A letter for each ability that it has, a dash for what it has not; else nobody says."""
    said = ((each, card.can(each)) for each in ABILITIES)
    letters = (_LETTERS[each] if can else "-" if can is False else " " for each, can in said)
    return _gapped_left(_spread(letters, columns.abilities), columns.abilities)


def _shortened(name: str, room: int) -> tuple[str, int]:
    """As much of a name as there is room for, and how far its characters moved.

    What stands before the last slash (whose it is, where it lies) goes first.
    """
    if cell_len(name) <= room:
        return name, 0
    last = name.rfind("/")
    if 0 < last < len(name) - 1:
        return cut("…" + name[last:], room), 1 - last
    return cut(name, room), 0


def _spread(letters: Iterable[str], cells: int) -> str:
    """Letters with gaps between them, where there is room for gaps."""
    return (" " if cells > len(ABILITIES) else "").join(letters)


def _left(words: str, cells: int) -> str:
    return padded(cut(words, cells), cells)


def _gapped_left(words: str, cells: int) -> str:
    """A column with a gap before it; nothing where it has no room."""
    return " " + _left(words, cells) if cells else ""


def _gapped_right(words: str, cells: int) -> str:
    if not cells:
        return ""
    fitting = cut(words, cells)
    return " " * (cells + 1 - cell_len(fitting)) + fitting


def heading_words(width: int) -> str:
    """The names of the columns, in their places."""
    columns = Columns.within(width)
    line = " " * SIGNS + _left(text("picker.name"), columns.name(width))
    line += _gapped_left(text("picker.provider"), columns.provider)
    line += _gapped_right(text("picker.window"), columns.window)
    for each in ("picker.input", "picker.output"):
        line += _gapped_right(text(each), columns.price)
    return line + _gapped_left(_spread(_LETTERS.values(), columns.abilities), columns.abilities)
