"""The values that the renderer makes."""

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


class Line(NamedTuple):
    """One line on the screen, final.

    Copying several lines gives `first.text` and then `joint + text` of each that follows.
    """

    strip: Strip
    """Base style and padding are baked in; exactly the document's width, except where `wide`."""
    text: str
    """What copying the line gives, without decoration; it lies cell by cell under the strip."""
    start: int
    """The cell of the strip at which `text` begins."""
    joint: str
    """What stands between the line before and this one when both are copied."""
    wide: bool = False
    """The strip is wider than the document and is to be shown from the horizontal offset."""


class CodeBlock(NamedTuple):
    """A block of code as it stands in a document."""

    language: str
    """The first word after the fence as written; empty where there is none."""
    source: str
    """The code as it was written, tabs included, without the last line end."""
    first_line: int
    """Index of the block's first line (its label, where it has one)."""
    last_line: int
    """Index of its last line."""
    info: str = ""
    """All that stands after the fence, with single blanks."""


class Piece(NamedTuple):
    """Text in one style. A piece that is a line feed breaks the line."""

    text: str
    style: Style


class Content(NamedTuple):
    """A line before it is put into its place: without indentation, markers and padding."""

    segments: list[Segment]
    cells: int
    text: str
    joint: str = "\n"
    offset: int = 0
    """Cells of decoration before `text`."""
    fill: Style | None = None
    """Style of the padding up to the width; None for the base style."""
    wide: bool = False
