"""Time, as something that is handed in: tests turn the hands themselves."""

import asyncio
import os
import time
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time, a clock that only goes forward, and waiting."""

    def now(self) -> float:
        """Seconds since 1970, for what is stored and shown."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock.

    `CHAT_TUI_NOW` (seconds since 1970) freezes what is stored and shown, for screenshots and
    tests; durations go on being measured.
    """

    def __init__(self) -> None:
        frozen = os.environ.get("CHAT_TUI_NOW", "")
        try:
            self._frozen: float | None = float(frozen) if frozen else None
        except ValueError:
            self._frozen = None

    def now(self) -> float:
        """See `Clock.now`."""
        return time.time() if self._frozen is None else self._frozen

    def monotonic(self) -> float:
        """See `Clock.monotonic`. CLOCK_BOOTTIME where there is one: it goes on in sleep."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(seconds)
