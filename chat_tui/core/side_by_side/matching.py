"""The longest common part of two sequences, in bounded time.

Sequences of numbers: who compares words or lines gives each of them one. Small ones are compared
exactly, with one long integer a row: its bits are the places of the other sequence, so that a row
costs a few machine words. Large ones are cut at what occurs once in both, and what cannot be cut
is taken as different.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

EXACT = 60_000_000
"""Pairs of places up to which two sequences are compared exactly: about 20 ms, and 8 MB."""

MOST = 400_000_000
"""Pairs of places that all exact comparisons together may have."""

_DEPTH = 8
"""How often a large part is cut again."""


class Run(NamedTuple):
    """A part that both sequences have."""

    left: int
    """Where it begins in the left one."""
    right: int
    length: int


def common_runs(left: Sequence[int], right: Sequence[int]) -> list[Run]:
    """What two sequences have in common, in its order, in runs as long as possible.

    It is the longest common part, but for sequences that are too large for that.
    """
    places = _Matcher(left, right).places()
    runs: list[Run] = []
    for at, other in places:
        if runs:
            last = runs[-1]
            if (last.left + last.length, last.right + last.length) == (at, other):
                runs[-1] = last._replace(length=last.length + 1)
                continue
        runs.append(Run(at, other, 1))
    return runs


class _Part(NamedTuple):
    """Parts of both sequences that stand against each other."""

    left: int
    left_end: int
    right: int
    right_end: int
    depth: int = 0


class _Matcher:
    def __init__(self, left: Sequence[int], right: Sequence[int]) -> None:
        self._left = left
        self._right = right
        self._budget = MOST

    def places(self) -> list[tuple[int, int]]:
        """The places that match, in their order."""
        found: list[tuple[int, int]] = []
        parts = [_Part(0, len(self._left), 0, len(self._right))]
        while parts:
            part = self._trimmed(parts.pop(), found)
            size = (part.left_end - part.left) * (part.right_end - part.right)
            if size == 0:
                continue
            if size <= min(EXACT, self._budget):
                self._budget -= size
                found += self._exact(part)
            elif part.depth < _DEPTH:
                parts += self._cut(part, found)
        return sorted(found)

    def _trimmed(self, part: _Part, found: list[tuple[int, int]]) -> _Part:
        """A part without what both sides begin and end with, which goes to what was found."""
        left, right = self._left, self._right
        at, end, other, other_end, depth = part
        while at < end and other < other_end and left[at] == right[other]:
            found.append((at, other))
            at, other = at + 1, other + 1
        while at < end and other < other_end and left[end - 1] == right[other_end - 1]:
            end, other_end = end - 1, other_end - 1
            found.append((end, other_end))
        return _Part(at, end, other, other_end, depth)

    def _exact(self, part: _Part) -> Iterator[tuple[int, int]]:
        """The longest common part, from its end on (Hyyrö's bit-parallel algorithm)."""
        at, end, other, other_end, _ = part
        bits: dict[int, int] = {}
        for place in range(at, end):
            token = self._left[place]
            bits[token] = bits.get(token, 0) | 1 << (place - at)
        everything = (1 << (end - at)) - 1
        row, rows = everything, []
        for place in range(other, other_end):
            kept = row & bits.get(self._right[place], 0)
            row = ((row + kept) | (row - kept)) & everything
            rows.append(row)
        column, line = end - at, other_end - other
        while column and line:
            # A bit that is not set is a place where the common part becomes longer.
            if rows[line - 1] >> (column - 1) & 1:
                column -= 1
                continue
            line -= 1
            if line == 0 or rows[line - 1] >> (column - 1) & 1:
                column -= 1
                yield at + column, other + line

    def _cut(self, part: _Part, found: list[tuple[int, int]]) -> list[_Part]:
        """The parts between what occurs once on both sides; none where nothing does."""
        at, end, other, other_end, depth = part
        anchors = _in_order(self._once(part))
        if not anchors:
            return []
        found += anchors
        begins = [(at, other), *((place + 1, match + 1) for place, match in anchors)]
        ends = [*anchors, (end, other_end)]
        return [
            _Part(first, last, first_other, last_other, depth + 1)
            for (first, first_other), (last, last_other) in zip(begins, ends, strict=True)
        ]

    def _once(self, part: _Part) -> list[tuple[int, int]]:
        """The places of what occurs once on both sides, in the order of the left one."""
        at, end, other, other_end, _ = part
        here = Counter(self._left[at:end])
        there = Counter(self._right[other:other_end])
        where = {
            token: place
            for place, token in enumerate(self._right[other:other_end], other)
            if there[token] == 1 and here.get(token) == 1
        }
        return [
            (place, where[token])
            for place, token in enumerate(self._left[at:end], at)
            if token in where
        ]


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many pairs as can be kept so that their second places ascend like the first."""
    ends: list[int] = []
    """The lowest place with which a row of so many pairs can end."""
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[length], last[length] = place, number
    kept: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        kept.append(pairs[at])
        at = before[at]
    kept.reverse()
    return kept
