"""What is kept of a text that is too long, and the line that says what is missing."""

import unicodedata
from collections import deque
from collections.abc import Iterable

from chat_tui.core.attachments.cuts import left_out
from chat_tui.core.attachments.media import Rule

MOST_CHARACTERS = 4_000_000
"""What may be attached of one document."""

LEAST = 100
"""Characters that a cut text may always have: the line that says what is missing is among them."""

_NEAR = 2_000
"""How far from where a text is cut the end of a line may be, at most a fifth of what is kept."""

_MOST_MARKS = 32


class Gathered:
    """A text that comes in pieces, of which no more is kept than can be attached.

    Line ends become line feeds, wherever the pieces were cut.
    """

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most = most
        self._pieces: list[str] = []
        self._kept = 0
        self._last: deque[str] = deque()
        self._in_last = 0
        self._return = False
        self._feeds = 0
        self._ended = True
        self.characters = 0
        """Of all of it."""

    def add(self, piece: str) -> None:
        """Take the next piece."""
        if not piece:
            return
        if self._return and piece.startswith("\n"):
            piece = piece[1:]
        self._return = piece.endswith("\r")
        if "\r" in piece:
            piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        if not piece:
            return
        self.characters += len(piece)
        self._feeds += piece.count("\n")
        self._ended = piece.endswith("\n")
        room = self._most - self._kept
        if room > 0:
            self._pieces.append(piece[:room])
            self._kept += min(len(piece), room)
        self._last.append(piece)
        self._in_last += len(piece)
        while self._in_last - len(self._last[0]) >= self._most:
            self._in_last -= len(self._last.popleft())

    @property
    def lines(self) -> int:
        """Of all of it; what follows the last line feed is a line too."""
        return self._feeds + (not self._ended)

    @property
    def head(self) -> str:
        """All of it, or as much of its beginning as can be attached."""
        return "".join(self._pieces)

    def tail(self, count: int) -> str:
        """Its last characters."""
        return "".join(self._last)[-count:] if count else ""


def gathered(pieces: Iterable[str], most: int = MOST_CHARACTERS) -> Gathered:
    """A text from its pieces."""
    text = Gathered(most)
    for piece in pieces:
        text.add(piece)
    return text


def most_of(wished: int) -> int:
    """How many characters a text may have where so many are wished; 0: as many as may be."""
    return min(max(wished, LEAST), MOST_CHARACTERS) if wished else MOST_CHARACTERS


def cut(text: Gathered, rule: Rule, most: int = 0) -> str:
    """A text, or what a rule keeps of it, with a line that says how much is left out.

    It is cut at the end of a line where one is near, and never before an accent.

    Args:
        text: all of it.
        rule: `whole` gives its beginning too; whether that may be is not asked here.
        most: characters, the line that says what is missing among them; fewer than `LEAST` are
            taken for `LEAST`, 0 for `MOST_CHARACTERS`.
    """
    most = most_of(most)
    if text.characters <= most:
        return text.head
    room = most - len(left_out(text.characters, text.characters)) - 2
    first = room * 2 // 3 if rule == "head-and-tail" else room
    head = _beginning(text.head, first)
    tail = _end(text.tail(room - first), text.tail(room - first + 1)) if first < room else ""
    line = left_out(text.characters - len(head) - len(tail), text.characters)
    before = "" if head.endswith("\n") or not head else "\n"
    return f"{head}{before}{line}\n{tail}"


def _beginning(text: str, most: int) -> str:
    """At most so many characters of the beginning of a longer text."""
    line = text.rfind("\n", max(most - _near(most), 0), most)
    if line >= 0:
        return text[: line + 1]
    at = most
    while at > max(most - _MOST_MARKS, 0) and _joins(text, at):
        at -= 1
    return text[:at]


def _end(text: str, longer: str) -> str:
    """The end of a longer text, from the beginning of a line where one is near.

    Args:
        text: what may be kept of it.
        longer: the same with the character before it.
    """
    if longer[0] == "\n":
        return text
    line = text.find("\n", 0, _near(len(text)))
    if line >= 0:
        return text[line + 1 :]
    at = 0
    while at < min(len(text), _MOST_MARKS) and _joins(text, at):
        at += 1
    return text[at:]


def _near(length: int) -> int:
    return min(length // 5, _NEAR)


def _joins(text: str, at: int) -> bool:
    """Whether a character belongs to the one before it."""
    if at >= len(text):
        return False
    return (
        bool(unicodedata.combining(text[at]))
        or text[at] in "\u200d\ufe0e\ufe0f"
        or (at > 0 and text[at - 1] == "\u200d")
    )
