"""The keys of the settings and of keymap files, checked.

Textual ignores unknown ids, takes names of keys that no terminal sends, and lets two actions fight
over a key; so what it is given is checked here.
"""

import string
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from textual.binding import Binding
from textual.keys import Keys, _character_to_key
from textual.widgets import TextArea

from chat_tui.core.texts import text
from chat_tui.ui.actions import (
    ACTIONS,
    AFTER_LEADER,
    CONVERSATION_SCOPES,
    EVERYWHERE,
    Action,
    Scope,
    action_called,
)
from chat_tui.ui.key_clashes import Clash, find_clash

_NOTHING: Mapping[str, str] = MappingProxyType({})

_KNOWN = {action.id: action for action in ACTIONS}

_MODIFIERS = ("alt", "ctrl", "shift", "super")
"""In the order in which Textual names them."""

_WRITTEN = {_character_to_key(mark) for mark in string.punctuation + string.digits}
"""The keys that write a mark or a digit: shift makes another mark of them."""

_NAMED = {
    name
    for name in (key.value.rpartition("+")[2] for key in Keys)
    if name.isalnum() and len(name) > 1 and name != "return"
}
"""The keys that write nothing (and the space), as terminals send them."""

_SENT_AS = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
}
"""What plain terminals make of some keys."""

