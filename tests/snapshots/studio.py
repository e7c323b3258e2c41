"""Takes pictures of the conversation screen."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.settings import Settings
from chat_tui.ui.app import ChatApp
from chat_tui.ui.widgets.transcript import Transcript
from tests.fakes import FakeClock, ScriptedClient, SimpleClientSource, Step, eventually
from tests.ui.rig import Rig, RigBackend

Act = Callable[[Rig], Awaitable[None]]
Shoot = Callable[..., bool]

SIZES = pytest.mark.parametrize(
    "size", [(120, 40), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}"
)


@pytest.fixture
def shoot(tmp_path: Path, snap_compare: Any) -> Iterator[Shoot]:
    """Run the app, do something, compare the picture."""
    backends: list[RigBackend] = []

    def run(
        *scripts: Iterable[Step],
        act: Act,
        size: tuple[int, int] = (120, 40),
        theme: str = "chat-tui-dark",
        planner: ContextPlanner | None = None,
    ) -> bool:
        clock = FakeClock()
        client = SimpleClientSource(ScriptedClient(*scripts))
        backend = RigBackend(tmp_path, client, clock, planner=planner)
        backends.append(backend)
        app = ChatApp(backend, Settings(theme=theme), clock)

        async def before(pilot: Pilot[None]) -> None:
            rig = Rig(app, pilot, backend, clock)
            await eventually(lambda: rig.screen.session.chat is not None)
            await act(rig)
            await eventually(lambda: rig.screen.context.settled)
            await _still(rig)

        return bool(snap_compare(app, terminal_size=size, run_before=before))

    yield run
    for backend in backends:
        backend.store.close()


async def lay_out_all(rig: Rig) -> None:
    """Lay out all of what is shown once: what is only estimated makes another scrollbar."""
    for transcript in rig.screen.query(Transcript):
        transcript.scroll_home(animate=False)
        await rig.idle()
        transcript.jump_to_end()
    await rig.idle()


async def _still(rig: Rig) -> None:
    """Wait until the picture stays as it is: what comes with a timer came, however busy it is."""
    before, same = None, 0
    while same < _SAME:
        await rig.pilot.pause(0.05)
        now = rig.app.screen._compositor.render_strips()
        same = same + 1 if now == before else 0
        before = now


_SAME = 2
"""Looks at the picture in a row that find nothing new."""
