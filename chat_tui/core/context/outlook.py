"""What comes of planning: a request ready to be sent, and a look at the next one."""

from dataclasses import dataclass
from typing import NamedTuple

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.reports import Outgoing
from chat_tui.core.messages import ChatMessage
from chat_tui.core.turns import OpenConversation


class PictureCost(NamedTuple):
    """What one picture takes of a prompt."""

    tokens: int
    """Calibrated."""
    cost: float | None
    """US dollars; None where no price is known."""
    rule: str
    """What the published rule is called by which it is weighed; empty: it is a guess."""


class Planned(NamedTuple):
    """A plan with all that its request needs."""

    plan: ContextPlan
    messages: tuple[ChatMessage, ...]
    """What is sent, in order; none where the plan is refused."""
    expected: int
    """Tokens of the prompt as the server will report them, as far as is known: the last report,
    and calibrated counts of what came after it; the overhead counted in."""
    outgoing: Outgoing
    """What is sent, by our own count: what is learnt from."""
    chat: OpenConversation | None = None
    """Whose messages they are; None where they are no conversation's."""
    slot: int | None = None
    """Which of several models side by side it is for; None for one alone."""

    @property
    def counted(self) -> int:
        """What is expected by our own count, neither calibrated nor from reports."""
        return self.outgoing.counted


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next request of a conversation would be, as bar and inspector show it.

    All figures are tokens, calibrated.
    """

    plan: ContextPlan
    """With a draft, its last message is `DRAFT`."""
    used: int
    """What is sent of the conversation, with the overhead, without the draft: from the last report
    on where there is one of the same messages."""
    draft: int
    """What is written and not sent."""
    approximate: bool
    """Whether the figures are no exact counts, `≈`: see `Ahead.approximate`."""
    calibration: Calibration
    cost: float | None = None
    """US dollars for the prompt of the next request; None where no price is known."""
    doubted: bool = False
    """Whether what the server reported last is not believed: it reads only a part of prompts."""

    @property
    def budget(self) -> Budget:
        """The room that there is."""
        return self.plan.budget

    @property
    def share(self) -> float | None:
        """Used and draft as a share of the budget with its overhead; None where it is unknown."""
        room = self.budget.tokens
        if room is None:
            return None
        return (self.used + self.draft) / max(room + self.budget.overhead, 1)
