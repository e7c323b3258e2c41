"""A message and what it is made of. Values: nothing here changes after it was made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chat_tui.core.attachments.detail import ImageDetail as ImageDetail
from chat_tui.core.errors import ErrorInfo

Role = Literal["system", "user", "assistant", "tool"]
"""Who speaks. `developer` is only the wire's spelling of system."""

Status = Literal["streaming", "complete", "length", "filtered", "stopped", "interrupted", "error"]
"""How far a message has come. Only `streaming` changes."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Plain text, as it was written or sent."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture: stored once by its hash, or named by an address that the provider fetches."""

    sha256: str = ""
    """The attachment's hash in hexadecimal; empty for an address."""
    url: str = ""
    """The http(s) address; empty for a stored picture."""
    media_type: str = ""
    name: str = ""
    detail: ImageDetail = "auto"
    width: int = 0
    height: int = 0
    """Pixels as it is sent; 0 where nobody knows, as of an address."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A document, with the text that was taken from it."""

    sha256: str
    name: str
    media_type: str = ""
    text: str = ""
    language: str = ""
    """What the fence is called in which it is sent; empty for prose."""


Part = TextPart | ImagePart | FilePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for. `arguments` is the text as it came, JSON or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server reported them; a part of it may be unknown."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """When things happened, in seconds since 1970; durations are the differences."""

    sent: float
    first_token: float | None = None
    ended: float | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class NoticeInfo:
    """Something the user should know about a reply that did not stop it."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Cost:
    """Money, frozen at the price of that time."""

    amount: float
    currency: str = "USD"


class Flags(NamedTuple):
    """What the user wants of a message whenever a request is made."""

    pinned: bool = False
    """Always sent."""
    excluded: bool = False
    """Never sent."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a conversation's tree."""

    id: str
    """UUIDv7."""
    role: Role
    parts: tuple[Part, ...] = ()
    parent: str | None = None
    """The message before this one; None for the first."""
    turn: str = ""
    """Shared by a user's message and all that answers it; the same prompt in several slots has
    one turn."""
    created: float = 0.0
    """Seconds since 1970."""
    status: Status = "complete"
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""
    model: str = ""
    provider: str = ""
    slot: int = 0
    """Which of several targets side by side."""
    choice: int = 0
    """Which of n answers to one request."""
    finish_reason: str = ""
    """As the server spelt it; empty while none came."""
    error: ErrorInfo | None = None
    notices: tuple[NoticeInfo, ...] = ()
    refusal: str = ""
    annotations: tuple[Mapping[str, Any], ...] = ()
    logprobs: Mapping[str, Any] | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    cost: Cost | None = None
    origin: tuple[str, str] | None = None
    """Source and id there, for what was imported."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the reply that this app does not know."""
    covers: tuple[str, str] | None = None
    """First and last message that a summary stands for."""
    pinned: bool = False
    excluded: bool = False
    rating: int = 0
    tokens: Mapping[str, int] = field(default_factory=dict)
    """Counted tokens by encoding, pictures left out: see `ports.TokenCounter.count`."""

    @property
    def text(self) -> str:
        """The text parts, joined by blank lines."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that a server could be sent; white space is nothing."""
        return not self.tool_calls and not any(
            part.text.strip() if isinstance(part, TextPart) else True for part in self.parts
        )


def part_text(part: TextPart | FilePart) -> str:
    """A part that is no picture, as it is sent: a document under its name, in a fence."""
    if isinstance(part, TextPart):
        return part.text
    name = " ".join(part.name.split()) or "document"
    return f"File {name}:\n\n{in_fence(part.text, part.language)}"


def in_fence(code: str, language: str = "") -> str:
    """A text as a code block, under a fence that is longer than any within.

    Args:
        code: any text.
        language: what the fence is called; signs that no name of a language has are left out.
    """
    ticks = max(map(len, re.findall("`{3,}", code)), default=2) + 1
    fence, called = "`" * ticks, re.sub(r"[^\w+#.-]", "", language)
    return "\n".join((fence + called, code.removesuffix("\n"), fence))


def text_parts(text: str) -> tuple[Part, ...]:
    """A text as the parts of a message: none for an empty text."""
    return (TextPart(text),) if text else ()
