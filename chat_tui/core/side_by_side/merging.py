"""Merging answers: one model is shown what several said, and makes one answer of it."""

from collections.abc import Sequence
from typing import Literal

from chat_tui.core.messages import ChatMessage

Recipe = Literal["fuse", "checklist", "table", "own"]
"""One text of the best of each; what agrees, differs and is missing as a list to check; a table
that compares them; the user's own words."""


def merge_request(
    prompt: ChatMessage, answers: Sequence[ChatMessage], recipe: Recipe, words: str = ""
) -> str:
    """What the model is asked, with the answers in it, each delimited and under a neutral name.

    Args:
        prompt: what was answered.
        answers: two or more, with their texts.
        recipe: what is made of them.
        words: the user's own, for the recipe `own`.

    Raises:
        UsageError: there are fewer than two answers with text, or no words.
    """
    raise NotImplementedError
