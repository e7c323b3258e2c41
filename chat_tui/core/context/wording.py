"""What stands in the place of what is not sent whole: its words, and what they weigh at most.

Planning weighs what assembly writes; both take it from here.
"""

from chat_tui.core.context.items import ContextItem
from chat_tui.core.messages import ImagePart

HEAD, TAIL = 1_200, 400
"""Characters of an old tool result that are sent when it is shortened, from its two ends."""

SHORTEN_FROM = 2_400
"""Characters above which shortening a tool result is worth the loss."""

_UNEVEN = 1.25
"""How much denser than the whole the two ends of a text may be in tokens."""

_AROUND = 40
"""Tokens of the line between the two ends, and of what each message costs."""

_NAME = 40
"""Characters of a picture's name that are told."""

PICTURE_TOKENS = 32
"""The most that the words for a picture weigh."""

FILLER = "(What came before was left out.)"
"""What the user is made to say first where an answer would come first otherwise."""

FILLER_TOKENS = 16

_SUMMARY = "Summary of the earlier conversation ({count}):\n\n{words}"

SUMMARY_TOKENS = 16
"""The most that the words around a summary weigh."""


def may_shorten(item: ContextItem) -> bool:
    """Whether a message is a tool result that is long enough to be shortened."""
    return item.letters > SHORTEN_FROM


def whole_tokens(item: ContextItem) -> int:
    """What a message weighs whole.

    Servers take pictures from users alone: words stand for those of all others, always.
    """
    if item.pictures and item.role != "user":
        return item.tokens - item.images + item.pictures * PICTURE_TOKENS
    return item.tokens


def shortened_tokens(item: ContextItem) -> int:
    """What a message weighs as head and tail, or with words for its pictures.

    Until it is counted, an estimate on the safe side; not less than whole where nothing is to be
    gained.
    """
    if item.short:
        return item.short
    text = item.tokens - item.images
    if may_shorten(item):
        kept = (HEAD + TAIL) / item.letters * _UNEVEN
        text = min(text, int(text * kept) + _AROUND)
    return text + item.pictures * PICTURE_TOKENS


def shortened(text: str) -> str:
    """A tool result as it is sent when it is shortened."""
    return text if len(text) <= SHORTEN_FROM else clipped(text, HEAD, TAIL)


def clipped(text: str, head: int, tail: int) -> str:
    """Head and tail of a text, with a line between them that says how much is missing.

    Args:
        text: whole.
        head: characters of its beginning.
        tail: characters of its end; where both are all there is, it stays whole.
    """
    missing = len(text) - head - tail
    if missing <= 0:
        return text
    end = len(text) - tail
    return f"{text[:head]}\n\n[{missing:,} characters left out]\n\n{text[end:]}"


def picture_words(picture: ImagePart) -> str:
    """What stands for a picture: its name, or its address."""
    name = " ".join((picture.name or picture.url).split())
    if len(name) > _NAME:
        name = f"{name[: _NAME - 1]}…"
    return f"[picture: {name}]" if name else "[picture]"


def summary_words(words: str, count: int) -> str:
    """How a summary is sent: named as one, with how many messages it stands for."""
    return _SUMMARY.format(count="1 message" if count == 1 else f"{count:,} messages", words=words)
