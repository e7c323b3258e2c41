"""What happens while a reply comes in.

A `ChatClient` yields `ReplyEvent`s; the `ConversationManager` passes them on between a
`TurnStarted` and a `TurnFinished`. `slot` says which of several targets an event belongs to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage, Usage


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text, raw as it came."""

    text: str
    choice: int = 0
    slot: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's reasoning, raw as it came."""

    text: str
    choice: int = 0
    slot: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of a tool call. Pieces with the same `index` belong together, whatever their ids."""

    index: int
    id: str = ""
    """Set by the first piece that knows it."""
    name: str = ""
    """The same; never to be joined."""
    arguments: str = ""
    """The next piece of the arguments' text."""
    choice: int = 0
    slot: int = 0


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """The request failed before any content and will be sent again."""

    attempt: int
    """The attempt that is to come, from 2."""
    attempts: int
    """How many there may be."""
    delay: float
    """Seconds until then."""
    error: ErrorInfo
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know that does not stop the reply."""

    kind: str
    message: str
    slot: int = 0


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The server's count of tokens; a later report replaces an earlier one."""

    usage: Usage
    slot: int = 0


@dataclass(frozen=True, slots=True)
class ExtrasDelta:
    """More of what comes beside the text, so that a reply which breaks off or is stopped keeps it.

    `ReplyFinished` brings all of it once more, in its order.
    """

    refusal: str = ""
    annotations: tuple[Mapping[str, Any], ...] = ()
    images: tuple[Any, ...] = ()
    """As they came; a finished reply has them in `raw`."""
    choice: int = 0
    slot: int = 0


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The server said that the reply is whole: a finish reason or `[DONE]` came.

    It is never made up: a stream that just ends raises `InterruptedReplyError` instead.
    """

    finish_reason: str = ""
    """As the server spelt it; empty when only `[DONE]` came."""
    choice: int = 0
    model: str = ""
    """The model that the server says answered."""
    refusal: str = ""
    annotations: tuple[Mapping[str, Any], ...] = ()
    logprobs: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    slot: int = 0


ReplyEvent = (
    TextDelta
    | ReasoningDelta
    | ToolCallDelta
    | ExtrasDelta
    | RetryScheduled
    | Notice
    | UsageReported
    | ReplyFinished
)
"""What a `ChatClient` yields."""


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The prompt is stored and the request is about to be sent."""

    conversation: str
    prompt: ChatMessage | None
    """The user's message; None where an answer is made anew."""
    replies: tuple[ChatMessage, ...]
    """The empty replies, one a slot."""
    plan: ContextPlan


@dataclass(frozen=True, slots=True)
class ChoiceStarted:
    """Another of the n answers that were asked for has begun: it is stored, and still empty."""

    reply: ChatMessage
    """A sibling of the reply; what comes of it has its `choice`."""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class ChoiceFinished:
    """Another of n answers has ended; `reply` is as it was stored. `TurnFinished` follows."""

    reply: ChatMessage
    slot: int = 0


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """One reply has ended, one way or another; `reply` is as it was stored."""

    reply: ChatMessage
    slot: int = 0
    plan: ContextPlan | None = None
    """What was sent last: another plan than at first, where that was refused for its size."""
    expected: int | None = None
    """Tokens of that prompt as the server was to report them."""


TurnEvent = (
    TurnStarted
    | TextDelta
    | ReasoningDelta
    | ToolCallDelta
    | RetryScheduled
    | Notice
    | UsageReported
    | ChoiceStarted
    | ChoiceFinished
    | TurnFinished
)
"""What the `ConversationManager` yields."""
