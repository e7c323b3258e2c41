"""What a user can do, declared once.

From this registry come the key bindings (with ids, so that they can be changed), the entries of
the palette, the letters after the leader key, the hints at the bottom and the help screen. Labels
and explanations stand in the catalogue of texts, as `action.ID.label` and `action.ID.help`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from textual.binding import Binding

from chat_tui.core.texts import text

Scope = Literal["app", "conversation", "prompt", "transcript", "list"]
"""Where an action's keys work: everywhere, on the conversation screen, or in one of its parts."""

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

    @property
    def label(self) -> str:
        """What it is called."""
        return text(f"action.{self.id}.label")

    @property
    def help(self) -> str:
        """What it does, in a sentence."""
        return text(f"action.{self.id}.help")

    @property
    def shown_keys(self) -> str:
        """Its first key, or the leader and its letter, as people write it."""
        if self.keys:
            return show_key(self.keys.split(",")[0])
        return f"{show_key(LEADER)} {self.leader}" if self.leader else ""


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
    Action("use-found", "screen.use_found_server", leader="l"),
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


def in_scope(*scopes: Scope) -> list[Action]:
    """The actions of some scopes."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings_for(*scopes: Scope) -> list[Binding]:
    """The key bindings of some scopes, each with its action's id."""
    return [
        Binding(
            action.keys,
            action.run,
            action.label,
            show=False,
            priority=action.priority,
            id=action.id,
        )
        for action in in_scope(*scopes)
        if action.keys
    ]


def after_leader() -> dict[str, Action]:
    """The keys after the leader key."""
    return {action.leader: action for action in ACTIONS if action.leader}


def check_keys(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Check the keys of the settings.

    Textual ignores unknown ids, lets two actions fight over a key and takes dead key names; so
    what it is given is checked here.

    Args:
        keys: action id → keys, separated by commas.

    Returns:
        The usable ones, and a sentence for each that is not.
    """
    known = {action.id: action for action in ACTIONS if action.keys}
    usable: dict[str, str] = {}
    problems: list[str] = []
    taken = {
        (action.scope, key): action.id
        for action in known.values()
        if action.id not in keys
        for key in action.keys.split(",")
    }
    for id_, value in keys.items():
        if id_ not in known:
            near = get_close_matches(id_, known, n=1)
            guess = text("problem.did-you-mean", name=near[0]) if near else ""
            problems.append(text("problem.unknown-action", id=id_, guess=guess).strip())
            continue
        wanted = [key.strip() for key in value.split(",") if key.strip()]
        clash = next((taken[scope_key] for scope_key in _places(known[id_], wanted, taken)), None)
        if not wanted:
            problems.append(text("problem.no-key", id=id_))
        elif clash is not None:
            problems.append(text("problem.key-clash", id=id_, other=clash))
        else:
            usable[id_] = ",".join(wanted)
            taken |= {(known[id_].scope, key): id_ for key in wanted}
    return usable, problems


def _places(
    action: Action, keys: Iterable[str], taken: Mapping[tuple[Scope, str], str]
) -> Iterable[tuple[Scope, str]]:
    return [(action.scope, key) for key in keys if (action.scope, key) in taken]


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
