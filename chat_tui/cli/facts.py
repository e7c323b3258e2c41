"""What is known of models: from the user, their server, lists, the catalogue, and refusals."""

import asyncio
import importlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.cli.models import ModelLists
from chat_tui.core.clock import Clock
from chat_tui.core.context.budget import Window
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.memory import ModelMemory
from chat_tui.core.models import ModelCard, ModelInfo
from chat_tui.core.targets import DEMO, Prices, ProviderProfile, Target
from chat_tui.providers.catalogue import DEMO_WINDOW, GATEWAYS
from chat_tui.providers.clients import Clients
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.listing.model_facts import stated
from chat_tui.providers.models.catalogue import Catalogue

if TYPE_CHECKING:  # it brings httpx: 0.34 s
    from chat_tui.providers.listing.loaded import Probe

LOOK_UP_SECONDS = 3.0
"""How long a look-up may take; a list that is on its way is kept all the same."""

SOON, MINUTE, HOUR = 5.0, 60.0, 3600.0
"""Seconds after which is asked again: a server of one's own that did not say (it may load the
model with the next prompt), one that did (it may be loaded anew), everybody else, and one that
answers and never says it."""


class _Place(NamedTuple):
    """A model where it is asked for: what is known of it is forgotten where any of this changes."""

    provider: str
    base_url: str
    key: tuple[object, ...]
    """Where the key comes from: lists depend on it."""
    model: str


@dataclass(slots=True)
class _Known:
    """What was heard of a model."""

    listed: ModelInfo | None = None
    """As its provider lists it, without what is not read here."""
    list_window: int | None = None
    loaded: int | None = None
    """Tokens that the server has given it."""
    owner: str = ""
    """Whom the list says that it is owned by: local servers put their own names there."""
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
        self._known: dict[_Place, _Known] = {}
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
        known = self._known.get(_place(profile, model), _Known())
        if known.loaded is not None:
            return Window(known.loaded, "server")
        if known.list_window is not None:
            return Window(known.list_window, "list")
        # A server of one's own gives a model the room that it has, and any name it likes.
        if not model or _is_near(profile):
            return Window()
        tokens = self._catalogue.find(_host(profile.base_url), model).window
        return Window(tokens, "catalogue" if tokens else "")

    def prices(self, target: Target) -> Prices | None:
        """See `ModelFacts.prices`."""
        profile = self._clients.profiles.get(target.provider)
        if profile is None or not target.model:
            return None
        if own := profile.prices.get(target.model):
            return own
        listed = self._known.get(_place(profile, target.model), _Known()).listed
        if listed is not None:
            prices = Prices(listed.input_price, listed.output_price, listed.cached_price)
            if prices != Prices():
                return prices
        if _is_near(profile):
            return None
        return self._catalogue.find(_host(profile.base_url), target.model).prices

    def card(self, target: Target) -> ModelCard:
        """See `ModelFacts.card`."""
        raise NotImplementedError

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
            known = self._known.setdefault(place, _Known())
            if self._clock.monotonic() < known.again:
                return
            near = _is_near(profile)
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

    async def _read(self, known: _Known, profile: ProviderProfile, model: str) -> None:
        """Read what is kept of a provider's list.

        Raises:
            UsageError: its base URL is none.
        """
        if self._lists is not None:
            _take(known, await self._lists.kept(profile.name), model)

    async def _hear(
        self, known: _Known, profile: ProviderProfile, target: Target, *, near: bool
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
        self, known: _Known, profile: ProviderProfile, model: str, *, near: bool
    ) -> bool:
        """Ask for the list where it must be new, or something is missing; False: there is none."""
        if not near and self._said(profile, model).tokens is not None:
            return True
        try:
            _take(known, await self._models(profile.name, refresh=near), model)
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
        self, known: _Known, profile: ProviderProfile, model: str, *, near: bool
    ) -> None:
        """Ask the server what it has loaded, as it was asked before, or else in all ways."""
        # Loaded by now.
        from chat_tui.providers.listing.loaded import probes_for, window_of

        known_way = [known.probe] if known.probe is not None else []
        known.probe = None
        for probe in known_way or probes_for(profile.name, known.owner, near=near):
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


def _take(known: _Known, models: Sequence[ModelInfo], model: str) -> None:
    """Keep what a list says of a model; nothing where it is not listed."""
    names = (model, f"models/{model}", model.removeprefix("models/"))
    info = next((each for each in models if each.id in names), None)
    if info is None:
        return
    known.owner = str(info.raw.get("owned_by") or "")
    tokens, effective = stated(info)
    if effective:
        known.loaded = tokens
    else:
        known.list_window = tokens
    known.listed = replace(info, raw={})


def _place(profile: ProviderProfile, model: str) -> _Place:
    key = (profile.key_env, profile.key_command, profile.key_file, profile.keyring)
    return _Place(profile.name, profile.base_url, key, model)


def _is_near(profile: ProviderProfile) -> bool:
    """Whether a provider is a server of one's own: on this machine, or in its network."""
    if profile.name in GATEWAYS:
        return False
    host = _host(profile.base_url)
    if ("." not in host and ":" not in host) or host.endswith(_NEAR):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


@lru_cache(maxsize=64)
def _host(base_url: str) -> str:
    """The host of an address; empty where it is none, which whoever uses it will tell."""
    try:
        return parse_base_url(base_url).host
    except UsageError:
        return ""


_NEAR = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""How names end that no other network knows."""
