"""A read-only view of many lines, drawn line by line: a megabyte scrolls like a page."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

_LEAST_ROOM = 8
"""Cells of a line that an indent leaves at least."""


class Line(NamedTuple):
    """A line of clean text, and what it is: `plain`, `title`, `muted`, `good`, `bad`."""

    text: str
    kind: str = "plain"


class TextLines(ScrollView):
    """Lines of text, folded at the width; what was folded is counted in cells."""

    can_focus = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text-lines--plain",
        "text-lines--title",
        "text-lines--muted",
        "text-lines--good",
        "text-lines--bad",
    }
    DEFAULT_CSS: ClassVar[str] = """
    TextLines {
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        scrollbar-color: $panel; scrollbar-background: $background;
        & .text-lines--plain { color: $foreground; background: $background; }
        & .text-lines--title { color: $accent; text-style: bold; background: $background; }
        & .text-lines--muted { color: $text-muted; background: $background; }
        & .text-lines--good { color: $success; background: $background; }
        & .text-lines--bad { color: $error; background: $background; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self._folded: list[Line] = []
        self._width = 0

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown, not folded."""
        return self._lines

    def show(self, lines: Sequence[Line], *, keep_place: bool = False) -> None:
        """Show other lines, from their beginning unless the place is to be kept."""
        self._lines = lines
        self._fold()
        if not keep_place:
            self.scroll_to(0, 0, animate=False, immediate=True)

    def on_resize(self) -> None:
        """Fold at the new width."""
        if self._width != self.scrollable_content_region.width:
            self._fold()

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line that is in view."""
        row, width = y + round(self.scroll_y), self.size.width
        if row >= len(self._folded):
            return Strip.blank(width, self.get_component_rich_style("text-lines--plain"))
        line = self._folded[row]
        style = self.get_component_rich_style(f"text-lines--{line.kind}")
        return Strip([Segment(line.text, style)]).adjust_cell_length(width, style)

    def _fold(self) -> None:
        width = self.scrollable_content_region.width
        if width < 1:
            return
        before = self._folded if width == self._width else None
        self._width = width
        self._folded = [
            Line(piece, line.kind) for line in self._lines for piece in folded(line.text, width)
        ]
        size = Size(width, len(self._folded))
        if before is not None and max(len(before), size.height) <= self.size.height:
            # Nothing scrolls before or after: no layout, and few lines to draw.
            self.set_reactive(Widget.virtual_size, size)
            changed = (old != new for old, new in zip_longest(before, self._folded))
            lines = [Region(0, y, width, 1) for y, differs in enumerate(changed) if differs]
            if lines:
                self.refresh(*lines)
        else:
            self.virtual_size = size
            self.refresh()


def folded(line: str, width: int) -> Iterator[str]:
    """A line in pieces of so many cells at most; one piece, if empty, of an empty line.

    A character that is wider than that has a piece of its own.
    """
    if line.isascii() or len(line) * 2 <= width:
        yield from (line[at : at + width] for at in range(0, max(len(line), 1), width))
        return
    begin = cells = 0
    for at, character in enumerate(line):
        size = get_character_cell_size(character)
        if cells + size > width and at > begin:
            yield line[begin:at]
            begin, cells = at, 0
        cells += size
    yield line[begin:]


def hanging(words: str, indent: int, width: int) -> str:
    """Words over as many lines as they need; from the second one on, indented."""
    room = max(width - indent, _LEAST_ROOM)
    lines = [piece for line in wrap(words, room) for piece in folded(line, room)]
    return ("\n" + " " * indent).join(lines)


def padded(words: str, width: int) -> str:
    """Words with spaces after them up to so many cells."""
    return words + " " * max(width - cell_len(words), 0)
