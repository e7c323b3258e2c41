"""What the app needs from outside: opened after its first frame."""

import asyncio
import importlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat_tui.cli.choosing import Choice, choose
from chat_tui.cli.compose import Setup
from chat_tui.cli.options import TargetOptions
from chat_tui.cli.reports import write_report
from chat_tui.core.clock import Clock
from chat_tui.core.errors import ChatError, StorageError, UsageError
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.ui.backend import FoundServer, Opened

if TYPE_CHECKING:  # what is needed to open comes after the first frame: 15 ms
    from chat_tui.cli.desk import AppDesk, Workings
    from chat_tui.cli.facts import KnownModels
    from chat_tui.cli.late_media import LateMedia
    from chat_tui.cli.models import ListedModels, ModelLists
    from chat_tui.core.context.planner import ContextPlanner
    from chat_tui.core.manager import ConversationManager
    from chat_tui.core.model_choices import ModelChoices
    from chat_tui.core.picking.rows import Listing
    from chat_tui.core.side_by_side.comparison import ComparisonFormat, Exported
    from chat_tui.core.turns import OpenConversation
    from chat_tui.providers.clients import Clients
    from chat_tui.storage import Store
    from chat_tui.ui.desk import SettingsDesk

MODEL_SECONDS = 1.0
"""How long the app waits for the name of a model before it opens without it."""

WARM_UP_DELAY = 0.3
"""Seconds between opening and the imports that the first prompt needs."""

_DAY = 86_400.0


