"""Finding words in the messages of a conversation, as a reader sees them.

Each message is prepared once (`searchable.prepare`); a `Finder` holds those of the path on the
screen and counts, for the words that are looked for, what is found in each. Places are worked out
only for the one that is gone to: 10,000 messages take some 10 ms a key.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from chat_tui.core.searchable import Query, Searchable, SectionName, query_of


class Hit(NamedTuple):
    """A place where the words stand."""

    message: int
    """The message's index in the path."""
    section: SectionName
    ordinal: int
    """How many places come before it in the section."""
    among: int
    """How many there are in the section."""
    share: float
    """How far into the section it is, from 0 to 1."""


class Finder:
    """What is found of some words in the messages of a path."""

    def __init__(self) -> None:
        self._texts: dict[str, Searchable] = {}
        self._ids: Sequence[str] = ()
        self._index: dict[str, int] = {}
        self._counts: list[int] = []
        self._sums: list[int] | None = None
        self._source = False
        self.query: Query | None = None
        """What is looked for."""

    # What is searched

    def show(self, ids: Sequence[str]) -> None:
        """Search another path; what was prepared of its messages is kept."""
        if ids != self._ids:
            self._ids = ids
            self._index = {id_: index for index, id_ in enumerate(ids)}
            self._count()

    def missing(self, start: int = 0) -> list[str]:
        """The messages that were not supplied: from an index to the end, then above it upwards."""
        order = (*self._ids[start:], *reversed(self._ids[:start]))
        return [id_ for id_ in order if id_ not in self._texts]

    def supply(self, messages: Iterable[Searchable]) -> None:
        """Take prepared messages, also anew: their text may have grown."""
        for message in messages:
            self._texts[message.id] = message
            index = self._index.get(message.id)
            if index is not None and self.query is not None:
                self._counts[index] = self._count_in(message)
                self._sums = None
        if self._source or not self.total:
            self._count_source()

    # What is found

    def look_for(self, words: str) -> bool:
        """Look for words; tells whether there were any."""
        self.query = query_of(words)
        self._count()
        return self.query is not None

    @property
    def by_source(self) -> bool:
        """Whether the words are found as they were written alone, and not as they are seen."""
        return self._source

    @property
    def total(self) -> int:
        """How many places were found."""
        sums = self._summed()
        return sums[-1] if sums else 0

    def hit(self, number: int) -> Hit:
        """A place by its number, from 0.

        Raises:
            IndexError: there is none.
        """
        sums, query = self._summed(), self.query
        if query is None or not 0 <= number < self.total:
            raise IndexError(number)
        index = bisect_right(sums, number)
        left = number - (sums[index] - self._counts[index])
        for section in self._texts[self._ids[index]].sections:
            text = section.text(query, source=self._source)
            count = text.count(query.needle)
            if left < count:
                at = _nth(text, query.needle, left)
                return Hit(index, section.name, left, count, at / len(text))
            left -= count
        raise IndexError(number)

    def number_of(self, hit: Hit) -> int:
        """The number of a place, or of the one nearest before it: texts may have grown."""
        counts = self.counts_of(hit.message)
        within = 0
        for name, count in counts:
            if name == hit.section:
                within += min(hit.ordinal, max(count - 1, 0))
                break
            within += count
        return min(self.first_from(hit.message) + within, max(self.total - 1, 0))

    def first_from(self, message: int) -> int:
        """The number of the first place in a message or below it; `total` where there is none."""
        if not message:
            return 0
        sums = self._summed()
        return sums[min(message, len(sums)) - 1] if sums else 0

    def counts_of(self, message: int) -> list[tuple[SectionName, int]]:
        """How often the words stand in the parts of a message."""
        query = self.query
        found = self._texts.get(self._ids[message]) if message < len(self._ids) else None
        if query is None or found is None:
            return []
        return [
            (section.name, section.text(query, source=self._source).count(query.needle))
            for section in found.sections
        ]

    def _count(self) -> None:
        self._source = False
        self._recount()
        if not self.total:
            self._count_source()

    def _count_source(self) -> None:
        """Look through what was written, where nothing is seen and the words may mean that."""
        if self.query is None or not self.query.marks:
            return
        self._source = False
        self._recount()
        if not self.total:
            self._source = True
            self._recount()

    def _recount(self) -> None:
        texts = self._texts
        self._sums = None
        if self.query is None or not texts:
            self._counts = [0] * len(self._ids)
            return
        self._counts = [
            0 if (message := texts.get(id_)) is None else self._count_in(message)
            for id_ in self._ids
        ]

    def _count_in(self, message: Searchable) -> int:
        query = self.query
        if query is None:
            return 0
        needle, source = query.needle, self._source
        count = 0
        for section in message.sections:
            count += section.text(query, source=source).count(needle)
        return count

    def _summed(self) -> list[int]:
        if self._sums is None:
            self._sums = list(accumulate(self._counts))
        return self._sums


def find_all(words: str, messages: Sequence[Searchable]) -> list[Hit]:
    """All places where words stand in messages, in their order."""
    finder = Finder()
    finder.supply(messages)
    finder.show([message.id for message in messages])
    finder.look_for(words)
    return [finder.hit(number) for number in range(finder.total)]


def places(text: str, needle: str) -> list[int]:
    """Where a needle begins in a text, in order, none inside another."""
    found = []
    at = text.find(needle)
    while at >= 0:
        found.append(at)
        at = text.find(needle, at + len(needle))
    return found


def _nth(text: str, needle: str, ordinal: int) -> int:
    at = text.find(needle)
    for _ in range(ordinal):
        at = text.find(needle, at + len(needle))
    return at
