"""The user's editor has the terminal to itself, and answers go on meanwhile."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.cli.helpers import COMMAND, wait_until
from tests.terminal.conftest import CTRL_C, ENTER, LEADER, QUIT, AppProgram
from tests.terminal.test_leaving import assert_restored

F4 = "\x1bOS"
CTRL_Z = "\x1a"

_EDITOR = """#!/bin/sh
echo "$1" > "$0.file"
echo "EDITING $(cat "$1")"
trap 'echo INTERRUPTED' INT
trap 'echo ENDED; exit 3' TERM
line=
while [ -z "$line" ]; do read line; done
echo "$line" > "$1"
"""


def editor(program: AppProgram) -> Path:
    """An editor that takes a line."""
    program.home.mkdir(parents=True)
    path = program.home / "editor"
    path.write_text(_EDITOR)
    path.chmod(0o755)
    return path


def test_editor_has_the_terminal_while_an_answer_streams_in(program: AppProgram) -> None:
    path = editor(program)
    terminal = program.app("--demo", EDITOR=str(path), PAGER="true", CHAT_TUI_DEMO_RATE="400")
    before = terminal.settings
    terminal.see("Ready")
    terminal.send(f"/long 300{ENTER}")
    terminal.see("Writing")
    terminal.send(f"draft{F4}")
    terminal.see("EDITING draft")
    assert_restored(terminal, before)

    wait_until(lambda: program.statuses() == ["complete"])
    terminal.send(CTRL_C)
    terminal.see("INTERRUPTED")
    terminal.resize(100, 30)
    assert_restored(terminal, before)
    terminal.send(f"written outside{ENTER}")
    terminal.see("written outside", "Ready")
    assert terminal.settings != before
    assert {25, 7}.isdisjoint(terminal.screen.modes)
    assert {1000, 1003, 1004, 1006, 1049, 2004} <= terminal.screen.modes
    assert terminal.screen.keyboards == 1
    assert len(terminal.screen.text.splitlines()[-2].rstrip()) <= 100
    file = Path(f"{path}.file").read_text().strip()
    assert not Path(file).parent.exists()
    # A pager that ends at once leaves all as it was, however fast it is called again.
    for _ in range(2):
        terminal.send(f"{LEADER}V{LEADER}V")
        terminal.settle(0.1)
    terminal.send(" typed")
    terminal.see("written outside typed")

    # The app is ended while the editor is open: the editor ends first, and nothing is left.
    terminal.send(F4)
    terminal.see("EDITING written outside typed")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 143
    assert_restored(terminal, before)
    assert "ENDED" in terminal.screen.text
    file = Path(f"{path}.file").read_text().strip()
    assert not Path(file).parent.exists()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no shell with jobs")
def test_stopped_with_the_editor_both_are_continued(program: AppProgram) -> None:
    path = editor(program)
    terminal = program.on_screen(
        *("bash", "--norc", "--noprofile", "-i"), EDITOR=str(path), PS1="$ ", HOME=os.devnull
    )
    terminal.see("$")
    terminal.send(f"{' '.join(COMMAND)} --demo{ENTER}")
    terminal.see("Ready")
    terminal.send(f"draft{F4}")
    terminal.see("EDITING draft")
    terminal.send(CTRL_Z)
    terminal.see("Stopped")
    terminal.send(f"echo in the $0{ENTER}")
    terminal.see("in the bash")
    terminal.send(f"fg{ENTER}")
    terminal.settle(0.1)
    terminal.send(f"written outside{ENTER}")
    terminal.see("written outside", "Ready")
    terminal.send(QUIT)
    terminal.until(lambda screen: 1049 not in screen.modes)
    terminal.settle(0.1)
    terminal.send(f"echo back in the $0{ENTER}")
    terminal.see("back in the bash")
    assert terminal.screen.modes == {7, 25, 2004} or terminal.screen.restored
    terminal.send(f"exit{ENTER}")
    assert terminal.wait() == 0
