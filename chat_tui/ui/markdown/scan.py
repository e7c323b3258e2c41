"""Recognising the start of a block on a line; the rules of CommonMark 0.31 and GFM's tables."""

import re
from typing import NamedTuple

_RULE = re.compile(r"(?:\*[ \t]*){3,}\Z|(?:_[ \t]*){3,}\Z|(?:-[ \t]*){3,}\Z")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|\Z)")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*\Z")
_FENCE = re.compile(r"(`{3,})([^`]*)\Z|(~{3,})(.*)\Z")
_MARKER = re.compile(r"(?:([*+-])|(\d{1,9})([.)]))(?=[ \t]|\Z)")
_TASK = re.compile(r"\[([ xX])\][ \t]")
_DELIMITERS = re.compile(r"[|:-][|:\- \t]+\Z")
_DELIMITER = re.compile(r":?-+:?\Z")
_DEFINITION = (
    r"\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*\n?[ \t]*"
    r"(?:<([^<>\n]*)>|([^\s<]\S*))"
)
_TITLE = r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))"
_END = r"[ \t]*(?:\n|\Z)"
_REFERENCES = (
    re.compile(rf"{_DEFINITION}[ \t]*(?:\n[ \t]*|[ \t]){_TITLE}{_END}", re.DOTALL),
    re.compile(rf"{_DEFINITION}{_END}", re.DOTALL),
)
"""A definition with a title and one without: what looks like a title may be text."""

_TAB = 4

CODE_INDENT = 4
"""Columns of indentation that make a line code, and keep it from beginning any other block."""


class Cursor:
    """A place in a line, in characters and in columns (tabs stop at every fourth)."""

    __slots__ = ("_column", "_next", "_next_column", "_spare", "line", "position")

    def __init__(self, line: str) -> None:
        self.line = line
        self.position = 0
        self._column = 0
        self._spare = 0
        """Columns of a tab that were not taken with its first ones."""
        self._look()

    def _look(self) -> None:
        position, column = self.position, self._column + self._spare
        line, size = self.line, len(self.line)
        while position < size:
            character = line[position]
            if character == " ":
                column += 1
            elif character == "\t":
                column += _TAB - column % _TAB
            else:
                break
            position += 1
        self._next, self._next_column = position, column

    @property
    def blank(self) -> bool:
        """Whether nothing but blanks follows."""
        return self._next >= len(self.line)

    @property
    def indent(self) -> int:
        """Columns of blanks that follow."""
        return self._next_column - self._column

    @property
    def content(self) -> int:
        """Index of the first character that is no blank."""
        return self._next

    def skip_blanks(self) -> None:
        """Go to the first character that is no blank."""
        self.position, self._column, self._spare = self._next, self._next_column, 0

    def skip(self, characters: int) -> None:
        """Go on by characters that are no tabs."""
        self.position += characters
        self._column += characters
        self._look()

    def skip_columns(self, columns: int) -> None:
        """Go on by columns of blanks; a tab may be taken in part."""
        while columns > 0:
            if self._spare:
                taken = min(columns, self._spare)
                self._spare -= taken
                self._column += taken
                columns -= taken
            elif self.position < self._next and self.line[self.position] == "\t":
                self._spare = _TAB - self._column % _TAB
                self.position += 1
            elif self.position < self._next:
                self.position += 1
                self._column += 1
                columns -= 1
            else:
                break
        self._look()

    def rest(self) -> str:
        """What follows, blanks included."""
        return " " * self._spare + self.line[self.position :]


class Marker(NamedTuple):
    """The mark that begins a list's item."""

    kind: str
    """The bullet, or the character after the number: a change of it begins another list."""
    number: int | None
    width: int


class Heading(NamedTuple):
    """A line that begins with number signs."""

    level: int
    text: str


class FenceStart(NamedTuple):
    """A line that opens a fence."""

    marks: str
    info: str


