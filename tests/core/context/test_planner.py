"""The planner's requests: what is read, counted, cut, refused, and never done twice."""

import asyncio
from dataclasses import replace

import pytest

from chat_tui.core.context.cut import Cut
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.errors import PlanRefusedError, StorageError, UsageError
from chat_tui.core.messages import ImagePart, TextPart, text_parts
from chat_tui.core.targets import Target
from tests.core.context.talk import OTHER, Talk, rows, said, sent_ids
from tests.fakes import TARGET, WordCounter, eventually


async def test_each_message_is_counted_once_and_read_only_to_be_sent() -> None:
    talk = Talk(10_000, system_prompt="be brief")
    for _ in range(4):
        await talk.turn()
        await talk.planner.outlook(talk.chat)

    assert sorted(talk.counter.counted) == sorted(["system", *talk.path])
    before, pages = list(talk.counter.counted), len(talk.store.pages)

    await talk.turn()

    assert talk.counter.counted[len(before) :] == ["m8", "m9"]
    sent, settled = talk.store.pages[pages:]
    assert sorted(sent) == [f"m{number}" for number in range(8)]
    assert sorted(settled) == ["m8", "m9"]


async def test_counts_are_stored_and_known_after_a_restart() -> None:
    talk = Talk(10_000)
    await talk.turn(5, 7)
    assert [message.tokens for message in talk.store.saved.values()] == [
        {"words": 8},
        {"words": 10},
    ]

    await talk.reopen()
    planned = await talk.plan(5)

    assert talk.counter.counted == ["m0", "m1", "m2"]
    assert planned.counted == 8 + 10 + 8 + 3
    assert sent_ids(planned) == ["m0", "m1", "m2"]


async def test_first_plan_reads_nothing_twice() -> None:
    talk = Talk(100_000)
    await talk.past(3, 4)

    await talk.plan()

    assert sorted(talk.store.reads) == sorted(talk.path)


async def test_long_conversation_is_read_in_pages_while_others_go_on() -> None:
    talk = Talk(1_000, counter=WordCounter())
    await talk.past(400, 2)
    passed = 0

    async def others() -> None:
        nonlocal passed
        while True:
            passed += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    outlook = await talk.planner.outlook(talk.chat)
    task.cancel()

    assert [len(page) for page in talk.store.pages] == [300, 300, 200]
    assert talk.store.pages[0][-1] == talk.chat.tree.head
    assert passed >= 3
    await eventually(lambda: talk.counter.ready)
    sent = len(outlook.plan.sent)
    await eventually(lambda: len(talk.counter.counted) == sent)
    before = len(talk.store.pages)

    planned = await talk.plan()

    # Of 800 messages only those are read again that are sent.
    assert 0 < len(sent_ids(planned)) < 200
    read = [id_ for page in talk.store.pages[before:] for id_ in page]
    assert {*sent_ids(planned)} - {*read} == {planned.messages[-1].id}
    assert len(read) == len({*read}) < 250
    await talk.planner.aclose()


async def test_cut_is_kept_with_the_conversation_until_it_overflows_again() -> None:
    talk = Talk(400)
    cuts = []
    for _ in range(8):
        await talk.turn(10, 40)
        cuts.append(talk.store.conversations["c"].cuts.get(str(TARGET), Cut()))

    assert cuts == sorted(cuts, key=lambda cut: int(cut.first[1:] or 0))
    assert 1 < len({*cuts}) < 6
    # Written when it moves, and never else.
    assert [changes["cuts"][str(TARGET)] for changes in talk.store.updates] == list(
        dict.fromkeys(cut for cut in cuts if cut != Cut())
    )
    await talk.reopen()
    planned = await talk.plan(1)
    assert planned.plan.cut.first >= cuts[-1].first


async def test_each_target_has_its_own_cut_and_one_is_forgotten_when_all_fits() -> None:
    talk = Talk(400)
    talk.facts.windows[str(OTHER)] = 100_000
    await talk.past(8, 20)

    small, large = await talk.plan(), await talk.plan(target=OTHER)

    assert len(small.messages) < len(large.messages) == 17
    assert set(talk.chat.conversation.cuts) == {str(TARGET)}
    talk.facts.windows[str(TARGET)] = 100_000
    await talk.plan()
    assert talk.store.conversations["c"].cuts == {}


async def test_cut_stays_while_nobody_knows_the_window_or_nothing_is_cut() -> None:
    talk = Talk(400)
    await talk.past(8, 20)
    await talk.plan()
    cut = talk.chat.conversation.cuts[str(TARGET)]

    await talk.planner.set_policy(talk.chat, ContextPolicy("off"))
    assert len((await talk.plan()).messages) == 17
    await talk.planner.set_policy(talk.chat, ContextPolicy())
    del talk.facts.windows[str(TARGET)]
    assert len((await talk.plan()).messages) == 17

    assert talk.chat.conversation.cuts[str(TARGET)] == cut


