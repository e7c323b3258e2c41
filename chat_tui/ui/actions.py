"""What a user can do, declared once.

From this registry come the key bindings (with ids, so that they can be changed), the entries of
the palette, the letters after the leader key, the hints at the bottom and the help screen. Labels
and explanations stand in the catalogue of texts, as `action.ID.label` and `action.ID.help`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode

from chat_tui.core.texts import text

Scope = Literal["app", "conversation", "prompt", "transcript", "list"]
"""Where an action's keys work: everywhere, on the conversation screen, or in one of its parts."""

EVERYWHERE: tuple[Scope, ...] = ("app", "conversation")
"""The scopes whose keys work in every part of the conversation screen."""

LEADER = "ctrl+g"
"""Followed by a letter, it reaches what has no key of its own in a plain terminal."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do."""

    id: str
    """Kebab-case; names it in keymaps and in the catalogue of texts."""
    run: str
    """Textual's action, `app.` or `screen.` in front, as it is run from anywhere."""
    keys: str = ""
    """The default keys, separated by commas."""
    scope: Scope = "conversation"
    leader: str = ""
    """The key after the leader."""
    hint: bool = False
    """Shown at the bottom while its scope has the focus."""
    priority: bool = False
    """Comes before the keys of the focused widget."""
    palette: bool = True
    """Listed in the palette; moving about is not."""
    needs: str = ""
    """The attribute of the screen without which there is nothing to act on: it is not listed then,
    and says so where it is run all the same."""

    @property
    def label(self) -> str:
        """What it is called."""
        return text(f"action.{self.id}.label")

    @property
    def help(self) -> str:
        """What it does, in a sentence."""
        return text(f"action.{self.id}.help")

    @property
    def binding_keys(self) -> str:
        """The keys of its binding; where it has none, a name that no terminal sends.

        Textual gives new keys to a binding only, and has none without a key.
        """
        return self.keys or f"<{self.id}>"


