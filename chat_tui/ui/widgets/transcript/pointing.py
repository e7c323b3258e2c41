"""Selecting in a transcript: with the mouse, which Textual does, and with the keyboard."""

from typing import TYPE_CHECKING

from textual.geometry import Offset
from textual.selection import Selection

from chat_tui.ui.widgets.transcript.selection import place, position, selected_text

if TYPE_CHECKING:
    from chat_tui.ui.widgets.transcript.view import Transcript


class Selecting:
    """What is selected in a transcript.

    Args:
        transcript: whose messages are selected.
    """

    def __init__(self, transcript: "Transcript") -> None:
        self._transcript = transcript
        self._anchor = self._cursor = (0, 0)
        """The message, and the line in it, where the keyboard's selection began, and where it is
        now: the heights of messages become others as they come into view."""
        self._made: Selection | None = None

    def text(self, selection: Selection) -> str:
        """The selected text, clean."""
        column = self._transcript.column
        return selected_text(selection, len(column), column.render)

    def by(self, step: int) -> None:
        """Grow or shrink the selection by a line, or begin one at the mark."""
        transcript, column = self._transcript, self._transcript.column
        if not len(column):
            return
        selection = transcript.text_selection
        if selection is None or selection.start is None or selection.end is None:
            self._anchor = self._cursor = self._beginning()
        else:
            if selection != self._made:
                # With the mouse, or a whole message: it grows at its end.
                self._anchor, self._cursor = place(selection.start.y), place(selection.end.y)
            line = column.span(self._cursor[0])[0] + self._cursor[1] + step
            self._cursor = column.at(min(max(line, 0), column.total - 1))
        transcript.bring_into_view(*self._cursor)
        self._lines(self._anchor, self._cursor)

    def _beginning(self) -> tuple[int, int]:
        """The marked code block, else the beginning of the marked message, as far as it is seen."""
        transcript, column = self._transcript, self._transcript.column
        transcript.keep_mark()
        index, code = transcript.current or 0, transcript.code
        rendered = column.render(index)
        start = rendered.body_start if rendered else 0
        if rendered is not None and code is not None:
            first, last = rendered.span_of_code(code.number)
            # Its frame is none of it.
            start = next((n for n in range(first, last + 1) if rendered.line(n).text), first)
        return index, max(start, transcript.scroll_offset.y - column.span(index)[0])

    def message(self, index: int) -> None:
        """Select the text of a message."""
        rendered = self._transcript.column.render(index)
        if rendered is not None:
            last = max(rendered.height - 2, rendered.body_start)
            self._lines((index, rendered.body_start), (index, last))

    def _lines(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        first, last = sorted((start, end))
        rendered = self._transcript.column.render(last[0])
        length = len(rendered.strip(last[1]).text) if rendered else 0
        made = Selection(Offset(0, position(*first)), Offset(length, position(*last)))
        self._made = made
        self._transcript.screen.selections = {self._transcript: made}
