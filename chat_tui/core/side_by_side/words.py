"""The words of two texts compared: which they have in common, and which are worth telling."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Literal, NamedTuple

from chat_tui.core.side_by_side.matching import Run, common_runs

Change = Literal["same", "removed", "added"]

MOST_LETTERS = 600_000
"""Characters of both sides up to which what differs is compared word by word; beyond, one is
removed and the other added."""

_CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_ALONE = f"{_CJK}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
"""Characters of scripts without spaces: each is a word."""

_WORD = re.compile(rf"([{_ALONE}]|[^\W{_ALONE}]+(?:['’][^\W{_ALONE}]+)*|[^\w\s]|\A)(\s*)")
"""A word, or a mark, with the white space after it; at the beginning also white space alone."""
_GAP = re.compile(r"[ \n]")


class Piece(NamedTuple):
    """A run of words, with the white space that belongs to it."""

    change: Change
    text: str


class _Word(NamedTuple):
    text: str
    space: str
    """The white space after it."""


def by_words(left: str, right: str) -> Iterator[Piece]:
    """Two texts compared word by word; neighbours of one kind are not joined."""
    if left == right:
        yield Piece("same", left)
        return
    if not (left and right):
        yield from replaced(left, right)
        return
    if len(left) + len(right) > MOST_LETTERS:
        yield from _without_ends(left, right)
        return
    words, others = _words_of(left), _words_of(right)
    runs = common_runs(*numbered([word.text for word in words], [word.text for word in others]))
    at = other = 0
    for run in (*_worth(runs, words, others), Run(len(words), len(others), 0)):
        yield from replaced(_text(words[at : run.left]), _text(others[other : run.right]))
        at, other = run.left + run.length, run.right + run.length
        for word, match in zip(words[run.left : at], others[run.right : other], strict=True):
            if word.space == match.space:
                yield Piece("same", word.text + word.space)
            else:
                yield Piece("same", word.text)
                yield from replaced(word.space, match.space)


def _without_ends(left: str, right: str) -> Iterator[Piece]:
    """Long texts compared but for what both begin and end with."""
    start = _word_start(left, _common_start(left, right))
    rest, other = left[start:], right[start:]
    end = _common_start(rest[::-1], other[::-1])
    end = len(rest) - _word_start(rest, len(rest) - end, up=True)
    yield Piece("same", left[:start])
    rest, other, tail = rest[: len(rest) - end], other[: len(other) - end], rest[len(rest) - end :]
    if start + end and len(rest) + len(other) <= MOST_LETTERS:
        yield from by_words(rest, other)
    else:
        yield from replaced(rest, other)
    yield Piece("same", tail)


def _common_start(left: str, right: str) -> int:
    """With how many characters both texts begin."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _word_start(text: str, at: int, *, up: bool = False) -> int:
    """The nearest place before a place, or after it, where a word follows white space."""
    if up:
        found = _GAP.search(text, at)
        return found.end() if found else len(text)
    return max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1


def _worth(runs: Sequence[Run], left: Sequence[_Word], right: Sequence[_Word]) -> list[Run]:
    """The runs without those that are lost between longer changes on both sides."""
    said, said_there = _weights(left), _weights(right)

    def weight(start: int, end: int, other: int, other_end: int) -> int:
        """How much is changed: as much as the longer side says."""
        return max(said[end] - said[start], said_there[other_end] - said_there[other])

    kept: list[Run] = []
    at = other = 0
    for number, run in enumerate(runs):
        end, other_end = run.left + run.length, run.right + run.length
        after = runs[number + 1] if number + 1 < len(runs) else Run(len(left), len(right), 0)
        around = min(
            weight(at, run.left, other, run.right),
            weight(end, after.left, other_end, after.right),
        )
        if around == 0 or (said[end] - said[run.left]) * 2 > around:
            kept.append(run)
            at, other = end, other_end
    return kept


def words_in(text: str) -> int:
    """How many words a text has; marks are none."""
    return sum(word[:1].isalnum() for word, _ in _WORD.findall(text))


def _weights(words: Sequence[_Word]) -> list[int]:
    """How much is said up to each place, in letters; marks say next to nothing."""
    each = (len(word) if word[:1].isalnum() else 0 for word, _ in words)
    return list(accumulate(each, initial=0))


def _words_of(text: str) -> list[_Word]:
    return [_Word(word, space) for word, space in _WORD.findall(text) if word or space]


def _text(words: Iterable[_Word]) -> str:
    return "".join(chain.from_iterable(words))


def numbered(left: Sequence[str], right: Sequence[str]) -> tuple[list[int], list[int]]:
    """Texts as numbers, the same for the same ones."""
    numbers: dict[str, int] = {}
    left_numbers = [numbers.setdefault(each, len(numbers)) for each in left]
    return left_numbers, [numbers.setdefault(each, len(numbers)) for each in right]


def replaced(left: str, right: str) -> Iterator[Piece]:
    """One text in the place of another."""
    if left:
        yield Piece("removed", left)
    if right:
        yield Piece("added", right)
