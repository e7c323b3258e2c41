"""An app with nothing in it but the screen that is tested."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import Worker, WorkerState

import chat_tui.ui
from chat_tui.ui.actions import ActiveKeys, KeyedApp
from chat_tui.ui.themes import load_themes, theme_folder
from tests.ui.pilot import SteadyPilot
from tests.ui.strips import strips_of

_STYLES = Path(chat_tui.ui.__file__).parent / "app.tcss"


class _HostApp(KeyedApp):
    """Keeps what workers raise."""

    CSS_PATH = str(_STYLES)
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        for theme in load_themes(theme_folder())[0]:
            self.register_theme(theme)
        self.theme = "chat-tui-dark"
        self.active_keys = ActiveKeys({})
        self.failures: list[BaseException] = []

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What the real app tells of."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.failures.append(event.worker.error)


@dataclass
class Host:
    """The app, and what came of the screen."""

    app: _HostApp
    pilot: Pilot[None]
    screen: Screen[Any]
    results: list[Any] = field(default_factory=list)
    """What the screen was dismissed with."""

    @property
    def toasts(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    async def type(self, words: str) -> None:
        await SteadyPilot(self.app).type(words)

    def drawn(self) -> str:
        """What stands on the screen."""
        return "\n".join(strip.text.rstrip() for strip in strips_of(self.app))


@asynccontextmanager
async def hosting(
    screen: Screen[Any], *, size: tuple[int, int] = (120, 40)
) -> AsyncGenerator[Host, None]:
    """Show a screen; it may be dismissed."""
    app = _HostApp()
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True):
        pilot = SteadyPilot(app)
        host = Host(app, pilot, screen)
        await app.push_screen(screen, host.results.append)
        await pilot.pause()
        yield host
