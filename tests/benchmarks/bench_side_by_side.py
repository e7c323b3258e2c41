"""Six answers side by side against one alone, in a terminal, measured from outside.

make bench
"""

import asyncio
import os
import statistics
import sys
from functools import partial
from pathlib import Path

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.ids import IdSource
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import DEMO, Target
from chat_tui.storage import open_store
from chat_tui.storage.paths import paths_under
from tests.terminal.program import TerminalProgram

pytestmark = pytest.mark.benchmark

RATE = 200
"""Deltas a second of each answer."""
SECONDS = 10.0
RUNS = 3
SIZE = (240, 50)
"""Six columns fit."""
KEY = "Ж"


def _conversation(home: Path, models: int) -> None:
    """Write a conversation that is side by side, or with one model."""

    async def write() -> None:
        async with open_store(paths_under(home)) as store:
            new_id = IdSource(partial(float, 1_700_000_000.0))
            prompt = ChatMessage(new_id(), "user", (TextPart("Hello"),), turn="t")
            replies = [
                ChatMessage(
                    new_id(),
                    "assistant",
                    (TextPart("Good day"),),
                    parent=prompt.id,
                    turn="t",
                    model=DEMO,
                    provider=DEMO,
                    slot=slot,
                )
                for slot in range(models)
            ]
            conversation = Conversation(
                new_id(),
                title="Columns",
                targets=(Target(DEMO, DEMO),) * models,
                head=replies[0].id,
                heads={reply.slot: reply.id for reply in replies},
                board=Board(tuple(range(models))) if models > 1 else Board(),
            )
            await store.add_messages(conversation, [prompt, *replies])

    asyncio.run(write())


def _environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "CHAT_TUI_HOME": str(home),
        "CHAT_TUI_DISCOVERY": "0",
        "CHAT_TUI_DEMO_RATE": str(RATE),
    }


def _answering(home: Path, models: int) -> tuple[float, list[float]]:
    """CPU seconds for each second of answering, and how long keys took meanwhile."""
    _conversation(home, models)
    command = [sys.executable, "-m", "chat_tui", "--demo", "--resume"]
    echoes: list[float] = []
    with TerminalProgram(command, _environ(home), SIZE) as program:
        program.wait_for("Good day")
        program.settle(1.5)
        # Longer than is measured: start and end of the answers are not counted.
        program.send("/long 4000")
        program.settle(0.3)
        program.send("\r")
        program.settle(1.5, timeout=2.0)
        before = program.cost().cpu
        spent = 0.0
        while spent < SECONDS:
            start = len(program.output)
            program.send(KEY)
            took = program.wait_for(KEY, start=start)
            echoes.append(took)
            program.send("\x7f")
            program.settle(0.5, timeout=0.5)
            spent += took + 0.5
        return (program.cost().cpu - before) / spent, echoes


def test_six_answers_cost_six_times_one(tmp_path: Path) -> None:
    one, six, echoes = [], [], list[float]()
    for run in range(RUNS):
        one.append(_answering(tmp_path / f"one-{run}", 1)[0])
        cost, keys = _answering(tmp_path / f"six-{run}", 6)
        six.append(cost)
        echoes += keys
    single, all_six = statistics.median(one), statistics.median(six)
    print(
        f"\n{RATE} deltas/s: one answer {single * 100:.0f} % CPU, six {all_six * 100:.0f} %; ratio "
        f"{all_six / single:.2f}; keys meanwhile: median {statistics.median(echoes) * 1000:.0f} ms,"
        f" worst {max(echoes) * 1000:.0f} ms"
    )
    assert all_six <= 6.6 * single
    assert statistics.median(echoes) <= 0.05
    assert max(echoes) <= 0.15
