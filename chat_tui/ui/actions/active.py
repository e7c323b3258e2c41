"""The keys in force, and how they are shown."""

import string
from collections.abc import Mapping

from textual.app import App
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.notifications import Notification, Notify
from textual.signal import Signal

from chat_tui.ui.actions.action import Action
from chat_tui.ui.actions.registry import (
    ACTIONS,
    CONVERSATION_SCOPES,
    EVERYWHERE,
    action_called,
    leader_key,
)

_TOLD_AT_ONCE = 2
"""Toasts of plain information that stand at the same time."""

AFTER_LEADER = "leader "
"""What the keys begin with that are pressed after the leader, whichever key that is."""


class ActiveKeys:
    """The keys in force: those of the registry, changed by the keymap and the settings.

    Args:
        changed: action id → keys, separated by commas, as `keys_in_force` lets them through. An
            action keeps its key after the leader unless `leader X` is among them.
    """

    def __init__(self, changed: Mapping[str, str]) -> None:
        self.change(changed)

    def change(self, changed: Mapping[str, str]) -> None:
        """Put others in force, also for those who hold this object."""
        self.changed = dict(changed)
        self.first_keys = (
            frozenset(
                key.partition(" ")[0]
                for action_id, keys in self.changed.items()
                for key in keys.split(",")
                if " " in key and not key.startswith(AFTER_LEADER)
            )
            | _FIRST_KEYS
        )
        """The first keys of all sequences, heard or not."""

    def of(self, action: Action) -> list[str]:
        """The keys of an action, as Textual names them; those after the leader apart."""
        keys = self.changed.get(action.id, action.keys).split(",")
        return [key for key in keys if key and not key.startswith(AFTER_LEADER)]

    def leader_keys_of(self, action: Action) -> list[str]:
        """What may follow the leader for an action, as Textual names it."""
        keys = self.changed.get(action.id, "").split(",")
        after = [key.removeprefix(AFTER_LEADER) for key in keys if key.startswith(AFTER_LEADER)]
        return after or ([leader_key(action)] if action.leader else [])

    def after_leader(self) -> dict[str, Action]:
        """All that may follow the leader."""
        heard = [action for action in ACTIONS if action.scope in CONVERSATION_SCOPES]
        return {key: action for action in heard for key in self.leader_keys_of(action)}

    def for_textual(self) -> dict[str, str]:
        """What bindings are changed by, as `App.set_keymap` takes it."""
        found = {}
        for id_ in self.changed:
            action = action_called(id_)
            keys = ",".join(self.of(action))
            if keys != action.keys:
                # Textual takes no empty keys; no terminal sends this one.
                found[id_] = keys or f"<{id_}>"
        return found

    def all_shown(self, action: Action) -> list[str]:
        """All that reaches an action, as people write it: its keys, then the leader's way."""
        shown = [show_key(key) for key in self.of(action)]
        return shown + self._leader_shown(action)

    def own_shown(self, action: Action) -> list[str]:
        """The same without the leader's way."""
        return [show_key(key) for key in self.of(action)]

    def shown(self, id_: str) -> str:
        """What is best shown for an action, by its id: its first key, else the leader's way.

        Raises:
            KeyError: there is no such action.
        """
        return next(iter(self.all_shown(action_called(id_))), "")

    def shown_anywhere(self, id_: str) -> str:
        """The same, but of an action of one part the leader's way: it works in the others too.

        Raises:
            KeyError: there is no such action.
        """
        action = action_called(id_)
        if action.scope not in EVERYWHERE and (shown := self._leader_shown(action)):
            return shown[0]
        return self.shown(id_)

    def _leader_shown(self, action: Action) -> list[str]:
        leader = action_called("leader")
        first = next(iter(self.of(leader)), "")
        return [f"{show_key(first)} {show_key(key)}" for key in self.leader_keys_of(action)]


_FIRST_KEYS = frozenset(
    key.partition(" ")[0] for action in ACTIONS for key in action.keys.split(",") if " " in key
)


class KeyedApp(App[None]):
    """An app that knows its keys in force; what stands on its screens asks `active_keys`."""

    active_keys: ActiveKeys

    def __init__(self) -> None:
        super().__init__()
        self.keys_changed: Signal[None] = Signal(self, "keys-changed")
        """Published when other keys are in force: what shows keys draws them anew."""

    def on_notify(self, event: Notify) -> None:
        """Make room for what is told; Textual shows it. Errors and warnings stay their time."""
        told = event.notification
        if told.severity != "information":
            return
        others = [each for each in self._information() if each.message != told.message]
        for older in self._information():
            if older not in others[1 - _TOLD_AT_ONCE :]:
                self._untell(older)

    def forget_information(self) -> None:
        """Take away what was told that is no error and no warning: it is no longer so."""
        for older in self._information():
            self._untell(older)
        self._refresh_notifications()

    def _untell(self, told: Notification) -> None:
        """Take a toast away; Textual would leave the room that it took."""
        self._unnotify(told, refresh=False)
        for screen in self.screen_stack:
            screen.query(f"#--textual-toast-{told.identity}").remove()

    def _information(self) -> list[Notification]:
        return [each for each in self._notifications if each.severity == "information"]

    def use_keymap(
        self, keymap: Mapping[str, str], keys: Mapping[str, str], send_key: str = "enter"
    ) -> list[str]:
        """Put other keys in force; all that shows keys follows.

        Args:
            keymap: action id → keys, as `load_keymap` gives them.
            keys: the same of the settings.
            send_key: what sends a prompt.

        Returns:
            Sentences about those that are not usable.
        """
        raise NotImplementedError


def active_keys(node: DOMNode) -> ActiveKeys:
    """The keys in force in the app that shows a screen or widget.

    Raises:
        TypeError: that app has none.
    """
    return keyed_app(node).active_keys


def keyed_app(node: DOMNode) -> KeyedApp:
    """The app that shows a screen or widget, with its keys.

    Raises:
        TypeError: it has none.
    """
    app: object = node.app
    if isinstance(app, KeyedApp):
        return app
    raise TypeError(f"{app!r} is no KeyedApp")


_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "space": "Space",
    "tab": "Tab",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    **{_character_to_key(mark): mark for mark in string.punctuation},
}


def show_key(key: str) -> str:
    """A key as people write it: `^n` for ctrl+n, `F1`, `⇧↑`, `g g` for one after the other."""
    return " ".join(map(_show_one, key.split(" ")))


def _show_one(key: str) -> str:
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name) or (name.upper() if name[:1] == "f" and name[1:].isdigit() else name)
    for modifier in modifiers:
        shown = {"ctrl": "^", "shift": "⇧", "alt": "Alt-"}.get(modifier, modifier + "+") + shown
    return shown
