"""Tables: columns that fit the width where that is possible, and scroll where it is not."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Self

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chat_tui.ui.markdown.lines import Content, Piece
from chat_tui.ui.markdown.output import Output, Start
from chat_tui.ui.markdown.scan import split_row
from chat_tui.ui.markdown.styles import laid_over
from chat_tui.ui.markdown.wrap import wrap

MAX_CELLS = 5_000
"""Cells beyond which a table is shown as the text it was written in."""

_SETTLED = 20
"""Rows after which the widths of the columns stay, until the table is complete."""

_SMALLEST = 8
"""Cells that a column keeps at least, if it needs them."""

_LONGEST_WORD = 16
"""Cells of a word that should not be torn."""

_COMFORTABLE = 32
"""Cells of a column in a table that scrolls."""

_BORDER = " │ "

_Cell = list[Piece]


class Table:
    """A table of GFM.

    A row is copied as its cells with ` | ` between them, padded as they are shown, so that the
    text lies under what is seen.
    """

    def __init__(self, header: str, alignments: Sequence[str], delimiter: str) -> None:
        self._alignments = alignments
        self.source = [header, delimiter]
        self.rows: list[list[_Cell]] = []
        self.natural = [1] * len(alignments)
        self.words = [1] * len(alignments)
        self._read = 0
        """Lines of the source that were made rows."""
        self._widths: list[int] | None = None
        self._put = 0
        """Lines of the source that were put out."""
        self._start: Start | None = None
        self._height = 0
        """Lines of the row that was put out last; rows of several lines get rules between."""

    @property
    def _huge(self) -> bool:
        return len(self.source) * len(self._alignments) > MAX_CELLS

    def add(self, text: str, out: Output) -> None:
        """See `Leaf.add`."""
        self.source.append(text)

    def extend(self, text: str, out: Output) -> None:
        """See `Leaf.extend`: a row is never that long."""
        self.source[-1] += text

    def flush(self, out: Output) -> None:
        """See `Leaf.flush`: a small table is put out when it is complete."""
        if len(self.source) > _SETTLED:
            self._show(out)

    def finish(self, out: Output) -> None:
        """See `Leaf.finish`."""
        if out.provisional:
            self._show(out)
            return
        if not self._huge:
            self._read_rows(out)
        if self._start is not None and (self._huge or self._widths != self._fitting(out)):
            out.restart(self._start)
            self._put = 0
            self._widths = None
        self._show(out)

    def _show(self, out: Output) -> None:
        if self._start is None:
            self._start = out.begin()
        if self._huge:
            for line in self.source[self._put :]:
                shown = line.strip().replace("\t", " ")
                out.put(wrap([Piece(shown, out.base)], out.inner))
        else:
            self._read_rows(out)
            if self._widths is None:
                self._widths = self._fitting(out)
            out.put(self._laid_out(self.rows[max(0, self._put - 1) :], out))
        self._put = len(self.source)

    def _read_rows(self, out: Output) -> None:
        """Make cells of the lines that came, and measure them."""
        count = len(self._alignments)
        for number in range(self._read, len(self.source)):
            if number == 1:
                continue
            style = laid_over(out.base, out.styles.table_header) if number == 0 else out.base
            texts = split_row(self.source[number])[:count]
            texts += [""] * (count - len(texts))
            row = [out.inline.pieces(text, style, cell=True) for text in texts]
            self.rows.append(row)
            for column, cell in enumerate(row):
                natural, word = _measure(cell)
                self.natural[column] = max(self.natural[column], natural)
                self.words[column] = max(self.words[column], word)
        self._read = len(self.source)

    def _fitting(self, out: Output) -> list[int]:
        room = out.inner - len(_BORDER) * (len(self.natural) - 1)
        return fit(self.natural, self.words, room)

    def _laid_out(self, rows: Iterable[list[_Cell]], out: Output) -> Iterator[Content]:
        heading = self._put == 0
        for row in rows:
            lines = list(self._row(row, out))
            if heading:
                yield from lines
                yield self._rule("─", "─┼─", out)
                self._height, heading = 0, False
                continue
            if self._height and max(self._height, len(lines)) > 1:
                yield self._rule("╌", "╌┼╌", out)
            yield from lines
            self._height = len(lines)

    def _rule(self, dash: str, cross: str, out: Output) -> Content:
        rule = cross.join(dash * width for width in self._widths or [])
        border = laid_over(out.base, out.styles.table_border)
        return Content([Segment(rule, border)], len(rule), "", "", wide=len(rule) > out.inner)

    def _row(self, row: list[_Cell], out: Output) -> Iterator[Content]:
        widths = self._widths or []
        cells = sum(widths) + len(_BORDER) * (len(widths) - 1)
        border = laid_over(out.base, out.styles.table_border)
        wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(len(lines) for lines in wrapped)):
            columns = [
                lines[number] if number < len(lines) else Content([], 0, "") for lines in wrapped
            ]
            segments, text = self._joined(columns, border, out)
            yield Content(segments, cells, text, wide=cells > out.inner)

    def _joined(
        self, columns: list[Content], border: Style, out: Output
    ) -> tuple[list[Segment], str]:
        segments: list[Segment] = []
        texts = []
        for column, alignment, width in zip(
            columns, self._alignments, self._widths or [], strict=True
        ):
            missing = width - column.cells
            before = {"right": missing, "center": missing // 2}.get(alignment, 0)
            if segments:
                segments.append(Segment(_BORDER, border))
            if before:
                segments.append(Segment(" " * before, out.base))
            segments += column.segments
            if missing > before:
                segments.append(Segment(" " * (missing - before), out.base))
            texts.append(" " * before + column.text + " " * (missing - before))
        return segments, " | ".join(texts)

    def branch(self) -> Self:
        """See `Leaf.branch`."""
        other = copy(self)
        other.source = list(self.source)
        other.rows = list(self.rows)
        other.natural = list(self.natural)
        other.words = list(self.words)
        return other


def _measure(cell: _Cell) -> tuple[int, int]:
    """Cells of a cell's longest line, and of its longest word."""
    text = "".join([piece.text for piece in cell])
    natural = max(cell_len(line) for line in text.split("\n"))
    if natural <= _SMALLEST:
        return natural, natural
    return natural, max((cell_len(word) for word in text.split()), default=0)


def fit(natural: Sequence[int], words: Sequence[int], room: int) -> list[int]:
    """Widths of columns that fit into a room; the widest give way first.

    Where not even the least widths fit, the columns get comfortable ones and the table scrolls.

    Args:
        natural: cells that each column's longest line takes.
        words: cells of each column's longest word.
        room: cells for all columns together.
    """
    if sum(natural) <= room:
        return list(natural)
    least = [
        min(whole, max(_SMALLEST, min(word, _LONGEST_WORD)))
        for whole, word in zip(natural, words, strict=True)
    ]
    if sum(least) > room:
        return [min(whole, _COMFORTABLE) for whole in natural]
    low, high = 1, max(natural)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(_capped(natural, least, middle)) <= room:
            low = middle
        else:
            high = middle - 1
    widths = _capped(natural, least, low)
    spare = room - sum(widths)
    for column, whole in enumerate(natural):
        if spare > 0 and widths[column] < whole:
            widths[column] += 1
            spare -= 1
    return widths


def _capped(natural: Sequence[int], least: Sequence[int], cap: int) -> list[int]:
    return [min(whole, max(small, cap)) for whole, small in zip(natural, least, strict=True)]
