"""What is known of rows, in the form in which conditions and orders ask for it."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chat_tui.core.models import ABILITIES, Ability, Fact, ModelCard
from chat_tui.core.picking.kinds import Order
from chat_tui.core.picking.names import spread
from chat_tui.core.picking.query import Query
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.tasks import base_of

_BITS: dict[Ability, int] = {ability: 1 << at for at, ability in enumerate(ABILITIES)}


class _Facts(NamedTuple):
    can: int
    """The abilities that it has, as bits."""
    known: int
    """The abilities of which somebody says whether it has them, as bits."""
    window: int | None
    price: float
    """For a million tokens in; infinite where nobody says."""
    free: bool
    released: str


class Unsaid(NamedTuple):
    """Of how many models nobody says what is asked for; 0 for what is not asked for."""

    rows: int
    """That all else holds for."""
    price: int = 0
    window: int = 0
    abilities: int = 0


class RowFacts:
    """The facts of rows, read when they are first asked for: reading those of 10,000 takes long.

    Args:
        rows: all.
        names: theirs, spread.
    """

    def __init__(self, rows: Sequence[ModelRow], names: Sequence[str]) -> None:
        self._rows = rows
        self._names = names
        self._known: list[_Facts | None] = [None] * len(rows)
        self._read = 0

    def narrow(self, query: Query, rows: Iterable[int]) -> Iterable[int]:
        """Those rows for which the conditions of a query hold; its words are not looked at."""
        for holds in self._conditions(query):
            rows = [row for row in rows if holds(row)]
        return rows

    def by_name(self, query: Query, rows: Iterable[int]) -> set[int]:
        """Those of rows found that only by their name can do something that is asked for."""
        asked, of = _bits(query.can), self._of
        return {row for row in rows if asked & ~of(row).known} if asked else set()

    def unsaid(self, query: Query, rows: Iterable[int]) -> Unsaid:
        """Of how many of some rows nobody says what a query asks for."""
        asked = _bits(query.can | query.cannot)
        facts = [self._of(row) for row in rows]
        price = query.free or query.most_price is not None
        window = query.least_window is not None or query.most_window is not None
        return Unsaid(
            len(facts),
            sum(each.price == math.inf for each in facts) if price else 0,
            sum(not each.window for each in facts) if window else 0,
            sum(bool(asked & ~each.known) for each in facts) if asked else 0,
        )

    def read_ahead(self, count: int) -> bool:
        """Read the facts of some rows more; False where all are read."""
        start = self._read
        self._read = min(start + count, len(self._rows))
        for row in range(start, self._read):
            self._of(row)
            base_of(self._rows[row].place.model)  # what tasks ask for
        return self._read < len(self._rows)

    def ranked(self, order: Order) -> list[int]:
        """All rows in an order; equal ones as they were given."""
        every = range(len(self._rows))
        match order:
            case "name":
                return sorted(every, key=self._names.__getitem__)
            case "price":
                return sorted(every, key=lambda row: self._of(row).price)
            case "window":
                return sorted(every, key=lambda row: -(self._of(row).window or 0))
            case "released":
                return sorted(every, key=lambda row: self._of(row).released, reverse=True)
            case "relevance":
                return list(every)

    def _conditions(self, query: Query) -> Iterable[Callable[[int], bool]]:
        """The cheapest first: what is known of a model is asked for where all else holds."""
        rows, names, of = self._rows, self._names, self._of
        if query.favourites:
            yield lambda row: rows[row].use.favourite
        if query.recent:
            yield lambda row: rows[row].use.used > 0
        if query.provider:
            places = self._places_of(query.provider)
            yield lambda row: (rows[row].place.provider, rows[row].label) in places
        for word in filter(None, (spread(each).strip() for each in query.without)):
            yield lambda row, word=word: word not in names[row]  # type: ignore[misc]
        if (can := _bits(query.can)) != 0:
            yield lambda row: of(row).can & can == can
        if (cannot := _bits(query.cannot)) != 0:
            yield lambda row: not of(row).can & cannot
        if (least := query.least_window) is not None:
            yield lambda row: (of(row).window or 0) >= least
        if (most := query.most_window) is not None:
            yield lambda row: 0 < (of(row).window or 0) <= most
        if (price := query.most_price) is not None:
            yield lambda row: of(row).price <= price
        if query.free:
            yield lambda row: of(row).free

    def _places_of(self, typed: str) -> set[tuple[str, str]]:
        """The providers, with their labels, that are called so, or else begin so."""
        wanted = typed.lower()
        known = {(row.place.provider, row.label) for row in self._rows}
        exact = {place for place in known if wanted in (place[0].lower(), place[1].lower())}
        return exact or {
            place for place in known if any(name.lower().startswith(wanted) for name in place)
        }

    def _of(self, row: int) -> _Facts:
        if (known := self._known[row]) is None:
            known = self._known[row] = _facts(self._rows[row].card, self._names[row])
        return known


def _facts(card: ModelCard, name: str) -> _Facts:
    can = known = 0
    for ability, bit in _BITS.items():
        said = card.can(ability)
        if said is not None:
            known |= bit
        # Where nobody says it, a name may: "demo-tools", "phi-4-reasoning".
        if said or (said is None and f" {ability} " in name):
            can |= bit
    price, out = _value(card.input_price), _value(card.output_price)
    return _Facts(
        can,
        known,
        card.window.value if card.window is not None else None,
        price,
        price == 0 and out in (0, math.inf),
        card.released.value if card.released is not None else "",
    )


def _value(fact: Fact[float] | None) -> float:
    return math.inf if fact is None else fact.value


def _bits(abilities: Iterable[Ability]) -> int:
    return sum(_BITS[ability] for ability in abilities)
