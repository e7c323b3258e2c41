"""Messages and conversations read from JSON values.

One reader serves the database and the import, so it trusts nothing: a value of the wrong type is
a `ValueError` that names the field. What is unknown is passed over.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, get_args

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
from chat_tui.core.side_by_side.board import SHARINGS, Board
from chat_tui.core.targets import Target
from chat_tui.storage.encoding import PARTS, record_defaults
from chat_tui.storage.values import (
    Decoder,
    a_flag,
    a_number,
    a_pair,
    a_text,
    a_time,
    a_whole,
    an_id,
    free,
    mapping_of,
    one_of,
    optional,
    read_fields,
    read_record,
    tuple_of,
)


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


def readable_target(value: Any) -> Target | None:
    """Read a target; None where it is none."""
    try:
        target: Target = _target(value)
    except ValueError:
        return None
    return target


def readable_part(value: Any) -> Part | None:
    """Read a part of a message; None where it is none."""
    try:
        return _part(value)
    except ValueError:
        return None


def readable_fields(
    values: Mapping[str, Any], cls: type[ChatMessage | Conversation]
) -> dict[str, Any]:
    """Read those fields of a record that can be read; for what is already ours."""
    decoders = _MESSAGE if cls is ChatMessage else _CONVERSATION
    result: dict[str, Any] = {}
    for key, value in values.items():
        with suppress(ValueError):
            result |= read_fields({key: value}, decoders)
    return result


def _slot_key(value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,4}", value):
        raise ValueError("slots are numbers")
    return int(value)


def _board(value: Any) -> Board:
    """A board: what it names may be anything, and is sane after it was read."""
    board: Board = read_record(Board, _BOARD, value)
    return board.sane()


def _pixels(value: Any) -> int:
    if a_whole(value) < 0:
        raise ValueError("a number of pixels is expected")
    return a_whole(value)


def _cut(value: Any) -> Cut:
    return Cut(*a_pair(value))


def _part(value: Any) -> Part:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in PARTS:
        raise ValueError(f"an object with the type {', '.join(PARTS)} is expected")
    decoders: dict[str, Decoder] = {name: a_text for name, _ in record_defaults(PARTS[kind])}
    if kind == "image":
        numbers = {"width": _pixels, "height": _pixels}
        return read_record(ImagePart, decoders | {"detail": _detail} | numbers, value)
    return read_record(PARTS[kind], decoders, value)


_detail = partial(one_of, get_args(ImageDetail))
_count = partial(optional, a_whole)
_optional_time = partial(optional, a_time)

_error = partial(
    read_record,
    ErrorInfo,
    {
        "kind": partial(one_of, get_args(ErrorKind)),
        "message": a_text,
        "hint": a_text,
        "status": _count,
        "retry_after": partial(optional, a_number),
        "param": partial(optional, a_text),
    },
)
_tool_call = partial(read_record, ToolCall, dict.fromkeys(("id", "name", "arguments"), a_text))
_notice = partial(read_record, NoticeInfo, dict.fromkeys(("kind", "message"), a_text))
_usage = partial(read_record, Usage, {name: _count for name, _ in record_defaults(Usage)})
_timings = partial(
    read_record,
    Timings,
    {"sent": a_time, "first_token": _optional_time, "ended": _optional_time, "attempts": a_whole},
)
_cost = partial(read_record, Cost, {"amount": a_number, "currency": a_text})
_target = partial(
    read_record,
    Target,
    {
        "provider": a_text,
        "model": a_text,
        "parameters": free,
        "system_prompt": partial(optional, a_text),
    },
)
_slots = partial(tuple_of, a_whole)
_BOARD: dict[str, Decoder] = {
    "slots": _slots,
    "sharing": partial(one_of, SHARINGS),
    "zoomed": _count,
    "synced": a_flag,
    "at_once": a_whole,
    "blind": _slots,
    "alone": a_whole,
}

_MESSAGE: dict[str, Decoder] = {
    "id": an_id,
    "role": partial(one_of, get_args(Role)),
    "parts": partial(tuple_of, _part),
    "parent": partial(optional, an_id),
    "turn": a_text,
    "created": a_time,
    "status": partial(one_of, get_args(Status)),
    "reasoning": a_text,
    "tool_calls": partial(tuple_of, _tool_call),
    "tool_call_id": a_text,
    "name": a_text,
    "model": a_text,
    "provider": a_text,
    "slot": a_whole,
    "choice": a_whole,
    "finish_reason": a_text,
    "error": partial(optional, _error),
    "notices": partial(tuple_of, _notice),
    "refusal": a_text,
    "annotations": partial(tuple_of, free),
    "logprobs": partial(optional, free),
    "usage": partial(optional, _usage),
    "timings": partial(optional, _timings),
    "cost": partial(optional, _cost),
    "origin": partial(optional, a_pair),
    "raw": free,
    "covers": partial(optional, a_pair),
    "pinned": a_flag,
    "excluded": a_flag,
    "rating": a_whole,
    "tokens": partial(mapping_of, a_text, a_whole),
}
_message = partial(read_record, ChatMessage, _MESSAGE)

_CONVERSATION: dict[str, Decoder] = {
    "id": an_id,
    "title": a_text,
    "title_by_hand": a_flag,
    "created": a_time,
    "updated": a_time,
    "system_prompt": a_text,
    "targets": partial(tuple_of, _target),
    "policy": a_text,
    "cuts": partial(mapping_of, a_text, _cut),
    "tags": partial(tuple_of, a_text),
    "folder": a_text,
    "pinned": a_flag,
    "archived": a_flag,
    "head": partial(optional, an_id),
    "heads": partial(mapping_of, _slot_key, an_id),
    "board": _board,
    "favourite": partial(optional, an_id),
    "deleted": _optional_time,
    "extra": free,
}
_conversation = partial(read_record, Conversation, _CONVERSATION)
