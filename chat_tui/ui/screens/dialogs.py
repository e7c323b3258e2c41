"""Small screens over the others: a title, the keys after the leader, help, a question."""

from collections.abc import Sequence
from math import ceil
from textwrap import wrap
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import (
    LEADER,
    ON_ALL_SCREENS,
    Action,
    Scope,
    action_called,
    active_keys,
    after_leader,
    in_scope,
)
from chat_tui.ui.screens.modal import Dialog
from chat_tui.ui.widgets.action_hints import ActionHints, Hint
from chat_tui.ui.widgets.clean_input import CleanInput


class RenameDialog(Dialog[str | None]):
    """Asks for a title; gives None where it is to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    DEFAULT_CSS: ClassVar[str] = """
    RenameDialog {
        align: center middle;
        & > Vertical {
            width: 60; max-width: 95%; height: auto;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; margin: 1 0; }
        & Static { color: $text-muted; }
    }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """One line to write in."""
        with Vertical() as box:
            box.border_title = Content(text("dialog.rename"))
            yield CleanInput(clean_line(self._title), max_length=200)
            yield Static(text("dialog.rename-hint"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the title, unless it is empty."""
        event.stop()
        self.dismiss(clean_line(event.value) or None)


_COLUMN_GAP = 2
"""Cells between two columns of keys."""


class LeaderScreen(Dialog[Action | None]):
    """Shows the keys that may follow the leader key and waits for one.

    Args:
        shown: the actions that can be run now.
    """

    DEFAULT_CSS: ClassVar[str] = """
    LeaderScreen {
        align: right bottom;
        background: transparent;
        & > Static {
            width: auto; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $accent; padding: 0 1; text-wrap: nowrap;
        }
    }
    """

    def __init__(self, shown: Sequence[Action]) -> None:
        super().__init__()
        self._shown = sorted(shown, key=lambda action: action.leader)

    def compose(self) -> ComposeResult:
        """One row an action; several in a row, where the terminal is too low for all of them."""
        size = self.app.size
        columns = max(ceil(len(self._shown) / max(size.height - 2, 1)), 1)
        rows = ceil(len(self._shown) / columns)
        width = (size.width - 4 + _COLUMN_GAP) // columns - _COLUMN_GAP
        entries = [
            Content.assemble((action.leader, "bold $accent"), f"  {action.label}")
            for action in self._shown
        ]
        if columns > 1:
            entries = [each.truncate(width, ellipsis=True, pad=True) for each in entries]
        gap = Content(" " * _COLUMN_GAP)
        lines = [gap.join(entries[row::rows]) for row in range(rows)]
        box = Static(Content("\n").join(lines), markup=False)
        box.border_title = Content(text("dialog.leader"))
        yield box

    def on_key(self, event: events.Key) -> None:
        """Take the key, whichever it is: an action that is not shown says why it cannot be run."""
        event.stop()
        event.prevent_default()
        self.dismiss(after_leader().get(event.character or "") or after_leader().get(event.key))


_HELP_WIDTH = 96
_KEYS_WIDTH = 16
"""Columns of the help screen, and of the keys in it."""

_ROOM_FOR_IDS = 40
"""Columns of text from which on each row has the name of its action at its end."""


class HelpScreen(Dialog[Action | None]):
    """The keys of a screen, by where they work, with the names that the settings know them by.

    Gives the action that is to follow at once: the palette or the leader.

    Args:
        scopes: where they work, in the order in which they are shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss(None)", show=False),
        # With the ids of the actions, so that they follow the settings.
        Binding("f1", "dismiss(None)", show=False, id="help"),
        Binding("ctrl+p", "follow('palette')", show=False, id="palette"),
        Binding(LEADER, "follow('leader')", show=False, id="leader"),
    ]

    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen {
        align: center middle;
        & > VerticalScroll {
            width: 96; max-width: 100%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """

    def __init__(self, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._scopes = scopes
        self._with_leader = "app" in scopes
        """Whether leader and palette work there."""

    def compose(self) -> ComposeResult:
        """A table a scope."""
        with VerticalScroll() as box:
            box.border_title = Content(text("dialog.help"))
            key = active_keys(self).shown("palette")
            box.border_subtitle = Content(
                text("dialog.help-hint", key=key)
                if self._with_leader
                else text("dialog.help-closes")
            )
            for scope in self._scopes:
                yield Static(self._table(scope, in_scope(scope)), markup=False)
            if not self._with_leader:
                on_all = [action_called(id_) for id_ in ON_ALL_SCREENS]
                yield Static(self._table("app", on_all), markup=False)

    def action_follow(self, id_: str) -> None:
        """Make way for what opens another screen."""
        self.dismiss(action_called(id_))

    def _table(self, scope: Scope, actions: Sequence[Action]) -> Content:
        title = Content.styled(text(f"scope.{scope}"), "bold $accent")
        rows = [self._row(action) for action in actions]
        return Content("").join([title, *rows, Content("\n")])

    def _row(self, action: Action) -> Content:
        room = max(min(_HELP_WIDTH, self.app.size.width) - _KEYS_WIDTH - 6, 12)
        keys = ", ".join(self._keys(action))
        lines = wrap(action.help, room)
        gap = room - len(lines[-1]) - len(action.id)
        if gap < 2 and room >= _ROOM_FOR_IDS:
            lines = wrap(action.help, room - len(action.id) - 2)
            gap = room - len(lines[-1]) - len(action.id)
        return Content.assemble(
            (f"\n{keys:<{_KEYS_WIDTH}}", "bold"),
            f"\n{'':{_KEYS_WIDTH}}".join(lines),
            (f"{'':{gap}}{action.id}", "$foreground 50%") if gap >= 2 else "",
        )

    def _keys(self, action: Action) -> list[str]:
        """Two of its keys, and the leader's way where that works."""
        shown = active_keys(self).all_shown(action)
        own = shown[:-1] if action.leader else shown
        return [*own[:2], *(shown[len(own) :] if self._with_leader else ())]


class ConfirmDialog(Dialog[bool]):
    """Asks whether to go on with what cannot be undone; Enter does not.

    Args:
        question: clean.
        more: what is to be known before answering; clean.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", show=False),
        Binding("escape,n,enter,q", "dismiss(False)", show=False),
    ]

    DEFAULT_CSS: ClassVar[str] = """
    ConfirmDialog {
        align: center middle;
        & > Vertical {
            width: 64; max-width: 95%; height: auto;
            background: $surface; border: round $warning; padding: 0 1;
        }
        & #more { color: $text-muted; margin: 1 0; height: auto; }
    }
    """

    def __init__(self, question: str, more: str) -> None:
        super().__init__()
        self._question = question
        self._more = more

    def compose(self) -> ComposeResult:
        """The question, and the keys that answer it."""
        with Vertical() as box:
            box.border_title = Content(self._question)
            yield Static(self._more, id="more", markup=False)
            yield ActionHints(
                [
                    Hint("y", text("dialog.confirm-yes"), "screen.dismiss(True)"),
                    Hint("Esc", text("dialog.confirm-no"), "screen.dismiss(False)"),
                ]
            )
