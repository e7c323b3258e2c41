"""The tables, and the steps from each version of them to the next."""

APPLICATION_ID = 0x63545549
"""`cTUI`: tells our database from any other SQLite file."""

PAGE_SIZE = 4096
"""Fixed, so that a database whose first page is lost can still be read page by page."""

CONVERSATION_COLUMNS = (
    *("id", "title", "title_by_hand", "created", "updated", "pinned", "archived", "deleted"),
    *("model", "head", "heads", "folder", "policy", "tags", "targets", "system_prompt", "extra"),
    *("favourite", "cuts", "board"),
)
MESSAGE_COLUMNS = (
    *("id", "conversation", "parent", "turn", "role", "slot", "choice", "status", "instance"),
    *("created", "lines", "cells", "text", "reasoning", "data"),
)
"""What a message is made of."""
MARK_COLUMNS = ("deleted", "extent")
"""The other columns of a message: when it was deleted, and how much at its place."""
CHUNK_COLUMNS = ("message", "text", "reasoning")
DRAFT_COLUMNS = ("conversation", "updated", "data")
CHOICE_COLUMNS = ("kind", "name", "updated", "data")
ATTACHMENT_COLUMNS = ("sha256", "media_type", "size", "created", "content")

_VERSION_1 = (
    # A field that another window may change has its own column: writing one leaves the others.
    """
    CREATE TABLE conversations (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        title_by_hand INTEGER NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        pinned INTEGER NOT NULL,
        archived INTEGER NOT NULL,
        deleted REAL,
        model TEXT NOT NULL,
        head TEXT,
        heads TEXT NOT NULL,
        folder TEXT NOT NULL,
        policy TEXT NOT NULL,
        tags TEXT NOT NULL,
        targets TEXT NOT NULL,
        system_prompt TEXT NOT NULL,
        extra TEXT NOT NULL
    )
    """,
    # seq is the order of insertion: parents come before their children. What is long stands
    # last, so that reading the short columns touches no overflow page. The parent is no foreign
    # key: a message is worth keeping without it.
    """
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        parent TEXT,
        turn TEXT NOT NULL,
        role TEXT NOT NULL,
        slot INTEGER NOT NULL,
        choice INTEGER NOT NULL,
        status TEXT NOT NULL,
        instance TEXT,
        created REAL NOT NULL,
        lines INTEGER NOT NULL,
        cells INTEGER NOT NULL,
        text TEXT NOT NULL,
        reasoning TEXT NOT NULL,
        data TEXT NOT NULL
    )
    """,
    # Bytes, since a delta may end in the middle of a surrogate pair.
    """
    CREATE TABLE chunks (
        seq INTEGER PRIMARY KEY,
        message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        text BLOB NOT NULL,
        reasoning BLOB NOT NULL
    )
    """,
    "CREATE INDEX messages_of_conversation ON messages (conversation)",
    "CREATE INDEX messages_streaming ON messages (instance) WHERE status = 'streaming'",
    "CREATE INDEX chunks_of_message ON chunks (message)",
    "CREATE INDEX conversations_by_time ON conversations (updated)",
)

# Opening a conversation and showing the list read these indexes alone, and no row.
_VERSION_2 = (
    "DROP INDEX messages_of_conversation",
    "DROP INDEX conversations_by_time",
    """
    CREATE INDEX messages_as_nodes
    ON messages (conversation, seq, id, parent, turn, role, slot, lines, cells)
    """,
    """
    CREATE INDEX conversations_listed
    ON conversations (pinned DESC, updated DESC, id DESC, title, model, deleted)
    WHERE deleted IS NULL
    """,
)

# What is deleted stays until it is purged, marked at its place; drafts belong to no row, since
# one is of a conversation that is not stored yet.
_VERSION_3 = (
    "ALTER TABLE conversations ADD COLUMN favourite TEXT",
    "ALTER TABLE messages ADD COLUMN deleted REAL",
    "ALTER TABLE messages ADD COLUMN extent TEXT NOT NULL DEFAULT ''",
    "DROP INDEX messages_as_nodes",
    """
    CREATE INDEX messages_as_nodes
    ON messages (conversation, seq, id, parent, turn, role, slot, lines, cells, extent)
    """,
    "CREATE INDEX messages_deleted ON messages (deleted) WHERE deleted IS NOT NULL",
    "CREATE INDEX messages_written ON messages (created) WHERE role = 'user'",
    """
    CREATE TABLE drafts (
        conversation TEXT PRIMARY KEY,
        updated REAL NOT NULL,
        data TEXT NOT NULL
    )
    """,
)

# Where requests were trimmed last: the next window of the app cuts at the same place.
_VERSION_4 = ("ALTER TABLE conversations ADD COLUMN cuts TEXT NOT NULL DEFAULT '{}'",)

FLAGGED = "(instr(data, '\"pinned\":true') OR instr(data, '\"excluded\":true'))"
"""What is pinned or excluded, and perhaps a little more: the same words may stand in raw fields."""

# Few messages are: to know them, none but these are read.
_VERSION_5 = (f"CREATE INDEX messages_flagged ON messages (conversation) WHERE {FLAGGED}",)

# Favourites, model sets and votes: small records of the user's, by kind and name.
_VERSION_6 = (
    "ALTER TABLE conversations ADD COLUMN board TEXT NOT NULL DEFAULT '{}'",
    """
    CREATE TABLE choices (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        updated REAL NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (kind, name)
    )
    """,
)

# Pictures and documents, each once by its hash, and which messages name them: what nobody names
# is removed. Messages that were imported may name some that come later.
_VERSION_7 = (
    """
    CREATE TABLE attachments (
        sha256 TEXT PRIMARY KEY,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        created REAL NOT NULL,
        content BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE message_attachments (
        message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (message, sha256)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX messages_of_attachment ON message_attachments (sha256)",
    """
    INSERT OR IGNORE INTO message_attachments (message, sha256)
    SELECT named.id, named.sha256 FROM (
        SELECT messages.id, CASE part.type WHEN 'object'
            THEN json_extract(part.value, '$.sha256') END AS sha256
        FROM messages, json_each(
            CASE WHEN json_valid(data) THEN data ELSE '{}' END, '$.parts'
        ) AS part
        WHERE instr(data, '"sha256"')
    ) AS named
    WHERE typeof(named.sha256) = 'text' AND named.sha256 != ''
    """,
)

MIGRATIONS = (
    *(_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7),
)
"""Step n, counted from 0, leads from version n to n + 1; 0 is an empty file."""

VERSION = len(MIGRATIONS)
