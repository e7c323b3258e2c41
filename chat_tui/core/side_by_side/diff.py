"""What two answers have in common and where they differ, word by word."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Change = Literal["same", "removed", "added"]


class Piece(NamedTuple):
    """A run of words, with the white space that belongs to it."""

    change: Change
    text: str


class LinePair(NamedTuple):
    """A row of two columns: what stands on the left and on the right."""

    left: Sequence[Piece]
    right: Sequence[Piece]


def word_diff(left: str, right: str) -> Sequence[Piece]:
    """Both texts as one run of pieces.

    Those of `same` and `removed` make the left one, those of `same` and `added` the right one.
    Words of scripts without spaces are compared by character. Bounded: texts of any length take
    well under a second (they are compared by lines first).
    """
    raise NotImplementedError


def in_columns(pieces: Sequence[Piece]) -> Sequence[LinePair]:
    """A diff as rows of two columns, lines that are the same beside each other."""
    raise NotImplementedError
