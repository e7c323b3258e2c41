"""The answers that are compared: those to one prompt, under the names by which they go now."""

from typing import NamedTuple

from chat_tui.core.messages import ChatMessage


class Answers(NamedTuple):
    """Two or more answers to one prompt, from left to right."""

    prompt: ChatMessage
    replies: tuple[ChatMessage, ...]
    """They have ended."""
    names: tuple[str, ...]
    """Of each: its model, or a letter while nobody is to know; clean."""
    at: int = 0
    """The one that was looked at."""

    @property
    def turn(self) -> str:
        """What they have in common."""
        return self.prompt.turn
