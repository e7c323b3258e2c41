"""Lines of a fixed height that tell how things are."""

from itertools import pairwise
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widgets import Static

_SHORTEST = 4
"""Cells to which a name is cut before it is left out."""


class Piece(NamedTuple):
    """A part of the status line, clean."""

    words: str
    style: str = ""
    """`$primary`, `bold`, or empty."""
    rank: int = 0
    """The highest ones are left out first where there is no room; 0 never is, but may be cut."""
    name: bool = False
    """Whether it is cut before it is left out."""
    group: str = ""
    """Pieces of one group that follow each other belong together: no dot stands between them."""
    lead: str = ""
    """What stands before it instead, after another one of its group."""
    spans: tuple[tuple[int, str], ...] = ()
    """Cells from its beginning on, each with a style of its own; the rest has `style`."""

    @property
    def content(self) -> Content:
        """The words in their styles."""
        content, at = Content.styled(self.words, self.style), 0
        for cells, style in self.spans:
            content, at = content.stylize(style, at, at + cells), at + cells
        return content


class StatusLine(Static):
    """Model and state on the left, figures on the right; what does not fit is left out."""

    DEFAULT_CSS: ClassVar[str] = """
    StatusLine {
        height: 1;
        padding: 0 2;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)
        self._left: tuple[Piece, ...] = ()
        self._right = ""

    def show(self, *left: Piece, right: str = "") -> None:
        """Show pieces of text; empty ones are passed over."""
        if left != self._left or right != self._right:
            self._left, self._right = left, right
            self._draw()

    def on_resize(self) -> None:
        """Fit the right side to the new width."""
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        fitting = _fitting([piece for piece in self._left if piece.words], width)
        line = Content("")
        for joint, piece in zip(_joints(fitting), fitting, strict=True):
            line += Content.styled(joint, piece.style) + piece.content
        gap = width - line.cell_length - cell_len(self._right)
        if self._right and gap > 1:
            line += " " * gap + self._right
        # The line has a fixed size: laying out the screen for it would cost 50 ms and more.
        self.update(line, layout=False)


def _fitting(pieces: list[Piece], width: int) -> list[Piece]:
    """The pieces for which there is room, in their order."""
    while (over := _cells(pieces) - width) > 0:
        # Of those that stay, the longest one is cut.
        least = max(pieces, key=lambda each: (each.rank, cell_len(each.words)))
        at, left = pieces.index(least), cell_len(least.words) - over
        pieces.remove(least)
        if least.name and left < _SHORTEST:
            continue
        if least.name or not least.rank:
            cut = set_cell_size(least.words, max(left - 1, 0)).rstrip() + "…"
            pieces.insert(at, least._replace(words=cut))
        if not least.rank:
            break
    return pieces


def _cells(pieces: list[Piece]) -> int:
    return sum(cell_len(each.words) for each in pieces) + sum(map(cell_len, _joints(pieces)))


def _joints(pieces: list[Piece]) -> list[str]:
    """What stands before each piece; nothing before the first one."""
    later = (
        each.lead if each.group and each.group == before.group else " · "
        for before, each in pairwise(pieces)
    )
    return ["", *later][: len(pieces)]


class Banner(Static):
    """A line above the prompt for what stays true until it is mended; hidden while empty."""

    DEFAULT_CSS: ClassVar[str] = """
    Banner {
        display: none;
        height: auto;
        max-height: 4;
        padding: 0 2;
        background: $surface;
        color: $foreground;
        border-left: outer $accent;
        &.-shown { display: block; }
        &.-warning { border-left: outer $warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)

    def show(self, words: str, *, warning: bool = False) -> None:
        """Show a clean text; an empty one hides the banner."""
        self.update(Content(words))
        self.set_class(bool(words), "-shown")
        self.set_class(warning, "-warning")
