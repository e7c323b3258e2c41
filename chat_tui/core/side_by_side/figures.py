"""The figures of answers beside each other: how fast, how long, how dear."""

from collections.abc import Sequence
from typing import NamedTuple

from chat_tui.core.messages import ChatMessage, Status


class AnswerFigures(NamedTuple):
    """What is known of one answer; None where it is not."""

    model: str
    provider: str
    status: Status
    first_token_s: float | None = None
    total_s: float | None = None
    rate: float | None = None
    """Completion tokens a second, from the first one on; reasoning counts."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    words: int = 0
    cost: float | None = None
    """US dollars."""
    finish_reason: str = ""


class Best(NamedTuple):
    """Places of the best of several; None where fewer than two have the figure, or all have it."""

    fastest: int | None = None
    """By the whole time."""
    first: int | None = None
    """By the first token."""
    cheapest: int | None = None


def figures_of(reply: ChatMessage) -> AnswerFigures:
    """The figures of an answer that has ended."""
    raise NotImplementedError


def best_of(answers: Sequence[AnswerFigures]) -> Best:
    """Who was the fastest and the cheapest; answers that failed or were cut off do not count."""
    raise NotImplementedError
