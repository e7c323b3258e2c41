"""What is imported for what, the help, and the app on a terminal."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.helpers import Program, wait_until
from tests.terminal.program import TerminalProgram

_RUN = """
import json, sys
from chat_tui.__main__ import main
before = set(sys.modules)
code = main()
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
sys.exit(code)
"""


def imported_by(program: Program, *arguments: str) -> set[str]:
    """The top-level names of what a command imports."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        env=program.environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    return {name.strip('"[]').partition(".")[0] for name in done.stderr.split(", ")}


def test_version_imports_nothing(program: Program) -> None:
    assert imported_by(program, "--version") <= {"", "\n"} | {"[]\n", "]\n"}


@pytest.mark.parametrize(
    "arguments", [("ask", "--demo", "/echo hi"), ("list",)], ids=lambda a: a[0]
)
def test_commands_import_no_textual(program: Program, arguments: tuple[str, ...]) -> None:
    names = imported_by(program, *arguments)

    assert "chat_tui" in names
    assert not names & {"textual", "markdown_it", "pydantic"}
    assert ("httpx" in names) == (arguments[0] == "ask")


def test_first_frame_imports_nothing_that_can_come_after_it() -> None:
    code = "import sys, chat_tui.cli.app, chat_tui.ui.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    later = {"storage.store", "core.messages", "core.manager", "ui.keymap", "ui.widgets.transcript"}

    assert "chat_tui.ui.screens.conversation.screen" in loaded
    assert not loaded & {f"chat_tui.{name}" for name in later}
    assert not loaded & {"sqlite3", "httpx", "markdown_it", "pydantic"}


def test_version_is_a_constant(program: Program) -> None:
    done = program.run("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, "chat-tui 0.1.0\n", "")
    assert program.run("--demo", "--version").stdout == done.stdout


def test_help_names_commands_examples_and_variables(program: Program) -> None:
    done, ask = program.run("--help"), program.run("ask", "--help")
    models = program.run("models", "--help")

    assert (done.returncode, ask.returncode, models.returncode) == (0, 0, 0)
    for word in ("--resume", "--base-url", "ask", "doctor", "OPENAI_API_KEY", "CHAT_TUI_HOME"):
        assert word in done.stdout
    for word in ("--no-save", "--conversation", "-p ", "--schema", "exit codes", "examples"):
        assert word in ask.stdout
    for word in ("--image", "--file", "--detail", "--save-images"):
        assert word in ask.stdout
    shown = done.stdout + ask.stdout + models.stdout
    assert max(map(len, shown.splitlines())) <= 80


def test_target_options_may_stand_before_the_command(program: Program) -> None:
    assert program.run("--demo", "ask", "/echo hi").stdout == "hi\n"


def test_no_terminal_is_one_sentence_and_exit_2(program: Program) -> None:
    done = program.run("--demo")

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "chat-tui ask" in done.stderr


def test_dumb_terminal_is_one_sentence_and_exit_2(program: Program) -> None:
    with program.on_terminal("--demo", TERM="dumb") as terminal:
        assert terminal.wait() == 2
        assert b"TERM=dumb" in terminal.output
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize(
    "arguments", [("--provider", "nobody"), ("--demo", "--resume", "0000")], ids=["who", "what"]
)
def test_wrong_words_end_the_app_before_it_draws(
    program: Program, arguments: tuple[str, ...]
) -> None:
    with program.on_terminal(*arguments) as terminal:
        assert terminal.wait() == 2
        assert b"There is no" in terminal.output
        assert b"\x1b[?1049h" not in terminal.output


@pytest.mark.parametrize(
    ("number", "code"),
    [(None, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
)
def test_app_leaves_the_terminal_as_it_was(
    program: Program, number: signal.Signals | None, code: int
) -> None:
    with program.on_terminal("--demo") as terminal:
        terminal.wait_for("Enter sends")
        if number is None:
            terminal.send("\x11")
        else:
            terminal.process.send_signal(number)
        assert terminal.wait() == code
        output = bytes(terminal.output)

    assert output.rfind(b"\x1b[?1049l") > output.rfind(b"\x1b[?1049h")
    assert b"Traceback" not in output


def test_app_shows_what_ask_saved(program: Program) -> None:
    id_ = program.json("ask", "--demo", "--json", "/echo remembered words")["conversation"]
    with program.on_terminal("--demo", "--resume", id_[:20]) as terminal:
        terminal.wait_for("remembered")
        terminal.send("\x11")
        assert terminal.wait() == 0


_CRASH = """
import sys
import chat_tui.ui.app
from chat_tui.__main__ import main
def fail(app):
    secret = "sk-canary-12345678"
    raise ValueError(secret)
chat_tui.ui.app.ChatApp.on_ready = fail
sys.argv = ["chat-tui", "--demo"]
sys.exit(main())
"""


def test_crash_leaves_a_report_without_values(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text(_CRASH)
    with TerminalProgram([sys.executable, str(script)], program.environ()) as terminal:
        assert terminal.wait() == 1
        output = terminal.output.decode()
    (report,) = (program.home / "state").glob("crash-*.txt")

    assert str(report) in output.replace("\r\n", "")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "ValueError" in report.read_text()
    assert "canary" not in report.read_text() + output
    assert output.rfind("\x1b[?1049l") > output.rfind("\x1b[?1049h")


def test_app_stops_and_keeps_a_running_answer_on_sigterm(program: Program) -> None:
    with program.on_terminal("--demo", CHAT_TUI_DEMO_RATE="100") as terminal:
        terminal.wait_for("Enter sends")
        for key in "/long 500":
            terminal.send(key)
        terminal.settle()
        terminal.send("\r")
        terminal.wait_for("valley")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 143

    (row,) = program.json("list", "--json")
    reply = program.json("export", row["id"])["conversations"][0]["messages"][-1]
    assert reply["status"] == "stopped"
    assert "valley" in reply["parts"][0]["text"]
    wait_until(lambda: not list((program.home / "state" / "instances").glob("*.lock")))
