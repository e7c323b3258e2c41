"""Who is side by side: begun, added, taken away, changed, chosen, shared otherwise, left."""

import asyncio
from dataclasses import replace

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.events import TextDelta
from chat_tui.core.side_by_side.board import MOST, Board
from chat_tui.core.side_by_side.threads import Column, columns
from chat_tui.core.targets import Prices, Target
from chat_tui.core.turns import OpenConversation
from tests.core.side_by_side.table import Table, consume, ended, run, target
from tests.core.windows import collect
from tests.fakes import MemoryStore, answer, eventually


def slots(chat: OpenConversation) -> tuple[int, ...]:
    return chat.conversation.board.slots


async def test_talk_of_one_goes_side_by_side_and_back_and_nothing_is_lost() -> None:
    table = Table(3)
    await collect(table.manager.send(table.chat, "alone"))

    await table.sides.begin(table.chat, [target(2), target(0)])

    assert slots(table.chat) == (1, 0)
    assert table.chat.target == target(0)
    assert await table.columns() == [["alone", "0:1"]] * 2
    seen = await table.answer(1)
    assert ended(seen[1]).text == "2:1"
    await table.send("both")
    assert await table.columns() == [
        ["alone", "2:1", "both", "2:2"],
        ["alone", "0:1", "both", "0:2"],
    ]
    assert table.told(2) == ["alone", "0:1", "both"]

    await table.sides.end(table.chat, 1)

    assert (slots(table.chat), table.chat.target) == ((), target(2))
    await collect(table.manager.send(table.chat, "alone again"))
    assert await table.texts() == ["alone", "0:1", "both", "2:2", "alone again", "2:3"]
    last = await table.chat.messages([table.chat.tree.head or ""])
    assert (last[0].slot, last[0].model) == (1, "m2")
    await table.sides.end(table.chat)
    # Who is asked alone may change; those that have answered keep their slots.
    await table.manager.conversations.switch_target(table.chat, Target("p3", "m3"))
    await table.manager.conversations.set_parameters(table.chat, {"temperature": 0.5})
    await table.manager.conversations.switch_target(table.chat, target(0))
    assert [str(each) for each in table.chat.conversation.targets] == ["p0/m0", "p2/m2", "p3/m3"]
    assert table.chat.target == Target("p0", "m0", {"temperature": 0.5})
    await table.sides.begin(table.chat, [target(2), target(2)])
    assert slots(table.chat) == (1, 3)
    assert isinstance(table.store, MemoryStore)
    assert table.store.conversations[table.chat.id].board == table.chat.conversation.board


async def test_too_many_or_none_or_those_that_are_not_there_are_refused() -> None:
    table = Table(2)
    many = [Target("p0", f"m{at}") for at in range(MOST + 1)]
    for wrong in ([], many):
        with pytest.raises(UsageError):
            await table.sides.begin(table.chat, wrong)
    await table.sides.begin(table.chat, many[:-1])
    with pytest.raises(UsageError, match="At most 6"):
        await table.sides.add(table.chat, many[-1])
    with pytest.raises(UsageError, match="not among"):
        await table.sides.remove(table.chat, 7)
    with pytest.raises(UsageError, match="no such models"):
        await table.sides.set_board(table.chat, Board((9,)))
    await table.sides.begin(table.chat, many[:1])
    with pytest.raises(UsageError, match="the last model"):
        await table.sides.remove(table.chat, 0)
    with pytest.raises(UsageError, match="no answer"):
        await table.sides.choose(table.chat, "nothing")
    with pytest.raises(UsageError, match="no prompt"):
        await table.sides.answer(table.chat, [0]).begin()
    with pytest.raises(UsageError, match="nothing to answer"):
        await table.sides.send(table.chat, " ").begin()
    assert not table.chat.streaming


