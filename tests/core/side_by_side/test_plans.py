"""What is sent to each model of a round, and what is summed up after it."""

import asyncio
from collections.abc import Sequence

import pytest

from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.errors import (
    PlanRefusedError,
)
from chat_tui.core.events import (
    TurnEvent,
)
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from tests.core.side_by_side.table import Table, ended, listen, run, target
from tests.core.windows import collect
from tests.fakes import (
    MemoryStore,
    answer,
)


async def test_one_that_cannot_be_asked_has_its_error_and_the_others_go_on() -> None:
    table = Table(3, windows={str(target(1)): 40})
    table.targets[2] = Target("nobody", "m2")
    await table.sit()

    round_ = table.sides.send(table.chat, "Hello " * 60)
    started = await round_.begin()
    assert started is not None
    assert [*started.plans] == [0]
    assert {slot: reply.status for slot, reply in started.replies.items()} == {
        0: "streaming",
        1: "error",
        2: "error",
    }
    assert table.chat.rounds.keys() == {0}
    seen = {slot: await listen(round_, slot) for slot in (1, 0, 2)}
    assert {slot: ended(events).status for slot, events in seen.items()} == {
        0: "complete",
        1: "error",
        2: "error",
    }

    errors = {slot: each.error for slot, each in (await table.replies()).items()}
    assert [error and error.kind for error in errors.values()] == [None, "context", "usage"]
    assert {"p1", "p2"} & {name for name, each in table.clients.items() if each.requests} == set()


async def test_round_that_nobody_can_be_asked_is_refused_and_stores_nothing() -> None:
    table = Table(2, windows={str(target(0)): 40, str(target(1)): 60})
    await table.sit()
    before = table.chat.conversation

    with pytest.raises(PlanRefusedError) as refused:
        await table.sides.send(table.chat, "Hello " * 90).begin()

    assert refused.value.plan.budget.window.tokens == 60
    assert (len(table.chat.tree), table.chat.conversation) == (0, before)
    assert not table.chat.streaming
    seen = await run(table.sides.send(table.chat, "Hello " * 90, anyway=True))
    assert {ended(events).status for events in seen.values()} == {"complete"}


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_stop_while_it_is_planned_stores_nothing(steps: int) -> None:
    table = Table(2)
    await table.sit()
    beginning = asyncio.create_task(table.sides.send(table.chat, "Hello").begin())
    for _ in range(steps):
        await asyncio.sleep(0)

    assert table.chat.stop()

    assert await beginning is None
    assert (len(table.chat.tree), table.chat.streaming) == (0, False)


class CountingStore(MemoryStore):
    """Counts what is read."""

    read = 0

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        self.read += len(ids)
        return await super().messages(ids)


@pytest.mark.parametrize("sharing", ["one", "several"])
async def test_texts_are_read_once_for_all_of_a_round(sharing: str) -> None:
    store = CountingStore()
    table = Table(6, store=store)
    await table.sit("several" if sharing == "several" else "one")
    await table.send("one")
    await table.send("two")
    await table.manager.settled()
    store.read = 0

    assert await table.sides.send(table.chat, "three").begin() is not None

    assert store.read == (14 if sharing == "several" else 4)


async def test_oldest_turns_are_summed_up_after_a_round_where_the_policy_wants_it() -> None:
    long = [answer("word " * 40) for _ in range(9)]
    table = Table(2, {0: long, 1: long}, windows={str(target(0)): 800, str(target(1)): 800})
    await table.sit()
    await table.manager.context.set_policy(table.chat, ContextPolicy("compact"))
    events: list[TurnEvent] = []
    while not events:
        assert len(table.clients["p0"].requests) < 9
        await table.send("word " * 40)
        events = await collect(table.manager.sum_up_if_due(table.chat))

    summary = ended(events)
    assert (summary.role, summary.status, summary.slot) == ("system", "complete", 0)
    assert summary.covers is not None
    assert table.chat.tree.head == summary.id
    assert summary.id not in table.chat.conversation.heads.values()
    await table.send("And now?")
    assert [path[-1] for path in await table.columns()] == ["word " * 40] * 2
    assert table.told(1)[0].startswith("Summary of the earlier conversation")
    await table.share("own")
    assert await collect(table.manager.sum_up_if_due(table.chat)) == []


async def test_summary_of_several_answers_holds_whatever_is_shared_then() -> None:
    long = [answer(f"{at} " * 40) for at in range(9)]
    large = {str(target(0)): 100_000, str(target(1)): 1_500}
    table = Table(2, {0: long, 1: long}, windows=large)
    await table.sit("several")
    await table.manager.context.set_policy(table.chat, ContextPolicy("compact"))
    events: list[TurnEvent] = []
    while not events:
        assert len(table.clients["p0"].requests) < 8
        await table.send("word " * 40)
        # The smallest window decides.
        events = await collect(table.manager.sum_up_if_due(table.chat))

    summary = ended(events)
    asked = table.clients["p0"].requests[-1].messages[0].text
    assert [asked.count(f"{at} " * 39) for at in (0, 1)] == [2, 2]
    assert summary.parent == table.chat.conversation.heads[0]
    for sharing in ("several", "one"):
        await table.share(sharing)
        await table.send("And now?")
        assert table.told(1)[0].startswith("Summary of the earlier conversation")
