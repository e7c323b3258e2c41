"""Textual's terminal driver, mended where terminals go away, jobs are continued, and Esc waits."""

import asyncio
import io
import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import Any, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.app import ScreenStackError
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_PATIENCE = 0.1
"""Seconds between two looks whether to end, while no keys come."""

_ATTENTION = 0.01
"""The same just after a key: Esc is told from the beginning of a sequence by the time alone."""

_ATTENTIVE_FOR = 0.2
"""Seconds after the last key for which that goes on; longer than the wait for a sequence."""

_START = 5.0
"""Seconds after which keys are read although nothing has the focus yet."""

_NORMAL_POINTER = "\x1b]22;default\x07"


class TerminalDriver(LinuxDriver):
    """The driver of the app wherever it draws on a terminal of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self._file is not None:
            self._file = cast("Any", _LastingFile(self._file))

    def stop_application_mode(self) -> None:
        """Give the terminal back, also the shape of its pointer."""
        self.write(_NORMAL_POINTER)
        super().stop_application_mode()

    def _sigcont_application(self, *_: object) -> None:
        if self._must_signal_resume:
            super()._sigcont_application()
            return
        # It was not Textual that stopped (SIGSTOP), or nothing was stopped at all: a terminal that
        # goes away sends SIGCONT too. Textual would enter its mode a second time, with a second
        # thread for keys, and take the terminal's present settings for the shell's.
        with suppress(RuntimeError):  # the loop has ended: there is nothing left to draw
            loop = asyncio.get_running_loop()
            # A signal's handler must not touch the app's queue: the app may be at it.
            loop.call_soon_threadsafe(self._app.post_message, self.SignalResume())

    def run_input_thread(self) -> None:
        """Read keys until the app ends or the terminal goes away.

        Textual's own loop looks for a lone Esc every 100 ms only, spins once the terminal has
        gone, and ends the app at a byte that is no UTF-8.
        """
        self._wait_for_focus()
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        last_key = 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                attentive = monotonic() - last_key < _ATTENTIVE_FOR
                if selector.select(_ATTENTION if attentive else _PATIENCE):
                    keys = self._read_keys()
                    if not keys:
                        return
                    last_key = monotonic()
                    self._process(parser.feed(decode(keys)))
                self._process(parser.tick())

    def _wait_for_focus(self) -> None:
        """Leave the first keys in the terminal until there is who takes them: none is lost."""
        begun = monotonic()
        while not self._has_focus() and monotonic() - begun < _START:
            if self.exit_event.wait(_ATTENTION):
                return

    def _has_focus(self) -> bool:
        try:
            return self._app.focused is not None
        except ScreenStackError:
            return False

    def _read_keys(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:  # the terminal has gone; SIGHUP says so too
            return b""

    def _process(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)


class _LastingFile(io.TextIOBase):
    """Writes to a terminal, and when that has gone, nowhere.

    Else Textual's writing thread would end, and the app wait forever for room in its queue.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Take a text, whatever becomes of it."""
        try:
            return self._file.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """See `write`."""
        try:
            self._file.flush()
        except OSError:
            return

    def fileno(self) -> int:
        """The terminal's."""
        return self._file.fileno()
