"""Rounds: one prompt, several models, each for itself."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import (
    AuthError,
    BadRequestError,
    ChatError,
    ConnectError,
    ContextError,
    FilteredError,
    ForbiddenError,
    InterruptedReplyError,
    NotFoundError,
    ProtocolError,
    QuotaError,
    RateLimitError,
    RedirectError,
    ReplyTimeoutError,
    ServerError,
    TlsError,
    TooLargeError,
    UsageError,
)
from chat_tui.core.events import (
    Notice,
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from chat_tui.core.messages import Usage
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Prices
from tests.core.side_by_side.table import Table, consume, ended, listen, run, target
from tests.core.windows import collect
from tests.fakes import (
    DEADLINE,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    Step,
    answer,
    eventually,
)

Told = TextDelta | ReasoningDelta | ToolCallDelta | RetryScheduled | Notice | UsageReported

FAILURES: list[ChatError] = [
    AuthError("Refused.", status=401),
    ForbiddenError("No.", status=403),
    NotFoundError("No such model.", status=404),
    TooLargeError("Too large.", status=413),
    RateLimitError("Too many.", status=429, retry_after=9.0),
    QuotaError("Nothing left.", status=402),
    BadRequestError("Bad.", status=400, param="top_k"),
    ServerError("Failed.", status=500),
    ContextError("Too long.", window=3),
    ConnectError("No such host."),
    TlsError("No certificate."),
    ReplyTimeoutError("Silence."),
    ProtocolError("A page titled Hi."),
    RedirectError("Sent elsewhere."),
    InterruptedReplyError("It broke off."),
    FilteredError("Filtered."),
]


def slots_of(events: list[TurnEvent]) -> list[int]:
    """The slots that events carry; none of them is the start of a turn."""
    return [event.slot for event in events if not isinstance(event, TurnStarted)]


async def test_round_is_one_prompt_with_an_answer_of_each_model() -> None:
    table = Table(3)
    await table.sit()

    seen = await table.send("Hello")

    tree = table.chat.tree
    assert await table.columns() == [["Hello", "0:1"], ["Hello", "1:1"], ["Hello", "2:1"]]
    assert {each.id for each in tree} == {*tree.path(), *tree.children(tree.path()[0])}
    replies = await table.replies()
    assert [(each.slot, each.model, each.status) for each in replies.values()] == [
        (0, "m0", "complete"),
        (1, "m1", "complete"),
        (2, "m2", "complete"),
    ]
    assert {each.turn for each in replies.values()} == {tree.path()[0]}
    assert [slots_of(seen[slot]) for slot in seen] == [[0, 0], [1, 1], [2, 2]]
    assert await table.texts() == ["Hello", "0:1"]
    assert table.chat.conversation.heads == {each.slot: each.id for each in replies.values()}
    assert isinstance(table.store, MemoryStore)
    kept = table.store.conversations[table.chat.id]
    assert kept == table.chat.conversation
    assert kept.board.slots == (0, 1, 2)
    assert not table.chat.streaming


async def test_every_event_of_a_slot_carries_it() -> None:
    told: list[Told] = [
        RetryScheduled(2, 3, 0.1, ServerError("Busy.").info),
        ReasoningDelta("hm"),
        TextDelta("Hi"),
        ToolCallDelta(0, "1", "now", "{}"),
        Notice("slow", "Slow."),
        UsageReported(Usage(1_000_000, 2)),
    ]
    prices = {str(target(1)): Prices(input=2.0, output=0.0)}
    table = Table(2, {1: [[*told, ReplyFinished("stop")]]}, prices=prices)
    await table.sit()

    seen = (await table.send("Hello"))[1]

    assert slots_of(seen) == [1] * 7
    assert seen[:-1] == [replace(event, slot=1) for event in told]
    reply = ended(seen)
    assert reply.cost is not None
    assert reply.cost.amount == pytest.approx(2.0)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("begun", [False, True], ids=["before", "after"])
async def test_one_that_fails_leaves_the_others_alone_and_is_asked_again_alone(
    failure: ChatError, begun: bool
) -> None:
    beginning: list[Step] = [TextDelta("be")] if begun else []
    table = Table(6, {2: [[*beginning, failure], answer("good")]})
    await table.sit()

    seen = await table.send("Hello")

    failed = ended(seen[2])
    assert failed.status in ("error", "interrupted", "filtered")
    assert (failed.text, failed.error) == ("be" if begun else "", failure.info)
    others = [ended(seen[slot]) for slot in seen if slot != 2]
    assert [each.text for each in others] == ["0:1", "1:1", "3:1", "4:1", "5:1"]
    assert {each.status for each in others} == {"complete"}
    await table.manager.settled()
    before, head = await table.replies(), table.chat.tree.head

    again = await table.answer(2)

    assert [*again] == [2]
    assert ended(again[2]).text == "good"
    now = await table.replies()
    assert {slot: now[slot] for slot in now if slot != 2} == {
        slot: before[slot] for slot in before if slot != 2
    }
    assert {len(client.requests) for client in table.clients.values()} == {0, 1, 2}
    assert table.chat.tree.head == head
    assert (await table.columns())[2] == ["Hello", "good"]


async def test_unforeseen_failure_ends_its_own_slot_alone() -> None:
    table = Table(2, {0: [[TextDelta("so"), ValueError("a defect")]]})
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    await round_.begin()

    results = await asyncio.gather(listen(round_, 0), listen(round_, 1), return_exceptions=True)

    assert isinstance(results[0], ValueError)
    replies = await table.replies()
    assert [(each.text, each.status) for each in replies.values()] == [
        ("so", "interrupted"),
        ("1:1", "complete"),
    ]
    assert not table.chat.streaming


async def test_one_is_stopped_while_the_others_go_on() -> None:
    go = asyncio.Event()
    held = {slot: [[TextDelta(f"{slot}"), go, *answer("!")]] for slot in range(3)}
    table = Table(3, held)
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    await eventually(lambda: all(table.clients[f"p{slot}"].waiting.is_set() for slot in range(3)))

    assert [each.text for each in await table.chat.messages([*table.chat.tree.children(None)])] == [
        "Hello"
    ]
    ids = [reply.id for reply in started.replies.values()]
    assert [each.text for each in await table.chat.messages(ids)] == ["0", "1", "2"]
    assert table.chat.rounds.keys() == {0, 1, 2}
    assert table.manager.stop(table.chat, 1)
    await eventually(lambda: table.chat.rounds.keys() == {0, 2})
    assert not table.manager.stop(table.chat, 1)
    with pytest.raises(UsageError, match="on its way"):
        await table.sides.send(table.chat, "more").begin()
    with pytest.raises(UsageError, match="on its way"):
        await table.sides.answer(table.chat, [0]).begin()
    with pytest.raises(UsageError, match="on its way"):
        await table.manager.branches.undo(table.chat)
    with pytest.raises(UsageError, match="on its way"):
        await table.manager.branches.delete_messages(table.chat, ids[2], branch=False)
    assert await table.manager.branches.delete_messages(table.chat, ids[1], branch=False) == 1
    go.set()
    seen = await running

    assert [(ended(seen[slot]).text, ended(seen[slot]).status) for slot in seen] == [
        ("0!", "complete"),
        ("1", "stopped"),
        ("2!", "complete"),
    ]


async def test_cut_answer_is_gone_on_with_while_others_are_on_their_way() -> None:
    gate = asyncio.Event()
    waits: list[Step] = [TextDelta("0:1"), gate, ReplyFinished("stop")]
    cut: list[Step] = [TextDelta("One two"), ReplyFinished("length")]
    table = Table(2, {0: [waits], 1: [cut, answer(" three")]})
    await table.sit("own")
    round_ = table.sides.send(table.chat, "Hello")
    await round_.begin()
    first = asyncio.create_task(listen(round_, 0))
    short = ended(await listen(round_, 1))
    with pytest.raises(UsageError, match="on its way"):
        await collect(table.manager.continue_reply(table.chat, short.id))

    whole = ended((await run(table.sides.continue_reply(table.chat, short.id)))[1])
    assert (whole.text, whole.slot, whole.parent) == ("One two three", 1, short.parent)
    assert table.told(1)[:2] == ["Hello", "One two"]
    assert table.chat.conversation.heads[1] == whole.id
    with pytest.raises(UsageError, match="not cut"):
        await table.sides.continue_reply(table.chat, whole.id).begin()
    assert table.chat.rounds.keys() == {0}
    gate.set()
    assert ended(await first).text == "0:1"


class WaitingClient(ScriptedClient):
    """Is told to come again in half a minute."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        yield RetryScheduled(2, 3, 30.0, ServerError("Busy.").info)
        await request.gate.wait(self._clock, 30.0)
        yield TextDelta("at last")
        yield ReplyFinished("stop")


