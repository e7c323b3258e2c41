"""The transcript widget: a conversation of any length as one virtual view.

Messages are plain data. Of those near the screen the lines are made and kept; the heights of the
others are estimated from their stored size and made exact when they come near, with what is on
the screen staying where it is. While text streams in, only the open block of its message is
rendered again, and only the lines that changed are drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from chat_tui.core.conversation import Node
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage
from chat_tui.ui.actions import ActiveKeys, bindings_for
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.painter import LinePainter
from chat_tui.ui.widgets.transcript.selection import position, selected_text

_FRAME_WORK = 0.02
"""Seconds of a frame in which streamed text is laid out; keys wait no longer than for that."""

_DEFAULT_KEYS = ActiveKeys({})

_NO_MARKS: Mapping[str, str] = MappingProxyType({})


class Transcript(ScrollView, can_focus=True):
    """A conversation's active path, drawn from data that is handed in.

    Args:
        look: the styles.
        pacer: draws streaming text, together with all other panes.
        keys: those in force, for the actions that a message offers.
    """

    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("transcript")]

    DEFAULT_CSS: ClassVar[str] = """
    Transcript {
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
    current: var[int | None] = var(None)
    """The index of the message that the keyboard is on."""

    @dataclass
    class TextsWanted(Message):
        """Messages came near the screen whose texts are not loaded; answer with `supply`."""

        transcript: "Transcript"
        ids: tuple[str, ...]

    @dataclass
    class FollowingChanged(Message):
        """The view let go of the end, or took hold of it again, or new text came below."""

        transcript: "Transcript"

    @dataclass
    class LinkActivated(Message):
        """A link was clicked."""

        transcript: "Transcript"
        url: str

    @dataclass
    class OfferTaken(Message):
        """An action was clicked that a message offers; the mark is on that message now."""

        transcript: "Transcript"
        action: str
        """Its id in the registry."""

    def __init__(
        self,
        look: TranscriptLook,
        pacer: FramePacer,
        keys: ActiveKeys = _DEFAULT_KEYS,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._look = look
        self._pacer = pacer
        self._width = 0
        self._settling = False
        self._anchor: int | None = None
        self._cursor = 0
        self.column = MessageColumn(look, keys)
        """What is shown: to look at, not to change."""
        self._painter = LinePainter(self.column, look)

    # What is shown

    def show_path(
        self,
        nodes: Sequence[Node],
        messages: Iterable[ChatMessage] = (),
        marks: Mapping[str, str] = _NO_MARKS,
    ) -> None:
        """Show a path with its end in view.

        Args:
            nodes: of all messages, in order.
            messages: texts that are there already; the others are asked for when they are near.
            marks: id → what stands in the message's heading, besides its facts.
        """
        self.column.reset(nodes, messages, marks)
        self._painter.scroll_wide(None)
        self.current = None
        self.screen.clear_selection()
        self.jump_to_end()

    def extend(
        self,
        nodes: Iterable[Node],
        messages: Iterable[ChatMessage] = (),
        marks: Mapping[str, str] = _NO_MARKS,
    ) -> None:
        """Add messages at the end of the path."""
        self.column.extend(nodes, messages, marks)
        self._settle()
        self.refresh()

    def cut(self, id_: str) -> None:
        """Take a message and all below it away: another version is about to follow."""
        self.column.cut(id_)
        self.current = None
        self.screen.clear_selection()

    def supply(self, messages: Iterable[ChatMessage]) -> None:
        """Hand in texts that were asked for with `TextsWanted`."""
        self.column.supply(messages)
        self._settle()
        self.refresh()

    def replace(self, messages: Iterable[ChatMessage]) -> None:
        """Take messages anew that grew elsewhere."""
        self.column.replace(messages)
        self._settle()
        self.refresh()

    def append(self, id_: str, text: str) -> None:
        """Take more text of a streaming message, raw; it is drawn with the next frame."""
        if self.column.append(id_, text):
            self._pacer.request(self._draw_frame)

    def append_reasoning(self, id_: str, text: str) -> None:
        """The same for its reasoning."""
        if self.column.append(id_, "", text):
            self._pacer.request(self._draw_frame)

    def note(self, id_: str, words: str, offered: Sequence[str] = ()) -> None:
        """Say something (clean) while a text does not come.

        Args:
            id_: the reply.
            words: why it does not come; empty where it comes again.
            offered: the ids of the actions that help.
        """
        if self.column.note(id_, words, offered):
            self._pacer.request(self._draw_frame)

    def finish(self, message: ChatMessage, marks: Mapping[str, str] = _NO_MARKS) -> None:
        """Take a message as it ended, and what stands in headings from now on."""
        if self.column.finish(message, marks):
            self._draw_frame()

    def break_off(self, id_: str, error: ErrorInfo) -> None:
        """Show that a message could not be brought to its end; what has come stays."""
        if self.column.break_off(id_, error):
            self._draw_frame()

    def restyle(self, look: TranscriptLook) -> None:
        """Draw everything in other colours."""
        self._look = look
        self._lay_out_anew()

    # Moving

    def move_to(self, index: int) -> None:
        """Put the keyboard's mark on a message and bring it into view."""
        if not len(self.column):
            return
        index = min(max(index, 0), len(self.column) - 1)
        self.current = index
        self._show_lines(*self.column.span(index))
        # What came into view may have another height than was estimated.
        self._show_lines(*self.column.span(index))
        self.refresh()

    def move_by(self, steps: int) -> None:
        """Put the mark some messages on; it starts at the lowest one on the screen."""
        if self.current is not None:
            self.move_to(self.current + steps)
        elif len(self.column):
            self.move_to(self.column.at(self.scroll_offset.y + self.size.height - 1)[0])

    def jump_to_end(self) -> None:
        """Show the end, and stay there as text comes."""
        self._follow(True)
        self._settle()
        self.refresh()

    def jump_to_start(self) -> None:
        """Show the beginning."""
        self._scroll(0)

    def scroll_pages(self, pages: int) -> None:
        """Scroll by pages, a line less than a screen each."""
        self._scroll(self.scroll_offset.y + pages * max(self.size.height - 1, 1))

    def toggle_fold(self, index: int) -> None:
        """Fold or unfold the reasoning of a message."""
        self.column.toggle_fold(index)
        self._draw_frame()

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
            self.post_message(self.FollowingChanged(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Make what came into view exact; let go of the end where the reader moved up."""
        super().watch_scroll_y(old_value, new_value)
        if not self._settling and round(old_value) != round(new_value):
            self._follow(round(new_value) >= self.column.total - self.size.height)
            self._settle()

    # Layout and frames

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
            self._scroll(start + int(share * height))
        self._settle()
        self.refresh()

    def _settle(self) -> None:
        if self._settling or self._width <= 0:
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
        if missing := self.column.missing.take():
            self.post_message(self.TextsWanted(self, missing))

    def _draw_frame(self) -> None:
        """Render what streamed in since the last frame and draw the lines that changed."""
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
                self.post_message(self.FollowingChanged(self))
        elif top == before:
            first = max(changed - top, 0)
            self.refresh(Region(0, first, self.size.width, self.size.height - first))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw a line of the view."""
        marked = self.current if self.has_focus else None
        line = self.scroll_offset.y + y
        return self._painter.draw(line, self.size.width, self.text_selection, marked)

    # Selection and mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, clean."""
        return selected_text(selection, len(self.column), self.column.render), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def line_at(self, y: int) -> tuple[int, int]:
        """The message and the line within it at a line of the view."""
        return self.column.at(self.scroll_offset.y + y)

    def select_by(self, step: int) -> None:
        """Grow or shrink the keyboard's selection by a line; it begins at the marked message."""
        if not len(self.column):
            return
        if self._anchor is None or self.text_selection is None:
            index = self.line_at(self.size.height - 1)[0] if self.current is None else self.current
            rendered = self.column.render(index)
            first = self.column.span(index)[0] + (rendered.body_start if rendered else 0)
            self._anchor = self._cursor = first
        else:
            self._cursor = min(max(self._cursor + step, 0), self.column.total - 1)
        if not self.scroll_offset.y <= self._cursor < self.scroll_offset.y + self.size.height:
            self._scroll(self.scroll_offset.y + step)
        self._select_lines(self.column.at(self._anchor), self.column.at(self._cursor))

    def _select_message(self, index: int) -> None:
        rendered = self.column.render(index)
        if rendered is not None:
            last = max(rendered.height - 2, rendered.body_start)
            self._select_lines((index, rendered.body_start), (index, last))

    def _select_lines(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        first, last = sorted((start, end))
        rendered = self.column.render(last[0])
        length = len(rendered.strip(last[1]).text) if rendered else 0
        self.screen.selections = {
            self: Selection(Offset(0, position(*first)), Offset(length, position(*last)))
        }

    def on_click(self, event: events.Click) -> None:
        """Open a link or a fold; put the mark on a message, and select it with a second click."""
        if not len(self.column):
            return
        meta = event.style.meta
        index, _ = self.line_at(event.y)
        if event.chain > 1:
            # Textual would select all that there is, most of which is not loaded.
            event.prevent_default()
            event.stop()
            self._select_message(index)
            return
        if "link" in meta:
            self.post_message(self.LinkActivated(self, str(meta["link"])))
        elif meta.get("fold"):
            self.toggle_fold(index)
        elif "run" in meta:
            self.current = index
            self.post_message(self.OfferTaken(self, str(meta["run"])))
        elif not self.screen.selections:
            self.current = index
            self.refresh()

    def on_focus(self) -> None:
        """Show the mark."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the mark."""
        self.refresh()
