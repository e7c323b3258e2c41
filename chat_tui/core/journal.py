"""Keeps the text of a reply while it streams."""

import asyncio
from collections.abc import Callable

JOURNAL_INTERVAL = 0.03
"""Seconds between two writes of streamed text; with all that comes on top, less than 0.05 s of
text is only in memory."""


class Journal:
    """Hands streamed text to the store a few times a second, however many deltas come.

    Args:
        write: takes text and reasoning, and returns at once.
    """

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def add_text(self, text: str) -> None:
        """Take more of the answer."""
        self._text.append(text)
        if self._timer is None:
            self._start_timer()

    def add_reasoning(self, text: str) -> None:
        """Take more of the reasoning."""
        self._reasoning.append(text)
        if self._timer is None:
            self._start_timer()

    def flush(self) -> None:
        """Write what has gathered."""
        self._timer = None
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        self._text.clear()
        self._reasoning.clear()
        self._write(text, reasoning)

    def drop(self) -> None:
        """Forget what has gathered: the whole message is about to be written."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._text.clear()
        self._reasoning.clear()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(JOURNAL_INTERVAL, self.flush)
