"""The keys of the settings: what is usable is in force everywhere, what is not is told."""

from pathlib import Path
from string import ascii_lowercase

import pytest
from textual.widgets import Static

from chat_tui.core.settings import Settings
from chat_tui.ui.actions import ACTIONS, ActiveKeys, action_called
from chat_tui.ui.keymap import check_keys, keys_in_force, normal_key
from chat_tui.ui.screens.branches import BranchesScreen
from chat_tui.ui.screens.leader import LeaderScreen
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
        ({"quit": "ctrl+s"}, "[keys] quit: ctrl+s is taken by objections-send."),
        ({"new": "leader o"}, "[keys] new: leader o is taken by open."),
        ({"new": "ctrl+g o"}, "[keys] new: leader o is taken by open."),
        ({"raw-curl": "leader o"}, "[keys] raw-curl: leader o does not work here."),
        ({"leader": "ctrl+x x"}, "[keys] leader: ctrl+x x does not work here."),
        ({"new": "g n"}, "[keys] new: g n is needed for writing."),
        ({"new": "f5 f99"}, "[keys] new: there is no key f5 f99. Did you mean f5 f9?"),
        ({"fold": "z ctrl+m"}, "[keys] fold: terminals send z ctrl+m as enter."),
        ({"find-next": "n"}, "[keys] find-next: n is needed for writing."),
    ],
    ids=str,
)
def test_wrong_keys_are_told(keys: dict[str, str], problem: str) -> None:
    usable, problems = check_keys(keys)
    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert len(usable) == len(keys) - 1


def test_sequence_that_begins_with_a_key_of_its_own_is_lost_to_it() -> None:
    told = "[keys] tree: g t is never heard, since first-message has g."
    assert check_keys({"tree": "g t, f5"}) == ({"tree": "f5"}, [told])
    assert check_keys({"tree": "g t"}) == ({"tree": ""}, [told])
    assert check_keys({"tree": "g t", "first-message": "g g, g b"}) == (
        {"tree": "g t", "first-message": "g g,g b"},
        [],
    )
    assert check_keys({"first-message": "g"}, {"tree": "g t", "first-message": "g g"}) == (
        {"first-message": "g", "tree": ""},
        [told],
    )


def test_letter_is_one_more_key_of_what_is_heard_everywhere() -> None:
    assert check_keys({"quit": "ctrl+q, Q Q"}) == ({"quit": "ctrl+q,Q Q"}, [])
    assert check_keys({"palette": "ctrl+p, :"}) == ({"palette": "ctrl+p,colon"}, [])
    assert check_keys({"palette": "ctrl+p, n"})[1] == ["[keys] palette: n is taken by list-new."]


def test_leader_is_named_whatever_key_it_is() -> None:
    assert check_keys({"leader": "ctrl+x", "tree": "ctrl+x \\"})[0]["tree"] == "leader backslash"
    keys = ActiveKeys(check_keys({"leader": "ctrl+x", "tree": "leader \\"})[0])
    assert keys.shown("tree") == "^x \\"
    assert keys.after_leader()["backslash"].id == "tree"


def test_letter_after_the_leader_stays_unless_another_is_given() -> None:
    assert ActiveKeys({"new": "f5"}).all_shown(action_called("new")) == ["F5", "^g n"]
    changed, problems = check_keys({"new": "leader \\", "open": "leader n"})
    assert problems == []
    keys = ActiveKeys(changed)
    assert keys.all_shown(action_called("new")) == ["^g \\"]
    assert keys.after_leader()["n"].id == "open"


@pytest.mark.parametrize(
    ("keymap", "keys", "send", "new_line"),
    [
        ({}, {}, "ctrl+j", "enter,shift+enter,alt+enter"),
        ({"send": "enter,f5"}, {}, "ctrl+j,f5", "enter,shift+enter,alt+enter"),
        ({}, {"send": "f5"}, "f5", "enter,shift+enter,alt+enter"),
    ],
)
def test_send_key_changes_places_with_the_one_of_a_new_line(
    keymap: dict[str, str], keys: dict[str, str], send: str, new_line: str
) -> None:
    in_force, problems = keys_in_force(keymap, keys, "ctrl+j")
    assert problems == []
    assert (in_force["send"], in_force["new-line"]) == (send, new_line)


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
        ("\x1b", None),
        ("ctrl+\x9b", None),
        ("\u202e", None),
    ],
)
def test_key_is_named_as_it_arrives(written: str, name: str | None) -> None:
    assert normal_key(written) == name


@pytest.mark.parametrize("action", [action for action in ACTIONS if action.keys], ids=str)
def test_default_keys_pass_the_check(action) -> None:  # type: ignore[no-untyped-def]
    assert check_keys({action.id: action.keys}) == ({action.id: action.keys}, [])


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
    free = (letter for letter in ascii_lowercase if letter not in "av")
    keys = {id_: f"alt+{letter}" for id_, letter in zip(KEYLESS, free, strict=False)}
    async with running(tmp_path, answer("x"), settings=Settings(keys=keys)) as rig:
        assert rig.toasts == []
        bound = {key: active.binding.id for key, active in rig.screen.active_bindings.items()}
        assert {id_: key for key, id_ in bound.items() if id_ in keys} == keys
        await rig.pilot.press(keys["toggle-dark"])
        await eventually(lambda: not rig.app.current_theme.dark)


