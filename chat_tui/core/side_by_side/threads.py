"""What each column shows, and what each model is told: paths through the tree, by slot."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chat_tui.core.conversation import Conversation, ConversationTree


class Column(NamedTuple):
    """One column: a model's answers, one of n answers to each prompt, or what was merged."""

    slot: int
    choice: int = 0
    """Which of n answers, where a single model is asked for several."""


def columns(conversation: Conversation, tree: ConversationTree) -> Sequence[Column]:
    """The columns from left to right.

    One a slot of the board. With a single slot, one a choice of the newest prompt that has several.
    Where the active path ends with an answer that stands in none of them (one that was merged), a
    last one for that.
    """
    raise NotImplementedError


def path_of(conversation: Conversation, tree: ConversationTree, column: Column) -> list[str]:
    """What a column shows, from the root on.

    Where each model keeps its own thread, that thread; else the active path, with the column's own
    answer to each prompt (the newest of them, or the one looked at last) in the place of the one
    that was gone on with, where it has given one.
    """
    raise NotImplementedError


def told_to(conversation: Conversation, tree: ConversationTree, slot: int) -> list[str]:
    """The path that a model's next prompt follows, by what the board's `sharing` says.

    `one`: the active path. `own`: the slot's thread, as far as it has one of its own, else the
    active path. `several`: the active path with all visible answers of the board's slots to a
    prompt in a row, oldest first, where there are several; `assembly` joins them.
    """
    raise NotImplementedError


def chosen(conversation: Conversation, tree: ConversationTree) -> Mapping[str, bool]:
    """Of each answer that stands in a column: whether the next prompt is told it."""
    raise NotImplementedError
