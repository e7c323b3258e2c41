"""A diff as lines of so many cells, in one text or in two columns; pure: a thread does it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import get_character_cell_size

from chat_tui.core.side_by_side.diff import Change, Piece, in_columns

GUTTER = 3
"""Cells between two columns."""

_MARKS: dict[Change, tuple[str, str]] = {
    "same": ("", ""),
    "removed": ("[-", "-]"),
    "added": ("{+", "+}"),
}
"""What stands around a change where there are no colours."""


class Run(NamedTuple):
    """A part of a line."""

    change: Change
    text: str
    number: int = -1
    """Which change it belongs to; -1 for what is the same."""


class LaidLine(NamedTuple):
    """A line of the screen: of one text, or of two columns."""

    left: Sequence[Run]
    right: Sequence[Run] = ()
    differs: bool = False
    """Of two columns: whether something differs here."""


class Laid(NamedTuple):
    """A diff that is ready to be drawn."""

    lines: Sequence[LaidLine] = ()
    changes: Sequence[int] = ()
    """The line in which each change begins."""
    column: int = 0
    """Cells of each of two columns; 0 where it is one text."""


def lay_out(pieces: Sequence[Piece], width: int, *, columns: bool, marks: bool) -> Laid:
    """Lines of a diff.

    Neighbouring changes with nothing but white space between them count as one, and white space
    that differs is shown, but not counted.

    Args:
        pieces: as `word_diff` gives them, clean and without tabs.
        width: cells.
        columns: in two columns.
        marks: with `[-…-]` and `{+…+}` around what differs.
    """
    numbers = _numbers_of(pieces)
    if columns:
        return _in_columns(pieces, numbers, max((width - GUTTER) // 2, 1), marks=marks)
    walk, lines, begins = _Walk(numbers), list[LaidLine](), dict[int, int]()
    for line in _lines(pieces):
        runs = walk.runs(line)
        _note(begins, runs, len(lines))
        lines += [LaidLine(part) for part in _wrapped(_marked(runs, marks=marks), max(width, 1))]
    return Laid(lines, [begins[number] for number in sorted(begins)])


def _in_columns(
    pieces: Sequence[Piece], numbers: Mapping[int, int], width: int, *, marks: bool
) -> Laid:
    walks = _Walk(numbers), _Walk(numbers)
    lines, begins = list[LaidLine](), dict[int, int]()
    for pair in in_columns(pieces):
        left, right = walks[0].runs(pair.left or ()), walks[1].runs(pair.right or ())
        _note(begins, [*left, *right], len(lines))
        differs = any(run.change != "same" for run in (*left, *right))
        one, other = (_wrapped(_marked(side, marks=marks), width) for side in (left, right))
        lines += [LaidLine(*both, differs) for both in zip_longest(one, other, fillvalue=())]
    return Laid(lines, [begins[number] for number in sorted(begins)], width)


def _numbers_of(pieces: Iterable[Piece]) -> dict[int, int]:
    """How much that is the same stands before a change (in letters) → the change's number."""
    numbers, letters = dict[int, int](), 0
    for change, words in pieces:
        if change == "same":
            letters += _letters(words)
        elif words.strip():
            numbers.setdefault(letters, len(numbers))
    return numbers


def _letters(words: str) -> int:
    """Characters besides white space."""
    return sum(map(len, words.split()))


class _Walk:
    """Numbers what differs on the way through a text: of one side, or of both in one.

    Where rows stand beside each other, sides get ahead of one another; what is the same is as much
    on both.
    """

    def __init__(self, numbers: Mapping[int, int]) -> None:
        self._numbers = numbers
        self._letters = 0

    def runs(self, line: Iterable[Piece]) -> list[Run]:
        """The next line; white space alone is no change."""
        runs: list[Run] = []
        for change, words in line:
            number = -1
            if change == "same":
                self._letters += _letters(words)
            elif words.strip():
                number = self._numbers[self._letters]
            runs.append(Run(change, words, number))
        return runs


def _note(begins: dict[int, int], runs: Iterable[Run], line: int) -> None:
    """Note the line of changes that begin among these runs."""
    for run in runs:
        if run.number >= 0:
            begins.setdefault(run.number, line)


def _lines(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces line by line, without the line ends."""
    line = list[Piece]()
    for change, words in pieces:
        first, *others = words.split("\n")
        if first or others:
            line.append(Piece(change, first))
        for each in others:
            yield line
            line = [Piece(change, each)] if each else []
    if line:
        yield line


def _marked(runs: Sequence[Run], *, marks: bool) -> Sequence[Run]:
    """Runs with marks around what differs."""
    if not marks:
        return runs
    return [
        run._replace(text=begin + run.text + end) if run.text else run
        for run in runs
        for begin, end in (_MARKS[run.change],)
    ]


def _wrapped(runs: Sequence[Run], width: int) -> Iterator[Sequence[Run]]:
    """A line as lines of so many cells, broken between words where that is possible."""
    words = "".join(run.text for run in runs)
    ends = _breaks(words, width)
    if len(ends) == 1:
        yield runs
        return
    rest, at = iter(runs), 0
    run: Run | None = next(rest, None)
    for end in ends:
        line = list[Run]()
        while run is not None and at < end:
            fits = run.text[: end - at]
            line.append(run._replace(text=fits))
            at += len(fits)
            left = run.text[len(fits) :]
            run = run._replace(text=left) if left else next(rest, None)
        yield line


def _breaks(words: str, width: int) -> list[int]:
    """Where the lines of a text end that has no line ends; at least one."""
    ends, begin, size = list[int](), 0, len(words)
    plain = words.isascii()
    while True:
        end = min(begin + width, size) if plain else _fitting(words, begin, width)
        if end >= size:
            return [*ends, size]
        if words[end] == " ":
            # The blank at the break hangs over the edge: it is not seen.
            end += 1
        else:
            blank = words.rfind(" ", begin, end)
            # Beyond half of a line, a word of its own is broken instead.
            end = blank + 1 if blank > begin + (end - begin) // 2 else end
        ends.append(end)
        begin = end


def _fitting(words: str, begin: int, width: int) -> int:
    """The end of what fits from a place on; a character that is too wide fits alone."""
    cells = 0
    for at in range(begin, len(words)):
        cells += get_character_cell_size(words[at])
        if cells > width and at > begin:
            return at
    return len(words)