async def test_keys_of_the_settings_are_shown_everywhere(tmp_path: Path) -> None:
    keys = {"new": "f5", "palette": "f11", "leader": "ctrl+x"}
    async with running(tmp_path, answer("x"), settings=Settings(keys=keys), size=(160, 90)) as rig:
        hints = rig.drawn().splitlines()[-1]
        assert "F5 New" in hints
        assert "F11 Commands" in hints
        assert "^x More" in hints
        assert "^n" not in hints
        assert "F11 shows all commands" in rig.drawn()
        titles = [command.title for command in rig.app.get_system_commands(rig.app.screen)]
        assert "New  F5" in titles
        assert "Delete  ^x d" in titles
        await rig.pilot.press("f1")
        await rig.pilot.pause()
        drawn = rig.drawn()
        assert "F5, ^x n" in drawn
        assert "F11 finds any command" in drawn
        assert "^g" not in drawn


async def test_wrong_key_of_the_settings_is_told_and_the_app_starts(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), settings=Settings(keys={"nwe": "f5"})) as rig:
        await eventually(lambda: any("Did you mean new?" in toast for toast in rig.toasts))


async def test_sequence_is_heard_where_its_part_has_the_focus_and_never_while_one_writes(
    tmp_path: Path,
) -> None:
    keys = {"first-message": "g g", "tree": "g t", "fold-all": "g f x", "quit": "ctrl+q, Q Q"}
    async with running(tmp_path, answer("x"), settings=Settings(keys=keys)) as rig:
        assert rig.toasts == []
        await rig.ask("one")
        await rig.type("ggQQ")
        assert rig.screen.prompt.text == "ggQQ"
        rig.screen.prompt.put("")
        await rig.pilot.press("escape")
        transcript = rig.screen.transcript
        transcript.move_to(1)
        for wrong in (("g", "escape"), ("g", "q"), ("g", "f", "q")):
            await rig.pilot.press(*wrong)
            assert rig.app.screen is rig.screen
            assert transcript.current == 1
        await rig.pilot.press("g", "t")
        await eventually(lambda: isinstance(rig.app.screen, BranchesScreen))
        assert rig.toasts == []


async def test_keys_that_may_follow_are_shown_after_a_while(tmp_path: Path) -> None:
    keys = {"first-message": "g g", "tree": "g t", "fold-all": "g f x"}
    async with running(tmp_path, answer("x"), settings=Settings(keys=keys)) as rig:
        await rig.ask("one")
        await rig.pilot.press("escape", "g")
        assert rig.app.screen is rig.screen
        await eventually(lambda: isinstance(rig.app.screen, LeaderScreen))
        await eventually(lambda: "f x Fold all" in rig.drawn())
        assert "t   Branches" in rig.drawn()
        await rig.pilot.press("f")
        await rig.pilot.pause()
        assert "g f …" in rig.drawn()
        assert "Branches" not in rig.drawn()
        await rig.pilot.press("escape")
        assert rig.app.screen is rig.screen


async def test_sequence_that_was_begun_elsewhere_is_given_up(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), settings=Settings(keys={"tree": "B t"})) as rig:
        await rig.ask("one")
        await rig.pilot.press("escape", "B")
        rig.screen.set_focus(rig.screen.prompt)
        await rig.type("t")
        assert rig.screen.prompt.text == "t"
        assert rig.app.screen is rig.screen


async def test_other_keys_are_heard_and_shown_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(160, 60)) as rig:
        keys = {"new": "f5", "palette": "f11", "list-delete": "x x"}
        told = rig.app.use_keymap({"stop": "f12"}, {**keys, "nwe": "f6"}, "ctrl+j")
        assert len(told) == 1
        assert "Did you mean new?" in told[0]
        await rig.pilot.pause()
        for shown in ("F5 New", "F11 shows all commands", "^j Send"):
            assert shown in rig.drawn()
        hint = str(rig.screen.query_one("#side-hint", Static).render())
        assert "x x deletes" in hint
        assert "F12 goes back" in hint
        await rig.type("a")
        await rig.pilot.press("enter")
        await rig.type("b")
        assert rig.screen.prompt.text == "a\nb"
        await rig.pilot.press("ctrl+j")
        await eventually(lambda: len(rig.chat.tree) == 2)
        await rig.idle()
        first = rig.chat
        rig.app.use_keymap({}, {})
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not first)
        assert "^n New" in rig.drawn()


async def test_shift_enter_of_some_terminals_starts_a_new_line(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.type("a")
        await rig.pilot.press("shift+\r")
        await rig.type("b")
        assert rig.screen.prompt.text == "a\nb"
