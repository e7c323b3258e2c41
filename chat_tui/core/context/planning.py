"""The plan: one pure function from path, budget, policy and cut to what is sent and why not."""

from collections.abc import Sequence

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.policy import ContextPolicy

REFILL = 0.75
"""On overflow as much is cut that this share of the budget is left, so that the cut can stay where
it is for some turns."""


def plan_context(
    path: Sequence[ContextItem],
    *,
    system: int = 0,
    budget: Budget = Budget(),
    policy: ContextPolicy = ContextPolicy(),
    cut: Cut = Cut(),
    scale: float = 1.0,
) -> ContextPlan:
    """Plan a request. Nothing is read, stored or changed; same input, same plan.

    Args:
        path: the active path from the root to the newest message, which is the user's or a tool's
            result.
        system: tokens of the system prompt; 0 where there is none.
        budget: the room that there is.
        policy: what to do where it is not enough.
        cut: where the plan before had to cut.
        scale: what our tokens are to be multiplied with (see `calibration`).

    Raises:
        UsageError: there is nothing to answer.
    """
    raise NotImplementedError
