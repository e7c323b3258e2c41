"""Disk: paths, the SQLite store, the settings file, importers and exporters."""

from typing import TYPE_CHECKING

from chat_tui.storage.paths import Paths, find_paths, paths_under

if TYPE_CHECKING:
    from chat_tui.storage.store import Store, open_store
else:

    def __getattr__(name: str) -> object:
        """Import the store when it is asked for: 11 ms that the first frame need not pay."""
        if name not in ("Store", "open_store"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from chat_tui.storage import store

        return getattr(store, name)


__all__ = ["Paths", "Store", "find_paths", "open_store", "paths_under"]
