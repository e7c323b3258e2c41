"""The database as a whole: its connection, its transactions, its log."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal


class OpenDatabase:
    """A connection that one thread uses.

    Durability: in WAL mode a commit with `synchronous=NORMAL` survives the death of the process
    (the kernel has the bytes), one with FULL also the loss of power. One connection serves both,
    since the pragma costs microseconds and may change between transactions.

    Args:
        connection: in autocommit mode (`isolation_level=None`).
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._synchronous = ""
        self._version = self._data_version()

    def changed_elsewhere(self) -> bool:
        """Whether another connection committed since this was asked last."""
        before, self._version = self._version, self._data_version()
        return before != self._version

    def probe(self) -> None:
        """Find out whether the database can be written, by a transaction that changes nothing."""
        with self.transaction("NORMAL"):
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

    @contextmanager
    def transaction(self, synchronous: Literal["NORMAL", "FULL"]) -> Iterator[None]:
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

    def _data_version(self) -> int:
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
