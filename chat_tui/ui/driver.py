"""Textual's terminal driver, mended where terminals go away, jobs are continued, and Esc waits."""

import asyncio
import io
import os
import selectors
import signal
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import Any, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.app import ScreenStackError
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from chat_tui.ui.paste_brackets import PasteBrackets
from chat_tui.ui.terminal import has_shell

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
        self.lent = False
        """Whether another program has the terminal."""
        self._on_quit: Any = signal.SIG_DFL
        if self._file is not None:
            self._file = cast("Any", _LastingFile(self._file))

    def write(self, data: str) -> None:
        """Send to the terminal; what is drawn while another program has it is dropped."""
        if not self.lent:
            super().write(data)

    def stop_application_mode(self) -> None:
        """Give the terminal back, also the shape of its pointer."""
        if not self.lent:
            self.write(_NORMAL_POINTER)
            super().stop_application_mode()

    def lend(self) -> None:
        """Let another program have the terminal, as a shell left it; the event loop goes on."""
        # From here on SIGTSTP stops this process as it is, and SIGCONT draws nothing.
        self._auto_restart = False
        self.suspend_application_mode()
        # The keys that end programs reach this one too now. A handler, unlike SIG_IGN, is not
        # inherited by the program that is started.
        self._on_quit = signal.signal(signal.SIGQUIT, _pay_no_heed)
        self.lent = True

    def take_back(self) -> None:
        """Have the terminal again, whatever the other program did to it."""
        self._wait_for_foreground()
        if self.attrs_before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSADRAIN, self.attrs_before)
        signal.signal(signal.SIGQUIT, self._on_quit)
        self.lent = False
        self._auto_restart = True
        self.resume_application_mode()

    def _wait_for_foreground(self) -> None:
        """Stop until the shell gives this process the terminal, if it went on without it."""
        with suppress(OSError):
            while os.tcgetpgrp(self.fileno) != os.getpgrp():
                if has_shell():
                    os.kill(os.getpid(), signal.SIGSTOP)
                    continue
                ignored = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                try:
                    os.tcsetpgrp(self.fileno, os.getpgrp())
                finally:
                    signal.signal(signal.SIGTTOU, ignored)

    def _sigtstp_application(self, *args: object) -> None:
        # Meant for the program that has the terminal: without a shell, nobody would continue this.
        if not self.lent or has_shell():
            super()._sigtstp_application(*args)

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
        gone, ends the app at a byte that is no UTF-8, and takes a paste
        with an ESC in it for keys.
        """
        self._wait_for_focus()
        parser, brackets = XTermParser(self._debug), PasteBrackets()
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
                    # Half a character is nothing yet, which would be the end for the parser.
                    if words := brackets.feed(decode(keys)):
                        self._process(parser.feed(words))
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


def _pay_no_heed(*_: object) -> None:
    """Take a signal that is meant for another program."""


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
