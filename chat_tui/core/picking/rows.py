"""A model as the picker and `chat-tui models` list it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chat_tui.core.errors import ErrorInfo
from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import ModelCard
from chat_tui.core.targets import Target

NO_USE = ModelUse()
"""Of a model that is no favourite, and was never used."""

CardReader = Callable[[], ModelCard]
"""Gives what is known of a model; the same card each time."""


class LazyCard:
    """Looks up what is known of a model when it is first asked: of 10,000, few are ever shown.

    Args:
        look_up: as `ModelFacts.card`.
        place: the model.
    """

    __slots__ = ("_card", "_look_up", "_place")

    def __init__(self, look_up: Callable[[Target], ModelCard], place: Place) -> None:
        self._look_up = look_up
        self._place = place
        self._card: ModelCard | None = None

    def __call__(self) -> ModelCard:
        """The card."""
        if self._card is None:
            self._card = self._look_up(Target(*self._place))
        return self._card


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model at one provider."""

    place: Place
    label: str = ""
    """How the provider is shown."""
    read: CardReader | None = field(default=None, compare=False, repr=False)
    """Gives the card; None where nothing is known."""
    use: ModelUse = NO_USE
    chat: bool = True
    """Whether it is one to talk to; others (embeddings, speech) come last."""
    active: bool = True
    """False where the provider says that it has been taken away."""
    listed: bool = True
    """Whether a list of its provider has it: others are favourites, were used, are a default, or
    only the catalogue knows them."""
    near: bool = False
    """Whether its server is one of the user's own, of which the catalogue says nothing."""

    @property
    def card(self) -> ModelCard:
        """What is known of it, each value with its source; looked up with the first call."""
        return self.read() if self.read is not None else ModelCard(*self.place)

    @property
    def last(self) -> bool:
        """Whether it comes after all others: it is not to be talked to."""
        return not (self.chat and self.active)


class Listing(NamedTuple):
    """The models that there are, as far as they are known now."""

    rows: Sequence[ModelRow] = ()
    """In the order of a list without words: favourites, those used last, the others."""
    trouble: ErrorInfo | None = None
    """Why the list of the provider that was asked could not be read."""
    asking: bool = False
    """Whether that list is still on its way: it is kept when it comes."""


def row_of(
    card: ModelCard,
    label: str = "",
    use: ModelUse = NO_USE,
    *,
    chat: bool = True,
    active: bool = True,
    listed: bool = True,
) -> ModelRow:
    """The row of a card that is there already."""
    place = Place(card.provider, card.model)
    return ModelRow(place, label, lambda: card, use, chat, active, listed)


def in_order(rows: Sequence[ModelRow], first: str = "") -> list[ModelRow]:
    """Rows in the order of a list without words.

    Favourites, then those used last, then the others as they come, those of one provider first;
    what is not to be talked to at the end.

    Args:
        rows: in the order of their lists.
        first: the provider whose models come before those of others.
    """
    there = [row for row in rows if not row.last]
    used = [row for row in there if row.use != NO_USE]
    used.sort(key=lambda row: (not row.use.favourite, -row.use.used))
    others = [row for row in there if row.use == NO_USE]
    others.sort(key=lambda row: row.place[0] != first)
    return [*used, *others, *(row for row in rows if row.last)]
