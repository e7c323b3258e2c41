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
from tests.ui.pilot import SteadyPilot
from tests.ui.rig import Rig, RigBackend
from tests.ui.strips import strips_of

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

        async def before(_: Pilot[None]) -> None:
            rig = Rig(app, SteadyPilot(app), backend, clock)
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
        if not transcript.asleep:
            await _lay_out(transcript)
    await rig.idle()


async def _lay_out(transcript: Transcript) -> None:
    """Bring all messages into view, with their texts, and the end at last."""
    column = transcript.column

    def is_laid_out() -> bool:
        left = [index for index in range(len(column)) if column.rendered(index) is None]
        if left:
            transcript.scroll_still(column.span(left[0])[0])
        return not left

    await eventually(lambda: 0 < transcript.size.width == transcript._width)
    await eventually(is_laid_out)
    transcript.jump_to_end()


async def _still(rig: Rig) -> None:
    """Wait until the picture stays as it is: what comes with a timer came, however busy it is."""
    before, same = None, 0
    while same < _SAME:
        await rig.pilot.pause(0.05)
        now = strips_of(rig.app)
        same = same + 1 if now == before else 0
        before = now


_SAME = 2
"""Looks at the picture in a row that find nothing new."""
