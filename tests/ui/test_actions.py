"""The registry: every action has its place, its words and its keys."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, TypeVar

import pytest
from textual.actions import parse
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Static

from chat_tui.core.settings import Settings
from chat_tui.ui import screens
from chat_tui.ui.actions import (
    ACTIONS,
    CONVERSATION_SCOPES,
    LEADER,
    Action,
    ActiveKeys,
    Scope,
    action_called,
    bindings_for,
    in_scope,
    show_key,
)
from chat_tui.ui.app import ChatApp
from chat_tui.ui.screens.conversation import ConversationScreen
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.help import HelpScreen
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.screens.providers.form import ProviderForm
from chat_tui.ui.screens.providers.screen import ProvidersScreen
from chat_tui.ui.widgets.conversation_list import ConversationList
from chat_tui.ui.widgets.text_lines import TextLines
from tests.fakes import answer, eventually
from tests.ui.host import hosting
from tests.ui.rig import running

COMMANDS = "chat_tui.ui.screens.conversation.commands"
"""Where the groups of commands are."""

T = TypeVar("T")


def _classes(module: ModuleType, kind: type[T]) -> list[type[T]]:
    """The classes of a kind that a module defines."""
    found = [each for each in vars(module).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, kind) and each.__module__ == module.__name__]


def _screens() -> dict[Scope, type[Screen[Any]]]:
    """The screens over the conversation, by the scope of their actions."""
    names = [each.name for each in walk_packages(screens.__path__, f"{screens.__name__}.")]
    dialogs = [each for name in names for each in _classes(import_module(name), ActionDialog)]
    return {dialog.SCOPE: dialog for dialog in dialogs if hasattr(dialog, "SCOPE")}


SCREENS = _screens()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_action_is_there_and_explained(action: Action) -> None:
    assert action.label
    assert action.help.endswith(".")
    owner, name, values = parse(action.run)
    if name == "do":
        assert hasattr(*_command(str(values[0])))
        return
    focused = ConversationList if action.scope == "list" else TextLines
    screen = SCREENS.get(action.scope, ConversationScreen)
    targets: dict[str, type[object]] = {"app": ChatApp, "screen": screen, "focused": focused}
    assert hasattr(targets[owner], f"action_{name}")


def _command(name: str) -> tuple[type[object], str]:
    """The class of a group of commands, and the method that an action names."""
    *groups, method = name.split(".")
    (found,) = _classes(import_module(f"{COMMANDS}.{'_'.join(groups)}"), CommandGroup)
    return found, method


def test_ids_and_leader_keys_are_unique() -> None:
    ids = [action.id for action in ACTIONS]
    leaders = [action.leader for action in ACTIONS if action.leader]
    assert len(set(ids)) == len(ids)
    assert len(set(leaders)) == len(leaders)
    assert len(ActiveKeys({}).after_leader()) == len(leaders)


def test_keys_of_one_scope_do_not_clash() -> None:
    taken: set[tuple[str, str]] = set()
    for action in ACTIONS:
        for key in filter(None, action.keys.split(",")):
            assert (action.scope, key) not in taken
            taken.add((action.scope, key))


def test_every_action_can_be_reached() -> None:
    assert [action.id for action in ACTIONS if not (action.keys or action.leader)] == []


def test_bindings_carry_the_ids_of_their_actions() -> None:
    assert {binding.id for binding in bindings_for("app")} == {
        action.id for action in ACTIONS if action.scope == "app"
    }


@pytest.mark.parametrize(("scope", "screen"), SCREENS.items())
def test_screen_has_its_actions_and_help_on_keys(scope: Scope, screen: type[Screen[Any]]) -> None:
    bound = {binding.id for binding in screen.BINDINGS if isinstance(binding, Binding)}
    assert {action.id for action in in_scope(scope)} | {"help"} <= bound


def test_last_hint_of_a_screen_is_the_way_out() -> None:
    for scope in SCREENS:
        *_, last = [action for action in in_scope(scope) if action.hint]
        assert "escape" in last.keys.split(",")


def test_actions_without_keys_have_bindings_that_no_key_reaches() -> None:
    keyless = [action for action in ACTIONS if not action.keys]
    assert keyless
    names = [action.binding_keys for action in keyless]
    assert len(set(names)) == len(names)
    assert all(name.startswith("<") for name in names)


@pytest.mark.parametrize(
    ("key", "shown"),
    [("ctrl+n", "^n"), ("f1", "F1"), ("escape", "Esc"), ("shift+up", "⇧↑"), ("y", "y")],
)
def test_keys_are_shown_as_people_write_them(key: str, shown: str) -> None:
    assert show_key(key) == shown


def test_keys_in_force_are_those_of_the_registry_changed_by_the_settings() -> None:
    keys = ActiveKeys({"new": "f5,f6", "leader": "ctrl+x"})
    assert keys.shown("new") == "F5"
    assert keys.shown("open") == "^o"
    assert keys.shown("delete") == "^x d"
    assert keys.shown("next-message") == "j"
    assert (keys.shown("last-message"), keys.shown_anywhere("last-message")) == ("G", "^x j")
    assert keys.shown_anywhere("new") == "F5"
    with pytest.raises(KeyError):
        keys.shown("no-such")


async def test_key_of_the_settings_replaces_the_default(tmp_path: Path) -> None:
    settings = Settings(keys={"new": "f5"})
    async with running(tmp_path, answer("x"), settings=settings) as rig:
        first = rig.chat
        await rig.pilot.press("ctrl+n")
        await rig.pilot.pause()
        assert rig.chat is first
        await rig.pilot.press("f5")
        await eventually(lambda: rig.chat is not first)


async def test_help_shows_every_action_of_the_conversation(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.pilot.press("f1")
        await rig.pilot.pause()
        tables = "\n".join(str(table.render()) for table in rig.app.screen.query(Static))
        for action in in_scope(*CONVERSATION_SCOPES):
            assert " ".join(action.help.split()[:3]) in tables
        assert "raw-curl" not in tables
        await rig.type("branches outline")
        await rig.pilot.pause()
        assert "All branches of this conversation" in rig.drawn()
        assert "Send the message." not in rig.drawn()
        await rig.type(" xyzzy")
        await rig.pilot.pause()
        assert "There is no such command or key." in rig.drawn()
        await rig.pilot.press("escape")
        assert "Send the message." in rig.drawn()
        await rig.pilot.press("pagedown", "escape")
        assert rig.app.screen is rig.screen


async def test_help_of_a_screen_shows_its_actions_alone() -> None:
    async with hosting(HelpScreen(("raw",))) as host:
        for scope in SCREENS:
            await host.app.push_screen(HelpScreen((scope,)))
            await host.pilot.pause()
            drawn = host.drawn()
            for action in (*in_scope(scope), action_called("help"), action_called("quit")):
                assert " ".join(action.help.split()[:3]) in drawn
                assert action.id in drawn
            assert "copy-message" not in drawn
            assert "^g" not in drawn, "the leader does nothing there"


async def test_keys_of_the_settings_reach_the_screens_their_hints_and_their_help(
    tmp_path: Path,
) -> None:
    settings = Settings(keys={"provider-add": "n", "form-leave": "f7", "help": "f12"})
    async with running(tmp_path, answer("x"), settings=settings) as rig:
        assert rig.toasts == []
        await rig.pilot.press(LEADER, "k")
        await eventually(lambda: isinstance(rig.app.screen, ProvidersScreen))
        await eventually(lambda: "n Add" in rig.drawn())
        await rig.pilot.press("f12")
        await eventually(lambda: "provider-add" in rig.drawn())
        await rig.pilot.press("escape", "n")
        await eventually(lambda: isinstance(rig.app.screen, ProviderForm))
        await eventually(lambda: "F7 Leave as it is" in rig.drawn())
        await rig.pilot.press("f7")
        await eventually(lambda: isinstance(rig.app.screen, ProvidersScreen))


async def test_leader_shows_what_may_follow_and_runs_it(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        first = rig.chat
        await rig.pilot.press(LEADER)
        await rig.pilot.pause()
        assert "n New" in rig.drawn()
        await rig.pilot.press("n")
        await eventually(lambda: rig.chat is not first)


async def test_leader_and_a_key_without_meaning_does_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.pilot.press(LEADER, "z")
        await rig.pilot.pause()
        assert rig.app.screen is rig.screen


async def test_palette_finds_a_command(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.pilot.press("ctrl+p")
        await rig.pilot.pause()
        await rig.type("light")
        await eventually(lambda: "Dark or light" in rig.drawn())
        await rig.pilot.press("down", "enter")
        await eventually(lambda: not rig.app.current_theme.dark)
