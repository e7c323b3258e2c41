"""Where words that are looked for stand in the lines of messages, and how they are marked.

What is on the screen is looked through line by line as it is drawn; nothing is kept, so that
nothing can be out of date while text streams in. Only for the place that is gone to, its part of
the message is looked through as a whole.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.finding import Hit, places
from chat_tui.core.searchable import Query, SectionName
from chat_tui.ui.markdown import Line
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

_AROUND = 40
"""Lines above and below one that words may reach over."""


class Span(NamedTuple):
    """A piece of a line."""

    line: int
    """Counted from the message's first."""
    start: int
    """Cells of the drawn line."""
    end: int


class LineText:
    """Lines as one text with single blanks, and where in it they begin.

    Args:
        lines: in order, as they follow each other on the screen.
        query: what is looked for; the text is folded as it needs.
    """

    def __init__(self, lines: Sequence[Line], query: Query) -> None:
        self._lines = lines
        self._kept: dict[int, list[int]] = {}
        pieces: list[str] = []
        self.starts: list[int] = []
        """Where each line's first character stands in the text."""
        length, open_ = 0, False
        for line in lines:
            words = " ".join(line.text.split())
            # A word that is broken by the end of the line goes on; all else is apart.
            if not open_ or line.joint or line.text[:1].isspace():
                words = f" {words}" if words else ""
                self.starts.append(length + 1)
            else:
                self.starts.append(length)
            if words:
                open_ = True
                pieces.append(words)
                length += len(words)
        self.text = query.prepared("".join([*pieces, " "]))

    def spans(self, at: int, length: int, only: int | None = None) -> list[tuple[int, int, int]]:
        """The line and the characters of its text from one to another, for a place in the text.

        Args:
            at: where the place begins.
            length: its characters.
            only: the one line that is wanted.
        """
        end = at + length
        first = max(bisect_right(self.starts, at) - 1, 0)
        found: list[tuple[int, int, int]] = []
        for number in range(first, len(self._lines)):
            start = self.starts[number]
            if start >= end:
                break
            if only is not None and number != only:
                continue
            if number not in self._kept:
                self._kept[number] = _characters(self._lines[number].text)
            inside = self._kept[number][max(at - start, 0) : max(end - start, 0)]
            if inside:
                found.append((number, inside[0], inside[-1] + 1))
        return found


