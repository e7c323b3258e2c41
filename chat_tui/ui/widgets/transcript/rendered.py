"""One message as lines on the screen, at one width."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.safety import Cleaner, clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.markdown import CodeBlock, Line, MarkdownDocument
from chat_tui.ui.markdown.wrap import cut_words
from chat_tui.ui.widgets.transcript.look import TranscriptLook

GUTTER = 2
"""Cells left of every line, for the bar of a prompt and the mark of the keyboard's cursor."""

MARGIN = 2
"""Cells right of every line."""

_BAR = "▌ "
_MAX_ARGUMENTS = 2_000

_SHORTEST = 0.05
"""Seconds under which a duration says nothing."""


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
    """

    def __init__(
        self,
        message: ChatMessage,
        look: TranscriptLook,
        width: int,
        *,
        unfolded: bool,
        mark: str = "",
    ) -> None:
        self._message = message
        self._mark = mark
        self._look = look
        self._width = width
        self._is_prompt = message.role == "user"
        self._unfolded = unfolded
        self._text_cleaner = Cleaner()
        self._reasoning_cleaner = Cleaner()
        styles = look.prompt if self._is_prompt else look.reply
        inner = max(width - GUTTER - MARGIN, 8)
        self._inner = inner
        self._document = MarkdownDocument(styles, inner)
        self._reasoning = MarkdownDocument(look.reasoning, max(inner - 2, 8))
        self._stale = True
        self._texts: list[str] = []
        self._reasonings: list[str] = []
        self._strips: dict[int, Strip] = {}
        self._head: list[Line] = []
        self._fold: list[Line] = []
        self._gap: list[Line] = []
        self._tail: list[Line] = []
        self._head = [self._heading()]
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
        self._document.append(self._text_cleaner.feed(delta))

    def append_reasoning(self, delta: str) -> None:
        """Take more reasoning, raw as it came."""
        self._reasonings.append(delta)
        self._reasoning.append(self._reasoning_cleaner.feed(delta))

    def finish(self, message: ChatMessage) -> None:
        """Take the message as it ended, whose text has come already."""
        self._message = message
        self._head = [self._heading()]
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

    def refresh(self) -> int:
        """Render what changed; gives the first line that is another than before."""
        first = self.height
        if self._unfolded:
            start = len(self._head) + len(self._fold)
            changed = self._reasoning.refresh()
            if changed < len(self._reasoning.lines):
                first = start + changed
        changed = self._document.refresh()
        if changed < len(self._document.lines):
            first = min(first, self.body_start + changed)
        fold, gap, tail = self._make_fold(), self._make_gap(), self._make_tail()
        if (len(fold), len(gap)) != (len(self._fold), len(self._gap)):
            first = len(self._head)
        if tail != self._tail:
            first = min(first, self.body_start + len(self._document.lines))
        self._fold, self._gap, self._tail = fold, gap, tail
        if self._stale:
            self._stale, first = False, 0
        self._forget_strips(first)
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
        strip = self._strips.get(index)
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

    def _close(self) -> None:
        self._document.append(self._text_cleaner.close())
        self._document.close()
        self._reasoning.append(self._reasoning_cleaner.close())
        self._reasoning.close()

    def _forget_strips(self, first: int) -> None:
        if first == 0:
            self._strips.clear()
        else:
            for index in [index for index in self._strips if index >= first]:
                del self._strips[index]

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

    # The frame around the text

    def _heading(self) -> Line:
        message, look = self._message, self._look
        if self._is_prompt:
            name, style, muted = text("transcript.you"), look.user_name, look.muted_on_prompt
        elif message.role == "assistant":
            name = clean_line(message.model, code=True) or text("transcript.assistant")
            style, muted = look.model_name, look.muted
        else:
            name, style, muted = message.role, look.muted, look.muted
        facts = self._facts()
        room = self._inner - cell_len(facts) - 1
        if room < 12:
            facts, room = "", self._inner
        if cell_len(name) > room:
            name = set_cell_size(name, max(room - 1, 0)) + "…"
        gap = max(self._inner - cell_len(name) - cell_len(facts), 0)
        base = look.prompt_base if self._is_prompt else look.base
        return Line(
            Strip([Segment(name, style), Segment(" " * gap, base), Segment(facts, muted)]),
            name,
            0,
            "\n\n",
            False,
        )

    def _facts(self) -> str:
        """Time, and of a reply how long it took and what it weighs."""
        message = self._message
        facts = [self._mark] if self._mark else []
        timings, usage = message.timings, message.usage
        if usage and usage.completion_tokens is not None:
            facts.append(text("transcript.tokens", tokens=usage.completion_tokens))
        took = timings.ended - timings.sent if timings and timings.ended is not None else 0.0
        if took >= _SHORTEST:
            facts.append(text("transcript.seconds", seconds=f"{took:.1f}"))
        if message.created:
            facts.append(datetime.fromtimestamp(message.created).strftime("%H:%M"))
        return " · ".join(facts)

    def _make_fold(self) -> list[Line]:
        if not self._reasoning.source:
            return []
        label = ("▾ " if self._unfolded else "▸ ") + text("transcript.reasoning")
        usage = self._message.usage
        if usage and usage.reasoning_tokens:
            label += " · " + text("transcript.tokens", tokens=usage.reasoning_tokens)
        return [self._plain(label, self._look.muted, meta={"fold": True})]

    def _make_gap(self) -> list[Line]:
        """A blank between reasoning that is shown and the answer."""
        if not (self._unfolded and self._reasoning.source and self._document.lines):
            return []
        return [self._plain("", self._look.base)]

    def _make_tail(self) -> list[Line]:
        lines: list[Line] = []
        for call in self._message.tool_calls:
            name = clean_line(call.name, code=True)
            arguments = clean_line(call.arguments[:_MAX_ARGUMENTS], code=True)
            lines += self._card(
                f"⚙ {name}", arguments or "{}", self._look.card, self._look.card_muted
            )
        lines += self._ending()
        lines.append(self._plain("", self._look.base))
        return lines

    def _ending(self) -> list[Line]:
        """What there is to say about how the message came to its end."""
        message, look = self._message, self._look
        if message.status == "streaming":
            if self._document.source or message.tool_calls:
                return []
            waiting = "transcript.thinking" if self._reasoning.source else "transcript.waiting"
            return [self._plain(text(waiting), look.muted)]
        lines: list[Line] = []
        for notice in message.notices:
            lines += self._wrapped("· " + clean_line(notice.message), look.muted)
        if message.refusal:
            lines += self._card(
                text("transcript.refused"), clean(message.refusal), look.warning, look.card
            )
        if message.error is not None:
            title = text(f"transcript.status.{message.status}")
            again = text("transcript.again") if message.role == "assistant" else ""
            body = "\n".join(filter(None, (message.error.message, message.error.hint, again)))
            severe = message.status == "error"
            lines += self._card(
                title, clean(body), look.error if severe else look.warning, look.card
            )
        elif message.status in ("stopped", "length", "filtered", "interrupted"):
            lines += self._wrapped(text(f"transcript.status.{message.status}"), look.muted)
        elif not (self._document.source or message.tool_calls or message.refusal):
            lines.append(self._plain(text("transcript.empty"), look.muted))
        return lines

    def _card(self, title: str, body: str, title_style: Style, body_style: Style) -> list[Line]:
        bar = Segment("▌ ", title_style)
        room = self._inner - 2
        lines = []
        for words, style in ((title, title_style), (body, body_style)):
            for row in _wrap(words, room):
                padded = set_cell_size(row, room)
                lines.append(Line(Strip([bar, Segment(padded, style)]), row, 2, "\n", False))
        return lines

    def _wrapped(self, words: str, style: Style) -> list[Line]:
        return [self._plain(row, style) for row in _wrap(words, self._inner)]

    def _plain(self, words: str, style: Style, meta: dict[str, object] | None = None) -> Line:
        if cell_len(words) > self._inner:
            words = set_cell_size(words, self._inner - 1) + "…"
        padded = set_cell_size(words, self._inner)
        if meta:
            style += Style(meta=meta)
        return Line(Strip([Segment(padded, style)]), words, 0, "\n", False)


def _wrap(words: str, width: int) -> list[str]:
    """Plain words as rows of at most so many cells."""
    return [row[cut.start : cut.end] for row in words.split("\n") for cut in cut_words(row, width)]
