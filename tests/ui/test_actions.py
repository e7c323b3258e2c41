"""The registry: every action has its place, its words and its keys."""

from pathlib import Path

import pytest

from chat_tui.core.settings import Settings
from chat_tui.ui.actions import ACTIONS, LEADER, after_leader, bindings_for, check_keys, show_key
from chat_tui.ui.app import ChatApp
from chat_tui.ui.screens.conversation import ConversationScreen
from tests.fakes import answer, eventually
from tests.ui.rig import running


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_action_is_there_and_explained(action) -> None:  # type: ignore[no-untyped-def]
    owner, _, name = action.run.partition(".")
    target = {"app": ChatApp, "screen": ConversationScreen}[owner]
    assert hasattr(target, f"action_{name.partition('(')[0]}")
    assert action.label
    assert action.help.endswith(".")


def test_ids_and_leader_keys_are_unique() -> None:
    ids = [action.id for action in ACTIONS]
    leaders = [action.leader for action in ACTIONS if action.leader]
    assert len(set(ids)) == len(ids)
    assert len(set(leaders)) == len(leaders)
    assert set(after_leader()) == set(leaders)


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
        action.id for action in ACTIONS if action.scope == "app" and action.keys
    }


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"reganerate": "ctrl+x"}, "[keys] reganerate: there is no such action. "),
        ({"new": ""}, "[keys] new: give at least one key"),
        ({"new": "ctrl+r"}, "[keys] new: the key is taken by regenerate."),
        ({"new": "f5", "open": "f5"}, "[keys] open: the key is taken by new."),
    ],
)
def test_wrong_keys_are_told(keys: dict[str, str], problem: str) -> None:
    usable, problems = check_keys(keys)
    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert len(usable) == len(keys) - 1


def test_unknown_action_is_guessed() -> None:
    assert "Did you mean regenerate?" in check_keys({"reganerate": "f5"})[1][0]


@pytest.mark.parametrize(
    ("key", "shown"),
    [("ctrl+n", "^n"), ("f1", "F1"), ("escape", "Esc"), ("shift+up", "⇧↑"), ("y", "y")],
)
def test_keys_are_shown_as_people_write_them(key: str, shown: str) -> None:
    assert show_key(key) == shown


async def test_key_of_the_settings_replaces_the_default(tmp_path: Path) -> None:
    settings = Settings(keys={"new": "f5"})
    async with running(tmp_path, answer("x"), settings=settings) as rig:
        first = rig.chat
        await rig.pilot.press("ctrl+n")
        await rig.pilot.pause()
        assert rig.chat is first
        await rig.pilot.press("f5")
        await eventually(lambda: rig.chat is not first)


async def test_wrong_key_of_the_settings_is_told_and_the_app_starts(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), settings=Settings(keys={"nwe": "f5"})) as rig:
        await eventually(lambda: any("Did you mean new?" in toast for toast in rig.toasts))


async def test_help_shows_every_action(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(120, 100)) as rig:
        await rig.pilot.press("f1")
        await rig.pilot.pause()
        drawn = rig.drawn()
        for action in ACTIONS:
            assert " ".join(action.help.split()[:3]) in drawn
        await rig.pilot.press("escape")
        assert rig.app.screen is rig.screen


async def test_leader_shows_what_may_follow_and_runs_it(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        first = rig.chat
        await rig.pilot.press(LEADER)
        await rig.pilot.pause()
        assert "Undo delete" in rig.drawn()
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
