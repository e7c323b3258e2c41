"""Opening the database: create, migrate, salvage, or read only. Nothing is ever overwritten."""

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chat_tui.core.errors import StorageError
from chat_tui.storage.migrations import back_up, migrate, set_up
from chat_tui.storage.paths import Paths, make_private
from chat_tui.storage.place import (
    Place,
    create_private,
    move_aside,
    place_of,
    replace_kept,
    scratch,
)
from chat_tui.storage.salvage import salvage
from chat_tui.storage.schema import APPLICATION_ID, VERSION
from chat_tui.storage.sqlite import Database
from chat_tui.storage.troubles import primary_code

Connect = Callable[[str], sqlite3.Connection]
"""Opens a connection to a `file:` address in autocommit mode; tests hand in one that fails."""

MAGIC = b"SQLite format 3\0"

_DAMAGED = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_CLOSED_CODES = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM))
_CLOSED_ERRNOS = frozenset((errno.EROFS, errno.EACCES, errno.EPERM))


@dataclass(frozen=True, slots=True)
class Source:
    """Where the database is, and how it is to be opened."""

    paths: Paths
    instance: str
    """The id of this instance of the app."""
    connect: Connect
    busy_timeout: float
    """Seconds to wait for another process."""


class Opened(NamedTuple):
    """An open database and what there is to say about it."""

    database: Database
    place: Place | None
    """None for one in memory."""
    notice: str = ""
    """A sentence for the user, where something was moved or saved."""
    refusal: StorageError | None = None
    """Why it may only be read, where that is so."""
    final: bool = False
    """Whether the refusal stands for as long as this file is there."""


def connect(address: str) -> sqlite3.Connection:
    """Open a connection; transactions are begun and ended by statements alone."""
    return sqlite3.connect(address, uri=True, isolation_level=None, cached_statements=64)


def open_memory(connect: Connect, instance: str) -> Opened:
    """Make a database in memory, for what is not to be kept."""
    connection = connect("file::memory:")
    set_up(connection)
    connection.execute("PRAGMA temp_store = MEMORY")
    migrate(connection)
    return Opened(Database(connection, instance), None)


def open_file(source: Source) -> Opened:
    """Open the database, whatever state it is in.

    Instances open one after the other, so that only one migrates or salvages.

    Raises:
        sqlite3.Error, OSError: it cannot be opened now; later it may be.
    """
    path = source.paths.database
    try:
        with _one_at_a_time(source):
            return _open(source)
    except sqlite3.DatabaseError as error:
        if primary_code(error) not in _CLOSED_CODES or not path.exists():
            raise
        return _open_closed(source, error)
    except OSError as error:
        if error.errno not in _CLOSED_ERRNOS or not path.exists():
            raise
        return _open_closed(source, error)


def salvage_file(source: Source, place: Place | None) -> Opened:
    """Move a database aside that turned out to be damaged, and open what can be saved of it.

    Where another instance has replaced the file at `place` already, the new one is opened.

    Raises:
        sqlite3.Error, OSError: there is no room for it, or the folder is closed.
    """
    with _one_at_a_time(source):
        notice = "" if place is not None and place.lost else _replace_damaged(source)
        return _open(source)._replace(notice=notice)


def is_damage(error: Exception) -> bool:
    """Whether an error means that the file is not a sound database."""
    if isinstance(error, sqlite3.DatabaseError) and primary_code(error) in _DAMAGED:
        return True
    # Damaged text, as the sqlite3 module and `records` report it.
    return isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)


class _StrangerError(Exception):
    """The file is another program's database."""


def _open(source: Source) -> Opened:
    path, notice = source.paths.database, ""
    while True:
        create_private(path)
        try:
            return _open_sound(source)._replace(notice=notice)
        except _StrangerError:
            aside = move_aside(path, "other")
            notice = f"{path} was not a database of chat-tui. It was moved to {aside}."
        except sqlite3.DatabaseError as error:
            if notice or not is_damage(error):
                raise
            notice = _replace_damaged(source)


def _open_sound(source: Source) -> Opened:
    path = source.paths.database
    _check_header(path)
    connection = source.connect(_address(path))
    try:
        connection.execute(f"PRAGMA busy_timeout = {int(source.busy_timeout * 1000)}")
        version = _version(connection)
        if version > VERSION:
            connection.close()
            return _open_newer(source, version)
        set_up(connection)
        if 0 < version < VERSION:
            back_up(connection, source.paths, version)
        if version < VERSION:
            migrate(connection)
        return Opened(Database(connection, source.instance), place_of(path))
    except BaseException:
        connection.close()
        raise


