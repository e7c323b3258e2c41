"""What stands around a message's text: its heading, its fold, calls, sources, notices, errors."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.context.items import came_to_nothing
from chat_tui.core.dates import time_of_day
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.extras import MAX_SOURCES, pictures_of, sources_of
from chat_tui.core.finish_reasons import status_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.markdown import Line
from chat_tui.ui.widgets.transcript.calls import call_arguments, call_line, call_title
from chat_tui.ui.widgets.transcript.extras import picture_words, source_words
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.offers import failed, offers_for, offers_meanwhile
from chat_tui.ui.widgets.transcript.rows import RowMaker, bar_of
from chat_tui.ui.widgets.transcript.sending import (
    Sending,
    came_to_its_end,
    message_count,
)

_SHORTEST = 0.05
"""Seconds under which a duration says nothing."""

_FOLDS = Style(meta={"fold": True})
"""A click on it folds or unfolds."""

_LEAST_NAME = 12
"""Cells that a name keeps before the facts beside it make room."""


class Around(NamedTuple):
    """What is told around a message besides itself; it may change while the message stays."""

    mark: str = ""
    """Shown in the heading, for example which of several versions this is."""
    keys: ActiveKeys | None = None
    """The keys of what is offered; None where nothing is, as above later messages."""
    fold_key: str = ""
    """The key that unfolds."""
    today: date | None = None
    """The day on which times need no date; None where no times are shown."""
    new: bool = False
    """Whether it is the first one that was not seen yet."""
    sending: Sending = Sending()
    """Of what is not sent: the line above it, and which summaries another one replaces."""
    covered: int = 0
    """Of a summary: how many messages it stands for; 0 where they are not on this path."""
    alias: str = ""
    """What stands in the place of the model while nobody is to know it: all by which it could be
    told is hidden with it, as figures, reasoning, and the words of its provider."""


class MessageFrame:
    """Makes the lines around a text.

    Args:
        look: the styles.
        width: cells of a line.
        around: what else is told.
    """

    def __init__(self, look: TranscriptLook, width: int, around: Around) -> None:
        self._look = look
        self._width = width
        self.around = around
        """See above."""
        self._rows = RowMaker(look, width)
        self.blank = self._rows.plain("", look.base)
        """An empty line."""

    def head(self, message: ChatMessage) -> list[Line]:
        """The heading, and above it where the new messages begin, and those that are sent."""
        rows, above, sending = self._rows, list[Line](), self.around.sending
        if self.around.new:
            words = f"── {text('transcript.new')} "
            words += "─" * (self._width - cell_len(words))
            above.append(rows.plain(words, self._look.key)._replace(text=""))
        if sending.begins == message.id:
            above.append(self._not_sent())
        return [*above, self._heading(message)]

    def _not_sent(self) -> Line:
        """How much is not sent."""
        sending = self.around.sending
        style = self._look.muted if sending.calm else self._look.alert
        return self._rows.plain(sending.fitting(self._width), style)._replace(text="")

    def _heading(self, message: ChatMessage) -> Line:
        """Who speaks, and the facts."""
        look, base = self._look, self._look.base
        if message.role == "user":
            name, style, muted = text("transcript.you"), look.user_name, look.muted_on_prompt
            base = look.prompt_base
        elif message.role == "assistant":
            model = clean_line(message.model, code=True)
            name = self.around.alias or model or text("transcript.assistant")
            style, muted = look.model_name, look.muted
        elif message.covers is not None:
            name, style, muted = self._summary_name(message), look.summary_name, look.muted
        else:
            name, style, muted = message.role, look.muted, look.muted
        facts = self._facts(message)
        room = self._width - cell_len(facts) - 1
        if cell_len(name) > room:
            name = set_cell_size(name, max(room - 1, 0)) + "…"
        gap = max(self._width - cell_len(name) - cell_len(facts), 0)
        segments = [Segment(name, style), Segment(" " * gap, base), Segment(facts, muted)]
        return Line(Strip(segments), name, 0, "")

    def _summary_name(self, message: ChatMessage) -> str:
        """What a summary stands for, and who wrote it."""
        sending, count = self.around.sending, self.around.covered
        if message.id == sending.summary:
            # As it is told to the model: what is never sent is not counted.
            count = sending.summed_up
        model = self.around.alias or clean_line(message.model, code=True)
        facts = [text("sending.summary"), message_count(count) if count else ""]
        facts.append(text("sending.by", model=model) if model else "")
        return " · ".join(filter(None, facts))

    def fold(self, message: ChatMessage, *, unfolded: bool) -> Line:
        """The line that stands for the reasoning, or above it."""
        label = _sign(unfolded) + text("transcript.reasoning")
        usage = message.usage
        if usage and usage.reasoning_tokens:
            label += " · " + text("transcript.tokens", tokens=usage.reasoning_tokens)
        return self._rows.plain(label, self._look.muted + _FOLDS)

    def calls(self, message: ChatMessage, *, unfolded: bool) -> list[Line]:
        """The calls of tools, a line each or laid out."""
        look, lines = self._look, list[Line]()
        for call in message.tool_calls:
            if unfolded:
                title = _sign(True) + call_title(call)
                arguments = call_arguments(call)
                lines += self._rows.card(title, arguments, look.card + _FOLDS, look.card_muted)
            else:
                lines.append(self._rows.plain(_sign(False) + call_line(call), look.muted + _FOLDS))
        return lines

    def more(self, hidden: int, *, prompt: bool) -> list[Line]:
        """The line that stands for those of the text that are hidden, if some are."""
        if not hidden:
            return []
        key = self.around.fold_key
        words = (
            text("transcript.more-line", key=key)
            if hidden == 1
            else text("transcript.more-lines", count=f"{hidden:,}", key=key)
        )
        style = self._look.muted_on_prompt if prompt else self._look.muted
        return [self._rows.plain(words, style + _FOLDS)]

    def tail(
        self,
        message: ChatMessage,
        folding: Folding,
        *,
        has_text: bool,
        has_reasoning: bool,
        hidden: int = 0,
        note: str = "",
        offered: Sequence[str] = (),
    ) -> list[Line]:
        """Sources, notices, how it ended, what can be done, and a blank.

        Args:
            message: as far as it is known.
            folding: how much of it is shown.
            has_text: whether any text is shown above.
            has_reasoning: whether there is any reasoning.
            hidden: characters that were dropped because they would mislead.
            note: what there is to say while it does not go on.
            offered: the ids of the actions that help then.
        """
        lines: list[Line] = []
        if message.status == "streaming":
            waits = not has_text and not message.tool_calls
            if waits or offered:
                key = "transcript.thinking" if has_reasoning else "transcript.waiting"
                key = "sending.summing-up" if message.covers is not None else key
                if note and self.around.alias:
                    note = text("blind.held-up")
                lines += self._rows.wrapped(note or text(key), self._look.muted)
                if self.around.keys is not None:
                    lines += self._rows.offers(offers_meanwhile(offered, self.around.keys))
        else:
            if not folding.brief:
                lines += self._extras(message, after_text=has_text)
            if hidden:
                lines += self._rows.wrapped(
                    text("transcript.hidden", count=hidden), self._look.muted
                )
            lines += self._ending(message, has_text=has_text)
            lines += self._remedies(message, note, offered)
        if self.around.sending.ends == message.id:
            lines += [self.blank, self._not_sent()]
        return [*lines, self.blank]

    def _extras(self, message: ChatMessage, *, after_text: bool) -> list[Line]:
        """Pictures and sources."""
        look, pictures, sources = self._look, pictures_of(message), sources_of(message)
        lines: list[Line] = []
        if (pictures or sources) and after_text:
            lines.append(self.blank)
        lines += [self._rows.plain(picture_words(picture), look.muted) for picture in pictures]
        if sources:
            lines.append(self._rows.plain(text("transcript.sources"), look.muted))
        for number, source in enumerate(sources[:MAX_SOURCES], 1):
            link = Style(meta={"link": source.url})
            lines.append(self._rows.plain(source_words(number, source), look.muted + link))
        if (more := len(sources) - MAX_SOURCES) > 0:
            lines.append(self._rows.plain(text("transcript.more-sources", count=more), look.muted))
        if lines and (failed(message) or message.notices or message.refusal):
            lines.append(self.blank)
        return lines

    def _ending(self, message: ChatMessage, *, has_text: bool) -> list[Line]:
        look, lines = self._look, list[Line]()
        for notice in message.notices:
            if self.around.alias and notice.kind != "cut":
                # It may name the model.
                continue
            style = look.alert if notice.kind == "cut" else look.muted
            lines += self._rows.wrapped("· " + clean_line(notice.message), style)
        if message.refusal:
            title = text("transcript.refused")
            lines += self._rows.card(title, clean(message.refusal), look.warning, look.card)
        if message.error is not None:
            title = text(f"transcript.status.{message.status}")
            style = look.error if message.status == "error" else look.warning
            return [*lines, *self._rows.card(title, self._reason(message.error), style, look.card)]
        if message.status in ("stopped", "length", "filtered", "interrupted"):
            lines += self._rows.wrapped(text(f"transcript.status.{message.status}"), look.muted)
        elif not (has_text or message.tool_calls or message.refusal or pictures_of(message)):
            lines.append(self._rows.plain(text("transcript.empty"), look.muted))
        if self.around.alias:
            return lines
        if message.finish_reason and status_of(message.finish_reason) is None:
            reason = clean_line(message.finish_reason, code=True)
            lines += self._rows.wrapped(text("transcript.ended-with", reason=reason), look.muted)
        return lines

    def _reason(self, error: ErrorInfo) -> str:
        """Why it went wrong: its kind alone where the words may name who answered."""
        if self.around.alias:
            return text("blind.failed", reason=text(f"sides.failed.{error.kind}"))
        return clean("\n".join(filter(None, (error.message, error.hint))))

    def _remedies(self, message: ChatMessage, note: str, offered: Sequence[str]) -> list[Line]:
        """What can be done, below the card where there is one; what is waited for meanwhile."""
        keys = self.around.keys
        if keys is None:
            told = text("transcript.not-sent") if came_to_nothing(message) else ""
            return self._rows.wrapped(told, self._look.muted) if told else []
        look, style = self._look, None
        if message.error is not None or message.refusal:
            style = look.error if message.status == "error" else look.warning
        bar = bar_of(style) if style is not None else None
        if note and style is not None:
            return [
                *self._rows.card("", note, style, look.card),
                *self._rows.offers(offers_meanwhile(offered, keys), bar),
            ]
        return self._rows.offers(offers_for(message, keys), bar)

    def _facts(self, message: ChatMessage) -> str:
        """Time, and of a reply how long it took and what it weighs."""
        facts = self._marks(message)
        hidden = bool(self.around.alias)
        timings, usage = (None, None) if hidden else (message.timings, message.usage)
        if timings and timings.attempts > 1:
            facts.append(text("transcript.attempts", count=timings.attempts))
        if usage and usage.completion_tokens is not None:
            facts.append(text("transcript.tokens", tokens=usage.completion_tokens))
        took = timings.ended - timings.sent if timings and timings.ended is not None else 0.0
        if took >= _SHORTEST:
            facts.append(text("transcript.seconds", seconds=f"{took:.1f}"))
        timed = self.around.today is not None and message.created > 0
        if self.around.today is not None and timed:
            facts.append(time_of_day(message.created, self.around.today))
        while facts and cell_len(" · ".join(facts)) > self._width - _LEAST_NAME - 1:
            # What was asked for goes last.
            facts.pop(-2 if timed and len(facts) > 1 else -1)
        return " · ".join(facts)

    def _marks(self, message: ChatMessage) -> list[str]:
        """What is said of a message before its figures."""
        marks = [self.around.mark] if self.around.mark else []
        if message.pinned:
            marks.insert(0, text("sending.pinned"))
        if message.excluded:
            marks.insert(0, text("sending.left-out"))
        if message.id in self.around.sending.superseded and message.status != "streaming":
            key = "replaced" if message.id in self.around.sending.replaced else "not-here"
            key = key if came_to_its_end(message) else "unended"
            marks.insert(0, text(f"sending.unused.{key}"))
        return marks


def _sign(unfolded: bool) -> str:
    return "▾ " if unfolded else "▸ "
