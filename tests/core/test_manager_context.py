"""The manager and the context: refusals, windows that turn out smaller, what is learnt, cost."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from chat_tui.core.context.calibration import MOST
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.errors import ContextError, PlanRefusedError
from chat_tui.core.events import (
    Notice,
    ReplyEvent,
    ReplyFinished,
    TextDelta,
    TurnFinished,
    UsageReported,
)
from chat_tui.core.messages import Cost, NoticeInfo, Usage
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Prices
from tests.core.planned import ONE, TWO, PlannedWindow, StrictClient, said
from tests.core.windows import OTHER, collect, reply_of
from tests.fakes import TARGET, ScriptedClient, Step, answer, eventually

REFUSAL = ContextError("The conversation is too large.", window=1_000)


def texts(request: ChatRequest) -> list[str]:
    return [message.text for message in request.messages]


def first_words(request: ChatRequest) -> list[str]:
    """How its messages begin."""
    return [" ".join(text.split()[:2]) for text in texts(request)]


def usage(prompt: int, completion: int = 10) -> Step:
    return UsageReported(Usage(prompt, completion))


async def test_prompt_that_does_not_fit_is_refused_and_nothing_is_stored() -> None:
    window = PlannedWindow(answer("short"), windows={ONE: 1_000})
    await window.send("one")
    path, stored = window.path, dict(window.store.saved)

    with pytest.raises(PlanRefusedError) as refused:
        await window.send(said(2_000))

    assert refused.value.plan.over > 1_000
    assert (window.path, window.store.saved) == (path, stored)
    assert len(window.requests) == 1
    assert not window.chat.streaming
    assert reply_of(await window.send("two")).status == "complete"


async def test_new_conversation_whose_prompt_is_refused_is_not_stored() -> None:
    window = PlannedWindow(answer("short"), windows={ONE: 1_000})

    with pytest.raises(PlanRefusedError):
        await window.send(said(2_000))

    assert window.store.conversations == {}


async def test_what_is_refused_is_sent_anyway_where_the_user_wants_it() -> None:
    window = PlannedWindow(answer("fine"), windows={ONE: 1_000})
    manager, chat = window.manager, window.chat

    await collect(manager.send(chat, said(2_000), anyway=True))
    await collect(manager.regenerate(chat, window.path[1], anyway=True))
    await collect(manager.edit(chat, window.path[0], said(3_000), anyway=True))

    sizes = [len(texts(request)[0].split()) for request in window.requests]
    assert sizes == [2_000, 2_000, 3_000]


async def test_each_target_has_its_own_window() -> None:
    window = PlannedWindow(answer("fine"), windows={ONE: 1_000, TWO: 100_000})
    await window.seed(20, 100)

    await window.send("now")
    await window.regenerate(window.path[-1], target=OTHER)
    await window.edit(window.path[-2], "then", target=OTHER)

    sent = [len(request.messages) for request in window.requests]
    assert sent[0] < 12
    assert sent[1:] == [41, 41]
    assert texts(window.requests[0])[-1] == "now"


async def test_cut_reply_is_gone_on_with_however_small_the_window_is() -> None:
    cut = answer(said(400, "The cut"), finish_reason="length")
    window = PlannedWindow(cut, answer(" end."), windows={ONE: 1_000})
    await window.seed(5, 60)
    await window.send("tell")

    await collect(window.manager.continue_reply(window.chat, window.path[-1]))

    assert first_words(window.requests[1])[-2:] == ["The cut", "Your last"]
    assert len(window.requests[1].messages) < 12


async def test_prompt_is_stored_before_the_network_is_asked() -> None:
    stored: list[list[str]] = []
    client = ScriptedClient(
        answer("fine"), on_request=lambda _: stored.append([*window.store.saved])
    )
    window = PlannedWindow(client=client, windows={ONE: 1_000})

    await window.send("one")

    assert stored == [window.path]


# A window that turns out to be smaller


class Refusing(ScriptedClient):
    """Refuses so many requests for their size, and lets the window be known then."""

    def __init__(self, times: int, size: int | None = 1_000) -> None:
        super().__init__()
        self.times = times
        self.size = size
        self.window: PlannedWindow | None = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        self.requests.append(request)
        if len(self.requests) <= self.times:
            if self.size is not None and self.window is not None:
                self.window.facts.windows[ONE] = self.size
            raise REFUSAL
        yield TextDelta("fine")
        yield ReplyFinished("stop")


class Hooked(ContextPlanner):
    """A planner during whose plans something else happens."""

    hooks: list[Callable[[], object]]

    async def plan(self, *arguments: Any, **names: Any) -> Planned:
        """See `ContextPlanner.plan`."""
        self.hooks.pop(0)()
        return await super().plan(*arguments, **names)


def refusing(
    times: int = 1,
    size: int | None = 1_000,
    policy: ContextPolicy = ContextPolicy(),
    planner: type[ContextPlanner] = ContextPlanner,
) -> PlannedWindow:
    client = Refusing(times, size)
    window = client.window = PlannedWindow(client=client, policy=policy, planner=planner)
    return window


async def test_refused_request_is_sent_once_more_when_the_window_is_known_then() -> None:
    window = refusing()
    await window.seed(10, 100)

    events = await window.send("now")

    first, second = window.requests
    assert len(first.messages) == 21
    assert len(second.messages) < 8
    assert texts(second)[-1] == "now"
    assert second.reply == first.reply
    gone = len(first.messages) - len(second.messages)
    told = f"The model's window is 1,000 tokens: sent again without {gone} messages."
    assert Notice("context", told) in events
    reply = reply_of(events)
    assert (reply.status, reply.text) == ("complete", "fine")
    assert NoticeInfo("context", told) in reply.notices


class Wordy(StrictClient):
    """A server whose tokens are more than words, and that may tell how many it has counted."""

    def __init__(self, window: int, ratio: float, *, tells: bool, reports: bool = True) -> None:
        super().__init__(window, answers=20)
        self.ratio = ratio
        self.tells = tells
        self.reports = reports

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        size = round(self.size(request) * self.ratio)
        self.requests.append(request)
        if size > self.window:
            raise ContextError("Too large.", prompt=size if self.tells else None)
        yield TextDelta(said(20))
        if self.reports:
            yield UsageReported(Usage(size, 20))
        yield ReplyFinished("stop")


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("reports", [True, False])
@pytest.mark.parametrize("ratio", [1.5, 1.9])
async def test_server_that_counts_more_than_we_is_asked_with_less_and_learnt_from(
    ratio: float, *, tells: bool, reports: bool
) -> None:
    client = Wordy(4_000, ratio, tells=tells, reports=reports)
    window = PlannedWindow(client=client, windows={ONE: 4_000})
    await window.seed(12, 108)

    events = await window.send("now")

    first, second = window.requests
    assert (len(first.messages), texts(second)[-1]) == (25, "now")
    gone = len(first.messages) - len(second.messages)
    told = f"The prompt has more tokens for this model than it seemed: sent again without {gone}"
    assert any(isinstance(event, Notice) and told in event.message for event in events)
    assert reply_of(events).status == "complete"
    for turn in range(12):
        assert reply_of(await window.send(said(100, f"{turn}"))).status == "complete"
    assert len(window.requests) <= 2 + 12 + 2, "what was learnt holds"
    assert window.learnt.learnt(TARGET.provider, TARGET.model).calibration.ratio > 1.1


async def test_refusal_that_no_tokenizer_explains_stands() -> None:
    client = Wordy(4_000, 20, tells=True)
    window = PlannedWindow(client=client, windows={ONE: 4_000})
    await window.seed(2, 100)

    reply = reply_of(await window.send("now"))

    assert (len(window.requests), reply.status) == (1, "error")
    assert window.learnt.learnt(TARGET.provider, TARGET.model).calibration.ratio == MOST


async def test_request_refused_twice_fails() -> None:
    window = refusing(times=2)
    await window.seed(10, 100)

    reply = reply_of(await window.send("now"))

    assert len(window.requests) == 2
    assert (reply.status, reply.error) == ("error", REFUSAL.info)


@pytest.mark.parametrize(
    ("size", "policy", "prompt"),
    [
        (None, ContextPolicy(), "now"),  # the error told no window
        (1_000_000, ContextPolicy(), "now"),  # one in which it would fit
        (1_000, ContextPolicy("warn"), "now"),  # all is to be sent
        (1_000, ContextPolicy(), said(2_000)),  # it fits in no form
    ],
)
async def test_request_is_not_sent_again_where_that_would_not_help(
    size: int | None, policy: ContextPolicy, prompt: str
) -> None:
    window = refusing(size=size, policy=policy)
    await window.seed(10, 100)

    events = await window.send(prompt)

    assert len(window.requests) == 1
    assert reply_of(events).error == REFUSAL.info
    assert not any(isinstance(event, Notice) for event in events)


async def test_refusal_after_the_first_word_is_not_answered_with_another_request() -> None:
    script: list[Step] = [TextDelta("Well"), REFUSAL]
    window = PlannedWindow(script)
    window.facts.windows[ONE] = 1_000

    reply = reply_of(await window.send("now"))

    assert (len(window.requests), reply.status, reply.text) == (1, "interrupted", "Well")


async def test_answer_that_is_stopped_while_it_is_planned_again_is_not_sent() -> None:
    window = refusing(planner=Hooked)
    await window.seed(10, 100)
    planner = window.manager.context
    assert isinstance(planner, Hooked)
    planner.hooks = [lambda: None, lambda: window.manager.stop(window.chat)]

    reply = reply_of(await window.send("now"))

    assert (planner.hooks, len(window.requests), reply.status) == ([], 1, "stopped")


# After the answer


async def test_server_that_cut_the_prompt_is_told_of_before_the_end() -> None:
    window = PlannedWindow([TextDelta("Eh?"), usage(900), *answer()])
    await window.seed(30, 100)

    *_, notice, finished = await window.send("now")

    assert isinstance(notice, Notice)
    assert isinstance(finished, TurnFinished)
    assert notice.kind == "cut"
    assert "900" in notice.message
    assert NoticeInfo(notice.kind, notice.message) in finished.reply.notices
    assert window.store.saved[finished.reply.id].notices == finished.reply.notices


async def test_reported_usage_is_learnt_from() -> None:
    window = PlannedWindow([TextDelta("Yes."), usage(4_000), *answer()])
    await window.seed(30, 50)
    window.counter.ready = True

    await window.send("now")
    await window.manager.aclose()

    assert window.learnt.learnt(TARGET.provider, TARGET.model).calibration.samples == 1


@pytest.mark.parametrize(
    ("raw", "prices", "cost"),
    [
        ({}, {ONE: Prices(1.0, 100.0)}, Cost(0.002)),
        ({"cost": 0.5}, {ONE: Prices(1.0, 100.0)}, Cost(0.5)),
        ({"cost": 0.5}, {}, Cost(0.5)),
        ({}, {TWO: Prices(1.0, 100.0)}, None),
    ],
)
async def test_cost_is_frozen_with_the_reply(
    raw: dict[str, object], prices: dict[str, Prices], cost: Cost | None
) -> None:
    end = ReplyFinished("stop", raw=raw)
    window = PlannedWindow([TextDelta("Yes."), usage(1_000), end], prices=prices)

    reply = reply_of(await window.send("now"))

    assert reply.cost == cost
    assert window.store.saved[reply.id].cost == cost


async def test_what_a_turn_added_is_counted_in_the_background() -> None:
    window = PlannedWindow(answer("fine"))
    window.counter.ready = True

    await window.send("one")
    await eventually(lambda: all(each.tokens for each in window.store.saved.values()))

    assert sorted(window.counter.counted) == sorted(window.path)


async def test_closing_ends_what_is_counted_and_the_counter_twice_safely() -> None:
    window = PlannedWindow(answer("fine"))
    window.counter.ready = True
    tasks = asyncio.all_tasks()

    await window.send("one")
    await window.manager.aclose()

    assert asyncio.all_tasks() == tasks
    assert window.counter.closed == 1
    await window.manager.aclose()