class HitMarks:
    """Marks words in the lines of a transcript.

    Args:
        query: what is looked for.
        current: the place that was gone to.
        source: whether it is found as it was written alone, so that its words are marked without
            their markup.
    """

    def __init__(
        self, query: Query, current: tuple[str, Hit] | None = None, *, source: bool = False
    ) -> None:
        self._query = query._replace(needle=query.seen) if source else query
        self._current = current
        self._seen_at: tuple[RenderedMessage, int, list[Span]] | None = None

    def over(
        self, strip: Strip, rendered: RenderedMessage, line: int, look: TranscriptLook
    ) -> Strip:
        """A line as it is drawn, with what is found on it marked.

        Args:
            strip: the line, gutter included, not cropped.
            rendered: its message.
            line: its place in the message.
            look: the styles.
        """
        spans = self._spans(rendered, line)
        if not spans:
            return strip
        current = {span for span in self._of_current(rendered) if span.line == line}
        styles = [
            (span, look.current_hit if span in current else look.hit)
            for span in sorted({*spans, *current}, key=lambda span: span.start)
        ]
        return _laid_over(strip, styles)

    def place(self, rendered: RenderedMessage, hit: Hit) -> list[Span]:
        """Where a place is drawn; empty where its words are not seen as such."""
        first, lines = rendered.stretch(hit.section)
        needle = self._query.needle
        if not needle or not lines:
            return []
        text = LineText(lines, self._query)
        found = places(text.text, needle)
        if not found:
            return []
        at = found[_nearest(hit, found, len(text.text))]
        return [
            Span(first + line, *_cells(rendered, first + line, start, end))
            for line, start, end in text.spans(at, len(needle))
        ]

    def line_about(self, rendered: RenderedMessage, hit: Hit) -> int:
        """The line of a message on which a place must be about, where its words are not seen."""
        first, lines = rendered.stretch(hit.section)
        return min(first + int(hit.share * len(lines)), max(rendered.height - 1, 0))

    def above(self, rendered: RenderedMessage, line: int, section: SectionName) -> int:
        """How many of a part's places begin above a line of its message."""
        first, lines = rendered.stretch(section)
        if line <= first or not self._query.needle:
            return 0
        text = LineText(lines, self._query)
        found = places(text.text, self._query.needle)
        if line >= first + len(lines):
            return len(found)
        return bisect_left(found, text.starts[line - first])

    def _of_current(self, rendered: RenderedMessage) -> list[Span]:
        """Where the current place is drawn; looked for anew when its message has changed."""
        if self._current is None or self._current[0] != rendered.message.id:
            return []
        known = self._seen_at
        if known is None or known[0] is not rendered or known[1] != rendered.height:
            spans = self.place(rendered, self._current[1])
            known = self._seen_at = (rendered, rendered.height, spans)
        return known[2]

    def _spans(self, rendered: RenderedMessage, line: int) -> list[Span]:
        """What is found on a line."""
        needle = self._query.needle
        if not needle:
            return []
        for section in ("text", "reasoning", "calls"):
            first, lines = rendered.stretch(section)
            if first <= line < first + len(lines):
                break
        else:
            return []
        at = line - first
        low, high = _window(lines, at, len(needle))
        text = LineText(lines[low:high], self._query)
        return [
            Span(line, *_cells(rendered, line, start, end))
            for place in places(text.text, needle)
            for _, start, end in text.spans(place, len(needle), at - low)
        ]


def _window(lines: Sequence[Line], at: int, length: int) -> tuple[int, int]:
    """The lines around one that words of a length may reach over."""
    low = high = at
    room = length
    while low > 0 and room > 0 and at - low < _AROUND:
        low -= 1
        room -= len(lines[low].text)
    room = length
    while high < len(lines) - 1 and room > 0 and high - at < _AROUND:
        high += 1
        room -= len(lines[high].text)
    return low, high + 1


def _nearest(hit: Hit, found: Sequence[int], length: int) -> int:
    """Which of the places on the screen a place is.

    Mostly there are as many as were counted. Where markdown is drawn otherwise than it was
    thought to be, it is the one that is about as far down.
    """
    if len(found) == hit.among:
        return hit.ordinal
    at = hit.share * length
    return min(range(len(found)), key=lambda number: abs(found[number] - at))


def _characters(text: str) -> list[int]:
    """Where in a text the characters stand that are left when its blanks are single ones."""
    kept = []
    blank = True
    for at, character in enumerate(text):
        if not character.isspace():
            blank = False
        elif blank:
            continue
        else:
            blank = True
        kept.append(at)
    return kept


def _cells(rendered: RenderedMessage, line: int, start: int, end: int) -> tuple[int, int]:
    """Characters of a line's text as cells of the drawn line."""
    text, first = rendered.line(line).text, rendered.text_start(line)
    return first + cell_len(text[:start]), first + cell_len(text[:end])


def _laid_over(strip: Strip, styles: Sequence[tuple[Span, Style]]) -> Strip:
    pieces: list[Strip] = []
    at = 0
    for span, style in styles:
        start, end = max(span.start, at), min(span.end, strip.cell_length)
        if start >= end:
            continue
        if start > at:
            pieces.append(strip.crop(at, start))
        piece = strip.crop(start, end)
        pieces.append(Strip(Segment.apply_style(piece, post_style=style), piece.cell_length))
        at = end
    if at < strip.cell_length:
        pieces.append(strip.crop(at))
    return Strip.join(pieces)
