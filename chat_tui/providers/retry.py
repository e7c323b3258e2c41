"""The one retry policy: whether a failed request is sent again by itself, and when."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from chat_tui.core.clock import Clock
from chat_tui.core.errors import (
    ChatError,
    ConnectError,
    ContextError,
    FilteredError,
    QuotaError,
    StatusError,
)

_Result = TypeVar("_Result")

RETRIED_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again before the first content has come. Afterwards nothing is automatic.

    Not tried again: refusals that waiting does not mend, TLS failures, and time-outs after the
    request was sent (on a local server it would queue behind itself).
    """

    attempts: int = 3
    """Requests in all."""
    base: float = 0.5
    """Seconds; the first wait is somewhere between 0 and this, each later one up to twice that."""
    cap: float = 8.0
    """The longest wait of our own choice, in seconds."""
    longest_server_wait: float = 60.0
    """A longer `Retry-After`, in seconds, is left to the user."""

    def delay(self, attempt: int, error: ChatError, rand: Callable[[], float]) -> float | None:
        """Seconds to wait before the next attempt; None: give up.

        Args:
            attempt: the one that failed, from 1.
            error: how it failed.
            rand: gives numbers from 0 to 1 (full jitter).
        """
        if attempt >= self.attempts or not is_retryable(error):
            return None
        if isinstance(error, StatusError) and error.retry_after is not None:
            wait = max(error.retry_after, 0.0)
            return wait if wait <= self.longest_server_wait else None
        return rand() * min(self.cap, self.base * 2.0 ** (attempt - 1))


def is_retryable(error: ChatError) -> bool:
    """Whether the same request may succeed if it is sent again."""
    match error:
        case QuotaError() | ContextError() | FilteredError():
            return False
        case StatusError(status=int(status)):
            return status in RETRIED_STATUSES
        case ConnectError():
            return True
        case _:
            return False


async def with_retries(
    policy: RetryPolicy,
    clock: Clock,
    rand: Callable[[], float],
    call: Callable[[], Awaitable[_Result]],
) -> _Result:
    """The result of a request that is sent again as the policy has it.

    For requests without a stream (the list of models); a chat's retries are events of its reply.

    Args:
        policy: when to try again.
        clock: for the waits.
        rand: gives numbers from 0 to 1.
        call: sends the request once.

    Raises:
        ChatError: the request failed for good.
    """
    attempt = 1
    while True:
        try:
            return await call()
        except ChatError as error:
            delay = policy.delay(attempt, error, rand)
            if delay is None:
                raise
        attempt += 1
        await clock.sleep(delay)
