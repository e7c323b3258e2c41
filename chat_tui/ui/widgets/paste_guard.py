"""What pastes could do beside writing."""

from collections.abc import Callable
from time import monotonic

_SECONDS = 0.1
"""So long after a paste Enter sends nothing: what breaks out of a bracketed paste arrives as
keys."""


class PasteGuard:
    """Tells whether an Enter may be part of a paste.

    Args:
        now: the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._until = float("-inf")

    def pasted(self) -> None:
        """Note that something was pasted."""
        self._until = self._now() + _SECONDS

    @property
    def holds(self) -> bool:
        """Whether it was only just."""
        return self._now() < self._until
