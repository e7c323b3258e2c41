"""The next request of a conversation, weighed: planned once, and told for any draft."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, inf

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem, Weight
from chat_tui.core.context.plan import DRAFT, ContextPlan, PlannedMessage
from chat_tui.core.context.planning import REFILL, plan_context
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.reports import Outgoing, Report, outgoing_of
from chat_tui.core.errors import UsageError

_VISIBLY = 0.005
"""A share that can be seen in a figure."""

_BELIEVED = 0.1
"""How far a report may be from our own figure, as a share, where nobody remembers what it is of."""


@dataclass(frozen=True)
class Weighed:
    """All that a plan is made of."""

    items: tuple[ContextItem, ...]
    system: Weight
    overhead: int
    """Tokens of a request besides its messages, by our own count."""
    budget: Budget
    policy: ContextPolicy
    cut: Cut
    calibration: Calibration

    @cached_property
    def scale(self) -> float:
        """What makes our tokens the model's."""
        if not self.calibration.vague:
            return self.calibration.ratio
        # What is learnt from estimates corrects estimates: those of about what will be sent.
        left = inf if self.budget.tokens is None else REFILL * self.budget.tokens
        weighed = estimated = 1
        for item in reversed(self.items):
            if weighed >= left:
                break
            weighed += item.tokens
            estimated += 0 if item.exact else item.tokens
        return self.calibration.ratio_of(estimated / weighed)

    @cached_property
    def estimate(self) -> int:
        """About how many tokens there are, whether they are sent or not."""
        return self.system.tokens + self.overhead + sum(item.tokens for item in self.items)

    def plan(self, more: Sequence[ContextItem] = ()) -> ContextPlan:
        """Plan the request, with some more items at its end.

        Raises:
            UsageError: there is nothing to answer.
        """
        return plan_context(
            (*self.items, *more),
            system=self.system.tokens,
            budget=self.budget,
            policy=self.policy,
            cut=self.cut,
            scale=self.scale,
            system_exact=self.system.exact,
        )

    def with_draft(self, tokens: int, *, exact: bool = False) -> ContextPlan:
        """Plan the request, with a draft of so many calibrated tokens at its end."""
        own = round(tokens / self.scale)
        return self.plan([ContextItem(DRAFT, "user", own, exact=exact)])

    def outgoing(self, plan: ContextPlan) -> Outgoing:
        """What a plan of it sends."""
        items = {item.id: item for item in self.items}
        return outgoing_of(plan, items.get, self.system, self.overhead, self.scale)

    def report(self, place: int, reported: int) -> Report | None:
        """What is to be kept of a report that an earlier run of the app was given.

        None where it may be of something else than would be sent of it today.

        Args:
            place: of the reply that came with it, among the items.
            reported: tokens of its prompt.
        """
        past = replace(self, items=self.items[:place])
        try:
            plan = past.plan()
        except UsageError:
            return None
        # Nobody knows since when they are. A pin is none of it where there is room for all.
        marked = any(item.excluded or (item.pinned and plan.trimmed) for item in past.items)
        outgoing = past.outgoing(plan)
        off = abs(outgoing.expected(None) - reported)
        if plan.refused or marked or off > _BELIEVED * reported:
            return None
        return outgoing.reported(reported)


class Ahead:
    """The next request as it would be with any draft.

    It is planned once. A draft is only added as long as nothing else becomes of the rest; where
    its weight makes the plan cut or refuse, it is planned anew, as it would be at sending.

    Args:
        weighed: the conversation without the draft.
        report: what the server reported last.
        exact: whether drafts are counted, not estimated.
        own: whether the model's own vocabulary counts.
    """

    def __init__(self, weighed: Weighed, report: Report | None, *, exact: bool, own: bool) -> None:
        self.weighed = weighed
        self._report = report
        self._exact = exact
        self._own = own
        self.plan = self._planned(0)
        """Without a draft."""
        self._outgoing = weighed.outgoing(self.plan)
        self._used = self._outgoing.expected(report)
        self.counting = False
        """Whether it was begun to count what makes this better."""
        self.asked: bool | None = None
        """Whether the provider is asked for what makes this better; None where not even what is
        kept of it was read."""
        self._last: tuple[int, ContextPlan, int] | None = None
        """The last draft that needed a plan of its own, and what came of it."""

    @property
    def approximate(self) -> bool:
        """Whether the figures are no exact counts.

        Exact is what is counted with the model's own vocabulary, without pictures, where no report
        has said otherwise yet.
        """
        calibration = self.weighed.calibration
        counted, reported = self._outgoing.since(self._report)
        told = abs(reported - counted) / max(reported, 1)
        off = max(abs(calibration.ratio - 1), calibration.error or 0, told)
        vague = self._outgoing.estimated or self._outgoing.ruled
        return bool(vague) or not self._own or not self._exact or off >= _VISIBLY

    @property
    def estimated(self) -> int:
        """Tokens, not calibrated, of what would be sent and was never counted."""
        return self._outgoing.estimated

    @property
    def uncounted(self) -> list[str]:
        """The messages that would be sent and were never counted."""
        return [row.id for row in self._outgoing.rows if row.estimated]

    def look(self, draft: int) -> tuple[ContextPlan, int]:
        """The plan with a draft, and the tokens of all else that is sent; both calibrated.

        Args:
            draft: its tokens, calibrated; 0 where there is none.
        """
        if not draft:
            return self.plan, self._used
        if self._last is None or self._last[0] != draft:
            self._last = (draft, *self._look(draft))
        return self._last[1:]

    def _look(self, draft: int) -> tuple[ContextPlan, int]:
        weighed, plan = self.weighed, self.plan
        size = ceil(round(draft / weighed.scale) * weighed.scale)
        room = weighed.budget.tokens
        limited = room is not None and weighed.policy.overflow in ("trim", "compact")
        fits = not limited or (room is not None and plan.tokens + size <= room)
        if fits and not plan.refused and (plan.cut == weighed.cut or not limited):
            row = PlannedMessage(DRAFT, "user", "sent", "newest", size, size, self._exact)
            return replace(plan, messages=(*plan.messages, row)), self._used
        plan = self._planned(draft)
        outgoing = weighed.outgoing(plan)
        outgoing = replace(outgoing, rows=tuple(row for row in outgoing.rows if row.id != DRAFT))
        return plan, outgoing.expected(self._report)

    def _planned(self, draft: int) -> ContextPlan:
        plan = self.weighed.with_draft(draft, exact=self._exact)
        return plan if draft else replace(plan, messages=plan.messages[:-1])
