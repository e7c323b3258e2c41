"""Keys that two actions fight over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chat_tui.ui.actions import (
    ACTIONS,
    AFTER_LEADER,
    CONVERSATION_SCOPES,
    EVERYWHERE,
    ON_ALL_SCREENS,
    Action,
    leader_key,
)

_IN_TURN = {"stop", "leave-reading"}
"""May have the same key, which does first the one and then the other."""


class Clash(NamedTuple):
    """An action with a key that does not work for it."""

    id: str
    """The action that loses."""
    key: str
    """Its key."""
    other: str
    """The action that has it."""
    taken: str
    """The key of that one: the same, or the one with which the lost sequence begins."""


class _Use(NamedTuple):
    action: Action
    key: str
    changed: bool
    """Whether it is one of those that are checked."""


def find_clash(
    changed: Mapping[str, Sequence[str]], keymap: Mapping[str, str] | None = None
) -> Clash | None:
    """The first clash of some changed keys, with one another or with all the others.

    Args:
        changed: action id → keys, as Textual names them.
        keymap: what is in force for the others where the registry is not.
    """
    uses = list(_uses(changed, keymap or {}))
    by_key: dict[str, list[_Use]] = {}
    for use in uses:
        by_key.setdefault(use.key, []).append(use)
    order = {id_: place for place, id_ in enumerate(changed)}
    for use in sorted(uses, key=lambda use: order.get(use.action.id, -1)):
        if use.changed and (other := _same_key(use, by_key[use.key], order)):
            return Clash(use.action.id, use.key, other.action.id, use.key)
    for use in uses:
        if other := _first_key(use, by_key):
            return Clash(use.action.id, use.key, other.action.id, other.key)
    return None


def _uses(changed: Mapping[str, Sequence[str]], keymap: Mapping[str, str]) -> Iterator[_Use]:
    """All keys of all actions."""
    for action in ACTIONS:
        keys = changed.get(action.id)
        if keys is None:
            keys = keymap.get(action.id, action.keys).split(",")
        for key in filter(None, keys):
            yield _Use(action, key, action.id in changed)
        if action.leader and not any(key.startswith(AFTER_LEADER) for key in keys):
            yield _Use(action, AFTER_LEADER + leader_key(action), changed=False)


def _same_key(use: _Use, uses: Sequence[_Use], order: Mapping[str, int]) -> _Use | None:
    """Who else has a key: another that was not changed, or was named before."""
    for other in uses:
        first = not other.changed or order[other.action.id] < order[use.action.id]
        if other.action is not use.action and first and _heard_together(use, other):
            return other
    return None


def _first_key(use: _Use, by_key: Mapping[str, Sequence[_Use]]) -> _Use | None:
    """Who has a key alone with which a sequence begins, so that it never gets any further."""
    keys = use.key.split(" ")
    for count in range(1, len(keys)):
        for other in by_key.get(" ".join(keys[:count]), ()):
            if (use.changed or other.changed) and _heard_together(use, other):
                return other
    return None


def _heard_together(one: _Use, other: _Use) -> bool:
    """Whether two keys are heard at the same time."""
    if one.key.startswith(AFTER_LEADER):
        return other.key.startswith(AFTER_LEADER)
    return _scopes_meet(one.action, other.action)


def _scopes_meet(one: Action, other: Action) -> bool:
    if {one.id, other.id} == _IN_TURN:
        return False
    if one.scope == other.scope:
        return True
    if one.scope in CONVERSATION_SCOPES and other.scope in CONVERSATION_SCOPES:
        return one.scope in EVERYWHERE or other.scope in EVERYWHERE
    # A screen over the conversation hears its own keys and these.
    return one.id in ON_ALL_SCREENS or other.id in ON_ALL_SCREENS
