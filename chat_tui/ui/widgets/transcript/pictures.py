"""The pictures of messages as thumbnails: how large they are, and those that were seen last."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from math import ceil
from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from chat_tui.core.attachments.values import Pixels
from chat_tui.core.messages import ImagePart
from chat_tui.ui.widgets.half_blocks import half_block_strips

MOST_CELLS, MOST_ROWS = 36, 12
"""Of a thumbnail. A cell shows two pixels, one above the other."""

_KEPT = 64
"""Thumbnails whose strips are kept, besides those in view; about 0.2 MB each at most."""


class PictureKey(NamedTuple):
    """A thumbnail: of what, how large, on what."""

    sha256: str
    cells: int
    rows: int
    background: str
    """`#rrggbb`; what is transparent shows it."""


class Thumbnail(NamedTuple):
    """A thumbnail as it is drawn."""

    strips: Sequence[Strip] = ()
    """A row each, as many as its key says or fewer; none where it cannot be shown."""
    trouble: str = ""
    """Why it cannot be shown; clean."""


class Thumbnails:
    """Those that were seen last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[PictureKey, Thumbnail] = OrderedDict()

    def __contains__(self, key: PictureKey) -> bool:
        return key in self._kept

    def get(self, key: PictureKey) -> Thumbnail | None:
        """A thumbnail, if it is there."""
        return self._kept.get(key)

    def forget_troubles(self) -> None:
        """Have what could not be shown asked for again: elsewhere it may be there."""
        for key in [key for key, made in self._kept.items() if made.trouble]:
            del self._kept[key]

    def add(
        self,
        key: PictureKey,
        picture: Pixels | str,
        base: Style,
        needed: Collection[PictureKey],
        *,
        shades: bool = False,
    ) -> set[PictureKey]:
        """Keep a thumbnail; gives those that made room for it.

        Args:
            key: of what.
            picture: its pixels, or why there are none.
            base: what is around it.
            needed: those in view, which stay.
            shades: draw it by brightness alone (see `half_blocks.wants_shades`).
        """
        if isinstance(picture, str):
            made = Thumbnail(trouble=picture)
        else:
            made = Thumbnail(half_block_strips(picture, key.cells, base, shades=shades))
        self._kept[key] = made
        for each in needed:
            if each in self._kept:
                self._kept.move_to_end(each)
        gone = [*self._kept][: max(len(self._kept) - max(_KEPT, len(needed) + 1), 0)]
        for each in gone:
            del self._kept[each]
        return set(gone)


def size_of(part: ImagePart, most: int) -> tuple[int, int] | None:
    """The cells and rows of a picture's thumbnail; None where it has none.

    Pixels are square as half a cell: nearly so on most terminals. Small pictures are not enlarged.

    Args:
        part: the picture.
        most: cells that there are.
    """
    if not part.sha256 or part.width < 1 or part.height < 1:
        return None
    scale = min(1.0, min(most, MOST_CELLS) / part.width, MOST_ROWS * 2 / part.height)
    cells, pixels = max(round(part.width * scale), 1), max(round(part.height * scale), 1)
    return min(cells, most), ceil(pixels / 2)


def colour_of(style: Style) -> str:
    """The background of a style as `#rrggbb`."""
    colour = style.bgcolor
    return "#000000" if colour is None else colour.get_truecolor(foreground=False).hex


def on_background(style: Style, background: str) -> Style:
    """A style on another background, `#rrggbb`."""
    return style + Style(bgcolor=background)
