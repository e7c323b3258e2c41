"""The picker over 10,000 models in a terminal: the CPU of each key, measured from outside.

Scaled by the start of a bare Textual app in the same run.
"""

import statistics
import sys
import time
from pathlib import Path

import pytest

from chat_tui.core.models import ModelInfo
from chat_tui.storage.model_lists import ModelListCache
from chat_tui.storage.paths import paths_under
from tests.benchmarks.bench_app import HERE, _chat, _environ, _first_key
from tests.terminal.program import TerminalProgram

pytestmark = pytest.mark.benchmark

BARE = 0.42
"""Seconds of the bare start on the machine for which the limit was set."""

LIMIT = 0.016
"""Seconds of CPU for a key on that machine: the promise of issue 6."""

COUNT = 10_000
ORIGIN = "https://models.example"

DOWN, UP, TAB, ERASE = "\x1b[B", "\x1b[A", "\t", "\x7f"
KEYS = [*"gpt-4o mini", ERASE, ERASE, *"\x15son vis", DOWN, DOWN, UP, TAB, *"\x15", *"m9"]


def _list_models(home: Path) -> None:
    """Have a provider whose list of models is kept."""
    paths = paths_under(home)
    paths.config.mkdir(parents=True)
    (paths.config / "config.toml").write_text(
        f'provider = "big"\nmodel = "first"\n[providers.big]\nbase_url = "{ORIGIN}/v1"\n'
        'key_env = "BIG_KEY"\n'
    )
    makers = ("openai/gpt-4o-mini", "anthropic/claude-sonnet", "google/gemini-flash", "meta/llama")
    models = [
        ModelInfo(
            f"{makers[at % len(makers)]}-{at}",
            window=8_000 * (1 + at % 16),
            input_price=at % 40 / 8,
            output_price=at % 40 / 2,
            abilities=frozenset({"vision"} if at % 3 else {"tools"}),
        )
        for at in range(COUNT)
    ]
    ModelListCache(paths.cache / "models").write("big", ORIGIN, models, time.time())


def _at_rest(program: TerminalProgram) -> float:
    """The CPU used when nothing is done any more."""
    before = -1.0
    while (now := program.cost().cpu) - before > 0.005:
        before = now
        program.settle(0.3)
    return now


def test_a_key_in_the_picker_over_10000_models(tmp_path: Path) -> None:
    _list_models(tmp_path)
    scale = _first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path / "bare").cpu / BARE
    environ = {**_environ(tmp_path), "BIG_KEY": "none"}
    with TerminalProgram(_chat(), environ) as program:
        program.wait_for("first")
        before = _at_rest(program)
        program.send("\x14")
        program.wait_for(f"{COUNT:,}"[:4])
        opened = _at_rest(program) - before
        costs = []
        for key in KEYS:
            before = program.cost().cpu
            program.send(key)
            program.settle(0.15)
            costs.append(program.cost().cpu - before)
    mean = statistics.mean(costs)
    print(
        f"\npicker of {COUNT:,}: opening and reading all {opened * 1000:.0f} ms; a key, mean "
        f"{mean * 1000:.1f} ms, worst {max(costs) * 1000:.0f} ms; the limit here is "
        f"{LIMIT * scale * 1000:.1f} ms"
    )
    assert mean <= LIMIT * scale
