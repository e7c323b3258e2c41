"""What is learnt from reported usage, and how a server that cuts the prompt is found out."""

import math
from dataclasses import replace

import pytest

from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.context.reports import Outgoing
from chat_tui.core.conversation import node_of
from chat_tui.core.errors import UsageError
from chat_tui.core.memory import Learnt
from chat_tui.core.messages import ImagePart, NoticeInfo, TextPart, ToolCall, Usage
from chat_tui.core.targets import Target
from tests.core.context.talk import Talk, said
from tests.fakes import TARGET, WordCounter


def calibration(talk: Talk) -> Calibration:
    """What is known of the model."""
    return talk.memory.learnt("fake", "model-1").calibration


@pytest.mark.parametrize("constant", [0, 120])
async def test_another_tokenizer_is_learnt_within_three_turns(constant: int) -> None:
    talk = Talk(100_000, count=lambda counted: round(1.3 * counted) + constant)
    for _ in range(3):
        await talk.turn(60, 90)

    for _ in range(3):
        planned, _ = await talk.turn(80, 200)
        reported = talk.count(planned.counted)
        assert abs(planned.expected - reported) <= 0.03 * reported

    error = calibration(talk).error
    assert error is not None
    assert error <= 0.03


async def test_what_was_learnt_holds_after_a_restart() -> None:
    talk = Talk(100_000, count=lambda counted: round(1.3 * counted))
    for _ in range(3):
        await talk.turn(60, 90)
    await talk.reopen()

    planned = await talk.plan(40)

    reported = talk.count(planned.counted)
    assert abs(planned.expected - reported) <= 0.03 * reported


@pytest.mark.parametrize("model", ["model-1", "model-1-2026-08-06"])
@pytest.mark.parametrize("asks", [False, True], ids=["looked at", "asked at once"])
async def test_figure_starts_from_the_last_report_after_a_restart(
    model: str, *, asks: bool
) -> None:
    talk = Talk(100_000, count=lambda counted: counted + 40)
    for _ in range(4):
        await talk.turn(60, 90)
    reply = talk.path[-1]
    talk.store.saved[reply] = replace(talk.store.saved[reply], model=model)
    await talk.add("assistant", 30, provider="fake", model="another", usage=Usage(9_000))
    used, expected = (await talk.planner.outlook(talk.chat)).used, (await talk.plan(40)).expected
    await talk.reopen()
    talk.store.pages.clear()

    if not asks:
        assert (await talk.planner.outlook(talk.chat)).used == used
        assert sorted(talk.store.reads) == sorted(talk.path)
    assert (await talk.plan(40)).expected == expected
    assert expected != round(calibration(talk).ratio * (await talk.plan(40)).counted)


async def test_report_of_an_earlier_run_is_not_believed_where_something_else_was_sent() -> None:
    talk = Talk(100_000, count=lambda counted: counted + 40)
    for _ in range(4):
        await talk.turn(60, 90)
    ratio = calibration(talk).ratio

    async def from_scratch() -> bool:
        await talk.reopen()
        planned = await talk.plan(40)
        return planned.expected == round(ratio * planned.counted)

    assert not await from_scratch()
    # A message that is left out: nobody knows since when.
    await talk.planner.mark(talk.chat, ["m1"], excluded=True)
    assert await from_scratch()
    await talk.planner.mark(talk.chat, ["m1"], excluded=False, pinned=True)
    assert not await from_scratch()
    # A prompt of which the server has read less than there is; an older reply says nothing then.
    reply = talk.store.saved[talk.path[-1]]
    talk.store.saved[reply.id] = replace(reply, usage=Usage(400))
    assert await from_scratch()
    # Other providers and models may have said so: then it is the reply before.
    talk.store.saved[reply.id] = replace(reply, usage=Usage(400), provider="other")
    assert not await from_scratch()
    for id_ in talk.path:
        talk.store.saved[id_] = replace(talk.store.saved[id_], model="model-1-mini")
    assert await from_scratch()


