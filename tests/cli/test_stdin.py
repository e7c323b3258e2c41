"""Where `ask` takes its prompt from."""

import os
import socket
import subprocess
import time
from pathlib import Path

from tests.cli.helpers import Program, ended

ECHO = ("ask", "--demo", "--no-save")


def test_pipe_is_added_after_a_blank_line(program: Program) -> None:
    done = program.run(*ECHO, "/echo one", text="two\nthree\n")

    assert done.stdout == "one\n\ntwo\nthree\n"


def test_pipe_alone_is_the_prompt(program: Program) -> None:
    assert program.run(*ECHO, text="/echo from the pipe").stdout == "from the pipe\n"


def test_file_is_read(program: Program, tmp_path: Path) -> None:
    (tmp_path / "input").write_text("from a file")
    with (tmp_path / "input").open("rb") as file:
        code, output, _ = ended(program.start(*ECHO, "/echo see", stdin=file))

    assert (code, output) == (0, b"see\n\nfrom a file\n")


def test_socket_is_read(program: Program) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = program.start(*ECHO, "/echo see", stdin=theirs.fileno())
        ours.sendall(b"from a socket")
        ours.shutdown(socket.SHUT_WR)
        code, output, _ = ended(process)

    assert (code, output) == (0, b"see\n\nfrom a socket\n")


def test_silent_pipe_beside_a_prompt_counts_as_empty(program: Program) -> None:
    reader, writer = os.pipe()
    begun = time.monotonic()
    try:
        code, output, _ = ended(program.start(*ECHO, "/echo alone", stdin=reader))
    finally:
        os.close(reader)
        os.close(writer)

    assert (code, output) == (0, b"alone\n")
    assert time.monotonic() - begun > 2.0


def test_empty_pipe_beside_a_prompt_adds_nothing(program: Program) -> None:
    assert program.run(*ECHO, "/echo alone", text="").stdout == "alone\n"


def test_invalid_utf8_is_replaced_and_told(program: Program) -> None:
    process = program.start(*ECHO, "/echo x", stdin=subprocess.PIPE)
    output, errors = process.communicate(b"a\xffb", timeout=20)

    assert output.decode() == "x\n\na\ufffdb\n"
    assert b"UTF-8" in errors


def test_no_prompt_at_all_exits_2(program: Program) -> None:
    nothing, blank = program.run(*ECHO, "--json"), program.run(*ECHO, text=" \n")

    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert (blank.returncode, blank.stdout) == (2, "")
    assert "no prompt" in nothing.stderr


def test_terminal_without_prompt_exits_2(program: Program) -> None:
    with program.on_terminal(*ECHO) as terminal:
        assert terminal.wait() == 2
        assert b"no prompt" in terminal.output


def test_terminal_is_not_read_beside_a_prompt(program: Program) -> None:
    with program.on_terminal(*ECHO, "/echo alone") as terminal:
        assert terminal.wait() == 0
        assert terminal.output == b"alone\r\n"
