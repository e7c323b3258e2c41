"""The whole app in a terminal, measured from outside. Only the ratios mean anything elsewhere.

make bench
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks.library import fill_library
from tests.terminal.program import Cost, TerminalProgram

pytestmark = pytest.mark.benchmark

HERE = Path(__file__).parent
RUNS = 9
KEY = "Ж"
"""Typed to see when it is drawn: it stands in no other text."""


def _environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "CHAT_TUI_HOME": str(home),
        "CHAT_TUI_DISCOVERY": "0",
        "CHAT_TUI_DEMO_RATE": "0",
    }


@contextmanager
def _server(count: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.burst_server", str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


def _chat(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "chat_tui", *arguments]


def _plain(url: str) -> list[str]:
    return [sys.executable, str(HERE / "plain_app.py"), url]


def _first_key(command: list[str], home: Path) -> Cost:
    """What it costs until a typed key is drawn."""
    with TerminalProgram(command, _environ(home)) as program:
        program.wait_for("\x1b[?1049h")
        while KEY.encode() not in program.output:
            # A key that is typed before the program listens is lost; a person types again.
            program.send(KEY)
            program.read(0.02)
        return program.cost()


def _stream(command: list[str], home: Path) -> tuple[float, float, float]:
    """CPU of one streamed reply without the start, the wall time, and the memory at the end."""
    with TerminalProgram(command, _environ(home)) as program:
        program.wait_for("\x1b[?1049h")
        program.settle(0.6)
        before = program.cost()
        begun = time.monotonic()
        program.send("go")
        program.settle(0.1)
        program.send("\r")
        program.wait_for("THE-END", timeout=300)
        program.settle(0.4)
        after = program.cost()
        return after.cpu - before.cpu, time.monotonic() - begun, after.memory


def _medians(rows: Sequence[tuple[float, ...]]) -> list[float]:
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def test_first_frame(tmp_path: Path) -> None:
    bare, ours = [], []
    for _ in range(RUNS):
        bare.append(_first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path))
        ours.append(_first_key(_chat("--demo"), tmp_path))
    bare_cpu, our_cpu = (statistics.median(cost.cpu for cost in row) for row in (bare, ours))
    bare_mb, our_mb = (statistics.median(cost.memory for cost in row) for row in (bare, ours))
    print(
        f"\nfirst key: bare {bare_cpu:.2f} s, {bare_mb:.0f} MB; chat-tui {our_cpu:.2f} s, "
        f"{our_mb:.0f} MB; ratio {our_cpu / bare_cpu:.2f}, +{our_mb - bare_mb:.0f} MB"
    )
    assert our_cpu <= 1.5 * bare_cpu


def test_burst_of_20000_deltas(tmp_path: Path) -> None:
    with _server(20_000) as url:
        ours, plain = [], []
        for run in range(3):
            plain.append(_stream(_plain(url), tmp_path))
            ours.append(_stream(_chat("--base-url", url, "--model", "burst"), tmp_path / str(run)))
    plain_cpu, plain_wall, plain_mb = _medians(plain)
    our_cpu, our_wall, our_mb = _medians(ours)
    print(
        f"\n20,000 deltas: plain {plain_cpu:.2f} s CPU, {plain_wall:.1f} s, {plain_mb:.0f} MB; "
        f"chat-tui {our_cpu:.2f} s CPU, {our_wall:.1f} s, {our_mb:.0f} MB; "
        f"ratio {our_cpu / plain_cpu:.2f}"
    )
    assert our_cpu <= 3 * plain_cpu


def test_cost_is_linear_in_the_length(tmp_path: Path) -> None:
    costs = []
    for count in (27_000, 270_000):
        with _server(count) as url:
            costs.append(
                _stream(_chat("--base-url", url, "--model", "burst"), tmp_path / str(count))[0]
            )
    print(f"\n100 KB {costs[0]:.2f} s CPU, 1 MB {costs[1]:.2f} s; ratio {costs[1] / costs[0]:.1f}")
    assert costs[1] <= 12 * costs[0]


def test_keys_are_drawn_during_a_burst(tmp_path: Path) -> None:
    echoes: list[float] = []
    with (
        _server(100_000) as url,
        TerminalProgram(
            _chat("--base-url", url, "--model", "burst"), _environ(tmp_path)
        ) as program,
    ):
        program.wait_for("\x1b[?1049h")
        program.settle(0.6)
        program.send("go")
        program.settle(0.1)
        program.send("\r")
        program.wait_for("fibonacci")
        while b"THE-END" not in program.output and len(echoes) < 60:
            start = len(program.output)
            program.send(KEY)
            echoes.append(program.wait_for(KEY, start=start))
            program.send("\x7f")
            program.settle(0.02, timeout=0.05)
    median, worst = statistics.median(echoes), max(echoes)
    print(
        f"\nkeys in a burst: median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms "
        f"of {len(echoes)}"
    )
    assert median <= 0.1


def test_a_conversation_of_10000_messages(tmp_path: Path) -> None:
    figures: dict[int, Cost] = {}
    for count in (10, 10_000):
        home = tmp_path / str(count)
        fill_library(home, messages=count)
        costs = []
        for _ in range(3):
            with TerminalProgram(_chat("--demo", "--resume"), _environ(home)) as program:
                program.wait_for("LAST-MESSAGE")
                program.settle(0.4)
                costs.append(program.cost())
        figures[count] = Cost(
            statistics.median(cost.cpu for cost in costs),
            statistics.median(cost.memory for cost in costs),
        )
    small, large = figures[10], figures[10_000]
    print(
        f"\nopening 10 messages {small.cpu:.2f} s, {small.memory:.0f} MB; "
        f"10,000 {large.cpu:.2f} s, {large.memory:.0f} MB; ratio {large.cpu / small.cpu:.2f}"
    )
    assert large.cpu <= 1.5 * small.cpu
    assert large.memory <= small.memory + 60


def test_focus_and_resize_with_10000_messages(tmp_path: Path) -> None:
    fill_library(tmp_path, messages=10_000)
    bare = _first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path).cpu
    with TerminalProgram(_chat("--demo", "--resume"), _environ(tmp_path)) as program:
        program.wait_for("LAST-MESSAGE")
        program.settle(0.5)

        def cost_of(act: str, times: int = 10) -> float:
            before = program.cost().cpu
            for number in range(times):
                if act == "focus":
                    program.send("\x1b[O" if number % 2 == 0 else "\x1b[I")
                else:
                    program.resize(100 if number % 2 == 0 else 120, 40)
                program.settle(0.25)
            return (program.cost().cpu - before) / times

        focus, resize = cost_of("focus"), cost_of("resize")
    scale = bare / 0.42
    print(
        f"\nfocus {focus * 1000:.0f} ms, resize {resize * 1000:.0f} ms of CPU; "
        f"bare start {bare:.2f} s, so the limits are {60 * scale:.0f} and {250 * scale:.0f} ms"
    )
    assert focus <= 0.060 * scale
    assert resize <= 0.250 * scale
