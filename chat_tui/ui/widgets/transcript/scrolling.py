"""Scrolling: what of a column of messages is brought into view, and what stays there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from textual.message import Message

from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.transcript.drawing import DrawnColumn
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.reading_place import ReadingPlace, line_of, place_of

if TYPE_CHECKING:
    from chat_tui.ui.widgets.transcript.view import Transcript


class ColumnView(DrawnColumn):
    """The part of `Transcript` that scrolls; its arguments are those of `DrawnColumn`."""

    @dataclass
    class Scrolled(Message, namespace="transcript"):
        """The reader scrolled; told only where `tells_scrolling` is set."""

        transcript: "Transcript"

        def can_replace(self, message: Message) -> bool:
            """Only the latest counts."""
            return isinstance(message, ColumnView.Scrolled) and (
                message.transcript is self.transcript
            )

    def __init__(
        self,
        look: TranscriptLook,
        pacer: FramePacer,
        keys: ActiveKeys,
        options: TranscriptOptions,
        today: Callable[[], date],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(look, pacer, keys, options, today, id=id)
        self._keeps_still = False
        """Whether a scroll is no wish of the reader: lines came and went, or another column led."""
        self.tells_scrolling = False
        """Whether others want to follow where the reader scrolls."""
        self._read_at: tuple[ReadingPlace, int, int] | None = None
        """What was at the top before the lines were laid out anew, with where the view was then,
        and all lines: whoever has not scrolled since comes back to it, however often that is."""

    # Scrolling

    @property
    def seen(self) -> int:
        """The furthest message that was on the screen, in part at least; -1 while none was."""
        return self._furthest[0]

    @property
    def has_unseen(self) -> bool:
        """Whether there is something below all that was on the screen."""
        index, line = self._furthest
        return 0 <= index < len(self.column) and self.column.total > self._line_of(index, line) + 1

    def jump_to_unseen(self) -> None:
        """Show what follows the furthest line that was on the screen."""
        self._scroll(self._line_of(*self._furthest))

    def _line_of(self, index: int, line: int) -> int:
        start, height = self.column.span(index)
        return start + min(line, height - 1)

    def jump_to_end(self) -> None:
        """Show the end, and stay there as text comes."""
        self._read_at = None
        self._follow(True)
        self._settle()
        self.refresh()

    def scroll_lines(self, lines: int) -> None:
        """Scroll down by lines; up by negative ones."""
        self._scroll(self.scroll_offset.y + lines)

    def scroll_pages(self, pages: int) -> None:
        """Scroll by pages, a line less than a screen each."""
        self.scroll_lines(pages * max(self.size.height - 1, 1))

    def scroll_wide(self, cells: int) -> None:
        """Move wide tables sideways."""
        self._painter.scroll_wide(cells)
        self.refresh()

    def _show_lines(self, top: int, height: int) -> None:
        view, first = self.size.height, self.scroll_offset.y
        if top < first or (height >= view and top != first):
            self._scroll(top)
        elif top + height > first + view:
            self._scroll(top + height - view)

    def _approach(self, scroll: Callable[[], None]) -> None:
        """Scroll, and once more: what came into view may be higher or lower than estimated."""
        scroll()
        scroll()

    def _scroll(self, top: int) -> None:
        """Scroll to a line, at once."""
        self._read_at = None
        self._tell_size()
        end = max(self.column.total - self.size.height, 0)
        top = min(max(top, 0), end)
        self._follow(top >= end)
        self.scroll_target_y = top
        self.scroll_y = top
        self._settle()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Make what came into view exact; let go of the end where the reader moved up."""
        super().watch_scroll_y(old_value, new_value)
        if not self._settling and round(old_value) != round(new_value):
            self._follow(round(new_value) >= self.column.total - self.size.height)
            self._settle()
            if not self._keeps_still:
                self.tell_scrolled()

    def tell_scrolled(self) -> None:
        """Tell those who want to follow that the reader went elsewhere."""
        if self.tells_scrolling:
            self.post_message(self.Scrolled(self._transcript))

    def scroll_still(self, top: int) -> None:
        """Scroll to a line, at once, without telling it: it is no wish of the reader."""
        before, self._keeps_still = self._keeps_still, True
        try:
            self._scroll(top)
        finally:
            self._keeps_still = before

    # Layout

    def wake(self) -> None:
        """Draw again what somebody sees again, with all that came meanwhile."""
        if self.asleep:
            self.asleep = False
            self._settle()
            self._pacer.request(self._draw_frame)
            self.refresh()

    def restyle(self, look: TranscriptLook) -> None:
        """Draw everything in other colours."""
        self._look = look
        self._lay_out_anew()

    def on_resize(self) -> None:
        """Lay out for the new size: what is seen at once, the rest when it is."""
        if self.size.width != self._width:
            self._width = self.size.width
            self._lay_out_anew()
        else:
            self._settle()

    def _lay_out_anew(self) -> None:
        """Drop all lines, with the words at the top of the view staying there."""
        if self._width <= 0:
            return
        place = self._place_read()
        self._painter.forget(self._look)
        self.column.relayout(self._width, self._look)
        if place is not None:
            self.scroll_still(line_of(self.column, place, self.size.height))
        self._settle()
        if place is not None:
            self._read_at = place, self.scroll_offset.y, self.column.total
        self.refresh()

    def _place_read(self) -> ReadingPlace | None:
        """What is at the top of the view; None where that follows the end."""
        if not len(self.column):
            return None
        top, kept = self.scroll_offset.y, self._read_at
        if kept is not None and self.column.index_of(kept[0].message) is not None:
            # Where all had room the end was in view as well, and nothing has come since.
            still = self.column.total == kept[2] if self.following else True
            if still and top == kept[1]:
                return kept[0]
        return None if self.following else place_of(self.column, top)

    def _change_heights(
        self, index: int, change: Callable[[], None], *, following: bool | None = None
    ) -> None:
        """Let lines come and go, while a message stays where it is in the view.

        Args:
            index: the message; where it is another then and began elsewhere, it is gone to.
            change: makes the lines come and go.
            following: stay at the end rather; by default as before.
        """
        if not len(self.column) or self._width <= 0:
            change()
            return
        start, height = self.column.span(index)
        line = start - self.scroll_offset.y
        change()
        self.column.refresh()
        if self.column.span(index)[1] != height and not 0 <= line < self.size.height:
            line = 0
        if not (self.following if following is None else following):
            self._approach(lambda: self.scroll_still(self.column.span(index)[0] - line))
        self._settle()
        self.refresh()
