"""A text of a message as lines, as it grows, and how many of them are shown."""

from collections import deque
from collections.abc import Sequence
from math import inf
from time import perf_counter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.safety import Cleaner
from chat_tui.ui.markdown import CodeBlock, Line, MarkdownDocument
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.plain import PlainDocument

_SLICE = 1_000
"""Characters that are laid out at once, in about 4 ms."""


class MessageBody:
    """A text that is cleaned as it comes and laid out when it is to be seen.

    Args:
        document: what lays it out, empty.
        label: the style of the numbers of code blocks.
    """

    def __init__(self, document: MarkdownDocument | PlainDocument, label: Style) -> None:
        self._document = document
        self._label = label
        self._cleaner = Cleaner()
        self._raw: list[str] = []
        self._waiting: deque[str] = deque()
        self._ended = self._closed = False
        self._numbers: dict[int, int] = {}
        self.is_empty = True
        """Whether no text has come."""
        self.shown = 0
        """How many of its lines are shown."""

    @property
    def raw(self) -> str:
        """The text so far, as it came."""
        return "".join(self._raw)

    @property
    def lines(self) -> Sequence[Line]:
        """All its lines, hidden ones included; to be read only, and not to be kept."""
        return self._document.lines

    @property
    def code_blocks(self) -> Sequence[CodeBlock]:
        """Its code blocks."""
        return self._document.code_blocks

    @property
    def removed(self) -> int:
        """Characters that were dropped because they would mislead."""
        return self._cleaner.removed

    @property
    def behind(self) -> bool:
        """Whether something has come that is not laid out yet, if only the end."""
        return bool(self._waiting) or self._ended != self._closed

    def append(self, delta: str) -> None:
        """Take more text, raw as it came."""
        self._raw.append(delta)
        self._wait(self._cleaner.feed(delta))

    def close(self) -> None:
        """Say that the text is whole."""
        self._wait(self._cleaner.close())
        self._ended = True

    def refresh(self, folding: Folding, deadline: float = inf) -> int | None:
        """Lay out what came; gives the first shown line that is another than before, if any.

        Args:
            folding: how much of it is shown.
            deadline: when to leave the rest for the next frame, by `time.perf_counter`.
        """
        before, changed = self.shown, self._lay_out(deadline)
        self.shown = folding.shown(len(self._document.lines))
        numbers = self._number_blocks()
        others = dict(numbers.items() ^ self._numbers.items())
        self._numbers = numbers
        changed = min(changed, *others, self.shown)
        if self.shown != before:
            return min(changed, before)
        return changed if changed < self.shown else None

    def strip(self, index: int) -> Strip:
        """A line as it is drawn, with the number of the code block that begins there.

        Blocks have numbers where there is more than one of them.
        """
        strip, number = self._document.lines[index].strip, self._numbers.get(index)
        if number is None:
            return strip
        label = f" {number} "
        room = strip.cell_length - len(label)
        if cell_len(strip.text.rstrip()) > room:
            return strip
        return Strip([*strip.crop(0, room), Segment(label, self._label)])

    def _wait(self, piece: str) -> None:
        if piece:
            self._waiting.append(piece)
            self.is_empty = False

    def _lay_out(self, deadline: float) -> int:
        """Lay out waiting text, in slices, until a time; gives the first line that changed."""
        first = len(self._document.lines)
        while self._waiting:
            piece = self._waiting.popleft()
            while self._waiting and len(piece) < _SLICE:
                piece += self._waiting.popleft()
            if len(piece) > _SLICE and deadline < inf:
                self._waiting.appendleft(piece[_SLICE:])
                piece = piece[:_SLICE]
            self._document.append(piece)
            if deadline < inf:
                first = min(first, self._document.refresh())
            if perf_counter() >= deadline:
                return first
        if self._ended and not self._closed:
            self._closed = True
            self._document.close()
        return min(first, self._document.refresh())

    def _number_blocks(self) -> dict[int, int]:
        """The first lines of code blocks with their numbers, where there is more than one."""
        starts = self._document.code_starts
        return {line: number for number, line in enumerate(starts, 1)} if len(starts) > 1 else {}