async def test_what_cannot_fit_is_refused_with_the_numbers_and_can_be_sent_anyway() -> None:
    talk = Talk(400, system_prompt=said(50))
    await talk.past(2, 20)
    await talk.planner.mark(talk.chat, ["m0"], pinned=True)
    before = talk.chat.conversation

    with pytest.raises(PlanRefusedError) as refused:
        await talk.plan(300)

    assert refused.value.message == (
        "The system prompt, a pinned message and the newest prompt need 379 tokens, and there is "
        "room for 277."
    )
    assert refused.value.hint == (
        "Shorten the prompt, unpin a message, or choose a model with a larger window."
    )
    assert refused.value.plan.over == 102
    assert talk.chat.conversation is before
    assert not talk.store.updates

    prompt = talk.message("user", 300)
    sent = await talk.planner.plan(talk.chat, TARGET, talk.path, [prompt], anyway=True)
    assert sent_ids(sent) == ["system", "m0", "m1", "m2", "m3", "m4"]
    assert talk.chat.conversation is before


async def test_refusal_names_the_reply_that_is_kept_free() -> None:
    talk = Talk(400)
    greedy = Target("fake", "model-1", {"max_tokens": 300})

    with pytest.raises(PlanRefusedError, match="The newest prompt needs 103 tokens") as refused:
        await talk.plan(100, greedy)

    assert "lower max_tokens (300 are kept for the answer)" in refused.value.hint


async def test_nothing_to_answer_is_told() -> None:
    talk = Talk()
    await talk.past(1, 3)
    with pytest.raises(UsageError, match="nothing to answer"):
        await talk.planner.plan(talk.chat, TARGET, talk.path)


async def test_what_another_window_marked_or_removed_is_not_sent() -> None:
    talk = Talk(10_000)
    await talk.past(3, 4)
    await talk.planner.outlook(talk.chat)
    store = talk.store

    store.saved["m0"] = replace(store.saved["m0"], excluded=True)
    del store.saved["m3"]
    planned = await talk.plan()

    assert sent_ids(planned) == ["m2", "m4", "m5", "m6"]


async def test_what_another_window_pins_and_excludes_is_taken_over_without_reading_texts() -> None:
    talk = Talk(400)
    await talk.past(10, 20)
    await talk.planner.outlook(talk.chat)
    assert not await talk.planner.refresh(talk.chat)
    talk.store.pages.clear()

    await talk.store.update_messages({"m1": {"pinned": True}, "m18": {"excluded": True}})
    assert await talk.planner.refresh(talk.chat)
    plan = (await talk.planner.outlook(talk.chat)).plan
    assert [row[2] for row in rows(plan) if row[0] in ("m1", "m18")] == ["pinned", "excluded"]
    assert talk.store.reads == []

    # What is sent is up to date without any refresh, also where it was not sent before.
    await talk.store.update_messages({"m1": {"pinned": False}, "m2": {"pinned": True}})
    planned = await talk.plan()
    assert "m1" not in sent_ids(planned)
    assert "m2" in sent_ids(planned)
    talk.store.failure = StorageError("The disk is gone.")
    with pytest.raises(StorageError):
        await talk.planner.refresh(talk.chat)


async def test_answer_that_grows_in_another_window_is_weighed_anew() -> None:
    talk = Talk(10_000)
    await talk.add("user", 4)
    reply = await talk.add("assistant", 1, status="streaming")
    before = (await talk.planner.outlook(talk.chat)).used
    talk.store.journal[reply.id] = [(f" {said(30)}", "")]

    assert (await talk.planner.outlook(talk.chat)).used == before
    assert await talk.planner.refresh(talk.chat)
    assert (await talk.planner.outlook(talk.chat)).used == before + 30
    await talk.planner.aclose()


async def test_message_in_another_form_is_sent_so_and_not_kept_so() -> None:
    talk = Talk(10_000)
    await talk.past(1, 4)
    await talk.planner.mark(talk.chat, ["m1"], excluded=True)
    cut = replace(talk.store.saved["m1"], pinned=True, excluded=False)

    planned = await talk.planner.plan(talk.chat, TARGET, ["m0"], [cut, talk.message("user", 2)])

    assert sent_ids(planned) == ["m0", "m1", "m2"]
    assert sent_ids(await talk.plan()) == ["m0", "m2"]


async def test_switching_models_reads_again_only_what_weighs_otherwise() -> None:
    talk = Talk(10_000, counter=WordCounter(encodings={"model-3": "letters"}))
    await talk.past(3, 4)
    await talk.add("user", 4, parts=(TextPart("look"), ImagePart(sha256="0" * 64)))
    await talk.planner.outlook(talk.chat)
    talk.store.pages.clear()

    await talk.planner.outlook(talk.chat, target=OTHER)
    assert talk.store.reads == ["m6"]
    await talk.planner.outlook(talk.chat, target=Target("fake", "model-3"))
    assert talk.store.reads == ["m6", *talk.path]
    await talk.planner.aclose()


async def test_running_answer_of_another_window_is_not_kept() -> None:
    talk = Talk(10_000)
    await talk.add("user", 4)
    reply = await talk.add("assistant", 1, status="streaming")
    prompt = talk.message("user", 1)
    before = await talk.planner.plan(talk.chat, TARGET, talk.path, [prompt])

    ended = replace(reply, status="complete", parts=text_parts(said(30)))
    await talk.store.save_message(ended)
    after = await talk.planner.plan(talk.chat, TARGET, talk.path, [prompt])

    assert after.counted - before.counted == 29
