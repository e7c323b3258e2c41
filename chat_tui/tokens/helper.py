"""The process that counts, seen from the app: started when first needed, and again if it dies."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from chat_tui.core.child_environment import child_environment
from chat_tui.core.errors import UsageError

COMMAND = ("-P", "-m", "chat_tui.tokens.worker")
"""What Python is told. `-P`: a `json.py` in the folder where the app was started is not ours."""

LONGEST_WAIT = 30.0
"""Seconds for an answer, the start of the process and the loading of a vocabulary with them."""

_TRIES = 2
"""How often a request is made: one that has ended a process may end the next one as well."""

_MOST_DEATHS = 4
"""Processes that ended one after another, with no answer between them, before none is started."""


@dataclass(slots=True)
class _Order:
    """Texts to count, and whom to tell."""

    encoding: str
    texts: Sequence[str]
    result: asyncio.Future[list[int]]


class CountingHelper:
    """Counts texts in a process of its own, one request after another.

    The vocabularies take 0.3 s to load and 80 MB each: the app has neither.

    Args:
        command: the arguments of Python.
        seconds: how long an answer may take.
    """

    def __init__(self, command: Sequence[str] = COMMAND, *, seconds: float = LONGEST_WAIT) -> None:
        self._command = tuple(command)
        self._seconds = seconds
        self._orders: deque[_Order] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._answered = False
        self._killed = 0
        """The process that was killed last, by its id."""
        self._deaths = 0
        self._closed = False

    @property
    def ready(self) -> bool:
        """Whether the process runs and has answered: the next answer comes at once."""
        return self._answered and self._process is not None and self._process.returncode is None

    async def count(self, encoding: str, texts: Sequence[str]) -> list[int]:
        """The tokens of each text. It may be cancelled; first come, first served.

        Raises:
            UsageError: the process cannot be started, or ended, or did not answer in time.
        """
        if self._closed or self._deaths >= _MOST_DEATHS:
            raise _uncountable()
        order = _Order(encoding, texts, asyncio.get_running_loop().create_future())
        self._orders.append(order)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await order.result

    async def aclose(self) -> None:
        """End the process; whoever waits for a count is told that there is none."""
        self._closed = True
        if self._process is not None:
            self._kill(self._process)
        if self._serving is not None:
            # It is not cancelled: a process that is just starting is to be ended, not forgotten.
            await asyncio.wait([self._serving])
        await self._end()

    async def _serve(self) -> None:
        """Serve all who wait; at its end nobody does."""
        try:
            while self._orders:
                order = self._orders.popleft()
                if not order.result.done():  # else its caller was cancelled
                    await self._fulfil(order)
        except asyncio.CancelledError:
            # The event loop ends: nothing of the process may be left to it.
            await self._end()
            raise
        finally:
            for order in self._orders:
                _refuse(order)
            self._orders.clear()

    async def _fulfil(self, order: _Order) -> None:
        """Answer one of them, with a new process where one ended; refuse where that ends too."""
        tries = 0
        try:
            while not self._closed and tries < _TRIES and self._deaths < _MOST_DEATHS:
                tries += 1
                try:
                    async with asyncio.timeout(self._seconds):
                        counts = await self._ask(order)
                except TimeoutError:
                    tries = _TRIES
                except (OSError, ValueError):
                    pass  # it ended, and is started again
                else:
                    self._deaths, self._answered = 0, True
                    if not order.result.done():
                        order.result.set_result(counts)
                    return
                self._deaths += 1
                await self._end()
        finally:
            _refuse(order)

    async def _ask(self, order: _Order) -> list[int]:
        """One request and its answer.

        Raises:
            OSError: the process cannot be started, or takes nothing more.
            ValueError: it ended, or its answer is none.
        """
        if self._process is None:
            self._process = await self._start()
        process = self._process
        if self._closed or process.stdin is None or process.stdout is None:
            raise ValueError("closed")
        request = {"encoding": order.encoding, "texts": order.texts}
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        counts = json.loads(await process.stdout.readline())
        if not isinstance(counts, list) or len(counts) != len(order.texts):
            raise ValueError("no answer to this request")
        return counts

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_environment(os.environ),
            # No terminal, and none of the signals that its keys send.
            start_new_session=True,
        )

    def _kill(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None or process.pid == self._killed:
            return
        self._killed = process.pid
        # Not `process.kill()`: that asks first whether it has ended, and so may take its end away
        # from asyncio's own waiting, which then complains on standard error.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)

    async def _end(self) -> None:
        """End the process, if there is one, and what is open to it."""
        process, self._process, self._answered = self._process, None, False
        if process is None:
            return
        self._kill(process)
        if process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(OSError):
                await process.stdin.wait_closed()
        if process.stdout is not None:
            await process.stdout.read()
        await process.wait()


def _refuse(order: _Order) -> None:
    if not order.result.done():
        order.result.set_exception(_uncountable())


def _uncountable() -> UsageError:
    return UsageError(
        "Tokens cannot be counted exactly: the process that counts them ended.",
        hint="The figures are estimates; start the app again to count.",
    )
