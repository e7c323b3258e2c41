"""Favourites, models used last, model sets and votes, kept in the database of the conversations."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chat_tui.core.model_choices import ModelSet, ModelUse, Place
from chat_tui.core.side_by_side.votes import Vote


class ChoiceStore(Protocol):
    """What keeps them: small records by kind and name."""

    async def choices(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """All records of a kind, by name, the oldest first."""
        ...

    async def save_choice(self, kind: str, name: str, data: Mapping[str, Any] | None) -> None:
        """Keep a record in place of one of the same name; None deletes it."""
        ...


class StoredChoices:
    """The `ModelChoices` of the app.

    Args:
        store: keeps them.
    """

    def __init__(self, store: ChoiceStore) -> None:
        self._store = store

    async def uses(self) -> Mapping[Place, ModelUse]:
        """See `ModelChoices.uses`."""
        raise NotImplementedError

    async def set_favourite(self, place: Place, favourite: bool) -> None:
        """See `ModelChoices.set_favourite`."""
        raise NotImplementedError

    async def note_used(self, places: Sequence[Place], at: float) -> None:
        """See `ModelChoices.note_used`."""
        raise NotImplementedError

    async def sets(self) -> Sequence[ModelSet]:
        """See `ModelChoices.sets`."""
        raise NotImplementedError

    async def save_set(self, models: ModelSet) -> None:
        """See `ModelChoices.save_set`."""
        raise NotImplementedError

    async def delete_set(self, name: str) -> None:
        """See `ModelChoices.delete_set`."""
        raise NotImplementedError

    async def votes(self) -> Sequence[Vote]:
        """See `ModelChoices.votes`."""
        raise NotImplementedError

    async def save_vote(self, vote: Vote) -> None:
        """See `ModelChoices.save_vote`."""
        raise NotImplementedError

    async def delete_vote(self, turn: str) -> None:
        """See `ModelChoices.delete_vote`."""
        raise NotImplementedError
