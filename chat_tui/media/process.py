"""The process that decodes hostile files, seen from the app.

It is started when it is first needed, does one job after another, and ends when nothing came for a
while, when the app ends however that happens, and after every failure: what broke it may have left
something behind. All that blocks runs in threads.
"""

import asyncio
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chat_tui.core.child_environment import child_environment
from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.media.worker.frames import FrameError, receive, send

COMMAND = ("-P", "-m", "chat_tui.media.worker.main")
"""What Python is told. `-P`: a `json.py` in the folder where the app was started is not ours."""

SECONDS = 10.0
"""For one job."""

_START_SECONDS = 30.0
"""Until the process can take a job; it is no part of the time of that job."""

_IDLE_SECONDS = 30.0
_MOST_JOBS = 200
"""After so many a new process is taken: memory does not come back piece by piece."""

_MOST_HEAD = 1024 * 1024
_MOST_BODY = 96 * 1024 * 1024

_MEMORY = {
    # A thread of a decoder would take 64 MB of address space; large blocks go back at once.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
}


class _Child(NamedTuple):
    """A process that has said that it is ready."""

    process: subprocess.Popen[bytes]
    channel: socket.socket

    def waits(self) -> bool:
        """Whether it waits for a job: one that has ended, or says what nobody asked, does not."""
        poll = select.poll()
        poll.register(self.channel, select.POLLIN)
        return not poll.poll(0)

    def kill(self) -> None:
        """End it with what it has started; who waits for its answer learns that."""
        with contextlib.suppress(OSError):
            # Something that it has started may hold the other end.
            self.channel.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End it and what is open to it; blocks for a moment."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        self.channel.close()

    def ask(self, head: Mapping[str, Any], content: bytes | int) -> tuple[dict[str, Any], bytes]:
        """One job; blocks.

        Raises:
            OSError: it has ended, or takes nothing.
            FrameError: what it answers is nothing.
        """
        send(self.channel, head, content)
        answer = receive(self.channel, _MOST_HEAD, _MOST_BODY)
        if answer is None:
            raise FrameError("it ended")
        if answer.descriptor >= 0:
            os.close(answer.descriptor)
            raise FrameError("a file that nobody asked for")
        return answer.head, answer.body


class Worker:
    """Does jobs in another process, with limits of memory and time.

    Args:
        command: the arguments of Python.
        seconds: how long a job may take.
        idle: after how many seconds without a job the process is ended.
    """

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        seconds: float = SECONDS,
        idle: float = _IDLE_SECONDS,
    ) -> None:
        self._command = tuple(command)
        self._seconds = seconds
        self._idle = idle
        self._turn = asyncio.Lock()
        self._child: _Child | None = None
        self._jobs = 0
        self._timer: asyncio.TimerHandle | None = None
        self._blocking: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def process(self) -> int:
        """The id of the process that waits for a job; 0 where there is none."""
        return self._child.process.pid if self._child is not None else 0

    async def run(
        self, job: str, arguments: Mapping[str, Any], content: bytes | int = b""
    ) -> tuple[dict[str, Any], bytes]:
        """Do a job; those who ask are served one after another. It may be cancelled.

        Args:
            job: its name, see `chat_tui.media.worker.jobs`.
            arguments: what JSON can say; `name` is what the file is called in sentences.
            content: the file, or an open descriptor of it, which stays the caller's.

        Raises:
            UsageError: the job refused; or it took too long, too much memory, or ended its process.
        """
        name = clean_line(str(arguments.get("name") or "The file"), code=True)
        async with self._turn:
            if self._closed:
                raise _closing(name)
            self._stop_timer()
            head = {"job": job, "arguments": dict(arguments), "seconds": self._seconds}
            answer, body = await self._ask(name, head, content)
        if "error" in answer:
            raise UsageError(str(answer["error"]), hint=str(answer.get("hint", "")))
        return answer, body

    async def aclose(self) -> None:
        """End the process; who waits for a job is told so. Twice is safe."""
        self._closed = True
        if self._child is not None:
            self._child.kill()
        async with self._turn:
            await self._end()
        if self._blocking:
            await asyncio.wait(self._blocking)

    async def _ask(
        self, name: str, head: Mapping[str, Any], content: bytes | int
    ) -> tuple[dict[str, Any], bytes]:
        good = False
        if self._child is not None and not self._child.waits():
            self._leave()
        try:
            child = self._child = self._child or await self._start(name)
            if self._closed:
                raise _closing(name)
            asking = self._in_thread(child.ask, head, content)
            async with asyncio.timeout(self._seconds):
                answer, body = await asyncio.shield(asking)
            good = not answer.get("broken")
            self._jobs += 1
        except TimeoutError as error:
            raise UsageError(
                f"{name} cannot be read here: it took more than {self._seconds:g} seconds.",
                hint="Convert it with another program, or make it smaller.",
            ) from error
        except (OSError, FrameError) as error:
            raise (_closing if self._closed else _broken)(name) from error
        finally:
            if not good or self._jobs >= _MOST_JOBS:
                self._leave()
            elif self._idle > 0:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(self._idle, self._leave)
        return answer, body

    async def _start(self, name: str) -> _Child:
        starting = self._in_thread(self._start_blocking)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._end_started)
            raise
        except (OSError, FrameError) as error:
            raise UsageError(
                f"{name} cannot be read: the process that reads pictures and documents does not "
                "start.",
                hint="Start the app again; where that does not help, install it again.",
            ) from error

    def _start_blocking(self) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, *self._command],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**child_environment(os.environ), **_MEMORY},
                    # No terminal, and none of the signals that its keys send.
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise
        child = _Child(process, ours)
        try:
            theirs.close()
            ours.settimeout(_START_SECONDS)
            if receive(ours, _MOST_HEAD, 0) is None:
                raise FrameError("it ended")
            # The event loop keeps the time; this is for the case that there is none any more.
            ours.settimeout(self._seconds + _START_SECONDS)
        except (OSError, FrameError):
            child.end()
            raise
        return child

    def _in_thread(self, call: Any, *arguments: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(asyncio.to_thread(call, *arguments))
        self._blocking.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._blocking.discard(task)
        if not task.cancelled():
            task.exception()  # whoever was to hear it may have gone

    def _end_started(self, starting: asyncio.Task[_Child]) -> None:
        """End a process that nobody waits for any more."""
        if not starting.cancelled() and starting.exception() is None:
            child = starting.result()
            child.kill()
            self._in_thread(child.end)

    def _leave(self) -> None:
        """Take leave of the process, without waiting for its end."""
        self._stop_timer()
        child, self._child, self._jobs = self._child, None, 0
        if child is not None:
            child.kill()
            self._in_thread(child.end)

    async def _end(self) -> None:
        self._leave()
        while self._blocking:
            await asyncio.wait(self._blocking)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _closing(name: str) -> UsageError:
    return UsageError(f"{name} is not read: the app is closing.")


def _broken(name: str) -> UsageError:
    return UsageError(
        f"{name} cannot be decoded here: it is damaged, or would need too much memory.",
        hint="Convert it with another program, or make it smaller.",
    )
