"""What plans the requests: made here, the same for the app and for `ask`."""

from collections.abc import Callable

from chat_tui.cli.facts import KnownModels
from chat_tui.cli.models import ModelLists
from chat_tui.core.clock import Clock
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.memory import ModelMemory
from chat_tui.providers.clients import Clients
from chat_tui.tokens.counter import TiktokenCounter


def make_planner(
    clients: Clients,
    memory: ModelMemory,
    clock: Clock,
    lists: ModelLists | None,
    policy: Callable[[], ContextPolicy],
) -> ContextPlanner:
    """Make it; nothing is asked for, and no process started, before that is of use.

    Args:
        clients: all providers.
        memory: what was learnt of models.
        clock: for when to ask again.
        lists: what is kept of providers' lists; None where nothing may come to the disk.
        policy: of conversations that have none of their own, as it is now.
    """
    facts = KnownModels(clients, memory, clock, lists)
    return ContextPlanner(TiktokenCounter(), facts, memory, policy)
