"""Disk: paths, the SQLite store, the settings file, importers and exporters."""

from chat_tui.storage.paths import Paths, find_paths, paths_under
from chat_tui.storage.store import Store, open_store

__all__ = ["Paths", "Store", "find_paths", "open_store", "paths_under"]
