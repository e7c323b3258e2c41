"""Conversations: begun, opened, renamed, deleted, shared between windows."""

from contextlib import aclosing

import pytest

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import TextDelta
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.targets import Target
from chat_tui.core.titles import TITLE_REQUEST
from tests.core.windows import OTHER, say, window
from tests.fakes import (
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    answer,
)


async def test_conversation_is_stored_with_its_first_prompt_and_not_before() -> None:
    store = MemoryStore()
    manager = window(store)

    chat = manager.start(TARGET, system_prompt="Be brief.")
    assert store.conversations == {}
    await say(manager, chat, "Why is the sky blue?")

    stored = store.conversations[chat.id]
    assert stored.system_prompt == "Be brief."
    assert stored.targets == (TARGET,)
    assert stored.head == chat.tree.head
    assert stored.created == stored.updated == FakeClock().now()


async def test_opened_conversation_goes_on_where_it_was_left() -> None:
    store = MemoryStore()
    first = window(store)
    chat = first.start(TARGET)
    await say(first, chat, "one")
    path = chat.tree.path()

    again = await window(store).open(chat.id)

    assert again.conversation == chat.conversation
    assert again.tree.path() == path
    assert not again.streaming


async def test_open_gives_the_same_object_until_it_is_closed() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    await say(manager, chat, "one")

    assert await manager.open(chat.id) is chat
    manager.close(chat)
    assert await manager.open(chat.id) is not chat


async def test_open_refuses_an_unknown_id_and_names_it() -> None:
    with pytest.raises(UsageError, match="no conversation nowhere"):
        await window(MemoryStore()).open("nowhere")


async def test_open_passes_on_what_the_disk_says() -> None:
    store = MemoryStore()
    store.failure = StorageError("The disk is gone.")

    with pytest.raises(StorageError):
        await window(store).open("any")


async def test_title_comes_from_the_first_prompt() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)

    await say(manager, chat, "please explain tides. Briefly.")
    await say(manager, chat, "something else")

    assert store.conversations[chat.id].title == "Explain tides"
    assert chat.conversation.title == "Explain tides"


async def test_title_comes_from_the_answer_when_the_prompt_has_no_words() -> None:
    store = MemoryStore()
    manager = window(store, "Tides come twice a day. Mostly.")
    chat = manager.start(TARGET)

    await say(manager, chat, "???")

    assert store.conversations[chat.id].title == "Tides come twice a day"
    assert not store.conversations[chat.id].title_by_hand


async def test_title_comes_from_a_later_prompt_when_the_first_exchange_has_no_words() -> None:
    store = MemoryStore()
    manager = window(store, "…")
    chat = manager.start(TARGET)

    await say(manager, chat, "?")
    assert store.conversations[chat.id].title == ""
    await say(manager, chat, "explain tides")

    assert store.conversations[chat.id].title == "Explain tides"


async def test_title_given_by_hand_stays() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)

    await manager.conversations.rename(chat.id, "Mine")
    assert store.conversations == {}, "an empty conversation is not stored"
    await say(manager, chat, "explain tides")

    stored = store.conversations[chat.id]
    assert (stored.title, stored.title_by_hand) == ("Mine", True)


async def test_title_emptied_by_hand_stays_empty() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    await say(manager, chat, "explain tides")

    await manager.conversations.rename(chat.id, "")
    await say(manager, chat, "and the moon")

    assert store.conversations[chat.id].title == ""


async def test_conversation_that_is_not_stored_is_renamed_without_the_disk() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    store.failure = StorageError("The disk is gone.")

    await manager.conversations.rename(chat.id, "Mine")

    assert chat.conversation.title == "Mine"


async def test_rename_reaches_a_conversation_that_is_not_open() -> None:
    store = MemoryStore()
    first = window(store)
    chat = first.start(TARGET)
    await say(first, chat, "one")

    await window(store).conversations.rename(chat.id, "Tides", by_hand=False)

    stored = store.conversations[chat.id]
    assert (stored.title, stored.title_by_hand) == ("Tides", False)


async def test_deleted_conversation_leaves_the_list_and_can_be_brought_back() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    await say(manager, chat, "one")

    await manager.conversations.delete(chat.id)
    assert await store.summaries() == []
    assert store.conversations[chat.id].deleted == FakeClock().now()
    await manager.conversations.restore(chat.id)

    assert [row.id for row in await store.summaries()] == [chat.id]
    assert (await manager.open(chat.id)).tree.path() == chat.tree.path()


async def test_switched_target_answers_the_next_prompt() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    first = await say(manager, chat, "one")

    await manager.conversations.switch_target(chat, OTHER)
    second = await say(manager, chat, "two")

    assert (first.model, second.model) == ("model-1", "model-2")
    assert store.conversations[chat.id].targets == (OTHER,)


