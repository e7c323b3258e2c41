"""One of the n answers to a request, while it comes in and as it ended."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chat_tui.core.attachments.prompts import attached_to
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.events import ReplyFinished
from chat_tui.core.finish_reasons import status_of
from chat_tui.core.journal import Journal
from chat_tui.core.messages import ChatMessage, Status, ToolCall, text_parts

_WHILE_WAITING = frozenset({"silence", "stalled", "queued"})
"""Kinds of notices that say nothing about an answer that came after all."""


class IncomingChoice:
    """What came of one of the n answers to a request.

    Args:
        id_: of its message; empty while it has none.
        journal: gets its text; None while its message is not stored.
    """

    def __init__(self, id_: str = "", journal: Journal | None = None) -> None:
        self.id = id_
        self.journal = journal
        self.begun = journal is not None
        """Whether anything has come that an answer begins with."""
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.calls: dict[int, list[str]] = {}
        self.refusal: list[str] = []
        self.annotations: list[Mapping[str, Any]] = []
        self.images: list[Any] = []
        self.finished: ReplyFinished | None = None

    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls of tools as far as they have come."""
        return tuple(
            ToolCall(id_, name, arguments)
            for _, (id_, name, arguments) in sorted(self.calls.items())
        )

    def keep_in(self, journal: Journal) -> None:
        """Have its text journalled from here on, with what has come already."""
        self.journal = journal
        if text := "".join(self.text):
            journal.add_text(text)
        if reasoning := "".join(self.reasoning):
            journal.add_reasoning(reasoning)

    def within(self, message: ChatMessage) -> ChatMessage:
        """A message with what has come."""
        return replace(
            message,
            parts=(*text_parts("".join(self.text)), *attached_to(message)),
            reasoning="".join(self.reasoning),
            tool_calls=self.tool_calls(),
        )

    def end(self) -> ReplyFinished:
        """How it ended; where it did not, what came until then."""
        return self.finished or ReplyFinished(
            refusal="".join(self.refusal),
            annotations=tuple(self.annotations),
            raw={"images": self.images} if self.images else {},
        )

    def ended(
        self, message: ChatMessage, status: Status | None, error: ErrorInfo | None
    ) -> ChatMessage:
        """A message with what has come, as it ended.

        Args:
            message: with what has come.
            status: how it ended; None takes what the finish reason says, and `interrupted` where
                the server did not finish it.
            error: why it ended, where it went wrong.
        """
        finished = self.end()
        if status is None and self.finished is None:
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
