"""Fields of messages that change after they have ended: pins, exclusions, counts."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace

import pytest

from chat_tui.core.context.cut import Cut
from chat_tui.core.messages import ChatMessage, Flags
from chat_tui.core.ports import ConversationChanges, ConversationStore
from chat_tui.core.side_by_side.board import MOST, Board
from chat_tui.core.targets import Target
from chat_tui.storage import Paths, Store
from chat_tui.storage.schema import FLAGGED
from tests.memory_store import MemoryStore
from tests.storage.conftest import tracing, until
from tests.storage.faulty import FULL, IO_ERROR, Faulty, faulty_store, well
from tests.storage.samples import chat, full_message


async def one(store: ConversationStore, id_: str) -> ChatMessage:
    (message,) = await store.messages([id_])
    return message


@pytest.fixture(params=["file", "memory", "fake"])
async def some_store(
    request: pytest.FixtureRequest, paths: Paths
) -> AsyncIterator[ConversationStore]:
    if request.param == "fake":
        yield MemoryStore()
        return
    async with Store(paths if request.param == "file" else None) as store:
        yield store


async def test_pins_and_counts_change_and_all_else_of_a_message_stays(
    some_store: ConversationStore,
) -> None:
    conversation, (prompt, reply, *_) = chat(2)
    full = replace(full_message(), parent=reply.id)
    plain = replace(full, pinned=False, excluded=False, tokens={})
    await some_store.add_messages(conversation, [prompt, reply, plain])

    await some_store.update_messages(
        {plain.id: {"pinned": True}, prompt.id: {"tokens": {"a": 1}}, "gone": {"pinned": True}}
    )
    await some_store.update_messages({prompt.id: {"tokens": {"b": 2}, "excluded": True}})
    await some_store.update_messages({})

    assert await one(some_store, plain.id) == replace(plain, pinned=True)
    assert await one(some_store, prompt.id) == replace(
        prompt, tokens={"a": 1, "b": 2}, excluded=True
    )
    assert await one(some_store, reply.id) == reply
    await some_store.update_messages({plain.id: {"pinned": False}})
    assert await one(some_store, plain.id) == plain


async def test_a_message_that_is_streaming_is_passed_over(some_store: ConversationStore) -> None:
    conversation, (prompt, reply, *_) = chat(2)
    streaming = replace(reply, status="streaming", parts=())
    await some_store.add_messages(conversation, [prompt, streaming])
    await some_store.update_messages({streaming.id: {"pinned": True, "tokens": {"a": 1}}})
    await some_store.save_message(reply)
    assert await one(some_store, reply.id) == reply


async def test_what_changes_while_the_disk_fails_is_seen_and_written_later(paths: Paths) -> None:
    conversation, (prompt, reply, *_) = chat(2)
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store:
        await store.add_messages(conversation, [prompt])
        faulty.fault = IO_ERROR
        await store.add_messages(conversation, [reply])
        await store.update_messages({reply.id: {"pinned": True, "tokens": {"a": 1}}})
        await store.update_messages({reply.id: {"tokens": {"b": 2}}})
        changed = replace(reply, pinned=True, tokens={"a": 1, "b": 2})
        assert await one(store, reply.id) == changed
        faulty.fault = None
        await until(lambda: well(store))
    async with Store(paths) as store:
        assert await one(store, reply.id) == changed


async def test_counts_alone_do_not_wait_for_the_disk(paths: Paths) -> None:
    conversation, (prompt, reply, *_) = chat(2)
    lines: list[str] = []
    async with Store(paths, connect=tracing(lines)) as store:
        await store.add_messages(conversation, [prompt, reply])
        lines.clear()
        await store.update_messages({prompt.id: {"tokens": {"a": 1}}})
        assert any("NORMAL" in line for line in lines)
        assert not any("FULL" in line for line in lines)
        lines.clear()
        await store.update_messages({prompt.id: {"pinned": True}})
        assert any("FULL" in line for line in lines)


async def test_cuts_are_kept_with_the_conversation(some_store: ConversationStore) -> None:
    conversation, messages = chat(2)
    await some_store.add_messages(conversation, messages)
    cuts = {"p/m": Cut("a", "b"), "p/n": Cut()}
    await some_store.update_conversation(conversation.id, {"cuts": cuts})
    stored = await some_store.conversation(conversation.id)
    assert stored == replace(conversation, cuts=cuts)


async def test_board_and_threads_are_kept_with_the_conversation(
    some_store: ConversationStore,
) -> None:
    conversation, messages = chat(2)
    await some_store.add_messages(conversation, messages)
    board, heads = Board((0, 2), "own", zoomed=2, synced=False, at_once=1), {0: "a", 2: "b"}
    targets = (*conversation.targets, Target("p", "m", {"n": 2}, system_prompt=""))
    changes: ConversationChanges = {"board": board, "heads": heads, "targets": targets}
    await some_store.update_conversation(conversation.id, changes)
    stored = await some_store.conversation(conversation.id)
    assert stored == replace(conversation, board=board, heads=heads, targets=targets)


def test_board_from_outside_is_made_sane() -> None:
    board = Board((3, 3, -1, 0), zoomed=7, at_once=99, blind=(0, 5))
    assert board.sane() == Board((3, 0), at_once=MOST)


async def test_flags_name_what_is_pinned_or_excluded_of_one_conversation(
    some_store: ConversationStore,
) -> None:
    conversation, (prompt, reply, *_) = chat(2)
    other, (elsewhere, *_) = chat(2)
    odd = replace(reply, raw={"pinned": True, "excluded": True})
    await some_store.add_messages(conversation, [prompt, odd])
    await some_store.add_messages(other, [replace(elsewhere, pinned=True)])
    assert await some_store.flags(conversation.id) == {}

    await some_store.update_messages({prompt.id: {"pinned": True}, odd.id: {"excluded": True}})
    assert await some_store.flags(conversation.id) == {
        prompt.id: Flags(pinned=True),
        odd.id: Flags(excluded=True),
    }
    await some_store.update_messages({prompt.id: {"pinned": False}, odd.id: {"pinned": True}})
    assert await some_store.flags(conversation.id) == {odd.id: Flags(pinned=True, excluded=True)}
    assert await some_store.flags("unknown") == {}


async def test_flags_are_known_while_the_disk_fails(paths: Paths) -> None:
    conversation, (prompt, reply, *_) = chat(2)
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store:
        await store.add_messages(conversation, [replace(prompt, pinned=True)])
        faulty.fault = FULL
        await store.add_messages(conversation, [reply])
        await store.update_messages({reply.id: {"excluded": True}, prompt.id: {"pinned": False}})
        faulty.fault = None
        assert await store.flags(conversation.id) == {reply.id: Flags(excluded=True)}
        await until(lambda: well(store))
        assert await store.flags(conversation.id) == {reply.id: Flags(excluded=True)}


async def test_flags_of_a_long_conversation_are_found_by_an_index(paths: Paths) -> None:
    async with Store(paths) as store:
        await store.add_messages(*chat(2))
    with closing(sqlite3.connect(paths.database)) as connection:
        query = f"SELECT id, data FROM messages WHERE conversation = ? AND {FLAGGED}"
        (step,) = connection.execute(f"EXPLAIN QUERY PLAN {query}", ("c",)).fetchall()
    assert "messages_flagged" in step[-1]
