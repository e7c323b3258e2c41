"""The SQL that reads: synchronous, one connection, used by one thread.

Everything here raises what sqlite3 raises; `session.py` decides what that means.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chat_tui.core.attachments.names import named_by, named_in_draft
from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, ConversationSummary, Node
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage, Flags
from chat_tui.core.ports import MessageText, Purged
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.attachments import read, read_all
from chat_tui.storage.choices import choice_from_text
from chat_tui.storage.connection import OpenDatabase
from chat_tui.storage.drafts import draft_from_text
from chat_tui.storage.operations import Choice, Mark
from chat_tui.storage.purging import count_deleted
from chat_tui.storage.records import (
    LISTED_TITLE,
    SELECT_CONVERSATION,
    SELECT_MESSAGE,
    Row,
    conversation_from_row,
    flags_in,
    message_from_row,
)
from chat_tui.storage.schema import FLAGGED, MESSAGE_COLUMNS
from chat_tui.storage.texts import read_journal, read_nodes, read_texts, recent_prompts

# All names in the statements below are constants of this package; values are bound.
# ruff: noqa: S608

_BATCH = 500
"""Ids in one statement; SQLite's own limit is 32,766 variables, in old versions 999."""


class Carried(NamedTuple):
    """A conversation with all that is stored of it, to be written into another database."""

    conversation: Conversation
    messages: Sequence[ChatMessage]
    marks: Mapping[str, Mark]
    attachments: Sequence[Attachment] = ()
    """The bytes that its messages name."""


