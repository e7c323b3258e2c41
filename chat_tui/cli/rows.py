"""The models that prompts can be sent to, as rows: of the picker, and of `chat-tui models`."""

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from chat_tui.cli.facts import KnownModels
from chat_tui.cli.models import ModelLists
from chat_tui.cli.near import is_near
from chat_tui.core.errors import ChatError, ErrorInfo
from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import ModelInfo
from chat_tui.core.picking.rows import NO_USE, LazyCard, Listing, ModelRow, in_order
from chat_tui.core.targets import DEMO, ProviderProfile
from chat_tui.providers.keys import key_state
from chat_tui.providers.listing.chat_models import is_chat_model

LIST_SECONDS = 3.0
"""How long a provider's list of models is waited for; it is kept when it comes later."""

_SEEN = 50
"""Rows whose facts are read in the thread, too: they are shown first, and the first to be read
takes the catalogue from the disk."""

_PREFIX = "models/"
"""What one provider lists before names that it also takes without."""


class Wanted(NamedTuple):
    """Whose models are wanted."""

    ready: Sequence[ProviderProfile]
    """The providers that prompts can be sent to."""
    asked: str = ""
    """The one whose list is asked for where nothing of it is kept; empty: nobody is asked."""
    named: Sequence[Place] = ()
    """Models that are there whoever lists them: the one in use, defaults of settings."""
    uses: Mapping[Place, ModelUse] = {}
    """Favourites, and those that were used."""
    refresh: bool = False
    """Ask, whatever is kept."""


def ready_profiles(
    profiles: Mapping[str, ProviderProfile], environ: Mapping[str, str], own: Container[str]
) -> list[ProviderProfile]:
    """The providers that prompts can be sent to, as far as anybody has set them up.

    Args:
        profiles: all, by name.
        environ: where keys are looked up.
        own: the names of those that the user, or a look around, has added.
    """
    return [
        profile
        for name, profile in profiles.items()
        if (profile.wants_key or name in own) and key_state(profile, environ).ready
    ]


class ModelRows:
    """Gathers them.

    Args:
        lists: what is kept of providers' lists, and the way to their servers.
        facts: what is known of each model; it learns from the lists that are read here.
        seconds: that a provider's list is waited for.
    """

    def __init__(
        self, lists: ModelLists, facts: KnownModels, seconds: float = LIST_SECONDS
    ) -> None:
        self._lists = lists
        self._facts = facts
        self._seconds = seconds

    async def gather(self, wanted: Wanted) -> Listing:
        """All models of some providers; only the one that is asked hears of it."""
        asked = wanted.asked
        names = [profile.name for profile in wanted.ready]
        lists = dict(await self._facts.read_lists(name for name in names if name != asked))
        trouble: ErrorInfo | None = None
        asking = False
        try:
            if asked:
                lists[asked] = await self._asked(asked, refresh=wanted.refresh)
        except (ChatError, TimeoutError) as error:
            trouble = error.info if isinstance(error, ChatError) else None
            asking = trouble is None
            lists |= await self._facts.read_lists([asked])
        # In a thread: 10,000 rows take a tenth of a second.
        rows = await asyncio.to_thread(self._rows, wanted, lists)
        return Listing(rows, trouble, asking)

    async def shipped(
        self, profiles: Iterable[ProviderProfile], uses: Mapping[Place, ModelUse]
    ) -> Sequence[ModelRow]:
        """What the catalogue knows of providers, whether or not they can be talked to."""
        there = [profile for profile in profiles if self._facts.shipped(profile.name)]
        return await asyncio.to_thread(self._rows, Wanted(there, uses=uses), {})

    async def _asked(self, provider: str, *, refresh: bool) -> Sequence[ModelInfo]:
        """The list of a provider; from its server where nothing is kept.

        Raises:
            ChatError: it gives none.
            TimeoutError: it takes long; the list is kept when it comes.
        """
        if provider == DEMO:
            return (await self._facts.read_lists([DEMO]))[DEMO]
        async with asyncio.timeout(self._seconds):
            models = await self._lists.models(provider, refresh=refresh)
        await self._facts.take_list(provider, models)
        return models

    def _rows(self, wanted: Wanted, lists: Mapping[str, Sequence[ModelInfo]]) -> Sequence[ModelRow]:
        gathering = _Gathering(self._facts, wanted)
        for profile in wanted.ready:
            if (models := lists.get(profile.name)) is not None:
                gathering.listed(profile, models)
            else:
                gathering.unlisted(profile, self._facts.shipped(profile.name))
            others = [place for place in (*wanted.named, *wanted.uses) if place[0] == profile.name]
            names = [profile.default_model, *(place.model for place in others)]
            gathering.unlisted(profile, filter(None, names))
        rows = in_order(list(gathering.rows.values()), wanted.asked)
        for row in rows[:_SEEN]:
            _ = row.card
        return rows


class _Gathering:
    """Rows, each model once."""

    def __init__(self, facts: KnownModels, wanted: Wanted) -> None:
        self.rows: dict[Place, ModelRow] = {}
        self._facts = facts
        self._uses = wanted.uses

    def listed(self, profile: ProviderProfile, models: Iterable[ModelInfo]) -> None:
        """Add what a provider lists."""
        for model in models:
            if model.id:
                place = Place(profile.name, model.id)
                chat, active = is_chat_model(model), model.active
                self._add(profile, place, chat=chat, active=active, listed=True)

    def unlisted(self, profile: ProviderProfile, models: Iterable[str]) -> None:
        """Add what no list of a provider has, as far as it is not there."""
        for model in models:
            place = Place(profile.name, model)
            if place not in self.rows and place._replace(model=_PREFIX + model) not in self.rows:
                chat = is_chat_model(ModelInfo(model))
                self._add(profile, place, chat=chat, active=True, listed=False)

    def _add(
        self, profile: ProviderProfile, place: Place, *, chat: bool, active: bool, listed: bool
    ) -> None:
        use = self._uses.get(place)
        if use is None and place.model.startswith(_PREFIX):
            use = self._uses.get(place._replace(model=place.model.removeprefix(_PREFIX)))
        self.rows[place] = ModelRow(
            place,
            profile.label or profile.name,
            LazyCard(self._facts.card, place),
            use or NO_USE,
            chat,
            active,
            listed,
            profile.name != DEMO and is_near(profile),
        )
