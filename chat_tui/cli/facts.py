"""What is known of models: from the user, their server, lists, the catalogue, and refusals."""

import asyncio
import importlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.cli.cards import Known, SaidPrices, card_of
from chat_tui.cli.listed import Endpoint, ListsAtHand, endpoint_of
from chat_tui.cli.models import ModelLists
from chat_tui.cli.near import host_of, is_near
from chat_tui.core.clock import Clock
from chat_tui.core.context.budget import Window
from chat_tui.core.errors import ChatError
from chat_tui.core.memory import ModelMemory
from chat_tui.core.models import ModelCard, ModelInfo
from chat_tui.core.targets import DEMO, Prices, ProviderProfile, Target
from chat_tui.providers.catalogue import DEMO_WINDOW
from chat_tui.providers.clients import Clients
from chat_tui.providers.models.catalogue import Catalogue, Entry

if TYPE_CHECKING:  # it brings httpx: 0.34 s
    from chat_tui.providers.listing.loaded import Probe

LOOK_UP_SECONDS = 3.0
"""How long a look-up may take; a list that is on its way is kept all the same."""

SOON, MINUTE, HOUR = 5.0, 60.0, 3600.0
"""Seconds after which is asked again: a server of one's own that did not say (it may load the
model with the next prompt), one that did (it may be loaded anew), everybody else, and one that
answers and never says it."""


class _Place(NamedTuple):
    """A model where it is asked for."""

    endpoint: Endpoint
    model: str


@dataclass(slots=True)
class _Heard:
    """What its server says of a model, and when to ask it again."""

    loaded: int | None = None
    """Tokens that the server has given it."""
    probe: "Probe | None" = None
    """What the server has answered to."""
    again: float = 0.0
    """When to ask again, by the clock that only goes forward."""


