"""A question with a few answers, each on a key of its own."""

from collections.abc import Sequence
from typing import ClassVar, Generic, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from chat_tui.ui.screens.modal import Dialog, T
from chat_tui.ui.widgets.action_hints import ActionHints, Hint


class Answer(NamedTuple, Generic[T]):
    """One way to answer."""

    key: str
    """A letter."""
    label: str
    """Clean."""
    result: T
    """What the dialog gives for it."""


class QuestionDialog(Dialog[T]):
    """Asks; gives the result of the answer. Enter answers nothing, Esc is the last answer.

    Args:
        question: clean.
        more: what is to be known before answering; clean.
        answers: the last one is the way out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    DEFAULT_CSS: ClassVar[str] = """
    QuestionDialog {
        align: center middle;
        & > Vertical {
            width: 64; max-width: 95%; height: auto;
            background: $surface; border: round $warning; padding: 0 1;
        }
        & #more { color: $text-muted; margin: 1 0; height: auto; }
    }
    """

    def __init__(self, question: str, more: str, answers: Sequence[Answer[T]]) -> None:
        super().__init__()
        self._question = question
        self._more = more
        self._answers = answers

    def compose(self) -> ComposeResult:
        """The question, and the keys that answer it."""
        with Vertical() as box:
            box.border_title = Content(self._question)
            yield Static(self._more, id="more", markup=False)
            yield ActionHints(
                [
                    Hint(each.key, each.label, f"screen.dismiss({each.result!r})")
                    for each in self._answers
                ]
            )

    def action_leave(self) -> None:
        """Take the way out."""
        self.dismiss(self._answers[-1].result)

    def on_key(self, event: events.Key) -> None:
        """Answer."""
        for each in self._answers:
            if event.key == each.key:
                event.stop()
                self.dismiss(each.result)