async def test_switched_target_of_an_empty_conversation_is_stored_with_the_first_prompt() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)

    await manager.conversations.switch_target(chat, OTHER)
    assert store.conversations == {}
    await say(manager, chat, "one")

    assert store.conversations[chat.id].targets == (OTHER,)


async def test_selected_branch_is_remembered_on_disk() -> None:
    store = MemoryStore()
    manager = window(store, "first", "second")
    chat = manager.start(TARGET)
    first = await say(manager, chat, "one")
    async with aclosing(manager.regenerate(chat, first.id)) as events:
        async for _ in events:
            pass
    assert chat.tree.head != first.id

    await manager.branches.select(chat, first.id)

    assert chat.tree.head == chat.conversation.head == first.id
    assert (await window(store).open(chat.id)).tree.head == first.id


async def test_model_is_asked_for_a_title_without_a_trace() -> None:
    store = MemoryStore()
    client = ScriptedClient(answer("Of course."), answer("Ebb ", "and Flow."))
    manager = ConversationManager(store, SimpleClientSource(client), clock=FakeClock())
    chat = manager.start(TARGET)
    await say(manager, chat, "explain tides")
    before = dict(store.saved)

    assert await manager.conversations.suggest_title(chat) == "Ebb and Flow"

    asked = [message.text for message in client.requests[1].messages]
    assert asked == ["explain tides", "Of course.", TITLE_REQUEST]
    assert store.saved == before


async def test_model_is_asked_for_a_title_without_the_empty_reply() -> None:
    client = ScriptedClient(answer(), answer("Tides"))
    manager = ConversationManager(MemoryStore(), SimpleClientSource(client), clock=FakeClock())
    chat = manager.start(TARGET)
    await say(manager, chat, "explain tides")

    await manager.conversations.suggest_title(chat)

    assert all(message.text for message in client.requests[1].messages)


async def test_messages_come_in_the_order_asked_for() -> None:
    manager = window(MemoryStore(), "answer")
    chat = manager.start(TARGET)
    await say(manager, chat, "question")
    prompt, reply = chat.tree.path()

    messages = await chat.messages([reply, "unknown", prompt])

    assert [message.text for message in messages] == ["answer", "question"]


async def test_running_reply_is_given_as_far_as_it_has_come() -> None:
    manager = window(MemoryStore(), "answer")
    chat = manager.start(TARGET)
    async with aclosing(manager.send(chat, "question")) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                messages = await chat.messages(chat.tree.path())
                assert [message.text for message in messages] == ["question", "answer"]
                assert messages[1].status == "streaming"


async def test_imported_conversation_is_answered_by_the_switched_target() -> None:
    store = MemoryStore()
    manager = window(store)
    chat = manager.start(TARGET)
    old = ChatMessage("old", "user", text_parts("from elsewhere"), turn="old")
    await store.add_messages(chat.conversation, [old])
    manager.close(chat)

    opened = await manager.open(chat.id)
    reply = await say(manager, opened, "and now")

    assert opened.tree.path()[0] == "old"
    assert reply.status == "complete"


async def test_parameters_are_sent_and_stored_with_the_conversation() -> None:
    store = MemoryStore()
    client = ScriptedClient(answer("one"))
    manager = ConversationManager(store, SimpleClientSource(client), clock=FakeClock())
    chat = manager.start(TARGET)

    await manager.conversations.set_parameters(chat, {"temperature": 0.2, "seed": None})
    await say(manager, chat, "one")
    await manager.conversations.set_parameters(chat, {"max_completion_tokens": 9.0})

    assert client.requests[0].target.parameters == {"temperature": 0.2}
    assert store.conversations[chat.id].targets[0].parameters == {"max_tokens": 9}


async def test_parameters_that_cannot_be_sent_are_refused_and_the_old_ones_stay() -> None:
    manager = window(MemoryStore())
    chat = manager.start(TARGET)
    await manager.conversations.set_parameters(chat, {"temperature": 0.2})

    with pytest.raises(UsageError, match="temperature"):
        await manager.conversations.set_parameters(chat, {"temperature": 3})

    assert chat.target.parameters == {"temperature": 0.2}


async def test_switched_target_keeps_the_parameters_of_the_conversation() -> None:
    manager = window(MemoryStore())
    chat = manager.start(TARGET)
    await manager.conversations.set_parameters(chat, {"temperature": 0.2})

    await manager.conversations.switch_target(chat, Target("fake", "model-2", {"top_p": 0.5}))

    assert chat.target == Target("fake", "model-2", {"temperature": 0.2})
