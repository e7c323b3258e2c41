"""The settings as the app's Settings screen sees them; see `ui.desk.SettingsDesk`."""

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat_tui.core.errors import StorageError
from chat_tui.core.ports import Purged
from chat_tui.core.settings import Settings
from chat_tui.storage import Paths, Store
from chat_tui.storage.settings.edit import write_settings
from chat_tui.storage.settings.file import read_settings
from chat_tui.ui.keymaps import shipped_keymaps

_MOST_KEYMAPS = 200


class AppSettingsDesk:
    """The `SettingsDesk` of the app.

    Args:
        paths: the settings file is among them.
        settings: as they were read.
        store: what is purged.
        built_in: names of providers that may do without a base URL.
    """

    def __init__(
        self, paths: Paths, settings: Settings, store: Store, built_in: Collection[str] = ()
    ) -> None:
        self._file = paths.config_file
        self._keymaps = paths.keymaps
        self._settings = settings
        self._store = store
        self._built_in = built_in

    @property
    def path(self) -> str:
        """See `SettingsDesk.path`."""
        return str(self._file)

    def settings(self) -> Settings:
        """See `SettingsDesk.settings`."""
        return self._settings

    async def save(self, changes: Mapping[str, Any]) -> Settings:
        """See `SettingsDesk.save`."""
        await asyncio.to_thread(write_settings, self._file, changes)
        self._settings = replace(self._settings, **changes)
        return self._settings

    async def read(self) -> Sequence[str]:
        """See `SettingsDesk.read`."""
        report = await asyncio.to_thread(read_settings, self._file, self._built_in)
        self._settings = report.settings
        return report.problems

    async def keymaps(self) -> Sequence[str]:
        """See `SettingsDesk.keymaps`."""
        return await asyncio.to_thread(self._keymap_names)

    def _keymap_names(self) -> tuple[str, ...]:
        try:
            files = [path for path in self._keymaps.glob("*.toml") if path.name[0] != "."]
        except OSError as error:
            raise StorageError(
                f"The folder {self._keymaps} cannot be read: {error.strerror or error}.",
                hint="Check its permissions.",
            ) from error
        own = sorted(path.stem for path in files)
        return tuple(dict.fromkeys((*shipped_keymaps(), *own[:_MOST_KEYMAPS])))

    async def deleted(self) -> Purged:
        """See `SettingsDesk.deleted`."""
        return await self._store.deleted()

    async def purge(self) -> Purged:
        """See `SettingsDesk.purge`."""
        return await self._store.purge(math.inf)
