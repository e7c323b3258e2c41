"""What speaks against sending a prompt with pictures and documents to a model, before it is sent."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.models import ModelCard


class Objection(NamedTuple):
    """Something to say before sending; nothing here forbids it."""

    kind: Literal["no-vision", "too-many", "too-large", "secret"]
    words: str
    """A sentence, clean."""
    hint: str = ""


def objections(prompt: Prompt, cards: Sequence[ModelCard]) -> list[Objection]:
    """What speaks against it: a model that sees no pictures (only where that is known), more
    pictures or larger ones than its provider takes, something in a document that looks like a key.

    Args:
        prompt: what is to be sent.
        cards: of the models that it goes to.
    """
    raise NotImplementedError
