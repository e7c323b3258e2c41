"""What the model is told before everything else, as it is written."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static, TextArea

from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.dialogs import leave_question
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanTextArea


class SystemPromptScreen(ActionDialog[str | None]):
    """Asks for the system prompt of a conversation; gives None where it is to stay.

    Args:
        words: what it is so far, raw.
        usual: that of new conversations, raw; it can be brought in.
    """

    SCOPE = "system-prompt"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("system-prompt")]
    DEFAULT_CSS: ClassVar[str] = """
    SystemPromptScreen {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 100%; height: 70%; min-height: 10; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & TextArea { height: 1fr; background: $panel; scrollbar-size-vertical: 1; }
        & #details { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    area = query_one(CleanTextArea)

    def __init__(self, words: str, usual: str) -> None:
        super().__init__()
        self._words = clean(words)
        self._usual = clean(usual)

    @property
    def has_usual(self) -> bool:
        """Whether new conversations begin with one."""
        return bool(self._usual)

    def compose(self) -> ComposeResult:
        """The text, what it costs, and the keys."""
        with Vertical() as box:
            box.border_title = Content(text("system-prompt.title"))
            yield CleanTextArea(self._words, placeholder=text("system-prompt.placeholder"))
            yield Static("", id="details", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Write at its end."""
        self.area.move_cursor(self.area.document.end)
        self.area.focus()
        self.tell_length()

    @on(TextArea.Changed)
    def tell_length(self) -> None:
        """Tell how much of each request it is."""
        tokens = estimate_tokens(self.area.text)
        key = "system-prompt.length" if tokens else "system-prompt.empty"
        words = text(key, tokens=f"{tokens:,}") if tokens else text(key)
        self.query_one("#details", Static).update(words, layout=False)

    def action_keep(self) -> None:
        """Send it with the next prompts."""
        self.dismiss(self.area.text.strip())

    def action_take_usual(self) -> None:
        """Bring in that of new conversations; can be undone."""
        self._write(self._usual)

    def action_clear(self) -> None:
        """Write from scratch; can be undone."""
        self._write("")

    def _write(self, words: str) -> None:
        area = self.area
        area.replace(words, area.document.start, area.document.end)
        area.move_cursor(area.document.end)

    @work(name="leave", exclusive=True, exit_on_error=False)
    async def action_leave(self) -> None:
        """Leave it as it was, after a question where something was written."""
        changed = self.area.text != self._words
        if changed and not await self.app.push_screen_wait(leave_question()):
            return
        self.dismiss(None)