async def test_server_that_cuts_in_this_run_is_not_believed_for_what_it_said_before() -> None:
    talk = Talk(100_000)
    for _ in range(9):
        await talk.turn(200, 90)
    await talk.reopen()
    await talk.plan()
    talk.count = lambda counted: counted // 3
    _, notice = await talk.turn()
    assert notice is not None

    planned = await talk.plan()
    assert planned.expected == round(calibration(talk).ratio * planned.counted)


async def test_next_figure_starts_from_the_last_report() -> None:
    talk = Talk(100_000)
    await talk.turn(60, 90)
    talk.count = lambda counted: counted + 70
    await talk.turn(60, 90)
    reported, ratio = (63 + 93 + 63 + 3) + 70, calibration(talk).ratio
    assert ratio > 1

    planned = await talk.plan(20)
    assert planned.expected == reported + round(ratio * (93 + 23))
    assert (await talk.planner.outlook(talk.chat)).used == reported + round(ratio * 93)

    # Other messages, another system prompt, other tools: the report says nothing about these.
    def from_scratch(planned: Planned) -> bool:
        return planned.expected == round(ratio * planned.counted)

    await talk.planner.mark(talk.chat, ["m0"], excluded=True)
    assert from_scratch(await talk.plan(20))
    await talk.planner.mark(talk.chat, ["m0"], excluded=False)
    assert not from_scratch(await talk.plan(20))
    assert from_scratch(await talk.plan(20, Target("fake", "model-1", {"tools": [{}]})))
    talk.chat.conversation = replace(talk.chat.conversation, system_prompt="be brief")
    assert from_scratch(await talk.plan(20))


async def test_server_that_cuts_the_prompt_is_told_of_and_not_learnt_from() -> None:
    talk = Talk(count=lambda counted: min(counted, 16_387))
    await talk.turn(60, 90)
    before = calibration(talk)

    planned, notice = await talk.turn(160_000, 90)

    assert notice == NoticeInfo(
        "cut",
        f"The server cut the prompt: sent ≈{planned.expected:,} tokens, the server read 16,387. "
        "Load the model with a larger context window, or set its window in the context inspector, "
        "so that nothing is left out unseen.",
    )
    assert planned.expected > 160_000
    assert calibration(talk) == before
    assert (await talk.planner.outlook(talk.chat)).doubted
    # The next figure is none that starts from such a report.
    assert (await talk.plan()).expected > 160_000
    _, notice = await talk.turn()
    assert notice is not None


async def test_server_that_cuts_more_and_more_of_a_growing_conversation_is_told_of() -> None:
    talk = Talk(count=lambda counted: min(counted, 4_096))
    quiet: list[Planned] = []
    warned: list[Planned] = []
    for _ in range(14):
        planned, notice = await talk.turn(400, 400)
        (quiet if notice is None else warned).append(planned)

    assert max(planned.counted for planned in quiet) < warned[0].counted < 2.3 * 4_096
    # From the last report on nothing much was expected: what counts is how much there is in all.
    assert warned[0].expected < 4_096 / 0.6
    assert len(warned) >= 3


