"""Puts a session together from its parts. Imports sqlite3: to be imported in the store's thread."""

from collections.abc import Callable, Sequence
from pathlib import Path

from chat_tui.core.errors import StorageError
from chat_tui.storage.holder import Holder
from chat_tui.storage.opening import Connect, Source
from chat_tui.storage.opening import connect as default_connect
from chat_tui.storage.paths import Paths
from chat_tui.storage.rescue import RescueFile
from chat_tui.storage.session import Session

_NOWHERE = Path("memory")


def new_session(
    paths: Paths | None,
    instance: str,
    *,
    connect: Connect | None,
    busy_timeout: float,
    retry_delays: Sequence[float],
    report: Callable[[StorageError | None], None],
    notify: Callable[[str], None],
) -> Session:
    """Make the session of a store; see `Store` and `Session` for the arguments."""
    source = Source(
        paths or Paths(_NOWHERE, _NOWHERE, _NOWHERE, _NOWHERE),
        instance,
        connect or default_connect,
        busy_timeout,
    )
    return Session(
        Holder(source, memory=paths is None, notify=notify),
        RescueFile(paths.state, instance) if paths else None,
        paths.database if paths else None,
        patience=busy_timeout,
        retry_delays=retry_delays,
        report=report,
    )
