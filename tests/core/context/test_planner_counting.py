"""When the planner counts exactly, looks windows up, and when it leaves that alone."""

import pytest

from chat_tui.core.errors import PlanRefusedError, StorageError, UsageError
from tests.core.context.talk import Talk
from tests.fakes import TARGET, WordCounter


async def test_short_prompt_starts_no_counter_and_asks_for_no_window() -> None:
    talk = Talk(counter=WordCounter())
    talk.facts.to_be_found[str(TARGET)] = 50

    planned, _ = await talk.turn(1, 2)
    assert await talk.plan(900) is not planned

    assert (talk.counter.started, talk.counter.counted) == (0, [])
    assert talk.facts.looked_up == []


async def test_long_prompt_waits_for_a_window_that_nobody_knows() -> None:
    talk = Talk(counter=WordCounter())
    talk.facts.to_be_found[str(TARGET)] = 500

    with pytest.raises(PlanRefusedError):
        await talk.plan(1_000)

    assert talk.facts.looked_up == [str(TARGET)]
    # The room was scarce: what is refused was counted.
    assert talk.counter.counted == ["m0"]
    await talk.planner.aclose()


async def test_scarce_room_starts_the_counter_and_an_estimate_does_where_it_fails() -> None:
    talk = Talk(1_000, counter=WordCounter(vague=2.0))
    await talk.turn(100, 20)
    assert not talk.counter.started

    planned = await talk.plan(200)
    assert planned.counted == 103 + 23 + 203 + 3
    assert {*talk.counter.counted} == {"m0", "m1", "m2"}

    for failure in (UsageError("no tokenizer"), TimeoutError()):
        talk = Talk(1_000, counter=WordCounter(vague=2.0))
        talk.counter.failure = failure
        await talk.turn(100, 20)
        planned = await talk.plan(200)
        assert planned.counted == 2 * (103 + 23 + 203) + 3
        assert planned.plan.refused is False


async def test_counter_that_cannot_count_is_not_asked_again() -> None:
    talk = Talk(100, counter=WordCounter())
    talk.counter.failure = UsageError("no tokenizer")
    for _ in range(4):
        await talk.turn(20, 20)
        await talk.planner.draft_tokens("some words", TARGET)
    assert talk.counter.started == 1


async def test_prompt_that_was_counted_before_it_was_stored_is_not_counted_again() -> None:
    talk = Talk(10_000)
    await talk.plan()
    assert talk.counter.counted == ["m0"]

    prompt = await talk.add("user", 5)
    await talk.planner.settle(talk.chat, [prompt.id])

    assert talk.counter.counted == ["m0"]
    assert talk.store.saved["m0"].tokens == {"words": 8}


async def test_disk_that_fails_costs_counts_and_nothing_else() -> None:
    talk = Talk(10_000)
    talk.store.fails_to_count = True
    await talk.turn()
    await talk.turn()
    assert len((await talk.plan()).messages) == 5

    talk.store.failure = StorageError("The disk is gone.")
    await talk.planner.settle(talk.chat, talk.path)
    with pytest.raises(StorageError):
        await talk.plan()


async def test_closing_twice_is_safe_and_nothing_begins_after_it() -> None:
    talk = Talk(100, counter=WordCounter())
    await talk.planner.draft_tokens("words", TARGET)
    await talk.planner.aclose()
    await talk.planner.aclose()
    await talk.planner.draft_tokens("words", TARGET)
    assert (talk.counter.closed, talk.counter.started) == (2, 0)
