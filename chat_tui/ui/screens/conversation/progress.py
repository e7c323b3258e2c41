"""How far the running answers are, as the status line tells it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

if TYPE_CHECKING:  # comes after the first frame: 5 ms
    from chat_tui.core.events import RetryScheduled


@dataclass(slots=True)
class Progress:
    """One running answer. Times are of the clock that only goes forward, in seconds."""

    started: float
    first_token: float | None = None
    retry: "RetryScheduled | None" = None
    retry_at: float = 0.0
    notice: str = ""
    """What the provider's side has to say meanwhile."""

    def describe(self, now: float) -> str:
        """The state in a few words."""
        if self.retry is not None:
            return text(
                "status.retry",
                attempt=self.retry.attempt,
                attempts=self.retry.attempts,
                delay=f"{max(self.retry_at - now, 0):.0f}",
                cause=clean_line(self.retry.error.message),
            )
        state = "status.waiting" if self.first_token is None else "status.streaming"
        words = text(state, seconds=f"{now - self.started:.0f}")
        return f"{words} · {clean_line(self.notice)}" if self.notice else words
