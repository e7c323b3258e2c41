"""Hostile texts under a real terminal that acts on them: tmux, with everything allowed."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.helpers import COMMAND, wait_until
from tests.servers import Reply, Request, ThreadedServer, stream
from tests.terminal.conftest import AppProgram, at
from tests.terminal.hostile import HOSTILE
from tests.terminal.tmux import TITLE, WINDOW, Tmux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    tmux = Tmux()
    yield tmux
    tmux.close()


def test_a_raw_program_does_change_clipboard_title_and_window(
    program: AppProgram, tmux: Tmux
) -> None:
    """The control: here the texts do what they can, if nobody cleans them."""
    script = "from tests.terminal.hostile import print_raw; print_raw('osc-52-bel', 'title')"
    tmux.start([sys.executable, "-c", script], environ(program))
    wait_until(lambda: tmux.ended)
    assert "MARK00X" in tmux.buffers
    assert tmux.names[0] == "MARK03X"

    tmux.close()
    script = "from tests.terminal.hostile import print_raw; print_raw('window-name', 'passthrough')"
    tmux.start([sys.executable, "-c", script], environ(program))
    wait_until(lambda: tmux.ended)
    assert tmux.names[1] == "MARK06X"


def test_the_app_changes_nothing(program: AppProgram, tmux: Tmux) -> None:
    def script(request: Request) -> Reply:
        asked = request.json["messages"][-1]["content"]
        if not asked.isdecimal():
            return stream("STILL-ALIVE")
        hostile = HOSTILE[int(asked)]
        return stream(hostile.text, f"\n\n```\n{hostile.text}\n```\n")

    with ThreadedServer(script) as server:
        tmux.start([*COMMAND, *at(server)], environ(program))
        wait_until(lambda: "Ready" in tmux.screen)
        for number, hostile in enumerate(HOSTILE):
            tmux.run("send-keys", "-t", "s", str(number), "Enter")
            wait_until(_shows(tmux, hostile.mark, "Ready"))
        tmux.run("send-keys", "-t", "s", "hello", "Enter")
        wait_until(lambda: "STILL-ALIVE" in tmux.screen)
        untouched(tmux)
        tmux.run("send-keys", "-t", "s", "C-q")
        wait_until(lambda: tmux.ended)
        untouched(tmux)


def test_ask_changes_nothing(program: AppProgram, tmux: Tmux) -> None:
    with ThreadedServer([stream(*(f"{hostile.text}\n" for hostile in HOSTILE))]) as server:
        tmux.start([*COMMAND, "ask", *at(server), "hi"], environ(program))
        wait_until(lambda: tmux.ended)
    assert HOSTILE[-1].mark in tmux.screen
    untouched(tmux)


def _shows(tmux: Tmux, *texts: str) -> Callable[[], bool]:
    return lambda: all(text in tmux.screen for text in texts)


def untouched(tmux: Tmux) -> None:
    assert tmux.buffers == ""
    assert tmux.names == (TITLE, WINDOW)


def environ(program: AppProgram) -> dict[str, str]:
    return {**program.environ(TERM="screen-256color"), "PYTHONPATH": str(Path.cwd())}
