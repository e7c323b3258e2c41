"""Messages and conversations as JSON values, for the database and for exports."""

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part, TextPart
from chat_tui.core.safety import join_surrogates

STORED_DEPTH = 80
"""How deep a record may be nested as it is stored; deeper parts are cut off."""

PARTS: dict[str, type[Part]] = {"text": TextPart, "image": ImagePart, "file": FilePart}
"""The kinds of parts by their `type`."""

_PART_NAMES = {cls: name for name, cls in PARTS.items()}
_ALWAYS = frozenset(
    (
        *("id", "role", "parts", "parent", "turn", "created", "updated", "status", "title"),
        *("model", "provider", "slot", "finish_reason", "head", "targets", "text", "tool_calls"),
    )
)
"""Written even where they have their default, so that an export explains itself."""

_HIDDEN = re.compile(
    "[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def message_to_json(message: ChatMessage, *, complete: bool = True) -> dict[str, Any]:
    """A message as JSON values; without `complete` all fields with their default are left out."""
    return _record_to_json(message, complete)


def conversation_to_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation as JSON values, without its messages."""
    return _record_to_json(conversation, complete=True)


def to_json(value: Any) -> Any:
    """Any value of the domain as JSON values (lists of targets, heads, …)."""
    return _value_to_json(value, complete=False)


def dump(value: Any, *, indent: int | None = None, depth: int = STORED_DEPTH) -> str:
    """JSON values as text that can be stored.

    Nothing is refused: what JSON cannot hold (a number that is not finite, nesting deeper than
    `depth`) is replaced, since one odd field must not cost the message. Lone surrogates become
    U+FFFD.
    """
    encode = partial(
        json.dumps,
        ensure_ascii=False,
        allow_nan=False,
        indent=indent,
        separators=(",", ":" if indent is None else ": "),
    )
    try:
        text = encode(value)
    except (ValueError, TypeError, RecursionError):
        text = ""
    # Fewer brackets than levels: the usual case, which needs no look at the values.
    if not text or text.count("[") + text.count("{") > depth:
        text = encode(_tame(value, depth))
    return join_surrogates(text)


def escape_hidden(text: str) -> str:
    r"""Write controls and invisible characters in JSON text as `\uXXXX`; json escapes C0 only."""
    return _HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1] if ord(match[0]) != 0x7F else "\\u007f"


def _record_to_json(record: Any, complete: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, default in record_defaults(type(record)):
        value = getattr(record, name)
        if value != default or type(value) is not type(default) or (complete and name in _ALWAYS):
            result[name] = _value_to_json(value, complete)
    return result


def _value_to_json(value: Any, complete: bool) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if type(value) in _PART_NAMES:
        return {"type": _PART_NAMES[type(value)]} | _record_to_json(value, complete)
    if dataclasses.is_dataclass(value):
        return _record_to_json(value, complete)
    if isinstance(value, tuple | list):
        return [_value_to_json(item, complete) for item in value]
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    return value


_DEFAULTS: dict[type, tuple[tuple[str, Any], ...]] = {}


def record_defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass, each with its default (MISSING where it has none)."""
    if cls not in _DEFAULTS:
        _DEFAULTS[cls] = tuple(
            (
                entry.name,
                entry.default
                if entry.default_factory is dataclasses.MISSING
                else entry.default_factory(),
            )
            for entry in dataclasses.fields(cls)
        )
    return _DEFAULTS[cls]


def _tame(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth and isinstance(value, Mapping):
        return {str(key): _tame(item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_tame(item, depth - 1) for item in value]
    return "…" if isinstance(value, Mapping | list | tuple) else str(value)
