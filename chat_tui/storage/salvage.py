"""What can be saved from a damaged database, row by row, into a new one.

Two ways are gone one after the other: SQL from both ends of each table up to the damage, then,
where that broke off, the raw pages of the file. Nothing is written to the damaged file: SQL reads
a copy, since opening a database may already change it.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, get_args

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, Extent
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage, Role, text_parts
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.attachments import attachment_from_row
from chat_tui.storage.choices import choice_from_text
from chat_tui.storage.decoding import message_from_json
from chat_tui.storage.drafts import draft_from_text
from chat_tui.storage.encoding import message_to_json
from chat_tui.storage.operations import Choice, Mark
from chat_tui.storage.pages import PageFile
from chat_tui.storage.reading import Carried
from chat_tui.storage.records import INTERRUPTED, conversation_from_row, message_from_row
from chat_tui.storage.schema import (
    ATTACHMENT_COLUMNS,
    CHOICE_COLUMNS,
    CHUNK_COLUMNS,
    CONVERSATION_COLUMNS,
    DRAFT_COLUMNS,
    MARK_COLUMNS,
    MESSAGE_COLUMNS,
)
from chat_tui.storage.values import sane_time

Rows = dict[int, tuple[Any, ...]]
"""rowid → the values of the columns."""

RECOVERED_TITLE = "Recovered"
"""The title of a conversation of which only messages were left."""

_MODEL = CONVERSATION_COLUMNS.index("model")
_ADDED = 3
"""Columns that conversations got since the first version, one at a time."""
_ROLE = MESSAGE_COLUMNS.index("role")


class Salvaged(NamedTuple):
    """What is left of a database."""

    conversations: list[Carried]
    """Their messages with parents before children."""
    drafts: list[tuple[str, Draft, float]]
    """Each with its conversation and the time at which it was written."""
    choices: list[tuple[str, str, Choice]]
    """The user's records, each with its kind and its name."""
    attachments: list[Attachment]
    """Whole ones only: those whose bytes are what their hash says."""


class _Tables(NamedTuple):
    conversations: Rows
    messages: Rows
    chunks: Rows
    drafts: Rows
    choices: Rows
    attachments: Rows


_COLUMNS: dict[str, tuple[str, ...]] = {
    "conversations": CONVERSATION_COLUMNS,
    "messages": (*MESSAGE_COLUMNS, *MARK_COLUMNS),
    "chunks": CHUNK_COLUMNS,
    "drafts": DRAFT_COLUMNS,
    "choices": CHOICE_COLUMNS,
    "attachments": ATTACHMENT_COLUMNS,
}
"""The tables, as the fields of `_Tables`."""

_BY_TEXT = ("drafts", "choices", "attachments")
"""Those without a number of their own; they came with later versions."""


def salvage(path: Path) -> Salvaged:
    """Read what can be read from a damaged database and the log beside it.

    A message whose parent is lost follows the one that was stored before it in the same
    conversation; replies that were streaming become interrupted.

    Raises:
        OSError: the file cannot be read at all, or there is no room for the copy.
    """
    with tempfile.TemporaryDirectory(prefix="salvage-", dir=path.parent) as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        pages = PageFile(path)
        with closing(pages):
            tables = _read(copy, pages)
    choices = list(_choices(tables.choices))
    attachments = list(_attachments(tables.attachments))
    drafts = list(_drafts(tables.drafts, {each.sha256: each.content for each in attachments}))
    return Salvaged(list(_rebuilt(tables)), drafts, choices, attachments)


def _read(copy: Path, pages: PageFile) -> _Tables:
    tables = _Tables({}, {}, {}, {}, {}, {})
    whole = True
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=rw", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for table, names in _COLUMNS.items():
            whole &= _scan(connection, table, names, getattr(tables, table))
    if not whole:
        for rowid, values in pages.rows():
            if found := _table_of(values):
                row = values if found in _BY_TEXT else values[1:]
                missing = len(_COLUMNS[found]) - len(row)
                getattr(tables, found).setdefault(rowid, (*row, *[None] * missing))
    return tables


def _table_of(values: tuple[Any, ...]) -> str:
    """The table that a row belongs to, by what is in it; empty where it is none of ours.

    A row that was written before a column was added is without it.
    """
    if values and isinstance(values[0], str):
        return next((each for each in _BY_TEXT if len(_COLUMNS[each]) == len(values)), "")
    if not values or values[0] is not None:
        return ""  # the others begin with their rowid, which is stored as nothing
    values = values[1:]
    if len(values) == len(CHUNK_COLUMNS):
        return "chunks"
    if len(values) > _ROLE and isinstance(values[_ROLE], str):
        sizes = (len(MESSAGE_COLUMNS), len(_COLUMNS["messages"]))
        return "messages" if len(values) in sizes else ""
    most = len(CONVERSATION_COLUMNS)
    return "conversations" if most - _ADDED <= len(values) <= most else ""


