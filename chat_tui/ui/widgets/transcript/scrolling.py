"""Scrolling and frames: what is seen of a column of messages, and when it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, cast

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView

from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.painter import LinePainter

if TYPE_CHECKING:
    from chat_tui.ui.widgets.transcript.view import Transcript

_FRAME_WORK = 0.02
"""Seconds of a frame in which streamed text is laid out; keys wait no longer than for that."""


class ColumnView(ScrollView, can_focus=True):
    """The part of `Transcript` that scrolls and draws frames.

    Args:
        look: the styles.
        pacer: draws streaming text, together with all other panes.
        keys: those in force, for the actions that a message offers.
        options: as the user set them.
        today: tells the day, for times.
    """

    DEFAULT_CSS: ClassVar[str] = """
    ColumnView {
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $panel;
    }
    """

    following: var[bool] = var(True)
    """Whether the view stays at the end as text comes."""
    unseen: var[bool] = var(False)
    """Whether text came below what is on the screen."""

    @dataclass
    class TextsWanted(Message, namespace="transcript"):
        """Messages came near the screen whose texts are not loaded; answer with `supply`."""

        transcript: "Transcript"
        ids: tuple[str, ...]

    @dataclass
    class Scrolled(Message, namespace="transcript"):
        """The reader scrolled; told only where `tells_scrolling` is set."""

        transcript: "Transcript"

        def can_replace(self, message: Message) -> bool:
            """Only the latest counts."""
            return isinstance(message, ColumnView.Scrolled) and (
                message.transcript is self.transcript
            )

    @dataclass
    class FollowingChanged(Message, namespace="transcript"):
        """The view let go of the end, or took hold of it again, or new text came below."""

        transcript: "Transcript"

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
        super().__init__(id=id)
        self._look = look
        self._pacer = pacer
        self._width = 0
        self._settling = False
        self._keeps_still = False
        """Whether a scroll is no wish of the reader: lines came and went, or another column led."""
        self.tells_scrolling = False
        """Whether others want to follow where the reader scrolls."""
        self.asleep = False
        """Whether nobody sees it, so that nothing is drawn; `wake` ends that."""
        self._furthest = (-1, 0)
        self.column = MessageColumn(look, keys, options, today)
        """What is shown: to look at, not to change."""
        self._painter = LinePainter(self.column, look)

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

    def line_at(self, y: int) -> tuple[int, int]:
        """The message and the line within it at a line of the view."""
        return self.column.at(self.scroll_offset.y + y)

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
        end = max(self.column.total - self.size.height, 0)
        top = min(max(top, 0), end)
        self._follow(top >= end)
        self.scroll_target_y = top
        self.scroll_y = top
        self._settle()
        self.refresh()

    def _follow(self, following: bool) -> None:
        unseen = self.unseen and not following
        if self.following != following or self.unseen != unseen:
            self.following, self.unseen = following, unseen
            self.post_message(self.FollowingChanged(self._transcript))

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

    # Layout and frames

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

    def notify_style_update(self) -> None:
        """Drop what was drawn in other styles."""
        super().notify_style_update()
        self._painter.forget()

    def _lay_out_anew(self) -> None:
        """Drop all lines and stay at the same place of the same message."""
        if self._width <= 0:
            return
        index, share = 0, 0.0
        if len(self.column):
            index, within = self.column.at(self.scroll_offset.y)
            share = within / max(self.column.span(index)[1], 1)
        self._painter.forget(self._look)
        self.column.relayout(self._width, self._look)
        if len(self.column) and not self.following:
            start, height = self.column.span(index)
            self.scroll_still(start + int(share * height))
        self._settle()
        self.refresh()

    def _change_heights(
        self, index: int, change: Callable[[], None], *, following: bool | None = None
    ) -> None:
        """Let lines come and go, while a message stays where it is in the view.

        Args:
            index: the message; where it is another then and began elsewhere, it is gone to.
            change: makes the lines come and go.
            following: stay at the end rather; by default as before.
        """
        if not len(self.column):
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

    def _settle(self) -> None:
        if self._settling or self._width <= 0 or self.asleep:
            return
        self._settling = True
        try:
            height = self.size.height
            top = self.column.settle(self.scroll_offset.y, height, following=self.following)
            size = Size(self.size.width, self.column.total)
            if size != self.virtual_size:
                self.virtual_size = size
            if top != self.scroll_offset.y:
                self.scroll_target_y = top
                self.scroll_y = top
        finally:
            self._settling = False
        if len(self.column) and self.size.height:
            self._furthest = max(self._furthest, self.line_at(height - 1))
        if missing := self.column.missing.take():
            self.post_message(self.TextsWanted(self._transcript, missing))

    def _draw_frame(self) -> None:
        """Render what streamed in since the last frame and draw the lines that changed."""
        if self.asleep:
            return
        changed = self.column.refresh(perf_counter() + _FRAME_WORK)
        if self.column.behind:
            self._pacer.request(self._draw_frame)
        if changed is None:
            return
        before = self.scroll_offset.y
        self._settle()
        top = self.scroll_offset.y
        if not self.following and changed >= top + self.size.height:
            if not self.unseen:
                self.unseen = True
                self.post_message(self.FollowingChanged(self._transcript))
        elif top == before:
            first = max(changed - top, 0)
            self.refresh(Region(0, first, self.size.width, self.size.height - first))

    @property
    def _transcript(self) -> "Transcript":
        return cast("Transcript", self)
