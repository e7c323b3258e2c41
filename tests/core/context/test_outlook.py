"""The look at the next request: what it says, and that it is what is sent then."""

import asyncio
from dataclasses import replace

import pytest

from chat_tui.core.context.plan import DRAFT
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.errors import PlanRefusedError, UsageError
from chat_tui.core.events import TextDelta
from chat_tui.core.journal import Journal
from chat_tui.core.messages import ImagePart, Usage
from chat_tui.core.reply import IncomingReply
from chat_tui.core.targets import Prices
from tests.core.context.talk import OTHER, Talk, rows, said
from tests.fakes import TARGET, WordCounter, eventually


async def test_figures_of_an_empty_conversation_are_those_of_its_draft() -> None:
    talk = Talk(1_000)
    outlook = await talk.planner.outlook(talk.chat)
    assert (outlook.used, outlook.draft, outlook.plan.messages) == (3, 0, ())

    outlook = await talk.planner.outlook(talk.chat, 40)
    assert (outlook.used, outlook.draft) == (3, 40)
    assert rows(outlook.plan) == [(DRAFT, "sent", "newest")]
    assert outlook.share == pytest.approx(43 / (1_000 - 250 - 50))
    assert outlook.cost is None
    talk.facts.costs[str(TARGET)] = Prices(input=2.0)
    assert (await talk.planner.outlook(talk.chat, 40)).cost == pytest.approx(43 * 2 / 1e6)


async def test_nothing_is_read_or_planned_again_while_nothing_changes() -> None:
    talk = Talk(10_000, counter=WordCounter(ready=True))
    await talk.past(3, 10)
    first = await talk.planner.outlook(talk.chat)
    await eventually(lambda: len(talk.counter.counted) == 6)
    counted = await talk.planner.outlook(talk.chat)
    pages = list(talk.store.pages)

    for draft in (0, 5, 6, 5, 0):
        assert (await talk.planner.outlook(talk.chat, draft)).used == first.used
    assert (await talk.planner.outlook(talk.chat)).plan is counted.plan
    assert talk.store.pages == pages

    await talk.planner.mark(talk.chat, ["m5"], excluded=True)
    marked = await talk.planner.outlook(talk.chat)
    assert rows(marked.plan)[-1] == ("m5", "left-out", "excluded")
    assert marked.used == first.used - 13
    await talk.add("user", 2)
    await talk.planner.outlook(talk.chat)
    assert talk.store.reads[-1] == "m6"
    await talk.planner.aclose()


async def test_refused_request_is_foreseen_by_what_is_known_by_then() -> None:
    talk = Talk(400)
    await talk.past(2, 20)
    path = talk.path
    with pytest.raises(PlanRefusedError):
        await talk.plan(400)

    assert (await talk.planner.foresee(talk.chat, path, 400)).refused
    talk.facts.windows[str(TARGET)] = 4_000
    foreseen = await talk.planner.foresee(talk.chat, path, 400)
    assert rows(foreseen)[-1] == (DRAFT, "sent", "newest")
    assert foreseen.tokens == 4 * 23 + 400
    # An answer that is made anew has nothing after its prompt.
    assert [row[0] for row in rows(await talk.planner.foresee(talk.chat, path[:3], None))] == [
        "m0",
        "m1",
        "m2",
    ]
    await talk.planner.aclose()


async def test_draft_that_is_too_much_shows_what_will_become_of_the_rest() -> None:
    talk = Talk(400)
    await talk.past(4, 20)
    small = await talk.planner.outlook(talk.chat, 20)
    assert not small.plan.trimmed

    large = await talk.planner.outlook(talk.chat, 150)
    assert large.plan.trimmed
    assert large.used == sum(each.tokens for each in large.plan.sent) - 150 + 3
    assert talk.chat.conversation.cuts == {}
    prompt = talk.message("user", 147)
    planned = await talk.planner.plan(talk.chat, TARGET, talk.path, [prompt])
    assert rows(planned.plan)[:-1] == rows(large.plan)[:-1]

    huge = await talk.planner.outlook(talk.chat, 500)
    assert huge.plan.refused
    assert huge.draft == 500
    prompt = replace(talk.message("user", 497), id="another")
    with pytest.raises(PlanRefusedError):
        await talk.planner.plan(talk.chat, TARGET, talk.path, [prompt])
    await talk.planner.aclose()


async def test_figures_are_exact_only_where_nothing_is_guessed() -> None:
    async def approximate(talk: Talk) -> bool:
        return (await talk.planner.outlook(talk.chat, 10)).approximate

    own = WordCounter(ready=True, own=["model-1"])
    talk = Talk(100_000, counter=own)
    await talk.turn(60, 90)
    assert not await approximate(talk)
    assert (await talk.planner.outlook(talk.chat, target=OTHER)).approximate

    await talk.add("user", 5)
    assert await approximate(talk)
    await eventually(lambda: talk.counter.counted[-1] == "m2")
    assert not await approximate(talk)
    picture = await talk.add("user", 5, parts=(ImagePart(sha256="0" * 64),))
    assert await approximate(talk)
    await talk.planner.mark(talk.chat, [picture.id], excluded=True)
    assert not await approximate(talk)
    own.ready = False
    assert await approximate(talk)
    own.ready = True

    planned = await talk.plan()
    talk.planner.learn(TARGET, planned, Usage(round(planned.counted * 1.1)))
    assert await approximate(talk)
    await talk.planner.aclose()


