"""Small screens over the others: a title, a question."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.screens.modal import Dialog
from chat_tui.ui.screens.question import Answer, QuestionDialog
from chat_tui.ui.widgets.clean_input import CleanInput


class LineDialog(Dialog[str | None]):
    """Asks for a line of text; gives None where it was left, or is empty.

    Args:
        title: what is asked for.
        words: what stands in the line at first; clean.
        hint: the keys.
        longest: characters at most.
        trouble: why what was given before did not do; clean.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    DEFAULT_CSS: ClassVar[str] = """
    LineDialog {
        align: center middle;
        & > Vertical {
            width: 70; max-width: 95%; height: auto;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; margin: 1 0; }
        & Static { color: $text-muted; height: auto; }
        & #trouble { color: $error; }
    }
    """

    def __init__(
        self, title: str, words: str, hint: str, *, longest: int, trouble: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._words = words
        self._hint = hint
        self._longest = longest
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        """One line to write in."""
        with Vertical() as box:
            box.border_title = Content(self._title)
            yield CleanInput(self._words, max_length=self._longest)
            if self._trouble:
                yield Static(self._trouble, id="trouble", markup=False)
            yield Static(self._hint, markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line."""
        event.stop()
        self.dismiss(self.read(event.value) or None)

    def read(self, written: str) -> str:
        """What is given for what was written."""
        return written.strip()


class RenameDialog(LineDialog):
    """Asks for a title.

    Args:
        title: as it is.
    """

    def __init__(self, title: str) -> None:
        hint = text("dialog.rename-hint")
        super().__init__(text("dialog.rename"), clean_line(title), hint, longest=200)

    def read(self, written: str) -> str:
        """A title has single blanks."""
        return clean_line(written)


class ConfirmDialog(QuestionDialog[bool]):
    """Asks whether to go on with what cannot be undone; Enter does not.

    Args:
        question: clean.
        more: what is to be known before answering; clean.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,q", "leave", show=False)]

    def __init__(self, question: str, more: str) -> None:
        yes = Answer("y", text("dialog.confirm-yes"), True)
        super().__init__(question, more, [yes, Answer("n", text("dialog.confirm-no"), False)])


def leave_question() -> ConfirmDialog:
    """Asks whether what was written and not saved may be lost."""
    return ConfirmDialog(text("leaving.question"), text("leaving.more"))
