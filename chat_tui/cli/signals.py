"""Signals that end a command: turned into an exit code, whatever is running."""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminated(SystemExit):
    """A signal asked the process to end.

    A `SystemExit`, since asyncio swallows every other exception that is raised in a callback.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__(self.exit_code)


def raise_on_signals() -> None:
    """Have SIGINT, SIGTERM and SIGHUP raise `Terminated` where the program is.

    Those that the caller had ignored (nohup, a background job) stay ignored.
    """
    for number in _not_ignored():
        signal.signal(number, _raise)


def call_on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[int], None]) -> None:
    """Have them call a function in the event loop instead, with the exit code that they mean."""
    for number in _not_ignored():
        loop.add_signal_handler(number, stop, 128 + number)


def _not_ignored() -> list[signal.Signals]:
    return [number for number in _NUMBERS if signal.getsignal(number) is not signal.SIG_IGN]


def _raise(number: int, _frame: FrameType | None) -> None:
    raise Terminated(number)
