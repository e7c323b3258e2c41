"""The terminal: whether it can be used, what may reach it, and how it is left."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

from chat_tui.core.safety import clean
from chat_tui.core.texts import text

_HARMLESS = frozenset("\n\t")


class ControlFilter(LineFilter):
    """The last line of defence: no control character of a rendered line reaches the terminal.

    Text from outside is cleaned where it comes in; what slips past that is cleaned here. Textual
    marks its own control segments (`Segment.control`), which pass.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Clean the texts of a line's segments."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment
            if segment.control or segment.text.isprintable()
            else segment._replace(text=clean(segment.text).replace("\n", " ").replace("\t", " "))
            for segment in segments
        ]


def unusable(stdin: TextIO, stdout: TextIO, environ: Mapping[str, str]) -> str:
    """Why a full screen is impossible here, in one sentence; empty where it is possible."""
    if not (stdin.isatty() and stdout.isatty()):
        return text("crash.no-terminal")
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        return text("crash.dumb-terminal", term=clean(term) or "unset")
    return ""


def send_sequence(app: App[Any], sequence: str) -> None:
    """Send a sequence that draws nothing (a bell, the clipboard) to the terminal.

    Args:
        app: whose terminal; nothing is sent while another program has it.
        sequence: made by this app; texts in it are clean.
    """
    driver = app._driver  # noqa: SLF001 - Textual offers the bell alone
    if driver is not None and app.is_running:
        driver.write(sequence)


def has_shell() -> bool:
    """Whether a shell started this as a job, and would continue it after a stop."""
    return os.getpgrp() != os.getsid(0)


def handle_signals(stop: Callable[[int], None]) -> None:
    """Leave in an orderly way on SIGINT, SIGTERM and SIGHUP, of which Textual knows nothing.

    Args:
        stop: called on the event loop with the signal's number.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)


def crash_report(error: BaseException, version: str) -> str:
    """A traceback without the values of variables, which may hold keys and texts."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=False)
    # The exception's own words may quote a text: they stay out, its type is kept.
    lines = [f"chat-tui {version}, Python {sys.version.split()[0]}\n", "Traceback:\n"]
    lines += frames.stack.format()
    lines.append(f"{type(error).__module__}.{type(error).__qualname__}\n")
    return "".join(lines)
