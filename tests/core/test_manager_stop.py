"""Stopping, cancelling, breaking off: whatever happens, the text is kept."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.errors import ContextError
from chat_tui.core.events import (
    ExtrasDelta,
    TextDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
)
from chat_tui.core.manager import ConversationManager
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from tests.core.windows import Window, collect, reply_of
from tests.fakes import (
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    TableFacts,
    WordCounter,
    answer,
    eventually,
)


async def test_stop_while_waiting_ends_the_turn_at_once() -> None:
    window = Window([asyncio.Event()])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    assert window.manager.stop(window.chat)
    reply = reply_of(await turn)

    assert (reply.status, reply.text, reply.error) == ("stopped", "", None)
    assert window.stored() == [reply]
    assert (window.client.running, window.chat.streaming) == (0, False)
    assert turn.cancelling() == 0, "the consumer goes on as if nothing had happened"


async def test_stop_while_streaming_keeps_the_text() -> None:
    window = Window([TextDelta("half an "), asyncio.Event()])
    seen: list[TurnEvent] = []
    turn = asyncio.ensure_future(collect(window.manager.send(window.chat, "Hi?"), seen))
    await eventually(window.client.waiting.is_set)

    window.manager.stop(window.chat)
    await turn

    reply = reply_of(seen)
    assert (reply.status, reply.text) == ("stopped", "half an ")
    assert window.stored() == [reply]


async def test_stop_keeps_what_came_beside_the_text() -> None:
    window = Window([ExtrasDelta("I can", images=("data:,a",)), asyncio.Event()])
    seen: list[TurnEvent] = []
    turn = asyncio.ensure_future(collect(window.manager.send(window.chat, "Hi?"), seen))
    await eventually(window.client.waiting.is_set)

    window.manager.stop(window.chat)
    await turn

    reply = reply_of(seen)
    assert (reply.status, reply.refusal, reply.raw) == ("stopped", "I can", {"images": ["data:,a"]})
    assert window.stored() == [reply]
    assert [type(event) for event in seen] == [TurnStarted, TurnFinished]


async def test_stop_twice_is_the_same_as_once() -> None:
    window = Window([TextDelta("half"), asyncio.Event()])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    window.manager.stop(window.chat)
    window.manager.stop(window.chat)

    assert reply_of(await turn).status == "stopped"
    assert not window.manager.stop(window.chat)


async def test_stop_before_the_request_sends_none() -> None:
    window = Window(answer("unasked"))

    async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
        seen: list[TurnEvent] = []
        async for event in events:
            if isinstance(event, TurnStarted):
                window.manager.stop(window.chat)
            seen.append(event)

    assert window.client.requests == []
    assert (reply_of(seen).status, len(window.stored("user"))) == ("stopped", 1)


async def test_stop_while_the_turn_is_prepared_sends_none() -> None:
    window = Window(answer("unasked"))
    turn = asyncio.ensure_future(window.send("Hi?"))
    await asyncio.sleep(0)
    assert window.chat.streaming
    assert window.store.saved == {}

    window.manager.stop(window.chat)

    assert reply_of(await turn).status == "stopped"
    assert window.client.requests == []


@pytest.mark.parametrize("waits_for", ["window", "count"])
async def test_stop_while_planning_waits_ends_the_turn_at_once_and_stores_nothing(
    waits_for: str,
) -> None:
    slow = SlowToPlan(waits_for)
    window = Window(answer("Hello"), planner=slow.planner)
    turn = asyncio.ensure_future(window.send("word " * 1_200))
    await eventually(slow.waiting.is_set)

    assert window.manager.stop(window.chat)
    assert await turn == []

    assert (window.store.saved, window.chat.stored, window.chat.streaming) == ({}, False, False)
    assert window.client.requests == []
    assert turn.cancelling() == 0, "the consumer goes on as if nothing had happened"

    # The next prompt is planned with what is known by then.
    slow.go.set()
    assert reply_of(await window.send("Hi?")).text == "Hello"
    await window.manager.aclose()


async def test_stop_while_a_refused_prompt_is_planned_anew_keeps_the_turn_as_stopped() -> None:
    slow = SlowToPlan("window", looks=2)
    window = Window([ContextError("Too large.")], planner=slow.planner)
    turn = asyncio.ensure_future(window.send("word " * 1_200))
    await eventually(slow.waiting.is_set)

    window.manager.stop(window.chat)

    assert reply_of(await turn).status == "stopped"
    assert len(window.client.requests) == 1
    await window.manager.aclose()


async def test_cancelling_the_consumer_while_planning_waits_is_not_taken_for_a_stop() -> None:
    slow = SlowToPlan("window")
    window = Window(answer("unasked"), planner=slow.planner)
    turn = asyncio.ensure_future(window.send("word " * 1_200))
    await eventually(slow.waiting.is_set)

    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

    assert window.store.saved == {}
    assert not window.chat.streaming
    await window.manager.aclose()


class SlowToPlan:
    """A planner that waits for something before it can plan.

    Args:
        waits_for: the size of a window, or a count.
        looks: the look-up that waits is the how manyeth.
    """

    def __init__(self, waits_for: str, looks: int = 1) -> None:
        self.waiting, self.go = asyncio.Event(), asyncio.Event()
        slow = self

        async def wait() -> None:
            slow.waiting.set()
            await slow.go.wait()

        class SlowFacts(TableFacts):
            async def look_up(self, target: Target, *, ask: bool = True) -> None:
                await super().look_up(target, ask=ask)
                if len(self.looked_up) >= looks:
                    await wait()

        class SlowCounter(WordCounter):
            async def count(self, messages: Sequence[ChatMessage], model: str) -> list[int]:
                await wait()
                return await super().count(messages, model)

        memory = ForgetfulMemory()
        if waits_for == "window":
            self.planner = ContextPlanner(WordCounter(), SlowFacts(), memory)
        else:
            facts = TableFacts({str(TARGET): 3_000})
            self.planner = ContextPlanner(SlowCounter(), facts, memory)


async def test_stop_by_the_consumer_itself_ends_the_turn_after_the_event() -> None:
    window = Window(answer("one", "two", "three"))

    async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
        seen: list[TurnEvent] = []
        async for event in events:
            seen.append(event)
            if event == TextDelta("two"):
                window.manager.stop(window.chat)

    reply = reply_of(seen)
    assert (reply.text, reply.status) == ("onetwo", "stopped")
    assert window.stored() == [reply]
    assert window.client.running == 0


async def test_stop_while_the_consumer_does_something_else_does_not_disturb_it() -> None:
    window = Window(answer("one", "two"))
    busy, go = asyncio.Event(), asyncio.Event()
    seen: list[TurnEvent] = []

    async def consume() -> str:
        async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
            async for event in events:
                seen.append(event)
                if event == TextDelta("one"):
                    busy.set()
                    await go.wait()
        return "undisturbed"

    turn = asyncio.ensure_future(consume())
    await busy.wait()
    window.manager.stop(window.chat)
    go.set()

    assert await turn == "undisturbed"
    assert (reply_of(seen).text, reply_of(seen).status) == ("one", "stopped")


async def test_stop_while_the_reply_is_stored_comes_too_late() -> None:
    class SlowStore(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.saving, self.go = asyncio.Event(), asyncio.Event()

        async def save_message(self, message: ChatMessage) -> None:
            self.saving.set()
            await self.go.wait()
            await super().save_message(message)

    store = SlowStore()
    client = SimpleClientSource(ScriptedClient(answer("Hello")))
    manager = ConversationManager(store, client, clock=FakeClock())
    chat = manager.start(TARGET)
    turn = asyncio.ensure_future(collect(manager.send(chat, "Hi?")))
    await eventually(store.saving.is_set)

    manager.stop(chat)
    store.go.set()

    reply = reply_of(await turn)
    assert (reply.status, reply.text) == ("complete", "Hello")
    assert store.saved[reply.id] == reply


async def test_stop_of_nothing_says_so() -> None:
    window = Window(answer("Hello"))

    assert not window.manager.stop(window.chat)
    await window.send("Hi?")
    assert not window.manager.stop(window.chat)


async def test_prompt_after_a_stop_is_answered() -> None:
    window = Window([TextDelta("half"), asyncio.Event()], answer("whole"))
    turn = asyncio.ensure_future(window.send("one"))
    await eventually(window.client.waiting.is_set)
    window.manager.stop(window.chat)
    await turn

    reply = reply_of(await window.send("two"))

    assert reply.text == "whole"
    assert [message.text for message in window.client.requests[1].messages] == [
        "one",
        "half",
        "two",
    ]


async def test_cancelled_consumer_keeps_the_text_and_ends_cancelled() -> None:
    window = Window([TextDelta("half"), asyncio.Event()])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

    (reply,) = window.stored()
    assert (reply.text, reply.status) == ("half", "stopped")
    assert (window.client.running, window.chat.streaming) == (0, False)


async def test_consumer_that_is_stopped_and_cancelled_ends_cancelled() -> None:
    window = Window([TextDelta("half"), asyncio.Event()])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    window.manager.stop(window.chat)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

    (reply,) = window.stored()
    assert (reply.text, reply.status) == ("half", "stopped")


async def test_time_out_of_the_consumer_is_not_taken_for_a_stop() -> None:
    window = Window([TextDelta("half"), asyncio.Event()])

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await window.send("Hi?")

    assert [reply.status for reply in window.stored()] == ["stopped"]


async def test_stop_works_in_a_task_that_outlived_a_cancellation() -> None:
    window = Window([asyncio.Event()])

    async def outlive() -> list[TurnEvent]:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return await window.send("Hi?")
        raise AssertionError("the cancellation did not come")

    turn = asyncio.ensure_future(outlive())
    await eventually(window.client.waiting.is_set)
    window.manager.stop(window.chat)

    assert reply_of(await turn).status == "stopped"


async def test_generator_that_is_closed_early_keeps_the_text() -> None:
    window = Window(answer("one", "two"))

    async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
        async for event in events:
            if event == TextDelta("one"):
                break

    (reply,) = window.stored()
    assert (reply.text, reply.status) == ("one", "stopped")
    assert (window.client.running, window.chat.streaming) == (0, False)


async def test_failure_of_the_app_keeps_the_text_and_is_raised() -> None:
    window = Window([TextDelta("half"), RuntimeError("a bug")])

    with pytest.raises(RuntimeError, match="a bug"):
        await window.send("Hi?")

    (reply,) = window.stored()
    assert (reply.text, reply.status) == ("half", "interrupted")
    assert reply.error is not None
    assert "a bug" not in reply.error.message
    assert not window.chat.streaming


async def test_deleting_a_conversation_stops_its_answer() -> None:
    window = Window([TextDelta("half"), asyncio.Event()])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    await window.manager.conversations.delete(window.chat.id)

    assert reply_of(await turn).status == "stopped"
    assert window.store.conversations[window.chat.id].deleted is not None
