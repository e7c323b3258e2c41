"""Standard output and standard error."""

import asyncio
import errno
import os
import queue
import select
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from chat_tui.core.errors import ChatError, ErrorInfo, StorageError
from chat_tui.core.safety import Cleaner, clean, join_surrogates

_STDOUT = 1
_CLOSED = (errno.EPIPE, errno.EBADF)


class ClosedOutputError(Exception):
    """Whoever read standard output has gone."""


def say(text: str) -> None:
    """Tell the user something, on standard error, cleaned."""
    with suppress(OSError, ValueError):  # closed: there is nobody to tell
        sys.stderr.write(clean(text) + "\n")
        sys.stderr.flush()


def say_error(error: ChatError | ErrorInfo) -> None:
    """Tell what went wrong and what to do next, on standard error."""
    say(f"chat-tui: {error.told}")


def forget_lost_output() -> None:
    """Drop what a terminal that is gone did not take; Python would exit with 120 over it."""
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        try:
            stream.flush()
        except (OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def on_terminal() -> bool:
    """Whether standard output is a terminal, so that what goes there is to be cleaned."""
    return os.isatty(_STDOUT)


def write_out(text: str) -> None:
    """Write a text to standard output, all of it; cleaned where that is a terminal.

    Raises:
        ClosedOutputError: it is closed.
        StorageError: it cannot be written (a full disk).
    """
    try:
        _write_all(_encode(clean(text) if on_terminal() else join_surrogates(text)))
    except OSError as error:
        raise _translated(error) from error


class AnswerWriter:
    """Writes an answer to standard output as it comes, in a thread of its own.

    A reader that is slow or stands still (`| less`) so holds up neither the journal nor signals.
    To be made in the event loop.

    Args:
        on_failure: called once, in the event loop, where standard output cannot be written.
    """

    def __init__(self, on_failure: Callable[[], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_failure = on_failure
        self._cleaner = Cleaner() if on_terminal() else None
        self._held = ""
        self._last = ""
        self._queue: queue.SimpleQueue[str | asyncio.Future[None]] = queue.SimpleQueue()
        self._failure: OSError | None = None
        # A daemon: one that waits for a reader must not keep the process from ending.
        threading.Thread(target=self._run, name="output", daemon=True).start()

    def write(self, text: str) -> None:
        """Take more of the answer; returns at once."""
        if self._cleaner is not None:
            text = self._cleaner.feed(text)
        else:
            # A surrogate pair may be split over two deltas.
            text = self._held + text
            cut = len(text) - ("\ud800" <= text[-1:] <= "\udbff")
            text, self._held = text[:cut], text[cut:]
        self._put(text)

    def end(self) -> None:
        """End an answer with a newline, unless it is empty or has one."""
        self._put(self._cleaner.close() if self._cleaner is not None else self._held)
        self._held = ""
        if self._last not in ("", "\n"):
            self._put("\n")
        self._last = ""

    async def drain(self) -> None:
        """Wait until all of it is written.

        Raises:
            ClosedOutputError: standard output was closed.
            StorageError: it could not be written.
        """
        written: asyncio.Future[None] = self._loop.create_future()
        self._queue.put(written)
        await written
        if self._failure is not None:
            raise _translated(self._failure) from self._failure

    def _put(self, text: str) -> None:
        if text:
            self._last = text[-1]
            self._queue.put(text)

    def _run(self) -> None:
        while True:
            pieces = [self._queue.get()]
            with suppress(queue.Empty):
                while isinstance(pieces[-1], str):
                    pieces.append(self._queue.get_nowait())
            self._write("".join(piece for piece in pieces if isinstance(piece, str)))
            if not isinstance(pieces[-1], str):
                self._post(partial(_resolve, pieces[-1]))

    def _write(self, text: str) -> None:
        if self._failure is not None:
            return
        try:
            _write_all(_encode(join_surrogates(text)))
        except OSError as error:
            self._failure = error
            self._post(self._on_failure)

    def _post(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(function)


async def write_last_words(text: str, seconds: float) -> None:
    """Write a text, but wait only so long for a reader, and not at all for one that left."""
    writer = AnswerWriter(on_failure=lambda: None)
    writer.write(text)
    with suppress(TimeoutError, ClosedOutputError, StorageError):
        async with asyncio.timeout(seconds):
            await writer.drain()


def _resolve(written: asyncio.Future[None]) -> None:
    if not written.done():
        written.set_result(None)


def _write_all(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(_STDOUT, rest) :]
        except BlockingIOError:  # whoever shares it has made it non-blocking
            select.select([], [_STDOUT], [])


def _encode(text: str) -> bytes:
    """UTF-8, but on a terminal what it speaks."""
    encoding = sys.stdout.encoding if on_terminal() and sys.stdout is not None else "utf-8"
    return text.encode(encoding, "replace")


def _translated(error: OSError) -> Exception:
    if error.errno in _CLOSED:
        return ClosedOutputError()
    return StorageError(f"Standard output cannot be written: {error.strerror or error}.")
