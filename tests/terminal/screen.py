"""What a terminal shows and keeps: enough of one to understand all that Textual writes.

It doubles as a list of what may be written: whatever it does not know is in `foreign`.
"""

import codecs
import re
from dataclasses import dataclass, field

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"(?P<csi>\x1b\[[0-?]*[ -/]*[@-~])"
    r"|(?P<string>\x1b[\]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\))"
    r"|(?P<escape>\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ`-~\\]))"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x9f])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_].*|[ -/]*)\Z", re.DOTALL)
_MODES = re.compile(r"\x1b\[\?([\d;]+)([hl])")
_PLACE = re.compile(r"\x1b\[(\d*)(?:;(\d*))?H")
_POINTER = re.compile(r"\x1b\]22;([a-z-]+)(?:\x07|\x1b\\)")
_HARMLESS = re.compile(r"\x1b\[(?:[\d;:]*m|\?(?:2026|2048)\$p)")
_KEYBOARD = re.compile(r"\x1b\[(?:>\d+|<)u")

_KNOWN_MODES = {7, 25, 1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048}
_ON_AT_FIRST = {7, 25}
"""Automatic wrap, and the cursor."""

_ALTERNATE = 1049


@dataclass
class Screen:
    """Fed with the bytes that a program writes.

    Args:
        columns: width in cells.
        rows: height in lines.
    """

    columns: int = 120
    rows: int = 40
    modes: set[int] = field(default_factory=lambda: set(_ON_AT_FIRST))
    """The private modes that are on."""
    keyboards: int = 0
    """How deep the stack of keyboard protocols is."""
    pointer: str = "default"
    """The shape of the mouse pointer that was asked for."""
    foreign: list[str] = field(default_factory=list)
    """Sequences that Textual does not write."""

    def __post_init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = ""
        self._lines = self._blank()
        self._main = self._lines
        self._x = self._y = 0

    @property
    def text(self) -> str:
        """What stands there."""
        return "\n".join("".join(line).rstrip() for line in self._lines)

    @property
    def restored(self) -> bool:
        """Whether all is as a shell left it."""
        modes = self.modes == _ON_AT_FIRST
        return modes and self.keyboards == 0 and self.pointer == "default" and not self._pending

    def resize(self, columns: int, rows: int) -> None:
        """Have another size from now on; what is shown is to be drawn anew."""
        self.columns, self.rows = columns, rows
        self._lines = self._main = self._blank()
        self._x = self._y = 0

    def feed(self, data: bytes) -> None:
        """Take what was written."""
        text = self._pending + self._decoder.decode(data)
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is not None:
                self._take(str(token.lastgroup), token[0])
                at = token.end()
            elif _UNFINISHED.match(text, at):
                break
            else:
                self.foreign.append(text[at : at + 2])
                at += 1
        self._pending = text[at:]

    def _take(self, kind: str, token: str) -> None:
        if kind == "text":
            self._write(token)
        elif token == "\r":
            self._x = 0
        elif token == "\n":
            self._feed_line()
        elif found := _PLACE.fullmatch(token):
            self._y = min(int(found[1] or 1), self.rows) - 1
            self._x = min(int(found[2] or 1), self.columns) - 1
        elif found := _MODES.fullmatch(token):
            self._set_modes({int(mode) for mode in found[1].split(";")}, token, on=found[2] == "h")
        elif found := _POINTER.fullmatch(token):
            self.pointer = found[1]
        elif _KEYBOARD.fullmatch(token):
            self.keyboards += 1 if ">" in token else -1
        elif not _HARMLESS.fullmatch(token):
            self.foreign.append(token)

    def _set_modes(self, modes: set[int], token: str, *, on: bool) -> None:
        if not modes <= _KNOWN_MODES:
            self.foreign.append(token)
            return
        if _ALTERNATE in modes and on:
            self._main, self._lines = self._lines, self._blank()
        elif _ALTERNATE in modes and _ALTERNATE in self.modes:
            self._lines = self._main
        self.modes = self.modes | modes if on else self.modes - modes

    def _write(self, text: str) -> None:
        if text.isascii() and self._x + len(text) <= self.columns:
            self._lines[self._y][self._x : self._x + len(text)] = text
            self._x += len(text)
            return
        for character in text:
            width = get_character_cell_size(character)
            if not width:
                continue
            if self._x + width > self.columns:
                if 7 not in self.modes:
                    continue
                self._x = 0
                self._feed_line()
            line = self._lines[self._y]
            line[self._x] = character
            if width == 2:
                line[self._x + 1] = ""
            self._x += width

    def _feed_line(self) -> None:
        if self._y + 1 < self.rows:
            self._y += 1
        else:
            del self._lines[0]
            self._lines.append([" "] * self.columns)

    def _blank(self) -> list[list[str]]:
        return [[" "] * self.columns for _ in range(self.rows)]
