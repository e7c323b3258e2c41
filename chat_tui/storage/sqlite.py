"""The SQL of the store: synchronous, one connection, used by one thread.

Everything here raises what sqlite3 raises; `session.py` decides what that means.

Durability: in WAL mode a commit with `synchronous=NORMAL` survives the death of the process (the
kernel has the bytes), one with FULL also the loss of power. Journal chunks come up to twenty
times a second and are written with NORMAL (0.015 ms), everything else with FULL (2.3 ms). One
connection serves both, since the pragma costs microseconds and may change between transactions.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Literal

from chat_tui.core.conversation import Conversation, ConversationSummary, Node
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.operations import Chunk
from chat_tui.storage.records import (
    INTERRUPTED,
    LISTED_TITLE,
    SELECT_CONVERSATION,
    SELECT_MESSAGE,
    Row,
    asks_again,
    changed_columns,
    conversation_from_row,
    conversation_row,
    message_from_row,
    message_row,
)
from chat_tui.storage.schema import CONVERSATION_COLUMNS, MESSAGE_COLUMNS

# All names in the statements below are constants of this package; values are bound.
# ruff: noqa: S608

_BATCH = 500
"""Ids in one statement; SQLite's own limit is 32,766 variables, in old versions 999."""

_KEEP = ("id", "conversation", "parent")
"""Columns of a message that never change."""

_INSERT_CONVERSATION = (
    f"INSERT INTO conversations ({', '.join(CONVERSATION_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(CONVERSATION_COLUMNS))}) "
    "ON CONFLICT (id) DO UPDATE SET head = excluded.head, heads = excluded.heads, "
    "updated = max(updated, excluded.updated)"
)
# A parent that is not there (its database was lost) would make the tree unreadable.
_PLACES = {"parent": "(SELECT id FROM messages WHERE id = ? AND conversation = ?)"}
_INSERT_MESSAGE = (
    f"INSERT INTO messages ({', '.join(MESSAGE_COLUMNS)}) "
    f"VALUES ({', '.join(_PLACES.get(name, '?') for name in MESSAGE_COLUMNS)}) "
    "ON CONFLICT (id) DO NOTHING"
)
_RESTORE = "UPDATE conversations SET deleted = NULL WHERE id = ?"
_UPDATE_MESSAGE = (
    f"UPDATE messages SET {', '.join(f'{c} = ?' for c in MESSAGE_COLUMNS if c not in _KEEP)} "
    "WHERE id = ?"
)
_INSERT_CHUNK = (
    "INSERT INTO chunks (message, text, reasoning) "
    "SELECT id, ?, ? FROM messages WHERE id = ? AND status = 'streaming'"
)


class MissingRowError(LookupError):
    """What was to be changed is not in the database."""


