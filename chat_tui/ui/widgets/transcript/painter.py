"""Draws lines of the column: look-ups, but for the keyboard's mark and selected text."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.selection import Selection
from textual.strip import Strip

from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.hits import HitMarks
from chat_tui.ui.widgets.transcript.lines import GUTTER
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.selection import position

_KEPT = 1_000
"""Lines kept as they were drawn last; some screens full, 2 MB."""


class KeyboardMark(NamedTuple):
    """Where the keyboard is: at a message, or at a part of it."""

    message: int
    """Its index."""
    part: tuple[int, int] | None = None
    """The first and the last line of a part of it, a code block; None for all of it."""

    def sign(self, line: int, height: int) -> str:
        """What stands in the gutter beside a line of the message; empty for nothing."""
        if self.part is None:
            return "┃ " if line < height - 1 else ""
        first, last = self.part
        if not first <= line <= last:
            return ""
        return "▶ " if line == first else "┃ "


class _Drawn(NamedTuple):
    """A line as it was drawn."""

    source: Strip
    at: int
    """Its position for the mouse."""
    width: int
    strip: Strip


class LinePainter:
    """Draws single lines of a column of messages, as they go to the terminal.

    Args:
        column: the messages.
        look: the styles.
    """

    def __init__(self, column: MessageColumn, look: TranscriptLook) -> None:
        self._column = column
        self._look = look
        self._filters: tuple[Sequence[LineFilter], Color] = ((), Color(0, 0, 0))
        self._wide_offset = 0
        self.hits: HitMarks | None = None
        """Marks words that are looked for; None costs nothing."""
        self._drawn: dict[tuple[str, int], _Drawn] = {}

    def forget(self, look: TranscriptLook | None = None) -> None:
        """Draw everything anew, perhaps in other styles."""
        self._look = look or self._look
        self._drawn.clear()

    def use(self, filters: Sequence[LineFilter], background: Color) -> None:
        """Let lines pass through these filters, which are told the background."""
        if (tuple(filters), background) != self._filters:
            self._filters = tuple(filters), background
            self._drawn.clear()

    def scroll_wide(self, cells: int | None) -> None:
        """Move wide lines sideways by some cells; None puts them back."""
        self._wide_offset = 0 if cells is None else max(self._wide_offset + cells, 0)
        self._drawn.clear()

    def show_cells(self, start: int, end: int, width: int) -> None:
        """Move wide lines as far as needed to show some cells of them."""
        if not GUTTER <= start - self._wide_offset < end - self._wide_offset <= width:
            self.scroll_wide(None)
            self.scroll_wide(max(min(end + GUTTER - width, start - GUTTER), 0))

    def draw(
        self, line: int, width: int, selection: Selection | None, marked: KeyboardMark | None
    ) -> Strip:
        """Draw a line.

        Args:
            line: counted from the column's beginning; past its end is blank.
            width: cells of the view.
            selection: what is selected, in the positions of `selection.position`.
            marked: where the keyboard is; None where it is elsewhere.
        """
        if line >= self._column.total:
            return self._blank(width)
        index, within = self._column.at(line)
        rendered = self._column.rendered(index)
        if rendered is None or within >= rendered.height:
            return self._blank(width)
        at, source = position(index, within), rendered.strip(within)
        strip = source
        if self.hits is not None:
            strip = self.hits.over(strip, rendered, within, self._look)
        span = selection.get_span(at) if selection is not None else None
        sign = ""
        if marked is not None and index == marked.message:
            sign = marked.sign(within, rendered.height)
        if strip is source and span is None and not sign:
            return self._as_before((self._column.id_at(index), within), source, at, width)
        strip = self._fit(strip, width)
        if span is not None:
            strip = self._select(strip, *span)
        return self._finish(strip, at, sign)

    def _as_before(self, key: tuple[str, int], source: Strip, at: int, width: int) -> Strip:
        """A line without any mark; what was drawn before wherever that can be."""
        drawn = self._drawn.get(key)
        if drawn is None or drawn.source is not source or drawn.at != at or drawn.width != width:
            if len(self._drawn) > _KEPT:
                self._drawn.clear()
            strip = self._finish(self._fit(source, width), at)
            drawn = self._drawn[key] = _Drawn(source, at, width, strip)
        return drawn.strip

    def _finish(self, strip: Strip, at: int, sign: str = "") -> Strip:
        """A line with its position for the mouse and the keyboard's mark, through the filters."""
        width = strip.cell_length
        # Of a copy: a strip keeps what is made of it. The offsets come last of what changes the
        # segments: they count characters from where those begin.
        strip = Strip(strip, width).apply_offsets(0, at)
        segments = self._mark(strip, sign) if sign else [*strip]
        filters, background = self._filters
        for each in filters:
            segments = each.apply(segments, background)
        return Strip(segments, width)

    def _blank(self, width: int) -> Strip:
        strip = Strip.blank(width, self._look.base)
        filters, background = self._filters
        for each in filters:
            strip = strip.apply_filter(each, background)
        return strip

    def _fit(self, strip: Strip, width: int) -> Strip:
        """A line as wide as the view: only tables are ever wider, and everything in a tiny view.

        Until a new width is laid out, all lines are as wide as before.
        """
        if strip.cell_length <= width:
            return strip.extend_cell_length(width, self._look.base)
        offset = min(self._wide_offset, strip.cell_length - width)
        if width <= GUTTER:
            return strip.crop(0, width)
        head, body = strip.crop(0, GUTTER), strip.crop(GUTTER + offset, offset + width)
        return Strip.join([head, body]).extend_cell_length(width, self._look.base)

    def _mark(self, strip: Strip, sign: str) -> list[Segment]:
        """The pieces of a line with the keyboard's mark in its gutter."""
        gutter, *rest = strip
        style = gutter.style + self._look.cursor if gutter.style else self._look.cursor
        return [Segment(sign, style), *rest]

    def _select(self, strip: Strip, start: int, end: int) -> Strip:
        """Mark characters of a strip as selected."""
        length = len(strip.text)
        end = length if end == -1 else min(end, length)
        start = max(start, GUTTER)
        if start >= end:
            return strip
        cuts = [strip.index_to_cell_position(at) for at in (start, end, length)]
        before, selected, *after = strip.divide(cuts)
        marked = Segment.apply_style(selected, post_style=self._look.selection)
        return Strip.join([before, Strip(marked, selected.cell_length), *after])
