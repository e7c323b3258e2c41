"""Runs programs of the user on this terminal.

The event loop goes on while one of them has the terminal, and so do the answers that stream in;
only drawing pauses.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any, Protocol, runtime_checkable

from textual.app import App

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.terminal import has_shell

_SETTLING = 0.1
"""Seconds after which a stop of the other program alone is told from one of both."""

_GRACE = 1.0
"""Seconds that a program may take to end when the app is left."""


@runtime_checkable
class Lender(Protocol):
    """A driver that can hand its terminal to another program."""

    def lend(self) -> None:
        """Give the terminal away."""
        ...

    def take_back(self) -> None:
        """Have it again."""
        ...


async def run_outside(app: App[Any], command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program on the terminal of the app; gives its exit code.

    Answers go on streaming in meanwhile. SIGINT and SIGQUIT of the keyboard are the program's;
    a stop (ctrl+z) stops both.

    Raises:
        UsageError: the program cannot be run, or there is no terminal (in a browser).
    """
    if shutil.which(command[0], path=environ.get("PATH")) is None:
        raise _not_run(command, text("outside.not-found"))
    # Textual's own `suspend` stops the event loop.
    driver: object = app._driver  # noqa: SLF001
    if isinstance(driver, Lender):
        with app.batch_update():
            code = await _on_terminal(driver, command, environ)
        app.refresh(layout=True)
        return code
    if not app.is_headless:
        raise UsageError(text("outside.no-terminal"))
    return await _start(command, environ, subprocess.DEVNULL).wait()


async def _on_terminal(driver: Lender, command: Sequence[str], environ: Mapping[str, str]) -> int:
    driver.lend()
    try:
        code = await _start(command, environ).wait()
    except asyncio.CancelledError:
        # The app is being left: the terminal stays as it is.
        raise
    except BaseException:
        driver.take_back()
        raise
    driver.take_back()
    return code


class _Child:
    """A program that runs beside the event loop.

    Args:
        process: just started.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        # A thread, because the event loop's own way tells nothing of a program that stops.
        self._watcher = Thread(target=self._watch, name="outside", daemon=True)
        self._watcher.start()

    async def wait(self) -> int:
        """Wait for its end; it is ended where the wait is cancelled."""
        try:
            return await asyncio.shield(self._ended)
        except asyncio.CancelledError:
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(self._process.pid, signal.SIGTERM)
                self._watcher.join(_GRACE)
            raise

    def _watch(self) -> None:
        pid = self._process.pid
        _, status = os.waitpid(pid, os.WUNTRACED)
        while os.WIFSTOPPED(status):
            # Mostly one key stopped both, and when time goes on for this one it does for both.
            time.sleep(_SETTLING)
            changed, status = os.waitpid(pid, os.WNOHANG | os.WCONTINUED)
            if not changed:
                _follow_stop(pid)
            if not changed or os.WIFCONTINUED(status):
                _, status = os.waitpid(pid, os.WUNTRACED)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if not self._ended.done():
            self._ended.set_result(self._process.returncode)


def _follow_stop(pid: int) -> None:
    """Stop too where a program stopped itself alone: the shell waits for this process."""
    if has_shell():
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        # Nobody else would continue it.
        os.kill(pid, signal.SIGCONT)


def _start(command: Sequence[str], environ: Mapping[str, str], stdio: int | None = None) -> _Child:
    try:
        return _Child(
            subprocess.Popen(  # noqa: S603 - the user's own program, and no shell
                command, stdin=stdio, stdout=stdio, stderr=stdio, env=dict(environ)
            )
        )
    except OSError as error:
        raise _not_run(command, error.strerror or type(error).__name__) from error


def _not_run(command: Sequence[str], reason: str) -> UsageError:
    name = clean_line(command[0], code=True)
    return UsageError(text("outside.not-run", name=name, reason=reason))
