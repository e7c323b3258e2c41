"""The real app over a real database, with providers that follow a script."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from chat_tui.cli.settings_desk import AppSettingsDesk
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.errors import StorageError
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage
from chat_tui.core.models import ModelCard
from chat_tui.core.picking.rows import Listing, ModelRow, row_of
from chat_tui.core.ports import ClientSource
from chat_tui.core.settings import Settings
from chat_tui.core.side_by_side.comparison import ComparisonFormat, Exported
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.storage import Store, open_store, paths_under
from chat_tui.storage.exporters.comparison import export_comparison
from chat_tui.storage.model_choices import StoredChoices
from chat_tui.storage.prompts import PromptFiles
from chat_tui.ui.app import ChatApp
from chat_tui.ui.backend import FoundServer, Opened
from chat_tui.ui.screens.conversation import ConversationScreen
from tests.fakes import TARGET, FakeClock, ScriptedClient, SimpleClientSource, Step, eventually
from tests.ui.desk import FakeDesk
from tests.ui.pictures import FakeMedia
from tests.ui.pilot import SteadyPilot
from tests.ui.strips import strips_of


class RigBackend:
    """A `Backend` on a database under a folder."""

    def __init__(
        self,
        home: Path,
        clients: ClientSource,
        clock: FakeClock,
        *,
        fails: Exception | None = None,
        found: FoundServer | None = None,
        planner: ContextPlanner | None = None,
    ) -> None:
        self.target: Target = TARGET
        self.asked_for: Target | None = None
        self.listed: list[Target] = [TARGET]
        self.rows: Sequence[ModelRow] = ()
        """More models, with what is known of them."""
        self.refreshed: list[str] = []
        """Providers whose lists were asked for anew."""
        self.reports: list[str] = []
        self.desk = FakeDesk()
        self.media = FakeMedia()
        self.paths = paths_under(home)
        self.store: Store = open_store(self.paths)
        self.temporary: Store = open_store(None)
        self.settings = Settings()
        """What the app was started with."""
        self._clients = clients
        self._clock = clock
        self._fails = fails
        self._found = found
        self._planner = planner
        self._manager: ConversationManager | None = None

    def label(self, provider: str) -> str:
        return provider.title()

    async def open(
        self,
        on_trouble: Callable[[StorageError | None], None],
        on_notice: Callable[[str], None],
    ) -> Opened:
        if self._fails is not None:
            raise self._fails
        self.store.on_trouble(on_trouble)
        self.store.on_notice(on_notice)
        manager = self._manager = ConversationManager(
            self.store,
            self._clients,
            clock=self._clock,
            temporary=self.temporary,
            planner=self._planner,
        )
        return Opened(
            manager,
            self.store,
            self.desk,
            PromptFiles(self.paths.prompts),
            AppSettingsDesk(self.paths, self.settings, self.store),
            StoredChoices(self.store),
            self.media,
        )

    async def newest(self) -> str:
        rows = await self.store.summaries(limit=1)
        return rows[0].id if rows else ""

    async def model_rows(self, provider: str, *, refresh: bool = False) -> Listing:
        if refresh:
            self.refreshed.append(provider)
        cards = [ModelCard(each.provider, each.model) for each in self.listed]
        rows = [row_of(card, self.label(card.provider)) for card in cards]
        return Listing([*rows, *self.rows])

    async def export_comparison(
        self, chat: OpenConversation, format_: ComparisonFormat
    ) -> Exported:
        votes = await StoredChoices(self.store).votes()
        return await export_comparison(
            chat.store, chat.conversation, format_, votes=votes, tree=chat.tree
        )

    async def discover(self) -> FoundServer | None:
        return self._found

    async def write_crash_report(self, report: str) -> str:
        self.reports.append(report)
        return "crash.txt"

    async def close(self) -> None:
        if self._manager is not None:
            await self._manager.aclose()
        await self.store.aclose()
        await self.temporary.aclose()


@dataclass
class Rig:
    """An app that runs, and what a test needs of it."""

    app: ChatApp
    pilot: Pilot[None]
    backend: RigBackend
    clock: FakeClock

    @property
    def screen(self) -> ConversationScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, ConversationScreen)
        return screen

    @property
    def chat(self) -> OpenConversation:
        chat = self.screen.session.chat
        assert chat is not None
        return chat

    @property
    def desk(self) -> FakeDesk:
        return self.backend.desk

    @property
    def media(self) -> FakeMedia:
        return self.backend.media

    @property
    def toasts(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    @property
    def queued(self) -> list[str]:
        """The words of what waits for the end of the answer."""
        return [prompt.text for prompt in self.chat.queued]

    async def type(self, text: str) -> None:
        await SteadyPilot(self.app).type(text)

    async def send(self, text: str) -> None:
        """Write a prompt, send it, and wait until its answer has begun."""
        self.screen.prompt.put(text)
        before = len(self.chat.tree)
        await self.pilot.press("enter")
        await eventually(lambda: len(self.chat.tree) > before)
        await self.pilot.pause()

    async def ask(self, text: str) -> ChatMessage:
        """Send a prompt and wait for the end of its answer."""
        await self.send(text)
        await self.idle()
        return (await self.path())[-1]

    async def idle(self) -> None:
        await eventually(lambda: not self.screen.turns.running and self.screen.context.settled)
        await self.pilot.pause()

    async def path(self) -> list[ChatMessage]:
        return await self.chat.messages(self.chat.tree.path())

    def drawn(self) -> str:
        """What stands on the screen."""
        return "\n".join(strip.text.rstrip() for strip in strips_of(self.app))


@asynccontextmanager
async def running(
    home: Path,
    *scripts: Iterable[Step],
    clients: ClientSource | None = None,
    size: tuple[int, int] = (120, 40),
    settings: Settings | None = None,
    resume: str | None = None,
    fails: Exception | None = None,
    found: FoundServer | None = None,
    wait: bool = True,
    planner: ContextPlanner | None = None,
) -> AsyncGenerator[Rig, None]:
    """Run the app; `scripts` are the answers of its provider."""
    clock = FakeClock()
    source = clients or SimpleClientSource(ScriptedClient(*scripts))
    backend = RigBackend(home, source, clock, fails=fails, found=found, planner=planner)
    backend.settings = settings or Settings()
    app = ChatApp(backend, backend.settings, clock, resume=resume)
    app.animation_level = "none"
    try:
        async with app.run_test(size=size, notifications=True, tooltips=True):
            pilot = SteadyPilot(app)
            rig = Rig(app, pilot, backend, clock)
            if wait:
                await eventually(lambda: rig.screen.session.chat is not None)
                await pilot.pause()
            yield rig
    finally:
        await backend.close()
