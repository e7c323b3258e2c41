"""Finding models among thousands by some letters and a few conditions; quick enough for each key.

The query language is in `query`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, overload

from chat_tui.core.model_choices import Place
from chat_tui.core.picking.conditions import RowFacts, Unsaid
from chat_tui.core.picking.kinds import Order
from chat_tui.core.picking.names import (
    BEGINNING,
    WHOLE,
    WITHIN,
    Word,
    letters_cost,
    marks,
    spread,
    tail_of,
    word_of,
)
from chat_tui.core.picking.providers import Providers
from chat_tui.core.picking.query import Query
from chat_tui.core.picking.rows import NO_USE, ModelRow

_KEPT = 16
"""Searches that are kept, for a word that is typed on, or taken back."""

_LAST = 1 << 40
_BY_NAME = 1 << 36
_COST = 1 << 20
"""The weights of a key; below them stands the place in a ranking."""

_EXACT = -2
"""What it costs to be called just so; to hold all words in a row costs one less than else."""

_Fits = dict[int, int]
"""The rows that hold some words, and what it costs them."""


class Match(NamedTuple):
    """A row that was found."""

    row: ModelRow
    marks: Sequence[int] = ()
    """The characters of the model's name that were typed, for bold type."""


class Found(Sequence[Match]):
    """What was found, best first. A match is made when it is looked at: few of 10,000 are."""

    def __init__(
        self,
        rows: Sequence[ModelRow],
        order: Sequence[int],
        keys: Sequence[int],
        words: Sequence[Word],
    ) -> None:
        self._rows = rows
        self._order = order
        self._keys = keys
        self._words = words

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> Match: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Match]: ...

    def __getitem__(self, index: int | slice) -> Match | Sequence[Match]:
        if isinstance(index, slice):
            return Found(self._rows, self._order, self._keys[index], self._words)
        row = self._rows[self._order[self._keys[index] % _COST]]
        return Match(row, marks(self._words, row.place.model) if self._words else ())


