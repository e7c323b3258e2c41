"""Temporary conversations: all works as ever, and nothing reaches the store that is written."""

import asyncio

import pytest

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import TextDelta
from chat_tui.core.manager import ConversationManager
from chat_tui.core.turns import OpenConversation
from tests.core.windows import Window, collect
from tests.fakes import (
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    answer,
)


def begin(*replies: str) -> tuple[Window, OpenConversation]:
    """A window with a temporary conversation."""
    window = Window(*map(answer, replies or ("An answer.",)))
    window.chat = window.manager.start(TARGET, system_prompt="Be brief.", temporary=True)
    return window, window.chat


def untouched(store: MemoryStore) -> bool:
    """Whether nothing was ever kept in a store."""
    return not (store.conversations or store.saved or store.journal or store.marks or store.drafts)


async def test_nothing_of_a_temporary_conversation_reaches_the_store() -> None:
    window, chat = begin("one", "two", "three")
    manager, branches = window.manager, window.branches

    await window.send("a secret")
    await window.send("more of it")
    await window.edit(window.path[2], "other words")
    await window.regenerate(window.path[-1])
    await branches.revise(chat, window.path[-1], "mine")
    await branches.select(chat, window.path[0])
    await branches.delete_messages(chat, window.path[-1], branch=True)
    await branches.undo(chat)
    await branches.set_favourite(chat, True)
    await manager.conversations.rename(chat.id, "Secret")
    await manager.conversations.pin(chat.id, True)
    await manager.conversations.set_system_prompt(chat, "Be quiet.")
    await manager.conversations.set_parameters(chat, {"temperature": 0})
    await manager.conversations.suggest_title(chat)
    await manager.refresh(chat)
    fork = await branches.fork(chat, window.path[-1])
    await collect(manager.send(fork, "on"))
    await branches.undo(chat)
    await branches.redo(chat)

    assert fork.temporary
    assert (await manager.open(fork.id)).temporary
    assert untouched(window.store)
    assert window.memory.conversations[chat.id].title == "Secret"
    assert chat.store is window.memory


async def test_closed_temporary_conversation_is_gone() -> None:
    window, chat = begin()
    await window.send("a secret")
    kept = window.manager.start(TARGET)
    await collect(window.manager.send(kept, "no secret"))
    window.manager.close(kept)

    window.manager.close(chat)
    await window.manager.open(kept.id)

    assert untouched(window.memory)
    with pytest.raises(UsageError, match="no conversation"):
        await window.manager.open(chat.id)
    assert [row.id for row in await window.store.summaries()] == [kept.id]


async def test_deleted_temporary_conversation_is_gone_at_once_and_others_stay() -> None:
    window, chat = begin()
    await window.send("a secret")
    second = window.manager.start(TARGET, temporary=True)
    await collect(window.manager.send(second, "another"))
    await window.branches.delete_messages(second, second.tree.path()[1], branch=False)

    await window.manager.conversations.delete(chat.id)

    assert [*window.memory.conversations] == [second.id]
    assert await window.branches.undo(second) is not None
    assert len(second.tree.path()) == 2
    assert untouched(window.store)


async def test_deleted_temporary_conversation_with_a_running_answer_stops_and_is_gone() -> None:
    window = Window([TextDelta("so far"), asyncio.Event()])
    window.chat = window.manager.start(TARGET, temporary=True)

    async for event in window.manager.send(window.chat, "a secret"):
        if isinstance(event, TextDelta):
            await window.manager.conversations.delete(window.chat.id)
    with pytest.raises(UsageError):
        await window.manager.open(window.chat.id)

    assert untouched(window.memory)
    assert untouched(window.store)


async def test_kept_temporary_conversation_is_written_with_all_its_branches() -> None:
    window, chat = begin("one", "two", "three")
    await window.send("no secret")
    await window.edit(window.path[0], "other words")
    await window.branches.delete_messages(chat, window.path[1], branch=False)

    window.store.failure = StorageError("The disk is full.")
    with pytest.raises(StorageError):
        await window.manager.conversations.keep(chat)
    assert chat.temporary
    assert not chat.streaming
    window.store.failure = None
    await window.manager.conversations.keep(chat)
    await window.manager.conversations.keep(chat)

    assert (chat.temporary, chat.store) == (False, window.store)
    assert untouched(window.memory)
    assert window.store.conversations == {chat.id: chat.conversation}
    kept = await Window(store=window.store).manager.open(chat.id)
    assert [*kept.tree.stored()] == [*chat.tree.stored()]
    assert await window.branches.undo(chat) is not None
    await window.send("more")
    assert len(window.store.saved) == 6


async def test_temporary_conversation_is_not_kept_while_an_answer_is_on_its_way() -> None:
    window, chat = begin()

    async for event in window.manager.send(chat, "a secret"):
        if isinstance(event, TextDelta):
            with pytest.raises(UsageError, match="still on its way"):
                await window.manager.conversations.keep(chat)

    assert untouched(window.store)


async def test_temporary_conversation_that_is_kept_empty_takes_what_is_set_and_said() -> None:
    window, chat = begin()
    await window.manager.conversations.keep(chat)

    await window.manager.conversations.set_system_prompt(chat, "Be kind.")
    assert untouched(window.store)
    await window.send("explain tides")

    assert window.store.conversations[chat.id].system_prompt == "Be kind."
    assert window.store.conversations[chat.id].title == "Explain tides"
    assert window.store.conversations[chat.id] == chat.conversation


async def test_temporary_conversation_that_is_still_empty_can_be_left() -> None:
    window, chat = begin()

    window.manager.close(chat)
    with pytest.raises(UsageError):
        await window.manager.open(chat.id)

    assert untouched(window.memory)


async def test_temporary_conversation_is_refused_where_there_is_no_place_for_it() -> None:
    source = SimpleClientSource(ScriptedClient(answer("a")))
    manager = ConversationManager(MemoryStore(), source, clock=FakeClock())

    with pytest.raises(UsageError, match="temporary"):
        manager.start(TARGET, temporary=True)


async def test_kept_conversation_is_like_one_that_was_always_written() -> None:
    window, chat = begin("one", "two", "three", "four")
    await window.send("first")
    await window.regenerate(window.path[-1])
    await window.send("second")
    await window.branches.delete_messages(chat, window.path[-1], branch=False)
    await window.branches.set_favourite(chat, True)
    await window.manager.conversations.rename(chat.id, "Mine")
    tree, about = list(chat.tree.stored()), chat.conversation

    await window.manager.conversations.keep(chat)

    assert not chat.temporary
    assert chat.store is window.store
    assert await window.memory.conversation(chat.id) is None
    stored = await window.store.conversation(chat.id)
    assert stored == about
    assert await window.store.nodes(chat.id) == tree
    # All goes on: undo too.
    await window.branches.undo(chat)
    await window.branches.undo(chat)
    await window.send("third")
    assert await window.store.nodes(chat.id) == list(chat.tree.stored())
    window.manager.close(chat)
    again = await window.manager.open(chat.id)
    assert not again.temporary
    assert again.tree.path() == chat.tree.path()


async def test_temporary_conversation_is_not_kept_while_it_is_answered() -> None:
    window, chat = begin()
    await window.send("first")
    chat.begin()
    with pytest.raises(UsageError, match="on its way"):
        await window.manager.conversations.keep(chat)
    assert chat.temporary
    assert untouched(window.store)
