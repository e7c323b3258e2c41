"""Signals, readers that leave, and readers that stand still."""

import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests.cli.helpers import COMMAND, Program, ended, held, journalled, wait_until
from tests.servers import Stall, ThreadedServer, delta, event, events


def last_reply(program: Program) -> dict[str, object]:
    (row,) = program.json("list", "--json")
    reply: dict[str, object] = program.json("export", row["id"])["conversations"][0]["messages"][-1]
    return reply


def unread(pipe: int) -> int:
    """Bytes that wait in a pipe."""
    count: int = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
    return count


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_keeps_the_text_as_stopped(program: Program, number: int, code: int) -> None:
    with held() as server:
        process = program.start("ask", "--base-url", server.base_url, "-m", "m", "hi")
        assert process.stdout is not None
        assert process.stdout.read(13) == b"the beginning"
        got, rest, errors = ended(process, number)

    assert (got, rest) == (code, b"\n")
    assert b"Traceback" not in errors
    reply = last_reply(program)
    assert reply["status"] == "stopped"
    assert reply["parts"] == [{"type": "text", "text": "the beginning"}]


def test_signal_prints_the_json_all_the_same(program: Program) -> None:
    with held() as server:
        process = program.start("ask", "--base-url", server.base_url, "-m", "m", "--json", "hi")
        wait_until(lambda: journalled(program.home))
        code, output, _ = ended(process, signal.SIGTERM)

    assert code == 143
    got = json.loads(output)
    assert (got["status"], got["text"], got["error"]) == ("stopped", "the beginning", None)


def test_signal_before_the_first_byte_stops_too(program: Program) -> None:
    with ThreadedServer([events(Stall())]) as server:
        process = program.start("ask", "--base-url", server.base_url, "-m", "m", "--json", "hi")
        wait_until(lambda: bool(server.requests))
        code, output, _ = ended(process, signal.SIGINT)

    assert code == 130
    assert json.loads(output)["status"] == "stopped"


def test_signal_while_reading_stdin_prints_the_json(program: Program) -> None:
    reader, writer = os.pipe()
    try:
        process = program.start("ask", "--demo", "--json", stdin=reader)
        os.write(writer, b"x")
        # When that is taken, it stands in the next read.
        wait_until(lambda: unread(reader) == 0)
        code, output, _ = ended(process, signal.SIGINT)
    finally:
        os.close(reader)
        os.close(writer)

    assert code == 130
    assert json.loads(output)["status"] == "stopped"


def test_reader_that_leaves_ends_it_with_141(program: Program) -> None:
    process = program.start("ask", "--demo", "/long 20000", CHAT_TUI_DEMO_RATE="5000")
    assert process.stdout is not None
    process.stdout.read(1000)
    process.stdout.close()
    process.wait(20)
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()

    assert process.returncode == 141
    assert b"Traceback" not in errors
    assert b"Exception" not in errors
    assert last_reply(program)["status"] == "stopped"


@pytest.mark.parametrize("json_", [(), ("--json",)], ids=["text", "json"])
def test_closed_stdout_ends_it_with_141(program: Program, json_: tuple[str, ...]) -> None:
    command = 'exec "$@" >&-'
    done = subprocess.run(
        ["/bin/sh", "-c", command, "sh", *COMMAND, "ask", "--demo", *json_, "hello"],
        env=program.environ(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=20,
        check=False,
    )

    assert done.returncode == 141
    assert b"Traceback" not in done.stderr
    # The database was not taken for standard output.
    assert program.json("doctor", "--json")["database"]["integrity"] == "ok"


def test_closed_stdin_and_stderr_do_no_harm(program: Program) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- 2>&-', "sh", *COMMAND, "ask", "--demo", "/echo hello"],
        env=program.environ(),
        stdout=subprocess.PIPE,
        timeout=20,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, b"hello\n")


def test_reader_that_stands_still_holds_up_neither_journal_nor_signal(program: Program) -> None:
    size = 200_000  # more than a pipe holds
    reply = events(event(delta("x" * size)), event(delta(" the end")), Stall())
    with ThreadedServer([reply]) as server:
        process = program.start("ask", "--base-url", server.base_url, "-m", "m", "hi")
        wait_until(lambda: journalled(program.home))
        process.send_signal(signal.SIGINT)
        process.wait(10)
        ended(process)

    assert process.returncode == 130
    parts = last_reply(program)["parts"]
    assert isinstance(parts, list)
    assert len(parts[0]["text"]) >= size


def test_ignored_signal_stays_ignored(program: Program) -> None:
    with held() as server:
        command = "trap '' INT; exec \"$@\""
        url = ("--base-url", server.base_url, "-m", "m")
        process = subprocess.Popen(
            ["/bin/sh", "-c", command, "sh", *COMMAND, "ask", *url, "hi"],
            env=program.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        program.started.append(process)
        assert process.stdout is not None
        assert process.stdout.read(13) == b"the beginning"
        process.send_signal(signal.SIGINT)
        code, _, _ = ended(process, signal.SIGTERM)

    assert code == 143


_SILENT_NAME_SERVER = """
import socket, threading
from pathlib import Path
def hang(*arguments, **more):
    Path(__file__).with_name("asked").touch()
    threading.Event().wait()
socket.getaddrinfo = hang
"""


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH: with it the name server never answers.

    `asked` is made in it when a name is asked for.
    """
    folder = tmp_path / "silent"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_SILENT_NAME_SERVER)
    return folder


NOBODY = ("--base-url", "http://nobody.example/v1", "-m", "m")


def test_signal_while_a_name_is_looked_up_ends_it(program: Program, silent: Path) -> None:
    process = program.start("ask", *NOBODY, "--json", "hi", PYTHONPATH=str(silent))
    wait_until((silent / "asked").exists)
    # It would never end if it waited for the resolver.
    code, output, errors = ended(process, signal.SIGINT)

    assert (code, errors) == (130, b"Stopped here.\n")
    assert json.loads(output)["status"] == "stopped"
    assert last_reply(program)["status"] == "stopped"


def test_app_is_left_while_a_name_is_looked_up(program: Program, silent: Path) -> None:
    with program.on_terminal(*NOBODY[:2], "--model", "m", PYTHONPATH=str(silent)) as terminal:
        terminal.wait_for("Enter sends")
        terminal.send("h")
        terminal.settle()
        terminal.send("\r")
        # The name is asked for before that, too: for what the window is.
        terminal.wait_for("Waiting")
        wait_until((silent / "asked").exists)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 143
        output = bytes(terminal.output)

    assert output.rfind(b"\x1b[?1049l") > output.rfind(b"\x1b[?1049h")
    assert last_reply(program)["status"] == "stopped"
