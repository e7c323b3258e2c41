"""Summaries: asked for, made by themselves, and how the rest lives with them."""

from collections.abc import AsyncGenerator

import pytest

from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.summaries import SUMMARY_REQUEST
from chat_tui.core.errors import ServerError, StorageError, UsageError
from chat_tui.core.events import (
    Notice,
    ReplyEvent,
    TextDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
)
from chat_tui.core.messages import ChatMessage, Cost, NoticeInfo, Usage
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Prices, Target
from tests.core.planned import ONE, TWO, PlannedWindow, StrictClient, said
from tests.core.test_manager_context import first_words, texts, usage
from tests.core.windows import OTHER, collect, reply_of
from tests.fakes import TARGET, Step, answer

COMPACT = ContextPolicy("compact")


class BriefClient(StrictClient):
    """A server whose summaries have 300 words."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        asked = request.messages[-1].text.startswith(SUMMARY_REQUEST)
        async for event in super().stream(request):
            sums_up = asked and isinstance(event, TextDelta)
            yield TextDelta(said(300, "In short:")) if sums_up else event


async def compact(window: PlannedWindow, target: Target | None = None) -> list[TurnEvent]:
    return await collect(window.manager.compact(window.chat, target=target))


def finished(events: list[TurnEvent]) -> list[ChatMessage]:
    """The messages that ended, in their order."""
    return [event.reply for event in events if isinstance(event, TurnFinished)]


async def test_summary_is_a_message_that_stands_for_the_oldest_turns() -> None:
    script: list[Step] = [TextDelta("Once there "), TextDelta("were tides."), usage(1_000)]
    window = PlannedWindow(
        [*script, *answer()],
        answer("fine"),
        windows={ONE: 10_000},
        prices={ONE: Prices(1.0, 100.0)},
    )
    await window.seed(6, 50, system_prompt="Be brief.")
    path = window.path

    events = await compact(window)

    started, *deltas, _, end = events
    assert isinstance(started, TurnStarted)
    assert started.prompt is None
    assert [event.text for event in deltas if isinstance(event, TextDelta)] == [
        "Once there ",
        "were tides.",
    ]
    assert isinstance(end, TurnFinished)
    summary = end.reply
    assert window.path == [*path, summary.id]
    assert window.store.saved[summary.id] == summary
    assert (summary.role, summary.status, summary.text) == (
        "system",
        "complete",
        "Once there were tides.",
    )
    assert summary.covers == (path[0], path[9])
    assert (summary.model, summary.provider) == (TARGET.model, TARGET.provider)
    assert (summary.usage, summary.cost) == (Usage(1_000, 10), Cost(0.002))

    await window.send("and now")

    asked = window.requests[1]
    assert [message.role for message in asked.messages] == [
        "system",
        "user",
        *("user", "assistant"),
        "user",
    ]
    assert "Once there were tides." in texts(asked)[1]
    assert first_words(asked)[2:4] == ["user 5", "assistant 5"]


async def test_request_for_a_summary_is_one_message_without_what_shapes_answers() -> None:
    window = PlannedWindow(answer("sum"))
    await window.seed(6, 20, system_prompt="Be brief.")
    parameters = {"n": 2, "response_format": {"type": "json_object"}, "user": "me"}
    await window.manager.conversations.set_parameters(window.chat, parameters)

    await compact(window)

    request = window.requests[0]
    assert request.target == Target(TARGET.provider, TARGET.model, {"user": "me"})
    assert [message.role for message in request.messages] == ["user"]
    told = texts(request)[0]
    assert told.startswith(SUMMARY_REQUEST)
    assert "user 0 w0" in told
    assert "assistant 4 w0" in told
    assert "user 5" not in told
    assert "Be brief." not in told


@pytest.mark.parametrize(
    ("target", "model", "expected"),
    [
        (None, "", TARGET),
        (None, "small-1", Target(TARGET.provider, "small-1")),
        (OTHER, "small-1", OTHER),
    ],
)
async def test_who_sums_up_is_who_was_named_else_the_policy_s_model_else_the_conversation_s(
    target: Target | None, model: str, expected: Target
) -> None:
    window = PlannedWindow(answer("sum"), policy=ContextPolicy(summary_model=model))
    await window.seed(6, 20)

    summary = reply_of(await compact(window, target))

    assert window.requests[0].target == expected
    assert (summary.provider, summary.model) == (expected.provider, expected.model)


async def test_range_fits_the_window_of_who_sums_up() -> None:
    window = PlannedWindow(answer("sum"), windows={ONE: 100_000, TWO: 2_000})
    await window.seed(40, 100)

    summary = reply_of(await compact(window, OTHER))

    assert summary.covers is not None
    assert summary.covers[1] in ("assistant3", "assistant4", "assistant5")
    assert 800 < len(texts(window.requests[0])[0].split()) < 1_500


async def test_window_of_who_sums_up_is_looked_up_where_nobody_knows_it() -> None:
    window = PlannedWindow(answer("sum"), windows={ONE: 100_000})
    window.facts.to_be_found = {TWO: 2_000}
    await window.seed(40, 100)

    await compact(window, OTHER)

    assert TWO in window.facts.looked_up
    assert len(texts(window.requests[0])[0].split()) < 1_500


async def test_summary_of_what_came_after_a_summary_has_that_one_in_it() -> None:
    window = PlannedWindow(answer("First summary."), answer("Second summary."), answer("fine"))
    await window.seed(6, 50)
    path = window.path
    await compact(window)
    path = window.path
    for number in range(3):
        await window.send(f"more {number}")

    second = reply_of(await compact(window))

    told = texts(window.requests[-1])[0]
    assert '<message from="earlier summary">\nFirst summary.' in told
    assert "user 0" not in told
    assert "user 5" in told
    assert second.covers is not None
    assert second.covers[0] == path[0]
    await window.send("and")
    assert sum("summary." in text for text in texts(window.requests[-1])) == 1


async def test_too_short_a_conversation_is_not_summed_up_and_nothing_is_stored() -> None:
    window = PlannedWindow(answer("fine"))
    with pytest.raises(UsageError, match="too little"):
        await compact(window)
    await window.send("one")
    before = dict(window.store.saved)

    with pytest.raises(UsageError, match="too little"):
        await compact(window)

    assert window.store.saved == before
    assert not window.chat.streaming


@pytest.mark.parametrize("script", [[ServerError("Down.", status=500)], answer("")])
async def test_summary_that_failed_or_is_empty_stands_for_nothing(script: list[Step]) -> None:
    window = PlannedWindow(script, answer("fine"))
    await window.seed(6, 20)

    summary = reply_of(await compact(window))
    await window.send("now")

    assert summary.covers is not None
    assert len(window.requests[1].messages) == 13


async def test_summary_is_taken_back_and_brought_again() -> None:
    window = PlannedWindow(answer("sum"))
    await window.seed(6, 20)
    path = window.path
    await compact(window)
    with_it = window.path

    change = await window.branches.undo(window.chat)
    assert change is not None
    assert (change.kind, window.path) == ("compact", path)
    await window.branches.redo(window.chat)
    assert window.path == with_it


async def test_last_answer_is_made_anew_and_its_prompt_edited_above_a_summary() -> None:
    window = PlannedWindow(answer("sum"), answer("another"))
    await window.seed(6, 20)
    path = window.path
    await compact(window)
    summary = window.path[-1]

    await window.regenerate(path[-1])
    assert window.path[:-1] == path[:-1]
    await window.edit(path[-2], "other words")
    assert window.path[:-2] == path[:-2]

    assert window.chat.tree.visible(summary)
    with pytest.raises(UsageError, match="no answer"):
        await window.regenerate(summary)


async def test_title_and_a_prompt_below_a_summary_are_as_ever() -> None:
    window = PlannedWindow(answer("sum"), answer("fine"))
    await window.seed(6, 20)
    await compact(window)
    assert window.chat.conversation.title == "", "a summary gives no title"

    await window.send("What is a tide?")
    await window.regenerate(window.path[-2])

    assert window.chat.conversation.title == "What is a tide?"
    assert first_words(window.requests[-1])[-1] == "What is"


async def test_server_that_cut_what_is_summed_up_is_told_of() -> None:
    window = PlannedWindow([TextDelta("sum"), usage(900), *answer()])
    await window.seed(20, 300)

    notice, end = (await compact(window))[-2:]

    assert isinstance(notice, Notice)
    assert isinstance(end, TurnFinished)
    assert notice.kind == "cut"
    assert end.reply.notices == (NoticeInfo(notice.kind, notice.message),)


async def test_request_and_plan_count_alike_what_a_summary_stands_for() -> None:
    down: list[Step] = [ServerError("Down.", status=500)]
    window = PlannedWindow(answer("one"), down, answer("two"), answer("three"), answer("sum"))
    for prompt in ("first", "fails", "second", "third"):
        await window.send(said(20, prompt))
    await compact(window)

    await window.send("now")

    plan = (await window.manager.context.outlook(window.chat)).plan
    assert plan.stands_for == 4, "neither the prompt that failed nor its empty answer"
    assert "(4 messages)" in texts(window.requests[-1])[0]


@pytest.mark.parametrize(
    ("size", "limit"), [(None, {}), (4_096, {"max_tokens": 1_024}), (128_000, {})]
)
async def test_summary_is_limited_where_the_window_is_small(
    size: int | None, limit: dict[str, int]
) -> None:
    window = PlannedWindow(answer("sum"), windows={} if size is None else {ONE: size})
    await window.seed(6, 20)
    await window.manager.conversations.set_parameters(window.chat, {"max_tokens": 9, "user": "me"})

    await compact(window)

    assert window.requests[0].target.parameters == {"user": "me", **limit}
    assert "Write at most" in texts(window.requests[0])[0]


# By themselves


async def test_summary_follows_an_answer_after_which_the_budget_is_nearly_full() -> None:
    window = PlannedWindow(answer("fine"), windows={ONE: 2_000}, policy=COMPACT)
    await window.seed(4, 100)

    events = await window.send("short")
    assert len(finished(events)) == 1, "half full"
    await window.send(said(200))
    events = await window.send(said(200))

    reply, summary = finished(events)
    assert (reply.role, summary.role) == ("assistant", "system")
    assert summary.covers is not None
    assert window.path[-1] == summary.id
    assert not window.chat.streaming
    assert [type(event) for event in events].count(TurnStarted) == 2


@pytest.mark.parametrize("overflow", ["trim", "warn", "off"])
async def test_other_policies_sum_up_nothing_by_themselves(overflow: str) -> None:
    policy = ContextPolicy(overflow)  # type: ignore[arg-type] # one of them
    window = PlannedWindow(answer("fine"), windows={ONE: 2_000}, policy=policy)
    await window.seed(30, 100)

    assert len(finished(await window.send("short"))) == 1


async def test_answer_that_did_not_end_well_is_followed_by_nothing() -> None:
    scripts: list[list[Step]] = [
        [ServerError("Down.", status=500)],
        answer("cut", finish_reason="length"),
    ]
    window = PlannedWindow(*scripts, windows={ONE: 2_000}, policy=COMPACT)
    await window.seed(8, 100)

    for _ in scripts:
        assert len(finished(await window.send("short"))) == 1


async def test_summaries_are_not_made_after_every_turn_and_nothing_is_lost() -> None:
    window = PlannedWindow(client=BriefClient(4_096, 645), windows={ONE: 4_096}, policy=COMPACT)

    summaries, lost = [], 0
    for turn in range(12):
        events = await window.send(said(117, f"prompt {turn}"))
        plan = next(event.plan for event in events if isinstance(event, TurnStarted))
        assert plan is not None
        summaries.append(len(finished(events)) - 1)
        lost += len(plan.lost)

    # A turn is 770 tokens of 2,868: beside a summary of 300, there is room for three.
    assert summaries == [0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert lost == 0


async def test_summaries_catch_up_with_all_that_is_not_sent_and_become_calm() -> None:
    window = PlannedWindow(client=BriefClient(4_096, 300), windows={ONE: 4_096}, policy=COMPACT)
    await window.seed(20, 175)

    summaries = [len(finished(await window.send(said(50)))) - 1 for _ in range(12)]

    assert summaries[:3] == [1, 1, 1]
    assert sum(summaries[6:]) <= 2
    assert not (await window.manager.context.outlook(window.chat)).plan.lost


async def test_summary_that_fails_is_its_own_error_and_is_not_tried_at_once_again() -> None:
    failed: list[Step] = [ServerError("Down.", status=500)]
    window = PlannedWindow(
        answer("one"), failed, *[answer("fine")] * 9, windows={ONE: 2_000}, policy=COMPACT
    )
    await window.seed(7, 100)

    reply, summary = finished(await window.send("a"))
    assert reply.status == "complete"
    assert summary.error == ServerError("Down.", status=500).info
    ends = [len(finished(await window.send(word))) for word in "bcde"]

    assert ends == [1, 1, 2, 1]


async def test_summary_that_failed_is_tried_on_another_shorter_path() -> None:
    failed: list[Step] = [ServerError("Down.", status=500)]
    window = PlannedWindow(
        answer("one"), failed, *[answer("fine")] * 2, windows={ONE: 3_000}, policy=COMPACT
    )
    await window.seed(20, 40)
    early = window.path[20]
    assert finished(await window.send("a"))[-1].status == "error"

    summary = finished(await window.edit(early, said(900)))[-1]

    assert (summary.role, summary.status) == ("system", "complete")


async def test_summary_that_cannot_be_begun_is_told_of() -> None:
    window = PlannedWindow(answer("fine"), windows={ONE: 2_000}, policy=COMPACT)
    await window.seed(8, 100)
    events: list[TurnEvent] = []

    async for event in window.manager.send(window.chat, "a"):
        events.append(event)
        if isinstance(event, TurnFinished):
            window.store.failure = StorageError("The disk is gone.")

    notice = events[-1]
    assert isinstance(notice, Notice)
    assert (notice.kind, len(finished(events))) == ("compact", 1)
    assert "The disk is gone." in notice.message
    assert not window.chat.streaming


async def test_stopped_between_answer_and_summary_nothing_is_summed_up() -> None:
    window = PlannedWindow(answer("fine"), windows={ONE: 2_000}, policy=COMPACT)
    await window.seed(8, 100)
    events: list[TurnEvent] = []

    async for event in window.manager.send(window.chat, "a"):
        events.append(event)
        if isinstance(event, TurnFinished):
            assert window.manager.stop(window.chat)

    assert len(finished(events)) == 1
    assert len(window.requests) == 1
