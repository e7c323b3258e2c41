"""The settings screen shows every setting, checks what is written, and puts it in force."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from textual.widgets import Input, Static

from chat_tui.core.settings import SETTINGS, Settings
from chat_tui.core.targets import ProviderProfile
from chat_tui.storage.settings.file import read_settings
from chat_tui.ui.desk import ProviderRow
from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.lines_editor import LinesEditor
from chat_tui.ui.screens.settings import SettingsScreen
from chat_tui.ui.widgets.setting_row import SettingRow
from tests.fakes import answer, eventually
from tests.ui.rig import Rig, running


@asynccontextmanager
async def opened(
    home: Path, *, settings: Settings | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncGenerator[Rig, None]:
    """The app with its settings screen open."""
    async with running(home, answer("one"), answer("two"), settings=settings, size=size) as rig:
        await _open(rig)
        yield rig


async def _open(rig: Rig) -> None:
    await rig.pilot.press("f6")
    await eventually(lambda: isinstance(rig.app.screen, SettingsScreen))
    await eventually(lambda: isinstance(rig.app.focused, Input))


def _row(rig: Rig, name: str) -> SettingRow:
    rows = rig.app.screen.query(SettingRow)
    return next(row for row in rows if row.definition.name == name)


async def _write(rig: Rig, name: str, words: str) -> None:
    row = _row(rig, name)
    row.field.focus()
    row.put(words)
    await rig.pilot.pause()


async def _closed(rig: Rig) -> None:
    await eventually(lambda: rig.app.screen is rig.screen)
    await rig.pilot.pause()


async def test_every_setting_is_shown_with_its_words(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        rows = list(rig.app.screen.query(SettingRow))
        assert {row.definition.name for row in rows} == {what.name for what in SETTINGS}
        for row in rows:
            row.field.focus()
            await rig.pilot.pause()
            details = str(rig.app.screen.query_one("#details", Static).content)
            assert row.definition.doc in details
            assert row.is_default


async def test_changes_are_written_and_in_force_at_once(tmp_path: Path) -> None:
    other = ProviderProfile("other", "http://127.0.0.1:9/v1", default_model="its-own")
    async with running(tmp_path, answer("one"), answer("two")) as rig:
        rig.desk.rows.append(ProviderRow(other, own=True, ready=True, key="none needed"))
        await _open(rig)
        light = next(name for name in rig.app.available_themes if "light" in name)
        await _write(rig, "theme", light)
        assert rig.app.theme == light
        for name, words in {
            "timestamps": "yes",
            "fold_lines": "3",
            "sidebar": "no",
            "send_key": "ctrl+j",
            "system_prompt": "Be brief.",
            "keymap": "vim",
            "provider": "other",
        }.items():
            await _write(rig, name, words)
        await rig.pilot.press("ctrl+s")
        await _closed(rig)
        options = rig.screen.transcript.column.folds.options
        assert (options.timestamps, options.fold_lines) == (True, 3)
        assert rig.screen.has_class("-no-list")
        new = rig.screen.session.new_chat()
        assert new.conversation.system_prompt == "Be brief."
        assert (new.target.provider, new.target.model) == ("other", "its-own")
        rig.screen.prompt.put("hello")
        await rig.pilot.press("ctrl+j")
        await eventually(lambda: len(rig.chat.tree) == 2)
        await rig.idle()
    report = read_settings(rig.backend.paths.config_file)
    assert not report.problems
    assert report.settings == replace(
        Settings(),
        provider="other",
        theme=light,
        timestamps=True,
        fold_lines=3,
        sidebar=False,
        send_key="ctrl+j",
        system_prompt="Be brief.",
        keymap="vim",
    )


async def test_what_is_wrong_is_told_and_not_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        for name, words in {
            "notify": "loud",
            "fold_lines": "-1",
            "keep_deleted_days": "36501",
            "sidebar": "perhaps",
            "provider": "nobody",
        }.items():
            await _write(rig, name, words)
            assert _row(rig, name).error
            await rig.pilot.press("ctrl+s")
            await rig.pilot.pause()
            assert isinstance(rig.app.screen, SettingsScreen)
            await rig.pilot.press("ctrl+l")
            await rig.pilot.pause()
            assert not _row(rig, name).error
        await rig.pilot.press("ctrl+s")
        await _closed(rig)
    assert not rig.backend.paths.config_file.exists()


async def test_leaving_asks_and_brings_the_theme_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as rig:
        before = rig.app.theme
        await _write(
            rig, "theme", next(name for name in rig.app.available_themes if name != before)
        )
        await rig.pilot.press("escape")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        await rig.pilot.press("n")
        await eventually(lambda: isinstance(rig.app.screen, SettingsScreen))
        await rig.pilot.press("escape")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        await rig.pilot.press("y")
        await _closed(rig)
        assert rig.app.theme == before
    assert not rig.backend.paths.config_file.exists()


async def test_text_of_several_lines_is_edited_in_lines(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(40, 12)) as rig:
        _row(rig, "system_prompt").field.focus()
        await rig.pilot.press("enter")
        await eventually(lambda: isinstance(rig.app.screen, LinesEditor))
        await rig.pilot.press("a", "enter", "b", "ctrl+s")
        await eventually(lambda: isinstance(rig.app.screen, SettingsScreen))
        assert _row(rig, "system_prompt").value == "a\nb"
        await rig.pilot.press("ctrl+s")
        await _closed(rig)
    assert read_settings(rig.backend.paths.config_file).settings.system_prompt == "a\nb"


async def test_deleted_things_are_counted_and_purged_on_request(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two")) as rig:
        await rig.ask("first")
        await rig.screen.session.manager.branches.delete_messages(
            rig.chat, rig.chat.tree.path()[-1], branch=False
        )
        await _open(rig)
        kept = rig.app.screen.query_one("#kept", Static)
        assert "conversations: 0 · messages: 1" in str(kept.content)
        await rig.pilot.press("ctrl+x")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        await rig.pilot.press("y")
        await eventually(lambda: "messages: 0" in str(kept.content))
        await rig.pilot.press("escape")
        await _closed(rig)
        assert [message.text for message in await rig.path()] == ["first"]
        assert len(await rig.backend.store.nodes(rig.chat.id)) == 1
