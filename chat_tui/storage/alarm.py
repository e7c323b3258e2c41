"""What is wrong with the disk, who is told, and when to try again."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chat_tui.core.errors import StorageError


class Alarm:
    """On while writing fails.

    Args:
        delays: seconds between attempts; the last one is repeated.
        report: gets every change, None when all is well again.
    """

    def __init__(
        self, delays: Sequence[float], report: Callable[[StorageError | None], None]
    ) -> None:
        self._delays = delays
        self._report = report
        self._attempts = 0
        self._kept_in: Path | None = None
        self._told: tuple[str, str] | None = None
        self.cause: StorageError | None = None
        """What is wrong; None in good times."""
        self.retry_at = 0.0
        """When to try again, in seconds of `time.monotonic`."""

    @property
    def due(self) -> bool:
        """Whether it is time to try again."""
        return self.cause is not None and time.monotonic() >= self.retry_at

    @property
    def error(self) -> StorageError:
        """What is wrong, to be raised: anew each time, or it would gather all tracebacks."""
        if self.cause is None:
            raise ValueError("nothing is wrong")
        return StorageError(self.cause.message, hint=self.cause.hint)

    def begin(self, cause: StorageError) -> None:
        """Something failed. Failures before the next attempt is due do not put that off."""
        if self.cause is None or self.due:
            delay = self._delays[min(self._attempts, len(self._delays) - 1)]
            self._attempts += 1
            self.retry_at = time.monotonic() + delay
        self.cause = cause
        self._tell()

    def kept_in(self, path: Path | None) -> None:
        """What is new is in this rescue file; None: in memory alone."""
        self._kept_in = path
        self._tell()

    def end(self) -> None:
        """All is well again."""
        self.cause = None
        self._attempts = 0
        self._kept_in = None
        self._tell()

    def _tell(self) -> None:
        trouble = self.cause
        if trouble is not None:
            where = f"in memory and in {self._kept_in}" if self._kept_in else "in memory only"
            hint = f"{trouble.hint} What is new is kept {where} until then.".strip()
            trouble = StorageError(trouble.message, hint=hint)
        told = (trouble.message, trouble.hint) if trouble else None
        if told != self._told:
            self._told = told
            self._report(trouble)
