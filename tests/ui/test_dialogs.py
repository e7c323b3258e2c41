"""The screens over the conversation: closed once, safe with pastes, never two of a kind."""

import re
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandPalette
from textual.widgets import Static

from chat_tui.core.errors import StorageError
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Target
from chat_tui.ui.actions import ACTIONS, CONVERSATION_SCOPES, LEADER, can_run, in_scope
from chat_tui.ui.backend import FoundServer
from chat_tui.ui.screens.dialogs import RenameDialog
from chat_tui.ui.screens.help import HelpScreen
from chat_tui.ui.screens.leader import LeaderScreen
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.widgets.clean_input import CleanInput
from chat_tui.ui.widgets.paste_guard import PasteGuard
from tests.fakes import FakeClock, answer, eventually
from tests.ui.rig import Rig, running

FOUND = FoundServer(Target("ollama", "llama"), "Ollama")


async def _open(rig: Rig, key: str, dialog: type[object]) -> None:
    await rig.pilot.press(key)
    await eventually(lambda: _on_top(rig) is dialog)
    await rig.pilot.pause()


def _press_at_once(rig: Rig, *keys: str) -> None:
    """Keys that were typed before the first of them was answered."""
    for key in keys:
        rig.app.post_message(events.Key(key, key if len(key) == 1 else None))


def _on_top(rig: Rig) -> type[object]:
    return type(rig.app.screen)


def _titles(rig: Rig) -> list[str]:
    return [command.title for command in rig.app.get_system_commands(rig.app.screen)]


def _help_lines(rig: Rig) -> list[str]:
    tables = rig.app.screen.query(Static)
    return [line for table in tables for line in str(table.render()).splitlines()]


@pytest.mark.parametrize(("key", "dialog"), [("ctrl+t", ModelPicker), ("f2", RenameDialog)])
@pytest.mark.parametrize("twice", ["enter", "escape"])
async def test_dialog_that_is_closed_twice_closes_itself_only(
    tmp_path: Path, key: str, dialog: type[object], twice: str
) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.ask("hello")
        await _open(rig, key, dialog)
        _press_at_once(rig, twice, twice)
        await eventually(lambda: rig.app.screen is rig.screen)
        await rig.pilot.pause()
        assert rig.app.screen_stack == [rig.screen]
        assert rig.app.is_running
        assert rig.backend.reports == []


async def test_paste_is_cleaned_to_one_line_and_does_not_submit(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.ask("hello")
        await _open(rig, "f2", RenameDialog)
        field = rig.app.screen.query_one(CleanInput)
        clock = FakeClock()
        field._guard = PasteGuard(clock.monotonic)
        field.value = ""
        rig.app.post_message(events.Paste("red\x1b[31m\nand\tblue\x07"))
        await eventually(lambda: field.value == "red␛[31m and blue␇")
        await rig.pilot.press("enter")
        assert _on_top(rig) is RenameDialog
        clock.advance(1)
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.conversation.title == "red␛[31m and blue␇")


