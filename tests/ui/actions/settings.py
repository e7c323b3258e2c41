"""What can be done on the Settings screen."""

from pathlib import Path

from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.settings import SettingsScreen
from chat_tui.ui.widgets.setting_row import SettingRow
from tests.ui.actions.hands import Hands, scenario
from tests.ui.actions.outside import program


async def _settings(hands: Hands) -> dict[str, SettingRow]:
    """The rows of the screen by the names of their settings."""
    await hands.press("settings")
    screen = await hands.on(SettingsScreen)
    await hands.until(lambda: hands.rig.app.focused is not None)
    return {row.definition.name: row for row in screen.query(SettingRow)}


def _file(hands: Hands) -> Path:
    """The settings file; it names what is in force, so that it stays."""
    path = Path(hands.rig.backend.paths.config_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'keymap = "{hands.rig.backend.settings.keymap}"\n')
    return path


@scenario("screens", "settings", "settings-file", "settings-reset", "settings-save")
async def _values(hands: Hands) -> None:
    path = _file(hands)
    program(hands, "editor", f'echo fold_lines = 7 >> "{path}"')
    rows = await _settings(hands)
    # What is not saved yet stays.
    rows["notify_after"].put("99")
    await hands.until(lambda: rows["notify_after"].value == 99)
    await hands.press("settings-file")
    await hands.until(lambda: rows["fold_lines"].value == 7)
    assert rows["notify_after"].field.value == "99"
    rows["fold_lines"].field.focus()
    await hands.press("settings-reset")
    await hands.until(lambda: rows["fold_lines"].value == 40)
    await hands.press("settings-save")
    await hands.back()
    assert "fold_lines = 7" not in path.read_text()


@scenario("screens", "settings-purge", "settings-leave")
async def _purge_and_leave(hands: Hands) -> None:
    first = hands.rig.chat.id
    await hands.ask("to be deleted")
    await hands.press("delete")
    await hands.until(lambda: hands.rig.chat.id != first)
    rows = await _settings(hands)
    await hands.press("settings-purge")
    await hands.on(ConfirmDialog)
    await hands.write("y")
    await hands.on(SettingsScreen)
    await hands.until(lambda: hands.told("Removed for good."))
    await hands.press("settings-purge")
    await hands.until(lambda: hands.told("Nothing is deleted."))
    rows["fold_lines"].field.focus()
    await hands.write("1")
    for answer, screens in (("n", 2), ("y", 1)):
        await hands.press("settings-leave")
        await hands.on(ConfirmDialog)
        await hands.strike(answer)
        await hands.until(lambda screens=screens: len(hands.rig.app.screen_stack) == screens)  # type: ignore[misc]
