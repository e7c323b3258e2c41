"""Takes what happens in a turn of `ask`: the answer to standard output, the rest to the other."""

from chat_tui.cli.output import AnswerWriter, say
from chat_tui.cli.telling import plan_lines, retry_words, summary_line
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.events import (
    Notice,
    RetryScheduled,
    TextDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
)
from chat_tui.core.messages import ChatMessage


class Reception:
    """What came of one turn; a summary that is made after the answer is kept apart from it.

    Args:
        writer: takes the answer; None where it is not printed as it comes.
        own_vocabulary: whether what is counted is counted as the model does.
    """

    def __init__(self, writer: AnswerWriter | None, *, own_vocabulary: bool) -> None:
        self._writer = writer
        self._own_vocabulary = own_vocabulary
        self._sums_up = False
        self.prompt = ""
        """The id of the prompt that was stored, if one was."""
        self.plan: ContextPlan | None = None
        """Of what was sent last."""
        self.expected: int | None = None
        """Tokens of that prompt as the server was to report them."""
        self.reply: ChatMessage | None = None
        """The answer, when it has ended."""
        self.summary: ChatMessage | None = None
        """What stands for the oldest turns from now on, or failed to."""

    def take(self, event: TurnEvent) -> None:
        """Take an event; returns at once."""
        match event:
            case TurnStarted():
                self._start(event)
            case TurnFinished():
                self._finish(event)
            case TextDelta(piece, 0) if self._writer is not None and not self._sums_up:
                self._writer.write(piece)
            case RetryScheduled():
                say(retry_words(event))
            case Notice(_, message):
                say(message)
            case _:
                pass  # of reasoning, tool calls and usage only the sum is told

    def _start(self, event: TurnStarted) -> None:
        self._sums_up = any(reply.covers for reply in event.replies)
        if self._sums_up:
            say("Summing up the oldest turns …")
            return
        if event.prompt is not None:
            self.prompt = event.prompt.id
        self.plan = event.plan
        for line in plan_lines(event.plan, own_vocabulary=self._own_vocabulary):
            say(line)

    def _finish(self, event: TurnFinished) -> None:
        if event.reply.covers:
            self.summary = event.reply
            say(summary_line(event.reply))
            return
        self.reply, self.plan = event.reply, event.plan or self.plan
        self.expected = event.expected
        if self._writer is not None:
            self._writer.end()
