"""Decoders of single JSON values: each gives the value, or raises a `ValueError` that says why."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from chat_tui.core.safety import join_surrogates
from chat_tui.storage.encoding import record_defaults

T = TypeVar("T")
Decoder = Callable[[Any], Any]

MAX_DEPTH = 100
"""How deep a value that is kept as it came (`raw`, `logprobs`, …) may be nested."""
MAX_ID = 200
"""Characters of an id; ours have 36."""
LATEST = 253_402_214_400.0
"""The last day of the year 9999, in seconds since 1970: later than that no calendar goes."""


def sane_time(value: float) -> float:
    """A time that any calendar can show: 0 for one that is not between 1970 and 9999."""
    return float(value) if 0 <= value <= LATEST else 0.0


def read_fields(values: Mapping[str, Any], decoders: Mapping[str, Decoder]) -> dict[str, Any]:
    """Read fields by their names; unknown ones are passed over.

    Raises:
        ValueError: one cannot be read; names it.
    """
    result = {}
    for key, value in values.items():
        if decoder := decoders.get(key):
            try:
                result[key] = decoder(value)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from error
    return result


def read_record(cls: type[T], decoders: Mapping[str, Decoder], value: Any) -> T:
    """Read a dataclass from an object.

    Raises:
        ValueError: a field cannot be read, or one without a default is missing.
    """
    if not isinstance(value, Mapping):
        raise ValueError("an object is expected")
    fields = read_fields(value, decoders)
    for name, default in record_defaults(cls):
        if default is dataclasses.MISSING and name not in fields:
            raise ValueError(f"{name} is missing")
    return cls(**fields)


def a_text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value


def an_id(value: Any) -> str:
    """An id: short and printable."""
    if not a_text(value) or len(value) > MAX_ID or not value.isprintable():
        raise ValueError(f"an id of 1 to {MAX_ID} printable characters is expected")
    return join_surrogates(value)


def a_flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def a_number(value: Any) -> float:
    """A finite number of reasonable size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is expected")
    if not abs(value) <= 1e15:  # so NaN is refused too, and no conversion can overflow
        raise ValueError("a number of reasonable size is expected")
    return float(value)


def a_time(value: Any) -> float:
    """A time; one that cannot be shown is not worth losing the record for."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is expected")
    return sane_time(value)


def a_whole(value: Any) -> int:
    """A whole number that JSON can hold everywhere."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1 << 53:
        raise ValueError("a whole number is expected")
    return value


def one_of(allowed: tuple[str, ...], value: Any) -> str:
    """One of some words."""
    if value not in allowed:
        raise ValueError(f"one of {', '.join(allowed)} is expected")
    return str(value)


def optional(decoder: Decoder, value: Any) -> Any:
    """Nothing, or what another decoder reads."""
    return None if value is None else decoder(value)


def tuple_of(decoder: Decoder, value: Any) -> tuple[Any, ...]:
    """A list of what another decoder reads."""
    if not isinstance(value, list):
        raise ValueError("a list is expected")
    return tuple(decoder(item) for item in value)


def a_pair(value: Any) -> tuple[str, str]:
    """A list of two texts."""
    items = tuple_of(a_text, value)
    if len(items) != 2:
        raise ValueError("a list of two texts is expected")
    return items[0], items[1]


def free(value: Any) -> dict[str, Any]:
    """An object that is kept as it came."""
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, dict | list)
        ]
        if not level:
            return value
    raise ValueError(f"nested deeper than {MAX_DEPTH}")


def mapping_of(keys: Decoder, values: Decoder, value: Any) -> dict[Any, Any]:
    """An object whose keys and values other decoders read."""
    return {keys(key): values(item) for key, item in free(value).items()}
