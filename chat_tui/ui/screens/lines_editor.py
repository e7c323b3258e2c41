"""Asks for a text of several lines."""

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static, TextArea

from chat_tui.core.safety import clean
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.dialogs import leave_question
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanTextArea


class LinesEditor(ActionDialog[str | None]):
    """A field of lines; gives what is written in it, None where it is to stay.

    Args:
        title: what it is.
        value: as it is now.
        about: what goes into it.
        problem: tells what is wrong with a text while it is written; empty where nothing is. It
            can be kept all the same: who asked for it says what is wrong.
    """

    SCOPE = "value"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("value")]
    DEFAULT_CSS: ClassVar[str] = """
    LinesEditor {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 100%; height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & TextArea { height: 1fr; background: $panel; scrollbar-size-vertical: 1; }
        & #details { height: 2; color: $text-muted; }
    }
    """

    area = query_one(TextArea)

    def __init__(
        self,
        title: str,
        value: str,
        about: str,
        problem: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self._title = title
        self._value = clean(value)
        self._about = about
        self._problem = problem

    def compose(self) -> ComposeResult:
        """The field, what goes into it, and the keys."""
        with Vertical() as box:
            box.border_title = Content(self._title)
            yield CleanTextArea(self._value)
            yield Static(self._about, id="details", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Write on at the end."""
        self.area.move_cursor(self.area.document.end)

    def on_text_area_changed(self) -> None:
        """Check what is written while it is written."""
        problem = self._problem(self.area.text)
        told = Content.styled(problem, "$error") if problem else Content(self._about)
        self.query_one("#details", Static).update(told, layout=False)

    def action_keep(self) -> None:
        """Give what is written."""
        self.dismiss(self.area.text)

    @work(name="leave", exclusive=True, exit_on_error=False)
    async def action_leave(self) -> None:
        """Leave the value as it was, after a question where something was written."""
        changed = self.area.text != self._value
        if changed and not await self.app.push_screen_wait(leave_question()):
            return
        self.dismiss(None)
