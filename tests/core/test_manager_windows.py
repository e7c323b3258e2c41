"""Conversations in two windows at once, and settings that change while something is stored."""

import asyncio
import math
from contextlib import aclosing

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.manager import ConversationManager
from tests.core.windows import OTHER, say, window
from tests.fakes import TARGET, FakeClock, MemoryStore, ScriptedClient, SimpleClientSource, answer


async def test_refresh_tells_of_what_the_other_window_pinned() -> None:
    store = MemoryStore()
    here, there = window(store), window(store)
    chat = here.start(TARGET)
    await say(here, chat, "one")
    await here.context.outlook(chat)
    await there.context.mark(await there.open(chat.id), chat.tree.path()[:1], pinned=True)

    assert await here.refresh(chat)
    assert not await here.refresh(chat)

    assert (await here.context.outlook(chat)).plan.messages[0].reason == "pinned"


async def test_refresh_follows_the_other_window_where_it_went_on_from_here() -> None:
    store = MemoryStore()
    here, there = window(store), window(store)
    chat = here.start(TARGET)
    await say(here, chat, "one")
    other = await there.open(chat.id)
    await say(there, other, "two")
    await there.conversations.rename(chat.id, "Renamed there")

    assert await here.refresh(chat)
    assert not await here.refresh(chat)

    assert chat.tree.path() == other.tree.path()
    assert (chat.conversation.title, chat.conversation.title_by_hand) == ("Renamed there", True)


async def test_refresh_stays_on_the_branch_that_is_looked_at() -> None:
    store = MemoryStore()
    here, there = window(store), window(store)
    chat = here.start(TARGET)
    reply = await say(here, chat, "one")
    path = chat.tree.path()
    other = await there.open(chat.id)
    async with aclosing(there.regenerate(other, reply.id)) as events:
        async for _ in events:
            pass

    assert await here.refresh(chat)

    assert chat.tree.path() == path
    assert len(chat.tree.siblings(reply.id)) == 2


async def test_two_windows_lose_nothing_in_one_conversation() -> None:
    store = MemoryStore()
    here, there = window(store), window(store)
    chat = here.start(TARGET)
    await say(here, chat, "one")
    other = await there.open(chat.id)

    await say(here, chat, "two from here")
    await say(there, other, "two from there")
    await here.refresh(chat)

    texts = [message.text for message in store.saved.values() if message.role == "user"]
    assert texts == ["one", "two from here", "two from there"]
    assert len(chat.tree) == len(store.saved) == 6


async def test_refresh_takes_over_what_the_other_window_deleted_and_set() -> None:
    store = MemoryStore()
    here, there = window(store), window(store)
    chat = here.start(TARGET)
    for prompt in ("one", "two"):
        await say(here, chat, prompt)
    other = await there.open(chat.id)
    path = chat.tree.path()
    await there.conversations.switch_target(other, OTHER)
    await there.conversations.set_system_prompt(other, "Be brief.")
    await there.conversations.pin(chat.id, True)
    await there.branches.set_favourite(other, True)
    await there.branches.delete_messages(other, path[2], branch=True)

    assert await here.refresh(chat)
    assert not await here.refresh(chat)

    assert chat.tree.path() == path[:2]
    assert chat.conversation.head == path[1]
    assert (chat.conversation.system_prompt, chat.conversation.pinned) == ("Be brief.", True)
    assert chat.conversation.favourite == path[3]
    assert chat.target == TARGET, "where this window's prompts go is not changed under its hands"
    await there.branches.undo(other)
    assert await here.refresh(chat)
    assert chat.tree.path() == path


async def test_refresh_leaves_nothing_in_sight_that_another_window_removed_for_good() -> None:
    store = MemoryStore()
    here, there = window(store), window(store)
    chat = here.start(TARGET)
    for prompt in ("one", "two"):
        await say(here, chat, prompt)
    other = await there.open(chat.id)
    path = chat.tree.path()
    await there.branches.delete_messages(other, path[1], branch=False)
    await there.branches.delete_messages(other, path[3], branch=True)
    await store.purge(math.inf)

    assert await here.refresh(chat)
    assert not await here.refresh(chat)

    assert chat.tree.path() == [path[0], path[2]]
    reply = await say(here, chat, "three")
    assert store.saved[reply.parent or ""].parent == path[2]
    assert (await window(store).open(chat.id)).tree.path() == chat.tree.path()


async def test_conversation_that_another_window_removed_for_good_is_not_brought_back() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    await say(manager, chat, "one")
    await manager.conversations.delete(chat.id)
    await store.purge(math.inf)

    with pytest.raises(UsageError, match="removed for good"):
        await manager.conversations.restore(chat.id)

    assert store.conversations == {}


async def test_refresh_does_not_undo_what_this_window_changes_meanwhile() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    for prompt in ("one", "two"):
        await say(manager, chat, prompt)
    path = chat.tree.path()

    async def change() -> None:
        await manager.conversations.rename(chat.id, "Mine")
        await manager.branches.delete_messages(chat, path[2], branch=True)

    for delay in range(6):
        refreshing = asyncio.create_task(manager.refresh(chat))
        for _ in range(delay):
            await asyncio.sleep(0)
        await change()
        await refreshing
        assert chat.conversation.title == "Mine"
        assert chat.tree.path() == path[:2]
        await manager.branches.undo(chat)
        await manager.conversations.rename(chat.id, "Before")


async def test_setting_made_while_the_first_prompt_is_stored_is_kept() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    saying = asyncio.create_task(say(manager, chat, "explain tides"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    await manager.conversations.rename(chat.id, "Mine")
    await manager.conversations.set_system_prompt(chat, "Be brief.")
    await saying

    stored = store.conversations[chat.id]
    assert (stored.title, stored.title_by_hand, stored.system_prompt) == ("Mine", True, "Be brief.")
    assert chat.conversation == stored


async def test_pinned_conversation_comes_first_open_or_not() -> None:
    store = MemoryStore()
    manager = window(store)
    chats = [manager.start(TARGET) for _ in range(2)]
    for chat in chats:
        await say(manager, chat, "one")
    manager.close(chats[1])

    await manager.conversations.pin(chats[1].id, True)
    assert (await store.summaries())[0].id == chats[1].id
    await manager.conversations.pin(chats[1].id, False)
    await manager.conversations.pin(chats[0].id, True)

    assert (await store.summaries())[0].id == chats[0].id
    assert chats[0].conversation.pinned


async def test_changed_system_prompt_goes_with_the_next_prompt() -> None:
    store = MemoryStore()
    client = ScriptedClient(answer("one"))
    manager = ConversationManager(store, SimpleClientSource(client), clock=FakeClock())
    chat = manager.start(TARGET)
    await manager.conversations.set_system_prompt(chat, "Be brief.")
    await say(manager, chat, "one")
    await manager.conversations.set_system_prompt(chat, "")
    await say(manager, chat, "two")

    assert [message.role for message in client.requests[0].messages] == ["system", "user"]
    assert client.requests[1].messages[0].role == "user"
    assert store.conversations[chat.id].system_prompt == ""


async def test_refresh_of_what_is_not_stored_changes_nothing() -> None:
    manager = window(MemoryStore())

    assert not await manager.refresh(manager.start(TARGET))