ACTIONS: tuple[Action, ...] = (
    Action("send", "screen.send", "enter", "prompt", hint=True, priority=True, palette=False),
    Action(
        "new-line",
        "screen.new_line",
        "ctrl+j,shift+enter,alt+enter,shift+\r",
        "prompt",
        hint=True,
        priority=True,
        palette=False,
    ),
    Action("stop", "screen.stop_or_leave", "escape", hint=True, priority=True, palette=False),
    Action("copy-or-stop", "screen.copy_or_stop", "ctrl+c", priority=True, palette=False),
    Action("new", "screen.new_conversation", "ctrl+n", leader="n", hint=True),
    Action("open", "screen.focus_list", "ctrl+o", leader="o", hint=True),
    Action("toggle-list", "screen.toggle_list", "ctrl+b", leader="b"),
    Action("regenerate", "screen.regenerate", "ctrl+r", leader="r"),
    Action("copy-answer", "screen.copy_answer", leader="y"),
    Action("rename", "screen.rename", "f2", leader="e"),
    Action("delete", "screen.delete", leader="d"),
    Action("undo-delete", "screen.undo_delete", leader="u"),
    Action("switch-model", "screen.switch_model", "ctrl+t", leader="s"),
    Action("parameters", "screen.show_parameters", leader="p"),
    Action("providers", "screen.show_providers", leader="k"),
    Action("raw", "screen.show_raw", leader="v"),
    Action("use-found", "screen.use_found_server", leader="l", needs="found"),
    Action("focus-transcript", "screen.focus_transcript", leader="m"),
    Action("page-up", "screen.scroll_pages(-1)", "pageup", "prompt", priority=True, palette=False),
    Action(
        "page-down", "screen.scroll_pages(1)", "pagedown", "prompt", priority=True, palette=False
    ),
    Action("next-message", "screen.move_message(1)", "j", "transcript", hint=True, palette=False),
    Action(
        "previous-message", "screen.move_message(-1)", "k", "transcript", hint=True, palette=False
    ),
    Action("first-message", "screen.jump_to_start", "g,home", "transcript", palette=False),
    Action("last-message", "screen.jump_to_end", "G,end", "transcript", leader="j"),
    Action("copy-message", "screen.copy_message", "y,c", "transcript", hint=True, palette=False),
    Action(
        "regenerate-message",
        "screen.regenerate_message",
        "r",
        "transcript",
        hint=True,
        palette=False,
    ),
    Action(
        "previous-sibling",
        "screen.show_sibling(-1)",
        "left_square_bracket,less_than_sign",
        "transcript",
        palette=False,
    ),
    Action(
        "next-sibling",
        "screen.show_sibling(1)",
        "right_square_bracket,greater_than_sign",
        "transcript",
        palette=False,
    ),
    Action(
        "continue-answer", "screen.continue_answer", "C", "transcript", "c", needs="can_continue"
    ),
    Action(
        "retry-other-model",
        "screen.retry_other_model",
        "a",
        "transcript",
        leader="a",
        needs="can_retry",
    ),
    Action("leave-out", "screen.leave_out", "f", "transcript", leader="f", needs="can_leave_out"),
    Action(
        "wait-and-retry", "screen.wait_and_retry", "z", "transcript", leader="z", needs="can_wait"
    ),
    Action("retry-now", "screen.retry_now", "w", "transcript", leader="w", needs="can_hurry"),
    Action("fold", "screen.toggle_fold", "o,space", "transcript", palette=False),
    Action("scroll-left", "screen.scroll_wide(-8)", "h,left", "transcript", palette=False),
    Action("scroll-right", "screen.scroll_wide(8)", "l,right", "transcript", palette=False),
    Action("select-up", "screen.select_lines(-1)", "shift+up,K", "transcript", palette=False),
    Action("select-down", "screen.select_lines(1)", "shift+down,J", "transcript", palette=False),
    Action(
        "write",
        "screen.focus_prompt",
        "i,enter",
        "transcript",
        leader="i",
        hint=True,
        # At once: the letters that follow are meant for the prompt.
        priority=True,
    ),
    Action("list-next", "screen.move_row(1)", "j", "list", palette=False),
    Action("list-previous", "screen.move_row(-1)", "k", "list", palette=False),
    Action("list-new", "screen.new_conversation", "n", "list", palette=False),
    Action("list-rename", "screen.rename", "r", "list", hint=True, palette=False),
    Action("list-delete", "screen.delete", "d,delete", "list", hint=True, palette=False),
    Action("list-undo", "screen.undo_delete", "u", "list", hint=True, palette=False),
    Action("palette", "app.command_palette", "ctrl+p", "app", hint=True, palette=False),
    Action("leader", "app.leader", LEADER, "app", hint=True, priority=True, palette=False),
    Action("toggle-dark", "app.toggle_dark", scope="app", leader="t"),
    Action("help", "app.help", "f1", "app", leader="h", hint=True),
    Action("quit", "app.quit", "ctrl+q", "app", leader="q", hint=True, priority=True),
)
"""All of them, in the order in which help and palette show them."""


_BY_ID = {action.id: action for action in ACTIONS}


def action_called(id_: str) -> Action:
    """The action with an id.

    Raises:
        KeyError: there is none.
    """
    return _BY_ID[id_]


def in_scope(*scopes: Scope) -> list[Action]:
    """The actions of some scopes."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings_for(*scopes: Scope) -> list[Binding]:
    """The key bindings of some scopes, each with its action's id."""
    return [
        Binding(
            action.binding_keys,
            action.run,
            action.label,
            show=False,
            priority=action.priority,
            id=action.id,
        )
        for action in in_scope(*scopes)
    ]


def after_leader() -> dict[str, Action]:
    """The keys after the leader key."""
    return {action.leader: action for action in ACTIONS if action.leader}


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
        return next(iter(self.all_shown(_BY_ID[id_])), "")

    def shown_anywhere(self, id_: str) -> str:
        """The same, but of an action of one part the leader's way: it works in the others too.

        Raises:
            KeyError: there is no such action.
        """
        action = _BY_ID[id_]
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