_EDITING = {
    key.strip()
    for binding in TextArea.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""What the prompt moves and edits with."""

_WHERE_ONE_WRITES: tuple[Scope, ...] = (
    *EVERYWHERE,
    "prompt",
    "parameters",
    "value",
    "form",
    "models",
    "attach",
    "find",
)


def keys_in_force(
    keymap: Mapping[str, str], keys: Mapping[str, str], send_key: str = "enter"
) -> tuple[dict[str, str], list[str]]:
    """The keys of a keymap, changed by those of the settings.

    Args:
        keymap: action id → keys, as `load_keymap` gives them.
        keys: the same of the settings, as they were written.
        send_key: what sends a prompt, unless the settings name keys for that themselves.

    Returns:
        What `ActiveKeys` takes, and a sentence for each of the settings that is not usable.
    """
    below = {**keymap, **_exchanged(keymap, send_key)}
    usable, problems = check_keys(keys, below)
    return {**below, **usable}, problems


def _exchanged(keymap: Mapping[str, str], send_key: str) -> dict[str, str]:
    """The keys that send and start a new line, after they have changed places."""
    if send_key == "enter":
        return {}
    places = {"enter": send_key, send_key: "enter"}
    ids = ("send", "new-line")
    now = {id_: keymap.get(id_, action_called(id_).keys).split(",") for id_ in ids}
    return {id_: ",".join(places.get(key, key) for key in now[id_]) for id_ in ids}


def check_keys(
    keys: Mapping[str, str], keymap: Mapping[str, str] = _NOTHING
) -> tuple[dict[str, str], list[str]]:
    """Check the keys of the settings or of a keymap file.

    Args:
        keys: action id → keys, separated by commas; the keys of a sequence, by spaces.
        keymap: the same that is in force where they say nothing, checked.

    Returns:
        The usable ones as Textual writes them, and a sentence for each that is not. An action
        whose keys are not usable keeps those it had; a sequence that begins with a key of its own
        is lost to that one, which leaves the others of its action.
    """
    usable: dict[str, list[str]] = {}
    problems: list[str] = []
    for id_, value in keys.items():
        if id_ not in _KNOWN:
            guess = _did_you_mean(id_, list(_KNOWN))
            problems.append(text("problem.unknown-action", id=id_, guess=guess).strip())
            continue
        wanted = [" ".join(key.split()) for key in value.split(",") if key.strip()]
        names = [normal_keys(key) or "" for key in wanted]
        action = _KNOWN[id_]
        # A letter may be one more key of what is heard everywhere: for where nobody writes.
        letters = action.scope in EVERYWHERE and not all(map(_writes, names))
        found = [_problem(action, *pair, letters) for pair in zip(wanted, names, strict=True)]
        found = [problem for problem in found if problem]
        if not wanted:
            problems.append(text("problem.no-key", id=id_))
        elif found:
            problems += found[:1]
        else:
            usable[id_] = names
    leaders = usable.get("leader") or keymap.get("leader", _KNOWN["leader"].keys).split(",")
    usable = {id_: [_after(leaders, key) for key in names] for id_, names in usable.items()}
    while clash := find_clash(usable, keymap):
        problems.append(_told(clash))
        _give_way(clash, usable, keymap)
    return {id_: ",".join(names) for id_, names in usable.items()}, problems


def _told(clash: Clash) -> str:
    if clash.key == clash.taken:
        return text("problem.key-clash", id=clash.id, key=clash.key, other=clash.other)
    return text(
        "problem.key-begins", id=clash.id, key=clash.key, other=clash.other, taken=clash.taken
    )


def _give_way(clash: Clash, usable: dict[str, list[str]], keymap: Mapping[str, str]) -> None:
    """Take a key that clashes out of what is in force."""
    if clash.key == clash.taken:
        # It keeps its own keys, which another may have been given meanwhile: look again.
        del usable[clash.id]
        return
    action = _KNOWN[clash.id]
    had = usable.get(clash.id) or keymap.get(clash.id, action.keys).split(",")
    usable[clash.id] = [key for key in had if key and key != clash.key]


def _after(leaders: Sequence[str], key: str) -> str:
    """A sequence that begins with the leader, whatever way that was written."""
    first, space, rest = key.partition(" ")
    return AFTER_LEADER + rest if space and first in leaders else key


def normal_keys(key: str) -> str | None:
    """The same as `normal_key` for a key or a sequence of keys with spaces between them."""
    first, *others = key.split(" ")
    if first == "leader" and others:
        names = [first, *(normal_key(each) for each in others)]
    else:
        names = [normal_key(each) for each in (first, *others)]
    return None if None in names else " ".join(filter(None, names))


def normal_key(key: str) -> str | None:
    """A key as Textual names it when it is pressed, whatever way it was written.

    `Ctrl+N` → `ctrl+n`, `shift+n` → `N`, `?` → `question_mark`; None where there is no such key.
    """
    *modifiers, name = [key] if len(key) == 1 else key.split("+")
    held = {modifier.lower() for modifier in modifiers}
    if len(held) < len(modifiers) or not held <= set(_MODIFIERS):
        return None
    if not name or not name.isprintable():
        return None
    if len(name) == 1:
        if held == {"shift"} and name.isalpha():
            return name.upper()
        name = _character_to_key(name.lower() if held else name)
    elif name.lower() in _NAMED | _WRITTEN:
        name = name.lower()
    else:
        return None
    if held == {"shift"} and name in _WRITTEN:
        return None
    return "+".join([*sorted(held), name])


def _problem(action: Action, written: str, keys: str, letters: bool) -> str:
    """What is wrong with a key for an action, in a sentence; empty where all is well.

    Args:
        action: whose it is to be.
        written: the key as it was written.
        keys: the same as Textual names it; empty where there is none.
        letters: whether it may be one that writes, although one writes where it is heard.
    """
    if not keys:
        return _unknown(action, written)
    first, *others = keys.split(" ")
    if first == "leader":
        if action.scope not in CONVERSATION_SCOPES or action.id == "leader":
            return text("problem.no-leader", id=action.id, key=written)
        return ""
    for key in (first, *others):
        if key in _SENT_AS:
            return text("problem.same-key", id=action.id, key=written, other=_SENT_AS[key])
    if others and action.id == "leader":
        return text("problem.no-leader", id=action.id, key=written)
    writes = _writes(keys) and not letters
    edits = first in _EDITING and not action.priority
    if action.scope in _WHERE_ONE_WRITES and (writes or edits):
        return text("problem.key-writes", id=action.id, key=written)
    return ""


def _writes(keys: str) -> bool:
    """Whether a key, or the first one of several, writes something."""
    first = keys.partition(" ")[0]
    return len(first) == 1 or first in _WRITTEN or first == "space"


def _unknown(action: Action, written: str) -> str:
    near = " ".join(map(_nearest, written.split(" ")))
    guess = text("problem.did-you-mean", name=near) if normal_keys(near) else ""
    return text("problem.unknown-key", id=action.id, key=written, guess=guess).strip()


def _nearest(written: str) -> str:
    """What is likely meant by a key."""
    if normal_key(written):
        return written
    return "+".join(
        part if len(part) == 1 else next(iter(get_close_matches(part.lower(), names, n=1)), part)
        for part, names in _parts(written)
    )


def _parts(written: str) -> list[tuple[str, Sequence[str]]]:
    """The parts of a key with the names that could be meant."""
    *modifiers, name = written.split("+")
    names = sorted(_NAMED | _WRITTEN)
    return [*((modifier, _MODIFIERS) for modifier in modifiers), (name, names)]


def _did_you_mean(word: str, words: Sequence[str]) -> str:
    near = get_close_matches(word, words, n=1)
    return text("problem.did-you-mean", name=near[0]) if near else ""
