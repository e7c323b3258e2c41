"""Hostile texts under a real terminal that acts on them: tmux, with everything allowed."""

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.cli.helpers import COMMAND, wait_until
from tests.servers import Reply, Request, ThreadedServer, stream
from tests.terminal.conftest import AppProgram, at
from tests.terminal.hostile import HOSTILE

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

TITLE, WINDOW = "untouched-title", "untouched-window"


class Tmux:
    """A tmux server of its own, which lets programs do what they like."""

    def __init__(self) -> None:
        self._socket = f"chat-tui-test-{uuid.uuid4().hex}"

    def run(self, *arguments: str) -> str:
        """Run a tmux command; gives what it prints."""
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout

    def start(self, command: Sequence[str], environ: dict[str, str]) -> None:
        """Start a program in the only pane, under names that are to stay."""
        names = [f"-e{name}={value}" for name, value in environ.items()]
        self.run("new-session", "-d", "-s", "s", "-x", "120", "-y", "40", "-n", WINDOW, "cat")
        for option, value in (
            ("set-clipboard", "on"),
            ("allow-passthrough", "on"),
            ("allow-rename", "on"),
            ("automatic-rename", "off"),
            ("remain-on-exit", "on"),
            ("escape-time", "0"),
        ):
            self.run("set-option", "-g", option, value)
        self.run("set-option", "-w", "-t", "s", "allow-rename", "on")
        self.run("select-pane", "-t", "s", "-T", TITLE)
        self.run("respawn-pane", "-k", "-t", "s", *names, *command)

    @property
    def screen(self) -> str:
        """What the pane shows."""
        return self.run("capture-pane", "-p", "-t", "s")

    @property
    def names(self) -> tuple[str, str]:
        """The pane's title and the window's name."""
        shown = self.run("display-message", "-p", "-t", "s", "#{pane_title}\n#{window_name}")
        title, window = shown.splitlines()
        return title, window

    @property
    def buffers(self) -> str:
        """What was copied."""
        return self.run("list-buffers", "-F", "#{buffer_sample}")

    @property
    def ended(self) -> bool:
        """Whether the program has ended."""
        return self.run("display-message", "-p", "-t", "s", "#{pane_dead}").strip() == "1"

    def close(self) -> None:
        """End the server and all in it."""
        subprocess.run(
            ["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False
        )


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