class ReadableDatabase(OpenDatabase):
    """An open database with the tables of the current version, as far as it is read."""

    def summaries(self, limit: int, after: ConversationSummary | None) -> list[ConversationSummary]:
        """See `ConversationStore.summaries`; one statement, which reads an index alone."""
        select = (
            f"SELECT id, substr(title, 1, {LISTED_TITLE}), updated, pinned, model "
            "FROM conversations WHERE deleted IS NULL"
        )
        order = "ORDER BY pinned DESC, updated DESC, id DESC LIMIT ?"
        if after is None:
            rows = self._connection.execute(f"{select} {order}", (limit,))
        else:
            rows = self._connection.execute(
                f"{select} AND (pinned, updated, id) < (?, ?, ?) {order}",
                (int(after.pinned), after.updated, after.id, limit),
            )
        return [
            ConversationSummary(id_, title, updated, bool(pinned), model)
            for id_, title, updated, pinned, model in rows
        ]

    def conversation(self, id_: str) -> Conversation | None:
        """See `ConversationStore.conversation`."""
        row = self._connection.execute(f"{SELECT_CONVERSATION} WHERE id = ?", (id_,)).fetchone()
        if row is None:
            self._refuse_listed("conversations INDEXED BY conversations_listed", [id_])
            return None
        return conversation_from_row(row)

    def find(self, prefix: str, limit: int) -> list[str]:
        """Ids of conversations that begin with a text, deleted ones left out."""
        rows = self._connection.execute(
            "SELECT id FROM conversations WHERE id >= ? AND id < ? AND deleted IS NULL "
            "ORDER BY id LIMIT ?",
            (prefix, prefix + "\U0010ffff", limit),
        )
        return [id_ for (id_,) in rows]

    def nodes(self, conversation: str) -> list[Node]:
        """See `ConversationStore.nodes`."""
        return list(read_nodes(self._connection, conversation))

    def messages(self, ids: Sequence[str]) -> dict[str, tuple[str, ChatMessage]]:
        """Messages by id, each with the id of its conversation; the journal is added to them."""
        rows: list[Row] = []
        for batch in _batches(ids):
            marks = ", ".join("?" * len(batch))
            rows += self._connection.execute(f"{SELECT_MESSAGE} WHERE id IN ({marks})", batch)
        found = {row[0]: (row[1], self._message(row)) for row in rows}
        if missing := [id_ for id_ in ids if id_ not in found]:
            self._refuse_listed("messages INDEXED BY messages_as_nodes", missing)
        return found

    def owners(self, ids: Sequence[str]) -> dict[str, str]:
        """Which conversation each message belongs to; unknown ones left out."""
        found: dict[str, str] = {}
        for batch in _batches(ids):
            marks = ", ".join("?" * len(batch))
            found |= dict(
                self._connection.execute(
                    f"SELECT id, conversation FROM messages WHERE id IN ({marks})", batch
                )
            )
        return found

    def marks(self, conversation: str) -> dict[str, Mark]:
        """What was deleted of a conversation, by message, and when."""
        rows = self._connection.execute(
            "SELECT id, extent, deleted FROM messages "
            "WHERE conversation = ? AND deleted IS NOT NULL",
            (conversation,),
        )
        return {id_: Mark(extent, at) for id_, extent, at in rows}

    def flags(self, conversation: str) -> dict[str, Flags]:
        """See `ConversationStore.flags`; one statement, which reads no other messages."""
        rows = self._connection.execute(
            f"SELECT id, data FROM messages WHERE conversation = ? AND {FLAGGED}", (conversation,)
        )
        flags = ((id_, flags_in(data)) for id_, data in rows)
        return {id_: each for id_, each in flags if any(each)}

    def texts(self, ids: Sequence[str]) -> dict[str, MessageText]:
        """See `ConversationStore.texts`; by id."""
        return read_texts(self._connection, ids)

    def recent_prompts(self, limit: int) -> list[str]:
        """See `ConversationStore.recent_prompts`."""
        return recent_prompts(self._connection, limit)

    def draft(self, conversation: str) -> tuple[Draft, float]:
        """See `ConversationStore.draft`; with the time at which it was written, 0 for never."""
        row = self._connection.execute(
            "SELECT data, updated FROM drafts WHERE conversation = ?", (conversation,)
        ).fetchone()
        return (draft_from_text(row[0], self._apart), row[1]) if row is not None else (Draft(), 0.0)

    def _apart(self, sha: str) -> bytes:
        """What a draft has put apart."""
        found = self.attachment(sha)
        return b"" if found is None else found.content

    def queued_drafts(self) -> frozenset[str]:
        """See `ConversationStore.queued_drafts`; that of a new conversation too."""
        rows = self._connection.execute(
            # Few drafts have it, and only those are read whole.
            "SELECT conversation, data FROM drafts WHERE instr(data, '\"queued\"')"
        )
        return frozenset(id_ for id_, data in rows if draft_from_text(data).queued)

    def choices(self, kind: str) -> dict[str, Choice]:
        """The records of one kind by name, the oldest first; unreadable ones left out."""
        rows = self._connection.execute(
            "SELECT name, updated, data FROM choices WHERE kind = ? ORDER BY updated, name", (kind,)
        )
        read = ((name, choice_from_text(data, at)) for name, at, data in rows)
        return {name: choice for name, choice in read if choice is not None}

    def attachment(self, sha: str) -> Attachment | None:
        """See `ConversationStore.attachment`."""
        return read(self._connection, sha)

    def attached_to(self, draft: Draft) -> list[Attachment]:
        """The bytes that a draft names."""
        return read_all(self._connection, named_in_draft(draft))

    def deleted(self) -> Purged:
        """How much is deleted and waits to be purged."""
        return count_deleted(self._connection)

    def carried(self, conversation: str) -> Carried | None:
        """All that is stored of a conversation; None where there is none."""
        stored = self.conversation(conversation)
        if stored is None:
            return None
        ids = [node.id for node in self.nodes(conversation)]
        found = self.messages(ids)
        messages = [found[id_][1] for id_ in ids]
        attachments = read_all(self._connection, named_by(messages))
        return Carried(stored, messages, self.marks(conversation), attachments)

    def _message(self, row: Row) -> ChatMessage:
        if row[MESSAGE_COLUMNS.index("status")] != "streaming":
            return message_from_row(row)
        return message_from_row(row, read_journal(self._connection, row[0]))

    def _refuse_listed(self, table: str, ids: Sequence[str]) -> None:
        """Find out whether what was not found by its id is in the index that lists it.

        Damage to an index does not always show as an error. This reads the whole listing index,
        but only where something was not found: about 1 ms for 10,000 rows.

        Raises:
            sqlite3.DatabaseError: it is (as SQLITE_CORRUPT).
        """
        where = "deleted IS NULL AND " if table.startswith("conversations") else ""
        for batch in _batches(ids):
            marks = ", ".join("?" * len(batch))
            query = f"SELECT id FROM {table} WHERE {where}+id IN ({marks}) LIMIT 1"
            if self._connection.execute(query, batch).fetchone():
                error = sqlite3.DatabaseError("an index does not agree with its table")
                error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise error


def _batches(ids: Sequence[str]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), _BATCH):
        yield [join_surrogates(id_) for id_ in ids[start : start + _BATCH]]
