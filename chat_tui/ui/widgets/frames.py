"""One timer for everything that moves: however many panes stream, the screen is drawn as often."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

MAX_RATE = 20
"""Frames a second at most."""

_SHARE = 4
"""A frame is followed by at least so many times its own cost of rest, so that keys are heard."""

_AT_FULL_RATE = 3
"""Panes that are drawn at `MAX_RATE`. What Textual does for a frame, and the terminal with it,
grows with the panes that change: of twice as many each is drawn half as often."""

_WORK = 0.03
"""Seconds after which a frame leaves what is still to be drawn for the next one, which begins with
that: six panes that are all full of text must not keep a key waiting six times as long as one."""


class TimerSource(Protocol):
    """What runs the timer: an app or a widget."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        """Call back once after a delay in seconds."""
        ...


class FramePacer:
    """Collects who wants to be drawn and calls them together, at most `MAX_RATE` times a second.

    Args:
        timers: runs the timer.
    """

    def __init__(self, timers: TimerSource) -> None:
        self._timers = timers
        self._wanted: dict[Callable[[], None], None] = {}
        self._armed = False
        self._cost = 0.0
        self._last = 0.0
        self._drawn = 0

    def request(self, draw: Callable[[], None]) -> None:
        """Ask to be called with the next frame; asking twice is asking once."""
        self._wanted[draw] = None
        if not self._armed:
            self._arm()

    def _arm(self) -> None:
        self._armed = True
        usual = max(self._drawn / _AT_FULL_RATE, 1) / MAX_RATE
        interval = max(usual, _SHARE * self._cost)
        delay = max(self._last + interval - perf_counter(), 0.001)
        self._timers.set_timer(delay, self._draw)

    def _draw(self) -> None:
        self._armed = False
        wanted, self._wanted = self._wanted, {}
        start = perf_counter()
        self._drawn = 0
        for draw in wanted:
            if self._drawn and perf_counter() - start > _WORK:
                break
            draw()
            self._drawn += 1
        if left := [*wanted][self._drawn :]:
            # Before those that were drawn now and want more.
            self._wanted = dict.fromkeys([*left, *self._wanted])
        self._last = perf_counter()
        self._cost = self._last - start
        if left and not self._armed:
            self._arm()
