"""The program in a fork of a process that has imported it already: 20 ms a run and not 300.

Each run is a process of its own, with its own environment and standard streams; what it does at
its very end (`atexit`) is left out.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.cli.helpers import Program


class Forker:
    """Runs `chat-tui`, one command after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=10)

    def run(self, *arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run to the end, with an empty standard input."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([arguments, dict(environ)]) + "\n")
        self._process.stdin.flush()
        code, output, errors = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, output, errors)


@dataclass
class ForkedProgram(Program):
    """A `Program` that runs in forks; with a standard input of its own it is started as ever."""

    forker: Forker = field(kw_only=True)

    def run(
        self, *arguments: str, text: str | None = None, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """See `Program.run`."""
        if text is not None:
            return super().run(*arguments, text=text, **environ)
        return self.forker.run(*arguments, environ=self.environ(**environ))


def main() -> None:
    """Serve commands from standard input."""
    # What every command would import anyway.
    import chat_tui.cli.ask
    import chat_tui.providers.client  # noqa: F401

    for line in sys.stdin:
        arguments, environ = json.loads(line)
        print(json.dumps(run(arguments, environ)), flush=True)


def run(arguments: list[str], environ: dict[str, str]) -> tuple[int, str, str]:
    """Run a command in a child; gives its exit code, standard output and standard error."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            _become(arguments, environ, output.fileno(), errors.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        errors.seek(0)
        texts = output.read().decode(), errors.read().decode()
        return os.waitstatus_to_exitcode(status), *texts


def _become(arguments: list[str], environ: dict[str, str], output: int, errors: int) -> None:
    """Never returns."""
    from chat_tui.cli.main import run as run_command

    code = 70
    try:
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), output, errors)):
            os.dup2(file, number)
        os.environ.clear()
        os.environ.update(environ)
        code = run_command(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        # As the interpreter does: what was learnt may still be on its way to the disk.
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