class Database:
    """An open database with the tables of the current version.

    Args:
        connection: in autocommit mode (`isolation_level=None`).
        instance: the id of this instance of the app, kept with what it streams.
    """

    def __init__(self, connection: sqlite3.Connection, instance: str) -> None:
        self._connection = connection
        self._instance = instance
        self._synchronous = ""
        self._version = self._data_version()

    # Reading

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
        """See `ConversationStore.nodes`; one statement, which reads an index alone."""
        rows = self._connection.execute(
            "SELECT id, parent, turn, role, slot, lines, cells FROM messages "
            "WHERE conversation = ? ORDER BY seq",
            (conversation,),
        )
        return list(map(Node._make, rows))

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

    def changed_elsewhere(self) -> bool:
        """Whether another connection committed since this was asked last."""
        before, self._version = self._version, self._data_version()
        return before != self._version

    # Writing

    def add_messages(self, conversation: Conversation, messages: Sequence[ChatMessage]) -> None:
        """See `ConversationStore.add_messages`."""
        self.add_all(((conversation, messages),))

    def add_all(self, items: Iterable[tuple[Conversation, Sequence[ChatMessage]]]) -> None:
        """Add the messages of several conversations in one durable step."""
        with self._transaction("FULL"):
            for conversation, messages in items:
                deleted = self._is_deleted(conversation.id)
                self._connection.execute(_INSERT_CONVERSATION, conversation_row(conversation))
                rows = [message_row(each, conversation.id, self._instance) for each in messages]
                added = self._connection.executemany(
                    _INSERT_MESSAGE, ((*row[:3], conversation.id, *row[3:]) for row in rows)
                )
                if deleted and added.rowcount > 0 and asks_again(messages):
                    self._connection.execute(_RESTORE, (conversation.id,))

    def append_chunks(self, chunks: Sequence[Chunk]) -> None:
        """Journal what came; chunks of messages that stream no more are passed over."""
        with self._transaction("NORMAL"):
            self._connection.executemany(
                _INSERT_CHUNK,
                ((_bytes(chunk.text), _bytes(chunk.reasoning), chunk.message) for chunk in chunks),
            )

    def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`.

        Raises:
            MissingRowError: it was never added to this database.
        """
        with self._transaction("FULL"):
            self._save(message)

    def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`.

        Raises:
            MissingRowError: there is no such conversation.
        """
        columns = changed_columns(changes)
        if not columns:
            return
        assignments = ", ".join(f"{name} = ?" for name in columns)
        with self._transaction("FULL"):
            found = self._connection.execute(
                f"UPDATE conversations SET {assignments} WHERE id = ?", (*columns.values(), id_)
            )
            if not found.rowcount:
                raise MissingRowError(f"conversation {id_}")

    def fold_dead(self, is_alive: Callable[[str], bool]) -> int:
        """Make replies that dead instances were streaming `interrupted`, their journal folded.

        Args:
            is_alive: whether the instance with this id still runs.

        Returns:
            How many there were.
        """
        instances = self._connection.execute(
            "SELECT DISTINCT instance FROM messages WHERE status = 'streaming'"
        ).fetchall()
        dead = [
            id_
            for (id_,) in instances
            if id_ is None or (id_ != self._instance and not is_alive(id_))
        ]
        if not dead:
            return 0
        count = 0
        with self._transaction("FULL"):
            for instance in dead:
                rows = self._connection.execute(
                    f"{SELECT_MESSAGE} WHERE status = 'streaming' AND instance IS ?", (instance,)
                ).fetchall()
                for row in rows:
                    message = self._message(row)
                    self._save(replace(message, status="interrupted", error=INTERRUPTED))
                count += len(rows)
        return count

    # The database as a whole

    def probe(self) -> None:
        """Find out whether the database can be written, by a transaction that changes nothing."""
        with self._transaction("NORMAL"):
            self._connection.execute("UPDATE conversations SET seq = seq WHERE seq = -1")

    def set_busy_timeout(self, seconds: float) -> None:
        """Set how long a statement waits for another process."""
        self._connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def checkpoint(self) -> None:
        """Move everything from the write-ahead log into the database, and empty the log."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, path: str) -> None:
        """Write a whole copy to a file that is empty or not there."""
        self._connection.execute("VACUUM INTO ?", (path,))

    def close(self) -> None:
        """Close the connection. The last one to close empties the write-ahead log."""
        self._connection.close()

    def _data_version(self) -> int:
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _message(self, row: Row) -> ChatMessage:
        if row[MESSAGE_COLUMNS.index("status")] != "streaming":
            return message_from_row(row)
        chunks = self._connection.execute(
            "SELECT text, reasoning FROM chunks WHERE message = ? ORDER BY seq", (row[0],)
        ).fetchall()
        text = _joined(chunk[0] for chunk in chunks)
        return message_from_row(row, (text, _joined(chunk[1] for chunk in chunks)))

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

    def _is_deleted(self, conversation: str) -> bool:
        query = "SELECT 1 FROM conversations WHERE id = ? AND deleted IS NOT NULL"
        return self._connection.execute(query, (conversation,)).fetchone() is not None

    def _save(self, message: ChatMessage) -> None:
        row = message_row(message, "", self._instance)
        found = self._connection.execute(_UPDATE_MESSAGE, (*row[len(_KEEP) :], row[0]))
        if not found.rowcount:
            raise MissingRowError(f"message {message.id}")
        self._connection.execute("DELETE FROM chunks WHERE message = ?", (row[0],))

    @contextmanager
    def _transaction(self, synchronous: Literal["NORMAL", "FULL"]) -> Iterator[None]:
        """Write under a lock that is taken at once.

        A deferred transaction that reads first would fail with SQLITE_BUSY_SNAPSHOT, without
        waiting, if another process wrote in between.
        """
        if synchronous != self._synchronous:
            self._connection.execute(f"PRAGMA synchronous = {synchronous}")
            self._synchronous = synchronous
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):  # the error that led here is the one to tell
                    self._connection.execute("ROLLBACK")
            raise


def _batches(ids: Sequence[str]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), _BATCH):
        yield [join_surrogates(id_) for id_ in ids[start : start + _BATCH]]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _joined(pieces: Iterable[bytes]) -> str:
    return join_surrogates(b"".join(pieces).decode("utf-8", "surrogatepass"))
