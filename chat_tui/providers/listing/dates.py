"""Days in lists: when models came out, and when they go. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_ENDS = ("deprecation", "deprecation_date", "expiration_date")
_BEGINS = ("release_date", "released_at", "released", "created", "created_at", "createdAt")

_FIRST = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
"""No model to talk to is older."""
_RECENT = 24 * 3600.0
"""Seconds: a list that was made just now has just that in its entries, and no model's day."""
_MILLISECONDS, _MOST = 1e11, 1e14


def released_on(entry: Mapping[str, Any], now: float) -> str:
    """The day on which a model came out, in ISO form; empty where none is plausible.

    Args:
        entry: of a list.
        now: seconds since 1970.
    """
    for name in _BEGINS:
        when = _seconds(entry.get(name))
        if when is not None and _FIRST <= when <= now - _RECENT:
            return datetime.fromtimestamp(when, UTC).date().isoformat()
    return ""


def has_ended(entry: Mapping[str, Any], now: float) -> bool:
    """Whether a model has been taken away."""
    if entry.get("active") is False or entry.get("archived") is True:
        return True
    ends = (_seconds(value) for name in _ENDS if isinstance(value := entry.get(name), str))
    return any(when is not None and when <= now for when in ends)


def _seconds(value: object) -> float | None:
    """A time in seconds since 1970; None where it is none."""
    if isinstance(value, str) and value:
        try:
            date = datetime.fromisoformat(value)
            return date.replace(tzinfo=date.tzinfo or UTC).timestamp()
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
        return None
    return value / 1000 if value > _MILLISECONDS else float(value)