async def test_model_is_added_and_taken_away_while_others_run() -> None:
    go = asyncio.Event()
    table = Table(3, {0: [[TextDelta("0"), go, *answer("!")]], 1: [[TextDelta("1"), go]]})
    third = table.targets.pop()
    await table.sit()
    round_ = table.sides.send(table.chat, "Hello")
    started = await round_.begin()
    assert started is not None
    running = asyncio.create_task(consume(round_, started))
    await eventually(lambda: all(table.clients[f"p{slot}"].waiting.is_set() for slot in range(2)))

    slot = await table.sides.add(table.chat, third)
    seen = await run(table.sides.answer(table.chat, [slot]))
    assert ended(seen[2]).text == "2:1"
    assert await table.columns() == [["Hello", "0"], ["Hello", "1"], ["Hello", "2:1"]]
    with pytest.raises(UsageError, match="on its way"):
        await table.sides.change(table.chat, 1, target(0))
    with pytest.raises(UsageError, match="on its way"):
        await table.sides.begin(table.chat, [third])
    with pytest.raises(UsageError, match="on its way"):
        await table.sides.end(table.chat)
    await table.sides.remove(table.chat, 1)
    await eventually(lambda: table.chat.rounds.keys() == {0})
    go.set()

    assert ended((await running)[1]).status == "stopped"
    assert await table.columns() == [["Hello", "0!"], ["Hello", "2:1"]]
    # It comes back with what it said.
    assert await table.sides.add(table.chat, target(1)) == 1
    assert (await table.columns())[2] == ["Hello", "1"]


async def test_chosen_answer_of_one_that_is_taken_away_is_followed_by_another() -> None:
    for sharing in ("one", "own"):
        table = Table(3)
        await table.sit(sharing)
        await table.send("Hello")
        assert await table.texts() == ["Hello", "0:1"]

        await table.sides.remove(table.chat, 0)

        assert await table.texts() == ["Hello", "1:1"]
        assert table.chat.target == target(1)


async def test_slot_is_asked_otherwise_and_another_model_has_another_slot() -> None:
    table = Table(3)
    await table.sides.begin(table.chat, [target(0), target(1)])
    warm = Target("p0", "m0", {"temperature": 1.5}, "Rhyme.")
    assert await table.sides.change(table.chat, 0, warm) == 0
    await table.manager.conversations.set_system_prompt(table.chat, "Be brief.")
    await table.send("Hello")

    assert table.told(0) == ["Rhyme.", "Hello"]
    assert table.told(1) == ["Be brief.", "Hello"]
    assert table.clients["p0"].requests[0].target == warm
    # Nobody has answered in its slot but the one that was there.
    assert await table.sides.change(table.chat, 1, target(2)) == 2
    assert slots(table.chat) == (0, 2)
    await table.answer(2)
    assert await table.columns() == [["Hello", "0:1"], ["Hello", "2:1"]]
    await table.sides.change(table.chat, 0, replace(warm, system_prompt=None))
    await table.send("More")
    assert table.told(0) == ["Be brief.", "Hello", "0:1", "More"]


async def test_what_is_shared_decides_what_each_is_told() -> None:
    table = Table(3)
    await table.sit()
    await table.send("one")
    replies = await table.replies()

    await table.sides.choose(table.chat, replies[1].id)
    await table.send("two")
    assert [table.told(slot) for slot in range(3)] == [["one", "1:1", "two"]] * 3
    assert await table.texts() == ["one", "1:1", "two", "1:2"]

    await table.share("own")
    await table.send("three")
    assert [table.told(slot) for slot in range(3)] == [
        ["one", f"{slot}:1", "two", f"{slot}:2", "three"] for slot in range(3)
    ]
    prompts = {each.text: each for each in table.clients["p1"].requests[-1].messages}
    assert prompts["three"].turn == table.clients["p0"].requests[-1].messages[-1].turn
    shown = await table.columns()

    await table.share("several")
    assert await table.columns() == shown
    await table.send("four")
    three = "**m0**\n\n0:3\n\n**m1**\n\n1:3\n\n**m2**\n\n2:3"
    assert [table.told(slot)[-3:] for slot in range(3)] == [["three", three, "four"]] * 3

    await table.share("one")
    assert (await table.columns())[2][:6] == shown[2]
    await table.send("five")
    assert table.told(2)[-3:] == ["four", "1:4", "five"]


