"""Identifiers that sort by the time they were made (UUIDv7, RFC 9562)."""

import os
import threading
import time
from collections.abc import Callable

_RANDOM_BITS = 74


class IdSource:
    """Makes UUIDv7 strings, strictly increasing within one source.

    The standard library has `uuid.uuid7` from Python 3.14 on only. Of two ids made within the
    same millisecond the later one counts up from the earlier one's random part.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """Make the next id, as `8-4-4-4-12` hexadecimal digits."""
        milliseconds = max(int(self._now() * 1000), 0)
        with self._lock:
            value = milliseconds << _RANDOM_BITS | _random()
            if value <= self._last:
                value = self._last + 1
            self._last = value
        high, low = value >> 62, value & (1 << 62) - 1
        milliseconds, random_a = high >> 12, high & 0xFFF
        number = milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | low
        digits = f"{number:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _random() -> int:
    # One bit less than there is room for, so that counting up never reaches the timestamp.
    return int.from_bytes(os.urandom(10), "big") >> (80 - _RANDOM_BITS + 1)


new_id = IdSource()
"""The source for everything made in this process."""
