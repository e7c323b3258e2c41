"""The program as a process, with a home of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.servers import Stall, ThreadedServer, delta, event, events
from tests.terminal.program import TerminalProgram

COMMAND = (sys.executable, "-m", "chat_tui")


@dataclass
class Program:
    """Runs `chat-tui` under `home`; standard input is empty unless it is given."""

    home: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "CHAT_TUI_HOME": str(self.home),
            "CHAT_TUI_DEMO_RATE": "0",
            "CHAT_TUI_DEMO_SEED": "1",
            "CHAT_TUI_DISCOVERY": "0",
            **more,
        }

    def run(
        self, *arguments: str, text: str | None = None, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; `text` goes to standard input, through a pipe."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
        return subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            encoding="utf-8",
            env=self.environ(**environ),
            timeout=30,
            check=False,
            **given,
        )

    def start(
        self,
        *arguments: str,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        **environ: str,
    ) -> subprocess.Popen[bytes]:
        """Start, and leave it running."""
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=self.environ(**environ),
        )
        self.started.append(process)
        return process

    def on_terminal(self, *arguments: str, **environ: str) -> TerminalProgram:
        """Start on a pseudo-terminal."""
        return TerminalProgram([*COMMAND, *arguments], self.environ(**environ))

    def json(self, *arguments: str, code: int = 0, **environ: str) -> Any:
        """Run and read standard output as JSON."""
        done = self.run(*arguments, **environ)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Poll until something has happened."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def ended(process: subprocess.Popen[bytes], number: int | None = None) -> tuple[int, bytes, bytes]:
    """Send a signal, where one is given, and wait for the end: code, output, errors."""
    if number is not None:
        process.send_signal(signal.Signals(number))
    output, errors = process.communicate(timeout=20)
    return process.returncode, output, errors


def contents(folder: Path) -> Sequence[bytes]:
    """What is in all files below a folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def held() -> ThreadedServer:
    """A server that sends the beginning of an answer and then nothing."""
    return ThreadedServer([events(event(delta("the beginning")), Stall())])


def journalled(home: Path) -> bool:
    """Whether streamed text has come to the database."""
    path = home / "data" / "chat-tui.db"
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("SELECT count(*) FROM chunks").fetchone()[0])
    except sqlite3.OperationalError:
        return False  # the tables are being made
