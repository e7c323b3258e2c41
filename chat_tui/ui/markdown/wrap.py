"""Breaking styled text into lines, by terminal cells.

Text of single cells is cut by index; everything else by rich's graphemes, so that no cluster is
torn and each line measures what `cell_len` says of it. Chinese, Japanese and Korean text may
break between any two characters but for those that may not begin or end a line (kinsoku).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment

from chat_tui.ui.markdown.lines import Content, Piece

NEVER_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】〙〗〟｠»…‥–〜～％‰℃"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.;:!?)]}%"
)
"""Characters that may not begin a line."""

NEVER_LAST = frozenset("（〔［｛〈《「『【〘〖〝｟«‘“([{＄￥￡")
"""Characters that may not end one."""


_JOINERS = ("\u200d", "\ufe0f")


class Cut(NamedTuple):
    """One line of a longer text, as indices into it."""

    start: int
    end: int
    next: int
    """Where the next line begins; the blanks between are left out."""


def cut_words(text: str, width: int) -> list[Cut]:
    """Cut a text without line ends into lines of at most `width` cells, between words.

    A word that is longer than a line is cut where the line is full. Blanks at the end of the
    last line are kept. `width` is at least 2.
    """
    return _cut_ascii(text, width) if text.isascii() else _cut_graphemes(text, width)


def cut_cells(text: str, width: int) -> list[Cut]:
    """The same, cut wherever the line is full: for code, of which nothing may be left out."""
    if text.isascii():
        size = len(text)
        return [
            Cut(start, min(start + width, size), min(start + width, size))
            for start in range(0, max(size, 1), width)
        ]
    cuts = []
    start = used = 0
    for first, _, cells in split_graphemes(text)[0]:
        if used + cells > width:
            cuts.append(Cut(start, first, first))
            start, used = first, 0
        used += cells
    return [*cuts, Cut(start, len(text), len(text))]


def _cut_ascii(text: str, width: int) -> list[Cut]:
    cuts = []
    start, size = 0, len(text)
    while size - start > width:
        blank = text.rfind(" ", start, start + width + 1)
        end = blank
        while end > start and text[end - 1] == " ":
            end -= 1
        if blank < 0 or end == start:
            end = follow = start + width
        else:
            follow = blank + 1
            while follow < size and text[follow] == " ":
                follow += 1
        cuts.append(Cut(start, end, follow))
        start = follow
    return [*cuts, Cut(start, size, size)]


def _cut_graphemes(text: str, width: int) -> list[Cut]:
    spans = split_graphemes(text)[0]
    cuts = []
    index = first = used = 0
    end = follow = -1
    while index < len(spans):
        start, stop, cells = spans[index]
        blank = text[start:stop] == " "
        if used + cells > width and index > first and not blank:
            if end < 0:
                end = follow = index
            cuts.append(Cut(spans[first][0], _offset(spans, end), _offset(spans, follow)))
            first = index = follow
            used, end = 0, -1
            continue
        used += cells
        index += 1
        if blank:
            if follow != index - 1 or end < 0:
                end = index - 1
            follow = index
            if end == first:
                end = -1
        elif index < len(spans) and _may_break(text[start:stop], cells, text, spans[index]):
            end = follow = index
    if used > width and end > first:
        cuts.append(Cut(spans[first][0], _offset(spans, end), _offset(spans, follow)))
        first = follow
    start = spans[first][0] if first < len(spans) else len(text)
    return [*cuts, Cut(start, len(text), len(text))]


def _offset(spans: Sequence[tuple[int, int, int]], index: int) -> int:
    return spans[index][0] if index < len(spans) else spans[-1][1]


def _may_break(before: str, cells: int, text: str, after: tuple[int, int, int]) -> bool:
    """Whether a line may end between two graphemes without a blank."""
    if cells < 2 and after[2] < 2:
        return False
    follower = text[after[0]]
    return follower != " " and follower not in NEVER_FIRST and before[0] not in NEVER_LAST


def wrap(pieces: Sequence[Piece], width: int) -> list[Content]:
    """Wrap styled text; the first line's `joint` is a line end, as after a hard break."""
    contents: list[Content] = []
    for line in _split_lines(pieces):
        contents.extend(_wrap_line(line, width))
    return contents


def _split_lines(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    for piece in pieces:
        if piece.text == "\n":
            yield line
            line = []
        elif piece.text:
            line.append(piece)
    yield line


def _wrap_line(line: list[Piece], width: int) -> list[Content]:
    line = without_leading_joiners(line)
    text = "".join([piece.text for piece in line])
    if len(text) <= width and text.isascii():
        segments = [Segment(piece.text, piece.style) for piece in line]
        return [Content(segments, len(text), text)]
    return list(contents_of(line, text, cut_words(text, width)))


def without_leading_joiners(line: list[Piece]) -> list[Piece]:
    """Leave out what joins nothing: `cell_len` and `split_graphemes` measure it differently."""
    while line and line[0].text.startswith(_JOINERS):
        text = line[0].text.lstrip("".join(_JOINERS))
        line = [Piece(text, line[0].style), *line[1:]] if text else line[1:]
    return line


def contents_of(line: Sequence[Piece], text: str, cuts: Sequence[Cut]) -> Iterator[Content]:
    """Lay the styles of a line over the lines that it was cut into.

    Where a style changes inside a grapheme, the grapheme keeps the style that it began with.
    """
    ends = list(accumulate(len(piece.text) for piece in line))
    if not text.isascii() and len(line) > 1:
        starts = [span[0] for span in split_graphemes(text)[0]] + [len(text)]
        ends = [starts[bisect_left(starts, end)] for end in ends]
    run = 0
    joint = "\n"
    for number, (start, end, follow) in enumerate(cuts, 1):
        segments = []
        position = start
        while run < len(line) and ends[run] <= position and run < len(line) - 1:
            run += 1
        index = run
        shown = end
        while shown > start and text[shown - 1] == "\u200d":
            # A joiner at the end would swallow a cell of the padding in `cell_len`.
            shown -= 1
        while position < shown:
            stop = min(ends[index], shown)
            if stop > position:
                segments.append(Segment(text[position:stop], line[index].style))
                position = stop
            index += 1
        cells = sum(cell_len(segment.text) for segment in segments)
        copied = text[start:shown]
        if number < len(cuts):
            # What is not seen at the end of a line is copied with the next.
            copied = copied.rstrip()
        yield Content(segments, cells, copied, joint)
        joint = text[start + len(copied) : follow]
