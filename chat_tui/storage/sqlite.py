"""The SQL that writes: synchronous, one connection, used by one thread.

Everything here raises what sqlite3 raises; `session.py` decides what that means.

Journal chunks come up to twenty times a second and are written with NORMAL (0.015 ms), drafts
likewise, everything else with FULL (2.3 ms).
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges, MessageChanges
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.attachments import drop_unnamed, keep, keep_text, name
from chat_tui.storage.drafts import draft_to_text
from chat_tui.storage.encoding import dump
from chat_tui.storage.operations import Choice, Chunk, Mark
from chat_tui.storage.purging import PurgedRows, purge_some
from chat_tui.storage.reading import Carried, ReadableDatabase
from chat_tui.storage.records import (
    INTERRUPTED,
    SELECT_MESSAGE,
    asks_again,
    changed_columns,
    changed_data,
    conversation_row,
    message_row,
)
from chat_tui.storage.statements import (
    DROP_CHOICE,
    FIXED,
    INSERT_CHUNK,
    INSERT_CONVERSATION,
    INSERT_MESSAGE,
    KEEP_CHOICE,
    KEEP_DRAFT,
    MARK,
    RESTORE,
    SELECT_DATA,
    UPDATE_DATA,
    UPDATE_MESSAGE,
)

# All names in the statements below are constants of this package; values are bound.
# ruff: noqa: S608


class MissingRowError(LookupError):
    """What was to be changed is not in the database."""


class Database(ReadableDatabase):
    """An open database with the tables of the current version, read and written.

    Args:
        connection: in autocommit mode (`isolation_level=None`).
        instance: the id of this instance of the app, kept with what it streams.
    """

    def __init__(self, connection: sqlite3.Connection, instance: str) -> None:
        super().__init__(connection)
        self._instance = instance

    def add_messages(self, conversation: Conversation, messages: Sequence[ChatMessage]) -> None:
        """See `ConversationStore.add_messages`."""
        self.add_all((Carried(conversation, messages, {}),))

    def add_all(self, items: Iterable[Carried]) -> None:
        """Add the messages of several conversations in one durable step.

        Marks are written for messages that are new; those that are there keep their own.
        """
        with self.transaction("FULL"):
            for conversation, messages, marks, attachments in items:
                keep(self._connection, attachments, time.time())
                if marks:
                    there = self.owners(list(marks))
                    marks = {id_: mark for id_, mark in marks.items() if id_ not in there}
                deleted = self._is_deleted(conversation.id)
                self._connection.execute(INSERT_CONVERSATION, conversation_row(conversation))
                rows = [message_row(each, conversation.id, self._instance) for each in messages]
                added = self._connection.executemany(
                    INSERT_MESSAGE, ((*row[:3], conversation.id, *row[3:]) for row in rows)
                )
                if deleted and added.rowcount > 0 and asks_again(messages):
                    self._connection.execute(RESTORE, (conversation.id,))
                name(self._connection, messages)
                self._mark(conversation.id, marks)

    def append_chunks(self, chunks: Sequence[Chunk]) -> None:
        """Journal what came; chunks of messages that stream no more are passed over."""
        with self.transaction("NORMAL"):
            self._connection.executemany(
                INSERT_CHUNK,
                ((_bytes(chunk.text), _bytes(chunk.reasoning), chunk.message) for chunk in chunks),
            )

    def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`.

        Raises:
            MissingRowError: it was never added to this database.
        """
        with self.transaction("FULL"):
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
        with self.transaction("FULL"):
            found = self._connection.execute(
                f"UPDATE conversations SET {assignments} WHERE id = ?", (*columns.values(), id_)
            )
            if not found.rowcount:
                raise MissingRowError(f"conversation {id_}")

    def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """See `ConversationStore.update_messages`; what is streaming is passed over too.

        Counts alone need not survive a loss of power: they can be made again.
        """
        durable = any(changed.keys() - {"tokens"} for changed in changes.values())
        with self.transaction("FULL" if durable else "NORMAL"):
            for id_, changed in changes.items():
                row = self._connection.execute(SELECT_DATA, (id_,)).fetchone()
                if row is not None:
                    self._connection.execute(UPDATE_DATA, (changed_data(row[0], changed), id_))

    def mark_messages(self, conversation: str, marks: Mapping[str, Mark]) -> None:
        """See `ConversationStore.mark_messages`; messages that are not there are passed over."""
        with self.transaction("FULL"):
            self._mark(conversation, marks)

    def save_draft(self, conversation: str, draft: Draft, at: float) -> None:
        """See `ConversationStore.save_draft`."""
        key = join_surrogates(conversation)
        with self.transaction("NORMAL"):
            if draft:
                data = draft_to_text(draft, lambda text: keep_text(self._connection, text, at))
                self._connection.execute(KEEP_DRAFT, (key, at, data))
            else:
                self._connection.execute("DELETE FROM drafts WHERE conversation = ?", (key,))

    def save_attachments(self, attachments: Iterable[Attachment], at: float) -> None:
        """See `Writer.save_attachments`."""
        with self.transaction("NORMAL"):
            keep(self._connection, attachments, at)

    def save_choice(self, kind: str, name: str, choice: Choice | None) -> None:
        """See `Writer.save_choice`."""
        key = (kind, join_surrogates(name))
        with self.transaction("FULL"):
            if choice is None:
                self._connection.execute(DROP_CHOICE, key)
            else:
                self._connection.execute(KEEP_CHOICE, (*key, choice.at, dump(choice.data)))

    def purge_some(self, before: float) -> PurgedRows | None:
        """Remove a part of what was deleted before a time; None where nothing is left to do."""
        with self.transaction("FULL"):
            return purge_some(self._connection, before)

    def drop_unnamed(self, before: float) -> int:
        """Remove bytes that nobody names, kept before a time; tells how many there were."""
        with self.transaction("FULL"):
            return drop_unnamed(self._connection, before)

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
        with self.transaction("FULL"):
            for instance in dead:
                rows = self._connection.execute(
                    f"{SELECT_MESSAGE} WHERE status = 'streaming' AND instance IS ?", (instance,)
                ).fetchall()
                for row in rows:
                    message = self._message(row)
                    self._save(replace(message, status="interrupted", error=INTERRUPTED))
                count += len(rows)
        return count

    def _is_deleted(self, conversation: str) -> bool:
        query = "SELECT 1 FROM conversations WHERE id = ? AND deleted IS NOT NULL"
        return self._connection.execute(query, (conversation,)).fetchone() is not None

    def _mark(self, conversation: str, marks: Mapping[str, Mark]) -> None:
        self._connection.executemany(
            MARK,
            (
                (mark.at if mark.extent else None, mark.extent, id_, conversation)
                for id_, mark in marks.items()
            ),
        )

    def _save(self, message: ChatMessage) -> None:
        row = message_row(message, "", self._instance)
        found = self._connection.execute(UPDATE_MESSAGE, (*row[len(FIXED) :], row[0]))
        if not found.rowcount:
            raise MissingRowError(f"message {message.id}")
        name(self._connection, [message])
        self._connection.execute("DELETE FROM chunks WHERE message = ?", (row[0],))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
