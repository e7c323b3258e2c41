"""What the app needs from outside: opened after its first frame."""

import asyncio
import importlib
from collections.abc import Callable

from chat_tui.cli.choosing import Choice
from chat_tui.cli.compose import Setup
from chat_tui.cli.models import ListedModels
from chat_tui.cli.reports import write_report
from chat_tui.core.clock import Clock
from chat_tui.core.errors import ChatError, StorageError
from chat_tui.core.manager import ConversationManager
from chat_tui.core.targets import DEMO, Target
from chat_tui.providers.clients import Clients
from chat_tui.storage import open_store
from chat_tui.ui.backend import FoundServer, Opened

MODEL_SECONDS = 1.0
"""How long the app waits for the name of a model before it opens without it."""

WARM_UP_DELAY = 0.3
"""Seconds between opening and the imports that the first prompt needs."""


class AppBackend:
    """The `Backend` of the app. Making it is cheap: no sqlite3, no httpx.

    Args:
        setup: settings, folders, providers.
        choice: whom new conversations talk to.
        clock: the time that is stored.
    """

    def __init__(self, setup: Setup, choice: Choice, clock: Clock) -> None:
        self.target = choice.target
        self._setup = setup
        self._choice = choice
        self._clock = clock
        self._store = open_store(setup.paths)
        self._clients = Clients(setup.profiles, setup.environ, clock)
        self._clients.add(choice.profile)
        self._models = ListedModels(self._clients)
        self._warming: asyncio.Task[None] | None = None
        self._closing = False

    def label(self, provider: str) -> str:
        """See `Backend.label`."""
        profile = self._clients.profiles.get(provider)
        return (profile.label or profile.name) if profile is not None else provider

    async def open(self, on_trouble: Callable[[StorageError | None], None]) -> Opened:
        """See `Backend.open`."""

        def tell(trouble: StorageError | None) -> None:
            if not self._closing:
                on_trouble(trouble)

        self._store.on_trouble(tell)
        # The first call opens the database, in the store's thread. What is wrong is told first.
        await self._store.summaries(limit=1)
        self._warming = asyncio.create_task(self._warm_up_later())
        if not self.target.model:
            await self._name_model()
        manager = ConversationManager(self._store, self._models, clock=self._clock)
        return Opened(manager, self._store, self._store.notices)

    async def discover(self) -> FoundServer | None:
        """See `Backend.discover`; nothing is looked for where something is configured."""
        if self._choice.by != "nothing":
            return None
        # In a thread, so that keys stay responsive: 0.34 s for httpx.
        discovery = await asyncio.to_thread(importlib.import_module, "chat_tui.providers.discovery")
        for profile in await discovery.discover(self._setup.environ):
            self._clients.add(profile)
            target = Target(profile.name, profile.default_model)
            return FoundServer(target, self.label(profile.name))
        return None

    async def write_crash_report(self, report: str) -> str:
        """See `Backend.write_crash_report`."""
        return await asyncio.to_thread(write_report, self._setup.paths.state, report)

    async def close(self) -> None:
        """See `Backend.close`; twice is safe."""
        self._closing = True
        if self._warming is not None:
            await asyncio.wait([self._warming])
        await self._store.aclose()
        await self._clients.aclose()

    async def _warm_up_later(self) -> None:
        # The list and the first keys come before what only the first prompt needs.
        await asyncio.sleep(WARM_UP_DELAY)
        await asyncio.to_thread(self._warm_up)

    def _warm_up(self) -> None:
        """Import what the first prompt needs; in a thread."""
        importlib.import_module("chat_tui.providers.client")
        if self.target.provider == DEMO:
            importlib.import_module("chat_tui.providers.demo.transport")
        elif self._choice.profile.base_url.startswith("https:"):
            try:
                self._clients.warm_up()
            except ChatError:
                return  # the first prompt meets the same failure, and there it can be shown

    async def _name_model(self) -> None:
        """Name the model at once where the server answers at once; else with the first prompt."""
        if self._warming is not None:
            await asyncio.wait([self._warming])
        try:
            async with asyncio.timeout(MODEL_SECONDS):
                self.target = await self._models.named(self.target)
        except (ChatError, TimeoutError):
            return  # the first prompt asks again, and there the failure can be shown
