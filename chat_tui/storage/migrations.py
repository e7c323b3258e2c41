"""Making the tables, and leading those of an older version to the current one."""

import sqlite3
from pathlib import Path

from chat_tui.storage.paths import Paths, make_private
from chat_tui.storage.place import create_private, free_name
from chat_tui.storage.schema import APPLICATION_ID, MIGRATIONS, PAGE_SIZE, VERSION

KEPT_BACKUPS = 3
"""Copies made before migrations that are kept."""


def set_up(connection: sqlite3.Connection) -> None:
    """Set what SQLite does not remember, and the write-ahead log, which it does."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    # What is deleted is private: it is overwritten. Many systems have it so by default.
    connection.execute("PRAGMA secure_delete = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = WAL")


def migrate(connection: sqlite3.Connection) -> None:
    """Lead the tables to the current version, all steps in one durable transaction.

    Raises:
        sqlite3.Error: a step failed; the tables are as they were.
    """
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read again under the lock: another process may have been here.
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        for statement in (each for step in MIGRATIONS[version:] for each in step):
            connection.execute(statement)
        if version < VERSION:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def back_up(connection: sqlite3.Connection, paths: Paths, version: int) -> None:
    """Write a whole copy before a migration and drop the oldest copies.

    Raises:
        sqlite3.Error, OSError: there is no room for it; nothing was migrated then.
    """
    make_private(paths.backups)
    name = free_name(paths.backups / paths.database.name, f"v{version}")
    create_private(name)
    connection.execute("VACUUM INTO ?", (str(name),))
    kept = sorted(paths.backups.glob(f"{paths.database.name}.v*"), key=_age)
    for old in kept[:-KEPT_BACKUPS]:
        old.unlink()


def _age(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, path.name
