"""Which models the picker lists: narrowed by words, provider, ability, and what for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, overload

from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import ABILITIES, Ability
from chat_tui.core.picking.finding import Finder, Found
from chat_tui.core.picking.kinds import EFFORTS, ORDERS, TASKS, Effort, Order, Task
from chat_tui.core.picking.query import Query, parse_query
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.tasks import suited
from chat_tui.core.picking.wording import reason_words
from chat_tui.core.safety import clean_line
from chat_tui.ui.widgets.model_table import ListedModel

T = TypeVar("T")

_FIRST = 2_000
"""Rows that are looked through for one that is to be marked again."""


class Listed(Sequence[ListedModel]):
    """The models that were found as rows of the table, made when they are looked at.

    Args:
        found: the models.
        reasons: why some of them suit, by their places.
        typed: comes after the last one: the name as it was typed.
        wrong: words that look like conditions and are none.
    """

    def __init__(
        self,
        found: Found,
        reasons: Mapping[Place, str],
        typed: ListedModel | None,
        wrong: Sequence[str] = (),
    ) -> None:
        self.size = len(found)
        """How many were found: without the typed one."""
        self.wrong = wrong
        self._found = found
        self._reasons = reasons
        self._typed = typed

    def __len__(self) -> int:
        return self.size + (self._typed is not None)

    @overload
    def __getitem__(self, at: int) -> ListedModel: ...
    @overload
    def __getitem__(self, at: slice) -> list[ListedModel]: ...
    def __getitem__(self, at: int | slice) -> ListedModel | list[ListedModel]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        if at == self.size and self._typed is not None:
            return self._typed
        row, marks = self._found[at]
        return ListedModel(row.place, row, marks, self._reasons.get(row.place, ""))

    def __iter__(self) -> Iterator[ListedModel]:
        return (self[at] for at in range(len(self)))

    def place_of(self, place: Place) -> int | None:
        """Where a model stands; None where it is not among the first ones."""
        if self._typed is not None and self._typed.place == place:
            return self.size
        near = range(min(self.size, _FIRST))
        return next((at for at in near if self._found[at].row.place == place), None)


class ModelList:
    """The models that there are, and what is asked of those that are listed.

    Args:
        label: how a provider is shown.
        provider: the one whose models alone are listed; empty for all.
    """

    def __init__(self, label: Callable[[str], str], provider: str = "") -> None:
        self._label = label
        self.rows: Sequence[ModelRow] = ()
        """All that there are; see `take`."""
        self.words = ""
        """What was typed."""
        self.provider = provider
        self.ability: Ability | None = None
        self.task: Task | None = None
        self.effort: Effort = "medium"
        self.order: Order = ORDERS[0]
        self._first_provider = provider
        """Where the way through the providers began."""
        self._finder: Finder | None = None
        self._places: frozenset[Place] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._reasons: Mapping[Place, str] = {}

    # What there is

    def take(self, rows: Sequence[ModelRow]) -> None:
        """List other models."""
        self.rows = rows
        self._places = frozenset(row.place for row in rows)
        self._names = frozenset(place.model for place in self._places)
        self._finder = None

    def set_use(self, row: ModelRow, use: ModelUse) -> None:
        """Say what is kept of a model now; one that was not listed is from now on."""
        changed = replace(row, use=use)
        rows = [changed if each.place == row.place else each for each in self.rows]
        if all(each.place != row.place for each in self.rows):
            self.take([*rows, changed])
            return
        self.rows = rows
        if self._finder is not None:
            self._finder.replace(changed)

    def label(self, provider: str) -> str:
        """How a provider is shown; clean."""
        return clean_line(self._label(provider), code=True)

    def find(self, current: str) -> Listed:
        """The models that are asked for.

        Args:
            current: the provider that a name that is not listed is meant to be of.
        """
        query = parse_query(self.words)
        typed = self._typed(query, current)
        if self.ability is not None:
            query = replace(query, can=query.can | {self.ability})
        if self.provider:
            query = replace(query, provider=self.provider)
        found = self.finder.find(query, order=self.order)
        return Listed(found, self._reasons, typed, query.wrong)

    @property
    def finder(self) -> Finder:
        """Finds among all models, or among those for the task."""
        if self._finder is None:
            rows = self.rows
            self._reasons = {}
            if self.task is not None:
                found = suited(rows, self.task, self.effort)
                self._reasons = {each.row.place: reason_words(each, self.task) for each in found}
                rows = [each.row for each in found]
            self._finder = Finder(rows)
        return self._finder

    def _typed(self, query: Query, current: str) -> ListedModel | None:
        """The name as it was typed, where it may be one and is not listed."""
        names = [word for word in self.words.split() if word.lower() in query.words]
        if len(query.words) != 1 or not names:
            return None
        meant = self._named_provider(query) or self.provider
        place = Place(meant or current, names[0])
        if place in self._places or (not meant and place.model in self._names):
            return None
        return ListedModel(place, reason=self.label(place.provider))

    def _named_provider(self, query: Query) -> str:
        """The provider that a condition names in full."""
        wanted = query.provider.lower()
        names = {place.provider for place in self._places} if wanted else ()
        return next((name for name in names if name.lower() == wanted), "")

    # What is asked for

    def next_provider(self, near: str, step: int) -> None:
        """Go through the providers, beginning with one of them, and at the end to all."""
        labels = {row.place.provider: row.label.lower() for row in self.rows}
        names = sorted(labels, key=lambda name: (labels[name], name))
        if not self.provider:
            self._first_provider = near if near in names else next(iter(names), "")
        at = names.index(self._first_provider) if self._first_provider in names else 0
        ways = ["", *names[at:], *names[:at]]
        self.provider = _next(ways, self.provider, step)

    def next_task(self, step: int) -> None:
        """Go through what models are for, and at the end to all."""
        self.task = _next((None, *TASKS), self.task, step)
        self._finder = None

    def next_effort(self, step: int) -> None:
        """Go through how much effort the task is worth."""
        self.effort = _next(EFFORTS, self.effort, step)
        self._finder = None

    def next_ability(self, step: int) -> None:
        """Go through what models can do, and at the end to all."""
        self.ability = _next((None, *ABILITIES), self.ability, step)

    def next_order(self, step: int) -> None:
        """Go through the orders."""
        self.order = _next(ORDERS, self.order, step)


def _next(ways: Sequence[T], now: T, step: int) -> T:
    at = ways.index(now) if now in ways else 0
    return ways[(at + step) % len(ways)]
