"""What the values of request parameters must be like, apart from which parameter it is."""

import json
import re
from typing import Any

MAX_STOPS = 4
"""Texts that `stop` may have."""

PLAIN_FORMATS = ("text", "json_object")
"""Types of `response_format` that need nothing else."""

_LARGEST_INTEGER = 2**63 - 1
_WHOLE = re.compile(r"[0-9]+")


def read_number(
    value: Any, low: float | None, high: float | None, *, whole: bool
) -> int | float | None:
    """The number in the range, else None; one that is whole becomes a whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # NaN is neither too low nor too high.
    if (whole and not isinstance(value, int)) or value != value:
        return None
    too_low = value < (-_LARGEST_INTEGER - 1 if low is None else low)
    too_high = value > (_LARGEST_INTEGER if high is None else high)
    return None if too_low or too_high else value


def read_stops(value: Any) -> str | list[str] | None:
    """A text or up to four, where the value is that, else None."""
    if isinstance(value, str):
        return value or None
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_STOPS:
        return None
    return value if all(isinstance(each, str) and each for each in value) else None


def read_tools(value: Any) -> list[Any] | None:
    """A list of tools, where the value is one, else None."""
    if not isinstance(value, list) or not value:
        return None
    return value if all(is_tool(each) for each in value) else None


def is_tool(value: Any) -> bool:
    """Whether it is a function with a name, or of a type that only its provider knows."""
    if not isinstance(value, dict) or not is_json(value) or not isinstance(value.get("type"), str):
        return False
    return value["type"] != "function" or _is_named(value.get("function"))


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and value["name"] != ""


def fits_object(name: str, value: dict[str, Any]) -> bool:
    """Whether an object may be sent as this parameter."""
    match name:
        case "response_format":
            return is_json(value) and _is_format(value)
        case "logit_bias":
            return all(
                _WHOLE.fullmatch(str(token))
                and isinstance(bias, int | float)
                and not isinstance(bias, bool)
                and -100 <= bias <= 100
                for token, bias in value.items()
            )
        case _:
            return is_json(value)


def _is_format(value: dict[str, Any]) -> bool:
    if value.get("type") != "json_schema":
        return value.get("type") in PLAIN_FORMATS
    return _is_named(value.get("json_schema"))


def is_json(value: Any) -> bool:
    """Whether it can be sent: settings files also know dates, and infinite numbers."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
