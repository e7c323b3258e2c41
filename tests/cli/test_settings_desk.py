"""The settings as the Settings screen sees them, over a real file and a real database."""

from pathlib import Path

import pytest

from chat_tui.cli.settings_desk import AppSettingsDesk
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.ports import Purged
from chat_tui.core.settings import Settings
from chat_tui.storage import Store, paths_under


async def test_settings_are_written_and_read_again(tmp_path: Path) -> None:
    paths = paths_under(tmp_path)
    store = Store(None)
    desk = AppSettingsDesk(paths, Settings(model="m"), store)
    assert desk.path == str(paths.config_file)
    assert await desk.save({"notify": "off", "fold_lines": 7}) == desk.settings()
    assert desk.settings() == Settings(model="m", notify="off", fold_lines=7)
    with pytest.raises(UsageError, match="notify"):
        await desk.save({"notify": "shout"})
    assert desk.settings().notify == "off"
    paths.config_file.write_text('theme = "other"\nfold_lines = -1\n')
    (problem,) = await desk.read()
    assert "line 2: fold_lines" in problem
    assert desk.settings() == Settings(theme="other")
    paths.config_file.write_text("theme =")
    with pytest.raises(StorageError):
        await desk.save({"theme": "mine"})
    assert desk.settings() == Settings(theme="other")


async def test_keymaps_are_the_shipped_ones_and_the_users_files(tmp_path: Path) -> None:
    paths = paths_under(tmp_path)
    desk = AppSettingsDesk(paths, Settings(), Store(None))
    assert list(await desk.keymaps()) == ["default", "vim"]
    paths.keymaps.mkdir(parents=True)
    for name in ("mine.toml", "vim.toml", ".hidden.toml", "notes.txt"):
        (paths.keymaps / name).write_text("")
    assert list(await desk.keymaps()) == ["default", "vim", "mine"]


async def test_all_that_is_deleted_can_be_purged(tmp_path: Path) -> None:
    async with Store(None) as store:
        desk = AppSettingsDesk(paths_under(tmp_path), Settings(), store)
        await store.add_messages(Conversation("far ahead", deleted=4e9), [])
        assert await desk.deleted() == Purged(1, 0)
        assert await desk.purge() == Purged(1, 0)
        assert await desk.deleted() == Purged(0, 0)
