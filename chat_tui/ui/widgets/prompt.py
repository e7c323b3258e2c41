"""The prompt: where messages are written."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import events
from textual.binding import BindingType
from textual.document._document import Location
from textual.message import Message
from textual.strip import Strip

from chat_tui.core.drafts import Draft, draft_of
from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for
from chat_tui.ui.widgets.chip_area import ChipArea

if TYPE_CHECKING:  # 7 ms that the first frame need not pay
    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.messages import FilePart, ImagePart

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

    def holds(self) -> bool:
        """Whether nothing can be sent yet, since something is still being read; that is told."""
        ...

    def pasted(self, raw: str, words: str) -> None:
        """Something was pasted, perhaps the path of a file. See `ChipArea.pasted`."""
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

        source: "PromptInput"
        prompt: "Prompt"
        """All of it: the words with the pastes, and what is attached."""
        draft: Draft
        """As it stood there."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        self._sent: deque[tuple[Prompt, Draft]] = deque(maxlen=_REMEMBERED)
        self._spaced: tuple[str, Location] | None = None
        """Text and cursor behind a chip that was written with a blank after it."""
        super().__init__(id=id, placeholder=text("prompt.placeholder"))

    @property
    def written(self) -> "Prompt":
        """What would be sent now."""
        return self.chips.prompt(self.text)

    @property
    def attached(self) -> "tuple[ImagePart | FilePart, ...]":
        """What is attached now."""
        return self.chips.attached(self.text)

    def submit(self) -> None:
        """Send what is written, unless it was only just pasted, or is still being read."""
        if self.just_pasted or (self.helper is not None and self.helper.entered()):
            return
        if self.helper is not None and self.helper.holds():
            return
        prompt, draft = self.written, self.draft
        if draft.pastes or draft.attached:
            self._sent.append((prompt, draft))
        # Taken at once: what is typed from now on belongs to the next message.
        self.put("")
        self.post_message(self.Submitted(self, prompt, draft))

    def new_line(self) -> None:
        """Start a new line at the cursor."""
        if result := self._replace_via_keyboard("\n", *self.selection):
            self.move_cursor(result.end_location)

    def render_line(self, y: int) -> Strip:
        """Draw a line; nothing where a tiny terminal leaves no room, which Textual cannot wrap."""
        if self.content_size.width < 1:
            return Strip.blank(self.size.width)
        return super().render_line(y)

    def give_back(self, given: "Prompt | Draft | str") -> None:
        """Put what could not be sent before what was typed meanwhile; can be undone."""
        self.chips.settle(self.text)
        written = self._taken(given if isinstance(given, Draft) else self._as_it_stood(given))
        if not written:
            return
        if not self.text:
            self.insert(written)
            self.move_cursor(self.document.end)
        else:
            self.insert(written + "\n", (0, 0))
        self.not_typed()

    def _as_it_stood(self, given: "Prompt | str") -> Draft:
        from chat_tui.core.attachments.prompts import prompt_of

        sent = prompt_of(given)
        return next((draft for prompt, draft in self._sent if prompt == sent), draft_of(sent))

    def behind(self, given: "Prompt") -> Draft:
        """What stands behind a prompt that was given back; all of it where that does not stand."""
        lines = self.text.split("\n")
        for count in range(len(lines), 0, -1):
            if self.chips.prompt("\n".join(lines[:count])) == given:
                return self.chips.draft("\n".join(lines[count:]))
        return self.draft

    # What is attached

    def attach(self, *parts: "ImagePart | FilePart", instead_of: str = "") -> None:
        """Write the chips of pictures and documents; one step that can be undone.

        Args:
            parts: their bytes are stored already.
            instead_of: a text in whose place they come, if it still stands there; by default, and
                else, they come at the cursor.
        """
        self.chips.settle(self.text)
        labels = " ".join(self.chips.attach(part) for part in parts)
        if not labels:
            return
        start, end = self._place_of(instead_of) or (self.cursor_location, self.cursor_location)
        before = self.document.get_line(start[0])[: start[1]]
        after = self.document.get_line(end[0])[end[1] :]
        gap = " " if before and not before[-1].isspace() else ""
        space = "" if after and after[0].isspace() else " "
        self.history.checkpoint()
        at_end = self.selection.is_empty and self.cursor_location == end
        result = self.replace(f"{gap}{labels}{space}", start, end)
        self.history.checkpoint()
        if at_end:
            self.move_cursor(result.end_location)
            self._spaced = (self.text, self.cursor_location) if space else None
        self.not_typed()

    def _place_of(self, words: str) -> tuple[Location, Location] | None:
        """Where a text stands, the last time; None where it does not."""
        written = self.text
        at = written.rfind(words) if words else -1
        if at < 0:
            return None
        return _location(written, at), _location(written, at + len(words))

    def part_at_cursor(self) -> "ImagePart | FilePart | None":
        """What is attached by the chip at the cursor, else the only one that is attached."""
        part = self.chips.part(self.chip_at_cursor())
        attached = self.attached if part is None else ()
        return attached[0] if len(attached) == 1 else part

    def detach(self, *parts: "ImagePart | FilePart") -> None:
        """Take out the chips of some pictures and documents, or of all; can be undone."""
        for part in parts or self.attached:
            for label in self.chips.labels_of(part):
                while label in self.text:
                    self.replace_chip(label, "")

    def close_popup(self) -> bool:
        """Close what is offered above the prompt; tells whether something was."""
        return self.helper is not None and self.helper.close_popup()

    # Keys that mean something else at times

    async def _on_key(self, event: events.Key) -> None:
        # Textual calls the text area's own handler too, unless that is prevented.
        if event.key in ("up", "down", "tab") and self.helper and self.helper.takes(event.key):
            event.prevent_default()
            event.stop()
        elif event.key == "space" and self._spaced == (self.text, self.cursor_location):
            # Who types it has it already.
            event.prevent_default()
            event.stop()
            self._spaced = None

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

    def pasted(self, raw: str, words: str) -> None:
        """Tell the helper that something was pasted."""
        if self.helper is not None:
            self.helper.pasted(raw, words)

    def watch_selection(self) -> None:
        """Tell the helper that the cursor moved."""
        if self.helper is not None:
            self.helper.changed()


def _location(words: str, at: int) -> Location:
    """A place in a text as its row and column."""
    row = words.count("\n", 0, at)
    return row, at - (words.rfind("\n", 0, at) + 1)
