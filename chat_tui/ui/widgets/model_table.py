"""Models as a table: name, provider, window, prices, abilities; ten thousand scroll like ten."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.core.figures import short_count
from chat_tui.core.model_choices import Place
from chat_tui.core.models import ABILITIES, Ability, ModelCard
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.wording import price_words
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.marked_rows import MarkedRows, cut

_SIGNS = 4
"""Cells before a name: the mark, the star."""

_BAR = 2
"""Cells at the right for the bar."""

_LEAST_REASON = 8
"""Cells beside a name from which on there is room for why it suits."""

_LETTERS: Mapping[Ability, str] = {"vision": "V", "tools": "T", "json": "J", "reasoning": "R"}
"""What stands for an ability in a row."""


class ListedModel(NamedTuple):
    """A row of the table."""

    place: Place
    row: ModelRow | None = None
    """What is known of it; None for a name that was typed and is not listed."""
    bold: Sequence[int] = ()
    """The characters of the name that were typed."""
    reason: str = ""
    """Why it suits what it is looked for; clean."""

    @property
    def id(self) -> str:
        """Names the row."""
        return "\n".join(self.place)


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
        return max(width - _SIGNS - sum(each + 1 for each in others if each), 0)


class ModelTable(MarkedRows[ListedModel, None]):
    """The models that were found, one of them under the cursor."""

    can_focus = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "model-table--star",
        "model-table--chosen",
        "model-table--bar",
    }
    DEFAULT_CSS: ClassVar[str] = """
    ModelTable {
        background: $surface; scrollbar-size: 0 0;
        & .model-table--star { color: $warning; }
        & .model-table--bar { color: $panel; }
        & .model-table--chosen { color: $success; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[Place, int] = {}
        self._current: Place | None = None
        self._bar = ""
        """What stands at the right of the row that is being drawn."""
        self._styles_now: dict[str, Style] = {}

    def show_rows(self, rows: Sequence[ListedModel], at: int, *, keep_place: bool = False) -> None:
        """Show other rows, see `MarkedRows.show_rows`; for them nothing is laid out."""
        # Its own bar is drawn with the rows, so all that depends on their number is how far it
        # scrolls: of 12 ms of a key the layout and Textual's bar took 4.
        self._rows = rows
        self.set_reactive(Widget.virtual_size, Size(self.size.width, len(rows)))
        self.at = min(max(at, 0), max(len(rows) - 1, 0))
        if keep_place:
            self.scroll_to(0, self.scroll_y, animate=False, immediate=True)
            self.move_to(self.at)
        else:
            self._scroll_to_line(self.at - self.size.height // 2)
            self.refresh()

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether the wheel scrolls; Textual asks its own bar."""
        return len(self.rows) > self.size.height

    def set_signs(self, current: Place | None, chosen: Sequence[Place]) -> None:
        """Say which model is in use, and which were marked, in their order."""
        signs = {place: at for at, place in enumerate(chosen, 1)}
        if (current, signs) != (self._current, self._chosen):
            self._current, self._chosen = current, signs
            self.refresh()

    def heading(self) -> Content:
        """The names of the columns, in their places."""
        width = self.size.width - _BAR
        columns = Columns.within(width)
        line = " " * _SIGNS + _left(text("picker.name"), columns.name(width))
        line += _gapped_left(text("picker.provider"), columns.provider)
        line += _gapped_right(text("picker.window"), columns.window)
        for each in ("picker.input", "picker.output"):
            line += _gapped_right(text(each), columns.price)
        line += _gapped_left(_spread(_LETTERS.values(), columns.abilities), columns.abilities)
        return Content(line)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw a row that is in view, and beside it where it stands among all."""
        height, count = self.size.height, len(self.rows)
        self._bar = ""
        if count > height > 0:
            length = max(height * height // count, 1)
            begin = round(self.scroll_y) * (height - length) // (count - height)
            self._bar = "▐" if begin <= y < begin + length else " "
        return super().render_line(y)

    def segments(self, row: ListedModel, facts: None, width: int) -> list[Segment]:
        """Mark, star, name, provider, window, prices, abilities."""
        width -= _BAR
        columns = Columns.within(width)
        known = row.row
        if known is None:
            return self._typed(row, width)
        muted = self.style_of("muted")
        body = self.style_of("plain") if known.chat else muted
        name, beside = self._called(row, columns.name(width), body)
        label = _gapped_left(clean_line(known.label, code=True), columns.provider)
        return [
            self._sign(row.place),
            self._star(known),
            *name,
            # Few pieces: each one is cut, filtered and written out with every key.
            Segment(beside + label, muted),
            Segment(_figures(known.card, columns), body),
            Segment(_abilities(known.card, columns), muted),
            Segment(f" {self._bar}", self._own("bar")),
        ]

    def _typed(self, row: ListedModel, width: int) -> list[Segment]:
        """A name that is not listed."""
        name = clean_line(row.place.model, code=True)
        words = text("picker.typed", model=name, provider=row.reason)
        return [
            self._sign(row.place),
            Segment("  ", self.style_of("plain")),
            Segment(cut(words, max(width - _SIGNS, 0)), self.style_of("strong")),
        ]

    def _sign(self, place: Place) -> Segment:
        """Where it was marked, or whether it is in use."""
        if number := self._chosen.get(place):
            return Segment(f"{number} ", self._own("chosen"))
        current = place == self._current
        return Segment("› " if current else "  ", self.style_of("strong"))

    def _star(self, row: ModelRow) -> Segment:
        """Whether it is a favourite, or was used before."""
        if row.use.favourite:
            return Segment("★ ", self._own("star"))
        return Segment("· " if row.use.used else "  ", self.style_of("muted"))

    def _called(self, row: ListedModel, room: int, style: Style) -> tuple[list[Segment], str]:
        """The name with the typed letters in bold; then, where there is room, why it suits."""
        name = clean_line(row.place.model, code=True)
        bold = row.bold if name == row.place.model else ()
        shown, shift = _shortened(name, room)
        strong = self.style_of("strong")
        marked = {at + shift for at in bold if at + shift >= (1 if shift < 0 else 0)}
        pieces = [
            Segment(shown[begin:end], strong if inside else style)
            for begin, end, inside in _runs(len(shown), marked)
        ]
        left = room - cell_len(shown)
        why = cut(f"  {row.reason}", left) if row.reason and left > _LEAST_REASON else ""
        return pieces, why + " " * (left - cell_len(why))

    def _ask(self, at: int) -> None:
        """All that a row shows is in it: nothing is asked for."""

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        self._styles_now.clear()
        super().notify_style_update()

    def style_of(self, name: str) -> Style:
        """See `MarkedRows.style_of`; looked up once, not ten times a row."""
        if name not in self._styles_now:
            self._styles_now[name] = super().style_of(name)
        return self._styles_now[name]

    def _own(self, name: str) -> Style:
        if name not in self._styles_now:
            self._styles_now[name] = self.get_component_rich_style(f"model-table--{name}")
        return self._styles_now[name]


def _figures(card: ModelCard, columns: Columns) -> str:
    """Window and prices."""
    window = short_count(card.window.value) if card.window is not None else ""
    told = _gapped_right(window, columns.window)
    for price in (card.input_price, card.output_price):
        words = price_words(price.value) if price is not None else ""
        told += _gapped_right(words, columns.price)
    return told


def _abilities(card: ModelCard, columns: Columns) -> str:
    """A letter for each ability that it has."""
    letters = (_LETTERS[each] if card.can(each) else "-" for each in ABILITIES)
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


def _runs(length: int, marked: set[int]) -> Iterator[tuple[int, int, bool]]:
    """The stretches of a text that are marked, and those that are not."""
    begin = 0
    for at in range(1, length + 1):
        if at == length or (at in marked) != (begin in marked):
            yield begin, at, begin in marked
            begin = at


def _spread(letters: Iterable[str], cells: int) -> str:
    """Letters with gaps between them, where there is room for gaps."""
    return (" " if cells > len(ABILITIES) else "").join(letters)


def _left(words: str, cells: int) -> str:
    fitting = cut(words, cells)
    return fitting + " " * (cells - cell_len(fitting))


def _gapped_left(words: str, cells: int) -> str:
    """A column with a gap before it; nothing where it has no room."""
    return " " + _left(words, cells) if cells else ""


def _gapped_right(words: str, cells: int) -> str:
    if not cells:
        return ""
    fitting = cut(words, cells)
    return " " * (cells + 1 - cell_len(fitting)) + fitting