class Finder:
    """Finds rows. What is typed on narrows what was found before, so that a key costs little.

    Args:
        rows: all, in the order of a list without words: favourites, those used last, the others.
    """

    def __init__(self, rows: Sequence[ModelRow]) -> None:
        self._rows = list(rows)
        self._names = [spread(row.place.model) for row in self._rows]
        self._tails = [
            spread(tail_of(row.place.model)) if "/" in row.place.model else name
            for row, name in zip(self._rows, self._names, strict=True)
        ]
        self._facts = RowFacts(self._rows, self._names)
        self._providers = Providers(self._rows)
        self._everything = dict.fromkeys(range(len(self._rows)), 0)
        self._given = self._ranked(range(len(self._rows)))
        self._kept: dict[tuple[str, ...], _Fits] = {}
        self._places: dict[Place, int] = {}
        self._rankings: dict[Order, _Ranking] = {"relevance": self._ranked(self._among_equals())}

    @property
    def rows(self) -> Sequence[ModelRow]:
        """All of them, in the order in which they were given."""
        return self._rows

    def find(self, query: Query, limit: int = 0, order: Order = "relevance") -> Found:
        """The rows for which all of a query holds, best first.

        Whole words come before beginnings, these before letters in between, and the name before
        the provider; among equals favourites, then those used last, then short names. What is
        called just so is the first in every order; models that only their name says to be able to
        do what is asked for come behind, and those that are not to be talked to last.

        Args:
            query: what is looked for.
            limit: rows at the most; 0 for all.
            order: best first, or another one.
        """
        words = _words_of(query)
        fits = self._narrowed(query, self._fits(words))
        ranking = self._ranking(order) if words or order != "relevance" else self._given
        places = ranking.keys
        if order == "relevance":
            keys = [cost * _COST + places[row] for row, cost in fits.items()]
        else:
            keys = [places[row] - _COST * (cost == _EXACT) for row, cost in fits.items()]
        if late := self._facts.by_name(query, fits):
            keys = [
                key + _BY_NAME * (row in late and fits[row] != _EXACT)
                for row, key in zip(fits, keys, strict=True)
            ]
        keys.sort()
        return Found(self._rows, ranking.rows, keys[: limit or None], words)

    def count(self, query: Query) -> int:
        """How many there are in all."""
        return len(self.find(query))

    def left_out(self, query: Query) -> int:
        """How many are left out whatever else is asked for: those of a provider."""
        return len(self._without(query))

    def unsaid(self, query: Query) -> Unsaid:
        """Of how many of the models that all else of a query holds for nobody says what it asks.

        This reads what is known of all of them.
        """
        rest = replace(
            query,
            can=frozenset(),
            cannot=frozenset(),
            least_window=None,
            most_window=None,
            most_price=None,
            free=False,
        )
        return self._facts.unsaid(query, self._narrowed(rest, self._fits(_words_of(query))))

    def read_ahead(self, count: int = 100) -> bool:
        """Read what is known of some rows more, for conditions, orders and tasks; False: all are.

        These read what they need all the same: for 10,000 rows that takes longer than a key may
        take, so whoever has time reads ahead.
        """
        return self._facts.read_ahead(count)

    def replace(self, row: ModelRow) -> None:
        """Put a row in the place of one of the same model: it is a favourite now, or no longer."""
        if not self._places:
            self._places = {each.place: at for at, each in enumerate(self._rows)}
        if (at := self._places.get(row.place)) is not None:
            self._rows[at] = row
            self._rankings["relevance"] = self._ranked(self._among_equals())

    def _narrowed(self, query: Query, fits: _Fits) -> _Fits:
        """Those of rows with some words for which the conditions hold."""
        held = self._facts.narrow(query, fits)
        narrowed = fits if held is fits else {row: fits[row] for row in held}
        if without := self._without(query):
            narrowed = dict(narrowed)
            for row in without:
                narrowed.pop(row, None)
        return narrowed

    def _without(self, query: Query) -> Sequence[int]:
        rows = self._providers.rows_of(query.without_provider)
        return [row for row in rows if not self._rows[row].use.favourite]

    def _fits(self, words: Sequence[Word]) -> _Fits:
        """The rows that hold all words, from what was found for their beginnings."""
        key = tuple(word.plain for word in words)
        if (known := self._kept.pop(key, None)) is None:
            known = self._search(words, key)
        self._kept[key] = known  # behind all others: the next to be forgotten is the first
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return known

    def _search(self, words: Sequence[Word], key: tuple[str, ...]) -> _Fits:
        narrowest = self._everything
        if not words:
            return narrowest
        for others, held in self._kept.items():
            if len(held) < len(narrowest) and _narrows(key, others):
                narrowest = held
        fits = self._holding(words[0], narrowest)
        for word in words[1:]:
            fits = {row: fits[row] + cost for row, cost in self._holding(word, fits).items()}
        return fits | self._in_a_row(key, fits)

    def _holding(self, word: Word, rows: Iterable[int]) -> _Fits:
        """The rows of some that hold a word, each with what that costs."""
        tails = self._tails
        plain, begins, whole, first, search = word
        within = [row for row in rows if plain in tails[row]]
        beginning = [row for row in within if begins in tails[row]]
        costs = dict.fromkeys(within, WITHIN)
        costs |= dict.fromkeys(beginning, BEGINNING)
        costs |= dict.fromkeys([row for row in beginning if whole in tails[row]], WHOLE)
        in_provider, provider_of = self._providers.costs(word), self._providers.of_row
        if any(cost is not None for cost in in_provider):
            for row in rows:
                if row not in costs and (cost := in_provider[provider_of[row]]) is not None:
                    costs[row] = cost
        if search is not None:
            for row in [row for row in rows if row not in costs and first in tails[row]]:
                if (letters := search(tails[row])) is not None:
                    costs[row] = letters_cost(word, letters)
        return costs

    def _in_a_row(self, key: Sequence[str], fits: _Fits) -> _Fits:
        """What is cheaper: names that hold all words in a row, or are just these."""
        phrase = " ".join(key)
        begins, names = f" {phrase}", self._names
        if len(key) > 1:
            found = {row: cost - 1 for row, cost in fits.items() if begins in names[row]}
        else:
            # Only a whole word may be all of a name.
            found = {row: cost for row, cost in fits.items() if cost == WHOLE}
        exact = f"{begins} "
        named = [row for row in found if exact in (names[row], self._tails[row])]
        return {**found, **dict.fromkeys(named, _EXACT)}

    def _ranking(self, order: Order) -> "_Ranking":
        if order not in self._rankings:
            self._rankings[order] = self._ranked(self._facts.ranked(order))
        return self._rankings[order]

    def _ranked(self, rows: Sequence[int]) -> "_Ranking":
        keys = [0] * len(rows)
        for place, row in enumerate(rows):
            keys[row] = place + (_LAST if self._rows[row].last else 0)
        return _Ranking(keys, rows)

    def _among_equals(self) -> Sequence[int]:
        """All rows in the order of those that fit as well as each other."""
        rows = self._rows
        shortest = sorted(range(len(rows)), key=lambda row: len(rows[row].place.model))
        used = [row for row in shortest if rows[row].use != NO_USE]
        used.sort(key=lambda row: (not rows[row].use.favourite, -rows[row].use.used))
        first = set(used)
        return [*used, *(row for row in shortest if row not in first)]


class _Ranking(NamedTuple):
    """An order of all rows."""

    keys: Sequence[int]
    """By row: its place, and more where it is not to be talked to."""
    rows: Sequence[int]
    """By place: the row."""


def _words_of(query: Query) -> list[Word]:
    """The words that names are searched for."""
    # A vendor that is typed with the name is looked for as a provider is.
    parts = (part for typed in query.words for part in typed.split("/"))
    return [word for part in parts if (word := word_of(part)) is not None]


def _narrows(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether all that holds some words holds the others, too: each of them begins one of these."""
    return all(any(word.startswith(other) for word in words) for other in others)
