"""Blocks of code: fenced and indented."""

from collections.abc import Iterable, Iterator
from copy import copy
from itertools import chain
from typing import Self

from rich.segment import Segment

from chat_tui.ui.markdown.highlight import (
    MAX_LINE,
    MAX_SIZE,
    Highlighter,
    lexer_for,
    plain_lines,
)
from chat_tui.ui.markdown.lines import CodeBlock, Content, Piece
from chat_tui.ui.markdown.output import Output, Start
from chat_tui.ui.markdown.scan import FenceStart
from chat_tui.ui.markdown.wrap import contents_of, cut_cells, without_leading_joiners

PIECE = 8_000
"""Characters of code that are coloured at once: some 30 ms."""

_TAB = 4
_MARGIN = 2
"""Cells beside the code, left and right, where there is room for them."""


class Fence:
    """Code between fences; what the fence says is shown as its label.

    Finished lines are coloured as they come. After some thousand characters, and at the end, they
    are coloured once more as one piece, which gets right what spans several lines. Pieces depend
    on the code alone, so the result does not depend on how it came, and the last one is small.
    """

    def __init__(self, opening: FenceStart, indent: int) -> None:
        self.marks = opening.marks
        self.indent = indent
        """Columns by which the fence was indented; its lines lose as many."""
        self.language = opening.info.split(maxsplit=1)[0] if opening.info else ""
        self.info = " ".join(opening.info.split())
        """What the fence says."""
        self.parts: list[str] = []
        """The code: lines, or parts of long ones, and line ends."""
        self._settled = 0
        """How many of the parts were put out for good."""
        self._size = self._piece_size = 0
        self.waiting: list[str] = []
        """Finished lines that were not put out at all."""
        self._start: Start | None = None
        self._piece_start: Start | None = None
        self._highlighter: Highlighter | None = None
        """Has read what is settled."""
        self.ahead: Highlighter | None = None
        """Has read what was put out."""

    @property
    def source(self) -> str:
        """The code so far, without its last line end."""
        return "".join(self.parts).removesuffix("\n")

    @property
    def start(self) -> int | None:
        """Index of its first line, if there is one."""
        return self._start.at if self._start else None

    def add(self, text: str, out: Output) -> None:
        """See `Leaf.add`."""
        if self._piece_size > PIECE and not out.provisional:
            self._settle(out)
        self.parts += (text, "\n")
        self.waiting.append(text)
        self._size += len(text) + 1
        self._piece_size += len(text) + 1

    def extend(self, text: str, out: Output) -> None:
        """See `Leaf.extend`: each part is shown on lines of its own until its piece is settled."""
        self.parts.insert(len(self.parts) - 1, text)
        self.waiting.append(text)
        self._size += len(text)
        self._piece_size += len(text)

    def flush(self, out: Output) -> None:
        """See `Leaf.flush`."""
        self._begin(out)
        if self.waiting:
            if self.ahead is None:
                self.ahead = self._reader(out).copy()
            self._put("\n".join(self.waiting), self.ahead, out)
            self.waiting = []

    def finish(self, out: Output) -> None:
        """See `Leaf.finish`."""
        if out.provisional:
            self.flush(out)
            return
        if self._piece_size or not self.parts:
            self._settle(out)
        at = self.start or 0
        code = CodeBlock(self.language, self.source, at, len(out.lines) - 1, self.info)
        out.codes.append(code)

    def _begin(self, out: Output) -> None:
        if self._start is None:
            self._start = self._piece_start = out.begin()
            if self.info:
                out.put([_label(self.info, out)])
                self._piece_start = Start(len(out.lines), ())

    def _reader(self, out: Output) -> Highlighter:
        if self._highlighter is None:
            self._highlighter = Highlighter(lexer_for(self.language), out.styles)
        return self._highlighter

    def _settle(self, out: Output) -> None:
        self._begin(out)
        if self._piece_start:
            out.restart(self._piece_start)
        code = "".join(self.parts[self._settled :]).removesuffix("\n")
        self._put(code, self._reader(out), out)
        self._settled = len(self.parts)
        self._piece_size = 0
        self._piece_start = Start(len(out.lines), ())
        self.ahead = None
        self.waiting = []

    def _put(self, code: str, highlighter: Highlighter, out: Output) -> None:
        code = _expanded(code)
        plain = self._size > MAX_SIZE or any(len(line) > MAX_LINE for line in code.split("\n"))
        lines = plain_lines(code, out.styles) if plain else highlighter.lines(code)
        contents: Iterator[Content] = code_contents(lines, out)
        if self.info and self.start == len(out.lines) - 1:
            first = next(contents)
            contents = chain([first._replace(joint="")], contents)
        out.put(contents)

    def branch(self) -> Self:
        """See `Leaf.branch`: the copy knows what is to be shown, not the whole source."""
        other = copy(self)
        other.parts = []
        other.waiting = list(self.waiting)
        other.ahead = self.ahead.copy() if self.ahead else None
        return other


