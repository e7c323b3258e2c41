"""The prompt: where messages are written."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for
from chat_tui.ui.widgets.paste_guard import PasteGuard


class PromptInput(TextArea):
    """A text area that grows with its text and sends on Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("prompt")]

    DEFAULT_CSS: ClassVar[str] = """
    PromptInput {
        height: auto;
        min-height: 3;
        max-height: 40vh;
        padding: 0 1;
        border: round $border-blurred;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: round $primary; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The user sends what is written."""

        prompt: "PromptInput"
        text: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder=text("prompt.placeholder"),
        )
        self.cursor_blink = False
        self._guard = PasteGuard()

    def submit(self) -> None:
        """Send what is written, unless it was only just pasted."""
        # Priority keys overtake letters that are still in the queue: this waits behind them.
        self.call_later(self._submit)

    def new_line(self) -> None:
        """Start a new line at the cursor."""
        self.call_later(self.insert, "\n")

    def _submit(self) -> None:
        if not self._guard.holds:
            words = self.text
            # Taken at once: what is typed from now on belongs to the next message.
            self.put("")
            self.post_message(self.Submitted(self, words))

    def render_line(self, y: int) -> Strip:
        """Draw a line; nothing where a tiny terminal leaves no room, which Textual cannot wrap."""
        if self.content_size.width < 1:
            return Strip.blank(self.size.width)
        return super().render_line(y)

    def give_back(self, words: str) -> None:
        """Put a text that could not be sent before what was typed meanwhile."""
        self.put("\n".join(filter(None, (words, self.text))))

    def put(self, words: str) -> None:
        """Write a text and set the cursor at its end."""
        self.text = words
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        # A paste comes from outside: it is cleaned before the text area sees it.
        event.prevent_default()
        self._guard.pasted()
        if not self.read_only:
            self.replace(clean(event.text), *self.selection)
