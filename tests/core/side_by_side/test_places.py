"""How many answers may come at the same time."""

import asyncio
from dataclasses import replace

from chat_tui.core.events import (
    Notice,
    TurnEvent,
)
from chat_tui.core.side_by_side.places import Places
from tests.core.side_by_side.table import Table, consume, ended, listen
from tests.fakes import (
    DEADLINE,
    answer,
    eventually,
)


async def test_places_go_to_those_who_wait_in_their_order() -> None:
    places, seen, full = Places(), list[int](), list[bool]()

    async def come(number: int) -> None:
        await places.take()
        seen.append(number)

    async def settle() -> list[int]:
        for _ in range(3):
            await asyncio.sleep(0)
        return seen

    await places.take()  # any number, as long as nobody says otherwise
    full.append(places.full)
    places.allow(1)
    full.append(places.full)
    tasks = [asyncio.create_task(come(number)) for number in range(5)]
    assert await settle() == []
    tasks[1].cancel()
    places.give_back()
    assert await settle() == [0]
    places.give_back()
    tasks[2].cancel()  # at the same moment as it gets one: the next one has it
    assert await settle() == [0, 3]
    places.allow(0)
    assert await settle() == [0, 3, 4]
    assert [*full, places.full] == [False, True, False]
    assert [task.cancelled() for task in tasks] == [False, True, True, False, False]


async def test_at_once_lets_only_so_many_be_asked_at_a_time() -> None:
    gates = [asyncio.Event() for _ in range(4)]
    table = Table(4, {slot: [[gates[slot], *answer("!")]] for slot in range(4)})
    await table.sit(at_once=2)
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    seen: dict[int, list[TurnEvent]] = {slot: [] for slot in range(4)}
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for slot in range(4):
            group.create_task(listen(round_, slot, seen[slot]))
        asked = table.clients.values()
        await eventually(lambda: sum(client.running for client in asked) == 2)
        await eventually(lambda: bool(seen[2] and seen[3]))
        assert [event for slot in (2, 3) for event in seen[slot]] == [
            Notice("queued", "It waits until another answer has ended.", 2),
            Notice("queued", "It waits until another answer has ended.", 3),
        ]
        table.clock.advance(7)
        table.manager.stop(table.chat, 2)
        await eventually(lambda: len(seen[2]) == 2)
        gates[1].set()
        await eventually(lambda: table.clients["p3"].running == 1)
        gates[0].set()
        gates[3].set()

    assert not table.clients["p2"].requests
    assert [ended(seen[slot]).status for slot in range(4)] == [
        "complete",
        "complete",
        "stopped",
        "complete",
    ]
    last = ended(seen[3])
    assert last.timings is not None
    assert last.timings.sent == table.clock.now()
    assert last.notices == ()


async def test_places_are_those_of_the_conversation_and_may_become_more_meanwhile() -> None:
    gates = [asyncio.Event() for _ in range(3)]
    table = Table(3, {slot: [[gates[slot], *answer("!")]] for slot in range(3)})
    third = table.targets.pop()
    await table.sit(at_once=1)
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    asked = table.clients.values()
    await eventually(lambda: sum(client.running for client in asked) == 1)

    slot = await table.sides.add(table.chat, third)
    seen: list[TurnEvent] = []
    added = table.sides.answer(table.chat, [slot])
    await added.begin()
    task = asyncio.create_task(listen(added, slot, seen))
    await eventually(lambda: bool(seen))
    assert [event.kind for event in seen if isinstance(event, Notice)] == ["queued"]
    assert sum(client.running for client in asked) == 1
    board = replace(table.chat.conversation.board, at_once=0)
    await table.sides.set_board(table.chat, board)
    await eventually(lambda: sum(client.running for client in asked) == 3)

    for gate in gates:
        gate.set()
    assert ended(await task).status == "complete"
    assert {ended(events).status for events in (await running).values()} == {"complete"}
