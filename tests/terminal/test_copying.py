"""Copied text arrives: in tmux's buffer, by OSC 52, and with programs that stay alive."""

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.cli.helpers import COMMAND, wait_until
from tests.terminal.conftest import AppProgram
from tests.terminal.tmux import Tmux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

_WL_COPY = """#!/bin/sh
cat > "$0.got"
sleep 60 &
echo $! > "$0.pid"
"""
"""Like the real one: it stays alive in the background and holds what it was given open."""


class Panes(Tmux):
    """Several apps at once, each in a window of its own."""

    def open(self, name: str, environ: dict[str, str], *unset: str) -> None:
        """Start the app in a window."""
        without = [word for variable in unset for word in ("-u", variable)]
        # Not by tmux's -e: its own PATH would win.
        having = [f"{variable}={value}" for variable, value in environ.items()]
        self.run("new-window", "-d", "-n", name, "env", *without, *having, *COMMAND, "--demo")

    def type(self, name: str, *keys: str) -> None:
        """Press keys in a window."""
        self.run("send-keys", "-t", f"s:{name}", *keys)

    def see(self, name: str, *texts: str) -> None:
        """Wait until a window shows some texts."""
        wait_until(lambda: self._shows(name, texts))

    def _shows(self, name: str, texts: Sequence[str]) -> bool:
        shown = self.shown(name)
        return all(text in shown for text in texts)

    def shown(self, name: str) -> str:
        """What a window shows."""
        return self.run("capture-pane", "-p", "-t", f"s:{name}")

    def see_answer(self, name: str, words: str) -> None:
        """Wait until a window shows the answer to `/echo`, beside its prompt and its title."""

        def answered() -> bool:
            shown = self.shown(name)
            return shown.count(words) > shown.count(f"/echo {words}") and "Ready" in shown

        wait_until(answered)


@pytest.fixture
def panes() -> Iterator[Panes]:
    panes = Panes()
    yield panes
    panes.close()


def test_copied_text_arrives_by_every_way(program: AppProgram, panes: Panes) -> None:
    panes.start(["cat"], {})
    folder = program.home / "bin"
    folder.mkdir(parents=True)
    wl_copy = folder / "wl-copy"
    wl_copy.write_text(_WL_COPY)
    wl_copy.chmod(0o755)
    plain = {**program.environ(TERM="screen-256color"), "PYTHONPATH": str(Path.cwd())}
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    for name, more, unset in (
        ("tmux", {}, ("DISPLAY", "WAYLAND_DISPLAY")),
        ("osc52", {"SSH_TTY": "/dev/pts/9"}, ("TMUX", "TMUX_PANE")),
        ("tool", {"WAYLAND_DISPLAY": "w", "PATH": path}, ("TMUX", "TMUX_PANE", "SSH_TTY")),
    ):
        home = {"CHAT_TUI_HOME": str(program.home / name)}
        panes.open(name, {**plain, **home, **more}, *unset, "SSH_CONNECTION")
    for name in ("tmux", "osc52", "tool"):
        panes.see(name, "Ready", "Enter Send")
        panes.type(name, f"/echo answer by {name}", "Enter")
    for name in ("tmux", "osc52", "tool"):
        panes.see_answer(name, f"answer by {name}")

    # tmux drops OSC 52 with its own default; what the app does arrives.
    panes.run("set-option", "-g", "set-clipboard", "external")
    panes.type("tmux", "C-g", "y")
    panes.see("tmux", "Copied 14 characters (tmux")
    assert panes.run("show-buffer") == "answer by tmux"

    panes.run("set-option", "-g", "set-clipboard", "on")
    panes.type("osc52", "C-g", "y")
    panes.see("osc52", "OSC 52")
    wait_until(lambda: panes.run("show-buffer") == "answer by osc52")

    panes.type("tool", "C-g", "y")
    panes.see("tool", "(wl-")
    try:
        assert Path(f"{wl_copy}.got").read_text() == "answer by tool"
    finally:
        os.kill(int(Path(f"{wl_copy}.pid").read_text()), signal.SIGTERM)
