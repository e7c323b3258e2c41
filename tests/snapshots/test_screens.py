"""How the screens over the conversation look. Look at the SVG files before you commit them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from chat_tui.core.checks import CheckStep
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.memory import Learnt
from chat_tui.core.messages import ChatMessage
from chat_tui.core.model_choices import ModelUse
from chat_tui.core.models import ABILITIES, Fact, ModelCard
from chat_tui.core.picking.rows import ModelRow, row_of
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Prices, ProviderProfile, Quirks, TimeLimits
from chat_tui.ui.app import ChatApp
from chat_tui.ui.desk import ProviderRow
from tests.fakes import TARGET, FakeClock, ScriptedClient, SimpleClientSource, answer, eventually
from tests.ui.conftest import plain_surroundings
from tests.ui.desk import FAKE, FakeDesk
from tests.ui.rig import Rig, RigBackend

__all__ = ["plain_surroundings"]

ROWS = [
    ProviderRow(
        ProviderProfile(
            "work",
            "https://gateway.example.com/openai/v1",
            "WORK_KEY",
            "gpt-5-mini",
            "Work gateway",
            {"X-Team": "blue"},
            limits=TimeLimits(connect=5),
            max_concurrency=4,
            quirks=Quirks(auth="api-key", left_out=frozenset({"seed"})),
            prices={"gpt-5-mini": Prices(0.25, 2, 0.025)},
        ),
        own=True,
        ready=True,
        key="from WORK_KEY",
    ),
    ProviderRow(FAKE, own=False, ready=True, key="none needed"),
    *(
        ProviderRow(
            ProviderProfile(name, f"https://api.{name}.com/v1", f"{name.upper()}_API_KEY"),
            own=False,
            ready=False,
            key=f"missing: {name.upper()}_API_KEY is not set",
        )
        for name in ("openai", "anthropic", "gemini", "deepseek")
    ),
]
STEPS = (
    CheckStep("dns", "ok", "gateway.example.com is 10.0.0.7.", seconds=0.01),
    CheckStep("tcp", "ok", "Connected.", seconds=0.02),
    CheckStep("tls", "ok", "The certificate is good until 2027-01-01.", seconds=0.05),
    CheckStep("auth", "failed", "The key was refused.", hint="Paste another one with e."),
    CheckStep("models", "skipped", "Not asked."),
    CheckStep("chat", "skipped", "Not asked."),
)


def _size_id(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _models() -> list[ModelRow]:
    """What the provider of the pictures lists."""
    return [
        row_of(
            ModelCard(
                "work",
                f"vendor/model-{at}",
                window=Fact(128_000 * (at % 9 + 1), "list"),
                input_price=Fact(0.15 * at, "list"),
                output_price=Fact(0.6 * at, "catalogue"),
                abilities={
                    each: Fact(True, "catalogue")
                    for each in ABILITIES
                    if (each == "json") is not bool(at % 2)
                },
                catalogue_date="2026-01-01",
            ),
            "Work gateway",
            ModelUse(favourite=at < 2),
        )
        for at in range(300)
    ]


def _furnish(desk: FakeDesk, reply: ChatMessage) -> None:
    """Have something to show on each screen."""
    desk.rows = list(ROWS)
    desk.steps = STEPS
    desk.memory.learn(TARGET.provider, TARGET.model, Learnt(frozenset({"seed"})))
    record = ExchangeRecord(
        reply.id,
        "POST",
        "https://api.example.com/v1/chat/completions",
        {"authorization": "Bearer [key]", "content-type": "application/json"},
        '{"model": "model-1", "stream": true, "messages": [{"role": "user", "content": "为什么"}]}',
        status=200,
        reason="OK",
        response_headers={"content-type": "text/event-stream"},
        started=1_767_258_000.0,
        phases={"connected": 0.02, "secured": 0.06, "sent": 0.07, "answered": 0.4, "ended": 1.9},
    )
    record.receive(b'data: {"choices": [{"delta": {"content": "Hi."}}]}\n\ndata: [DONE]\n\n')
    desk.log.add(record)


@pytest.fixture
def shoot(tmp_path: Path, snap_compare: Any) -> Iterator[Any]:
    """Run the app, open a screen with some keys, compare the picture."""
    backends: list[RigBackend] = []

    def run(
        *keys: str,
        shown: str,
        size: tuple[int, int] = (120, 40),
        theme: str = "chat-tui-dark",
    ) -> bool:
        clock = FakeClock()
        client = SimpleClientSource(ScriptedClient(answer("Hi.")))
        backend = RigBackend(tmp_path, client, clock)
        backend.rows = _models()
        backends.append(backend)
        app = ChatApp(backend, Settings(theme=theme), clock)

        async def before(pilot: Pilot[None]) -> None:
            rig = Rig(app, pilot, backend, clock)
            await eventually(lambda: rig.screen.session.chat is not None)
            _furnish(rig.desk, await rig.ask("Hello"))
            await pilot.press("ctrl+g", keys[0])
            await eventually(lambda: rig.app.screen not in (rig.screen, None))
            await eventually(lambda: rig.app.focused is not None)
            for key in keys[1:]:
                await pilot.pause()
                await pilot.press(key)
            await eventually(lambda: shown in rig.drawn())
            await pilot.pause(0.1)

        return bool(snap_compare(app, terminal_size=size, run_before=before))

    yield run
    for backend in backends:
        backend.store.close()


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=_size_id)
def test_parameters(shoot: Any, size: tuple[int, int]) -> None:
    """A wrong value, a refused parameter, the help of the row with the focus."""
    assert shoot("p", "6", "4", "down", "3", shown="temperature cannot be 3.", size=size)


@pytest.mark.parametrize("size", [(120, 40), (40, 12)], ids=_size_id)
def test_providers(shoot: Any, size: tuple[int, int]) -> None:
    """The list with its groups, and all of one provider."""
    assert shoot("k", "k", shown="Base URL", size=size, theme="chat-tui-light")


def test_provider_form(shoot: Any) -> None:
    """Adding a provider; what is wrong stands at the fields."""
    assert shoot("k", "a", "h", "t", "ctrl+s", shown="Begin it with", size=(80, 24))


def test_connection_test(shoot: Any) -> None:
    """Each step with its result, and what to do."""
    assert shoot("k", "k", "t", shown="It does not work yet.")


def test_models(shoot: Any) -> None:
    """The models of a provider with what is known of them."""
    assert shoot("k", "k", "m", shown="300 of 301", size=(80, 24))


@pytest.mark.parametrize(
    ("page", "shown"), [("1", '"model-1"'), ("3", "Answer began")], ids=["request", "timings"]
)
def test_raw(shoot: Any, page: str, shown: str) -> None:
    """The request and the timings."""
    assert shoot("v", page, shown=shown, size=(80, 24))
