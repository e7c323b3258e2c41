"""The table of what is tried again, and when."""

from collections.abc import Awaitable, Callable

import pytest

from chat_tui.core.errors import (
    AuthError,
    BadRequestError,
    ChatError,
    ConnectError,
    ContextError,
    ForbiddenError,
    InterruptedReplyError,
    NotFoundError,
    ProtocolError,
    QuotaError,
    RateLimitError,
    RedirectError,
    ReplyTimeoutError,
    ServerError,
    TlsError,
    TooLargeError,
)
from chat_tui.providers.retry import RetryPolicy, with_retries
from tests.providers.helpers import ImpatientClock

POLICY = RetryPolicy()


@pytest.mark.parametrize(
    "error",
    [ConnectError("x"), RateLimitError("x", status=429), BadRequestError("x", status=409)]
    + [ServerError("x", status=status) for status in (500, 502, 503, 504, 529)]
    + [BadRequestError("x", status=408)],
)
def test_failures_that_may_pass_are_tried_again(error: ChatError) -> None:
    assert POLICY.delay(1, error, lambda: 1.0) == 0.5
    assert POLICY.delay(2, error, lambda: 1.0) == 1.0
    assert POLICY.delay(2, error, lambda: 0.0) == 0.0
    assert POLICY.delay(3, error, lambda: 1.0) is None


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("x", status=400),
        AuthError("x", status=401),
        ForbiddenError("x", status=403),
        NotFoundError("x", status=404),
        TooLargeError("x", status=413),
        BadRequestError("x", status=422),
        QuotaError("x", status=429),
        ContextError("x", status=400),
        ServerError("x", status=501),
        ServerError("x"),
        TlsError("x"),
        ReplyTimeoutError("x"),
        ProtocolError("x"),
        RedirectError("x"),
        InterruptedReplyError("x"),
    ],
)
def test_failures_that_stay_are_not_tried_again(error: ChatError) -> None:
    assert POLICY.delay(1, error, lambda: 1.0) is None


@pytest.mark.parametrize(
    ("wait", "delay"), [(0.0, 0.0), (3.0, 3.0), (60.0, 60.0), (60.5, None), (-1.0, 0.0)]
)
def test_the_server_s_wait_counts_up_to_a_minute(wait: float, delay: float | None) -> None:
    error = RateLimitError("x", status=429, retry_after=wait)
    assert POLICY.delay(1, error, lambda: 1.0) == delay


def test_the_wait_of_our_own_choice_is_bounded() -> None:
    policy = RetryPolicy(attempts=100)
    assert policy.delay(50, ConnectError("x"), lambda: 1.0) == 8.0


def failing(*errors: ChatError) -> tuple[list[int], Callable[[], Awaitable[str]]]:
    """A call that fails so often, and then gives a text; beside it the numbers of its calls."""
    calls: list[int] = []

    async def call() -> str:
        calls.append(len(calls) + 1)
        if len(calls) <= len(errors):
            raise errors[len(calls) - 1]
        return "done"

    return calls, call


async def test_a_call_is_repeated_as_the_policy_has_it() -> None:
    clock = ImpatientClock()
    calls, call = failing(ConnectError("x"), RateLimitError("x", status=429, retry_after=7))
    assert await with_retries(POLICY, clock, lambda: 0.5, call) == "done"
    assert calls == [1, 2, 3]
    assert clock.slept == [0.25, 7.0]


async def test_a_call_that_goes_on_failing_gives_its_last_error() -> None:
    last = ServerError("last", status=503)
    calls, call = failing(ConnectError("x"), ConnectError("x"), last, ConnectError("never"))
    with pytest.raises(ServerError) as caught:
        await with_retries(POLICY, ImpatientClock(), lambda: 0.5, call)
    assert caught.value is last
    assert calls == [1, 2, 3]


async def test_a_refusal_is_not_repeated() -> None:
    calls, call = failing(AuthError("x", status=401))
    with pytest.raises(AuthError):
        await with_retries(POLICY, ImpatientClock(), lambda: 0.5, call)
    assert calls == [1]
