"""Pictures in a terminal's own graphics: the sequences of Kitty's protocol, and of Sixel.

textual-image encodes, but does not write: it would write beside the thread of Textual that writes,
in the middle of its sequences. What is made here goes through the driver, in order.
"""

import io
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from rich.color import Color, ColorSystem
from rich.style import Style

from chat_tui.core.attachments.values import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

_CHUNK = 4096
"""Characters of a message of Kitty's protocol."""

_PLACE = "\U0010eeee"
_COLOUR = (95, 135, 255)
"""Placeholders name their picture by their colour. This one is in the palette of 256 too, so that
terminals to which colours are sent that way find the same picture."""

_BACKGROUND = (0, 0, 0, 1.0)


@contextmanager
def _no_terminal() -> Iterator[None]:
    """Have no terminal: textual-image asks one when it is imported, and would eat keys."""
    before, sys.__stdout__ = sys.__stdout__, io.StringIO()  # type: ignore[misc,assignment]
    try:
        yield
    finally:
        sys.__stdout__ = before  # type: ignore[misc]


@cache
def _textual_image() -> tuple[ModuleType, ModuleType]:
    """Its modules for Kitty and for Sixel."""
    with _no_terminal():
        # 60 ms that only who sees pictures this way need pay.
        from textual_image import _sixel
        from textual_image.renderable import tgp
    return tgp, _sixel


def most_cells() -> int:
    """How many columns, or rows, a picture of Kitty's may have."""
    return len(_textual_image()[0]._NUMBER_TO_DIACRITIC)  # noqa: SLF001 - a published table


def kitty_id(*, truecolor: bool) -> int:
    """The number of the picture that is shown; there is one at a time."""
    red, green, blue = _COLOUR
    if truecolor:
        return red << 16 | green << 8 | blue
    return Color.from_rgb(red, green, blue).downgrade(ColorSystem.EIGHT_BIT).number or 0


def kitty_upload(pixels: Pixels, columns: int, rows: int, number: int) -> str:
    """Give the terminal a picture, to be seen where its placeholders are. Takes some time.

    Args:
        pixels: the picture.
        columns: cells that it takes.
        rows: likewise.
        number: what it is called; one that was called so is gone.
    """
    content = b64encode(zlib.compress(pixels.rgb, 1)).decode("ascii")
    chunks = [content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK)]
    size = f"a=t,t=d,f=24,o=z,s={pixels.width},v={pixels.height},i={number},q=2"
    last = len(chunks) - 1
    messages = [
        _message(f"{f'{size},' if at == 0 else ''}m={int(at < last)}", chunk)
        for at, chunk in enumerate(chunks)
    ]
    place = _message(f"a=p,U=1,i={number},c={columns},r={rows},q=2")
    return "".join([*messages, place])


def kitty_delete(number: int) -> str:
    """Take a picture away, and free its memory."""
    return _message(f"a=d,d=I,i={number},q=2")


def kitty_line(row: int, columns: int) -> str:
    """The placeholders of a row of cells."""
    marks = _textual_image()[0]._NUMBER_TO_DIACRITIC  # noqa: SLF001 - see above
    down = chr(marks[row])
    return "".join(f"{_PLACE}{down}{chr(marks[column])}" for column in range(columns))


def kitty_style() -> Style:
    """The style of placeholders."""
    return Style(color=Color.from_rgb(*_COLOUR))


def sixel(pixels: Pixels) -> str:
    """A picture as Sixel. Takes some time."""
    found: str = _textual_image()[1].image_to_sixels(_image(pixels), None, _BACKGROUND)
    return found


def placed(sequence: str, column: int, row: int) -> str:
    """A sequence that draws at a cell, and leaves the cursor where it was."""
    return f"\x1b7\x1b[{row + 1};{column + 1}H{sequence}\x1b8"


def _image(pixels: Pixels) -> "Image":
    from PIL import Image  # 20 ms, likewise

    return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.rgb)


def _message(control: str, payload: str = "") -> str:
    return f"\x1b_G{control}{f';{payload}' if payload else ''}\x1b\\"
