"""Keymaps: files that give actions their keys, shipped ones and the user's.

A keymap is a TOML file. `[keys]` gives actions (by their ids) keys, separated by commas; a comma
itself is `comma`, and spaces stand between keys that are pressed one after the other: `g g`,
`leader n`. `name` and `about` describe it. What it does not name stays as it is in the keymap that
`base` names, else as in the default one.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.keymap import check_keys

DEFAULT = "default"
"""The keymap that the registry of actions holds: no file is read for it."""

_SHIPPED = (DEFAULT, "vim")


class _UnusableError(Exception):
    """A keymap that cannot be used; its words are for the user."""


def shipped_keymaps() -> tuple[str, ...]:
    """The names of the keymaps that come with the app."""
    return _SHIPPED


def load_keymap(name: str, folder: Path) -> tuple[dict[str, str], list[str]]:
    """The keys of a keymap.

    Args:
        name: as the settings name it: a shipped one, or a file of the user's (which goes first).
        folder: where the user's keymaps are; it need not exist.

    Returns:
        Action id → keys, separated by commas, checked, of all that differs from the registry; and
        sentences about what is not usable. What is unusable as a whole gives no keys.
    """
    if name == DEFAULT:
        return {}, []
    try:
        table, place = _read(name, folder)
        base = _base_of(table, place)
        keys = _keys_of(table, place)
    except _UnusableError as error:
        return {}, [str(error)]
    below, problems = shipped_keys(base) if base else ({}, [])
    usable, found = check_keys(keys, below)
    problems += [text("keymap.problem", place=place, problem=problem) for problem in found]
    return {**below, **usable}, problems


def shipped_keys(name: str) -> tuple[dict[str, str], list[str]]:
    """The keys of a shipped keymap, as `load_keymap` gives them.

    Raises:
        KeyError: there is no such one.
    """
    if name not in _SHIPPED:
        raise KeyError(name)
    return ({}, []) if name == DEFAULT else check_keys(_parsed(_source(name), name)["keys"])


def _read(name: str, folder: Path) -> tuple[dict[str, Any], str]:
    """What a keymap's file says, and how it is called in what is told."""
    path = folder / f"{name}.toml"
    own = name.isprintable() and path.parent == folder and not name.startswith(".")
    try:
        source = path.read_text(encoding="utf-8") if own else None
    except (FileNotFoundError, NotADirectoryError):
        source = None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or text("keymap.not-text")
        raise _UnusableError(text("keymap.unreadable", place=path, reason=reason)) from error
    if source is not None:
        return _parsed(source, str(path)), str(path)
    if name not in _SHIPPED:
        names = ", ".join(_SHIPPED)
        shown = clean_line(name, code=True)
        raise _UnusableError(text("keymap.unknown", name=shown, names=names, folder=folder))
    return _parsed(_source(name), name), name


def _source(name: str) -> str:
    return Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")


def _parsed(source: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise _UnusableError(text("keymap.not-toml", place=place, reason=error)) from error


def _base_of(table: Mapping[str, Any], place: str) -> str:
    """The shipped keymap on which one is built."""
    base = table.get("base", DEFAULT)
    if base not in _SHIPPED:
        names, shown = ", ".join(_SHIPPED), clean_line(str(base), code=True)
        raise _UnusableError(text("keymap.no-base", place=place, base=shown, names=names))
    return str(base)


def _keys_of(table: Mapping[str, Any], place: str) -> dict[str, str]:
    """Its keys, as they were written."""
    keys = table.get("keys", {})
    strange = sorted(set(table) - {"name", "about", "base", "keys"})
    if strange:
        shown = clean_line(strange[0], code=True)
        raise _UnusableError(text("keymap.strange", place=place, name=shown))
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        raise _UnusableError(text("keymap.no-keys", place=place))
    return {clean_line(id_, code=True): clean_line(value, code=True) for id_, value in keys.items()}
