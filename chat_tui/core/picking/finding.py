"""Finding models among thousands by some letters and a few conditions; quick enough for each key.

Words are looked for fuzzily in name and provider, all of them; a word of the forms below is a
condition::

    vision tools json reasoning     it can do that (a "-" in front: it cannot, or nobody says)
    provider:openai  @openai        of a provider
    >100k  <1m                      its window
    $<2  $<0.5                      dollars for a million tokens in
    free  fav  recent               costs nothing; a favourite; used before
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chat_tui.core.models import Ability
from chat_tui.core.picking.rows import ModelRow


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    words: tuple[str, ...] = ()
    """Lower case."""
    can: frozenset[Ability] = frozenset()
    cannot: frozenset[Ability] = frozenset()
    provider: str = ""
    least_window: int | None = None
    most_window: int | None = None
    most_price: float | None = None
    favourites: bool = False
    recent: bool = False
    wrong: tuple[str, ...] = ()
    """Words that look like conditions and are none."""


def parse_query(text: str) -> Query:
    """What is meant by what was typed; never fails."""
    raise NotImplementedError


class Match(NamedTuple):
    """A row that was found."""

    row: ModelRow
    marks: Sequence[int] = ()
    """The characters of the model's name that were typed, for bold type."""


class Finder:
    """Finds rows. What is typed on narrows what was found before, so that a key costs little.

    Args:
        rows: all, in the order of a list without words: favourites, those used last, the others.
    """

    def __init__(self, rows: Sequence[ModelRow]) -> None:
        self._rows = rows

    def find(self, query: Query, limit: int = 200) -> Sequence[Match]:
        """The best rows, best first.

        Whole words before beginnings, beginnings before letters in between; among equals
        favourites, then those used last.
        """
        raise NotImplementedError

    def count(self, query: Query) -> int:
        """How many there are in all."""
        raise NotImplementedError
