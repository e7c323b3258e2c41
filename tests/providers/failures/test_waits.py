"""How long servers ask to wait, in every spelling."""

from datetime import UTC, datetime

import pytest

from chat_tui.providers.failures.waits import limit_reset, retry_after, span, wait_in_words

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "20"}, 0.25),
        ({"retry-after": "Sat, 22 Nov 2025 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 22 Nov 2025 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "9" * 400}, None),
    ],
)
def test_retry_after_is_read_in_every_spelling(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("8.64s", 8.64),
        ("120ms", 0.12),
        ("1h2m3s", 3723.0),
        ("1d", 86400.0),
        ("2m", 120.0),
        ("1s500ms", 1.5),
        ("17", 17.0),
        ("0.5", 0.5),
        ("", None),
        ("s", None),
        ("1x", None),
        ("-1s", None),
        ("1s2m", None),
        ("9" * 100 + "s", None),
    ],
)
def test_spans_are_read(text: str, seconds: float | None) -> None:
    found = span(text)
    assert found == (None if seconds is None else pytest.approx(seconds))


EPOCH = NOW.timestamp()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}, 1.0),
        (
            {
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "0",
            },
            360.0,
        ),
        (
            {
                "x-ratelimit-reset-requests": "7",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "2s",
                "x-ratelimit-remaining-tokens": "0",
            },
            7.0,
        ),
        ({"x-ratelimit-reset": f"{EPOCH + 30:.0f}"}, 30.0),
        ({"x-ratelimit-reset": f"{(EPOCH + 30) * 1000:.0f}"}, 30.0),
        ({"x-ratelimit-reset": f"{EPOCH - 30:.0f}"}, 0.0),
        ({"ratelimitbysize-reset": "17"}, 17.0),
        ({"ratelimit-reset": "soon"}, None),
    ],
)
def test_the_reset_of_the_limit_that_is_used_up_counts(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert limit_reset(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 6m0s.", 360.0),
        ("Limit 3, Used 3. Please try again in 20s. Visit", 20.0),
        ("try again in 1.302s", 1.302),
        ("Try again in 840ms", 0.84),
        ("Please retry after 42 seconds.", 42.0),
        ("Please wait for 1 second", 1.0),
        ("try again in a while", None),
        ("try again in 5 attempts", None),
        ("", None),
    ],
)
def test_a_wait_is_found_in_words(words: str, seconds: float | None) -> None:
    assert wait_in_words(words) == seconds