async def test_edited_prompt_goes_to_all_beside_the_old_ones() -> None:
    table = Table(2)
    await table.sit("own")
    await table.send("one")
    await table.send("two")
    tree = table.chat.tree
    thread = tree.path(table.chat.conversation.heads[1])

    seen = await run(table.sides.edit(table.chat, thread[2], "TWO"))

    assert {ended(events).status for events in seen.values()} == {"complete"}
    assert await table.columns() == [["one", f"{slot}:1", "TWO", f"{slot}:3"] for slot in range(2)]
    assert table.told(1) == ["one", "1:1", "TWO"]
    change = await table.manager.branches.undo(table.chat)
    assert change is not None
    assert change.kind == "edit"
    assert await table.columns() == [["one", f"{slot}:1", "two", f"{slot}:2"] for slot in range(2)]
    with pytest.raises(UsageError, match="Only a prompt"):
        await table.sides.edit(table.chat, thread[1], "no").begin()


async def test_edited_prompt_that_is_shared_begins_from_the_active_path() -> None:
    table = Table(2)
    await table.sit()
    await table.send("one")

    await run(table.sides.edit(table.chat, table.chat.tree.path()[0], "ONE"))

    assert await table.columns() == [["ONE", "0:2"], ["ONE", "1:2"]]
    assert table.told(1) == ["ONE"]


async def test_earlier_prompt_is_answered_anew_in_one_column() -> None:
    table = Table(2)
    await table.sit()
    await table.send("one")
    await table.send("two")
    first = table.chat.tree.path()[0]

    await run(table.sides.answer(table.chat, [1], first))

    assert (await table.columns())[1] == ["one", "1:3", "two", "1:2"]
    assert table.told(1) == ["one"]
    with pytest.raises(UsageError, match="not there any more"):
        await table.sides.answer(table.chat, [1], "lost").begin()


@pytest.mark.parametrize("sharing", ["one", "own"])
async def test_columns_page_through_their_own_answers(sharing: str) -> None:
    table = Table(2)
    await table.sit("own" if sharing == "own" else "one")
    await table.send("one")
    await table.answer(0, 1)
    replies = [node for node in table.chat.tree if node.role == "assistant"]
    old = {node.slot: node.id for node in reversed(replies)}
    head = table.chat.tree.head
    assert await table.columns() == [["one", "0:2"], ["one", "1:2"]]

    await table.sides.show(table.chat, Column(1), old[1])
    assert await table.columns() == [["one", "0:2"], ["one", "1:1"]]
    assert table.chat.tree.head == head
    await table.sides.show(table.chat, Column(0), old[0])
    assert await table.columns() == [["one", "0:1"], ["one", "1:1"]]
    assert table.chat.tree.head == old[0]
    await table.send("two")
    assert table.told(1) == ["one", "1:1" if sharing == "own" else "0:1", "two"]
    assert await table.columns() == [["one", "0:1", "two", "0:3"], ["one", "1:1", "two", "1:3"]]
    with pytest.raises(UsageError, match="deleted"):
        await table.sides.show(table.chat, Column(1), "lost")


@pytest.mark.parametrize("sharing", ["one", "own"])
async def test_columns_page_through_versions_of_prompts(sharing: str) -> None:
    table = Table(2)
    await table.sit("own" if sharing == "own" else "one")
    await table.send("one")
    first = table.chat.tree.path()[0]
    await run(table.sides.edit(table.chat, first, "ONE"))

    await table.sides.show(table.chat, Column(1), first)

    shown = await table.columns()
    assert shown[1] == ["one", "1:1"]
    assert shown[0] == (["ONE", "0:2"] if sharing == "own" else ["one", "0:1"])


async def test_answer_that_is_chosen_can_be_taken_back() -> None:
    for sharing in ("one", "own"):
        table = Table(2)
        await table.sit(sharing)
        await table.send("one")
        await table.send("two")
        one = table.chat.tree.path()
        reply = table.chat.conversation.heads[1]

        await table.sides.choose(table.chat, reply)

        assert table.chat.tree.head == reply == table.chat.conversation.head
        change = await table.manager.branches.undo(table.chat)
        assert change is not None
        assert (change.kind, table.chat.tree.path()) == ("select", one)


