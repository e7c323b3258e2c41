"""Models to choose from, and what is kept of them, in memory."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chat_tui.core.errors import ChatError
from chat_tui.core.model_choices import ModelSet, ModelUse, Place
from chat_tui.core.picking.rows import Listing, ModelRow
from chat_tui.core.side_by_side.votes import Vote


class FakeSource:
    """A `ModelSource` that gives what it was told.

    Args:
        rows: the models that there are.
    """

    def __init__(self, rows: Sequence[ModelRow] = ()) -> None:
        self.listing = Listing(rows)
        self.asked: list[tuple[str, bool]] = []
        """The providers that were asked for, and whether anew."""
        self.held: asyncio.Event | None = None
        """Waited for before the answer, while there is one."""
        self.failure: Exception | None = None

    def label(self, provider: str) -> str:
        """See `ModelSource.label`."""
        return provider.title()

    async def model_rows(self, provider: str, *, refresh: bool = False) -> Listing:
        """See `ModelSource.model_rows`."""
        self.asked.append((provider, refresh))
        if self.held is not None:
            await self.held.wait()
        if self.failure is not None:
            raise self.failure
        return self.listing

    def fail(self, error: ChatError) -> None:
        """Have the list of the asked provider fail; what is known stays."""
        self.listing = self.listing._replace(trouble=error.info)


class FakeChoices:
    """A `ModelChoices` in memory."""

    def __init__(self, *sets: ModelSet) -> None:
        self.kept: dict[Place, ModelUse] = {}
        self.by_name = {each.name: each for each in sets}
        self.given: list[Vote] = []
        self.noted: list[str] = []

    async def uses(self) -> Mapping[Place, ModelUse]:
        """See `ModelChoices.uses`."""
        return self.kept

    async def set_favourite(self, place: Place, favourite: bool) -> None:
        """See `ModelChoices.set_favourite`."""
        self.kept[place] = self.kept.get(place, ModelUse())._replace(favourite=favourite)

    async def note_used(self, places: Sequence[Place], at: float) -> None:
        """See `ModelChoices.note_used`."""
        for place in places:
            use = self.kept.get(place, ModelUse())
            self.kept[place] = use._replace(used=at, times=use.times + 1)

    async def sets(self) -> Sequence[ModelSet]:
        """See `ModelChoices.sets`."""
        return [self.by_name[name] for name in sorted(self.by_name)]

    async def save_set(self, models: ModelSet) -> None:
        """See `ModelChoices.save_set`."""
        self.by_name[models.name] = replace(models)

    async def delete_set(self, name: str) -> None:
        """See `ModelChoices.delete_set`."""
        self.by_name.pop(name, None)

    async def votes(self) -> Sequence[Vote]:
        """See `ModelChoices.votes`."""
        return self.given

    async def save_vote(self, vote: Vote) -> None:
        """See `ModelChoices.save_vote`."""
        self.given = [*(each for each in self.given if each.turn != vote.turn), vote]

    async def delete_vote(self, turn: str) -> None:
        """See `ModelChoices.delete_vote`."""
        self.given = [each for each in self.given if each.turn != turn]

    async def folders(self) -> Sequence[str]:
        """See `ModelChoices.folders`."""
        return self.noted

    async def note_folder(self, path: str) -> None:
        """See `ModelChoices.note_folder`."""
        self.noted = [path, *(each for each in self.noted if each != path)]