async def test_waits_before_a_retry_are_cut_short_one_by_one() -> None:
    table = Table(2)
    table.clients.update({f"p{slot}": WaitingClient(table.clock) for slot in range(2)})
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    await eventually(lambda: table.clock.sleeping == 2)

    assert table.manager.retry_now(table.chat, 1)
    await eventually(lambda: table.chat.rounds.keys() == {0})
    assert not table.manager.retry_now(table.chat, 1)
    assert table.manager.retry_now(table.chat)

    assert [ended(events).text for events in (await running).values()] == ["at last"] * 2


async def test_all_are_stopped_at_once() -> None:
    held: dict[int, list[list[Step]]] = {
        slot: [[TextDelta(f"{slot}"), asyncio.Event()]] for slot in range(6)
    }
    table = Table(6, held)
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    await eventually(lambda: all(table.clients[f"p{slot}"].waiting.is_set() for slot in range(6)))

    assert table.manager.stop(table.chat)
    seen = await running

    assert {ended(events).status for events in seen.values()} == {"stopped"}
    assert [ended(seen[slot]).text for slot in seen] == ["0", "1", "2", "3", "4", "5"]
    assert not table.manager.stop(table.chat)
    assert not table.manager.retry_now(table.chat)


async def test_none_starves_where_no_client_ever_pauses() -> None:
    endless: list[Step] = [*[TextDelta("x")] * 2_000, ReplyFinished("stop")]
    table = Table(6, {slot: [endless] for slot in range(6)})
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    order: list[int] = []

    class Order(list[TurnEvent]):
        def append(self, event: TurnEvent, /) -> None:
            assert not isinstance(event, TurnStarted)
            order.append(event.slot)

    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for slot in range(6):
            group.create_task(listen(round_, slot, Order()))

    for end in range(600, 12_000, 600):
        counts = [order[:end].count(slot) for slot in range(6)]
        assert max(counts) - min(counts) <= 64, counts


