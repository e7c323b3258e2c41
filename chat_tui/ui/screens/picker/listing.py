"""Which models the picker lists: narrowed by words, provider, ability, and what for."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, overload

from chat_tui.core.model_choices import Place
from chat_tui.core.models import ABILITIES, Ability
from chat_tui.core.picking.conditions import Unsaid
from chat_tui.core.picking.finding import Finder, Found
from chat_tui.core.picking.kinds import EFFORTS, ORDERS, TASKS, Effort, Order, Task
from chat_tui.core.picking.query import Query, parse_query
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.tasks import suited
from chat_tui.core.picking.wording import reason_words
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO
from chat_tui.core.texts import text
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
        query: what was asked for.
        unsaid: of how many models nobody says what was asked for, where none was found.
        hidden: models that are there and were not looked through: those of the demo.
    """

    def __init__(
        self,
        found: Found,
        reasons: Mapping[Place, str],
        typed: ListedModel | None,
        query: Query,
        unsaid: Unsaid | None,
        hidden: int,
    ) -> None:
        self.size = len(found)
        """How many were found: without the typed one."""
        self.query = query
        self.unsaid = unsaid
        self.hidden = hidden
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
        reason = self._reasons.get(row.place, "")
        if any(row.card.can(each) is None for each in self.query.can):
            reason = ", ".join(filter(None, (text("picker.by-name"), reason)))
        return ListedModel(row.place, row, marks, reason)

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
        in_use: the providers of the models in use.
    """

    def __init__(
        self, label: Callable[[str], str], provider: str = "", in_use: Container[str] = ()
    ) -> None:
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
        self._demo_in_use = DEMO in in_use
        self._first_provider = provider
        """Where the way through the providers began."""
        self._finder: Finder | None = None
        self._places: frozenset[Place] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._demos = 0
        """Models of the demo, where there are others."""
        self._favourites: dict[Place, ModelRow] = {}
        """Those that were made favourites here, or are none any longer."""
        self._reasons: Mapping[Place, str] = {}

    # What there is

    def take(self, rows: Sequence[ModelRow]) -> None:
        """List other models; what was made a favourite here stays one.

        Rows that were being read meanwhile may not know of it.
        """
        if changed := self._favourites:
            there = {row.place for row in rows if row.place in changed}
            rows = [
                *(
                    _favourite(row, changed[row.place].use.favourite) if row.place in there else row
                    for row in rows
                ),
                *(row for place, row in changed.items() if place not in there),
            ]
        self.rows = rows
        self._places = frozenset(row.place for row in rows)
        demos = sum(place.provider == DEMO for place in self._places)
        self._demos = demos if demos < len(self._places) else 0
        self._names = frozenset(place.model for place in self._places)
        self._finder = None

    def set_favourite(self, row: ModelRow, favourite: bool) -> None:
        """Say whether a model is a favourite now; one that was not listed is from now on."""
        # As it is listed now: more may be known of it than when it was marked.
        listed = next((each for each in self.rows if each.place == row.place), None)
        changed = self._favourites[row.place] = _favourite(listed or row, favourite)
        if listed is None:
            self.take(self.rows)
            return
        self.rows = [changed if each is listed else each for each in self.rows]
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
        if self._hides_demo(query):
            query = replace(query, without_provider=DEMO)
        found = self.finder.find(query, order=self.order)
        unsaid = self.finder.unsaid(query) if not found else None
        hidden = self.finder.left_out(query)
        return Listed(found, self._reasons, typed, query, unsaid, hidden)

    def _hides_demo(self, query: Query) -> bool:
        """Whether the demo's models are left out: others are there, and nobody means these."""
        if self._demo_in_use or not self._demos or query.provider or query.recent:
            return False
        return not any(word.startswith(DEMO) for word in query.words)

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


def _favourite(row: ModelRow, favourite: bool) -> ModelRow:
    return replace(row, use=row.use._replace(favourite=favourite))


def _next(ways: Sequence[T], now: T, step: int) -> T:
    at = ways.index(now) if now in ways else 0
    return ways[(at + step) % len(ways)]
