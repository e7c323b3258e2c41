"""One of three models fails, in every way of the table: the others never notice."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

import pytest

from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage
from chat_tui.core.side_by_side.rounds import Round
from chat_tui.core.targets import Target
from tests.fakes import MemoryStore, SimpleClientSource
from tests.faults.test_fault_table import FAULTS, Fault
from tests.providers.helpers import ImpatientClock, connected
from tests.servers import LoopbackServer, stream

TARGETS = [Target("well", "a"), Target("ill", "b"), Target("well", "c")]


async def run(round_: Round) -> Mapping[int, ChatMessage]:
    """Run a round as the screen does, a task for each slot; gives the replies as they began."""
    started = await round_.begin()
    assert started is not None

    async def consume(slot: int) -> None:
        async with aclosing(round_.events(slot)) as events:
            async for _ in events:
                pass

    async with asyncio.timeout(20):
        await asyncio.gather(*map(consume, round_.slots))
    return started.replies


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.row}: {fault.what}")
async def test_others_are_untouched_and_that_one_alone_is_asked_again(fault: Fault) -> None:
    failing = [*fault.replies, *[fault.replies[-1]] * (fault.requests - len(fault.replies))]
    async with (
        LoopbackServer([stream("one"), stream("two")]) as well,
        LoopbackServer([*failing, stream("better")]) as ill,
        connected(well.base_url) as good,
        connected(ill.base_url) as bad,
    ):
        store, clock = MemoryStore(), ImpatientClock()
        clients = SimpleClientSource({"well": good, "ill": bad})
        manager = ConversationManager(store, clients, clock=clock)
        chat = manager.start(TARGETS[0])
        await manager.sides.begin(chat, TARGETS)

        replies = await run(manager.sides.send(chat, "hello"))

        ended = [store.saved[replies[slot].id] for slot in range(3)]
        assert sorted([ended[0].text, ended[2].text]) == ["one", "two"]
        assert [ended[0].status, ended[2].status] == ["complete", "complete"]
        failed = ended[1]
        assert (failed.status, failed.text) == (fault.status, fault.text)
        assert (failed.error.kind if failed.error else None) == fault.kind
        assert len(well.requests) == 2

        again = await run(manager.sides.answer(chat, [1]))

        better = store.saved[again[1].id]
        assert (better.text, better.status, better.slot) == ("better", "complete", 1)
        assert (better.parent, better.turn) == (failed.parent, failed.turn)
        assert len(well.requests) == 2
        assert [store.saved[each.id] for each in ended] == ended
        await manager.aclose()
