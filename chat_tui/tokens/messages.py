"""Which texts of a message are counted, and what it costs besides them: as it is sent."""

from typing import NamedTuple

from chat_tui.core.estimate import PER_MESSAGE, estimate_tokens
from chat_tui.core.messages import ChatMessage, ImagePart, part_text
from chat_tui.tokens.images import image_tokens

_PER_NAME = 1
_PER_CALL = 3
"""Nothing is published for a call; it is taken for what a message costs."""


class Countable(NamedTuple):
    """What is to be counted."""

    fixed: int
    """Tokens that stand for no text."""
    texts: tuple[str, ...] = ()

    @property
    def estimate(self) -> int:
        """About how many tokens it has."""
        return self.fixed + sum(map(estimate_tokens, self.texts))


def of_message(message: ChatMessage) -> Countable:
    """What is counted of a message, its pictures left out.

    Reasoning is not: it goes back to few providers, and what is counted holds for all of them.
    A refusal is sent in the place of the answer that there is not.
    """
    fixed = PER_MESSAGE
    texts = [message.refusal] if message.empty else _contents(message)
    if message.role == "tool":
        texts.append(message.tool_call_id)
    elif message.name:
        fixed += _PER_NAME
        texts.append(message.name)
    for call in message.tool_calls:
        fixed += _PER_CALL
        texts += (call.name, call.arguments)
    return Countable(fixed, tuple(filter(None, texts)))


def image_weight(message: ChatMessage, model: str) -> int:
    """What the pictures of a message weigh; only those of the user are sent."""
    if message.role != "user":
        return 0
    return sum(
        image_tokens(model, part.width, part.height, part.detail)
        for part in message.parts
        if isinstance(part, ImagePart)
    )


def _contents(message: ChatMessage) -> list[str]:
    """The content as the wire has it: one text, or with the user's pictures a list of parts."""
    texts = [part_text(part) for part in message.parts if not isinstance(part, ImagePart)]
    if message.role == "user" and len(texts) < len(message.parts):
        return texts
    return ["\n\n".join(texts)]
