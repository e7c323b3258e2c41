"""The statements that write conversations and messages."""

from chat_tui.storage.schema import CONVERSATION_COLUMNS, MESSAGE_COLUMNS

# All names in them are constants of this package; values are bound.
# ruff: noqa: S608

FIXED = ("id", "conversation", "parent")
"""The first columns of a message, which never change."""

INSERT_CONVERSATION = (
    f"INSERT INTO conversations ({', '.join(CONVERSATION_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(CONVERSATION_COLUMNS))}) "
    "ON CONFLICT (id) DO UPDATE SET head = excluded.head, heads = excluded.heads, "
    "updated = max(updated, excluded.updated)"
)
# A parent that is not there (its database was lost) would make the tree unreadable.
_PLACES = {"parent": "(SELECT id FROM messages WHERE id = ? AND conversation = ?)"}
INSERT_MESSAGE = (
    f"INSERT INTO messages ({', '.join(MESSAGE_COLUMNS)}) "
    f"VALUES ({', '.join(_PLACES.get(name, '?') for name in MESSAGE_COLUMNS)}) "
    "ON CONFLICT (id) DO NOTHING"
)
RESTORE = "UPDATE conversations SET deleted = NULL WHERE id = ?"
UPDATE_MESSAGE = (
    f"UPDATE messages SET {', '.join(f'{c} = ?' for c in MESSAGE_COLUMNS if c not in FIXED)} "
    "WHERE id = ?"
)
SELECT_DATA = "SELECT data FROM messages WHERE id = ? AND status != 'streaming'"
UPDATE_DATA = "UPDATE messages SET data = ? WHERE id = ?"
INSERT_CHUNK = (
    "INSERT INTO chunks (message, text, reasoning) "
    "SELECT id, ?, ? FROM messages WHERE id = ? AND status = 'streaming'"
)
MARK = "UPDATE messages SET deleted = ?, extent = ? WHERE id = ? AND conversation = ?"
KEEP_CHOICE = (
    "INSERT INTO choices (kind, name, updated, data) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (kind, name) DO UPDATE SET updated = excluded.updated, data = excluded.data"
)
DROP_CHOICE = "DELETE FROM choices WHERE kind = ? AND name = ?"
KEEP_DRAFT = (
    "INSERT INTO drafts (conversation, updated, data) VALUES (?, ?, ?) "
    "ON CONFLICT (conversation) DO UPDATE SET updated = excluded.updated, data = excluded.data"
)