def is_rule(text: str) -> bool:
    """Whether a line (without its indentation) is a horizontal rule."""
    return text[0] in "*_-" and bool(_RULE.match(text))


def heading(text: str) -> Heading | None:
    """The heading on a line."""
    if text[0] != "#":
        return None
    found = _HEADING.match(text)
    if not found:
        return None
    title = text[found.end() :].strip(" \t")
    unclosed = title.rstrip("#")
    if not unclosed or unclosed[-1] in " \t":
        title = unclosed.rstrip(" \t")
    return Heading(len(found[1]), title)


def underline(text: str) -> int:
    """The level of the heading that a line makes of the paragraph above; 0 for none."""
    if text[0] not in "=-" or not _UNDERLINE.match(text):
        return 0
    return 1 if text[0] == "=" else 2


def fence(text: str) -> FenceStart | None:
    """The fence that a line opens."""
    if text[0] not in "`~":
        return None
    found = _FENCE.match(text)
    if not found:
        return None
    return FenceStart(found[1] or found[3], (found[2] or found[4] or "").strip())


def closes_fence(text: str, marks: str) -> bool:
    """Whether a line (without its indentation) closes a fence."""
    text = text.rstrip(" \t")
    return len(text) >= len(marks) and not text.strip(marks[0])


def math_end(text: str) -> str:
    r"""What ends the block of math that a line opens (`$$` or `\]`); empty where it opens none.

    A line that holds both ends is left to the inline rule.
    """
    if text.startswith("$$") and not text.startswith("$$$"):
        return "" if "$$" in text[2:] else "$$"
    if text.startswith("\\["):
        return "" if "\\]" in text else "\\]"
    return ""


def marker(text: str) -> Marker | None:
    """The list item that a line begins."""
    if text[0] not in "*+-0123456789":
        return None
    found = _MARKER.match(text)
    if not found:
        return None
    if found[1]:
        return Marker(found[1], None, 1)
    return Marker(found[3], int(found[2]), found.end())


def task(text: str) -> bool | None:
    """Whether the task that an item's text begins with is done; None where it is no task."""
    found = _TASK.match(text)
    return found[1] != " " if found else None


def split_row(line: str) -> list[str]:
    r"""The cells of a table's row; `\|` is no border."""
    cells = [""]
    escaped = False
    for part in re.split(r"(\|)", line.strip(" \t")):
        if part == "|" and escaped:
            cells[-1] = cells[-1][:-1] + "|"
        elif part == "|":
            cells.append("")
        else:
            cells[-1] += part
        escaped = part.endswith("\\")
    if cells and not cells[0]:
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return [cell.strip(" \t") for cell in cells]


def table_alignments(header: str, line: str) -> list[str] | None:
    """How the columns of the table that two lines begin are aligned; None where they begin none."""
    if line[0] not in "|:-" or "|" not in header or not _DELIMITERS.match(line):
        return None
    if line[0] == "-" and line[1] in " \t":
        return None
    columns = [column.strip(" \t") for column in line.split("|")]
    inner = [
        column for index, column in enumerate(columns) if column or 0 < index < len(columns) - 1
    ]
    if not all(_DELIMITER.match(column) for column in inner):
        return None
    if len(inner) != len(split_row(header)) or not inner:
        return None
    return [_alignment(column) for column in inner]


def _alignment(column: str) -> str:
    if column.endswith(":"):
        return "center" if column.startswith(":") else "right"
    return "left"


class Reference(NamedTuple):
    """A link's destination under a label."""

    label: str
    destination: str


def split_references(text: str) -> tuple[list[Reference], str]:
    """Take the definitions of links off the beginning of a paragraph."""
    references = []
    while text.startswith("["):
        found = next(filter(None, (pattern.match(text) for pattern in _REFERENCES)), None)
        if not found or not found[1].strip():
            break
        destination = found[2] if found[2] is not None else found[3]
        references.append(Reference(found[1], destination))
        text = text[found.end() :]
    return references, text