class AppBackend:
    """The `Backend` of the app. Making it is cheap: no sqlite3, no httpx.

    Args:
        setup: settings, folders, providers.
        choice: whom new conversations talk to.
        clock: the time that is stored.
    """

    def __init__(self, setup: Setup, choice: Choice, clock: Clock) -> None:
        self.target = choice.target
        self.asked_for = choice.target if choice.by == "options" else None
        self._setup = setup
        self._choice = choice
        self._clock = clock
        self._found: dict[str, ProviderProfile] = {choice.profile.name: choice.profile}
        self._store: Store | None = None
        self._temporary: Store | None = None
        self._clients: Clients | None = None
        self._models: ListedModels | None = None
        self._lists: ModelLists | None = None
        self._facts: KnownModels | None = None
        self._choices: ModelChoices | None = None
        self._desk: AppDesk | None = None
        self._manager: ConversationManager | None = None
        self._media: LateMedia | None = None
        self._warming: asyncio.Task[None] | None = None
        self._closing = False

    def label(self, provider: str) -> str:
        """See `Backend.label`."""
        profile = self._profiles().get(provider)
        return (profile.label or profile.name) if profile is not None else provider

    async def open(
        self,
        on_trouble: Callable[[StorageError | None], None],
        on_notice: Callable[[str], None],
    ) -> Opened:
        """See `Backend.open`."""
        # Here, because the first frame need not pay for them.
        from chat_tui.cli.desk import AppDesk, Workings
        from chat_tui.cli.facts import KnownModels
        from chat_tui.cli.late_media import LateMedia
        from chat_tui.cli.models import ListedModels, ModelLists
        from chat_tui.cli.settings_desk import AppSettingsDesk
        from chat_tui.core.exchanges import ExchangeLog
        from chat_tui.core.manager import ConversationManager
        from chat_tui.providers.clients import Clients
        from chat_tui.providers.profiles import built_in
        from chat_tui.storage import open_store
        from chat_tui.storage.learnt import LearntFile
        from chat_tui.storage.model_choices import StoredChoices
        from chat_tui.storage.model_lists import ModelListCache
        from chat_tui.storage.prompts import PromptFiles

        def tell(trouble: StorageError | None) -> None:
            if not self._closing:
                on_trouble(trouble)

        setup, clock = self._setup, self._clock
        memory, log = LearntFile(setup.paths.state / "learnt.json"), ExchangeLog()
        self._clients = clients = Clients(
            setup.profiles,
            setup.environ,
            clock,
            load_image=self._load_image,
            memory=memory,
            log=log,
        )
        clients.add(self._choice.profile)
        self._models = models = ListedModels(clients)
        cache = ModelListCache(setup.paths.cache / "models")
        self._lists = lists = ModelLists(clients, cache, clock)
        self._store = store = open_store(setup.paths)
        # Its thread begins with the first temporary conversation.
        self._temporary = open_store(None)
        store.on_trouble(tell)
        store.on_notice(on_notice)
        # The first call opens the database, in the store's thread. What is wrong is told first.
        await store.summaries(limit=1)
        self._warming = asyncio.create_task(self._warm_up_later())
        if not self.target.model:
            await self._name_model(models)
        workings = Workings(clients, lists, memory, log, clock)
        self._desk = desk = AppDesk(setup, workings, self._use_parameters, self._leave_provider)
        built_in_names = frozenset(built_in(setup.environ))
        settings = AppSettingsDesk(setup.paths, setup.settings, store, built_in_names)
        self._facts = facts = KnownModels(clients, memory, clock, lists)
        planner = _planner(facts, workings, settings)
        self._manager = manager = ConversationManager(
            store, models, clock=clock, temporary=self._temporary, planner=planner
        )
        self._choices = choices = StoredChoices(store)
        prompts = PromptFiles(setup.paths.prompts)
        self._media = media = LateMedia()
        return Opened(manager, store, desk, prompts, settings, choices, media)

    async def _load_image(self, sha256: str) -> bytes | None:
        """The bytes of a picture, of a temporary conversation too; None where there are none."""
        for store in (self._store, self._temporary):
            found = await store.attachment(sha256) if store is not None else None
            if found is not None:
                return found.content
        return None

    def _use_parameters(self, parameters: Mapping[str, Any]) -> None:
        self.target = replace(self.target, parameters=parameters)

    def _leave_provider(self, name: str, now: str) -> None:
        """Have new conversations talk to somebody that is there, where this provider is gone."""
        if self.target.provider != name:
            return
        if now:
            self.target = replace(self.target, provider=now)
            return
        settings = replace(self._setup.settings, providers=self._own())
        if settings.provider not in ("", *self._profiles()):
            settings = replace(settings, provider="", model="")
        choice = choose(TargetOptions(), settings, self._profiles(), self._setup.environ)
        self.target = replace(choice.target, parameters=self.target.parameters)

    def _own(self) -> Mapping[str, ProviderProfile]:
        """The user's providers: as they were edited meanwhile, once that is possible."""
        return self._desk.own if self._desk is not None else self._setup.settings.providers

    async def newest(self) -> str:
        """See `Backend.newest`."""
        from chat_tui.cli.lookup import newest

        if self._store is None:
            return ""
        try:
            return await newest(self._store)
        except UsageError:
            return ""

    def _profiles(self) -> Mapping[str, ProviderProfile]:
        """All providers: as they were edited meanwhile, once that is possible."""
        if self._clients is not None:
            return self._clients.profiles
        return {**self._setup.profiles, **self._found}

    def _target(self, provider: str, model: str) -> Target:
        return replace(self.target, provider=provider, model=model)

    async def model_rows(self, provider: str, *, refresh: bool = False) -> "Listing":
        """See `Backend.model_rows`."""
        # Here, because the first frame need not pay for them.
        from chat_tui.cli.rows import ModelRows, Wanted, ready_profiles
        from chat_tui.core.model_choices import Place
        from chat_tui.core.picking.rows import Listing

        if self._lists is None or self._facts is None or self._choices is None:
            return Listing()
        profiles, own = self._profiles(), {*self._found, *self._own()}
        there = ready_profiles(profiles, self._setup.environ, own)
        ready = {profile.name: profile for profile in (*there, profiles[DEMO])}
        if (asked := profiles.get(provider)) is not None:
            ready.setdefault(provider, asked)
        try:
            uses = await self._choices.uses()
        except StorageError:
            uses = {}  # the store tells what is wrong with it
        named = [Place(self.target.provider, self.target.model)]
        wanted = Wanted(tuple(ready.values()), provider, named, uses, refresh)
        return await ModelRows(self._lists, self._facts).gather(wanted)

    async def export_comparison(
        self, chat: "OpenConversation", format_: "ComparisonFormat"
    ) -> "Exported":
        """See `Backend.export_comparison`."""
        # Here, because the first frame need not pay for it.
        from chat_tui.storage.exporters.comparison import export_comparison

        votes = [] if self._choices is None else await self._choices.votes()
        about, tree = chat.conversation, chat.tree
        return await export_comparison(chat.store, about, format_, votes=votes, tree=tree)

    async def discover(self) -> FoundServer | None:
        """See `Backend.discover`; nothing is looked for where something is configured."""
        if self._choice.by != "nothing" or self._clients is None:
            return None
        # In a thread, so that keys stay responsive: 0.34 s for httpx.
        discovery = await asyncio.to_thread(
            importlib.import_module, "chat_tui.providers.listing.discovery"
        )
        for profile in await discovery.discover(self._setup.environ):
            self._clients.add(profile)
            self._found[profile.name] = profile
            target = self._target(profile.name, profile.default_model)
            return FoundServer(target, self.label(profile.name))
        return None

    async def write_crash_report(self, report: str) -> str:
        """See `Backend.write_crash_report`."""
        return await asyncio.to_thread(write_report, self._setup.paths.state, report)

    async def close(self) -> None:
        """See `Backend.close`; twice is safe."""
        self._closing = True
        if self._warming is not None:
            # The delay is cut short; an import in its thread cannot be.
            self._warming.cancel()
            await asyncio.wait([self._warming])
        if self._manager is not None:
            # Before the stores: what it counts in the background is stored.
            await self._manager.aclose()
        if self._media is not None:
            await self._media.aclose()
        if self._lists is not None:
            await self._lists.aclose()
        for store in (self._store, self._temporary):
            if store is not None:
                await store.aclose()
        if self._clients is not None:
            await self._clients.aclose()

    async def _warm_up_later(self) -> None:
        # The list and the first keys come before what only the first prompt needs.
        await asyncio.sleep(WARM_UP_DELAY)
        await asyncio.to_thread(self._warm_up)
        if self._store is not None:
            kept = self._setup.settings.keep_deleted_days * _DAY
            with suppress(StorageError):  # the store tells what is wrong with it
                await self._store.purge(self._clock.now() - kept)

    def _warm_up(self) -> None:
        """Import what the first prompt needs; in a thread."""
        importlib.import_module("chat_tui.providers.client")
        if self.target.provider == DEMO:
            importlib.import_module("chat_tui.providers.demo.transport")
        elif self._clients is not None and self._choice.profile.base_url.startswith("https:"):
            try:
                self._clients.warm_up()
            except ChatError:
                return  # the first prompt meets the same failure, and there it can be shown

    async def _name_model(self, models: "ListedModels") -> None:
        """Name the model at once where the server answers at once; else with the first prompt."""
        try:
            async with asyncio.timeout(MODEL_SECONDS):
                # In a thread, so that keys stay responsive: 0.34 s for httpx.
                await asyncio.to_thread(
                    importlib.import_module, "chat_tui.providers.listing.discovery"
                )
                self.target = await models.named(self.target)
        except (ChatError, TimeoutError):
            return  # the first prompt asks again, and there the failure can be shown


def _planner(
    facts: "KnownModels", workings: "Workings", settings: "SettingsDesk"
) -> "ContextPlanner":
    """What plans the requests of the app, by the settings as they are at each of them."""
    # Here, because the first frame need not pay for them.
    from chat_tui.cli.planning import make_planner
    from chat_tui.core.settings import policy_of

    return make_planner(facts, workings.memory, lambda: policy_of(settings.settings()))
