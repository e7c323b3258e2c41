"""The way of a turn: what is stored when, what comes up, and how it may end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from chat_tui.core.errors import (
    AuthError,
    ConnectError,
    ErrorInfo,
    FilteredError,
    InterruptedReplyError,
    StorageError,
    UsageError,
)
from chat_tui.core.events import (
    Notice,
    ReasoningDelta,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage, Status, ToolCall, Usage
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from tests.fakes import (
    DEADLINE,
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    Step,
    answer,
    eventually,
)


class Window:
    """A manager with a conversation, and what it stands on."""

    def __init__(self, *scripts: list[Step]) -> None:
        self.store = MemoryStore()
        self.client = ScriptedClient(*scripts)
        self.manager = ConversationManager(
            self.store, SimpleClientSource(self.client), clock=FakeClock()
        )
        self.chat = self.manager.start(TARGET)

    def stored(self, role: str = "assistant") -> list[ChatMessage]:
        """The messages of a role as they were saved, oldest first."""
        return [message for message in self.store.saved.values() if message.role == role]

    async def send(self, text: str, *, stream: bool = True) -> list[TurnEvent]:
        return await collect(self.manager.send(self.chat, text, stream=stream))

    async def regenerate(self, id_: str, *, target: Target | None = None) -> list[TurnEvent]:
        return await collect(self.manager.regenerate(self.chat, id_, target=target))


async def collect(
    events: AsyncGenerator[TurnEvent, None], into: list[TurnEvent] | None = None
) -> list[TurnEvent]:
    """Consume a turn as the app does, but not for ever."""
    seen = [] if into is None else into
    async with asyncio.timeout(DEADLINE), aclosing(events) as stream:
        async for event in stream:
            seen.append(event)
    return seen


def reply_of(events: list[TurnEvent]) -> ChatMessage:
    """The finished reply, which the last event brings."""
    assert isinstance(events[-1], TurnFinished)
    return events[-1].reply


async def test_turn_passes_events_on_between_its_start_and_its_end() -> None:
    middle: list[Step] = [
        RetryScheduled(2, 3, 0.1, ErrorInfo("server", "Busy.")),
        ReasoningDelta("hm"),
        TextDelta("Hel"),
        TextDelta("lo"),
        ToolCallDelta(0, "1", "now", "{}"),
        Notice("slow", "Slow."),
        UsageReported(Usage(1, 2, 3)),
    ]
    window = Window([*middle, *answer()])

    started, *between, finished = await window.send("Hi?")

    assert isinstance(started, TurnStarted)
    assert (started.conversation, started.plan.messages) == (window.chat.id, (started.prompt,))
    assert [reply.status for reply in started.replies] == ["streaming"]
    assert between == middle
    assert isinstance(finished, TurnFinished)
    reply = finished.reply
    assert (reply.text, reply.reasoning, reply.status) == ("Hello", "hm", "complete")
    assert reply.tool_calls == (ToolCall("1", "now", "{}"),)
    assert (reply.id, reply.usage) == (started.replies[0].id, Usage(1, 2, 3))
    assert window.stored() == [reply]
    assert not window.chat.streaming


async def test_prompt_and_empty_reply_are_stored_before_the_client_is_asked() -> None:
    store = MemoryStore()
    stored: list[list[tuple[str, str, str]]] = []

    def look(_request: ChatRequest) -> None:
        stored.append([(m.role, m.text, m.status) for m in store.saved.values()])

    client = ScriptedClient(answer("Hello"), on_request=look)
    manager = ConversationManager(store, SimpleClientSource(client), clock=FakeClock())

    await collect(manager.send(manager.start(TARGET), "Hi?"))

    assert stored == [[("user", "Hi?", "complete"), ("assistant", "", "streaming")]]


async def test_prompt_is_asked_with_its_history_and_the_system_prompt() -> None:
    window = Window(answer("first"), answer("second"))
    chat = window.manager.start(TARGET, system_prompt="Be brief.")

    await collect(window.manager.send(chat, "one"))
    await collect(window.manager.send(chat, "two", stream=False))

    one, two = window.client.requests
    assert [message.text for message in one.messages] == ["Be brief.", "one"]
    assert [message.text for message in two.messages] == ["Be brief.", "one", "first", "two"]
    assert (one.stream, two.stream, two.target) == (True, False, TARGET)


async def test_messages_of_a_turn_are_linked() -> None:
    window = Window(answer("first"), answer("second"))

    await window.send("one")
    await window.send("two")

    prompt, reply, second_prompt, second_reply = window.store.saved.values()
    assert window.chat.tree.path() == [prompt.id, reply.id, second_prompt.id, second_reply.id]
    assert (reply.parent, second_prompt.parent) == (prompt.id, reply.id)
    assert prompt.turn == reply.turn == prompt.id != second_prompt.turn
    assert (reply.model, reply.provider) == (TARGET.model, TARGET.provider)


async def test_text_is_journalled_while_it_streams() -> None:
    gate = asyncio.Event()
    window = Window(
        [TextDelta("Hel"), ReasoningDelta("hm"), TextDelta("lo"), gate, *answer(" you")]
    )

    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(lambda: bool(window.store.journal))

    (streaming,) = window.stored()
    assert window.store.journal == {streaming.id: [("Hello", "hm")]}
    gate.set()
    assert reply_of(await turn).text == "Hello you"
    assert window.store.journal == {}


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_send_without_words_stores_nothing(text: str) -> None:
    window = Window(answer("unasked"))

    with pytest.raises(UsageError, match="nothing to answer"):
        await window.send(text)

    assert (window.store.saved, window.client.requests) == ({}, [])
    assert not window.chat.streaming


async def test_send_to_an_unusable_provider_stores_nothing() -> None:
    store = MemoryStore()
    manager = ConversationManager(store, SimpleClientSource({}), clock=FakeClock())
    chat = manager.start(TARGET)

    with pytest.raises(UsageError, match="no provider fake"):
        await collect(manager.send(chat, "Hi?"))

    assert (store.saved, store.conversations) == ({}, {})
    assert not chat.streaming


async def test_second_send_is_refused_while_an_answer_is_on_its_way() -> None:
    gate = asyncio.Event()
    window = Window([gate, *answer("Hello")])
    turn = asyncio.ensure_future(window.send("one"))
    await eventually(window.client.waiting.is_set)

    with pytest.raises(UsageError, match="still on its way"):
        await window.send("two")
    with pytest.raises(UsageError, match="still on its way"):
        await window.regenerate(window.stored()[0].id)

    assert window.chat.streaming, "the refusal does not touch the running turn"
    gate.set()
    assert reply_of(await turn).text == "Hello"
    assert len(window.store.saved) == 2


async def test_conversation_that_cannot_be_stored_is_not_asked() -> None:
    window = Window(answer("unasked"))
    window.store.failure = StorageError("The disk is full.")

    with pytest.raises(StorageError):
        await window.send("Hi?")

    assert window.client.requests == []
    assert (len(window.chat.tree), window.chat.streaming) == (0, False)


@pytest.mark.parametrize(
    ("script", "status", "kind"),
    [
        ([ConnectError("No route.")], "error", "connect"),
        ([AuthError("Refused.", status=401)], "error", "auth"),
        ([InterruptedReplyError("It ended.")], "interrupted", "interrupted"),
        ([TextDelta("half"), InterruptedReplyError("It ended.")], "interrupted", "interrupted"),
        ([ReasoningDelta("hm"), ConnectError("Reset.")], "interrupted", "connect"),
        ([FilteredError("Filtered.")], "filtered", "filtered"),
        ([TextDelta("half"), FilteredError("Filtered.")], "filtered", "filtered"),
    ],
)
async def test_failure_is_kept_with_the_reply(
    script: list[Step], status: Status, kind: str
) -> None:
    window = Window(script)

    events = await window.send("Hi?")

    reply = reply_of(events)
    assert reply.error is not None
    assert (reply.status, reply.error.kind) == (status, kind)
    assert reply.text == "".join(step.text for step in script if isinstance(step, TextDelta))
    assert window.stored() == [reply]
    assert window.client.running == 0


async def test_conversation_goes_on_after_a_failure() -> None:
    window = Window([ConnectError("No route.")], answer("Here."))

    await window.send("one")
    events = await window.send("two")

    assert reply_of(events).text == "Here."
    assert [message.text for message in window.client.requests[1].messages] == ["one", "two"]


@pytest.mark.parametrize(
    ("finish_reason", "status"),
    [("stop", "complete"), ("length", "length"), ("content_filter", "filtered")],
)
async def test_reply_ends_as_the_server_says(finish_reason: str, status: Status) -> None:
    window = Window(answer("text", finish_reason=finish_reason))

    reply = reply_of(await window.send("Hi?"))

    assert (reply.status, reply.finish_reason, reply.error) == (status, finish_reason, None)


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


async def test_several_conversations_stream_at_once() -> None:
    gates = [asyncio.Event() for _ in range(3)]
    window = Window(*([TextDelta(f"{n}"), gate, *answer("!")] for n, gate in enumerate(gates)))
    chats = [window.manager.start(TARGET) for _ in gates]
    turns: list[asyncio.Future[list[TurnEvent]]] = []
    for chat in chats:
        turns.append(asyncio.ensure_future(collect(window.manager.send(chat, "Hi?"))))
        await eventually(lambda: len(window.client.requests) == len(turns))
    assert window.manager.streaming() == tuple(chats)

    window.manager.stop(chats[1])
    gates[2].set()
    gates[0].set()
    replies = [reply_of(await turn) for turn in turns]

    assert [reply.text for reply in replies] == ["0!", "1", "2!"]
    assert [reply.status for reply in replies] == ["complete", "stopped", "complete"]
    assert window.manager.streaming() == ()


async def test_conversation_that_is_answered_stays_open() -> None:
    gate = asyncio.Event()
    window = Window([gate, *answer("Hello")])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    window.manager.close(window.chat)
    assert await window.manager.open(window.chat.id) is window.chat

    gate.set()
    await turn


async def test_deleting_a_conversation_stops_its_answer() -> None:
    window = Window([TextDelta("half"), asyncio.Event()])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    await window.manager.delete(window.chat.id)

    assert reply_of(await turn).status == "stopped"
    assert window.store.conversations[window.chat.id].deleted is not None


async def test_regenerated_answer_is_a_sibling_and_the_earlier_one_stays() -> None:
    window = Window(answer("first"), answer("second"))
    first = reply_of(await window.send("Hi?"))

    events = await window.regenerate(first.id)

    second = reply_of(events)
    assert isinstance(events[0], TurnStarted)
    assert events[0].prompt is None
    assert window.chat.tree.siblings(first.id) == (first.id, second.id)
    assert window.chat.tree.head == window.store.conversations[window.chat.id].head == second.id
    assert window.stored() == [first, second]
    assert len(window.stored("user")) == 1
    assert second.turn == first.turn
    one, two = window.client.requests
    assert one.messages == two.messages


async def test_regenerate_with_another_model_leaves_the_conversation_its_own() -> None:
    window = Window(answer("first"), answer("second"))
    first = reply_of(await window.send("Hi?"))

    second = reply_of(await window.regenerate(first.id, target=Target("fake", "other")))

    assert (second.model, window.chat.target) == ("other", TARGET)
    assert window.client.requests[1].target.model == "other"


async def test_regenerate_in_the_middle_sends_only_what_came_before() -> None:
    window = Window(answer("first"), answer("second"), answer("again"))
    first = reply_of(await window.send("one"))
    await window.send("two")

    again = reply_of(await window.regenerate(first.id))

    assert [message.text for message in window.client.requests[2].messages] == ["one"]
    assert window.chat.tree.path() == [first.parent, again.id]
    assert len(window.store.saved) == 5


async def test_prompt_without_an_answer_can_be_answered() -> None:
    window = Window(answer("first"), answer("second"))
    prompt = reply_of(await window.send("Hi?")).parent
    assert prompt is not None

    second = reply_of(await window.regenerate(prompt))

    assert (second.parent, second.text) == (prompt, "second")


async def test_regenerate_of_what_is_not_there_leaves_the_conversation_free() -> None:
    window = Window(answer("first"))
    await window.send("Hi?")

    with pytest.raises(KeyError):
        await window.regenerate("nothing")

    assert not window.chat.streaming
    assert len(window.store.saved) == 2


async def test_further_choices_become_siblings() -> None:
    window = Window([TextDelta("a", 0), TextDelta("b", 1), *answer(), *answer(choice=1)])

    events = await window.send("Hi?")

    first, second = window.stored()
    assert reply_of(events) == first
    assert (first.text, first.choice, second.text, second.choice) == ("a", 0, "b", 1)
    assert window.chat.tree.siblings(first.id) == (first.id, second.id)
    assert window.chat.tree.head == first.id
    assert window.store.conversations[window.chat.id].head == first.id


async def test_finished_reply_is_given_whole_while_its_end_is_handled() -> None:
    window = Window(answer("Hello"))

    async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
        async for event in events:
            if isinstance(event, TurnFinished):
                given = await window.manager.messages(window.chat, [event.reply.id])
                assert given == [event.reply]


async def test_tree_knows_the_size_of_the_finished_reply() -> None:
    window = Window(answer("one\n", "two"))

    reply = reply_of(await window.send("Hi?"))

    node = window.chat.tree[reply.id]
    assert (node.lines, node.cells) == (2, 6)
    assert await window.store.nodes(window.chat.id) == list(window.chat.tree)


async def test_chat_holds_its_turn_only_while_it_runs() -> None:
    window = Window(answer("Hello"))

    async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
        running = [window.chat.streaming async for _ in events]

    assert set(running) == {True}
    assert not window.chat.streaming
