"""Two windows of the app in one conversation side by side."""

import asyncio

from chat_tui.core.events import TextDelta
from chat_tui.core.targets import Target
from tests.core.side_by_side.table import Table, consume, ended, target
from tests.core.windows import collect
from tests.fakes import Step, answer, eventually


async def _windows(count: int, scripts: dict[int, list[list[Step]]] | None = None) -> list[Table]:
    """Two windows in which the same round was seen."""
    first = Table(count, scripts)
    await first.sit("own")
    await first.send("one")
    second = Table(count, store=first.store)
    second.chat = await second.manager.open(first.chat.id)
    return [first, second]


async def test_model_of_another_window_keeps_its_slot() -> None:
    one, other = await _windows(2)
    assert await other.sides.add(other.chat, Target("p1", "mine")) == 2
    await other.answer(2)

    await one.manager.refresh(one.chat)

    assert one.chat.conversation.board.slots == (0, 1)
    assert await one.sides.add(one.chat, target(2)) == 3
    await one.answer(3)
    targets = one.chat.conversation.targets
    assert [str(each) for each in targets] == ["p0/m0", "p1/m1", "p1/mine", "p2/m2"]
    for message in await one.chat.messages([node.id for node in one.chat.tree]):
        assert message.role == "user" or message.model == targets[message.slot].model


async def test_other_window_goes_on_while_a_round_runs_and_both_see_all() -> None:
    go = asyncio.Event()
    held: list[Step] = [TextDelta("so "), go, *answer("far")]
    one, other = await _windows(2, {0: [answer("0:1"), held]})
    round_ = one.sides.send(one.chat, "two")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    await eventually(lambda: one.chat.rounds.keys() == {0})

    await other.send("three")
    await one.manager.refresh(one.chat)
    assert await one.columns() == [["one", "0:1", "two", "so "], ["one", "1:1", "two", "1:2"]]
    go.set()
    await running

    assert await one.columns() == [["one", "0:1", "two", "so far"], ["one", "1:1", "two", "1:2"]]
    await other.manager.refresh(other.chat)
    assert await other.columns() == [["one", f"{slot}:1", "three", f"{slot}:1"] for slot in (0, 1)]
    texts = [each.text for each in await other.chat.messages([node.id for node in other.chat.tree])]
    assert texts.count("so far") == 1


async def test_round_ends_well_whose_prompt_another_window_deletes_meanwhile() -> None:
    go = asyncio.Event()
    one, other = await _windows(2, {0: [answer("0:1"), [TextDelta("so "), go, *answer("far")]]})
    round_ = one.sides.send(one.chat, "two")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    await eventually(lambda: one.chat.rounds.keys() == {0})

    await other.manager.refresh(other.chat)
    for prompt in {each.id for each in started.prompts.values()}:
        await other.manager.branches.delete_messages(other.chat, prompt, branch=True)
    await one.manager.refresh(one.chat)
    go.set()

    assert ended((await running)[0]).text == "so far"
    assert not one.chat.streaming
    assert await one.columns() == [["one", "0:1"], ["one", "1:1"]]
    await one.send("three")
    assert one.told(0) == ["one", "0:1", "three"]
    assert one.told(1) == ["one", "1:1", "three"]


async def test_each_window_keeps_who_is_asked_alone_in_it() -> None:
    one, other = await _windows(2)
    await one.sides.end(one.chat, 1)
    await other.sides.end(other.chat, 0)
    await one.manager.refresh(one.chat)
    await other.manager.refresh(other.chat)

    assert (one.chat.target, other.chat.target) == (target(1), target(0))
    await collect(one.manager.send(one.chat, "two"))
    assert one.told(1) == ["one", "1:1", "two"]
