"""A reply while it comes in: events are gathered here and folded into messages at the end."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chat_tui.core.costs import cost_of, cost_told
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.events import (
    ExtrasDelta,
    Notice,
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    UsageReported,
)
from chat_tui.core.finish_reasons import status_of
from chat_tui.core.messages import (
    ChatMessage,
    NoticeInfo,
    Status,
    Timings,
    ToolCall,
    Usage,
    text_parts,
)
from chat_tui.core.targets import Prices

JOURNAL_INTERVAL = 0.03
"""Seconds between two writes of streamed text; with all that comes on top, less than 0.05 s of
text is only in memory."""

_Passed = TextDelta | ReasoningDelta | ToolCallDelta | RetryScheduled | Notice | UsageReported
"""What is passed on of what comes."""

_WHILE_WAITING = frozenset({"silence", "stalled", "queued"})
"""Kinds of notices that say nothing about an answer that came after all."""


class Journal:
    """Hands streamed text to the store a few times a second, however many deltas come.

    Args:
        write: takes text and reasoning, and returns at once.
    """

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def add_text(self, text: str) -> None:
        """Take more of the answer."""
        self._text.append(text)
        if self._timer is None:
            self._start_timer()

    def add_reasoning(self, text: str) -> None:
        """Take more of the reasoning."""
        self._reasoning.append(text)
        if self._timer is None:
            self._start_timer()

    def flush(self) -> None:
        """Write what has gathered."""
        self._timer = None
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        self._text.clear()
        self._reasoning.clear()
        self._write(text, reasoning)

    def drop(self) -> None:
        """Forget what has gathered: the whole message is about to be written."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._text.clear()
        self._reasoning.clear()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(JOURNAL_INTERVAL, self.flush)


