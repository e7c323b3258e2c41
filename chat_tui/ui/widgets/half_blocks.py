"""Pictures drawn with characters: two pixels a cell, or shades where colours are no use."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.strip import Strip

from chat_tui.core.attachments.values import Pixels
from chat_tui.ui.markdown.strips import LineStrip

_UPPER = "▀"
_SHADES = " ░▒▓█"
_RICH_COLOURS = frozenset({"256", "truecolor", "windows"})

_Pair = tuple[bytes, bytes]
"""The colours of a cell's upper and lower pixel; the lower one is empty below the picture."""


def wants_shades(app: App[Any]) -> bool:
    """Whether pictures are drawn with shades: no colours are wanted, or there are only a few."""
    if app.no_color:
        return True
    return not app.is_headless and app.console.color_system not in _RICH_COLOURS


def cells_of(pixels: Pixels) -> tuple[int, int]:
    """The columns and rows of cells that a picture takes: a pixel across, two down each."""
    return pixels.width, (pixels.height + 1) // 2


def half_block_strips(
    pixels: Pixels, width: int, base: Style, *, shades: bool = False
) -> list[Strip]:
    """A picture as finished strips, a row of cells each.

    Args:
        pixels: the picture, as large as it is to be drawn: `Media.pixels(source, columns,
            2 * rows)` gives it. What is wider than the strips is left out.
        width: cells of each strip; at the right of the picture they are empty.
        base: what is around it, with its colours and its meta.
        shades: draw by brightness alone, in the base's colours (see `wants_shades`).
    """
    across = min(pixels.width, width)
    blank = [Segment(" " * (width - across), base)] if width > across else []
    draw = _shaded if shades else _coloured
    return [
        LineStrip([*draw(pixels, y, across, base), *blank], width)
        for y in range(0, pixels.height, 2)
    ]


def _row(pixels: Pixels, y: int, across: int) -> Iterator[_Pair]:
    """The cells of two rows of pixels."""
    wide = pixels.width * 3
    upper = pixels.rgb[y * wide : (y + 1) * wide]
    lower = pixels.rgb[(y + 1) * wide : (y + 2) * wide]
    return ((upper[at : at + 3], lower[at : at + 3]) for at in range(0, across * 3, 3))


def _coloured(pixels: Pixels, y: int, across: int, base: Style) -> Iterator[Segment]:
    for (upper, lower), cells in groupby(_row(pixels, y, across)):
        count = sum(1 for _ in cells)
        if upper == lower:
            yield Segment(" " * count, base + _filled(upper))
        else:
            yield Segment(_UPPER * count, base + _halves(upper, lower))


@lru_cache(maxsize=4096)
def _filled(rgb: bytes) -> Style:
    return Style(bgcolor=Color.from_rgb(*rgb))


@lru_cache(maxsize=4096)
def _halves(upper: bytes, lower: bytes) -> Style:
    behind = Color.from_rgb(*lower) if lower else None
    return Style(color=Color.from_rgb(*upper), bgcolor=behind)


def _shaded(pixels: Pixels, y: int, across: int, base: Style) -> Iterator[Segment]:
    dark_ink = _is_dark_ink(base)
    marks = []
    for upper, lower in _row(pixels, y, across):
        light = (_light(upper) + (_light(lower) if lower else _light(upper))) / 2
        ink = 1 - light if dark_ink else light
        marks.append(_SHADES[min(int(ink * len(_SHADES)), len(_SHADES) - 1)])
    yield Segment("".join(marks), base)


def _light(rgb: bytes) -> float:
    """How bright a pixel looks, from 0 to 1."""
    return (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]) / 255


def _is_dark_ink(base: Style) -> bool:
    """Whether what is drawn is darker than what it is drawn on."""
    if base.color is None or base.bgcolor is None:
        return False
    ink, ground = (each.get_truecolor() for each in (base.color, base.bgcolor))
    return _light(bytes(ink)) < _light(bytes(ground))
