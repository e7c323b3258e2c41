"""Small screens over the others: a title, the keys after the leader, help."""

from textwrap import wrap
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import Action, Scope, after_leader, in_scope, show_key

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A small screen that is dismissed once, however many keys were typed at once."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close it; where it is closed already, Textual would pop the screen below it."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


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
            yield Input(clean_line(self._title), max_length=200, compact=True)
            yield Static(text("dialog.rename-hint"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the title, unless it is empty."""
        event.stop()
        self.dismiss(clean_line(event.value) or None)


class LeaderScreen(Dialog[Action | None]):
    """Shows the keys that may follow the leader key and waits for one."""

    DEFAULT_CSS: ClassVar[str] = """
    LeaderScreen {
        align: right bottom;
        background: transparent;
        & > Static {
            width: auto; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $accent; padding: 0 1;
        }
    }
    """

    def compose(self) -> ComposeResult:
        """One row an action."""
        rows: list[Content] = []
        for key, action in sorted(after_leader().items()):
            if rows:
                rows.append(Content("\n"))
            rows.append(Content.assemble((key, "bold $accent"), f"  {action.label}"))
        box = Static(Content("").join(rows), markup=False)
        box.border_title = Content(text("dialog.leader"))
        yield box

    def on_key(self, event: events.Key) -> None:
        """Take the key, whichever it is."""
        event.stop()
        event.prevent_default()
        self.dismiss(after_leader().get(event.character or "") or after_leader().get(event.key))


_HELP_WIDTH = 84
_KEYS_WIDTH = 16
"""Columns of the help screen, and of the keys in it."""


class HelpScreen(Dialog[None]):
    """All keys, by where they work."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "dismiss", show=False)
    ]

    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen {
        align: center middle;
        & > VerticalScroll {
            width: 84; max-width: 100%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """

    _ORDER: ClassVar[tuple[Scope, ...]] = ("prompt", "conversation", "transcript", "list", "app")

    def compose(self) -> ComposeResult:
        """A table a scope."""
        with VerticalScroll() as box:
            box.border_title = Content(text("dialog.help"))
            box.border_subtitle = Content(text("dialog.help-hint"))
            for scope in self._ORDER:
                yield Static(self._table(scope), markup=False)

    def _table(self, scope: Scope) -> Content:
        title = Content.styled(text(f"scope.{scope}"), "bold $accent")
        room = max(min(_HELP_WIDTH, self.app.size.width) - _KEYS_WIDTH - 6, 12)
        rows = [
            Content.assemble(
                (f"\n{self._keys(action):<{_KEYS_WIDTH}}", "bold"),
                f"\n{'':{_KEYS_WIDTH}}".join(wrap(action.help, room)),
            )
            for action in in_scope(scope)
        ]
        return Content("").join([title, *rows, Content("\n")])

    def _keys(self, action: Action) -> str:
        active = self.app.active_bindings
        keys = [key for key, entry in active.items() if entry.binding.id == action.id]
        keys = keys or [key for key in action.keys.split(",") if key]
        shown = [show_key(key) for key in keys if "\r" not in key][:2]
        if action.leader:
            shown.append(f"{show_key('ctrl+g')} {action.leader}")
        return ", ".join(shown)
