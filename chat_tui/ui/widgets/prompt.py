"""The prompt: where messages are written."""

from collections import deque
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from chat_tui.core.drafts import Draft
from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for
from chat_tui.ui.widgets.chip_area import ChipArea

_REMEMBERED = 8
"""Prompts with chips whose chips come back when they are given back."""


class PromptHelper(Protocol):
    """What helps with writing, once there is something to help with. No call takes long."""

    def changed(self) -> None:
        """Text or cursor changed."""
        ...

    def not_typed(self) -> None:
        """What is written now was put there: nothing is to be offered for it."""
        ...

    def takes(self, key: str) -> bool:
        """Whether a key (up, down, tab) was meant for what is offered; then it is done."""
        ...

    def entered(self) -> bool:
        """Whether Enter was meant for what is offered and sends nothing; then it is done."""
        ...

    def recall_at_edge(self, step: int, *, at_edge: bool) -> bool:
        """Bring back an earlier (-1) or later (1) prompt; tells whether it was done.

        Args:
            step: up or down.
            at_edge: whether the cursor is on the first or last line, and can go no further.
        """
        ...

    def close_popup(self) -> bool:
        """Close what is offered; tells whether something was."""
        ...


class PromptInput(ChipArea):
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

    helper: PromptHelper | None = None
    """Set once the backend is open."""

    @dataclass
    class Submitted(Message):
        """The user sends what is written."""

        prompt: "PromptInput"
        text: str
        """All of it, with the pastes in place of their chips."""
        draft: Draft
        """As it stood there."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        self._sent: deque[tuple[str, Draft]] = deque(maxlen=_REMEMBERED)
        super().__init__(id=id, placeholder=text("prompt.placeholder"))

    def submit(self) -> None:
        """Send what is written, unless it was only just pasted."""
        if self.just_pasted or (self.helper is not None and self.helper.entered()):
            return
        words, draft = self.content, self.draft
        if draft.pastes:
            self._sent.append((words, draft))
        # Taken at once: what is typed from now on belongs to the next message.
        self.put("")
        self.post_message(self.Submitted(self, words, draft))

    def new_line(self) -> None:
        """Start a new line at the cursor."""
        if result := self._replace_via_keyboard("\n", *self.selection):
            self.move_cursor(result.end_location)

    def render_line(self, y: int) -> Strip:
        """Draw a line; nothing where a tiny terminal leaves no room, which Textual cannot wrap."""
        if self.content_size.width < 1:
            return Strip.blank(self.size.width)
        return super().render_line(y)

    def give_back(self, words: str | Draft) -> None:
        """Put a text that could not be sent before what was typed meanwhile; can be undone."""
        if isinstance(words, str):
            words = next((draft for sent, draft in self._sent if sent == words), Draft(words))
        written = self.chips.take(words) if words.pastes else self._folded(words.text)
        if not written:
            return
        if not self.text:
            self.insert(written)
            self.move_cursor(self.document.end)
        else:
            self.insert(written + "\n", (0, 0))
        self.not_typed()

    def close_popup(self) -> bool:
        """Close what is offered above the prompt; tells whether something was."""
        return self.helper is not None and self.helper.close_popup()

    # Keys that mean something else at times

    async def _on_key(self, event: events.Key) -> None:
        # Textual calls the text area's own handler too, unless that is prevented.
        if event.key in ("up", "down", "tab") and self.helper and self.helper.takes(event.key):
            event.prevent_default()
            event.stop()

    def action_cursor_up(self, select: bool = False) -> None:
        """Go a line up; on the first one, to an earlier prompt."""
        if select or not self._recall(-1):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go a line down; on the last one, to a later prompt."""
        if select or not self._recall(1):
            super().action_cursor_down(select)

    def _recall(self, step: int) -> bool:
        if self.helper is None or not self.selection.is_empty:
            return False
        place, navigator = self.cursor_location, self.navigator
        is_edge = navigator.is_first_wrapped_line if step < 0 else navigator.is_last_wrapped_line
        return self.helper.recall_at_edge(step, at_edge=is_edge(place))

    # What it tells

    def update_suggestion(self) -> None:
        """Tell the helper that the text changed: Textual calls this after each change."""
        if self.helper is not None:
            self.helper.changed()

    def not_typed(self) -> None:
        """Tell the helper that nobody typed what stands here now."""
        if self.helper is not None:
            self.helper.not_typed()

    def watch_selection(self) -> None:
        """Tell the helper that the cursor moved."""
        if self.helper is not None:
            self.helper.changed()
