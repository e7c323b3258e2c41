"""The heading of a message: who speaks, and the facts; above it what is new, and what is sent."""

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from chat_tui.core.dates import time_of_day
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.markdown import Line
from chat_tui.ui.widgets.transcript.around import Around
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.rows import RowMaker
from chat_tui.ui.widgets.transcript.sending import Sending, came_to_its_end, message_count

_SHORTEST = 0.05
"""Seconds under which a duration says nothing."""

_LEAST_NAME = 12
"""Cells that a name keeps before the facts beside it make room."""


class MessageHeading:
    """Makes headings.

    Args:
        look: the styles.
        width: cells of a line.
    """

    def __init__(self, look: TranscriptLook, width: int) -> None:
        self._look = look
        self._width = width
        self._rows = RowMaker(look, width)

    def lines(self, message: ChatMessage, around: Around) -> list[Line]:
        """The heading, and above it where the new messages begin, and those that are sent."""
        rows, above = self._rows, list[Line]()
        if around.new:
            words = f"── {text('transcript.new')} "
            words += "─" * (self._width - cell_len(words))
            above.append(rows.plain(words, self._look.key)._replace(text=""))
        if around.sending.begins == message.id:
            above.append(self.not_sent(around.sending))
        return [*above, self._heading(message, around)]

    def not_sent(self, sending: Sending) -> Line:
        """How much is not sent."""
        style = self._look.muted if sending.calm else self._look.alert
        return self._rows.plain(sending.fitting(self._width), style)._replace(text="")

    def _heading(self, message: ChatMessage, around: Around) -> Line:
        """Who speaks, and the facts."""
        look, base = self._look, self._look.base
        if message.role == "user":
            name, style, muted = text("transcript.you"), look.user_name, look.muted_on_prompt
            base = look.prompt_base
        elif message.role == "assistant":
            model = clean_line(message.model, code=True)
            name = around.alias or model or text("transcript.assistant")
            style, muted = look.model_name, look.muted
        elif message.covers is not None:
            name, style, muted = self._summary_name(message, around), look.summary_name, look.muted
        else:
            name, style, muted = message.role, look.muted, look.muted
        facts = self._facts(message, around)
        room = self._width - cell_len(facts) - 1
        if cell_len(name) > room:
            name = set_cell_size(name, max(room - 1, 0)) + "…"
        gap = max(self._width - cell_len(name) - cell_len(facts), 0)
        segments = [Segment(name, style), Segment(" " * gap, base), Segment(facts, muted)]
        return Line(Strip(segments), name, 0, "")

    def _summary_name(self, message: ChatMessage, around: Around) -> str:
        """What a summary stands for, and who wrote it."""
        sending, count = around.sending, around.covered
        if message.id == sending.summary:
            # As it is told to the model: what is never sent is not counted.
            count = sending.summed_up
        model = around.alias or clean_line(message.model, code=True)
        facts = [text("sending.summary"), message_count(count) if count else ""]
        facts.append(text("sending.by", model=model) if model else "")
        return " · ".join(filter(None, facts))

    def _facts(self, message: ChatMessage, around: Around) -> str:
        """Time, and of a reply how long it took and what it weighs."""
        facts = self._marks(message, around)
        hidden = bool(around.alias)
        timings, usage = (None, None) if hidden else (message.timings, message.usage)
        if timings and timings.attempts > 1:
            facts.append(text("transcript.attempts", count=timings.attempts))
        if usage and usage.completion_tokens is not None:
            facts.append(text("transcript.tokens", tokens=usage.completion_tokens))
        took = timings.ended - timings.sent if timings and timings.ended is not None else 0.0
        if took >= _SHORTEST:
            facts.append(text("transcript.seconds", seconds=f"{took:.1f}"))
        timed = around.today is not None and message.created > 0
        if around.today is not None and timed:
            facts.append(time_of_day(message.created, around.today))
        while facts and cell_len(" · ".join(facts)) > self._width - _LEAST_NAME - 1:
            # What was asked for goes last.
            facts.pop(-2 if timed and len(facts) > 1 else -1)
        return " · ".join(facts)

    def _marks(self, message: ChatMessage, around: Around) -> list[str]:
        """What is said of a message before its figures."""
        sending = around.sending
        marks = [around.mark] if around.mark else []
        if message.pinned:
            marks.insert(0, text("sending.pinned"))
        if message.excluded:
            marks.insert(0, text("sending.left-out"))
        if message.id in sending.superseded and message.status != "streaming":
            key = "replaced" if message.id in sending.replaced else "not-here"
            key = key if came_to_its_end(message) else "unended"
            marks.insert(0, text(f"sending.unused.{key}"))
        return marks
