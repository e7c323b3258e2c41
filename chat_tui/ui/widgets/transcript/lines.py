"""The lines of a message, part by part, from its heading to the blank below it."""

from collections.abc import Iterator, Sequence

from chat_tui.core.searchable import SectionName
from chat_tui.ui.markdown import CodeBlock, Line
from chat_tui.ui.widgets.transcript.attachments import AttachedLines
from chat_tui.ui.widgets.transcript.body import MessageBody
from chat_tui.ui.widgets.transcript.pictures import PictureKey

GUTTER = 2
"""Cells left of every line, for the bar of a prompt and the mark of the keyboard's cursor."""

_INDENT = 2
"""Cells of the bar beside reasoning."""


class MessageLines:
    """What stands where in a message: heading, fold, reasoning, text, pictures, calls, an error.

    Args:
        reasoning: laid out where it is shown only.
        body: the text.
        head: the lines of the heading.
    """

    def __init__(self, reasoning: MessageBody, body: MessageBody, head: list[Line]) -> None:
        self._reasoning = reasoning
        self._body = body
        self._head = head
        self._details = False
        """Whether reasoning is shown."""
        self._fold: list[Line] = []
        self._gap: list[Line] = []
        self._more: list[Line] = []
        self._attached = AttachedLines()
        self._calls: list[Line] = []
        self._tail: list[Line] = []

    @property
    def height(self) -> int:
        """Lines, with the blank one at the end."""
        below = len(self._calls) + len(self._tail)
        return self.attached_start + len(self._attached.lines) + below

    @property
    def body_start(self) -> int:
        """The line at which the text begins."""
        return self._reasoning_start + len(self._reasoning_lines) + len(self._gap)

    @property
    def attached_start(self) -> int:
        """The line at which what is attached begins."""
        return self.body_start + self._body.shown + len(self._more)

    @property
    def folded(self) -> bool:
        """Whether a part of the text is hidden."""
        return self._body.shown < len(self._body.lines)

    @property
    def text_lines(self) -> Sequence[Line]:
        """The lines of the text, hidden ones included; to be read only, and not to be kept."""
        return self._body.lines

    @property
    def code_blocks(self) -> Sequence[CodeBlock]:
        """The code blocks of the text."""
        return self._body.code_blocks

    def stretch(self, section: SectionName) -> tuple[int, Sequence[Line]]:
        """The first line of a part of the message, and its lines; none where it is folded."""
        if section == "reasoning":
            return self._reasoning_start, self._reasoning_lines
        start, shown = self.body_start, self._body.shown
        if section == "text":
            return start, self._body.lines[:shown]
        return self.attached_start + len(self._attached.lines), self._calls

    def span_of_code(self, number: int) -> tuple[int, int]:
        """The first and the last line of a code block, counted from 0, as far as it is shown."""
        block, start = self._body.code_blocks[number], self.body_start
        end = max(self._body.shown - 1, 0)
        return start + min(block.first_line, end), start + min(block.last_line, end)

    def line(self, index: int) -> Line:
        """A line; its strip is without the gutter."""
        above = (self._head, self._fold, self._reasoning_lines, self._gap)
        for part in above:
            if index < len(part):
                return part[index]
            index -= len(part)
        if index < self._body.shown:
            return self._body.lines[index]
        index -= self._body.shown
        for part in (self._more, self._attached.lines, self._calls):
            if index < len(part):
                return part[index]
            index -= len(part)
        return self._tail[index]

    def pictures_between(self, first: int, end: int) -> Iterator[PictureKey]:
        """The thumbnails of which a line stands from one line on, and before another one."""
        start = self.attached_start
        for place in self._attached.places:
            if place.key is not None and start + place.first < end and start + place.last >= first:
                yield place.key

    def attached_at(self, index: int, cell: int) -> int | None:
        """The picture on a line at a cell of it as drawn, by its place among what is attached."""
        line, cell = index - self.attached_start, cell - GUTTER
        for place in self._attached.places:
            if place.first <= line <= place.last and place.left <= cell < place.right:
                return place.number
        return None

    def text_start(self, index: int) -> int:
        """The cell of the drawn line at which its text begins."""
        return GUTTER + self._indent(index) + self.line(index).start

    @property
    def _reasoning_start(self) -> int:
        return len(self._head) + len(self._fold)

    @property
    def _reasoning_lines(self) -> Sequence[Line]:
        return self._reasoning.lines if self._details else ()

    def _indent(self, index: int) -> int:
        first = self._reasoning_start
        return _INDENT if first <= index < first + len(self._reasoning_lines) else 0
