"""How far the running answers are, as the status line tells it."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

if TYPE_CHECKING:  # comes after the first frame: 5 ms
    from chat_tui.core.events import Notice, RetryScheduled

STALLED = "stalled"
"""The kind of the notice that a reply has not gone on for so long that something may be done."""

_WHILE_RETRYING = ("retry-now", "stop", "retry-other-model")
_WHILE_STALLED = ("stop", "retry-other-model")
"""What is offered, by the ids of the actions; a narrow status line drops the last ones."""

_LONGEST_IN_LINE = 24
"""Characters of a cause in the status line."""


@dataclass(slots=True)
class Progress:
    """One running answer. Times are of the clock that only goes forward, in seconds."""

    started: float
    first_token: float | None = None
    retry: "RetryScheduled | None" = None
    """Why and how often it is sent again, until something comes."""
    retry_at: float = 0.0
    notice: str = ""
    """What the provider's side has to say until something comes, clean."""
    stalled: bool = False
    """Whether the notice is one that offers something."""
    calm: bool = False
    """Whether something came since the beginning, the last retry and the last notice."""

    def schedule(self, retry: "RetryScheduled", now: float) -> None:
        """The request will be sent again."""
        self.retry, self.retry_at = retry, now + retry.delay
        self.notice, self.stalled, self.calm = "", False, False

    def tell(self, notice: "Notice") -> None:
        """The provider's side has something to say."""
        self.notice, self.stalled, self.calm = clean_line(notice.message), False, False
        self.stalled = notice.kind == STALLED

    def go_on(self, now: float) -> None:
        """Something came."""
        if self.first_token is None:
            self.first_token = now
        self.retry, self.notice, self.stalled, self.calm = None, "", False, True

    def hurry(self, now: float) -> None:
        """The wait before the retry was cut short."""
        self.retry_at = min(self.retry_at, now)

    def counts_down(self, now: float) -> bool:
        """Whether a retry waits for its time."""
        return self.retry is not None and self.retry_at > now

    def offered(self, now: float) -> tuple[str, ...]:
        """The ids of the actions that help now."""
        if self.counts_down(now):
            return _WHILE_RETRYING
        return _WHILE_STALLED if self.stalled else ()

    def held_up(self, now: float, longest: int = 500) -> str:
        """Why nothing comes, in words; empty where there is no special reason.

        Args:
            now: by the clock that only goes forward.
            longest: characters of the cause at the most.
        """
        if self.retry is None:
            return self.notice
        if not self.counts_down(now):
            return self._attempt(now)
        cause = clean_line(self.retry.error.message)
        return text(
            "status.retry",
            attempt=self.retry.attempt,
            attempts=self.retry.attempts,
            delay=ceil(self.retry_at - now),
            cause=cause if len(cause) <= longest else cause[: longest - 1] + "…",
        )

    def describe(self, now: float) -> str:
        """The state in a few words."""
        if self.retry is not None:
            return self.held_up(now, _LONGEST_IN_LINE)
        state = "status.waiting" if self.first_token is None else "status.streaming"
        words = text(state, seconds=f"{now - self.started:.0f}")
        return f"{words} · {self.notice}" if self.notice else words

    def _attempt(self, now: float) -> str:
        if self.retry is None:
            return ""
        words = text(
            "status.attempt",
            attempt=self.retry.attempt,
            attempts=self.retry.attempts,
            seconds=f"{max(now - self.retry_at, 0):.0f}",
        )
        return f"{words} · {self.notice}" if self.notice else words