class KnownModels:
    """The `ModelFacts` of the app and of `ask`. There is nothing to close.

    Args:
        clients: all providers, as they are now, and the way to them.
        memory: what refusals told.
        clock: for when to ask again.
        lists: what is kept of providers' lists; without it nothing comes to the disk.
    """

    def __init__(
        self,
        clients: Clients,
        memory: ModelMemory,
        clock: Clock,
        lists: "ModelLists | None" = None,
    ) -> None:
        self._clients = clients
        self._memory = memory
        self._clock = clock
        self._lists = lists
        self._catalogue = Catalogue()
        self._at_hand = ListsAtHand()
        self._heard: dict[_Place, _Heard] = {}
        self._asking: dict[_Place, asyncio.Lock] = {}

    def window(self, target: Target) -> Window:
        """See `ModelFacts.window`."""
        profile = self._clients.profiles.get(target.provider)
        learnt = self._memory.learnt(target.provider, target.model)
        own = learnt.own_window if profile is None else profile.windows.get(target.model)
        if own := own or learnt.own_window:
            return Window(own, "settings")
        said = Window() if profile is None else self._said(profile, target.model)
        refused = learnt.window
        if refused is not None and (said.tokens is None or refused < said.tokens):
            # Whoever promises more has refused it: asked for again, it would refuse again.
            return Window(refused, "error")
        return said

    def _said(self, profile: ProviderProfile, model: str) -> Window:
        """What the server, its list, or the catalogue says."""
        if profile.name == DEMO:
            return Window(DEMO_WINDOW, "list")
        heard = self._heard.get(_place(profile, model))
        if heard is not None and heard.loaded is not None:
            return Window(heard.loaded, "server")
        listed = self._at_hand.of(profile, model)
        if listed is not None and listed.window is not None:
            return Window(listed.window, "server" if listed.effective else "list")
        tokens = self._shipped(profile, model).window
        return Window(tokens, "catalogue" if tokens else "")

    def _shipped(self, profile: ProviderProfile, model: str) -> Entry:
        """What the catalogue says.

        A server of one's own gives a model the room that it has, and any name it likes.
        """
        if not model or profile.name == DEMO or is_near(profile):
            return Entry()
        return self._catalogue.find(host_of(profile.base_url), model)

    def prices(self, target: Target) -> Prices | None:
        """See `ModelFacts.prices`."""
        profile = self._clients.profiles.get(target.provider)
        return None if profile is None else self._said_prices(profile, target.model).prices

    def _said_prices(self, profile: ProviderProfile, model: str) -> SaidPrices:
        if own := profile.prices.get(model):
            return SaidPrices(own, "settings")
        listed = self._at_hand.of(profile, model)
        if listed is not None:
            info = listed.info
            prices = Prices(info.input_price, info.output_price, info.cached_price)
            if prices != Prices():
                return SaidPrices(prices, "list")
        return SaidPrices(self._shipped(profile, model).prices)

    def card(self, target: Target) -> ModelCard:
        """See `ModelFacts.card`."""
        profile = self._clients.profiles.get(target.provider)
        if profile is None:
            return ModelCard(target.provider, target.model)
        listed = self._at_hand.of(profile, target.model)
        shipped = self._shipped(profile, target.model)
        date = self._catalogue.date if shipped != Entry() else ""
        info = listed.info if listed is not None else None
        known = Known(profile, info, shipped, date, is_near(profile))
        said = self._said_prices(profile, target.model)
        return card_of(target, self.window(target), said, known)

    async def read_lists(self, providers: Iterable[str]) -> Mapping[str, Sequence[ModelInfo]]:
        """Read what is kept of providers' lists, and know all their models from then on.

        Nobody is asked. Providers of which nothing is kept are missing; the demo's list is known.
        """
        found: dict[str, Sequence[ModelInfo]] = {}
        for name in providers:
            if name == DEMO:
                found[name] = self._at_hand.demo
            elif self._lists is not None:
                with suppress(ChatError):  # no such provider, or a base URL that is none
                    if models := await self._lists.kept(name):
                        await self.take_list(name, models)
                        found[name] = models
        return found

    async def take_list(self, provider: str, models: Sequence[ModelInfo]) -> None:
        """Know all models of a list that somebody else has asked for."""
        if (profile := self._clients.profiles.get(provider)) is not None:
            await self._at_hand.take(profile, models)

    def shipped(self, provider: str) -> Sequence[str]:
        """The models that the catalogue has at a provider's host, the newest first.

        They are those that were there when the catalogue was made; none where it does not know the
        host, or everybody has other models.
        """
        profile = self._clients.profiles.get(provider)
        if profile is None or provider == DEMO or is_near(profile):
            return ()
        return self._catalogue.current(host_of(profile.base_url))

    async def look_up(self, target: Target, *, ask: bool = True) -> None:
        """See `ModelFacts.look_up`.

        Read is what is kept of the provider's list; the list is asked for where that says no
        window, and the catalogue neither. Servers of one's own are asked each time what they have
        loaded.
        """
        profile = self._clients.profiles.get(target.provider)
        if profile is None or not target.model or target.provider == DEMO:
            return
        place = _place(profile, target.model)
        # Who comes while another one asks waits, and then knows it, too.
        async with self._asking.setdefault(place, asyncio.Lock()):
            known = self._heard.setdefault(place, _Heard())
            if self._clock.monotonic() < known.again:
                return
            near = is_near(profile)
            if not near or known.loaded is None:  # else it is older than what the server said
                with suppress(ChatError):  # a base URL that is none has nothing kept
                    await self._read(known, profile, target.model)
            if not ask or (near and target.model in profile.windows):
                return
            # Set before: who gives up is not to wait for the same silence again.
            known.again = self._clock.monotonic() + (SOON if near else MINUTE)
            try:
                async with asyncio.timeout(LOOK_UP_SECONDS):
                    wait = await self._hear(known, profile, target, near=near)
            except (ChatError, TimeoutError):
                return
            known.again = self._clock.monotonic() + wait

    async def _read(self, known: _Heard, profile: ProviderProfile, model: str) -> None:
        """Read what is kept of a provider's list.

        Raises:
            UsageError: its base URL is none.
        """
        if self._lists is not None and (models := await self._lists.kept(profile.name)):
            await self._take(known, profile, models, model)

    async def _take(
        self, known: _Heard, profile: ProviderProfile, models: Sequence[ModelInfo], model: str
    ) -> None:
        """Keep what a list says, of this model also how it is loaded."""
        await self._at_hand.take(profile, models)
        listed = self._at_hand.of(profile, model)
        if listed is not None and listed.effective:
            known.loaded = listed.window

    async def _hear(
        self, known: _Heard, profile: ProviderProfile, target: Target, *, near: bool
    ) -> float:
        """Ask whoever may know it; gives the seconds after which to ask again.

        Raises:
            ChatError: nobody can be asked.
        """
        # In a thread, so that keys stay responsive: 0.34 s for httpx.
        await asyncio.to_thread(importlib.import_module, "chat_tui.providers.listing.loaded")
        before, listed = known.loaded, True
        if known.probe is None:
            listed = await self._list(known, profile, target.model, near=near)
        if known.probe is not None or known.loaded is None:
            await self._probe(known, profile, target.model, near=near)
        if known.loaded is not None and known.loaded != before:
            self._unlearn(target, known.loaded)
        if near and known.loaded is not None:
            return MINUTE
        return SOON if near and (known.probe is not None or not listed) else HOUR

    async def _list(
        self, known: _Heard, profile: ProviderProfile, model: str, *, near: bool
    ) -> bool:
        """Ask for the list where it must be new, or something is missing; False: there is none."""
        if not near and self._said(profile, model).tokens is not None:
            return True
        try:
            models = await self._models(profile.name, refresh=near)
            await self._take(known, profile, models, model)
        except ChatError:
            if not near:
                raise
            return False  # some have no list, and tell it all the same
        return True

    async def _models(self, provider: str, *, refresh: bool) -> Sequence[ModelInfo]:
        if self._lists is None:
            return await self._clients.models(provider)
        return await self._lists.models(provider, refresh=refresh)

    async def _probe(
        self, known: _Heard, profile: ProviderProfile, model: str, *, near: bool
    ) -> None:
        """Ask the server what it has loaded, as it was asked before, or else in all ways."""
        # Loaded by now.
        from chat_tui.providers.listing.loaded import probes_for, window_of

        known_way = [known.probe] if known.probe is not None else []
        known.probe = None
        listed = self._at_hand.of(profile, model)
        owner = listed.owner if listed is not None else ""
        for probe in known_way or probes_for(profile.name, owner, near=near):
            windows = await self._clients.loaded_windows(profile.name, probe)
            if windows is not None:
                known.probe = probe
                # One that was unloaded will have the same room when it comes back.
                known.loaded = window_of(windows, model) or known.loaded
                return

    def _unlearn(self, target: Target, loaded: int) -> None:
        """Forget what was refused: the model has been loaded with more room since then.

        Where it was not, the next refusal tells it again, and that is believed.
        """
        learnt = self._memory.learnt(target.provider, target.model)
        if learnt.window is not None and learnt.window < loaded:
            self._memory.learn(target.provider, target.model, replace(learnt, window=None))


def _place(profile: ProviderProfile, model: str) -> _Place:
    return _Place(endpoint_of(profile), model)
