"""However the app ends, the terminal is as it was, and what had come is kept."""

import signal
import sys
from pathlib import Path

import pytest

from tests.cli.helpers import contents, held, wait_until
from tests.terminal.conftest import CTRL_C, ENTER, QUIT, AppProgram, at, leave, text_of
from tests.terminal.crashing import CRASH_KEY, LOCAL_CANARY, MESSAGE_CANARY
from tests.terminal.program import TerminalProgram

BEGINNING = "the beginning"
MOUSE_OVER_PROMPT = "\x1b[<35;60;37M"


def assert_restored(terminal: TerminalProgram, settings: list[object]) -> None:
    """The terminal is as a shell left it: modes, cursor, screen, and the driver's settings."""
    assert terminal.settings == settings
    screen = terminal.screen
    assert screen.restored, (screen.modes, screen.keyboards, screen.pointer)
    assert screen.foreign == []


def streaming(program: AppProgram, *arguments: str) -> tuple[TerminalProgram, list[object]]:
    """The app with a reply on its way, and the settings that the terminal had before."""
    terminal = program.app(*arguments)
    settings = terminal.settings
    terminal.see("Ready")
    terminal.send(f"hello{ENTER}")
    terminal.see(BEGINNING)
    return terminal, settings


def test_quit_restores_the_terminal(program: AppProgram) -> None:
    terminal = program.app("--demo")
    before = terminal.settings
    terminal.see("Ready")
    assert terminal.settings != before
    assert {25, 7}.isdisjoint(terminal.screen.modes)
    terminal.send(MOUSE_OVER_PROMPT)
    terminal.until(lambda screen: screen.pointer != "default")
    assert leave(terminal) == 0

    assert_restored(terminal, before)
    assert terminal.screen.text.strip() == ""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signal_restores_the_terminal_and_keeps_the_text(
    program: AppProgram, number: int, code: int
) -> None:
    with held() as server:
        terminal, before = streaming(program, *at(server))
        # Whoever is impatient sends it again.
        for _ in range(3):
            terminal.process.send_signal(number)
        assert terminal.wait() == code

    assert_restored(terminal, before)
    assert terminal.screen.text.strip() == ""
    reply = program.messages()[-1]
    assert (reply["status"], text_of(reply)) == ("stopped", BEGINNING)
    assert program.integrity() == "ok"


def test_quit_in_the_middle_of_an_answer_keeps_its_text(program: AppProgram) -> None:
    with held() as server:
        terminal, before = streaming(program, *at(server))
        terminal.send(QUIT)
        assert terminal.wait() == 0

    assert_restored(terminal, before)
    reply = program.messages()[-1]
    assert (reply["status"], text_of(reply)) == ("stopped", BEGINNING)


def test_closed_window_keeps_the_text_and_ends_the_program(program: AppProgram) -> None:
    with held() as server:
        terminal, _ = streaming(program, *at(server))
        terminal.hang_up()
        assert terminal.process.wait(20) == 129

    reply = program.messages()[-1]
    assert (reply["status"], text_of(reply)) == ("stopped", BEGINNING)


def test_signal_at_any_moment_of_the_start_leaves_the_terminal_well(program: AppProgram) -> None:
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for step in range(6):
        terminal = program.app("--demo")
        before = terminal.settings
        # Until so much of the first frame is drawn; 0: before anything is.
        while len(terminal.output) < step * 700 and terminal.process.poll() is None:
            terminal.read(0.01)
        number = numbers[step % 3]
        terminal.process.send_signal(number)
        # Before the interpreter has come to our first line, the signal's own default counts.
        assert terminal.wait() in (128 + number, -number)
        assert_restored(terminal, before)
        assert b"Traceback" not in terminal.output or not step


def test_ctrl_c_hints_at_quitting_and_stops_an_answer(program: AppProgram) -> None:
    with held() as server:
        terminal = program.chat(*at(server))
        terminal.send(CTRL_C)
        terminal.see("quits")
        terminal.send(f"hello{ENTER}")
        terminal.see(BEGINNING)
        terminal.send(CTRL_C)
        terminal.see("Stopped here.", "Ready")
        assert leave(terminal) == 0

    assert program.messages()[-1]["status"] == "stopped"


def test_stopped_and_continued_by_job_control_it_draws_all_again(program: AppProgram) -> None:
    terminal = program.app("--demo")
    before = terminal.settings
    terminal.see("Ready")
    terminal.process.send_signal(signal.SIGTSTP)
    wait_until(lambda: _state(terminal.process.pid) == "T")
    terminal.until(lambda screen: screen.restored)
    assert_restored(terminal, before)
    terminal.process.send_signal(signal.SIGCONT)
    terminal.see("Ready")

    # Stopped in a way that no program hears of, and continued more often than it was stopped.
    terminal.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: _state(terminal.process.pid) == "T")
    for _ in range(3):
        terminal.process.send_signal(signal.SIGCONT)
        terminal.settle(0.05)
    terminal.send(f"/echo again{ENTER}")
    terminal.see("again", "Ready")
    assert leave(terminal) == 0
    assert_restored(terminal, before)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_exception_restores_the_terminal_and_keeps_the_text(program: AppProgram) -> None:
    terminal = program.on_screen(
        *(sys.executable, "-m", "tests.terminal.crashing", "--demo"),
        OPENAI_API_KEY="sk-canary-in-the-environment",
        CHAT_TUI_DEMO_RATE="200",
    )
    before = terminal.settings
    terminal.see("Ready")
    terminal.send(f"/long 5000{ENTER}")
    terminal.see("quiet")
    terminal.send(CRASH_KEY)
    assert terminal.wait() == 1

    assert_restored(terminal, before)
    told = "".join(terminal.screen.text.split())
    (report,) = (program.home / "state").glob("crash-*.txt")
    assert "hadtostop" in told
    assert str(report) in told
    assert "Traceback" not in told
    assert_reported(report)
    canaries = (LOCAL_CANARY, MESSAGE_CANARY, "canary-in-the-environment")
    for place in (bytes(terminal.output), *contents(program.home)):
        assert not [canary for canary in canaries if canary.encode() in place]
    prompt, reply = program.messages()
    assert text_of(prompt) == "/long 5000"
    assert reply["status"] == "stopped"
    assert "quiet" in text_of(reply)
    assert program.integrity() == "ok"


def assert_reported(report: Path) -> None:
    """The report says where it happened and nothing that anybody wrote."""
    lines = report.read_text().splitlines()
    assert lines[-1] == "builtins.RuntimeError"
    assert any("crashing.py" in line for line in lines)
    assert report.stat().st_mode & 0o777 == 0o600


def test_failed_start_tells_so_on_a_terminal_that_is_left_alone(program: AppProgram) -> None:
    terminal = program.app("--provider", "nobody")
    before = terminal.settings
    assert terminal.wait() == 2

    assert_restored(terminal, before)
    assert "nobody" in terminal.screen.text
