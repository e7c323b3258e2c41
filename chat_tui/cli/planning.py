"""What plans the requests: made here, the same for the app and for `ask`."""

from collections.abc import Callable

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.memory import ModelMemory
from chat_tui.core.ports import ModelFacts
from chat_tui.tokens.counter import TiktokenCounter


def make_planner(
    facts: ModelFacts, memory: ModelMemory, policy: Callable[[], ContextPolicy]
) -> ContextPlanner:
    """Make it; nothing is asked for, and no process started, before that is of use.

    Args:
        facts: what is known of models.
        memory: what was learnt of them.
        policy: of conversations that have none of their own, as it is now.
    """
    return ContextPlanner(TiktokenCounter(), facts, memory, policy)
