"""Draws lines of the column: look-ups, but for the keyboard's mark and selected text."""

from typing import NamedTuple

from rich.segment import Segment
from textual.selection import Selection
from textual.strip import Strip

from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.hits import HitMarks
from chat_tui.ui.widgets.transcript.lines import GUTTER
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.selection import position

_KEPT = 4_000
"""Lines kept as they were drawn last, with their positions for the mouse."""


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


class LinePainter:
    """Draws single lines of a column of messages.

    Args:
        column: the messages.
        look: the styles.
    """

    def __init__(self, column: MessageColumn, look: TranscriptLook) -> None:
        self._column = column
        self._look = look
        self._wide_offset = 0
        self.hits: HitMarks | None = None
        """Marks words that are looked for; None costs nothing."""
        self._drawn: dict[tuple[str, int], tuple[Strip, int, Strip]] = {}

    def forget(self, look: TranscriptLook | None = None) -> None:
        """Draw everything anew, perhaps in other styles."""
        self._look = look or self._look
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
            return Strip.blank(width, self._look.base)
        index, within = self._column.at(line)
        rendered = self._column.rendered(index)
        if rendered is None or within >= rendered.height:
            return Strip.blank(width, self._look.base)
        at = position(index, within)
        strip = plain = rendered.strip(within)
        if self.hits is not None:
            strip = self.hits.over(strip, rendered, within, self._look)
        # Only tables are ever wider, and everything in a view of a few cells.
        wide = strip.cell_length > width
        span = selection.get_span(at) if selection is not None else None
        if span is not None:
            # The offsets come last: they count characters from the pieces' beginnings.
            strip = self._select(self._crop(strip, width) if wide else strip, *span)
            strip = strip.apply_offsets(0, at)
        elif strip is not plain:
            strip = (self._crop(strip, width) if wide else strip).apply_offsets(0, at)
        else:
            key = (self._column.id_at(index), within)
            strip = self._with_offsets(key, strip, at, width if wide else 0)
        if marked is not None and index == marked.message:
            strip = self._mark(strip, marked.sign(within, rendered.height))
        return strip

    def _with_offsets(self, key: tuple[str, int], source: Strip, at: int, crop: int) -> Strip:
        """A line with its position for the mouse, as it was drawn before where it can be."""
        drawn = self._drawn.get(key)
        if drawn is None or drawn[0] is not source or drawn[1] != at:
            if len(self._drawn) > _KEPT:
                self._drawn.clear()
            strip = self._crop(source, crop) if crop else source
            drawn = self._drawn[key] = (source, at, strip.apply_offsets(0, at))
        return drawn[2]

    def _crop(self, strip: Strip, width: int) -> Strip:
        offset = min(self._wide_offset, strip.cell_length - width)
        if width <= GUTTER:
            return strip.crop(0, width)
        head, body = strip.crop(0, GUTTER), strip.crop(GUTTER + offset, offset + width)
        return Strip.join([head, body]).extend_cell_length(width, self._look.base)

    def _mark(self, strip: Strip, sign: str) -> Strip:
        """A line with the keyboard's mark in its gutter."""
        if not sign:
            return strip
        gutter, *rest = strip
        style = gutter.style + self._look.cursor if gutter.style else self._look.cursor
        return Strip([Segment(sign, style), *rest])

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
