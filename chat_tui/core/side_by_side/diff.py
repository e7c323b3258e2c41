"""What two answers have in common and where they differ, word by word.

Lines are compared first, then the words of what differs; a few common words between longer
changes are taken as changed too, since what is told by single words is no help to a reader.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chat_tui.core.side_by_side.matching import Run, common_runs
from chat_tui.core.side_by_side.words import Change as Change
from chat_tui.core.side_by_side.words import Piece as Piece
from chat_tui.core.side_by_side.words import by_words, numbered, replaced, words_in

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LETTER = re.compile(r"\w")

_WEAK = 4
"""Letters below which lines that are the same between others are no landmark."""


class LinePair(NamedTuple):
    """A row of two columns: what stands on the left and on the right, without its line feed.

    None where there is no line on that side.
    """

    left: Sequence[Piece] | None
    right: Sequence[Piece] | None


def word_diff(left: str, right: str) -> list[Piece]:
    """Both texts as one run of pieces.

    Those of `same` and `removed` make the left one, those of `same` and `added` the right one;
    what is removed stands before what is added in its place. Words of scripts without spaces are
    compared by character. Bounded: texts of any length take well under a second (they are
    compared by lines first).
    """
    if (len(left), left) > (len(right), right):
        # Whoever stands on the left, the same words are found in common.
        return _joined(_flipped(_diff(right, left)))
    return _joined(_diff(left, right))


def in_columns(pieces: Sequence[Piece]) -> list[LinePair]:
    """A diff as rows of two columns, lines that are the same beside each other."""
    columns = _Columns()
    for change, text in pieces:
        first, *others = text.split("\n")
        columns.write(change, first)
        for words in others:
            columns.end_line(change)
            columns.write(change, words)
    return columns.close()


def in_common(pieces: Sequence[Piece]) -> float:
    """The share of the words of both texts that they have in common, from 0 to 1."""
    same = sum(words_in(piece.text) for piece in pieces if piece.change == "same")
    others = sum(words_in(piece.text) for piece in pieces if piece.change != "same")
    return 2 * same / (2 * same + others) if same or others else 1.0


# Finding


def _diff(left: str, right: str) -> Iterator[Piece]:
    lines, others = _LINE.findall(left), _LINE.findall(right)
    runs = [
        run
        for run in common_runs(*numbered(lines, others))
        if _is_landmark("".join(lines[run.left : run.left + run.length]))
    ]
    at = other = 0
    for run in (*runs, Run(len(lines), len(others), 0)):
        yield from by_words("".join(lines[at : run.left]), "".join(others[other : run.right]))
        at, other = run.left + run.length, run.right + run.length
        yield Piece("same", "".join(lines[run.left : at]))


def _is_landmark(lines: str) -> bool:
    return len(_LETTER.findall(lines[:200])) >= _WEAK


def _flipped(pieces: Iterable[Piece]) -> Iterator[Piece]:
    other: dict[Change, Change] = {"same": "same", "removed": "added", "added": "removed"}
    return (Piece(other[piece.change], piece.text) for piece in pieces)


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces without empty ones, neighbours of one kind as one, what is removed first.

    White space that both sides of a change begin or end with is no part of it.
    """
    joined: list[Piece] = []
    same: list[str] = []
    removed: list[str] = []
    added: list[str] = []

    def close_change() -> None:
        left, right = "".join(removed), "".join(added)
        removed.clear()
        added.clear()
        start, end = _common_space(left, right)
        same.append(left[:start])
        if start + end < max(len(left), len(right)):
            close_same()
        joined.extend(replaced(left[start : len(left) - end], right[start : len(right) - end]))
        same.append(left[len(left) - end :])

    def close_same() -> None:
        if text := "".join(same):
            joined.append(Piece("same", text))
        same.clear()

    kinds = {"same": same, "removed": removed, "added": added}
    for piece in pieces:
        if piece.change == "same" and (removed or added):
            close_change()
        if piece.text:
            kinds[piece.change].append(piece.text)
    close_change()
    close_same()
    return joined


def _common_space(left: str, right: str) -> tuple[int, int]:
    """How many characters of white space two texts both begin with, and then both end with."""
    start = end = 0
    room = min(len(left), len(right))
    while start < room and left[start] == right[start] and left[start].isspace():
        start += 1
    while end < room - start and left[-1 - end] == right[-1 - end] and left[-1 - end].isspace():
        end += 1
    return start, end


# Columns


class _Columns:
    """Gathers the lines of both sides and puts them beside each other."""

    def __init__(self) -> None:
        self._rows: list[LinePair] = []
        self._left: list[list[Piece]] = [[]]
        """Lines of the left side that are not in a row yet, the open one last."""
        self._right: list[list[Piece]] = [[]]

    def write(self, change: Change, words: str) -> None:
        """Add words to the open line."""
        if not words:
            return
        if change != "added":
            _add(self._left[-1], change, words)
        if change != "removed":
            _add(self._right[-1], change, words)

    def end_line(self, change: Change) -> None:
        """End the open line, of one side or of both."""
        if change == "same":
            self._pair()
        if change != "added":
            self._left.append([])
        if change != "removed":
            self._right.append([])

    def close(self) -> list[LinePair]:
        """All rows, now that there is no more."""
        for lines in (self._left, self._right):
            if not lines[-1]:
                lines.pop()  # What ends with a line feed has no line after it.
        self._pair()
        return self._rows

    def _pair(self) -> None:
        """Put the waiting lines into rows: the last ones together, the others from above."""
        left, right = self._left, self._right
        rows = max(len(left), len(right))
        both = bool(left and right)
        self._rows += [
            LinePair(_line(left, at, rows, both), _line(right, at, rows, both))
            for at in range(rows)
        ]
        self._left, self._right = [], []


def _add(line: list[Piece], change: Change, words: str) -> None:
    """Add words to a line, to those before where they are of the same kind."""
    before = line.pop().text if line and line[-1].change == change else ""
    line.append(Piece(change, before + words))


def _line(
    lines: Sequence[Sequence[Piece]], at: int, rows: int, both: bool
) -> tuple[Piece, ...] | None:
    """The line of one side in a row of so many."""
    if both and at == rows - 1:
        return tuple(lines[-1])
    return tuple(lines[at]) if at < len(lines) - both else None
