"""One timer for everything that moves: however many panes stream, the screen is drawn as often."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

MAX_RATE = 20
"""Frames a second at most."""

_SHARE = 4
"""A frame is followed by at least so many times its own cost of rest, so that keys are heard."""

_AT_ONCE = 2
"""Panes that are drawn in one frame. What Textual does for a frame, and the terminal with it, grows
with the panes that changed: six at once would keep a key waiting for 70 ms. The others come with
the next frame, first of all, so that none starves."""


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

    def request(self, draw: Callable[[], None]) -> None:
        """Ask to be called with the next frame; asking twice is asking once."""
        self._wanted[draw] = None
        if not self._armed:
            self._arm()

    def _arm(self) -> None:
        self._armed = True
        interval = max(1 / MAX_RATE, _SHARE * self._cost)
        delay = max(self._last + interval - perf_counter(), 0.001)
        self._timers.set_timer(delay, self._draw)

    def _draw(self) -> None:
        self._armed = False
        wanted, self._wanted = self._wanted, {}
        start = perf_counter()
        panes = [*wanted]
        for draw in panes[:_AT_ONCE]:
            draw()
        if left := panes[_AT_ONCE:]:
            # Before those that were drawn now and want more.
            self._wanted = dict.fromkeys([*left, *self._wanted])
        self._last = perf_counter()
        self._cost = self._last - start
        if left and not self._armed:
            self._arm()
