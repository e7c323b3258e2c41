"""One message as lines on the screen, at one width."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from time import perf_counter

from rich.segment import Segment
from textual.strip import Strip

from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.safety import Cleaner
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.markdown import CodeBlock, Line, MarkdownDocument
from chat_tui.ui.widgets.transcript.frame import MessageFrame
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.plain import PlainDocument

GUTTER = 2
"""Cells left of every line, for the bar of a prompt and the mark of the keyboard's cursor."""

MARGIN = 2
"""Cells right of every line."""

_BAR = "▌ "

_SLICE = 1_000
"""Characters that are laid out at once, in about 4 ms."""


class RenderedMessage:
    """The lines of a message: a heading, folded reasoning, the text, what went wrong, a blank.

    While the message streams, `append` and `append_reasoning` take text as it comes and
    `refresh` renders what changed.

    Args:
        message: as it is now; its texts may still grow.
        look: the styles.
        width: cells of the view, gutter included.
        unfolded: show the reasoning whole.
        mark: shown in the heading, for example which of several versions this is.
        keys: those of the actions that are offered; None where none is.
    """

    def __init__(
        self,
        message: ChatMessage,
        look: TranscriptLook,
        width: int,
        *,
        unfolded: bool,
        mark: str = "",
        keys: ActiveKeys | None = None,
    ) -> None:
        self._message = message
        self._look = look
        self._width = width
        self._is_prompt = message.role == "user"
        self._unfolded = unfolded
        self._text_cleaner = Cleaner()
        self._reasoning_cleaner = Cleaner()
        inner = max(width - GUTTER - MARGIN, 8)
        self._frame = MessageFrame(look, inner, mark, keys)
        # What a user wrote is shown as it was written; pasted code must not turn into headings.
        self._document: MarkdownDocument | PlainDocument = (
            PlainDocument(look.prompt_base, inner)
            if self._is_prompt
            else MarkdownDocument(look.reply, inner)
        )
        self._reasoning = MarkdownDocument(look.reasoning, max(inner - 2, 8))
        self._stale = True
        self._note = ""
        self._offered: Sequence[str] = ()
        self._texts: list[str] = []
        self._waiting: deque[str] = deque()
        self._ended = self._closed = False
        self._reasonings: list[str] = []
        self._strips: list[Strip | None] = []
        self._head: list[Line] = []
        self._fold: list[Line] = []
        self._gap: list[Line] = []
        self._tail: list[Line] = []
        self._head = [self._frame.heading(self._message)]
        self.append(message.text)
        self.append_reasoning(message.reasoning)
        if message.status != "streaming":
            self._close()
        self.refresh()

    @property
    def message(self) -> ChatMessage:
        """The message as it was when it came, or ended."""
        return self._message

    @property
    def height(self) -> int:
        """Lines, with the blank one at the end."""
        return (
            len(self._head)
            + len(self._fold)
            + self._shown_reasoning
            + len(self._gap)
            + len(self._document.lines)
            + len(self._tail)
        )

    @property
    def code_blocks(self) -> Sequence[CodeBlock]:
        """The code blocks of the text."""
        return self._document.code_blocks

    @property
    def body_start(self) -> int:
        """The line at which the text begins."""
        return len(self._head) + len(self._fold) + self._shown_reasoning + len(self._gap)

    def append(self, delta: str) -> None:
        """Take more text, raw as it came."""
        self._texts.append(delta)
        self._waiting.append(self._text_cleaner.feed(delta))

    def append_reasoning(self, delta: str) -> None:
        """Take more reasoning, raw as it came."""
        self._reasonings.append(delta)
        self._reasoning.append(self._reasoning_cleaner.feed(delta))

    def note(self, words: str, offered: Sequence[str] = ()) -> None:
        """Say something (clean) while nothing comes, with the ids of the actions that help."""
        self._note, self._offered = words, offered

    def finish(self, message: ChatMessage, mark: str = "") -> None:
        """Take the message as it ended, whose text has come already; `mark` as at the start."""
        self._message = message
        self._frame.mark = mark
        self.note("")
        self._head = [self._frame.heading(self._message)]
        self._stale = True
        self._close()

    def fold(self, *, unfolded: bool) -> None:
        """Show the reasoning whole, or as one line."""
        self._unfolded = unfolded
        self._stale = True

    def snapshot(self) -> ChatMessage:
        """The message with the text that has come so far, for rendering it anew."""
        return replace(
            self._message,
            parts=text_parts("".join(self._texts)),
            reasoning="".join(self._reasonings),
        )

    @property
    def behind(self) -> bool:
        """Whether text has come that is not laid out yet."""
        return bool(self._waiting)

    def refresh(self, deadline: float = inf) -> int:
        """Render what changed; gives the first line that is another than before.

        Args:
            deadline: when to leave the rest for the next frame, by `time.perf_counter`.
        """
        first = self.height
        if self._unfolded:
            start = len(self._head) + len(self._fold)
            changed = self._reasoning.refresh()
            if changed < len(self._reasoning.lines):
                first = start + changed
        changed = self._lay_out(deadline)
        if changed < len(self._document.lines):
            first = min(first, self.body_start + changed)
        fold, gap, tail = self._make_frame()
        if (len(fold), len(gap)) != (len(self._fold), len(self._gap)):
            first = len(self._head)
        if tail != self._tail:
            first = min(first, self.body_start + len(self._document.lines))
        self._fold, self._gap, self._tail = fold, gap, tail
        if self._stale:
            self._stale, first = False, 0
        del self._strips[first:]
        return first

    def line(self, index: int) -> Line:
        """A line; its strip is without the gutter."""
        sections = (
            self._head,
            self._fold,
            self._reasoning_lines,
            self._gap,
            self._document.lines,
        )
        for section in sections:
            if index < len(section):
                return section[index]
            index -= len(section)
        return self._tail[index]

    def strip(self, index: int) -> Strip:
        """A line as it is drawn, gutter and right margin included; wide ones are not cropped."""
        if index >= len(self._strips):
            self._strips += [None] * (index + 1 - len(self._strips))
        strip = self._strips[index]
        if strip is None:
            strip = self._strips[index] = self._assemble(index)
        return strip

    def text_start(self, index: int) -> int:
        """The cell of the drawn line at which its text begins."""
        return GUTTER + self._indent(index) + self.line(index).start

    # Inside

    @property
    def _reasoning_lines(self) -> Sequence[Line]:
        return self._reasoning.lines if self._shown_reasoning else ()

    @property
    def _shown_reasoning(self) -> int:
        return len(self._reasoning.lines) if self._unfolded else 0

    def _indent(self, index: int) -> int:
        """Cells of the bar beside reasoning."""
        first = len(self._head) + len(self._fold)
        return 2 if first <= index < first + self._shown_reasoning else 0

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

    def _close(self) -> None:
        self._waiting.append(self._text_cleaner.close())
        self._ended = True
        self._reasoning.append(self._reasoning_cleaner.close())
        self._reasoning.close()

    def _make_frame(self) -> tuple[list[Line], list[Line], list[Line]]:
        """What stands above the text, between reasoning and text, and below the text."""
        has_text, has_reasoning = bool(self._document.source), bool(self._reasoning.source)
        fold = [self._frame.fold(self._message, unfolded=self._unfolded)] if has_reasoning else []
        gap = self._unfolded and has_reasoning and len(self._document.lines) > 0
        tail = self._frame.tail(
            self._message,
            has_text=has_text,
            has_reasoning=has_reasoning,
            hidden=self._text_cleaner.removed + self._reasoning_cleaner.removed,
            note=self._note,
            offered=self._offered,
        )
        return fold, [self._frame.blank] if gap else [], tail

    def _assemble(self, index: int) -> Strip:
        line = self.line(index)
        look = self._look
        if self._is_prompt and index < self.height - 1:
            gutter, base = Segment(_BAR, look.prompt_bar), look.prompt_base
        else:
            gutter, base = Segment(" " * GUTTER, look.base), look.base
        indent = [Segment("│ ", look.muted)] if self._indent(index) else []
        used = GUTTER + self._indent(index) + line.strip.cell_length
        padding = [Segment(" " * (self._width - used), base)] if used < self._width else []
        return Strip([gutter, *indent, *line.strip, *padding])
