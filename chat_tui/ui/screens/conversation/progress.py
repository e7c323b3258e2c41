"""How far the running answers are, as the status line tells it."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from chat_tui.core.estimate import tokens_of
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

if TYPE_CHECKING:  # comes after the first frame: 5 ms
    from chat_tui.core.events import Notice, RetryScheduled
    from chat_tui.core.messages import Status

STALLED = "stalled"
"""The kind of the notice that a reply has not gone on for so long that something may be done."""

QUEUED = "queued"
"""The kind of the notice that it waits until other models have answered."""

_LEAST_TOKENS = 8
"""From so many on the rate of what comes says something."""

_WHILE_RETRYING = ("retry-now", "stop", "retry-other-model")
_WHILE_STALLED = ("stop", "retry-other-model")
"""What is offered, by the ids of the actions; a narrow status line drops the last ones."""

_LONGEST_IN_LINE = 24
"""Characters of a cause in the status line."""

State = tuple[str, str]
"""How things are, and more about it for which there may be no room."""


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
    ended: "Status | None" = None
    """How the answer ended; None until it has."""
    sums_up: bool = False
    """Whether no answer is on its way, but a summary of what was said."""
    queued: bool = False
    """Whether it waits until others have ended: it was not sent yet."""
    plain: int = 0
    """Characters of ASCII that came, as far as they were counted …"""
    others: int = 0
    """… and bytes of all other text."""

    def begin_summary(self, now: float) -> None:
        """What comes now is a summary."""
        if not self.sums_up:
            self.sums_up, self.started, self.first_token = True, now, None
            self.retry, self.notice, self.stalled, self.calm = None, "", False, False

    def end(self, status: "Status", *, summary: bool) -> None:
        """Note how an answer ended.

        A summary that follows one changes nothing about it, unless somebody stopped it.
        """
        if not summary or self.ended is None or status == "stopped":
            self.ended = status

    def schedule(self, retry: "RetryScheduled", now: float) -> None:
        """The request will be sent again."""
        self.retry, self.retry_at = retry, now + retry.delay
        self.notice, self.stalled, self.calm = "", False, False

    def tell(self, notice: "Notice") -> None:
        """The provider's side has something to say."""
        self.notice, self.stalled, self.calm = clean_line(notice.message), False, False
        self.stalled, self.queued = notice.kind == STALLED, notice.kind == QUEUED

    def count(self, delta: str) -> None:
        """Count what came; cheap enough for each delta."""
        if delta.isascii():
            self.plain += len(delta)
        else:
            self.others += len(delta.encode("utf-8", "surrogatepass"))

    @property
    def tokens(self) -> int:
        """About how many came, as far as they were counted."""
        return tokens_of(self.plain, self.others)

    def rate(self, now: float) -> float | None:
        """About how many tokens come in a second; None where too little came to say so."""
        if self.first_token is None or self.tokens < _LEAST_TOKENS or now <= self.first_token:
            return None
        return self.tokens / (now - self.first_token)

    def go_on(self, now: float) -> None:
        """Something came."""
        if self.first_token is None:
            self.first_token = now
        self.retry, self.notice, self.stalled, self.calm = None, "", False, True
        self.queued = False

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

    def held_up(self, now: float) -> str:
        """Why nothing comes, in words; empty where there is no special reason."""
        if self.retry is None:
            return self.notice
        return " · ".join(filter(None, self._sent_again(self.retry, now)))

    def describe(self, now: float, *, hides: bool = False) -> State:
        """The state in a few words; what holds it up comes before how long it has taken.

        Args:
            now: the time.
            hides: leave out what the provider's side has to say: nobody is to know who that is.
        """
        if hides and (self.retry is not None or self.notice):
            return text("blind.held-up"), ""
        if self.retry is not None:
            state, more = self._sent_again(self.retry, now)
            return state, more if len(more) <= _LONGEST_IN_LINE else more[:_LONGEST_IN_LINE] + "…"
        key = "status.waiting" if self.first_token is None else "status.streaming"
        key = "status.summing-up" if self.sums_up else key
        words = text(key, seconds=f"{now - self.started:.0f}")
        return (self.notice, words) if self.notice else (words, "")

    def _sent_again(self, retry: "RetryScheduled", now: float) -> State:
        which = {"attempt": retry.attempt, "attempts": retry.attempts}
        if self.counts_down(now):
            state = text("status.retry", delay=ceil(self.retry_at - now), **which)
            return state, clean_line(retry.error.message)
        state = text("status.attempt", seconds=f"{max(now - self.retry_at, 0):.0f}", **which)
        return (self.notice, state) if self.notice else (state, "")
