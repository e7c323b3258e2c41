"""One message as it is drawn, at one width."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import inf

from rich.segment import Segment
from textual.strip import Strip

from chat_tui.core.attachments.prompts import attached_to
from chat_tui.core.messages import ChatMessage, Part, text_parts
from chat_tui.ui.markdown import MarkdownDocument
from chat_tui.ui.widgets.transcript.around import Around
from chat_tui.ui.widgets.transcript.attachments import (
    AttachedLines,
    AttachmentLines,
    document_levels,
)
from chat_tui.ui.widgets.transcript.body import MessageBody
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.frame import MessageFrame
from chat_tui.ui.widgets.transcript.lines import GUTTER, MessageLines
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.pictures import PictureKey, Thumbnails
from chat_tui.ui.widgets.transcript.plain import PlainDocument

_MARGIN = 2
"""Cells right of every line."""

_BAR = "▌ "
_REASONING_BAR = "│ "

_ALL = Folding()


def text_width(width: int) -> int:
    """The cells of a line of text in a view of some cells."""
    return max(width - GUTTER - _MARGIN, 8)


class RenderedMessage(MessageLines):
    """A message that is drawn, and that may still grow.

    While the message streams, `append` and `append_reasoning` take text as it comes and
    `refresh` renders what changed. What a user wrote is shown as it was written, since pasted
    code must not turn into headings.

    Args:
        message: as it is now; its texts may still grow.
        look: the styles.
        width: cells of the view, gutter included.
        folding: how much of it is shown.
        around: what is told around it.
        thumbnails: those of pictures that are there; none by default.
    """

    def __init__(
        self,
        message: ChatMessage,
        look: TranscriptLook,
        width: int,
        folding: Folding,
        around: Around,
        thumbnails: Thumbnails | None = None,
    ) -> None:
        self._message = message
        self._look = look
        self._width = width
        self._is_prompt = message.role == "user"
        self._is_summary = message.role == "system" and message.covers is not None
        self._folding = folding
        self._stale = True
        self._note = ""
        self._offered: Sequence[str] = ()
        self._strips: list[Strip | None] = []
        inner = text_width(width)
        self._frame = MessageFrame(look, inner, around)
        pictures = thumbnails or Thumbnails()
        self._maker = AttachmentLines(look, inner, pictures, prompt=self._is_prompt)
        self._attached_of: tuple[object, ...] | None = None
        """What the lines of what is attached were made of, besides the message's parts."""
        self._attached_parts: tuple[Part, ...] = ()
        reasoning = MarkdownDocument(look.reasoning, max(inner - len(_REASONING_BAR), 8))
        text = (
            PlainDocument(look.prompt_base, inner)
            if self._is_prompt
            else MarkdownDocument(look.reply, inner)
        )
        label = look.reply.code_label
        super().__init__(
            MessageBody(reasoning, label), MessageBody(text, label), self._frame.head(message)
        )
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
    def look(self) -> TranscriptLook:
        """The styles that it is drawn with."""
        return self._look

    @property
    def around(self) -> Around:
        """What is told around it."""
        return self._frame.around

    @property
    def hidden_characters(self) -> int:
        """Characters that were dropped because they would mislead."""
        return self._body.removed + self._reasoning.removed

    @property
    def behind(self) -> bool:
        """Whether something has come that is to be seen and is not laid out yet."""
        return self._body.behind or (self._unfolds_reasoning and self._reasoning.behind)

    def append(self, delta: str) -> None:
        """Take more text, raw as it came."""
        self._body.append(delta)

    def append_reasoning(self, delta: str) -> None:
        """Take more reasoning, raw as it came."""
        self._reasoning.append(delta)

    def note(self, words: str, offered: Sequence[str] = ()) -> None:
        """Say something (clean) while nothing comes, with the ids of the actions that help."""
        self._note, self._offered = words, offered

    def finish(self, message: ChatMessage, around: Around) -> None:
        """Take the message as it ended, whose text has come already."""
        self._message = message
        self.note("")
        self.dress(around)
        self._close()

    def dress(self, around: Around) -> None:
        """Tell other things around it."""
        self._frame.around = around
        self._head = self._frame.head(self._message)
        self._stale = True

    def flag(self, *, pinned: bool, excluded: bool) -> None:
        """Take over whether it is always sent, or never; seen with the next `dress`."""
        self._message = replace(self._message, pinned=pinned, excluded=excluded)

    def fold(self, folding: Folding) -> None:
        """Show more or less of it."""
        self._folding = folding
        self._stale = True

    def snapshot(self) -> ChatMessage:
        """The message with the text that has come so far, for rendering it anew."""
        parts = (*text_parts(self._body.raw), *attached_to(self._message))
        return replace(self._message, parts=parts, reasoning=self._reasoning.raw)

    @property
    def document_levels(self) -> int:
        """In how many steps its documents are unfolded; 0 without any."""
        return document_levels(attached_to(self._message))

    def shows(self, keys: Collection[PictureKey]) -> bool:
        """Whether one of some thumbnails stands in it."""
        return any(place.key in keys for place in self._attached.places)

    def redraw_pictures(self) -> None:
        """Take thumbnails that are there by now; drawn with the next `refresh`."""
        self._attached_of = None

    def refresh(self, deadline: float = inf) -> int:
        """Render what changed; gives the first line that is another than before.

        Args:
            deadline: when to leave the rest for the next frame, by `time.perf_counter`.
        """
        first = self.height
        self._details = self._unfolds_reasoning
        if self._details:
            changed = self._reasoning.refresh(_ALL, deadline)
            if changed is not None:
                first = self._reasoning_start + changed
        changed = self._body.refresh(self._folding, deadline)
        if changed is not None:
            first = min(first, self.body_start + changed)
        above, below = (self._fold, self._gap), self._below
        self._make_frame()
        if above != (self._fold, self._gap):
            first = min(first, len(self._head))
        if below != self._below:
            first = min(first, self.body_start + self._body.shown)
        if self._stale:
            self._stale, first = False, 0
        del self._strips[first:]
        return first

    def strip(self, index: int) -> Strip:
        """A line as it is drawn, gutter and right margin included; wide ones are not cropped."""
        if index >= len(self._strips):
            self._strips += [None] * (index + 1 - len(self._strips))
        strip = self._strips[index]
        if strip is None:
            strip = self._strips[index] = self._assemble(index)
        return strip

    # Inside

    def _close(self) -> None:
        self._body.close()
        self._reasoning.close()

    @property
    def _unfolds_reasoning(self) -> bool:
        """Whether reasoning is shown; that there is any would tell who answered."""
        return self._folding.details and not self._frame.around.alias

    def _make_frame(self) -> None:
        """Make what stands above the text, between reasoning and text, and below the text."""
        message, frame, body = self._message, self._frame, self._body
        details = self._details
        reasoned = not (self._reasoning.is_empty or frame.around.alias)
        shows_fold = reasoned and not self._folding.brief
        self._fold = [frame.fold(message, unfolded=details)] if shows_fold else []
        self._gap = [frame.blank] if details and reasoned and len(body.lines) > 0 else []
        self._more = frame.more(len(body.lines) - body.shown, prompt=self._is_prompt)
        self._make_attached()
        self._calls = frame.calls(message, unfolded=self._folding.details)
        self._tail = frame.tail(
            message,
            self._folding,
            has_text=not body.is_empty,
            has_reasoning=reasoned,
            hidden=self.hidden_characters,
            note=self._note,
            offered=self._offered,
        )

    @property
    def _below(self) -> tuple[object, ...]:
        """What stands below the text."""
        return self._more, self._attached.lines, self._calls, self._tail

    def _make_attached(self) -> None:
        """Make the lines of pictures and documents, where something about them has changed."""
        parts, folded, key = self._message.parts, self.folded, self.around.fold_key
        made_of = (folded, key, self._folding)
        if parts is self._attached_parts and made_of == self._attached_of:
            return
        self._attached_parts, self._attached_of = parts, made_of
        self._attached = AttachedLines()
        if attached := attached_to(self._message):
            self._attached = self._maker.make(
                attached,
                self._folding,
                folded=folded,
                has_text=not self._body.is_empty,
                fold_key=key,
            )

    def _assemble(self, index: int) -> Strip:
        look, within = self._look, index - self.body_start
        in_body = 0 <= within < self._body.shown
        drawn = self._body.strip(within) if in_body else self.line(index).strip
        within_frame = len(self._head) - 1 <= index < self.height - 1
        if self._is_prompt and within_frame:
            gutter, base = Segment(_BAR, look.prompt_bar), look.prompt_base
        elif self._is_summary and within_frame:
            gutter, base = Segment(_REASONING_BAR, look.summary_name), look.base
        else:
            gutter, base = Segment(" " * GUTTER, look.base), look.base
        indent = self._indent(index)
        beside = [Segment(_REASONING_BAR, look.muted)] if indent else []
        used = GUTTER + indent + drawn.cell_length
        padding = [Segment(" " * (self._width - used), base)] if used < self._width else []
        return Strip([gutter, *beside, *drawn, *padding])
