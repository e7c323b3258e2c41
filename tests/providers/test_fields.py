"""The guarded parser: how deep is too deep, whatever stands in the strings."""

import json
from typing import Any

import pytest

from chat_tui.providers.fields import MAX_DEPTH, HostileJsonError, parse_json


def nested(depth: int, *, key: str = "k") -> Any:
    value: Any = 'a "[{\\'
    for level in range(depth):
        value = [value] if level % 2 else {key: value}
    return value


@pytest.mark.parametrize("key", ["k", '"[{', "\\", '\\"', "]}"])
def test_depth_is_counted_outside_of_strings(key: str) -> None:
    several = [nested(MAX_DEPTH - 1, key=key)] * 3
    assert parse_json(json.dumps(several)) == several
    with pytest.raises(HostileJsonError):
        parse_json(json.dumps([nested(MAX_DEPTH, key=key)] * 3))


@pytest.mark.parametrize(
    "text", ["[" * 1000, "[" * 150 + "[]" * 60, '{"a":' * 1000, "[" * 1_000_000]
)
def test_brackets_without_an_end_are_no_reason_to_hang(text: str) -> None:
    with pytest.raises(ValueError, match=r"deep|Expecting"):
        parse_json(text)


def test_many_flat_values_are_not_deep() -> None:
    flat = [{"id": str(number), "tags": ["[", "{"]} for number in range(2_000)]
    assert parse_json("  " + json.dumps(flat)) == flat
