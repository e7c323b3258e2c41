"""Plain words as lines of a width: cut, wrapped, on a card, or as actions to be taken."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.ui.markdown import Line
from chat_tui.ui.markdown.wrap import cut_words
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.offers import Offer

_GAP = 3
"""Cells between two actions that stand in a row."""

_BAR = "▌ "


class RowMaker:
    """Makes lines of clean words.

    Args:
        look: the styles.
        width: cells of a line.
    """

    def __init__(self, look: TranscriptLook, width: int) -> None:
        self._look = look
        self._width = width

    def plain(self, words: str, style: Style) -> Line:
        """One line; what is longer is cut."""
        if cell_len(words) > self._width:
            words = set_cell_size(words, self._width - 1) + "…"
        return Line(Strip([Segment(set_cell_size(words, self._width), style)]), words, 0, "\n")

    def wrapped(self, words: str, style: Style) -> list[Line]:
        """As many lines as they need."""
        return [self.plain(row, style) for row in _wrap(words, self._width)]

    def card(self, title: str, body: str, title_style: Style, body_style: Style) -> list[Line]:
        """A title and what stands below it, beside a bar."""
        bar = bar_of(title_style)
        room = self._width - bar.cell_length
        lines: list[Line] = []
        for words, style in ((title, title_style), (body, body_style)):
            for row in _wrap(words, room):
                padded = set_cell_size(row, room)
                strip = Strip([bar, Segment(padded, style)])
                lines.append(Line(strip, row, bar.cell_length, "\n"))
        return lines

    def offers(self, offers: Iterable[Offer], bar: Segment | None = None) -> list[Line]:
        """Actions with their keys, to be clicked too, in as many rows as they need."""
        look = self._look
        label_style = look.muted if bar is None else look.card_muted
        key_style = look.key if bar is None else look.card_key
        room = self._width - (0 if bar is None else bar.cell_length)
        rows: list[list[Segment]] = []
        used = room
        for offer in offers:
            run = Style(meta={"run": offer.action})
            key = f"{offer.key} " if offer.key else ""
            label = set_cell_size(offer.label, min(cell_len(offer.label), room))
            cells = cell_len(key) + cell_len(label)
            if used + cells + _GAP > room:
                rows.append([])
                used = -_GAP
            else:
                rows[-1].append(Segment(" " * _GAP, label_style))
            used += cells + _GAP
            rows[-1] += [Segment(key, key_style + run), Segment(label, label_style + run)]
        return [self._row(row, label_style, bar) for row in rows]

    def _row(self, row: Sequence[Segment], style: Style, bar: Segment | None) -> Line:
        words = "".join(segment.text for segment in row)
        start = 0 if bar is None else bar.cell_length
        padding = Segment(" " * max(self._width - start - cell_len(words), 0), style)
        strip = Strip([*([] if bar is None else [bar]), *row, padding])
        return Line(strip.crop(0, self._width), words, start, "\n")


def bar_of(style: Style) -> Segment:
    """What stands beside the lines of a card."""
    return Segment(_BAR, style)


def _wrap(words: str, width: int) -> list[str]:
    """Plain words as rows of at most so many cells."""
    return [row[cut.start : cut.end] for row in words.split("\n") for cut in cut_words(row, width)]
