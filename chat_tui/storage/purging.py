"""Removing for good what was deleted.

What is freed is overwritten with zeros (`secure_delete`, set with the connection), so that nothing
of it is left in the file. The room stays in the file and is used again: giving it back would mean
to write the whole database anew.
"""

import json
import sqlite3
from contextlib import suppress
from typing import NamedTuple

from chat_tui.core.conversation import Extent, Node
from chat_tui.core.ports import Purged
from chat_tui.storage.survivors import survivors
from chat_tui.storage.texts import read_nodes

_AT_ONCE = 20
"""Conversations that are removed in one step: prompts to be saved wait meanwhile."""

_Rows = list[tuple[str | None, ...]]

# `+` below keeps SQLite from reading all messages in the order of an index only to find each
# conversation once: the indexes of what streams and of what is deleted are short.


class PurgedRows(NamedTuple):
    """What one step removed."""

    conversations: tuple[str, ...]
    """Their ids."""
    messages: int
    """Of a conversation that is still there."""


def purge_some(connection: sqlite3.Connection, before: float) -> PurgedRows | None:
    """Remove some conversations, or what is to go of one; None where nothing is left to do.

    Conversations in which a reply is streaming are left for another time.

    Args:
        connection: inside a transaction.
        before: what was deleted before this time goes.
    """
    busy = {
        id_
        for (id_,) in connection.execute(
            "SELECT DISTINCT +conversation FROM messages WHERE status = 'streaming'"
        )
    }
    deleted = [
        id_
        for (id_,) in connection.execute(
            "SELECT id FROM conversations WHERE deleted < ?", (before,)
        )
        if id_ not in busy
    ][:_AT_ONCE]
    if deleted:
        rows = [(id_,) for id_ in deleted]
        connection.executemany("DELETE FROM drafts WHERE conversation = ?", rows)
        connection.executemany("DELETE FROM conversations WHERE id = ?", rows)
        return PurgedRows(tuple(deleted), 0)
    marked = connection.execute(
        "SELECT DISTINCT +conversation FROM messages WHERE deleted < ?", (before,)
    )
    for (conversation,) in marked.fetchall():
        if conversation not in busy:
            return PurgedRows((), _purge_messages(connection, conversation, before))
    return None


def count_deleted(connection: sqlite3.Connection) -> Purged:
    """How much `purge_some` would remove in all."""
    conversations, *_ = connection.execute(
        "SELECT count(*) FROM conversations WHERE deleted IS NOT NULL"
    ).fetchone()
    marked = connection.execute(
        "SELECT DISTINCT +conversation FROM messages WHERE deleted IS NOT NULL AND conversation "
        "NOT IN (SELECT id FROM conversations WHERE deleted IS NOT NULL)"
    )
    messages = 0
    for (conversation,) in marked.fetchall():
        places = survivors(read_nodes(connection, conversation), lambda node: node.deleted)
        messages += sum(places[id_] != id_ for id_ in places)
    return Purged(conversations, messages)


def _purge_messages(connection: sqlite3.Connection, conversation: str, before: float) -> int:
    """Remove messages of a conversation, and hang what stays where it stood to the eye."""
    query = "SELECT id, extent FROM messages WHERE conversation = ? AND deleted < ?"
    due: dict[str, Extent] = dict(connection.execute(query, (conversation, before)))

    def extent(node: Node) -> Extent:
        # A mark that cannot be read hides nothing, so nothing goes for it but the row itself.
        return (due[node.id] or "message") if node.id in due else ""

    nodes = list(read_nodes(connection, conversation))
    places = survivors(nodes, extent)
    moved: _Rows = [
        (places.get(node.parent), node.id)
        for node in nodes
        if places[node.id] == node.id and places.get(node.parent) != node.parent
    ]
    gone: _Rows = [(node.id,) for node in nodes if places[node.id] != node.id]
    connection.executemany("UPDATE messages SET parent = ? WHERE id = ?", moved)
    connection.executemany("DELETE FROM messages WHERE id = ?", gone)
    _mend_heads(connection, conversation, places)
    return len(gone)


def _mend_heads(
    connection: sqlite3.Connection, conversation: str, places: dict[str | None, str | None]
) -> None:
    """Lead head, heads and favourite to messages that are still there."""
    head, heads, favourite = connection.execute(
        "SELECT head, heads, favourite FROM conversations WHERE id = ?", (conversation,)
    ).fetchone()
    kept: dict[str, str] = {}
    with suppress(ValueError, AttributeError):  # heads that cannot be read are none
        threads = {slot: places.get(id_) for slot, id_ in json.loads(heads).items()}
        kept = {slot: id_ for slot, id_ in threads.items() if id_ is not None}
    connection.execute(
        "UPDATE conversations SET head = ?, heads = ?, favourite = ? WHERE id = ?",
        (places.get(head), json.dumps(kept), places.get(favourite), conversation),
    )
