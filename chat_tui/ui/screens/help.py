"""All keys of a screen, to look through or to search."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from chat_tui.core.texts import text
from chat_tui.ui.actions import (
    LEADER,
    ON_ALL_SCREENS,
    Action,
    Scope,
    action_called,
    active_keys,
    in_scope,
)
from chat_tui.ui.screens.modal import Dialog
from chat_tui.ui.widgets.clean_input import CleanInput

_WIDTH = 96
_KEYS_WIDTH = 16
"""Columns of the help screen, and of the keys in it at least."""

_MOST_KEYS_WIDTH = 24
"""Columns of the keys at most; those that are longer are left out but for the first."""

_ROOM_FOR_IDS = 40
"""Columns of text from which on each row has the name of its action at its end."""

_LONG = 30
"""Actions from which on there is a line to search them with."""


class HelpScreen(Dialog[Action | None]):
    """The keys of a screen, by where they work, with the names that the settings know them by.

    Gives the action that is to follow at once: the palette or the leader.

    Args:
        scopes: where they work, in the order in which they are shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, priority=True),
        # Letters, where there is no line to write in.
        Binding("q,question_mark", "dismiss(None)", show=False),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("pageup", "scroll(-1, True)", show=False, priority=True),
        Binding("pagedown", "scroll(1, True)", show=False, priority=True),
        # With the ids of the actions, so that they follow the settings.
        Binding("f1", "dismiss(None)", show=False, id="help", priority=True),
        Binding("ctrl+p", "follow('palette')", show=False, id="palette", priority=True),
        Binding(LEADER, "follow('leader')", show=False, id="leader", priority=True),
    ]

    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen {
        align: center middle;
        & > Vertical {
            width: 96; max-width: 100%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & CleanInput { border: none; height: 1; padding: 0; margin: 0 0 1 0; }
        & .-long VerticalScroll { height: 1fr; }
        & .-long { height: 90%; }
        & Static { width: 1fr; height: auto; }
    }
    """

    def __init__(self, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._with_leader = "app" in scopes
        """Whether leader and palette work there."""
        self._groups: dict[Scope, list[Action]] = {scope: in_scope(scope) for scope in scopes}
        if not self._with_leader:
            self._groups["app"] = [action_called(id_) for id_ in ON_ALL_SCREENS]
        self._long = sum(map(len, self._groups.values())) > _LONG
        self._tables = {scope: Static("", markup=False) for scope in self._groups}
        self._nothing = Static(text("dialog.help-nothing"), markup=False)
        self._words = CleanInput(placeholder=text("dialog.help-filter"))
        self._list = VerticalScroll(*self._tables.values(), self._nothing)

    def compose(self) -> ComposeResult:
        """A table a scope; above them a line to search in where they are many."""
        with Vertical(classes="-long" if self._long else "") as box:
            box.border_title = Content(text("dialog.help"))
            key = active_keys(self).shown("palette")
            box.border_subtitle = Content(
                text("dialog.help-hint", key=key)
                if self._with_leader
                else text("dialog.help-closes")
            )
            if self._long:
                yield self._words
            yield self._list

    def on_mount(self) -> None:
        """Take the keys: for what is searched, else to scroll."""
        self._show("")
        self.set_focus(self._words if self._long else self._list)

    def on_resize(self) -> None:
        """Fold at the new width."""
        self._show(self._words.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the actions that are meant."""
        self._show(event.value)
        self._list.scroll_home(animate=False)

    def action_leave(self) -> None:
        """Show all again, else close it."""
        if self._words.value:
            self._words.value = ""
        else:
            self.dismiss(None)

    def action_scroll(self, step: int, pages: bool = False) -> None:
        """Move the keys, whatever has the focus."""
        lines = max(self._list.size.height - 1, 1) if pages else 1
        self._list.scroll_relative(y=step * lines, animate=False)

    def action_follow(self, id_: str) -> None:
        """Make way for what opens another screen."""
        self.dismiss(action_called(id_) if self._with_leader else None)

    def _show(self, words: str) -> None:
        """Show the actions in which all of some words are found."""
        wanted = words.casefold().split()
        shown = 0
        for scope, table in self._tables.items():
            rows = [
                action
                for action in self._groups[scope]
                if all(word in self._searched(scope, action) for word in wanted)
            ]
            shown += len(rows)
            table.display = bool(rows)
            if rows:
                table.update(self._table(scope, rows))
        self._nothing.display = not shown

    def _searched(self, scope: Scope, action: Action) -> str:
        """What is looked through for an action: names, keys, and what it does."""
        keys = " ".join(self._keys(action))
        place = text(f"scope.{scope}")
        return f"{action.label} {action.help} {action.id} {keys} {place}".casefold()

    def _table(self, scope: Scope, actions: Sequence[Action]) -> Content:
        title = Content.styled(text(f"scope.{scope}"), "bold $accent")
        keys = [", ".join(self._keys(action)) for action in actions]
        width = min(max(_KEYS_WIDTH, *(len(each) + 2 for each in keys)), _MOST_KEYS_WIDTH)
        if self.app.size.width < _WIDTH:
            width = _KEYS_WIDTH
        rows = [self._row(action, width) for action in actions]
        return Content("").join([title, *rows, Content("\n")])

    def _row(self, action: Action, keys_width: int) -> Content:
        room = max(min(_WIDTH, self.app.size.width) - keys_width - 6, 12)
        shown = self._keys(action)
        keys = ", ".join(shown)
        if len(keys) > keys_width - 1:
            keys = shown[0]
        lines = wrap(action.help, room)
        gap = room - len(lines[-1]) - len(action.id)
        if gap < 2 and room >= _ROOM_FOR_IDS:
            lines = wrap(action.help, room - len(action.id) - 2)
            gap = room - len(lines[-1]) - len(action.id)
        return Content.assemble(
            (f"\n{keys:<{keys_width}}", "bold"),
            f"\n{'':{keys_width}}".join(lines),
            (f"{'':{gap}}{action.id}", "$foreground 50%") if gap >= 2 else "",
        )

    def _keys(self, action: Action) -> list[str]:
        """Two of its keys, and the leader's way where that works."""
        own = active_keys(self).own_shown(action)
        way = active_keys(self).all_shown(action)[len(own) :] if self._with_leader else []
        return [*own[:2], *way[:1]]