def _label(text: str, out: Output) -> Content:
    width = out.inner
    margin = _margin(width)
    style = out.styles.code_label
    pieces = without_leading_joiners([Piece(text, style)])
    text = "".join(piece.text for piece in pieces)
    cut = cut_cells(text, max(2, width - 2 * margin))[0]
    label = next(contents_of(pieces, text, [cut]))
    segments = [Segment(" " * margin, style), *label.segments]
    return Content(segments, margin + label.cells, "", offset=margin, fill=style)


class IndentedCode:
    """Code that is indented by four columns; blank lines at its end do not belong to it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._blank = 0
        self._long = False
        """Whether a line came in parts: each is shown on lines of its own at first."""
        self._start: Start | None = None

    def add(self, text: str, out: Output) -> None:
        """See `Leaf.add`."""
        if not text.strip(" \t"):
            self._blank += 1
            return
        if self._start is None:
            self._start = out.begin()
        lines = [*[""] * self._blank, text]
        self._blank = 0
        self.parts += lines
        self._put("\n".join(lines), out)

    def extend(self, text: str, out: Output) -> None:
        """See `Leaf.extend`."""
        self._long = True
        self.parts[-1] += text
        self._put(text, out)

    def _put(self, code: str, out: Output) -> None:
        out.put(code_contents(plain_lines(_expanded(code), out.styles), out))

    def flush(self, out: Output) -> None:
        """See `Leaf.flush`: its lines are put out as they come."""

    def finish(self, out: Output) -> None:
        """See `Leaf.finish`."""
        if self._start is not None and not out.provisional:
            source = "\n".join(self.parts)
            if self._long:
                out.restart(self._start)
                self._put(source, out)
            out.codes.append(CodeBlock("", source, self._start.at, len(out.lines) - 1))

    def branch(self) -> Self:
        """See `Leaf.branch`."""
        other = copy(self)
        other.parts = []
        return other


def code_contents(lines: Iterable[list[Piece]], out: Output) -> Iterator[Content]:
    """Lay lines of code out: on the background of code, cut where they are too long."""
    width = out.inner
    margin = _margin(width)
    room = max(2, width - 2 * margin)
    style = out.styles.code_block
    before = Segment(" " * margin, style)
    for pieces in lines:
        line = without_leading_joiners(pieces)
        text = "".join([piece.text for piece in line])
        if len(text) <= room and text.isascii():
            segments = [before, *[Segment(piece.text, piece.style) for piece in line]]
            yield Content(segments, margin + len(text), text, "\n", margin, style)
            continue
        for content in contents_of(line, text, cut_cells(text, room)):
            yield content._replace(
                segments=[before, *content.segments],
                cells=margin + content.cells,
                offset=margin,
                fill=style,
            )


def _margin(width: int) -> int:
    return _MARGIN if width >= 12 else 0


def _expanded(code: str) -> str:
    return code.expandtabs(_TAB) if "\t" in code else code
