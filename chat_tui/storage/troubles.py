"""What SQLite and the system say about the disk, in words for the user."""

import errno
import sqlite3
from pathlib import Path

from chat_tui.core.errors import StorageError

_DISK_FULL = ("The disk is full, so {path} cannot grow.", "Free some space.")
_CLOSED = ("{path} cannot be written.", "Check the permissions of the file and of its folder.")
_GONE = ("{path} cannot be opened.", "Check that its folder is there and may be written.")
_LOCKED = ("Another program keeps {path} locked.", "Close that program, or wait for it.")
_DAMAGED = ("{path} is damaged and could not be mended.", "Check the disk.")
_BROKEN = ("The disk reports an error on {path}.", "Check the disk.")

_SENTENCES = {
    sqlite3.SQLITE_FULL: _DISK_FULL,
    sqlite3.SQLITE_READONLY: _CLOSED,
    sqlite3.SQLITE_PERM: _CLOSED,
    sqlite3.SQLITE_AUTH: _CLOSED,
    sqlite3.SQLITE_CANTOPEN: _GONE,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _BROKEN,
}
_SYSTEM_SENTENCES = {
    errno.ENOSPC: _DISK_FULL,
    errno.EDQUOT: _DISK_FULL,
    errno.EROFS: _CLOSED,
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
}

REFUSED_VALUES = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    OverflowError,
    UnicodeError,
)
"""Errors of one operation, whatever the disk is like: trying again is of no use."""

FAILURES = (sqlite3.Error, OSError, StorageError)
"""Errors after which an operation is kept and tried again."""


def primary_code(error: Exception) -> int:
    """SQLite's primary result code; 0 where the error did not come from SQLite itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def trouble_from(error: Exception, path: Path | None) -> StorageError:
    """Translate an error; what is a `StorageError` already stays one."""
    if isinstance(error, StorageError):
        return error
    if isinstance(error, OSError):
        sentence = _SYSTEM_SENTENCES.get(error.errno or 0, _BROKEN)
        cause = error.strerror or str(error)
    else:
        sentence = _SENTENCES.get(primary_code(error), _BROKEN)
        cause = str(error)
    message, hint = sentence
    return StorageError(f"{message.format(path=path or 'The database')} ({cause})", hint=hint)


def wants_reopening(error: Exception) -> bool:
    """Whether a connection that failed so should be made anew before the next attempt."""
    codes = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)
    return primary_code(error) not in codes