async def test_paste_replaces_what_is_selected(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await _open(rig, "ctrl+t", ModelPicker)
        field = rig.app.screen.query_one(CleanInput)
        field.value = "old words"
        field.select_all()
        rig.app.post_message(events.Paste("new\r\n\x1b]0;title\x07one"))
        await eventually(lambda: field.value == "new ␛]0;title␇one")


def test_paste_guard_holds_for_a_moment() -> None:
    clock = FakeClock()
    guard = PasteGuard(clock.monotonic)
    held = [guard.holds]
    guard.pasted()
    held.append(guard.holds)
    clock.advance(0.11)
    assert [*held, guard.holds] == [False, True, False]


@pytest.mark.parametrize("key", [LEADER, "f1", "ctrl+p"])
async def test_leader_takes_every_key_and_nothing_is_stacked_on_it(
    tmp_path: Path, key: str
) -> None:
    async with running(tmp_path, answer("x")) as rig:
        _press_at_once(rig, LEADER, key, "a")
        await eventually(lambda: rig.screen.prompt.text == "a")
        await rig.pilot.pause()
        assert rig.app.screen_stack == [rig.screen]


@pytest.mark.parametrize("key", [LEADER, "ctrl+p", "f1"])
async def test_dialog_that_asks_something_is_not_covered(tmp_path: Path, key: str) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.ask("hello")
        await _open(rig, "f2", RenameDialog)
        await rig.pilot.press(key)
        await rig.pilot.pause()
        assert _on_top(rig) is RenameDialog
        assert len(rig.app.screen_stack) == 2


async def test_palette_opened_from_help_runs_a_command_of_the_conversation(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await _open(rig, "f1", HelpScreen)
        await _open(rig, "ctrl+p", CommandPalette)
        assert [type(screen) for screen in rig.app.screen_stack[1:]] == [CommandPalette]
        await rig.type("hide")
        await eventually(lambda: "Show or hide the list" in rig.drawn())
        await rig.pilot.press("down", "enter")
        await eventually(lambda: rig.screen.has_class("-no-list"))


async def test_leader_opened_from_help_runs_an_action_of_the_conversation(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await _open(rig, "f1", HelpScreen)
        await _open(rig, LEADER, LeaderScreen)
        await rig.pilot.press("b")
        await eventually(lambda: rig.screen.has_class("-no-list"))
        assert rig.app.screen is rig.screen


async def test_help_is_opened_and_closed_by_the_key_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(keys={"help": "f12"})
    async with running(tmp_path, answer("x"), settings=settings) as rig:
        await _open(rig, "f12", HelpScreen)
        await rig.pilot.press("f1")
        await rig.pilot.pause()
        assert _on_top(rig) is HelpScreen
        await rig.pilot.press("f12")
        await eventually(lambda: rig.app.screen is rig.screen)


@pytest.mark.parametrize("width", [84, 120])
async def test_help_names_every_action_as_the_settings_know_it(tmp_path: Path, width: int) -> None:
    async with running(tmp_path, answer("x"), size=(width, 160)) as rig:
        await _open(rig, "f1", HelpScreen)
        ends = {line.rpartition(" ")[2] for line in _help_lines(rig)}
        assert {action.id for action in in_scope(*CONVERSATION_SCOPES)} <= ends


async def test_help_fits_where_there_is_no_room_for_names(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(40, 12)) as rig:
        await _open(rig, "f1", HelpScreen)
        assert max(map(len, _help_lines(rig))) <= 36


async def test_local_server_is_offered_only_where_one_was_found(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        assert not [title for title in _titles(rig) if "local server" in title]
        await _open(rig, LEADER, LeaderScreen)
        assert "Use the local server" not in rig.drawn()
        await rig.pilot.press("l")
        await eventually(lambda: "No local server was found." in rig.toasts)


async def test_found_local_server_is_in_palette_and_leader(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), found=FOUND) as rig:
        await eventually(lambda: rig.screen.found is not None)
        assert "Use the local server  ^g l" in _titles(rig)
        await _open(rig, LEADER, LeaderScreen)
        assert "Use the local server" in rig.drawn()


async def test_palette_lists_only_what_works_without_storage(tmp_path: Path) -> None:
    broken = StorageError("The database is not readable.", hint="Move it away.")
    async with running(tmp_path, answer("x"), fails=broken, wait=False) as rig:
        await eventually(lambda: "not readable" in rig.drawn())
        listed = {title.partition("  ")[0] for title in _titles(rig)}
        assert listed == {"Help", "Quit", "Dark or light"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_leader_shows_all_keys_with_what_they_do(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(tmp_path, answer("x"), size=size) as rig:
        await rig.pilot.press("ctrl+g")
        await rig.pilot.pause()
        drawn = rig.drawn()
        await rig.pilot.press("pagedown")
        await rig.pilot.pause()
        # In 24 rows there is one more page.
        drawn += rig.drawn()
        for heading in ("Conversation", "Side by side", "Message", "Reading", "Writing", "App"):
            assert heading in drawn
        for action in ACTIONS:
            if action.leader and can_run(action, rig.screen):
                assert re.search(rf"[│ ]{re.escape(action.leader)} {action.label[:10]}", drawn)


async def test_leader_takes_clicks(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await _open(rig, LEADER, LeaderScreen)
        await rig.pilot.click(offset=(0, 0))
        await eventually(lambda: rig.app.screen is rig.screen)
        # It was given up: what is typed is written.
        await rig.type("n")
        assert rig.screen.prompt.text == "n"
        await _open(rig, LEADER, LeaderScreen)
        rows = rig.drawn().splitlines()
        row = next(index for index, line in enumerate(rows) if "Dark or light" in line)
        await rig.pilot.click(offset=(rows[row].index("Dark or light"), row))
        await eventually(lambda: not rig.app.current_theme.dark)
        assert rig.app.screen_stack == [rig.screen]


async def test_leader_scrolls_where_the_terminal_is_too_low(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(40, 12)) as rig:
        await rig.pilot.press("ctrl+g")
        await rig.pilot.pause()
        assert "n New" in rig.drawn()
        assert "q Quit" not in rig.drawn()
        for _ in range(9):
            await rig.pilot.press("pagedown")
        assert "q Quit" in rig.drawn()
        await rig.pilot.press("b")
        await eventually(lambda: rig.app.screen is rig.screen)
        assert rig.screen.has_class("-list-over")
