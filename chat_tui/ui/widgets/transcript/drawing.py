"""Frames: what is seen of a column of messages, and when it is drawn."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, cast

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from chat_tui.core.attachments.values import Pixels
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.half_blocks import wants_shades
from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.painter import KeyboardMark, LinePainter
from chat_tui.ui.widgets.transcript.pictures import PictureKey
from chat_tui.ui.widgets.transcript.scrollbar import SteadyScrollBar

if TYPE_CHECKING:
    from chat_tui.ui.widgets.transcript.view import Transcript

_FRAME_WORK = 0.02
"""Seconds of a frame in which streamed text is laid out; keys wait no longer than for that."""


class DrawnColumn(ScrollView, can_focus=True):
    """The part of `Transcript` that draws frames.

    Args:
        look: the styles.
        pacer: draws streaming text, together with all other panes.
        keys: those in force, for the actions that a message offers.
        options: as the user set them.
        today: tells the day, for times.
    """

    DEFAULT_CSS: ClassVar[str] = """
    DrawnColumn {
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
    class PicturesWanted(Message, namespace="transcript"):
        """Pictures came into view that are not there: see `missing_pictures`."""

        transcript: "Transcript"

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
        self.asleep = False
        """Whether nobody sees it, so that nothing is drawn; `wake` ends that."""
        self._furthest = (-1, 0)
        self._pictures_told: tuple[PictureKey, ...] = ()
        self.column = MessageColumn(look, keys, options, today)
        """What is shown: to look at, not to change."""
        self._painter = LinePainter(self.column, look)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """One that costs next to nothing while text streams in."""
        if self._vertical_scrollbar is None:
            bar = self._vertical_scrollbar = SteadyScrollBar(self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)  # noqa: SLF001 - as Textual makes its own
        return self._vertical_scrollbar

    def line_at(self, y: int) -> tuple[int, int]:
        """The message and the line within it at a line of the view."""
        return self.column.at(self.scroll_offset.y + y)

    # Lines

    def render_line(self, y: int) -> Strip:
        """Draw a line of the view."""
        return self._draw_lines([y])[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines of the view as they go to the terminal.

        Textual would make each line anew that is at another place than before, which takes most of
        the time of a frame. What a style sheet puts around or over a widget is not seen here.
        """
        strips, (start, end) = self._draw_lines(crop.line_range), crop.column_span
        if (start, end) == (0, self.size.width):
            return strips
        return [strip.crop(start, end) for strip in strips]

    def _draw_lines(self, lines: Iterable[int]) -> list[Strip]:
        top, width = self.scroll_offset.y, self.size.width
        selection, mark, draw = self.text_selection, self._mark(), self._painter.draw
        self._painter.use(self.get_line_filters(), self.background_colors[1])
        return [draw(top + y, width, selection, mark) for y in lines]

    def _mark(self) -> KeyboardMark | None:
        """Where the keyboard is; None where it is elsewhere."""
        return None

    def notify_style_update(self) -> None:
        """Drop what was drawn in other styles."""
        super().notify_style_update()
        self._painter.forget()

    # Frames

    def _follow(self, following: bool) -> None:
        unseen = self.unseen and not following
        if self.following != following or self.unseen != unseen:
            self.following, self.unseen = following, unseen
            self.post_message(self.FollowingChanged(self._transcript))

    def _settle(self) -> None:
        if self._settling or self._width <= 0 or self.asleep:
            return
        self._settling = True
        try:
            height = self.size.height
            top = self.column.settle(self.scroll_offset.y, height, following=self.following)
            self._tell_size()
            if top != self.scroll_offset.y:
                self.scroll_target_y = top
                self.scroll_y = top
        finally:
            self._settling = False
        if len(self.column) and self.size.height:
            self._furthest = max(self._furthest, self.line_at(height - 1))
        if missing := self.column.missing.take():
            self.post_message(self.TextsWanted(self._transcript, missing))
        pictures = self.missing_pictures()
        if pictures and pictures != self._pictures_told:
            self.post_message(self.PicturesWanted(self._transcript))
        self._pictures_told = pictures

    def missing_pictures(self) -> tuple[PictureKey, ...]:
        """The thumbnails in view that are not there; answer each with `supply_picture`."""
        if self.asleep or self._width <= 0:
            return ()
        column = self.column
        return tuple(key for key in self._pictures_seen() if key not in column.thumbnails)

    def supply_picture(self, key: PictureKey, picture: Pixels | str) -> None:
        """Hand in a thumbnail: its pixels, or why there are none (clean). No line moves by it."""
        seen, shades = {*self._pictures_seen()}, wants_shades(self.app)
        if self.column.supply_picture(key, picture, seen, shades=shades) and not self.asleep:
            self.refresh()

    def _pictures_seen(self) -> Iterator[PictureKey]:
        return self.column.pictures_in(self.scroll_offset.y, self.size.height)

    def _tell_size(self) -> None:
        """Take over how many lines there are: nothing scrolls further than that."""
        size = Size(self.size.width, self.column.total)
        if size != self.virtual_size:
            # Without a layout of the screen: nothing on it has another place because of it.
            self.set_reactive(DrawnColumn.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height

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
