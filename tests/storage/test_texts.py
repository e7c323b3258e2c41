"""What is read to search messages, and what was written last."""

import time
from dataclasses import replace

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import FilePart, TextPart, ToolCall, text_parts
from chat_tui.core.ports import MessageText
from chat_tui.storage import Paths, Store
from tests.storage.conftest import until
from tests.storage.faulty import IO_ERROR, Faulty, faulty_store, well
from tests.storage.samples import chat, full_message, message


async def test_texts_come_in_the_order_asked_for_with_calls_and_journal(any_store: Store) -> None:
    prompt = message('says "tool_calls": itself', raw={"tool_calls": [1]})
    calls = (ToolCall("1", "look", '{"a": 1}'), ToolCall("2", "write", "x\ny"))
    parts = (TextPart("one"), FilePart("ab", "a.txt", "", "content"), TextPart("two"))
    answer = message("", parent=prompt, role="assistant", tool_calls=calls, reasoning="why")
    answer = replace(answer, parts=parts)
    streaming = message("so ", parent=prompt, role="assistant", status="streaming")
    conversation = Conversation("c", head=answer.id)
    await any_store.add_messages(conversation, [prompt, answer, streaming])
    any_store.append_chunk(streaming.id, "far", "think")
    assert await any_store.texts([streaming.id, "unknown", prompt.id, answer.id]) == [
        MessageText(streaming.id, "so far", "think", ""),
        MessageText(prompt.id, 'says "tool_calls": itself', "", ""),
        MessageText(answer.id, "one\n\ntwo", "why", 'look {"a": 1}\nwrite x\ny'),
    ]
    assert await any_store.texts([]) == []


async def test_texts_and_prompts_have_what_waits_for_the_disk(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store:
        conversation, messages = chat(1)
        reply = message("", parent=messages[1], role="assistant", status="streaming")
        await store.add_messages(conversation, [*messages, reply])
        store.append_chunk(reply.id, "before ", "")
        await store.texts([reply.id])
        faulty.fault = IO_ERROR
        store.append_chunk(reply.id, "after", "hm")
        new = full_message(messages[1].id)
        prompts = [message("asked now"), message("deleted")]
        await store.add_messages(conversation, [new, *prompts])
        await store.mark_messages(conversation.id, {prompts[1].id: "message"}, 1.0)
        assert await store.texts([new.id]) == [
            MessageText(new.id, "text", "because", 'tool {"a": 1}')
        ]
        assert await store.recent_prompts() == ["asked now"]
        faulty.fault = None
        await until(lambda: well(store))
        (text,) = await store.texts([reply.id])
        assert (text.text, text.reasoning) == ("before after", "hm")
        assert await store.recent_prompts() == ["asked now", "question 0"]


async def test_recent_prompts_are_the_last_that_were_written_each_once(any_store: Store) -> None:
    def prompt(text: str, created: float) -> tuple[Conversation, list[object]]:
        one = message(text, created=created)
        return Conversation(one.id, head=one.id), [one]

    for text, created in (
        ("second", 2.0),
        ("third", 3.0),
        ("first", 1.0),
        ("second", 0.5),
        (" \n", 9.0),
    ):
        await any_store.add_messages(*prompt(text, created))  # type: ignore[arg-type] # messages
    deleted = prompt("of a deleted conversation", 8.0)
    await any_store.add_messages(*deleted)  # type: ignore[arg-type] # messages
    await any_store.update_conversation(deleted[0].id, {"deleted": 1.0})
    conversation, messages = chat(3)
    messages = [replace(each, created=10.0 + number) for number, each in enumerate(messages)]
    await any_store.add_messages(conversation, messages)
    # The second prompt is deleted alone, the third one below a deleted answer.
    marks = {messages[2].id: "message", messages[3].id: "branch"}
    await any_store.mark_messages(conversation.id, marks, 1.0)  # type: ignore[arg-type] # extents
    assert await any_store.recent_prompts() == ["question 0", "third", "second", "first"]
    assert await any_store.recent_prompts(2) == ["question 0", "third"]


@pytest.mark.benchmark
async def test_figures_of_texts(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    conversation, messages = chat(5000)
    messages = [
        replace(each, parts=text_parts(f"{number} " + "words " * 82), created=float(number))
        for number, each in enumerate(messages)
    ]
    ids = [each.id for each in messages]
    figures: dict[str, float] = {}
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        for number in range(9):
            more, others = chat(5000)
            others = [
                replace(each, parts=text_parts("the same " * 50), created=float(number))
                for each in others
            ]
            await store.add_messages(more, others)
        marks = dict.fromkeys(ids[2::100], "message")
        await store.mark_messages(conversation.id, marks, 1.0)  # type: ignore[arg-type] # extents
        for name, call, most in (
            ("texts of 10,000", lambda: store.texts(ids), 0.1),
            ("200 prompts of 100,000 messages", store.recent_prompts, 0.05),
            ("deleted", store.deleted, 0.1),
        ):
            taken = []
            for _ in range(5):
                start = time.perf_counter()
                await call()
                taken.append(time.perf_counter() - start)
            figures[name] = sorted(taken)[2]
            assert figures[name] < most, name
        start = time.perf_counter()
        assert (await store.purge(2.0)).messages == len(marks)
        figures["purge of 100"] = time.perf_counter() - start
    with capsys.disabled():
        print({name: f"{value * 1000:.2f} ms" for name, value in figures.items()})