async def test_running_answer_counts_as_far_as_it_has_come() -> None:
    talk = Talk(10_000)
    await talk.turn(5, 5)
    await talk.add("user", 5)
    before = await talk.planner.outlook(talk.chat)
    reply = await talk.add("assistant", 0, parts=(), status="streaming")
    turn = talk.chat.begin()
    turn.incoming = IncomingReply(reply, 0.0, Journal(lambda *_: None))

    empty = await talk.planner.outlook(talk.chat)
    assert (empty.used, rows(empty.plan)[-1][0]) == (before.used, "m2")

    turn.incoming.take(TextDelta(said(30)), 0.0)
    running = await talk.planner.outlook(talk.chat)
    assert rows(running.plan)[-1] == ("m3", "sent", "")
    assert running.used - before.used == 33

    with pytest.raises(UsageError, match="still being written"):
        await talk.planner.mark(talk.chat, ["m3"], pinned=True)
    (ended,) = turn.incoming.end(0.0, lambda: "")
    await talk.store.save_message(ended)
    talk.chat.turn = None
    assert (await talk.planner.outlook(talk.chat)).used == running.used
    turn.incoming.take(TextDelta(""), 0.0)
    await talk.planner.aclose()


async def test_marks_exclude_each_other_and_are_stored() -> None:
    talk = Talk(10_000)
    await talk.past(1, 5)
    marks = []
    for change in (
        {"pinned": True},
        {"excluded": True},
        {"pinned": False},
        {"pinned": True},
        {"pinned": False},
        {},
    ):
        await talk.planner.mark(talk.chat, ["m0"], **change)
        stored = talk.store.saved["m0"]
        marks.append((stored.pinned, stored.excluded))
        shown = rows((await talk.planner.outlook(talk.chat)).plan)[0]
        assert shown[2] == ("pinned" if stored.pinned else "excluded" if stored.excluded else "")

    assert marks == [
        (True, False),
        (False, True),
        (False, True),
        (True, False),
        (False, False),
        (False, False),
    ]
    with pytest.raises(UsageError):
        await talk.planner.mark(talk.chat, ["m0"], pinned=True, excluded=True)
    await talk.planner.aclose()


async def test_policy_of_a_conversation_is_kept_and_follows_the_default() -> None:
    talk = Talk(10_000, policy=ContextPolicy(max_history=30))
    assert talk.planner.policy(talk.chat).max_history == 30
    await talk.planner.set_policy(talk.chat, ContextPolicy("warn", max_history=4))
    await talk.past(4, 3)
    assert talk.store.conversations["c"].policy == "overflow=warn max_history=4"
    outlook = await talk.planner.outlook(talk.chat)
    assert [each.id for each in outlook.plan.sent] == ["m6", "m7"]

    await talk.planner.set_policy(talk.chat, ContextPolicy(max_history=30))
    assert talk.store.conversations["c"].policy == ""
    assert len((await talk.planner.outlook(talk.chat)).plan.sent) == 8
    await talk.planner.aclose()


async def test_what_is_found_out_in_the_background_is_told() -> None:
    talk = Talk(counter=WordCounter())
    told = 0

    def changed() -> None:
        nonlocal told
        told += 1

    talk.planner.changed = changed
    talk.facts.to_be_found[str(TARGET)] = 300
    assert (await talk.planner.outlook(talk.chat)).share is None
    assert talk.facts.looked_up == []

    # The server of an old conversation does not hear of it when it is only read.
    await talk.past(2, 60)
    assert (await talk.planner.outlook(talk.chat)).share is None
    for _ in range(3):
        await asyncio.sleep(0)
    assert talk.facts.looked_up == []
    for _ in range(2):
        assert (await talk.planner.outlook(talk.chat, 3)).share is None
    await eventually(lambda: told == 1)
    assert talk.facts.looked_up == [str(TARGET)]
    outlook = await talk.planner.outlook(talk.chat)
    assert outlook.budget.window.tokens == 300
    assert outlook.share is not None

    # The room is scarce: what is only estimated is counted.
    await eventually(lambda: told == 2)
    assert {*talk.counter.counted} == {"m0", "m1", "m2", "m3"} - {
        each.id for each in outlook.plan.left_out
    }
    for _ in range(3):
        await talk.planner.outlook(talk.chat, 3)
        await asyncio.sleep(0)
    assert told <= 3
    await talk.planner.aclose()


async def test_first_draft_wakes_the_counter_and_is_counted_from_then_on() -> None:
    talk = Talk(counter=WordCounter(vague=2.0))
    told = asyncio.Event()
    talk.planner.changed = told.set
    planner = talk.planner

    assert await planner.draft_tokens("", TARGET) == 0
    assert talk.counter.started == 0
    assert await planner.draft_tokens("one two three", TARGET) == 12
    await asyncio.wait_for(told.wait(), 5)
    assert await planner.draft_tokens("one two three", TARGET) == 6

    talk.counter.failure = UsageError("it died")
    assert await planner.draft_tokens("one two three", TARGET) == 12
    talk.counter.failure = None
    planned = await talk.plan(60)
    planner.learn(TARGET, planned, Usage(2 * planned.counted))
    assert await planner.draft_tokens("one two three", TARGET) == 8
    await planner.aclose()
