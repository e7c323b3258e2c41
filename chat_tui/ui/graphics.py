"""Which graphics the terminal draws, told by its name alone: nothing is asked of it.

A question would go to the terminal while keys are read, and its answer come among them.
"""

import fcntl
import re
import struct
import termios
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

Graphics = Literal["kitty", "sixel", "blocks"]
"""Kitty's protocol with placeholders, Sixel, or characters of two pixels each."""

VARIABLE = "CHAT_TUI_GRAPHICS"
"""Says which one it is, where it is detected wrong."""

_KITTY_TERMS = re.compile(r"xterm-(?:kitty|ghostty)")
_SIXEL_TERMS = re.compile(r"(?:foot|mlterm|contour|yaft|rio)(?:-.*)?|xterm-sixel")

# Konsole and WezTerm know Kitty's protocol without placeholders, and Sixel.
_KITTY_PROGRAMS = frozenset({"ghostty", "kitty"})
_SIXEL_PROGRAMS = frozenset({"WezTerm", "iTerm.app", "rio", "contour", "mlterm"})
_KONSOLE_WITH_SIXEL = 220400


class CellSize(NamedTuple):
    """Pixels of a cell of the terminal."""

    width: int
    height: int


USUAL_CELL = CellSize(10, 20)
"""Where the terminal does not say: twice as high as wide."""


def graphics_of(environ: Mapping[str, str]) -> Graphics:
    """What the terminal draws pictures with.

    In tmux and screen, and in the browser, it is blocks: what is sent there does not get through.
    So it is where no colours are wanted, which Kitty's placeholders are told apart by.
    """
    wanted = environ.get(VARIABLE, "").strip().lower()
    for graphics in get_args(Graphics):
        if wanted == graphics:
            chosen: Graphics = graphics
            return chosen
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    between = "TMUX" in environ or "STY" in environ or term.startswith(("tmux", "screen"))
    if between or "NO_COLOR" in environ or "TEXTUAL_DRIVER" in environ:
        return "blocks"
    if _KITTY_TERMS.fullmatch(term) or program in _KITTY_PROGRAMS or "KITTY_WINDOW_ID" in environ:
        return "kitty"
    if _SIXEL_TERMS.fullmatch(term) or program in _SIXEL_PROGRAMS or "WEZTERM_PANE" in environ:
        return "sixel"
    konsole = environ.get("KONSOLE_VERSION", "")
    return "sixel" if konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL else "blocks"


def cell_size(terminal: int) -> CellSize | None:
    """The size of a terminal's cells; None where it does not say.

    Args:
        terminal: its file descriptor.
    """
    try:
        answer = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("HHHH", answer)
    cell = CellSize(width // columns, height // rows) if rows and columns else CellSize(0, 0)
    return cell if cell.width and cell.height else None
