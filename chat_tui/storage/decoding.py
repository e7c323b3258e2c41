"""Messages and conversations read from JSON values.

One reader serves the database and the import, so it trusts nothing: a value of the wrong type is
a `ValueError` that names the field. What is unknown is passed over.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, get_args

from chat_tui.core.context.cut import Cut
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ErrorInfo, ErrorKind
from chat_tui.core.messages import (
    ChatMessage,
    Cost,
    ImageDetail,
    ImagePart,
    NoticeInfo,
    Part,
    Role,
    Status,
    Timings,
    ToolCall,
    Usage,
)
from chat_tui.core.safety import join_surrogates
from chat_tui.core.targets import Target
from chat_tui.storage.encoding import PARTS, record_defaults

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


def message_from_json(value: Any) -> ChatMessage:
    """Read a message.

    Raises:
        ValueError: a field has the wrong type, or `id` or `role` is missing; names the field.
    """
    return _message(value)


def conversation_from_json(value: Any) -> Conversation:
    """Read a conversation, without its messages.

    Raises:
        ValueError: a field has the wrong type, or the id is missing; names the field.
    """
    return _conversation(value)


def readable_fields(
    values: Mapping[str, Any], cls: type[ChatMessage | Conversation]
) -> dict[str, Any]:
    """Read those fields of a record that can be read; for what is already ours."""
    decoders = _MESSAGE if cls is ChatMessage else _CONVERSATION
    result: dict[str, Any] = {}
    for key, value in values.items():
        with suppress(ValueError):
            result |= _fields({key: value}, decoders)
    return result


def _fields(values: Mapping[str, Any], decoders: Mapping[str, Decoder]) -> dict[str, Any]:
    result = {}
    for key, value in values.items():
        if decoder := decoders.get(key):
            try:
                result[key] = decoder(value)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from error
    return result


def _read_record(cls: type[T], decoders: Mapping[str, Decoder], value: Any) -> T:
    if not isinstance(value, Mapping):
        raise ValueError("an object is expected")
    fields = _fields(value, decoders)
    for name, default in record_defaults(cls):
        if default is dataclasses.MISSING and name not in fields:
            raise ValueError(f"{name} is missing")
    return cls(**fields)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value


def _identifier(value: Any) -> str:
    if not _text(value) or len(value) > MAX_ID or not value.isprintable():
        raise ValueError(f"an id of 1 to {MAX_ID} printable characters is expected")
    return join_surrogates(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is expected")
    if not abs(value) <= 1e15:  # so NaN is refused too, and no conversion can overflow
        raise ValueError("a number of reasonable size is expected")
    return float(value)


def _time(value: Any) -> float:
    """A time; one that cannot be shown is not worth losing the record for."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is expected")
    return sane_time(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1 << 53:
        raise ValueError("a whole number is expected")
    return value


def _one_of(allowed: tuple[str, ...], value: Any) -> str:
    if value not in allowed:
        raise ValueError(f"one of {', '.join(allowed)} is expected")
    return str(value)


def _optional(decoder: Decoder, value: Any) -> Any:
    return None if value is None else decoder(value)


def _tuple_of(decoder: Decoder, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError("a list is expected")
    return tuple(decoder(item) for item in value)


def _pair(value: Any) -> tuple[str, str]:
    items = _tuple_of(_text, value)
    if len(items) != 2:
        raise ValueError("a list of two texts is expected")
    return items[0], items[1]


def _free(value: Any) -> dict[str, Any]:
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


def _mapping_of(keys: Decoder, values: Decoder, value: Any) -> dict[Any, Any]:
    return {keys(key): values(item) for key, item in _free(value).items()}


def _slot_key(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value):
        raise ValueError("slots are numbers")
    return int(value)


def _pixels(value: Any) -> int:
    if _whole(value) < 0:
        raise ValueError("a number of pixels is expected")
    return _whole(value)


def _cut(value: Any) -> Cut:
    return Cut(*_pair(value))


def _part(value: Any) -> Part:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in PARTS:
        raise ValueError(f"an object with the type {', '.join(PARTS)} is expected")
    decoders: dict[str, Decoder] = {name: _text for name, _ in record_defaults(PARTS[kind])}
    if kind == "image":
        numbers = {"width": _pixels, "height": _pixels}
        return _read_record(ImagePart, decoders | {"detail": _detail} | numbers, value)
    return _read_record(PARTS[kind], decoders, value)


_detail = partial(_one_of, get_args(ImageDetail))
_count = partial(_optional, _whole)
_optional_time = partial(_optional, _time)

_error = partial(
    _read_record,
    ErrorInfo,
    {
        "kind": partial(_one_of, get_args(ErrorKind)),
        "message": _text,
        "hint": _text,
        "status": _count,
        "retry_after": partial(_optional, _number),
        "param": partial(_optional, _text),
    },
)
_tool_call = partial(_read_record, ToolCall, dict.fromkeys(("id", "name", "arguments"), _text))
_notice = partial(_read_record, NoticeInfo, dict.fromkeys(("kind", "message"), _text))
_usage = partial(_read_record, Usage, {name: _count for name, _ in record_defaults(Usage)})
_timings = partial(
    _read_record,
    Timings,
    {"sent": _time, "first_token": _optional_time, "ended": _optional_time, "attempts": _whole},
)
_cost = partial(_read_record, Cost, {"amount": _number, "currency": _text})
_target = partial(_read_record, Target, {"provider": _text, "model": _text, "parameters": _free})

_MESSAGE: dict[str, Decoder] = {
    "id": _identifier,
    "role": partial(_one_of, get_args(Role)),
    "parts": partial(_tuple_of, _part),
    "parent": partial(_optional, _identifier),
    "turn": _text,
    "created": _time,
    "status": partial(_one_of, get_args(Status)),
    "reasoning": _text,
    "tool_calls": partial(_tuple_of, _tool_call),
    "tool_call_id": _text,
    "name": _text,
    "model": _text,
    "provider": _text,
    "slot": _whole,
    "choice": _whole,
    "finish_reason": _text,
    "error": partial(_optional, _error),
    "notices": partial(_tuple_of, _notice),
    "refusal": _text,
    "annotations": partial(_tuple_of, _free),
    "logprobs": partial(_optional, _free),
    "usage": partial(_optional, _usage),
    "timings": partial(_optional, _timings),
    "cost": partial(_optional, _cost),
    "origin": partial(_optional, _pair),
    "raw": _free,
    "covers": partial(_optional, _pair),
    "pinned": _flag,
    "excluded": _flag,
    "rating": _whole,
    "tokens": partial(_mapping_of, _text, _whole),
}
_message = partial(_read_record, ChatMessage, _MESSAGE)

_CONVERSATION: dict[str, Decoder] = {
    "id": _identifier,
    "title": _text,
    "title_by_hand": _flag,
    "created": _time,
    "updated": _time,
    "system_prompt": _text,
    "targets": partial(_tuple_of, _target),
    "policy": _text,
    "cuts": partial(_mapping_of, _text, _cut),
    "tags": partial(_tuple_of, _text),
    "folder": _text,
    "pinned": _flag,
    "archived": _flag,
    "head": partial(_optional, _identifier),
    "heads": partial(_mapping_of, _slot_key, _identifier),
    "favourite": partial(_optional, _identifier),
    "deleted": _optional_time,
    "extra": _free,
}
_conversation = partial(_read_record, Conversation, _CONVERSATION)
