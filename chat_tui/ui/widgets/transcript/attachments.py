"""The pictures and documents of a message as lines below its words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.messages import FilePart, ImagePart, in_fence
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.attached_words import shown_name
from chat_tui.ui.markdown import Line, MarkdownDocument
from chat_tui.ui.markdown.wrap import cut_words
from chat_tui.ui.widgets.transcript.attached import Attached, cut, facts_of, mark_of
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.pictures import (
    MOST_CELLS,
    PictureKey,
    Thumbnails,
    colour_of,
    size_of,
)

_LEAST_WIDTH = 26
"""Cells of a line under which a picture is a line: those of a view 30 wide."""

_GAP = 2
"""Cells between two thumbnails beside each other."""

_FIRST_LINES = 12
"""Of a document that is unfolded."""

_MOST_LINES, _MOST_CHARACTERS = 600, 30_000
"""Of a document that is unfolded whole: laid out in some 50 ms. The viewer has all of it."""

_FOLDS = Style(meta={"fold": True})
"""A click on it folds or unfolds."""


class Place(NamedTuple):
    """Where in the lines of what is attached a picture stands."""

    number: int
    """Among what is attached, counted from 0."""
    first: int
    last: int
    """Lines, counted from the first one of what is attached."""
    left: int = 0
    right: int = 1 << 30
    """From this cell of a line on, and before this one."""
    key: PictureKey | None = None
    """Its thumbnail, if it is shown as one."""


class AttachedLines(NamedTuple):
    """What is attached to a message, as it is drawn."""

    lines: Sequence[Line] = ()
    places: Sequence[Place] = ()


class _Tile(NamedTuple):
    """A thumbnail in its row of them."""

    number: int
    part: ImagePart
    key: PictureKey
    width: int
    """Cells that it takes with its facts."""


class AttachmentLines:
    """Makes the lines of what is attached.

    Args:
        look: the styles.
        width: cells of a line.
        thumbnails: those that are there.
        prompt: whether it stands below a prompt.
    """

    def __init__(
        self, look: TranscriptLook, width: int, thumbnails: Thumbnails, *, prompt: bool
    ) -> None:
        self._look = look
        self._width = width
        self._thumbnails = thumbnails
        self._base = look.prompt_base if prompt else look.base
        self._muted = look.muted_on_prompt if prompt else look.muted
        self._background = colour_of(self._base)
        self._lines: list[Line] = []
        self._places: list[Place] = []
        self._apart = False
        """Whether what follows stands apart from what is above it."""

    def make(
        self,
        attached: Sequence[Attached],
        folding: Folding,
        *,
        folded: bool,
        has_text: bool,
        fold_key: str,
    ) -> AttachedLines:
        """The lines of what is attached.

        Args:
            attached: in its order; there is something.
            folding: how much is shown.
            folded: whether a part of the words is hidden.
            has_text: whether words stand above.
            fold_key: the key that unfolds.
        """
        self._lines, self._places = [], []
        if folding.brief:
            names = ", ".join(shown_name(part) for part in attached)
            self._add_row(f"▸ {names}", " ".join(map(mark_of, attached)), _FOLDS)
            return AttachedLines(self._lines)
        self._apart = has_text
        small = folded or not folding.thumbnails or self._width < _LEAST_WIDTH
        waiting: list[_Tile] = []
        for number, part in enumerate(attached):
            if isinstance(part, ImagePart) and not small and (tile := self._tile(number, part)):
                waiting.append(tile)
                continue
            self._add_bands(waiting)
            waiting = []
            self._part()
            if isinstance(part, ImagePart):
                self._add_picture_row(number, part)
            else:
                self._add_document(part, 0 if folded else folding.documents, fold_key)
        self._add_bands(waiting)
        return AttachedLines(self._lines, self._places)

    # Rows

    def _part(self) -> None:
        """Put a blank line between words, thumbnails and lines."""
        if self._apart:
            self._add_row("", "")
        self._apart = False

    def _add_row(self, words: str, copied: str, more: Style | None = None) -> None:
        style = self._muted if more is None else self._muted + more
        drawn = set_cell_size(cut(words, self._width), self._width)
        self._lines.append(Line(Strip([Segment(drawn, style)]), copied, 0, "\n"))

    def _add_picture_row(self, number: int, part: ImagePart) -> None:
        more = Style(meta={"link": part.url}) if part.url else None
        place = Place(number, len(self._lines), len(self._lines))
        self._places.append(place)
        room = self._width - cell_len(text("transcript.picture", facts=""))
        words = text("transcript.picture", facts=facts_of(part, room))
        self._add_row(words, mark_of(part), more)

    # Pictures

    def _tile(self, number: int, part: ImagePart) -> _Tile | None:
        size = size_of(part, self._width)
        if size is None:
            return None
        key = PictureKey(part.sha256, *size, self._background)
        room = min(MOST_CELLS, self._width)
        return _Tile(number, part, key, max(size[0], cell_len(facts_of(part, room))))

    def _add_bands(self, tiles: Sequence[_Tile]) -> None:
        """Thumbnails beside each other, as many as there is room for, in rows."""
        band: list[_Tile] = []
        used = 0
        for tile in tiles:
            if band and used + _GAP + tile.width > self._width:
                self._add_band(band)
                band, used = [], 0
            used += tile.width + (_GAP if band else 0)
            band.append(tile)
        if band:
            self._add_band(band)

    def _add_band(self, band: Sequence[_Tile]) -> None:
        """Thumbnails that stand on their lines of facts."""
        self._apart |= bool(self._lines)
        self._part()
        rows, begin, left = max(tile.key.rows for tile in band), len(self._lines), 0
        columns = [list(self._rows_of(tile, rows)) for tile in band]
        gap = Segment(" " * _GAP, self._base)
        for pieces in zip(*columns, strict=True):
            drawn = [segment for piece in pieces for segment in (*piece, gap)]
            self._lines.append(Line(Strip(drawn), "", 0, ""))
        for tile in band:
            first = begin + rows - tile.key.rows
            place = Place(tile.number, first, begin + rows, left, left + tile.width, tile.key)
            self._places.append(place)
            left += tile.width + _GAP
        told = (set_cell_size(facts_of(tile.part, tile.width), tile.width) for tile in band)
        copied = " ".join(mark_of(tile.part) for tile in band)
        self._add_row((" " * _GAP).join(told), copied)
        self._apart = True

    def _rows_of(self, tile: _Tile, rows: int) -> Iterator[Sequence[Segment]]:
        """A thumbnail's rows, as high as the highest one beside it, as wide as its facts."""
        key, beside = tile.key, tile.width - tile.key.cells
        padding = [Segment(" " * beside, self._base)] if beside else []
        empty = [Segment(" " * tile.width, self._base)]
        thumbnail = self._thumbnails.get(key)
        strips: Sequence[Sequence[Segment]] = ()
        if thumbnail is None:
            strips = [[Segment("░" * key.cells, self._muted)]] * key.rows
        elif thumbnail.trouble:
            # Its place is kept, so that no line moves.
            yield from self._trouble_rows(thumbnail.trouble, tile.width, rows)
            return
        else:
            strips = [[*strip] for strip in thumbnail.strips[:rows]]
        yield from [empty] * (rows - len(strips))
        yield from ([*strip, *padding] for strip in strips)

    def _trouble_rows(self, words: str, width: int, rows: int) -> Iterator[Sequence[Segment]]:
        """Why a picture cannot be shown, in its place, as far as that has room."""
        told = [words[each.start : each.end] for each in cut_words(words, width)]
        if len(told) > rows:
            told = [*told[: rows - 1], cut(" ".join(told[rows - 1 :]), width)]
        for each in [""] * (rows - len(told)) + told:
            yield [Segment(set_cell_size(each, width), self._muted)]

    # Documents

    def _add_document(self, part: FilePart, level: int, fold_key: str) -> None:
        """What a document is, and below it its beginning or all of it, where it is unfolded."""
        sign = "▾ " if level else "▸ "
        self._add_row(f"{sign}{facts_of(part, self._width - 2)}", mark_of(part), _FOLDS)
        if level:
            shown, rest = _beginning(part.text, level)
            self._add_code(shown, part.language)
            if rest:
                key = "attached.more" if level == 1 else "attached.more-outside"
                self._add_row(text(key, count=f"{rest:,}", key=fold_key), "", _FOLDS)

    def _add_code(self, words: str, language: str) -> None:
        source = in_fence(clean(words, code=True), language or "text")
        document = MarkdownDocument(self._look.reply, self._width, source=source)
        document.close()
        document.refresh()
        made = [*document.lines]
        first = next((at for at, line in enumerate(made) if line.text), 0)
        made[first] = made[first]._replace(joint="\n")
        self._lines += made


def document_levels(attached: Sequence[Attached]) -> int:
    """In how many steps documents are unfolded: not at all, at once, or first their beginnings."""
    found = [part for part in attached if isinstance(part, FilePart)]
    if not found:
        return 0
    return 2 if any(_beginning(part.text, 1)[1] for part in found) else 1


def _beginning(words: str, level: int) -> tuple[str, int]:
    """As much of a text as is shown, and how many lines are not."""
    most = _FIRST_LINES if level == 1 else _MOST_LINES
    characters = _MOST_CHARACTERS // 10 if level == 1 else _MOST_CHARACTERS
    words = words.removesuffix("\n")
    lines = words[:characters].split("\n", most)[:most]
    shown = "\n".join(lines)
    if len(shown) == len(words):
        return shown, 0
    return shown, words.count("\n", len(shown)) or 1
