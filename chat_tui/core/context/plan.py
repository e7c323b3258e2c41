"""What is sent of a conversation and what is not, message by message, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.messages import Role

Decision = Literal["sent", "shortened", "left-out"]
"""`shortened`: a tool result as head and tail, pictures as a line of words, or without calls that
nobody answered."""

Reason = Literal[
    "",
    "system",  # the system prompt: always sent
    "pinned",
    "newest",  # the newest turn of the user: always sent
    "summary",  # a summary that stands for what it sums up: always sent
    "excluded",
    "empty",
    "failed",  # a prompt that got nothing but an empty reply, which did not end well
    "unanswered",  # a tool call without all its results, or a result without its call
    "too-large",  # there was no room
    "history",  # beyond `max_history`
    "summarised",  # a summary stands for it
    "superseded",  # a summary that another one replaces, that stands for nothing here, or failed
    "leading",  # an answer that would come before the first prompt
]
"""Why; empty for what is sent because there is room.

What is shortened is so because it was `too-large`, or because of calls that stay `unanswered`.
"""


class PlannedMessage(NamedTuple):
    """What becomes of one message of the path."""

    id: str
    """Empty for the system prompt, `DRAFT` for what is only written yet."""
    role: Role
    decision: Decision
    reason: Reason
    tokens: int
    """As it is sent, calibrated; 0 where it is left out."""
    full: int
    """Whole, calibrated."""
    exact: bool = False

    @property
    def trimmed(self) -> bool:
        """Whether it is left out for want of room, and not because nobody would miss it."""
        return self.decision == "left-out" and self.reason in _TRIMMED


_TRIMMED: frozenset[Reason] = frozenset({"too-large", "history", "summarised", "leading"})

DRAFT = "draft"
"""The id of a prompt that is only written yet, in a plan that looks ahead."""


@dataclass(frozen=True)
class ContextPlan:
    """The plan of one request."""

    messages: tuple[PlannedMessage, ...]
    """All of the path in its order, the system prompt first where there is one."""
    budget: Budget = Budget()
    policy: ContextPolicy = ContextPolicy()
    cut: Cut = Cut()
    """To be kept with the conversation, and given to the next plan."""
    summary: str = ""
    """The summary that stands for a part of the path; empty where none does."""
    before: str = ""
    """The message whose place it takes: it is sent before it."""
    filler: int = 0
    """Tokens of an unsaved line of the user that comes first, since an answer would otherwise; 0
    where none does."""
    pictures: int = 0
    """How many pictures of stored prompts are sent; those of all other messages go as words."""
    refused: bool = False
    """Whether what must be sent does not fit: nothing is sent then. All else is left out of such
    a plan, so that its figures are those of what does not fit."""

    @cached_property
    def tokens(self) -> int:
        """What is sent, calibrated; the overhead of the budget not counted in."""
        return self.filler + sum(each.tokens for each in self.messages)

    @property
    def over(self) -> int:
        """By how much it is larger than its budget; 0 where it fits, or nobody knows."""
        room = self.budget.tokens
        return 0 if room is None else max(self.tokens - room, 0)

    @cached_property
    def sent(self) -> tuple[PlannedMessage, ...]:
        """What is sent, whole or shortened, in the order in which it is: a summary in its place."""
        if not self.summary:
            return tuple(each for each in self.messages if each.decision != "left-out")
        sent: list[PlannedMessage] = []
        place = 0
        for each in self.messages:
            if each.id == self.before:
                place = len(sent)
            if each.id == self.summary:
                sent.insert(place, each)
            elif each.decision != "left-out":
                sent.append(each)
        return tuple(sent)

    @cached_property
    def left_out(self) -> tuple[PlannedMessage, ...]:
        """What is not."""
        return tuple(each for each in self.messages if each.decision == "left-out")

    @cached_property
    def trimmed(self) -> tuple[PlannedMessage, ...]:
        """What is left out for want of room: what the user is told of in the transcript.

        Empty replies and the like are nobody's loss.
        """
        return tuple(each for each in self.left_out if each.reason in _TRIMMED)

    @property
    def stands_for(self) -> int:
        """How many messages the summary stands for: those that would have been sent without it."""
        return sum(each.reason == "summarised" for each in self.messages)

    @cached_property
    def lost(self) -> tuple[PlannedMessage, ...]:
        """Of what is left out for want of room, that for which no summary stands."""
        return tuple(each for each in self.trimmed if each.reason != "summarised")

    @cached_property
    def begins(self) -> str:
        """The first message that is sent after those that were trimmed; empty where none were."""
        if not self.trimmed:
            return ""
        after = iter(self.messages)
        last = self.trimmed[-1]
        while next(after) is not last:
            pass
        return next((each.id for each in after if each.decision != "left-out"), "")


def weight_of(messages: Iterable[PlannedMessage]) -> int:
    """The whole weight of messages, in tokens."""
    return sum(each.full for each in messages)
