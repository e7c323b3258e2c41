"""Weighs conversations, plans their requests, and learns from what servers report.

Stateful, but for plans themselves, which are pure (`planning`). It knows neither a tokenizer nor
HTTP; the ports stand for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.memory import ModelMemory
from chat_tui.core.messages import ChatMessage, NoticeInfo, Usage
from chat_tui.core.ports import ModelFacts, TokenCounter
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with all that its request needs."""

    plan: ContextPlan
    messages: tuple[ChatMessage, ...]
    """What is sent, in order; none where the plan is refused."""
    expected: int
    """Tokens of the prompt as the server will report them, as far as is known: the last report,
    and calibrated counts of what came after it; the overhead counted in."""
    counted: int = 0
    """The same by our own count, neither calibrated nor from reports: what is learnt from."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next request of a conversation would be, as bar and inspector show it.

    All figures are tokens.
    """

    plan: ContextPlan
    used: int
    """What is sent of the conversation, with the overhead, without the draft."""
    draft: int
    """What is written and not sent."""
    approximate: bool
    """Whether the figures are no exact counts: `≈`."""
    calibration: Calibration
    cost: float | None = None
    """US dollars for the prompt of the next request; None where no price is known."""

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


class ContextPlanner:
    """Plans what is sent; the manager asks it before each request, the screen while one types.

    Args:
        counter: counts tokens.
        facts: windows and prices of models.
        memory: keeps calibrations over restarts.
        default: the policy of conversations that have none of their own, as it is now.
    """

    def __init__(
        self,
        counter: TokenCounter,
        facts: ModelFacts,
        memory: ModelMemory,
        default: Callable[[], ContextPolicy] = ContextPolicy,
    ) -> None:
        self.counter = counter
        self.facts = facts
        self._memory = memory
        self._default = default

    def policy(self, chat: OpenConversation) -> ContextPolicy:
        """What holds for a conversation."""
        raise NotImplementedError

    async def set_policy(self, chat: OpenConversation, policy: ContextPolicy) -> None:
        """Give a conversation a policy of its own; one like the default follows the default."""
        raise NotImplementedError

    async def mark(
        self,
        chat: OpenConversation,
        ids: Sequence[str],
        *,
        pinned: bool | None = None,
        excluded: bool | None = None,
    ) -> None:
        """Always send messages, or never; None leaves it as it is. One excludes the other.

        Raises:
            UsageError: one of them is still being written.
            StorageError: it cannot be stored.
        """
        raise NotImplementedError

    async def plan(
        self,
        chat: OpenConversation,
        target: Target,
        path: Sequence[str],
        more: Sequence[ChatMessage] = (),
        *,
        anyway: bool = False,
    ) -> Planned:
        """Plan a request, and keep where it was cut.

        Texts are read only of what is sent. What was never counted is counted now if the counter
        is ready or the room is getting scarce, else estimated.

        Args:
            chat: the conversation.
            target: whom it goes to: its window, its tokenizer.
            path: stored messages, from the root on.
            more: what follows them and is not stored (yet), or stands in another form.
            anyway: send all, whatever the policy says: the user has seen that it does not fit.

        Raises:
            UsageError: there is nothing to answer.
            PlanRefusedError: what must be sent does not fit; nothing was changed.
            StorageError: the conversation cannot be read.
        """
        raise NotImplementedError

    async def outlook(
        self, chat: OpenConversation, draft: int = 0, target: Target | None = None
    ) -> Outlook:
        """What the next request would be.

        Cheap after the first time: nothing is read or counted twice.

        Args:
            chat: the conversation.
            draft: tokens of what is written and not sent, by `draft_tokens`.
            target: by default the conversation's.

        Raises:
            StorageError: the conversation cannot be read.
        """
        raise NotImplementedError

    async def draft_tokens(self, text: str, target: Target) -> int:
        """What a draft weighs as a message; counted where the counter is ready, else estimated."""
        raise NotImplementedError

    async def settle(self, chat: OpenConversation, ids: Sequence[str]) -> None:
        """Count messages that have ended and store the counts; never raises.

        It takes as long as the counter needs: nobody should wait for it but the end of a command.
        """
        raise NotImplementedError

    def learn(self, target: Target, planned: Planned, usage: Usage | None) -> NoticeInfo | None:
        """Learn from what a server reports; a notice where it has read only a part (`cut`)."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """End what counts in the background."""
        raise NotImplementedError
