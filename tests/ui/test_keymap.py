"""The keys of the settings: what is usable is in force everywhere, what is not is told."""

from pathlib import Path

import pytest

from chat_tui.core.settings import Settings
from chat_tui.ui.actions import ACTIONS
from chat_tui.ui.keymap import check_keys, normal_key
from tests.fakes import answer, eventually
from tests.ui.rig import running

KEYLESS = [action.id for action in ACTIONS if not action.keys]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"reganerate": "ctrl+x"}, "[keys] reganerate: there is no such action."),
        ({"new": ""}, "[keys] new: give at least one key"),
        ({"new": "cntrl+n"}, "[keys] new: there is no key cntrl+n. Did you mean ctrl+n?"),
        ({"new": "esc"}, "[keys] new: there is no key esc. Did you mean escape?"),
        ({"new": "hyper+a"}, "[keys] new: there is no key hyper+a."),
        ({"new": "f5, shift+1"}, "[keys] new: there is no key shift+1."),
        ({"new": "ctrl+m"}, "[keys] new: terminals send ctrl+m as enter."),
        ({"new": "ctrl+r"}, "[keys] new: ctrl+r is taken by regenerate."),
        ({"new": "ctrl+q"}, "[keys] new: ctrl+q is taken by quit."),
        ({"new": "enter"}, "[keys] new: enter is taken by send."),
        ({"fold": "ctrl+p"}, "[keys] fold: ctrl+p is taken by palette."),
        ({"new": "f5", "open": "f5"}, "[keys] open: f5 is taken by new."),
        ({"stop": "n"}, "[keys] stop: n is needed for writing."),
        ({"help": "?"}, "[keys] help: ? is needed for writing."),
        ({"new": "ctrl+k"}, "[keys] new: ctrl+k is needed for writing."),
        ({"form-save": "s"}, "[keys] form-save: s is needed for writing."),
        ({"raw-curl": "y"}, "[keys] raw-curl: y is taken by raw-copy-page."),
        ({"raw-curl": "f1"}, "[keys] raw-curl: f1 is taken by help."),
        ({"quit": "ctrl+s"}, "[keys] quit: ctrl+s is taken by parameters-apply."),
    ],
    ids=str,
)
def test_wrong_keys_are_told(keys: dict[str, str], problem: str) -> None:
    usable, problems = check_keys(keys)
    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert len(usable) == len(keys) - 1


def test_unknown_action_is_guessed() -> None:
    assert "Did you mean regenerate?" in check_keys({"reganerate": "f5"})[1][0]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ctrl+n", "ctrl+n"),
        ("Ctrl+N", "ctrl+n"),
        ("F5", "f5"),
        ("n", "n"),
        ("N", "N"),
        ("shift+n", "N"),
        ("[", "left_square_bracket"),
        ("+", "plus"),
        ("question_mark", "question_mark"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("super+alt+k", "alt+super+k"),
        ("ж", "ж"),
        ("pagedown", "pagedown"),
        ("f99", None),
        ("ctrl+", None),
        ("ctrl+ctrl+n", None),
        ("return", None),
        ("<ignore>", None),
    ],
)
def test_key_is_named_as_it_arrives(written: str, name: str | None) -> None:
    assert normal_key(written) == name


@pytest.mark.parametrize("action", [action for action in ACTIONS if action.keys], ids=str)
def test_default_keys_pass_the_check(action) -> None:  # type: ignore[no-untyped-def]
    # One more name for shift+enter, which nobody would write by hand.
    keys = ",".join(key for key in action.keys.split(",") if key.isprintable())
    assert check_keys({action.id: keys}) == ({action.id: keys}, [])


def test_two_actions_can_change_keys() -> None:
    swapped = {"new": "ctrl+o", "open": "ctrl+n"}
    assert check_keys(swapped) == (swapped, [])


def test_key_of_an_action_that_keeps_it_stays_taken() -> None:
    usable, problems = check_keys({"open": "ctrl+n", "new": "cntrl+x"})
    assert usable == {}
    assert problems[1] == "[keys] open: ctrl+n is taken by new."


def test_same_key_serves_parts_that_never_have_the_focus_together() -> None:
    for keys in ({"list-delete": "y"}, {"raw-curl": "ctrl+n"}, {"provider-add": "r"}):
        assert check_keys(keys) == (keys, [])


async def test_every_action_without_a_key_can_be_given_one(tmp_path: Path) -> None:
    keys = {id_: f"f{number}" for number, id_ in enumerate(KEYLESS, start=13)}
    async with running(tmp_path, answer("x"), settings=Settings(keys=keys)) as rig:
        assert rig.toasts == []
        bound = {key: active.binding.id for key, active in rig.screen.active_bindings.items()}
        assert {id_: key for key, id_ in bound.items() if id_ in keys} == keys
        await rig.pilot.press(keys["toggle-dark"])
        await eventually(lambda: not rig.app.current_theme.dark)


async def test_keys_of_the_settings_are_shown_everywhere(tmp_path: Path) -> None:
    keys = {"new": "f5", "palette": "f8", "leader": "ctrl+x"}
    async with running(tmp_path, answer("x"), settings=Settings(keys=keys), size=(160, 90)) as rig:
        hints = rig.drawn().splitlines()[-1]
        assert "F5 New" in hints
        assert "F8 Commands" in hints
        assert "^x More" in hints
        assert "^n" not in hints
        assert "F8 shows all commands" in rig.drawn()
        titles = [command.title for command in rig.app.get_system_commands(rig.app.screen)]
        assert "New  F5" in titles
        assert "Delete  ^x d" in titles
        await rig.pilot.press("f1")
        await rig.pilot.pause()
        drawn = rig.drawn()
        assert "F5, ^x n" in drawn
        assert "F8 finds any command" in drawn
        assert "^g" not in drawn


async def test_wrong_key_of_the_settings_is_told_and_the_app_starts(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), settings=Settings(keys={"nwe": "f5"})) as rig:
        await eventually(lambda: any("Did you mean new?" in toast for toast in rig.toasts))