async def test_round_that_is_given_up_is_stored_as_stopped() -> None:
    table = Table(3)
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    await round_.aclose()
    await round_.begin()
    first = round_.events(0)
    await anext(first)
    await first.aclose()

    await round_.aclose()
    await round_.aclose()

    statuses = {slot: each.status for slot, each in (await table.replies()).items()}
    assert statuses == {0: "stopped", 1: "stopped", 2: "stopped"}
    assert not table.chat.streaming
    assert not table.clients["p1"].requests


@pytest.mark.parametrize("failing", [0, 1])
async def test_good_answer_is_gone_on_with_where_the_chosen_one_came_to_nothing(
    failing: int,
) -> None:
    table = Table(3, {failing: [[ServerError("Failed.")], answer("again")]})
    await table.sit()

    await table.send("Hello")

    assert await table.texts() == ["Hello", "1:1" if failing == 0 else "0:1"]
    head = table.chat.tree.head
    await table.manager.branches.undo(table.chat)
    await table.manager.branches.redo(table.chat)
    assert table.chat.tree.head == head == table.chat.conversation.head
    if failing == 0:
        await table.send("More")
        # From now on the one that was chosen before is.
        assert await table.texts() == ["Hello", "1:1", "More", "1:2"]


async def test_round_is_taken_back_and_done_again_as_one_change() -> None:
    for sharing in ("one", "own", "several"):
        table = Table(3)
        await table.sit(sharing)
        await table.send("one")
        before = await table.columns()
        await table.send("two")
        after = await table.columns()
        branches = table.manager.branches

        change = await branches.undo(table.chat)
        assert change is not None
        assert (change.kind, change.prompt) == ("send", Prompt("two"))
        assert await table.columns() == before
        await branches.redo(table.chat)
        assert await table.columns() == after
        await branches.undo(table.chat)
        await table.send("three")
        assert await table.columns() == [
            ["one", f"{slot}:1", "three", f"{slot}:3"] for slot in range(3)
        ]
        await table.answer(1)
        assert (await table.columns())[1] == ["one", "1:1", "three", "1:4"]
        await branches.undo(table.chat)
        assert (await table.columns())[1] == ["one", "1:1", "three", "1:3"]


async def test_temporary_conversation_goes_side_by_side_and_is_never_written() -> None:
    table = Table(2, temporary=True)
    await table.sit("own")

    await table.send("Hello")
    await table.answer(0)

    assert await table.columns() == [["Hello", "0:2"], ["Hello", "1:1"]]
    assert isinstance(table.store, MemoryStore)
    assert not table.store.conversations
    await table.manager.conversations.keep(table.chat)
    assert table.store.conversations[table.chat.id].board == table.chat.conversation.board


async def test_finished_event_of_the_last_tells_of_the_answer_that_is_gone_on_with() -> None:
    table = Table(2, {0: [[ServerError("Failed.")]]})
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    await round_.begin()
    await listen(round_, 0)
    heads = [
        table.chat.tree.head async for event in round_.events(1) if isinstance(event, TurnFinished)
    ]

    assert heads == [table.chat.conversation.heads[1]]
