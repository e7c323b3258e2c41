"""The way of a turn: what is stored when, what comes up, how it may end."""

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
    ServerError,
    StorageError,
    UsageError,
)
from chat_tui.core.events import (
    Notice,
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import Status, ToolCall, Usage
from chat_tui.core.requests import ChatRequest
from tests.core.windows import Window, collect, reply_of
from tests.fakes import (
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    Step,
    answer,
    eventually,
)


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
    assert started.prompt is not None
    sent = [each.id for each in started.plan.sent]
    assert (started.conversation, sent) == (window.chat.id, [started.prompt.id])
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


async def test_conversation_goes_on_after_a_failure_without_the_prompt_that_failed() -> None:
    window = Window([ServerError("Failed.", status=500)], answer("Here."))

    await window.send("one")
    events = await window.send("two")

    assert reply_of(events).text == "Here."
    assert [message.text for message in window.client.requests[1].messages] == ["two"]
    assert [message.text for message in window.stored("user")] == ["one", "two"]


@pytest.mark.parametrize(
    ("finish_reason", "status"),
    [("stop", "complete"), ("length", "length"), ("content_filter", "filtered")],
)
async def test_reply_ends_as_the_server_says(finish_reason: str, status: Status) -> None:
    window = Window(answer("text", finish_reason=finish_reason))

    reply = reply_of(await window.send("Hi?"))

    assert (reply.status, reply.finish_reason, reply.error) == (status, finish_reason, None)


async def test_several_conversations_stream_at_once() -> None:
    gates = [asyncio.Event() for _ in range(3)]
    window = Window(*([TextDelta(f"{n}"), gate, *answer("!")] for n, gate in enumerate(gates)))
    chats = [window.manager.start(TARGET) for _ in gates]
    turns: list[asyncio.Future[list[TurnEvent]]] = []
    for chat in chats:
        turns.append(asyncio.ensure_future(collect(window.manager.send(chat, "Hi?"))))
        await eventually(lambda: len(window.client.requests) == len(turns))
    assert all(chat.streaming for chat in chats)

    window.manager.stop(chats[1])
    gates[2].set()
    gates[0].set()
    replies = [reply_of(await turn) for turn in turns]

    assert [reply.text for reply in replies] == ["0!", "1", "2!"]
    assert [reply.status for reply in replies] == ["complete", "stopped", "complete"]
    assert not any(chat.streaming for chat in chats)


async def test_conversation_that_is_answered_stays_open() -> None:
    gate = asyncio.Event()
    window = Window([gate, *answer("Hello")])
    turn = asyncio.ensure_future(window.send("Hi?"))
    await eventually(window.client.waiting.is_set)

    window.manager.close(window.chat)
    assert await window.manager.open(window.chat.id) is window.chat

    gate.set()
    await turn


async def test_finished_reply_is_given_whole_while_its_end_is_handled() -> None:
    window = Window(answer("Hello"))

    async with aclosing(window.manager.send(window.chat, "Hi?")) as events:
        async for event in events:
            if isinstance(event, TurnFinished):
                given = await window.chat.messages([event.reply.id])
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


async def test_request_names_its_reply_and_its_gate_can_be_opened() -> None:
    clock = FakeClock()
    waited = asyncio.Event()
    requests: list[ChatRequest] = []

    class Waiting(ScriptedClient):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
            requests.append(request)
            yield RetryScheduled(2, 3, 30.0, ErrorInfo("server", "Busy."))
            waited.set()
            await request.gate.wait(clock, 30.0)
            yield TextDelta("at last")
            yield ReplyFinished("stop")

    manager = ConversationManager(MemoryStore(), SimpleClientSource(Waiting()), clock=clock)
    chat = manager.start(TARGET)
    assert not manager.retry_now(chat)
    running = asyncio.create_task(collect(manager.send(chat, "Hi?")))
    await eventually(lambda: waited.is_set() and clock.sleeping == 1)

    assert manager.retry_now(chat)
    reply = reply_of(await running)

    assert (reply.text, reply.id) == ("at last", requests[0].reply)
    assert clock.now() == FakeClock().now(), "no time passed"
