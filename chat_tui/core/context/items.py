"""Messages as planning sees them: what they weigh, how they hang together, and no text."""

from collections.abc import Sequence
from typing import NamedTuple

from chat_tui.core.messages import ChatMessage, ImagePart, Role, TextPart


class Weight(NamedTuple):
    """What a message weighs for one model, in tokens, as it is counted here (not calibrated)."""

    text: int
    """Its words, calls, and what each message costs."""
    images: int = 0
    exact: bool = False
    """Whether the text was counted; else it is an estimate. Pictures are by published rules."""

    @property
    def tokens(self) -> int:
        """All of it."""
        return self.text + self.images


class ContextItem(NamedTuple):
    """A message of the active path, as planning needs it; 10,000 of them take little memory."""

    id: str
    role: Role
    tokens: int
    """All of it."""
    images: int = 0
    """The part of the tokens that pictures take."""
    calls: tuple[str, ...] = ()
    """The ids of the tool calls that it asks for."""
    answers: str = ""
    """The id of the call that it is a result of."""
    letters: int = 0
    """Characters of a tool result, which may be shortened; else 0."""
    empty: bool = False
    """Whether it has nothing beside its calls that a server could be sent."""
    failed: bool = False
    """Whether it is an answer that ended before its first word: its prompt is not sent again."""
    pinned: bool = False
    excluded: bool = False
    covers: tuple[str, str] | None = None
    """Of a summary that may be sent: the first and last message that it stands for."""
    exact: bool = False
    pictures: int = 0
    """How many pictures it has."""
    summary: bool = False
    """Whether it is a summary, one that may be sent or not."""
    short: int = 0
    """What it weighs shortened, where that was counted; else 0."""
    beside: str = ""
    """Of one of several answers that go as one message: the first of them."""


def item_of(message: ChatMessage, weight: Weight) -> ContextItem:
    """A message as planning sees it."""
    is_result = message.role == "tool"
    ended = message.status in ("complete", "length")
    wordless = message.refusal == "" and not any(
        part.text.strip() if isinstance(part, TextPart) else True for part in message.parts
    )
    return ContextItem(
        id=message.id,
        role=message.role,
        tokens=weight.tokens,
        images=weight.images,
        calls=tuple(call.id for call in message.tool_calls),
        answers=message.tool_call_id if is_result else "",
        letters=_letters(message) if is_result else 0,
        empty=wordless,
        failed=came_to_nothing(message),
        pinned=message.pinned,
        excluded=message.excluded,
        covers=message.covers if ended and not wordless else None,
        exact=weight.exact,
        pictures=pictures((message,)),
        summary=message.covers is not None,
    )


def with_pictures_of(items: tuple[ContextItem, ...], factor: float) -> tuple[ContextItem, ...]:
    """Items whose pictures weigh so many times what the rule gives them."""
    if factor == 1.0:
        return items
    return tuple(_with_pictures(item, factor) if item.images else item for item in items)


def _with_pictures(item: ContextItem, factor: float) -> ContextItem:
    images = round(item.images * factor)
    return item._replace(tokens=item.tokens - item.images + images, images=images)


def came_to_nothing(reply: ChatMessage) -> bool:
    """Whether a reply ended before its first word, so that its prompt is not sent again."""
    ended = reply.status not in ("complete", "length")
    return reply.role == "assistant" and reply.empty and not reply.refusal and ended


def pictures(messages: Sequence[ChatMessage]) -> int:
    """How many pictures there are in messages."""
    return sum(isinstance(part, ImagePart) for each in messages for part in each.parts)


def _letters(result: ChatMessage) -> int:
    """The characters of a result; 0 where a document is a part of it, which is not shortened."""
    if not all(isinstance(part, TextPart | ImagePart) for part in result.parts):
        return 0
    return sum(len(part.text) for part in result.parts if isinstance(part, TextPart))
