"""Pictures in a terminal's own graphics: the bytes that it gets, and what is left of them."""

import fcntl
import re
import struct
import termios
import zlib
from base64 import b64decode
from pathlib import Path

from PIL import Image

from tests.terminal.conftest import ESCAPE, LEADER, STARTING, AppProgram, leave
from tests.terminal.program import TerminalProgram
from tests.ui.pictures import write_picture

ATTACH = f"{LEADER}@"
SIZE = (40, 30)
CELL = (8, 16)
PLACE = "\U0010eeee"

_GRAPHICS = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")


def _say_cell_size(terminal: TerminalProgram) -> None:
    """Have the terminal say how large its cells are, as those with graphics do."""
    columns, rows = 120, 40
    size = struct.pack("HHHH", rows, columns, columns * CELL[0], rows * CELL[1])
    fcntl.ioctl(terminal._terminal, termios.TIOCSWINSZ, size)


def _attach(program: AppProgram, folder: Path, term: str, name: str = "") -> TerminalProgram:
    """Open the attach screen at the picture in a folder."""
    write_picture(folder / "red.png", *SIZE)
    terminal = program.app("--demo", COLORTERM="truecolor", TERM=term, TERM_PROGRAM=name)
    _say_cell_size(terminal)
    terminal.until(lambda screen: "Enter Send" in screen.text and STARTING not in screen.text)
    terminal.send(ATTACH)
    terminal.see("Attach pictures")
    terminal.send(f"{folder}/red")
    terminal.see("40×30 · PNG")
    return terminal


def _ends_clean(terminal: TerminalProgram) -> None:
    assert leave(terminal) == 0
    screen = terminal.screen
    assert screen.restored
    # Pictures, and around Sixel where the cursor was.
    ours = ("\x1b_G", "\x1bP0;0;0q", "\x1b7", "\x1b8")
    assert [each for each in screen.foreign if not each.startswith(ours)] == []


def test_kitty_gets_the_pixels_of_the_file_and_loses_them_with_the_screen(
    program: AppProgram, tmp_path: Path
) -> None:
    terminal = _attach(program, tmp_path, "xterm-kitty")

    terminal.until(lambda screen: PLACE in screen.text)
    messages = _GRAPHICS.findall(bytes(terminal.output).decode())
    sent = [(control, payload) for control, payload in messages if payload]
    facts = dict(pair.split("=") for pair in sent[0][0].split(","))
    assert (facts["s"], facts["v"], facts["f"], facts["o"]) == ("40", "30", "24", "z")
    assert all(len(payload) <= 4096 for _, payload in sent)
    number = int(facts["i"])
    pixels = zlib.decompress(b64decode("".join(payload for _, payload in sent)))
    picture = Image.open(tmp_path / "red.png").convert("RGB")
    assert pixels == picture.tobytes()
    # 40 pixels are five cells of eight, 30 are two of sixteen.
    assert (f"a=p,U=1,i={number},c=5,r=2,q=2", "") in messages
    assert terminal.screen.text.count(PLACE) == 10
    colour = f"{number >> 16};{number >> 8 & 255};{number & 255}"
    assert f"38;2;{colour}" in bytes(terminal.output).decode()

    terminal.send(ESCAPE)
    terminal.until(lambda screen: PLACE not in screen.text)
    terminal.wait_for(f"a=d,d=I,i={number}")
    _ends_clean(terminal)


def test_sixel_is_drawn_where_the_preview_is_and_leaving_from_there_is_clean(
    program: AppProgram, tmp_path: Path
) -> None:
    terminal = _attach(program, tmp_path, "xterm-256color", "WezTerm")

    terminal.wait_for('q"1;1;40;30')
    terminal.settle()
    drawn = re.findall(
        r'\x1b7\x1b\[(\d+);(\d+)H\x1bP0;0;0q"1;1;40;30(.*?)\x1b\\\x1b8',
        bytes(terminal.output).decode(),
        re.DOTALL,
    )
    assert drawn
    row, column, body = drawn[-1]
    lines = terminal.screen.text.split("\n")
    facts = next(y for y, line in enumerate(lines) if "40×30 · PNG" in line)
    # In the middle of the right half, above the facts.
    assert 60 < int(column) < 110
    assert 5 < int(row) < facts
    # Blue, and one red pixel.
    assert {"20;40;80", "100;0;0"} <= set(re.findall(r"#\d+;2;(\d+;\d+;\d+)", body))

    _ends_clean(terminal)
