"""One of the user's prompts, as it is written."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Static, TextArea

from chat_tui.core.errors import UsageError
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.dialogs import leave_question
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput, CleanTextArea


class SavedPromptScreen(ActionDialog[SavedPrompt | None]):
    """Asks for name and text; gives what was saved.

    Args:
        prompt: what stands there at first; without a name it is a new one.
        save: keeps it; raises a `UsageError` where the name cannot be one.
    """

    SCOPE = "saved-prompt"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("saved-prompt")]
    DEFAULT_CSS: ClassVar[str] = """
    SavedPromptScreen {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 100%; height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; margin: 0 0 1 0; }
        & TextArea { height: 1fr; background: $panel; scrollbar-size-vertical: 1; }
        & #details { height: 2; color: $text-muted; }
    }
    """

    field = query_one(CleanInput)
    area = query_one(CleanTextArea)

    def __init__(self, prompt: SavedPrompt, save: Callable[[SavedPrompt], Awaitable[None]]) -> None:
        super().__init__()
        self._prompt = SavedPrompt(clean_line(prompt.name, code=True), clean(prompt.text))
        self._save = save

    def compose(self) -> ComposeResult:
        """The name, the text, what can stand in it, and the keys."""
        with Vertical() as box:
            new = "library.edit" if self._prompt.name else "library.new"
            box.border_title = Content(text(new))
            placeholder = text("library.name")
            yield CleanInput(self._prompt.name, placeholder=placeholder, max_length=80)
            yield CleanTextArea(self._prompt.text, placeholder=text("library.text"))
            yield Static("", id="details", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Begin with what is missing."""
        (self.area if self._prompt.name else self.field).focus()
        self.tell_places()

    @property
    def _now(self) -> SavedPrompt:
        return SavedPrompt(self.field.value.strip(), self.area.text)

    @on(TextArea.Changed)
    def tell_places(self) -> None:
        """Tell which places are asked for when it is taken."""
        names = clean_line(", ".join(self._now.variables), code=True)
        key = "library.places" if names else "library.how-to-places"
        self._tell(text(key, names=names) if names else text(key))

    def _tell(self, words: str, style: str = "") -> None:
        self.query_one("#details", Static).update(Content.styled(words, style), layout=False)

    @on(Input.Submitted)
    def go_on(self) -> None:
        """From the name to the text."""
        self.area.focus()

    @work(name="save", exclusive=True, exit_on_error=False)
    async def action_keep(self) -> None:
        """Save it."""
        now = self._now
        if not now.text.strip():
            self._tell(text("library.no-text"), "$error")
            return
        try:
            await self._save(now)
        except UsageError as error:
            self._tell(clean(error.told, code=True), "$error")
            self.field.focus()
            return
        self.dismiss(now)

    @work(name="leave", exclusive=True, exit_on_error=False)
    async def action_leave(self) -> None:
        """Leave it as it was, after a question where something was written."""
        changed = self._now != self._prompt
        if changed and not await self.app.push_screen_wait(leave_question()):
            return
        self.dismiss(None)
