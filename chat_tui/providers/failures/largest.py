"""Which part of a request is the largest: what to shrink when a server says that it is too much."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chat_tui.core.figures import data_size
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart
from chat_tui.core.safety import clean_line

_PICTURE_WEIGHT = 6_000
"""Characters of text that cost about as many tokens as a picture in full detail."""

_WHOSE: Mapping[str, str] = {
    "system": "the system prompt",
    "user": "your message",
    "assistant": "the answer",
    "tool": "the result of a tool",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something in a message that can be made smaller."""

    words: str
    size: str
    bytes: int
    weight: int
    """As characters of text."""


def largest_in_bytes(messages: Sequence[ChatMessage], sizes: Mapping[str, int]) -> str:
    """A sentence that names the picture, file or text of the most bytes; empty for one alone.

    Args:
        messages: of the request.
        sizes: the bytes of stored pictures by hash.
    """
    return _sentence(_pieces(messages, sizes), lambda piece: piece.bytes)


def largest_in_tokens(messages: Sequence[ChatMessage], sizes: Mapping[str, int]) -> str:
    """The same for what fills the window: a picture costs tokens by its detail, not its bytes."""
    return _sentence(_pieces(messages, sizes), lambda piece: piece.weight)


def _sentence(pieces: Iterator[_Piece], size: Callable[[_Piece], int]) -> str:
    found = list(pieces)
    if len(found) < 2:
        return ""
    piece = max(found, key=size)
    return f"The largest is {piece.words} ({piece.size})."


def _pieces(messages: Sequence[ChatMessage], sizes: Mapping[str, int]) -> Iterator[_Piece]:
    # The system prompt is none of the messages that a user counts.
    count = sum(message.role != "system" for message in messages)
    number = 0
    for message in messages:
        number += message.role != "system"
        place = f" {number} of {count}" if count > 1 else ""
        inside = f" in message{place}" if place else ""
        for part in message.parts:
            if isinstance(part, ImagePart):
                # One that is named by an address weighs nothing in the request itself.
                weight = sizes.get(part.sha256, 0) if not part.url else 0
                size = data_size(weight) if weight else "from an address"
                what = _named("the picture", part.name)
                yield _Piece(what + inside, size, weight, _PICTURE_WEIGHT)
            elif isinstance(part, FilePart):
                what = _named("the file", part.name)
                yield _text_piece(what + inside, part.text)
        own = "".join((message.text, *(call.arguments for call in message.tool_calls)))
        if own:
            whose = _WHOSE[message.role]
            where = {"system": "", "user": place}.get(message.role, inside)
            yield _text_piece(whose + where, own)


def _text_piece(words: str, text: str) -> _Piece:
    size = f"{len(text):,} characters"
    return _Piece(words, size, len(text.encode(errors="replace")), len(text))


def _named(what: str, name: str) -> str:
    return f"{what} {clean_line(name, code=True)}" if name.strip() else what