class _Choice:
    """One of the n answers to a request."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.calls: dict[int, list[str]] = {}
        self.refusal: list[str] = []
        self.annotations: list[Mapping[str, Any]] = []
        self.images: list[Any] = []
        self.finished: ReplyFinished | None = None

    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(id_, name, arguments)
            for _, (id_, name, arguments) in sorted(self.calls.items())
        )

    def end(self) -> ReplyFinished:
        """How it ended; where it did not, what came until then."""
        return self.finished or ReplyFinished(
            refusal="".join(self.refusal),
            annotations=tuple(self.annotations),
            raw={"images": self.images} if self.images else {},
        )


class IncomingReply:
    """Gathers the events of one request.

    Args:
        message: the reply as it was stored; its text, if it has some, comes before what is added.
        sent: when the request was sent, in seconds since 1970.
        journal: gets the text of the first choice.
    """

    def __init__(self, message: ChatMessage, sent: float, journal: Journal) -> None:
        self._message = message
        self._journal = journal
        self._choices = {0: _Choice()}
        if message.text or message.reasoning:
            self._choices[0].text.append(message.text)
            self._choices[0].reasoning.append(message.reasoning)
        self._timings = Timings(sent)
        self._usage: Usage | None = None
        self._notices = list(message.notices)
        self._slot = message.slot
        self._ended: ChatMessage | None = None
        self.has_content = False
        """Whether any text, reasoning, tool call, refusal or picture has come."""

    @property
    def message_id(self) -> str:
        """The id of the reply."""
        return self._message.id

    def send(self, now: float) -> None:
        """Note that the request is sent now, and not when the reply was stored."""
        self._timings = Timings(now)

    @property
    def progress(self) -> tuple[str, int, bool]:
        """Another one whenever more text has come, or it has ended; cheap to compare."""
        return self._message.id, len(self._choices[0].text), self._ended is not None

    @property
    def usage(self) -> Usage | None:
        """As the server reported it last."""
        return self._usage

    def take(self, event: ReplyEvent, now: float) -> TurnEvent | None:
        """Gather an event; gives what is passed on: what adds to the reply as it is shown.

        It is told with the slot of the reply.
        """
        match event:
            case TextDelta(text, choice):
                self._choice(choice, now).text.append(text)
                if choice == 0:
                    self._journal.add_text(text)
            case ReasoningDelta(text, choice):
                self._choice(choice, now).reasoning.append(text)
                if choice == 0:
                    self._journal.add_reasoning(text)
            case ToolCallDelta():
                self._take_call(event, now)
            case ExtrasDelta():
                self._take_extras(event, now)
                return None
            case UsageReported(usage):
                self._usage = usage
            case ReplyFinished():
                self._choices.setdefault(event.choice, _Choice()).finished = event
                return None
            case RetryScheduled(attempt):
                self._timings = replace(self._timings, attempts=attempt)
            case Notice(kind, message):
                self._notices.append(NoticeInfo(kind, message))
        return event if event.slot == self._slot else self._in_slot(event)

    def _in_slot(self, event: _Passed) -> _Passed:
        """An event with the slot of the reply; `replace` takes as long as all else of a delta."""
        match event:
            case TextDelta(text, choice):
                return TextDelta(text, choice, self._slot)
            case ReasoningDelta(text, choice):
                return ReasoningDelta(text, choice, self._slot)
        return replace(event, slot=self._slot)

    def close(self, now: float) -> TurnEvent | None:
        """Gather what was held back, now that no more comes, and give it; here nothing ever is."""
        return None

    def snapshot(self) -> ChatMessage:
        """The reply as far as it has come; after `end`, as it ended."""
        if self._ended is not None:
            return self._ended
        choice = self._choices[0]
        return replace(
            self._message,
            parts=text_parts("".join(choice.text)),
            reasoning="".join(choice.reasoning),
            tool_calls=choice.tool_calls(),
            timings=self._timings,
            usage=self._usage,
            notices=tuple(self._notices),
        )

    def end(
        self,
        now: float,
        new_id: Callable[[], str],
        status: Status | None = None,
        error: ErrorInfo | None = None,
        prices: Prices | None = None,
    ) -> tuple[ChatMessage, ...]:
        """Fold all into messages: the reply, then further choices as its siblings.

        The reply bears the cost of all of them: what the provider says, else by their usage.

        Args:
            now: seconds since 1970.
            new_id: makes the ids of further choices.
            status: how it ended; None takes what the finish reason says, and `interrupted` for
                a choice that the server did not finish.
            error: why it ended, where it went wrong.
            prices: of the model, as far as they are known.
        """
        self._journal.drop()
        self._timings = replace(self._timings, ended=now)
        reply = self.snapshot()
        first, *others = sorted(self._choices.items())
        cost = cost_told(first[1].end().raw) or cost_of(self._usage, prices)
        messages = [replace(_ended(reply, first[1], status, error), cost=cost)]
        for index, choice in others:
            sibling = replace(
                reply,
                id=new_id(),
                choice=index,
                parts=text_parts("".join(choice.text)),
                reasoning="".join(choice.reasoning),
                tool_calls=choice.tool_calls(),
                usage=None,
                notices=(),
            )
            messages.append(_ended(sibling, choice, status, error))
        self._ended = messages[0]
        return tuple(messages)

    def _choice(self, index: int, now: float) -> _Choice:
        if self._timings.first_token is None:
            self.has_content = True
            self._timings = replace(self._timings, first_token=now)
        found = self._choices.get(index)
        if found is None:
            found = self._choices[index] = _Choice()
        return found

    def _take_call(self, event: ToolCallDelta, now: float) -> None:
        call = self._choice(event.choice, now).calls.setdefault(event.index, ["", "", ""])
        call[0] = call[0] or event.id
        call[1] = call[1] or event.name
        call[2] += event.arguments

    def _take_extras(self, event: ExtrasDelta, now: float) -> None:
        # Sources alone are no answer.
        begins = bool(event.refusal or event.images)
        known = self._choices.setdefault(event.choice, _Choice())
        choice = self._choice(event.choice, now) if begins else known
        choice.refusal.append(event.refusal)
        choice.annotations += event.annotations
        choice.images += event.images


def _ended(
    message: ChatMessage, choice: _Choice, status: Status | None, error: ErrorInfo | None
) -> ChatMessage:
    finished = choice.end()
    if status is None and choice.finished is None:
        status = "interrupted"
    elif status is None:
        status = status_of(finished.finish_reason) or "complete"
    notices = message.notices
    if status == "complete":
        notices = tuple(notice for notice in notices if notice.kind not in _WHILE_WAITING)
    return replace(
        message,
        status=status,
        notices=notices,
        error=error,
        finish_reason=finished.finish_reason,
        model=finished.model or message.model,
        refusal=finished.refusal,
        annotations=(*message.annotations, *finished.annotations),
        logprobs=finished.logprobs,
        raw={**message.raw, **finished.raw},
    )