async def test_answers_of_a_column_are_continued_and_made_anew_by_its_own_model() -> None:
    script = [answer("be", finish_reason="length"), answer("gun"), answer("new")]
    table = Table(2, {1: script})
    await table.sit()
    await table.send("one")
    head, cut = table.chat.tree.head, (await table.replies())[1]

    events = await collect(table.manager.continue_reply(table.chat, cut.id))

    assert [event.slot for event in events if isinstance(event, TextDelta)] == [1]
    went_on = ended(events)
    assert (went_on.text, went_on.slot, went_on.model) == ("begun", 1, "m1")
    assert await table.columns() == [["one", "0:1"], ["one", "begun"]]
    assert table.chat.tree.head == head
    await collect(table.manager.regenerate(table.chat, cut.id))
    assert (await table.columns())[1] == ["one", "new"]
    assert table.chat.tree.head == head
    await table.manager.branches.revise(table.chat, cut.id, "mine")
    assert (await table.columns())[1] == ["one", "mine"]
    assert table.chat.tree.head == head
    await table.manager.branches.undo(table.chat)
    assert (await table.columns())[1] == ["one", "new"]


async def test_only_a_single_model_is_asked_for_several_answers() -> None:
    script = [[*answer("A")[:-1], *answer("B", choice=1)[:-1], *answer()]]
    table = Table(2, {0: [*script, *script, answer("C")]})
    table.targets = [replace(each, parameters={"n": 2}) for each in table.targets]
    await table.sit()
    await table.send("one")
    assert [table.clients[f"p{slot}"].requests[0].target for slot in (0, 1)] == [
        target(0),
        target(1),
    ]
    await table.sides.begin(table.chat, table.targets[:1])
    await table.send("two")

    about, tree = table.chat.conversation, table.chat.tree
    assert table.clients["p0"].requests[1].target.parameters == {"n": 2}
    assert columns(about, tree) == [Column(0, 0), Column(0, 1)]
    assert [texts[-1] for texts in await table.columns()] == ["A", "B"]
    await table.share("several")
    await table.send("three")
    assert table.told(0)[-2] == "**m0**\n\nA\n\n**m0 (2)**\n\nB"


async def test_next_round_is_foreseen_for_each_and_in_sum() -> None:
    prices = {str(target(slot)): Prices(input=slot + 1.0) for slot in range(2)}
    table = Table(3, windows={str(target(1)): 60}, prices=prices)
    await table.sit()
    await table.send("word " * 12)
    await table.manager.settled()

    ahead = await table.sides.foresee_round(table.chat, 20)

    used = {slot: each.used for slot, each in ahead.outlooks.items()}
    assert [*used] == [0, 1, 2]
    assert ahead.cost == pytest.approx((used[0] + 20 + 2 * (used[1] + 20)) / 1e6)
    assert ahead.refused == ()
    assert (await table.sides.foresee_round(table.chat, 50)).refused == (1,)
    assert isinstance(table.store, MemoryStore)
    table.store.failure = UsageError("It was read again.")
    for draft in range(30):
        await table.sides.foresee_round(table.chat, draft)
    table.store.failure = None
    await table.share("several")
    more = await table.sides.foresee_round(table.chat, 20)
    assert more.outlooks[0].used > used[0]
    await table.share("own")
    assert [*(await table.sides.foresee_round(table.chat)).outlooks] == [0, 1, 2]


async def test_two_slots_of_one_model_keep_cuts_and_reports_apart() -> None:
    table = Table(1, windows={str(target(0)): 120})
    await table.sides.begin(table.chat, [target(0), target(0)])
    await table.share("own")
    for _ in range(4):
        await table.send("word " * 25)

    cuts = table.chat.conversation.cuts
    assert {*cuts} == {"p0/m0#0", "p0/m0#1"}
    for slot in (0, 1):
        first = cuts[f"p0/m0#{slot}"].first
        assert table.chat.tree[first].role == "user"
    fork = await table.manager.branches.fork(table.chat, table.chat.conversation.heads[1])
    assert slots(fork) == (0, 1)
    assert fork.conversation.heads == dict.fromkeys((0, 1), fork.tree.head)
    table.chat = fork
    assert len({*map(tuple, await table.columns())}) == 1


