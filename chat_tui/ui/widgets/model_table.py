"""Models as a table: name, provider, window, prices, abilities; ten thousand scroll like ten."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.core.model_choices import Place
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.marked_rows import MarkedRows, cut
from chat_tui.ui.widgets.model_columns import SIGNS, Columns, RowTexts, heading_words, row_texts
from chat_tui.ui.widgets.text_lines import hanging

_BAR = 2
"""Cells at the right for the bar."""

_KEPT = 500
"""Rows whose texts are kept."""

_REASON = 8
"""Cells beside a name from which on there is room for why it suits."""


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
        self.remark = ""
        """Stands under the rows that are shown next, in lines; clean."""
        self._chosen: dict[Place, int] = {}
        self._current: Place | None = None
        self._bar = ""
        """What stands at the right of the row that is being drawn."""
        self._styles_now: dict[str, Style] = {}
        self._texts: dict[int, RowTexts] = {}

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

    def move_to(self, index: int) -> None:
        """Mark a row and bring it into view; where nothing scrolls, two rows are drawn."""
        top, height = round(self.scroll_y), self.size.height
        before, self.at = self.at, min(max(index, 0), max(len(self.rows) - 1, 0))
        if not top <= self.at < top + height:
            super().move_to(index)
            return
        self.post_message(self.Moved())
        rows = {before, self.at}
        self.refresh(*(Region(0, row - top, self.size.width, 1) for row in rows if row >= top))

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
        return Content(heading_words(self.size.width - _BAR))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw a row that is in view, and beside it where it stands among all."""
        height, count = self.size.height, len(self.rows)
        self._bar = ""
        if count > height > 0:
            length = max(height * height // count, 1)
            begin = round(self.scroll_y) * (height - length) // (count - height)
            self._bar = "▐" if begin <= y < begin + length else " "
        if self.remark and y >= count:
            return self._remark_line(y - count - (count > 0))
        return super().render_line(y)

    def _remark_line(self, at: int) -> Strip:
        """A line of what is said under the rows."""
        width = self.size.width
        lines = [
            piece
            for line in self.remark.split("\n")
            for piece in hanging(line, 0, width - SIGNS - _BAR).split("\n")
        ]
        words = " " * SIGNS + lines[at] if 0 <= at < len(lines) else ""
        muted = self.style_of("muted")
        return Strip([Segment(words, muted)]).adjust_cell_length(width, muted)

    def segments(self, row: ListedModel, facts: None, width: int) -> list[Segment]:
        """Mark, star, name, provider, window, prices, abilities."""
        width -= _BAR
        columns = Columns.within(width)
        known = row.row
        if known is None:
            return self._typed(row, width)
        texts = self._texts_of(known, columns, width)
        muted = self.style_of("muted")
        body = self.style_of("plain") if known.chat else muted
        why = cut(f"  {row.reason}", texts.left) if row.reason and texts.left > _REASON else ""
        return [
            self._sign(row.place),
            self._star(known),
            *self._name_pieces(row, texts, body),
            # Few pieces: each one is cut, filtered and written out with every key.
            Segment(why + " " * (texts.left - cell_len(why)) + texts.label, muted),
            Segment(texts.figures, body),
            Segment(texts.abilities, muted),
            Segment(f" {self._bar}", self._own("bar")),
        ]

    def _texts_of(self, row: ModelRow, columns: Columns, width: int) -> RowTexts:
        """What a row says whatever was typed: the same rows are drawn with key after key."""
        kept = self._texts.get(id(row))
        if kept is None or kept.row is not row or kept.width != width:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            kept = self._texts[id(row)] = row_texts(row, columns, width)
        return kept

    def _typed(self, row: ListedModel, width: int) -> list[Segment]:
        """A name that is not listed."""
        name = clean_line(row.place.model, code=True)
        words = text("picker.typed", model=name, provider=row.reason)
        return [
            self._sign(row.place),
            Segment("  ", self.style_of("plain")),
            Segment(cut(words, max(width - SIGNS, 0)), self.style_of("strong")),
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

    def _name_pieces(self, row: ListedModel, texts: RowTexts, style: Style) -> Iterator[Segment]:
        """The name, with the letters that were typed in bold."""
        if not row.bold or texts.shift is None:
            yield Segment(texts.name, style)
            return
        strong, shift = self.style_of("strong"), texts.shift
        marked = {at + shift for at in row.bold if at + shift >= (1 if shift < 0 else 0)}
        for begin, end, inside in _runs(len(texts.name), marked):
            yield Segment(texts.name[begin:end], strong if inside else style)

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


def _runs(length: int, marked: set[int]) -> Iterator[tuple[int, int, bool]]:
    """The stretches of a text that are marked, and those that are not."""
    begin = 0
    for at in range(1, length + 1):
        if at == length or (at in marked) != (begin in marked):
            yield begin, at, begin in marked
            begin = at
