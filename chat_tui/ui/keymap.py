"""The keys of the settings, checked.

Textual ignores unknown ids, takes names of keys that no terminal sends, and lets two actions fight
over a key; so what it is given is checked here.
"""

import string
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from textual.binding import Binding
from textual.keys import Keys, _character_to_key
from textual.widgets import TextArea

from chat_tui.core.texts import text
from chat_tui.ui.actions import (
    ACTIONS,
    CONVERSATION_SCOPES,
    EVERYWHERE,
    ON_ALL_SCREENS,
    Action,
    Scope,
)

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
)


def check_keys(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Check the keys of the settings.

    Args:
        keys: action id → keys, separated by commas.

    Returns:
        The usable ones as Textual writes them, and a sentence for each that is not.
    """
    known = {action.id: action for action in ACTIONS}
    usable: dict[str, list[str]] = {}
    problems: list[str] = []
    for id_, value in keys.items():
        if id_ not in known:
            guess = _did_you_mean(id_, list(known))
            problems.append(text("problem.unknown-action", id=id_, guess=guess).strip())
            continue
        wanted = [key.strip() for key in value.split(",") if key.strip()]
        names = [normal_key(key) or "" for key in wanted]
        found = [_problem(known[id_], *pair) for pair in zip(wanted, names, strict=True)]
        found = [problem for problem in found if problem]
        if not wanted:
            problems.append(text("problem.no-key", id=id_))
        elif found:
            problems += found[:1]
        else:
            usable[id_] = names
    while clash := _clash(usable):
        id_, key, other = clash
        problems.append(text("problem.key-clash", id=id_, key=key, other=other))
        # It keeps its own keys, which another may have been given meanwhile: look again.
        del usable[id_]
    return {id_: ",".join(names) for id_, names in usable.items()}, problems


def normal_key(key: str) -> str | None:
    """A key as Textual names it when it is pressed, whatever way it was written.

    `Ctrl+N` → `ctrl+n`, `shift+n` → `N`, `?` → `question_mark`; None where there is no such key.
    """
    *modifiers, name = [key] if len(key) == 1 else key.split("+")
    held = {modifier.lower() for modifier in modifiers}
    if len(held) < len(modifiers) or not held <= set(_MODIFIERS) or not name:
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


def _problem(action: Action, written: str, key: str) -> str:
    """What is wrong with a key for an action, in a sentence; empty where all is well."""
    if not key:
        parts = [
            part
            if len(part) == 1
            else next(iter(get_close_matches(part.lower(), names, n=1)), part)
            for part, names in _parts(written)
        ]
        near = "+".join(parts)
        guess = text("problem.did-you-mean", name=near) if normal_key(near) else ""
        return text("problem.unknown-key", id=action.id, key=written, guess=guess).strip()
    if key in _SENT_AS:
        return text("problem.same-key", id=action.id, key=written, other=_SENT_AS[key])
    writes = len(key) == 1 or key in _WRITTEN or key == "space"
    edits = key in _EDITING and not action.priority
    if action.scope in _WHERE_ONE_WRITES and (writes or edits):
        return text("problem.key-writes", id=action.id, key=written)
    return ""


def _parts(written: str) -> list[tuple[str, Sequence[str]]]:
    """The parts of a key with the names that could be meant."""
    *modifiers, name = written.split("+")
    names = sorted(_NAMED | _WRITTEN)
    return [*((modifier, _MODIFIERS) for modifier in modifiers), (name, names)]


def _did_you_mean(word: str, words: Sequence[str]) -> str:
    near = get_close_matches(word, words, n=1)
    return text("problem.did-you-mean", name=near[0]) if near else ""


def _clash(usable: Mapping[str, list[str]]) -> tuple[str, str, str] | None:
    """The first action of the settings, its key, and who has it where both are heard."""
    changed = [action for id_ in usable for action in ACTIONS if action.id == id_]
    taken = [
        (action, key)
        for action in ACTIONS
        if action.id not in usable
        for key in action.binding_keys.split(",")
    ]
    for action in changed:
        for key in usable[action.id]:
            for other, used in taken:
                if key == used and _heard_together(action, other):
                    return action.id, key, other.id
        taken += [(action, key) for key in usable[action.id]]
    return None


def _heard_together(one: Action, other: Action) -> bool:
    if one.scope == other.scope:
        return True
    if one.scope in CONVERSATION_SCOPES and other.scope in CONVERSATION_SCOPES:
        return one.scope in EVERYWHERE or other.scope in EVERYWHERE
    # A screen over the conversation hears its own keys and these.
    return one.id in ON_ALL_SCREENS or other.id in ON_ALL_SCREENS