async def test_conversation_comes_back_as_it_was_left_in_this_and_another_window() -> None:
    table = Table(3)
    await table.sit("own")
    await table.send("one")
    shown, about = await table.columns(), table.chat.conversation
    table.manager.close(table.chat)

    other = Table(3, store=table.store)
    other.chat = await other.manager.open(about.id)
    assert await other.columns() == shown
    assert other.chat.conversation == about
    table.chat = await table.manager.open(about.id)
    await other.sides.remove(other.chat, 2)
    await other.send("two")

    assert await table.manager.refresh(table.chat)

    assert slots(table.chat) == (0, 1, 2)
    assert (await table.columns())[:2] == await other.columns()


async def test_board_from_outside_that_names_no_model_is_none() -> None:
    table = Table(2)
    await table.sit()
    await table.send("one")
    assert isinstance(table.store, MemoryStore)
    about = table.store.conversations[table.chat.id]
    table.store.conversations[about.id] = replace(about, board=Board((1, 7), alone=9))
    table.manager.close(table.chat)

    table.chat = await table.manager.open(about.id)

    assert table.chat.conversation.board == Board((1,))
    assert table.chat.target == target(0)


async def test_merged_answer_stays_chosen_where_one_goes_on_alone() -> None:
    table = Table(2, {0: [answer("0:1"), answer("both"), answer("0:2")]})
    await table.sit()
    await table.send("one")
    replies = [reply.id for reply in (await table.replies()).values()]
    await collect(table.manager.merging.merge(table.chat, replies, "fuse"))
    assert await table.texts() == ["one", "both"]

    await table.sides.end(table.chat)

    assert await table.texts() == ["one", "both"]
    await collect(table.manager.send(table.chat, "two"))
    assert table.told(0) == ["one", "both", "two"]


async def test_fork_of_a_thread_holds_what_its_column_shows() -> None:
    table = Table(2)
    await table.sit()
    await table.send("one")
    await table.share("own")
    await table.send("two")
    shown, about = await table.columns(), table.chat.conversation
    prompt = table.chat.tree.parent(about.heads[1])
    assert shown[1] == ["one", "1:1", "two", "1:2"]

    for end, texts in ((about.heads[1], shown[1]), (prompt or "", shown[1][:3])):
        fork = await table.manager.branches.fork(table.chat, end)
        messages = await fork.messages(fork.tree.path())
        assert [each.text for each in messages] == texts
    # Where they share an answer, that is what the model was told.
    await table.share("one")
    fork = await table.manager.branches.fork(table.chat, about.heads[1])
    assert len(fork.tree.path()) == 4


async def test_deleted_answers_leave_their_own_column_alone() -> None:
    for sharing in ("one", "own", "several"):
        table = Table(2)
        await table.sit(sharing)
        await table.send("one")
        await table.send("two")
        branches, gone = table.manager.branches, table.chat.conversation.heads[1]

        await branches.delete_messages(table.chat, gone, branch=False)

        shown = await table.columns()
        assert shown[0] == ["one", "0:1", "two", "0:2"]
        # It shows what was gone on with where it has nothing of its own.
        assert shown[1][:3] == ["one", "1:1", "two"]
        assert "1:2" not in shown[1]
        await table.answer(1)
        assert (await table.columns())[1] == ["one", "1:1", "two", "1:3"]
        await branches.undo(table.chat)
        await branches.undo(table.chat)
        assert (await table.columns())[1] == ["one", "1:1", "two", "1:2"]


async def test_models_are_told_the_same_whether_they_are_compared_blind_or_not() -> None:
    table = Table(2)
    await table.sit()
    await table.send("one")
    await table.share("own")
    board = table.chat.conversation.board
    await table.sides.set_board(table.chat, replace(board, blind=(1, 0)))

    await table.send("two")

    assert [table.told(slot) for slot in (0, 1)] == [["one", f"{slot}:1", "two"] for slot in (0, 1)]
