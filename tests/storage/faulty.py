"""Connections that fail on request, and what the tests of bad times share."""

import sqlite3
from pathlib import Path

from chat_tui.storage import Paths, Store

SOON = (0.02,)
"""Delays between attempts."""
NEVER = (3600.0,)


class Faulty:
    """Opens connections that fail while `fault` is set: an error code and its words."""

    def __init__(self) -> None:
        self.fault: tuple[int, str] | None = None

    def __call__(self, address: str) -> sqlite3.Connection:
        self.check("BEGIN")
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, factory=FaultyConnection
        )
        connection.faulty = self
        return connection

    def check(self, statement: str) -> None:
        if self.fault is not None and statement.startswith(("BEGIN", "SELECT")):
            code, words = self.fault
            error = sqlite3.OperationalError(words)
            error.sqlite_errorcode = code
            raise error


class FaultyConnection(sqlite3.Connection):
    faulty: Faulty

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        self.faulty.check(sql)
        return super().execute(sql, *args)  # type: ignore[arg-type] # passed through


IO_ERROR = (sqlite3.SQLITE_IOERR, "disk I/O error")
FULL = (sqlite3.SQLITE_FULL, "database or disk is full")


def faulty_store(paths: Paths, faulty: Faulty, delays: tuple[float, ...] = SOON) -> Store:
    return Store(paths, connect=faulty, retry_delays=delays, busy_timeout=0.2)


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def rescued(paths: Paths) -> list[Path]:
    return files(paths.state, "rescue-*.json")


def well(store: Store) -> bool:
    return store.trouble is None


async def all_texts(store: Store, conversation: str) -> list[str]:
    nodes = await store.nodes(conversation)
    return [each.text for each in await store.messages([node.id for node in nodes])]