def _scan(connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Rows) -> bool:
    """Read a table from both ends; gives whether all of it was read.

    A table, or a column, that the version of the database did not have yet is as good as empty.
    """
    for direction in ("ASC", "DESC"):
        try:
            there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            if not there and table in _BY_TEXT:
                return True
            names = ", ".join(name if name in there else "NULL" for name in columns)
            select = f"SELECT rowid, {names} FROM {table} NOT INDEXED ORDER BY rowid"  # noqa: S608
            for rowid, *values in connection.execute(f"{select} {direction}"):
                rows.setdefault(rowid, tuple(values))
        except sqlite3.DatabaseError:
            continue
        return True
    return False


def _drafts(rows: Rows, apart: Mapping[str, bytes]) -> Iterator[tuple[str, Draft, float]]:
    def get(sha: str) -> bytes:
        return apart.get(sha, b"")

    for conversation, at, data in rows.values():
        if (
            isinstance(conversation, str)
            and isinstance(data, str)
            and (draft := draft_from_text(data, get))
        ):
            yield conversation, draft, _time(at)


def _choices(rows: Rows) -> Iterator[tuple[str, str, Choice]]:
    for kind, name, at, data in rows.values():
        choice = choice_from_text(data, at)
        if isinstance(kind, str) and isinstance(name, str) and choice is not None:
            yield kind, name, choice


def _attachments(rows: Rows) -> Iterator[Attachment]:
    for sha, media_type, _, _, content in rows.values():
        if (found := attachment_from_row(sha, media_type, content)) is not None:
            yield found


def _rebuilt(tables: _Tables) -> Iterator[Carried]:
    conversations: dict[str, Conversation] = {}
    for _, row in sorted(tables.conversations.items()):
        if conversation := _conversation(row):
            conversations.setdefault(conversation.id, conversation)
    journal = _journal(tables.chunks)
    placed: dict[str, dict[str, ChatMessage]] = {id_: {} for id_ in conversations}
    marks: dict[str, dict[str, Mark]] = {}
    seen: set[str] = set()
    for _, row in sorted(tables.messages.items()):
        deleted, extent = row[-len(MARK_COLUMNS) :]
        message = _message(row[: -len(MARK_COLUMNS)], journal)
        owner = row[MESSAGE_COLUMNS.index("conversation")]
        if message is None or message.id in seen or not _is_id(owner):
            continue
        seen.add(message.id)
        before = placed.setdefault(owner, {})
        if message.parent is not None and message.parent not in before:
            message = replace(message, parent=next(reversed(before), None))
        before[message.id] = message
        if extent and extent in get_args(Extent):
            marks.setdefault(owner, {})[message.id] = Mark(extent, _time(deleted))
    for id_, messages in placed.items():
        conversation = conversations.get(id_) or _stand_in(id_, tuple(messages.values()))
        heads = _with_valid_heads(conversation, messages)
        yield Carried(heads, tuple(messages.values()), marks.get(id_, {}))


def _conversation(row: Sequence[Any]) -> Conversation | None:
    try:
        return conversation_from_row((*row[:_MODEL], *row[_MODEL + 1 :]))
    except ValueError:
        return None


def _message(row: Sequence[Any], journal: dict[str, tuple[str, str]]) -> ChatMessage | None:
    columns = dict(zip(MESSAGE_COLUMNS, row, strict=True))
    if not _is_id(columns["id"]):
        return None
    streaming = columns["status"] == "streaming"
    more = journal.get(columns["id"], ("", "")) if streaming else ("", "")
    try:
        built = message_from_row(row, more)
        message = message_from_json(message_to_json(built, complete=False))
    except (ValueError, TypeError):
        message = ChatMessage(
            columns["id"],
            columns["role"] if columns["role"] in get_args(Role) else "assistant",
            text_parts(_text(columns["text"]) + more[0]),
            parent=columns["parent"] if _is_id(columns["parent"]) else None,
            turn=_text(columns["turn"]),
            created=_time(columns["created"]),
            reasoning=_text(columns["reasoning"]) + more[1],
        )
    return replace(message, status="interrupted", error=INTERRUPTED) if streaming else message


def _journal(chunks: Rows) -> dict[str, tuple[str, str]]:
    joined: dict[str, tuple[bytes, bytes]] = {}
    for _, (message, text, reasoning) in sorted(chunks.items()):
        if _is_id(message) and isinstance(text, bytes) and isinstance(reasoning, bytes):
            before = joined.get(message, (b"", b""))
            joined[message] = before[0] + text, before[1] + reasoning
    return {id_: (_decoded(text), _decoded(reasoning)) for id_, (text, reasoning) in joined.items()}


def _decoded(raw: bytes) -> str:
    try:
        return join_surrogates(raw.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def _stand_in(id_: str, messages: Sequence[ChatMessage]) -> Conversation:
    times = [message.created for message in messages] or [0.0]
    return Conversation(id_, title=RECOVERED_TITLE, created=min(times), updated=max(times))


def _with_valid_heads(conversation: Conversation, messages: dict[str, ChatMessage]) -> Conversation:
    head = conversation.head if conversation.head in messages else next(reversed(messages), None)
    heads = {slot: id_ for slot, id_ in conversation.heads.items() if id_ in messages}
    favourite = conversation.favourite if conversation.favourite in messages else None
    return replace(conversation, head=head, heads=heads, favourite=favourite)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(value: Any) -> float:
    return sane_time(value) if isinstance(value, int | float) else 0.0
