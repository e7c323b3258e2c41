"""Conversations that can be compared."""

from collections.abc import Sequence
from dataclasses import replace

from chat_tui.core.conversation import Conversation, ConversationTree, node_of
from chat_tui.core.messages import (
    ChatMessage,
    Cost,
    Role,
    Status,
    Timings,
    Usage,
    text_parts,
)
from chat_tui.core.side_by_side.board import MERGED, Board
from chat_tui.core.targets import Target

TARGETS = (Target("one", "m-1", {"temperature": 0.2}), Target("two", "m-2"))
"""Who is asked in slots 0 and 1."""


def said(
    id_: str,
    role: Role,
    text: str,
    parent: str | None,
    turn: str,
    *,
    slot: int = 0,
    status: Status = "complete",
) -> ChatMessage:
    """A message; an answer is of its slot's model."""
    if role == "user":
        return ChatMessage(id_, role, text_parts(text), parent, turn)
    target = TARGETS[max(slot, 0)]
    return ChatMessage(
        id_,
        role,
        text_parts(text),
        parent,
        turn,
        status=status,
        model=target.model,
        provider=target.provider,
        slot=slot,
        finish_reason="stop",
    )


def timed(message: ChatMessage, seconds: float, cost: float) -> ChatMessage:
    """An answer that took so long."""
    return replace(
        message,
        usage=Usage(12, 20, 32),
        timings=Timings(100.0, 100.25, 100.0 + seconds),
        cost=Cost(cost),
    )


SIDES = Conversation(
    "c-1",
    title="Blue sky: why?",
    created=1_700_000_000.0,
    system_prompt="Be brief.",
    targets=TARGETS,
    board=Board((1, 0)),
    heads={0: "a2", 1: "b2"},
    head="m2",
)
"""Two models side by side, the second one first; in the second turn one failed and was retried,
and both were merged."""

SIDES_MESSAGES: Sequence[ChatMessage] = (
    said("p1", "user", "Why is the sky blue?", None, "t1"),
    timed(said("a1", "assistant", "Because of **Rayleigh** scattering.", "p1", "t1"), 2.25, 0.01),
    timed(said("b1", "assistant", "It scatters light.", "p1", "t1", slot=1), 1.25, 0.03),
    said("p2", "user", "And at dusk?", "a1", "t2"),
    said("x2", "assistant", "", "p2", "t2", status="error"),
    said("b2", "assistant", "Red light is left.", "p2", "t2", slot=1),
    said("a2", "assistant", "The way is longer.", "p2", "t2"),
    said("m2", "assistant", "Both: red is left.", "p2", "t2", slot=MERGED),
)


def tree_of(
    conversation: Conversation, messages: Sequence[ChatMessage] = SIDES_MESSAGES
) -> ConversationTree:
    return ConversationTree(map(node_of, messages), conversation.head)
