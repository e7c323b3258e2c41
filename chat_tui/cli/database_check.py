"""Looks at the database without changing it."""

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from chat_tui.storage.purging import count_deleted
from chat_tui.storage.schema import APPLICATION_ID, VERSION

_PRIVATE = 0o077
_WITH_MARKS = 3
"""The first version of the tables in which messages can be deleted."""


@dataclass(slots=True)
class DatabaseState:
    """What was found."""

    path: str
    exists: bool = False
    bytes: int = 0
    mode: str = ""
    """The permissions, as `0600`."""
    writable: bool = True
    version: int = 0
    """Of its tables."""
    integrity: str = ""
    """`ok`, or what SQLite says is wrong; empty where it was not looked at."""
    conversations: int = 0
    messages: int = 0
    deleted_conversations: int = 0
    deleted_messages: int = 0
    """What waits to be removed for good; messages of other conversations."""
    rescue_files: list[str] = field(default_factory=list)
    """Files that wait to be put back at the next start."""
    problems: list[str] = field(default_factory=list)


def check_database(path: Path, state: Path) -> DatabaseState:
    """Look at a database, and at the rescue files in the folder of state."""
    found = DatabaseState(str(path), path.exists())
    found.rescue_files = [str(file) for file in sorted(state.glob("rescue-*.json"))]
    if not found.exists:
        return found
    status = path.stat()
    found.bytes = status.st_size
    found.mode = f"{stat.S_IMODE(status.st_mode):04o}"
    found.writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    if status.st_mode & _PRIVATE or path.parent.stat().st_mode & _PRIVATE:
        found.problems.append(
            f"{path} or its folder can be read by others. Run `chmod 600` on it and `chmod 700` "
            "on the folder."
        )
    if not found.writable:
        found.problems.append(f"{path} cannot be written. Check its permissions.")
    try:
        with closing(_open(path)) as connection:
            _read(connection, found)
    except sqlite3.Error as error:
        found.integrity = found.integrity or str(error)
        found.problems.append(f"{path} cannot be read: {error}.")
    return found


def _open(path: Path) -> sqlite3.Connection:
    """Open for reading; while nobody else has it open, without making files beside it."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    if not path.with_name(path.name + "-wal").exists():
        address += "&immutable=1"
    return sqlite3.connect(address, uri=True)


def _read(connection: sqlite3.Connection, found: DatabaseState) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    found.version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        found.problems.append(f"{found.path} is not a database of chat-tui.")
        return
    if found.version > VERSION:
        found.problems.append(
            f"{found.path} was written by a newer chat-tui and is only read. Update chat-tui."
        )
    found.integrity = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found.integrity != "ok":
        found.problems.append(
            f"{found.path} is damaged: {found.integrity}. It is salvaged at the next start; the "
            "damaged file is kept."
        )
    count = "SELECT count(*) FROM conversations WHERE deleted IS NULL"
    found.conversations = connection.execute(count).fetchone()[0]
    found.messages = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
    if found.version >= _WITH_MARKS:
        found.deleted_conversations, found.deleted_messages = count_deleted(connection)
