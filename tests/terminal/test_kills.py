"""Row 19: `kill -9` at any moment. Row 18: how fast a stop is."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.helpers import wait_until
from tests.terminal.conftest import ENTER, ESCAPE, AppProgram, idle, leave, text_of
from tests.terminal.paced import PacedServer
from tests.terminal.program import TerminalProgram

LIMIT = 0.1
"""Seconds of streamed text that a kill may cost."""


@pytest.fixture
def server() -> Iterator[PacedServer]:
    with PacedServer() as server:
        yield server


def at(server: PacedServer) -> tuple[str, ...]:
    return ("--base-url", server.base_url, "--model", "m")


def kill_the_app(program: AppProgram, server: PacedServer, moment: float, words: int = 0) -> float:
    """Finish a turn, begin another, kill so long after Enter; gives when that was.

    However loaded the machine is, that is not before so many words were sent.
    """
    terminal = program.chat(*at(server))
    terminal.send(f"quick{ENTER}")
    terminal.see("w2")
    program.stored(terminal, "complete")
    terminal.until(idle)
    terminal.send(f"slowly{ENTER}")
    begun = time.monotonic()
    return kill_when(
        terminal, lambda: time.monotonic() >= begun + moment and _sent(server) >= words
    )


def kill_when(terminal: TerminalProgram, ready: Callable[[], bool]) -> float:
    """Kill a program as soon as something holds; gives when that was."""
    terminal.until(lambda _: ready())
    killed = time.monotonic()
    terminal.process.kill()
    terminal.process.wait()
    return killed


def kill_ask(program: AppProgram, server: PacedServer, moment: float, words: int = 0) -> float:
    assert program.run("ask", *at(server), "quick").returncode == 0
    process = program.start("ask", *at(server), "-c", "slowly")
    begun = time.monotonic()
    moment += 0.25  # its start takes a while
    wait_until(lambda: time.monotonic() >= begun + moment and _sent(server) >= words)
    killed = time.monotonic()
    process.kill()
    process.wait()
    assert words or killed - begun < moment + 0.75
    return killed


Kill = Callable[[AppProgram, PacedServer, float, int], float]


def _sent(server: PacedServer) -> int:
    """How many words of the slow reply were sent."""
    return sum(len(sent.words) for sent in server.replies if sent.prompt == "slowly")


def assert_kept(program: AppProgram, server: PacedServer, killed: float) -> float:
    """All is there but the last moment; gives for how long text came that is not stored."""
    prompt, reply, *second = program.messages()
    assert (text_of(prompt), text_of(reply), reply["status"]) == ("quick", "w0 w1 w2 ", "complete")
    assert program.integrity() == "ok"
    asked = [sent for sent in server.replies if sent.prompt == "slowly"]
    if not asked:
        return 0.0
    # What the server was asked is on disk.
    assert len(second) == 2
    prompt, reply = second
    assert text_of(prompt) == "slowly"
    if text_of(reply) == asked[0].text and asked[0].finished:
        assert reply["status"] in ("complete", "interrupted")
    else:
        assert reply["status"] == "interrupted"
    return asked[0].lost(text_of(reply), killed)


@pytest.mark.parametrize("kill", [kill_the_app, kill_ask], ids=["app", "ask"])
def test_kill_costs_a_moment_of_text_at_the_most(
    program: AppProgram, server: PacedServer, kill: Kill
) -> None:
    losses = []
    for number, moment in enumerate((0.3, 0.45, 0.6)):
        server.replies.clear()
        program.home = program.home.with_name(f"home-{number}")
        killed = kill(program, server, moment, 11)
        losses.append(assert_kept(program, server, killed))
        assert len(server.replies[-1].words) > 10

    print(f"\nlost at a kill: {_figures(losses)}")
    assert max(losses) <= LIMIT


def test_killed_reply_is_shown_as_interrupted_at_the_next_start(
    program: AppProgram, server: PacedServer
) -> None:
    killed = kill_the_app(program, server, 0.3, 10)
    terminal = program.chat(*at(server), "--resume")
    terminal.see("slowly", "w9", "Interrupted")
    assert leave(terminal) == 0
    assert assert_kept(program, server, killed) <= LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("kill", [kill_the_app, kill_ask], ids=["app", "ask"])
def test_100_kills_at_any_moment(tmp_path: Path, kill: Kill) -> None:
    chance = random.Random(19)
    losses = []
    for number in range(100):
        program = AppProgram(tmp_path / f"home-{number}")
        # Some replies end before they are killed, or just then.
        with PacedServer(count=chance.choice((20, 60, 100_000))) as server:
            killed = kill(program, server, chance.uniform(0.0, 0.8), 0)
            losses.append(assert_kept(program, server, killed))
        program.close()

    torn = [loss for loss in losses if loss]
    print(f"\n100 kills, {len(torn)} of which lost text: {_figures(torn)}")
    assert len(torn) > 10
    assert max(losses) <= LIMIT


def _figures(losses: list[float]) -> str:
    ordered = sorted(losses)
    median, worst = ordered[len(ordered) // 2], ordered[-1]
    return f"median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms"


def test_escape_closes_the_connection_at_once(program: AppProgram, server: PacedServer) -> None:
    terminal = program.chat(*at(server))
    delays = []
    for number in range(3):
        terminal.send(f"slowly {number}{ENTER}")
        terminal.until(lambda _: len(server.replies) > number and len(server.replies[-1].words) > 9)  # noqa: B023
        pressed = time.monotonic()
        terminal.send(ESCAPE)
        terminal.until(lambda _: server.replies[-1].hung_up is not None)
        delays.append((server.replies[-1].hung_up or 0.0) - pressed)
        program.stored(terminal, *["stopped"] * (number + 1))
        # Those of before still stand there.
        terminal.until(lambda screen: screen.text.count("Stopped here.") == number + 1)  # noqa: B023
        terminal.until(idle)
        terminal.see("Ready")
    assert leave(terminal) == 0

    print(f"\nfrom Esc to the closed connection: {_figures(delays)}")
    assert max(delays) < 1.0
    replies = program.messages()[1::2]
    assert [reply["status"] for reply in replies] == ["stopped"] * 3
    for reply, sent in zip(replies, server.replies, strict=True):
        assert sent.text.startswith(text_of(reply))
        assert len(text_of(reply)) > 20
