"""What is looked for among models: words, and conditions that are written as words.

A word is looked for fuzzily in name and provider; one of the forms below is a condition. Only
whole words are: `visi` is looked for in names, and so is `visionary`::

    vision tools json reasoning  it can do that, or nobody says it and its name does ("demo-tools")
    -vision                      it cannot, or nobody says that it can
    -preview                     its name does not hold this
    provider:openai  @openai     of a provider (whose name, or label, is or begins so)
    >100k  <1m                   its window, at least and at most
    $<2  $<0.5                   at most so many dollars for a million tokens in
    free                         costs nothing, and somebody says so
    fav  recent                  a favourite; used before
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chat_tui.core.errors import UsageError
from chat_tui.core.figures import read_count
from chat_tui.core.models import ABILITIES, Ability

_FAVOURITES = ("fav", "favourite", "favourites", "favorite", "favorites")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. All of it must hold."""

    words: tuple[str, ...] = ()
    """Lower case."""
    without: tuple[str, ...] = ()
    """Words that the name must not hold, in lower case."""
    can: frozenset[Ability] = frozenset()
    cannot: frozenset[Ability] = frozenset()
    provider: str = ""
    """Its name or label, or how these begin; in lower case where it was typed."""
    without_provider: str = ""
    """A provider (its name) whose models are left out, but for favourites."""
    least_window: int | None = None
    most_window: int | None = None
    """Tokens, both inclusive."""
    most_price: float | None = None
    """US dollars for a million tokens in, inclusive."""
    free: bool = False
    favourites: bool = False
    recent: bool = False
    wrong: tuple[str, ...] = ()
    """Words that look like conditions and are none."""


def parse_query(text: str) -> Query:
    """What is meant by what was typed; never fails."""
    query = Query()
    for word in text.lower().split():
        query = _with(query, word)
    return query


def _with(query: Query, word: str) -> Query:
    """The query with one word more; conditions that are still being typed change nothing."""
    if word.startswith("-"):
        return _without(query, word)
    if (ability := _ability(word)) is not None:
        return replace(query, can=query.can | {ability})
    if (flag := _FLAGS.get(word)) is not None:
        return flag(query)
    for start in ("provider:", "@"):
        if word.startswith(start):
            return replace(query, provider=word.removeprefix(start) or query.provider)
    for starts, add in _SIZES:
        for start in starts:
            if word.startswith(start):
                return _sized(query, word, word.removeprefix(start).removeprefix("="), add)
    if word.startswith("$"):
        return _wrong(query, word) if word[1:] else query
    return replace(query, words=(*query.words, word))


def _without(query: Query, word: str) -> Query:
    rest = word[1:]
    if (ability := _ability(rest)) is not None:
        return replace(query, cannot=query.cannot | {ability})
    if not rest:
        return query
    if _with(Query(), rest).words != (rest,):  # a condition that has no opposite
        return _wrong(query, word)
    return replace(query, without=(*query.without, rest))


def _sized(query: Query, word: str, number: str, add: "_Adder") -> Query:
    if not number:
        return query
    try:
        return add(query, number)
    except (UsageError, ValueError):
        return _wrong(query, word)


def _wrong(query: Query, word: str) -> Query:
    return replace(query, wrong=(*query.wrong, word))


def _ability(word: str) -> Ability | None:
    return next((ability for ability in ABILITIES if ability == word), None)


def _least_window(query: Query, number: str) -> Query:
    return replace(query, least_window=max(read_count(number), query.least_window or 0))


def _most_window(query: Query, number: str) -> Query:
    tokens = read_count(number)
    return replace(query, most_window=min(tokens, query.most_window or tokens))


def _most_price(query: Query, number: str) -> Query:
    price = float(number.removeprefix("$"))
    if not (math.isfinite(price) and price >= 0):
        raise ValueError
    known = query.most_price
    return replace(query, most_price=price if known is None else min(price, known))


def _favourites(query: Query) -> Query:
    return replace(query, favourites=True)


_FLAGS: Mapping[str, Callable[[Query], Query]] = {
    "free": lambda query: replace(query, free=True),
    "recent": lambda query: replace(query, recent=True),
    **dict.fromkeys(_FAVOURITES, _favourites),
}
_Adder = Callable[[Query, str], Query]
_SIZES: tuple[tuple[tuple[str, ...], _Adder], ...] = (
    (("$<", "<$"), _most_price),
    ((">",), _least_window),
    (("<",), _most_window),
)
