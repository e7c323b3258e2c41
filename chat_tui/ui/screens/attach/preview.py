"""The preview of a picture: in the terminal's own graphics, else in half blocks."""

import asyncio
import math
import os
from collections.abc import Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.core.attachments.values import Pixels
from chat_tui.ui.graphics import USUAL_CELL, CellSize, Graphics, cell_size, graphics_of
from chat_tui.ui.screens.attach.terminal_pictures import (
    kitty_delete,
    kitty_id,
    kitty_line,
    kitty_style,
    kitty_upload,
    most_cells,
    placed,
    sixel,
)
from chat_tui.ui.terminal import send_sequence
from chat_tui.ui.widgets.half_blocks import cells_of, half_block_strips, wants_shades
from chat_tui.ui.widgets.marked_rows import cut
from chat_tui.ui.widgets.text_lines import hanging

_MOST_PIXELS: dict[Graphics, int] = {"kitty": 1_200, "sixel": 800}
"""On a side of a preview: the terminal is sent 6 MB for one at the most (noise), far less for most
pictures. Sixel is encoded in Python, which takes 0.8 s for noise."""


def _told(app: App[Any]) -> tuple[Graphics, CellSize]:
    """How the app's terminal draws pictures, and on what cells."""
    driver = app._driver  # noqa: SLF001 - Textual tells nobody which terminal it is
    number = getattr(driver, "fileno", None)
    if app.is_headless or app.no_color or not isinstance(number, int):
        return "blocks", USUAL_CELL
    graphics, cell = graphics_of(os.environ), cell_size(number)
    if graphics == "sixel" and cell is None:
        # It would cover what is beside it, or scroll the screen.
        return "blocks", USUAL_CELL
    return graphics, cell or USUAL_CELL


class PicturePreview(Widget):
    """A picture in the middle of its room, or words instead of one."""

    class Resized(Message):
        """There is another room for the picture."""

    DEFAULT_CSS: ClassVar[str] = """
    PicturePreview { height: 1fr; background: $surface; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: Pixels | None = None
        """The picture that is shown; None where there are words."""
        self.words = ""
        self._lines: Sequence[Strip] = ()
        self._at = (0, 0)
        """Column and row of the picture in this widget."""
        self._sixel = ""
        self._uploaded = 0
        """The number of the picture that the terminal has; 0 where it has none."""
        self._asked = False
        self._gone = False

    # What is shown

    @property
    def room(self) -> tuple[int, int]:
        """The pixels that a picture has room for: width and height."""
        graphics, cell = _told(self.app)
        columns, rows = self.size
        if graphics == "blocks":
            return max(columns, 1), max(rows * 2, 1)
        if graphics == "kitty":
            columns, rows = min(columns, most_cells()), min(rows, most_cells())
        wide, high = columns * cell.width, rows * cell.height
        most = _MOST_PIXELS[graphics]
        return max(min(wide, most), 1), max(min(high, most), 1)

    def say(self, words: str) -> None:
        """Show words in place of a picture; clean."""
        self._forget()
        self.words = words
        self._fold()
        self.refresh()

    async def show(self, pixels: Pixels) -> None:
        """Show a picture that is as large as there is `room` for it at the most."""
        graphics, cell = _told(self.app)
        columns, rows = math.ceil(pixels.width / cell.width), math.ceil(pixels.height / cell.height)
        drawn = ""
        if graphics == "sixel":
            drawn = await asyncio.to_thread(sixel, pixels)
        elif graphics == "kitty":
            number = kitty_id(truecolor=self.app.console.color_system == "truecolor")
            drawn = await asyncio.to_thread(kitty_upload, pixels, columns, rows, number)
        if self._gone:
            # Who asked for it is told to stop after this widget was: nobody would take it away.
            return
        self._forget()
        self.shown = pixels
        base = self.rich_style
        if graphics == "blocks":
            columns, rows = cells_of(pixels)
            shades = wants_shades(self.app)
            self._lines = half_block_strips(pixels, columns, base, shades=shades)
        elif graphics == "sixel":
            self._sixel = drawn
            self._lines = [Strip.blank(columns, base)] * rows
        else:
            self._uploaded = number
            send_sequence(self.app, drawn)
            style = base + kitty_style()
            self._lines = [
                Strip([Segment(kitty_line(row, columns), style)], columns) for row in range(rows)
            ]
        self._place(columns, rows)
        self.refresh()

    def _place(self, columns: int, rows: int) -> None:
        self._at = (max(self.size.width - columns, 0) // 2, max(self.size.height - rows, 0) // 2)

    def _forget(self) -> None:
        """Take the picture away, also from the terminal."""
        self.shown, self._sixel, self._lines = None, "", ()
        if self._uploaded:
            send_sequence(self.app, kitty_delete(self._uploaded))
            self._uploaded = 0

    def _fold(self) -> None:
        width = self.size.width
        if width < 1:
            return
        lines = [piece for line in self.words.split("\n") for piece in _folded(line, width - 2)]
        base = self.rich_style
        self._lines = [Strip([Segment(_centred(cut(line, width), width), base)]) for line in lines]
        self._at = (0, max(self.size.height - len(lines), 0) // 2)

    def on_unmount(self) -> None:
        """Leave nothing in the terminal."""
        self._gone = True
        self._forget()

    def on_resize(self) -> None:
        """Ask for the picture anew: there is another room for it."""
        if self.shown is None:
            self._fold()
        self.post_message(self.Resized())

    # Drawing

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        if self.shown is None:
            self._fold()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the picture, with what is around it."""
        left, top = self._at
        width, base = self.size.width, self.rich_style
        if not top <= y < top + len(self._lines):
            return Strip.blank(width, base)
        if self._sixel:
            self._draw_sixel()
        strip = self._lines[y - top]
        before = Strip([Segment(" " * left, base)], left)
        return Strip.join([before, strip]).adjust_cell_length(width, base)

    def _draw_sixel(self) -> None:
        """Draw the picture over the cells that are drawn now, once for all of them."""
        if not self._asked:
            self._asked = True
            self.call_after_refresh(self._send_sixel)

    def _send_sixel(self) -> None:
        self._asked = False
        region, screen = self.region, self.screen
        inside = screen.region.contains_region(region) and region.bottom < screen.region.bottom
        if self._sixel and self.is_attached and screen.is_current and inside:
            column, row = region.x + self._at[0], region.y + self._at[1]
            send_sequence(self.app, placed(self._sixel, column, row))


def _folded(line: str, width: int) -> list[str]:
    return hanging(line, 0, width).split("\n")


def _centred(line: str, width: int) -> str:
    return " " * (max(width - cell_len(line), 0) // 2) + line
