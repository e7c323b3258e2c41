"""How long a server asks to wait, in every spelling."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Not float(): it also takes "nan", "inf" and "1_0".
_NUMBER = re.compile(r"\d{1,13}(\.\d{1,6})?", re.ASCII)
_SPAN = re.compile(
    r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,7}(?:\.\d{1,6})?)s)?"
    r"(?:(\d{1,7}(?:\.\d{1,6})?)ms)?",
    re.ASCII,
)
_IN_WORDS = re.compile(
    r"(?:try again|retry|wait) (?:in|after|for) ((?:\d{1,4}h)?(?:\d{1,4}m)?\d{1,7}(?:\.\d{1,6})?)"
    r" ?(ms|s(?:ec(?:ond)?s?)?)\b",
    re.IGNORECASE | re.ASCII,
)
_RESETS = ("x-ratelimit-reset", "ratelimit-reset", "ratelimitbysize-reset")
_EPOCH = 1e9
"""A number of seconds beyond this is a moment, not a span."""


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, `Retry-After` as number or date.

    Args:
        headers: with case-insensitive or lower-case names.
        now: the present moment, for dates.
    """
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value) and len(value) <= 12:
            return float(value) / scale
        if name == "retry-after" and value:
            return _seconds_until(value, now or datetime.now(UTC))
    return None


def limit_reset(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds until a limit is lifted, by `x-ratelimit-{remaining,reset}-{requests,tokens}`.

    The longest of the limits that are used up; where none says so, the shortest of all.

    Args:
        headers: with case-insensitive or lower-case names.
        now: the present moment, for resets that name one.
    """
    used_up: list[float] = []
    others: list[float] = []
    for name in ("requests", "tokens"):
        reset = headers.get(f"x-ratelimit-reset-{name}", "")
        if (seconds := _seconds(reset, now)) is not None:
            remaining = headers.get(f"x-ratelimit-remaining-{name}", "").strip()
            (used_up if remaining in {"0", "0.0"} else others).append(seconds)
    if used_up:
        return max(used_up)
    general = (_seconds(headers.get(name, ""), now) for name in _RESETS)
    others += [seconds for seconds in general if seconds is not None]
    return min(others, default=None)


def span(text: str) -> float | None:
    """Seconds of a span as `6m0s`, `1.5s`, `250ms`, or a bare number of seconds."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    scales = (86400.0, 3600.0, 60.0, 1.0, 0.001)
    return sum(float(part) * scale for part, scale in zip(match.groups("0"), scales, strict=True))


def wait_in_words(text: str) -> float | None:
    """Seconds of a sentence like "Please try again in 6m0s." (OpenAI, Groq)."""
    match = _IN_WORDS.search(text)
    return span(match[1] + ("ms" if match[2] == "ms" else "s")) if match else None


def _seconds(value: str, now: datetime | None) -> float | None:
    seconds = span(value)
    if seconds is None or seconds < _EPOCH:
        return seconds
    moment = seconds / 1000 if seconds > _EPOCH * 100 else seconds
    return max(moment - (now or datetime.now(UTC)).timestamp(), 0.0)


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max((then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds(), 0.0)