def _check_header(path: Path) -> None:
    """Look at a file before SQLite does, which would play back a log that is beside it.

    Raises:
        sqlite3.DatabaseError: it does not begin as a database does (as SQLITE_NOTADB).
        _StrangerError: it is marked as another program's.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if header and not header.startswith(MAGIC):
        raise _database_error("file is not a database", sqlite3.SQLITE_NOTADB)
    # 0 is what a database has whose first transaction is still in the log.
    if int.from_bytes(header[68:72], "big") not in (0, APPLICATION_ID):
        raise _StrangerError


def _version(connection: sqlite3.Connection) -> int:
    """The version of the tables; 0 where there are none yet.

    Raises:
        sqlite3.DatabaseError: ours, but its first page is damaged (as SQLITE_CORRUPT).
        _StrangerError: another program's.
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if application == APPLICATION_ID and (version > 0) == bool(names):
        return version
    if {"conversations", "messages", "chunks"} <= names or application == APPLICATION_ID:
        raise _database_error("the header is damaged", sqlite3.SQLITE_CORRUPT)
    if names or version or application:
        raise _StrangerError
    return 0


def _database_error(message: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


def _open_newer(source: Source, version: int) -> Opened:
    path = source.paths.database
    refusal = StorageError(
        f"{path} was written by a newer chat-tui (version {version} of its tables; "
        f"this one knows up to {VERSION}), so it is only read.",
        hint="Update chat-tui. Until then nothing new is saved in it.",
    )
    connection = source.connect(_address(path, "ro"))
    connection.execute("PRAGMA query_only = ON")
    return Opened(
        Database(connection, source.instance), place_of(path), refusal=refusal, final=True
    )


def _open_closed(source: Source, cause: sqlite3.DatabaseError | OSError) -> Opened:
    """Open for reading what may not be written (a read-only disk, another owner's file)."""
    path = source.paths.database
    log = path.with_name(path.name + "-wal")
    modes = ["ro"]
    if not log.exists() or log.stat().st_size == 0:
        # Without a writable folder SQLite cannot make the index of its log; without a log it
        # needs none.
        modes.append("ro&immutable=1")
    for mode in modes:
        connection = source.connect(_address(path, mode))
        try:
            if _version(connection) == VERSION:
                refusal = StorageError(
                    f"{path} cannot be written ({cause}).",
                    hint=f"Check the permissions of {path.parent} and whether its disk is "
                    "mounted read-only.",
                )
                return Opened(
                    Database(connection, source.instance), place_of(path), refusal=refusal
                )
        except (sqlite3.DatabaseError, _StrangerError):
            connection.close()
            continue
        connection.close()
    raise cause


def _replace_damaged(source: Source) -> str:
    """Move a damaged database aside and put a new one with what was saved in its place."""
    path = source.paths.database
    saved = salvage(path)
    with scratch(path) as new:
        with closing(source.connect(_address(new))) as connection:
            set_up(connection)
            migrate(connection)
            database = Database(connection, "")
            database.add_all(saved.conversations)
            for id_, draft, at in saved.drafts:
                database.save_draft(id_, draft, at)
            for kind, name, choice in saved.choices:
                database.save_choice(kind, name, choice)
            database.save_attachments(saved.attachments, time.time())
        aside = replace_kept(path, new, "damaged")
    messages = sum(len(each.messages) for each in saved.conversations)
    return (
        f"The database was damaged. What could be read was saved into a new one: conversations: "
        f"{len(saved.conversations)}, messages: {messages}. The damaged file is {aside}."
    )


@contextmanager
def _one_at_a_time(source: Source) -> Iterator[None]:
    """Hold the lock under which databases are opened.

    Raises:
        sqlite3.OperationalError: another instance has held it for too long (as SQLITE_BUSY).
        OSError: the lock file cannot be made.
    """
    state = source.paths.state
    make_private(state)
    file = os.open(state / "opening.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + source.busy_timeout
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    busy = "another instance is opening the database"
                    raise _database_error(busy, sqlite3.SQLITE_BUSY) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(file)


def _address(path: Path, mode: str = "rw") -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"
