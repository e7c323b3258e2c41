"""Keymap files: the shipped ones are complete, the user's are read and their faults told."""

import string
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from textual.keys import _character_to_key

import chat_tui.ui.keymaps
from chat_tui.ui.actions import ACTIONS, Action, ActiveKeys, action_called, leader_key
from chat_tui.ui.keymap import check_keys
from chat_tui.ui.keymaps import load_keymap, shipped_keymaps, shipped_keys


def _lines(name: str) -> dict[str, str]:
    """The keys of a shipped keymap as its file has them."""
    source = resources.files(chat_tui.ui.keymaps).joinpath(f"{name}.toml").read_text("utf-8")
    keys = tomllib.loads(source)["keys"]
    assert isinstance(keys, dict)
    return keys


def _all_keys(action: Action) -> set[str]:
    """All keys of the registry for an action, as a keymap has them."""
    own = {key for key in action.keys.split(",") if key}
    return own | ({f"leader {leader_key(action)}"} if action.leader else set())


def _line(action: Action) -> str:
    written = [" ".join(map(_written, key.split(" "))) for key in sorted(_all_keys(action))]
    return f'{action.id} = "{", ".join(written)}"'


def _written(key: str) -> str:
    """A key as a file has it: a mark as such, but for those that mean something there."""
    marks = {_character_to_key(mark): mark for mark in string.punctuation if mark not in ',"\\'}
    return marks.get(key, key)


@pytest.mark.parametrize("name", shipped_keymaps())
def test_shipped_keymap_names_every_action_and_no_other(name: str) -> None:
    lines = _lines(name)
    missing = [_line(action) for action in ACTIONS if action.id not in lines]
    assert not missing, f"chat_tui/ui/keymaps/{name}.toml lacks:\n" + "\n".join(missing)
    assert set(lines) == {action.id for action in ACTIONS}


@pytest.mark.parametrize("name", shipped_keymaps())
def test_shipped_keymap_has_usable_keys_that_do_not_clash(name: str) -> None:
    usable, problems = check_keys(_lines(name))
    assert problems == []
    keys = ActiveKeys(usable)
    assert [action.id for action in ACTIONS if not keys.all_shown(action)] == []


def test_default_keymap_is_that_of_the_registry() -> None:
    usable = check_keys(_lines("default"))[0]
    other = [_line(each) for each in ACTIONS if {*usable[each.id].split(",")} != _all_keys(each)]
    assert not other, "chat_tui/ui/keymaps/default.toml should have:\n" + "\n".join(other)


def test_default_keymap_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "default.toml").write_text("this is no TOML", encoding="utf-8")
    assert load_keymap("default", tmp_path) == ({}, [])
    assert shipped_keys("default") == ({}, [])


def test_vim_keymap_has_what_hands_expect() -> None:
    keys, problems = load_keymap("vim", Path("nowhere"))
    assert problems == []
    shown = ActiveKeys(keys).own_shown
    for id_, key in {
        "first-message": "g g",
        "last-message": "G",
        "copy-message": "y y",
        "delete-message": "d d",
        "delete-branch": "d G",
        "undo-reading": "u",
        "redo-reading": "^r",
        "half-page-down": "^d",
        "read-page-down": "^f",
        "find-reading": "/",
        "next-hit": "n",
        "palette": ":",
        "quit": "Z Q",
        "list-delete": "d d",
    }.items():
        assert key in shown(action_called(id_)), id_


def test_users_keymap_changes_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'name = "Mine"\nabout = "Few."\n[keys]\nfirst-message = "g g"\ntree = "g t"\n',
        encoding="utf-8",
    )
    assert load_keymap("mine", tmp_path) == ({"first-message": "g g", "tree": "g t"}, [])


def test_users_keymap_is_built_on_another(tmp_path: Path) -> None:
    (tmp_path / "vim.toml").write_text(
        'base = "vim"\n[keys]\nnext-message = "ctrl+n"\nnew = "f5"\n', encoding="utf-8"
    )
    keys, problems = load_keymap("vim", tmp_path)
    assert problems == []
    assert (keys["next-message"], keys["new"]) == ("ctrl+n", "f5")
    assert keys["first-message"] == "g g,home"


def test_faults_of_single_keys_are_told_and_the_others_work(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[keys]\nnwe = "f5"\nopen = "f12"\nquit = "q\\u001b[31m"\n', encoding="utf-8")
    keys, problems = load_keymap("mine", tmp_path)
    assert keys == {"open": "f12"}
    assert problems[0] == f"{path}: [keys] nwe: there is no such action. Did you mean new?"
    assert len(problems) == 2
    assert "\x1b" not in problems[1]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"[keys\n", "is not valid TOML"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (b"keys = 3\n", "[keys] takes lines such as"),
        (b"[keys]\nnew = 3\n", "[keys] takes lines such as"),
        (b"[key]\nnew = 'f5'\n", "key is unknown here"),
        (b"base = 'emacs'\n", "there is no keymap emacs to begin with. There are default, vim."),
    ],
    ids=str,
)
def test_unusable_file_is_told_and_gives_no_keys(tmp_path: Path, source: bytes, told: str) -> None:
    (tmp_path / "mine.toml").write_bytes(source)
    keys, (problem,) = load_keymap("mine", tmp_path)
    assert keys == {}
    assert problem.startswith(str(tmp_path / "mine.toml"))
    assert told in problem


@pytest.mark.parametrize("name", ["no-such", "", "../mine", ".hidden", "a/b", "x\x00y", "x" * 300])
def test_unknown_keymap_is_told_and_nothing_outside_the_folder_is_read(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "mine.toml").write_text("[keys]\nnew = 'f5'\n", encoding="utf-8")
    folder = tmp_path / "keymaps"
    folder.mkdir()
    (folder / ".hidden.toml").write_text("[keys]\nnew = 'f5'\n", encoding="utf-8")
    keys, (problem,) = load_keymap(name, folder)
    assert keys == {}
    assert "\x00" not in problem


def test_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    keys, (problem,) = load_keymap("mine", tmp_path)
    assert keys == {}
    assert "cannot be read: Is a directory" in problem
