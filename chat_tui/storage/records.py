"""Rows of the database: conversations and messages taken apart and put together again."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.measure import measure
from chat_tui.core.messages import ChatMessage, Flags, Part, TextPart, text_parts
from chat_tui.core.ports import ConversationChanges, MessageChanges
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.decoding import readable_fields
from chat_tui.storage.encoding import dump, message_to_json, to_json
from chat_tui.storage.schema import CONVERSATION_COLUMNS, MESSAGE_COLUMNS

Row = tuple[Any, ...]

INTERRUPTED = ErrorInfo(
    kind="interrupted",
    message="The app ended while this reply was coming in.",
    hint="Continue it, or ask again.",
)
"""What is stored with a reply whose instance died."""
LISTED_TITLE = 300
"""Characters of a title in the list; a screen is never that wide."""

_IN_COLUMNS = frozenset(MESSAGE_COLUMNS) - {"data"}
_JSON_COLUMNS = frozenset(("heads", "tags", "targets", "extra", "cuts", "board"))
_FLAG_COLUMNS = frozenset(("title_by_hand", "pinned", "archived"))
_CONVERSATION_FIELDS = tuple(name for name in CONVERSATION_COLUMNS if name != "model")
SELECT_CONVERSATION = f"SELECT {', '.join(_CONVERSATION_FIELDS)} FROM conversations"  # noqa: S608
SELECT_MESSAGE = f"SELECT {', '.join(MESSAGE_COLUMNS)} FROM messages"  # noqa: S608


def message_row(message: ChatMessage, conversation: str, instance: str | None) -> Row:
    """A message as the values of `MESSAGE_COLUMNS`.

    Args:
        message: lone surrogates in it become U+FFFD, as SQLite refuses them.
        conversation: the id of the conversation it belongs to.
        instance: who streams it; kept only while it is streaming.
    """
    text = join_surrogates(message.text)
    lines, cells = measure(text)
    data = {
        name: value
        for name, value in message_to_json(message, complete=False).items()
        if name not in _IN_COLUMNS
    }
    if message.parts == text_parts(message.text):
        data.pop("parts", None)
    return (
        join_surrogates(message.id),
        conversation,
        message.parent,
        join_surrogates(message.turn),
        message.role,
        message.slot,
        message.choice,
        message.status,
        instance if message.status == "streaming" else None,
        message.created,
        lines,
        cells,
        text,
        join_surrogates(message.reasoning),
        dump(data),
    )


def message_from_row(row: Sequence[Any], journal: tuple[str, str] = ("", "")) -> ChatMessage:
    """Put a message together.

    Args:
        row: the values of `MESSAGE_COLUMNS`.
        journal: text and reasoning that came after the row was written.

    A field in `data` that cannot be read is left out: it must not cost the message.
    """
    columns = dict(zip(MESSAGE_COLUMNS, row, strict=True))
    fields: dict[str, Any] = {}
    if columns["data"] != "{}":
        data = _loaded(columns["data"])
        fields = readable_fields(data, ChatMessage) if isinstance(data, dict) else {}
    text, reasoning = journal
    fields["parts"] = _parts(fields.get("parts"), columns["text"], text)
    for name in ("id", "parent", "turn", "role", "slot", "choice", "status", "created"):
        fields[name] = columns[name]
    fields["reasoning"] = columns["reasoning"] + reasoning
    return ChatMessage(**fields)


def flags_in(data: str) -> Flags:
    """What the `data` of a message says of whether it is sent."""
    loaded = _loaded(data)
    fields: dict[str, Any] = loaded if isinstance(loaded, dict) else {}
    return Flags(fields.get("pinned") is True, fields.get("excluded") is True)


def changed_data(data: str, changes: MessageChanges) -> str:
    """The `data` of a message with some fields changed; one that cannot be read is made anew."""
    loaded = _loaded(data)
    fields: dict[str, Any] = loaded if isinstance(loaded, dict) else {}
    for name in ("pinned", "excluded"):
        if name in changes:
            fields.pop(name, None)
            if changes[name]:
                fields[name] = True
    if counts := changes.get("tokens"):
        known = fields.get("tokens")
        fields["tokens"] = {**(known if isinstance(known, dict) else {}), **counts}
    return dump(fields)


def _parts(parts: tuple[Part, ...] | None, text: str, more: str) -> tuple[Part, ...]:
    if parts is None:
        return text_parts(text + more)
    if not more:
        return parts
    if parts and isinstance(last := parts[-1], TextPart):
        return (*parts[:-1], TextPart(last.text + more))
    return (*parts, TextPart(more))


def conversation_row(conversation: Conversation) -> Row:
    """A conversation as the values of `CONVERSATION_COLUMNS`."""
    values = {
        name: column_value(name, getattr(conversation, name)) for name in _CONVERSATION_FIELDS
    }
    values["model"] = listed_model(conversation)
    return tuple(values[name] for name in CONVERSATION_COLUMNS)


def conversation_from_row(row: Sequence[Any]) -> Conversation:
    """Put a conversation together from what `SELECT_CONVERSATION` gives.

    A field that cannot be read is left out.

    Raises:
        ValueError: not even the id can be read.
    """
    columns: dict[str, Any] = dict(zip(_CONVERSATION_FIELDS, row, strict=True))
    for name in _JSON_COLUMNS:
        columns[name] = _loaded(columns[name])
    for name in _FLAG_COLUMNS:
        columns[name] = bool(columns[name])
    fields = readable_fields(columns, Conversation)
    if "id" not in fields:
        raise ValueError("the id cannot be read")
    return Conversation(**fields)


def _loaded(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError, TypeError):
        return None


def changed_columns(changes: ConversationChanges) -> dict[str, Any]:
    """The columns to write for some changed fields of a conversation, with their values."""
    columns = {name: column_value(name, value) for name, value in changes.items()}
    if "targets" in changes and ("board" in changes or len(changes["targets"]) < 2):
        # Of several only the board tells who stands for them.
        columns["model"] = listed_model(Conversation("", **changes))
    return columns


def column_value(name: str, value: Any) -> Any:
    """One field of a conversation as it stands in its column."""
    if name in _JSON_COLUMNS:
        return dump(_keyed_by_text(value) if isinstance(value, Mapping) else to_json(value))
    if name in _FLAG_COLUMNS:
        return int(value)
    return join_surrogates(value) if isinstance(value, str) else value


def listed_model(conversation: Conversation) -> str:
    """The model that stands for a conversation in the list: who is asked alone."""
    return join_surrogates(conversation.target.model) if conversation.targets else ""


def asks_again(messages: Sequence[ChatMessage]) -> bool:
    """Whether adding these to a deleted conversation is a wish to have it back.

    A prompt is, and a reply that is asked for or that the user wrote. Further choices of a reply
    are not: they come at its end, also when the conversation was deleted meanwhile.
    """
    return any(each.role == "user" or not each.choice for each in messages)


def _keyed_by_text(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in values.items()}