async def test_short_prompts_are_never_said_to_be_cut() -> None:
    talk = Talk(count=lambda counted: counted // 3)
    _, notice = await talk.turn(1_500, 90)
    assert notice is None
    assert (await talk.plan()).expected > 1_500


async def test_vague_weights_are_no_ground_for_an_alarm() -> None:
    # Four pictures weigh 400 by the rule, and 40 for the server; the text is an estimate, and
    # off by a quarter.
    parts = (TextPart(said(4_000)), *[ImagePart(sha256=digit * 64) for digit in "0123"])
    talk = Talk(counter=WordCounter())
    prompt = talk.message("user", 1, parts=parts)
    planned = await talk.planner.plan(talk.chat, TARGET, [], [prompt])

    assert planned.expected == 4_000 + 400 + 6
    assert talk.planner.learn(TARGET, planned, Usage(2_000)) is None
    assert talk.planner.learn(TARGET, planned, Usage(1_500)) is not None


async def test_pictures_teach_nothing_about_a_tokenizer() -> None:
    talk = Talk(10_000, count=lambda counted: counted + 45)
    parts = (TextPart(said(50)), ImagePart(sha256="0" * 64))
    prompt = talk.message("user", 1, parts=parts)
    planned = await talk.planner.plan(talk.chat, TARGET, [], [prompt])

    assert talk.planner.learn(TARGET, planned, Usage(planned.counted + 90)) is None
    assert calibration(talk) == Calibration(pictures=1.45, pictured=1)

    # Yet the figures after it start from the report, and its text is learnt from.
    await talk.store.add_messages(talk.chat.conversation, [prompt])
    talk.chat.tree.add(node_of(prompt))
    after, _ = await talk.turn(50, 60)
    assert after.expected == planned.counted + 90 + 53
    assert calibration(talk).samples == 1


async def test_estimates_are_learnt_from_when_they_have_been_counted() -> None:
    counter = WordCounter(vague=1.5)
    talk = Talk(100_000, counter=counter)
    planned = await talk.plan(60)
    assert planned.counted == round(63 * 1.5) + 3
    counter.ready = True
    prompt = await talk.add("user", 60)

    talk.planner.learn(TARGET, planned, Usage(66))
    assert calibration(talk) == Calibration()
    await talk.planner.settle(talk.chat, [prompt.id])

    assert calibration(talk).ratio == 1.0
    assert calibration(talk).samples == 1


async def test_estimates_alone_teach_only_a_little_at_first() -> None:
    counter = WordCounter(vague=2.0)
    counter.failure = UsageError("no tokenizer")
    talk = Talk(100_000, counter=counter, count=lambda counted: counted // 2 + 2)
    for _ in range(6):
        await talk.turn(60, 90)

    assert calibration(talk).samples == 3
    assert 0.5 < calibration(talk).ratio < 0.6


@pytest.mark.parametrize("window", [None, 900], ids=["unknown window", "trimmed"])
async def test_what_estimates_have_taught_is_no_measure_of_counts(window: int | None) -> None:
    counter = WordCounter(vague=1.4)
    counter.failure = UsageError("no tokenizer")
    talk = Talk(counter=counter, count=lambda estimated: round(estimated / 1.4))
    for _ in range(3):
        await talk.turn(60, 90)
    taught = calibration(talk)
    assert taught.vague
    assert taught.ratio == pytest.approx(1 / 1.4, abs=0.05)

    # From now on it is counted, first where the room is getting scarce, then always.
    counter.failure, talk.count = None, lambda counted: counted
    if window is None:
        counter.ready = True
    else:
        talk.facts.windows[str(TARGET)] = window
    await talk.reopen()
    assert calibration(talk) == taught
    for _ in range(3):
        planned, _ = await talk.turn(80, 90)
        assert abs(planned.expected - planned.counted) <= 0.03 * planned.counted
        assert planned.plan.tokens <= (planned.plan.budget.tokens or math.inf)

    # The first count has replaced what was taught.
    assert calibration(talk).ratio == pytest.approx(1, abs=0.01)
    assert not calibration(talk).vague


async def test_shortened_results_are_counted_as_they_are_sent_and_learnt_from() -> None:
    talk = Talk(2_400, count=lambda counted: round(1.1 * counted))
    for turn in range(3):
        await talk.add("user", 20)
        call = ToolCall(f"c{turn}", "tide", "{}")
        await talk.add("assistant", 0, tool_calls=(call,))
        await talk.add("tool", 700, tool_call_id=call.id)
        await talk.add("assistant", 20)

    planned, _ = await talk.turn(30, 20)

    short = [each for each in planned.plan.sent if each.decision == "shortened"]
    assert short
    assert all(each.exact for each in short)
    weights = [await talk.counter.count([each], "model-1") for each in planned.messages]
    assert planned.counted == 3 + sum(number for (number,) in weights)
    assert planned.outgoing.ruled == planned.outgoing.estimated == 0
    assert calibration(talk).ratio == pytest.approx(1.1, abs=0.01)

    # Each once: what is known of them stays as long as the conversation is open.
    talk.counter.counted.clear()
    await talk.turn(30, 20)
    assert not {each.id for each in short} & {*talk.counter.counted}


async def test_estimates_teach_no_ratio_where_counts_have_taught_one() -> None:
    counter = WordCounter(ready=True, vague=1.4)
    talk = Talk(counter=counter, count=lambda counted: round(1.2 * counted))
    await talk.turn(60, 90)
    before = calibration(talk)
    counter.ready, counter.failure = False, UsageError("no tokenizer")
    await talk.reopen()

    await talk.turn(60, 90)

    assert replace(calibration(talk), error=None) == before
    assert before.samples == 1


async def test_figures_of_estimates_tell_how_far_they_are_off() -> None:
    counter = WordCounter(vague=2.0)
    counter.failure = UsageError("no tokenizer")
    talk = Talk(100_000, counter=counter, count=lambda counted: counted // 2 + 2)
    for _ in range(3):
        await talk.turn(60, 90)
    before = calibration(talk)
    assert before.error is not None
    assert before.error > 0.05

    for _ in range(8):
        await talk.turn(60, 90)

    after = calibration(talk)
    assert replace(after, error=before.error) == before
    assert after.error is not None
    assert after.error < 0.03


async def test_draft_is_measured_by_what_is_known_of_its_kind() -> None:
    counter = WordCounter(vague=1.4)
    talk = Talk(counter=counter)
    talk.memory.learn("fake", "model-1", Learnt(calibration=Calibration(0.7, 0.02, 2, vague=True)))
    counter.failure = UsageError("no tokenizer")
    assert await talk.planner.draft_tokens(said(97), TARGET) == 98

    counter.failure, counter.ready = None, True
    assert await talk.planner.draft_tokens(said(97), TARGET) == 100


async def test_first_answer_alone_teaches_no_extreme() -> None:
    talk = Talk(10_000, count=lambda counted: counted + 9)
    await talk.turn(5, 5)
    assert calibration(talk).ratio == 1.3

    assert not (await talk.plan(5_000)).plan.over
    for _ in range(3):
        await talk.turn(40, 40)
    assert calibration(talk).ratio == pytest.approx(1, abs=0.05)


async def test_server_that_says_nothing_teaches_nothing() -> None:
    talk = Talk(10_000)
    planned = await talk.plan(60)
    for usage in (None, Usage(), Usage(0), Usage(completion_tokens=7)):
        assert talk.planner.learn(TARGET, planned, usage) is None
    assert calibration(talk) == Calibration()


async def test_cached_tokens_that_are_counted_apart_are_added() -> None:
    talk = Talk(100_000)
    planned = await talk.plan(3_000)
    assert talk.planner.learn(TARGET, planned, Usage(1_006, cached_tokens=2_000)) is None
    assert calibration(talk).ratio == 1.0
    assert talk.planner.learn(TARGET, planned, Usage(1_006, cached_tokens=500)) is not None


async def test_request_that_no_conversation_made_is_learnt_from_too() -> None:
    talk = Talk()
    plan = (await talk.plan()).plan
    planner: ContextPlanner = talk.planner
    outgoing = Outgoing((), overhead=3_000)
    made = Planned(plan, (), expected=3_000, outgoing=outgoing)
    assert planner.learn(TARGET, made, Usage(3_600)) is None
    assert calibration(talk).ratio == 1.2
    assert planner.learn(TARGET, made, Usage(300)) is not None
