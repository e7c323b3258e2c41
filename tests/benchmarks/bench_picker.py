"""Choosing among 10,000 models: the CPU of a key.

Limits are for a machine whose bare Textual start is `BARE`: they are scaled by that of this run.
"""

import asyncio
import random
import sys
import time
from pathlib import Path

import pytest

from chat_tui.core.model_choices import Place
from chat_tui.core.models import Fact, ModelCard
from chat_tui.core.picking.finding import Finder
from chat_tui.core.picking.kinds import EFFORTS, ORDERS, TASKS
from chat_tui.core.picking.query import parse_query
from chat_tui.core.picking.rows import LazyCard, ModelRow
from chat_tui.core.picking.tasks import suited
from chat_tui.core.targets import Target
from chat_tui.ui.screens.picker.screen import ModelPicker
from tests.benchmarks.bench_app import HERE, _first_key
from tests.fakes import eventually
from tests.ui.host import hosting
from tests.ui.models import FakeChoices, FakeSource
from tests.ui.pilot import SteadyPilot

pytestmark = pytest.mark.benchmark

BARE = 0.42
"""Seconds of the bare start on the machine for which the limits were set."""

KEY = 0.008
"""Seconds of CPU that finding may take of a key's 16 ms."""

DRAWN = 0.016
"""The same for a key of the picker: hearing it, finding, drawing all that changes."""

CHOICE = 0.1
"""The same for what is no typing: another order, another task, a new list."""

RUNS = 3

SEEN = 40
"""Rows that are drawn."""

TYPED = (
    *("g", "gp", "gpt", "gpt-", "gpt-4", "gpt-4o", "gpt-4o ", "gpt-4o m", "gpt-4o mi"),
    *("gpt-4o min", "gpt-4o mini", "gpt-4o min", "gpt-4o mi"),
    *("s", "so", "son", "son ", "son v", "son vi", "son vis", "son visi", "son visio"),
    *("son vision", "e", "vision", ">100k", "$<2 -tools", "clsn4", "xqzw"),
)

KEYS = (
    *("g", "p", "t", "minus", "4", "o", "space", "m", "i", "n", "i", "backspace", "down", "down"),
    *("ctrl+u", "s", "o", "n", "space", "v", "i", "s", "up", "tab", "tab", "ctrl+u"),
)

FRAME = 0.05
"""Seconds until all is drawn that a key has changed."""

_FAMILIES = (
    *("gpt-4o", "gpt-4o-mini", "gpt-4.1-nano", "gpt-5", "claude-3-5-sonnet", "claude-sonnet-4.5"),
    *("claude-opus-4", "gemini-2.5-flash", "gemini-2.5-pro", "llama-3.3-70b", "qwen3-235b-a22b"),
    *("deepseek-chat", "mistral-small", "pixtral-12b", "grok-4", "kimi-k2", "phi-4-reasoning"),
)
_VENDORS = ("openai", "anthropic", "google", "meta-llama", "qwen", "mistralai", "x-ai", "TheBloke")
_ENDS = ("instruct", "preview", "turbo", "awq", "gguf", "fp8", "latest")


def make_rows(count: int = 10_000) -> list[ModelRow]:
    """Models as routers list them, with what is known of each."""
    draw = random.Random(1)
    rows = []
    for number in range(count):
        family, vendor, end = (draw.choice(words) for words in (_FAMILIES, _VENDORS, _ENDS))
        place = Place(f"provider-{number % 20}", f"{vendor}/{family}-{end}-{number:05}")
        rows.append(ModelRow(place, f"Provider {number % 20}", LazyCard(_card, place)))
    return rows


def _card(target: Target) -> ModelCard:
    draw = random.Random(target.model)
    return ModelCard(
        target.provider,
        target.model,
        window=Fact(draw.choice((8_192, 128_000, 1_000_000)), "list"),
        input_price=Fact(draw.random() * 10, "list"),
        abilities={"vision": Fact(draw.random() < 0.4, "list"), "tools": Fact(True, "list")},
        released=Fact(f"202{draw.randrange(6)}-0{draw.randrange(1, 9)}", "catalogue"),
    )


def test_a_key_finds_among_10000_models_in_no_time(tmp_path: Path) -> None:
    scale = _first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path).cpu / BARE
    rows = make_rows()
    began = time.process_time()
    finder = Finder(rows)
    made = time.process_time() - began
    while finder.read_ahead():
        pass
    costs = _typing(finder)
    for _ in range(RUNS - 1):
        # Whatever else the machine does, it does not do each time.
        finder = Finder(rows)
        while finder.read_ahead():
            pass
        costs = {typed: min(cost, costs[typed]) for typed, cost in _typing(finder).items()}
    worst = max(costs, key=lambda typed: costs[typed])
    mean = sum(costs.values()) / len(costs)
    print(
        f"\nfinding among 10,000: worst {costs[worst] * 1e3:.1f} ms ({worst!r}), mean "
        f"{mean * 1e3:.1f} ms; a new list {made * 1e3:.0f} ms; the limit for a key here is "
        f"{KEY * scale * 1e3:.1f} ms"
    )
    assert costs[worst] <= KEY * scale
    assert made <= CHOICE * scale


def _typing(finder: Finder) -> dict[str, float]:
    """The CPU of each key, by what stands in the line then."""
    costs: dict[str, float] = {}
    for typed in TYPED:
        began = time.process_time()
        found = finder.find(parse_query(typed))
        seen = list(found[:SEEN])
        costs[typed] = max(time.process_time() - began, costs.get(typed, 0))
        assert len(seen) == min(SEEN, len(found))
    return costs


def test_another_order_or_task_takes_a_moment(tmp_path: Path) -> None:
    scale = _first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path).cpu / BARE
    finder = Finder(make_rows())
    while finder.read_ahead():
        pass
    costs: dict[str, float] = {}
    for order in ORDERS:
        began = time.process_time()
        assert len(finder.find(parse_query(""), order=order)) == 10_000
        costs[order] = time.process_time() - began
    for task in TASKS:
        for effort in EFFORTS:
            suited(finder.rows, task, effort)  # as with the picker's second look at it
            began = time.process_time()
            assert suited(finder.rows, task, effort)
            costs[f"{task}, {effort}"] = time.process_time() - began
    told = "; ".join(f"{what} {cost * 1e3:.0f}" for what, cost in costs.items())
    print(f"\nms for 10,000: {told}; the limit here is {CHOICE * scale * 1e3:.0f} ms")
    assert max(costs.values()) <= CHOICE * scale


async def test_a_key_in_the_picker_is_drawn_in_time(tmp_path: Path) -> None:
    scale = _first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path).cpu / BARE
    picker = ModelPicker(Target("provider-1", "x"), FakeSource(make_rows()), FakeChoices())
    async with hosting(picker) as host:
        await eventually(lambda: len(picker.table.rows) > 10_000)
        await eventually(lambda: not [each for each in host.app.workers if each.name == "facts"])
        best: dict[int, float] = {}
        for _ in range(RUNS):
            for at, key in enumerate(KEYS):
                began = time.process_time()
                await SteadyPilot(host.app).strike(key)
                await asyncio.sleep(FRAME)
                cost = time.process_time() - began
                best[at] = min(cost, best.get(at, cost))
    mean = sum(best.values()) / len(best)
    print(
        f"\na key in the picker over 10,000: mean {mean * 1e3:.1f} ms, worst "
        f"{max(best.values()) * 1e3:.1f} ms; the limit here is {DRAWN * scale * 1e3:.1f} ms"
    )
    assert mean <= DRAWN * scale
