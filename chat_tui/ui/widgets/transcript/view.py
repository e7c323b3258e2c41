"""The transcript widget: a conversation of any length as one virtual view.

Messages are plain data. Of those near the screen the lines are made and kept; the heights of the
others are estimated from their stored size and made exact when they come near, with what is on
the screen staying where it is. While text streams in, only the open block of its message is
rendered again, and only the lines that changed are drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.selection import Selection

from chat_tui.core.finding import Hit
from chat_tui.ui.actions import ActiveKeys, bindings_for
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.transcript.feed import CodePlace
from chat_tui.ui.widgets.transcript.folding import FoldingFeed
from chat_tui.ui.widgets.transcript.hits import HitMarks
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.painter import KeyboardMark
from chat_tui.ui.widgets.transcript.pointing import Selecting

_DEFAULT_KEYS = ActiveKeys({})

_CONTEXT = 3
"""Lines above and below a place that was found that are seen with it, where there is room."""

_ROUNDS = 3


class Transcript(FoldingFeed):
    """A conversation's active path, drawn from data that is handed in.

    Args:
        look: the styles.
        pacer: draws streaming text, together with all other panes.
        keys: those in force, for the actions that a message offers.
        options: as the user set them.
        today: tells the day, for times.
    """

    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("transcript")]

    @dataclass
    class LinkActivated(Message):
        """A link was clicked."""

        transcript: "Transcript"
        url: str
        message: int
        """The index of the message that it stands in."""

    @dataclass
    class OfferTaken(Message):
        """An action was clicked that a message offers; the mark is on that message now."""

        transcript: "Transcript"
        action: str
        """Its id in the registry."""

    @dataclass
    class AttachmentChosen(Message):
        """A picture was clicked."""

        transcript: "Transcript"
        message: int
        """The index of the message that it belongs to."""
        number: int
        """Among what is attached to that, counted from 0."""

    @dataclass
    class LetterTyped(Message):
        """A letter was typed that is no command: somebody may think that this is the prompt."""

        transcript: "Transcript"

    def __init__(
        self,
        look: TranscriptLook,
        pacer: FramePacer,
        keys: ActiveKeys = _DEFAULT_KEYS,
        options: TranscriptOptions = TranscriptOptions(),  # noqa: B008 - a frozen value
        today: Callable[[], date] = date.today,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(look, pacer, keys, options, today, id=id)
        self.selecting = Selecting(self)
        """Selects with the keyboard."""

    # Moving

    def move_to(self, index: int, *, top: bool = False) -> None:
        """Put the keyboard's mark on a message and bring it into view; or to its top."""
        if not len(self.column):
            return
        index = min(max(index, 0), len(self.column) - 1)

        def show() -> None:
            start, height = self.column.span(index)
            self._show_lines(start, self.size.height if top else height)

        self._approach(show)
        self._mark_on(index)

    def move_to_end(self) -> None:
        """Put the mark on the last message, and follow what comes."""
        self.jump_to_end()
        self.tell_scrolled()
        if len(self.column):
            self._mark_on(len(self.column) - 1)

    def place(self, index: int, line: int) -> None:
        """Mark a message that begins on a line of the view, as far as there is enough below it."""
        self._approach(lambda: self._scroll(self.column.span(index)[0] - line))
        self._mark_on(index)

    def move_by(self, steps: int) -> None:
        """Put the mark some messages on; where none is marked, on the lowest one on the screen."""
        if self.current is not None:
            self.move_to(self.current + steps)
        elif len(self.column):
            self.move_to(self.line_at(self.size.height - 1)[0])

    def move_to_code(self, place: CodePlace) -> None:
        """Put the mark on a code block and bring it into view; its message must be loaded."""
        self.reveal(place.message)
        rendered = self.column.render(place.message)
        if rendered is None or not 0 <= place.number < len(rendered.code_blocks):
            return
        first, last = rendered.span_of_code(place.number)

        def show() -> None:
            start = self.column.span(place.message)[0]
            self._show_lines(start + first, last - first + 1)

        self._approach(show)
        self._mark_on(place.message, place)

    def move_to_attached(self, index: int) -> None:
        """Put the mark on a message and bring what is attached to it into view, if loaded."""

        def show() -> None:
            start, height = self.column.span(index)
            rendered = self.column.render(index)
            first = 0 if rendered is None else rendered.attached_start
            self._show_lines(start + first, max(height - first, 1))

        self._approach(show)
        self._mark_on(index)

    def _mark_on(self, index: int, code: CodePlace | None = None) -> None:
        """Put the mark on what was brought into view; before that, it would not stay there."""
        self.current, self.code = index, code
        self.refresh()

    def show_hits(self, marks: HitMarks | None, hit: Hit | None = None) -> int:
        """Mark words that were found, and bring a place into view, with its part unfolded.

        Args:
            marks: what is marked; None for nothing.
            hit: the place; its message must be loaded.

        Returns:
            The line of its message on which the place is.
        """
        self._painter.hits = marks
        line = 0
        if marks is not None and hit is not None:
            self._unfold_for(hit)
            line = self._show_hit(marks, hit)
            self.current, self.code = hit.message, None
        self.refresh()
        return line

    def _unfold_for(self, hit: Hit) -> None:
        rendered, node = self.column.render(hit.message), self.column.node(hit.message)
        details = hit.section != "text"
        folding = self.column.folds.of(node.id, node.role)
        if (rendered is not None and rendered.folded) or (details and not folding.details):
            self.reveal(hit.message, details=details)

    def _show_hit(self, marks: HitMarks, hit: Hit) -> int:
        """Scroll until a place stands in the view with some lines around it."""
        line = 0
        for _ in range(_ROUNDS):
            rendered = self.column.render(hit.message)
            if rendered is None:
                break
            spans = marks.place(rendered, hit)
            line = spans[0].line if spans else marks.line_about(rendered, hit)
            view, first = self.size.height, self.scroll_offset.y
            at, context = self.column.span(hit.message)[0] + line, min(_CONTEXT, view // 4)
            if spans and rendered.strip(line).cell_length > self.size.width:
                self._painter.show_cells(spans[0].start, spans[0].end, self.size.width)
            if first + context <= at < first + view - context:
                break
            # What comes into view may have another height than was estimated: look once more.
            self._scroll(at - view // 3)
        if self.column.unfinished():
            self._follow(False)
        return line

    def bring_into_view(self, index: int, line: int) -> None:
        """Scroll as far as needed to see a line of a message."""
        self._approach(lambda: self._show_lines(self.column.span(index)[0] + line, 1))

    # Drawing

    def _mark(self) -> KeyboardMark | None:
        if self.current is None or not self.has_focus:
            return None
        if self.code is None or (rendered := self.column.rendered(self.current)) is None:
            return KeyboardMark(self.current)
        if (
            rendered.folded
            or self.code.message != self.current
            or self.code.number >= len(rendered.code_blocks)
        ):
            return KeyboardMark(self.current)
        return KeyboardMark(self.current, rendered.span_of_code(self.code.number))

    # Selection, mouse, keys

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, clean."""
        return self.selecting.text(selection), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Open a link, picture or fold; mark a message, and select it with a second click."""
        if not len(self.column):
            return
        meta = event.style.meta
        index, within = self.line_at(event.y)
        if event.chain > 1:
            # Textual would select all that there is, most of which is not loaded.
            event.prevent_default()
            event.stop()
            self.selecting.message(index)
        elif "link" in meta:
            self.post_message(self.LinkActivated(self, str(meta["link"]), index))
        elif meta.get("fold"):
            self.toggle_fold(index)
        elif "run" in meta:
            self._mark_on(index)
            self.post_message(self.OfferTaken(self, str(meta["run"])))
        elif not self.screen.selections:
            self._mark_on(index)
            rendered = self.column.rendered(index)
            number = None if rendered is None else rendered.attached_at(within, event.x)
            if number is not None:
                self.post_message(self.AttachmentChosen(self, index, number))

    def on_key(self, event: events.Key) -> None:
        """Notice letters that are no commands."""
        if event.is_printable and event.key not in self.screen.active_bindings:
            self.post_message(self.LetterTyped(self))

    def on_focus(self) -> None:
        """Show the mark: where it was, if that is seen, else on the lowest message."""
        marked = self.current
        self.keep_mark()
        if self.current != marked:
            self._mark_on(self.line_at(self.size.height - 1)[0])
        self.refresh()

    def on_blur(self) -> None:
        """Hide the mark."""
        self.refresh()
