"""The keys in force, and how they are shown."""

from collections.abc import Mapping

from textual.app import App
from textual.dom import DOMNode

from chat_tui.ui.actions.action import Action
from chat_tui.ui.actions.registry import EVERYWHERE, action_called


class ActiveKeys:
    """The keys in force: those of the registry, changed by the settings.

    Args:
        changed: action id → keys, separated by commas, as `check_keys` lets them through.
    """

    def __init__(self, changed: Mapping[str, str]) -> None:
        self.changed = dict(changed)

    def of(self, action: Action) -> list[str]:
        """The keys of an action, as Textual names them; those after the leader apart."""
        return [key for key in self.changed.get(action.id, action.keys).split(",") if key]

    def all_shown(self, action: Action) -> list[str]:
        """All that reaches an action, as people write it: its keys, then the leader's way."""
        shown = [show_key(key) for key in self.of(action) if key.isprintable()]
        if action.leader:
            shown.append(f"{self.shown('leader')} {action.leader}")
        return shown

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
        if action.leader and action.scope not in EVERYWHERE:
            return self.all_shown(action)[-1]
        return self.shown(id_)


class KeyedApp(App[None]):
    """An app that knows its keys in force; what stands on its screens asks `active_keys`."""

    active_keys: ActiveKeys


def active_keys(node: DOMNode) -> ActiveKeys:
    """The keys in force in the app that shows a screen or widget.

    Raises:
        TypeError: that app has none.
    """
    app: object = node.app
    if isinstance(app, KeyedApp):
        return app.active_keys
    raise TypeError(f"{app!r} is no KeyedApp")


_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "space": "Space",
    "tab": "Tab",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
}


def show_key(key: str) -> str:
    """A key as people write it: `^n` for ctrl+n, `F1`, `⇧↑`."""
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name, name.upper() if name[:1] == "f" and name[1:].isdigit() else name)
    for modifier in modifiers:
        shown = {"ctrl": "^", "shift": "⇧", "alt": "Alt-"}.get(modifier, modifier + "+") + shown
    return shown
