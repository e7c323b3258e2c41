"""Messages that are taken out of sight, and brought back."""

import asyncio

import pytest

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import TextDelta
from tests.core.windows import Window, collect, reply_of, talk
from tests.fakes import answer


async def test_deleted_message_is_not_sent_and_what_follows_moves_up() -> None:
    window = await talk("one", "two")
    path = window.path

    assert await window.branches.delete_messages(window.chat, path[1], branch=False) == 1

    assert window.path == [path[0], *path[2:]]
    assert window.store.marks[path[1]] == ("message", window.clock.now())
    await window.send("three")
    sent = [message.text for message in window.client.requests[2].messages]
    assert sent == ["one", "two", "answer 2", "three"]


async def test_deleted_branch_takes_all_below_and_the_head_is_stored() -> None:
    window = await talk("one", "two", "three")
    path = window.path

    assert await window.branches.delete_messages(window.chat, path[2], branch=True) == 4
    assert await window.branches.delete_messages(window.chat, path[4], branch=True) == 0

    assert window.path == path[:2]
    assert window.store.conversations[window.chat.id].head == path[1]
    assert len(window.store.saved) == 6, "all of it stays stored"
    again = await Window(store=window.store).manager.open(window.chat.id)
    assert again.tree.path() == path[:2]


async def test_conversation_without_visible_messages_can_be_gone_on_with() -> None:
    window = await talk("one")
    await window.branches.delete_messages(window.chat, window.path[0], branch=True)
    assert window.chat.tree.head is None

    await window.send("new")

    assert await window.texts() == ["new", "answer 2"]
    assert [message.text for message in window.client.requests[1].messages] == ["new"]


async def test_running_reply_cannot_be_deleted_but_its_prompt_alone_can() -> None:
    window = await talk("one")
    first = window.path[0]
    refused = []

    async for event in window.manager.send(window.chat, "two"):
        if isinstance(event, TextDelta):
            *_, prompt, reply = window.path
            for id_, branch in ((reply, False), (reply, True), (prompt, True), (first, True)):
                with pytest.raises(UsageError, match="still on its way"):
                    await window.branches.delete_messages(window.chat, id_, branch=branch)
                refused.append(id_)
            assert await window.branches.delete_messages(window.chat, prompt, branch=False) == 1

    assert len(refused) == 4
    assert await window.texts() == ["one", "answer 1", "answer 2"]
    assert window.store.saved[window.path[-1]].status == "complete"


async def test_nothing_is_deleted_while_a_turn_is_prepared() -> None:
    window = await talk("one")
    sending = asyncio.create_task(window.send("two"))
    await asyncio.sleep(0)
    assert window.chat.streaming

    for branch in (False, True):
        with pytest.raises(UsageError, match="still on its way"):
            await window.branches.delete_messages(window.chat, window.path[0], branch=branch)

    await sending
    assert await window.texts() == ["one", "answer 1", "two", "answer 2"]


async def test_answer_can_be_gone_on_with_whose_prompt_is_deleted() -> None:
    window = Window(answer("first"), answer("it was cut", finish_reason="length"), answer(" off"))
    await window.send("one")
    await window.send("two")
    *before, prompt, cut = window.path
    await window.branches.delete_messages(window.chat, prompt, branch=False)

    longer = reply_of(await collect(window.manager.continue_reply(window.chat, cut)))

    assert (longer.text, longer.parent) == ("it was cut off", before[-1])
    assert window.path == [*before, longer.id]


async def test_answer_whose_prompt_is_deleted_cannot_be_made_anew() -> None:
    window = await talk("one")
    prompt, reply = window.path
    await window.branches.delete_messages(window.chat, prompt, branch=False)

    with pytest.raises(UsageError, match="prompt of this answer is deleted"):
        await window.regenerate(reply)

    assert window.path == [reply]


async def test_version_beside_a_moved_answer_stands_where_it_is_seen() -> None:
    window = await talk("one", "two")
    first, reply, second, last = window.path
    await window.branches.delete_messages(window.chat, reply, branch=False)
    await window.branches.delete_messages(window.chat, second, branch=False)
    assert window.path == [first, last]

    again = reply_of(await window.regenerate(last))

    assert again.parent == first
    assert window.chat.tree.siblings(last) == (last, again.id)


async def test_failed_deletion_leaves_everything_as_it_was() -> None:
    window = await talk("one", "two")
    path, conversation = window.path, window.chat.conversation
    window.store.failure = StorageError("The disk is full.")

    with pytest.raises(StorageError):
        await window.branches.delete_messages(window.chat, path[2], branch=True)

    assert window.path == path
    assert window.chat.conversation == conversation
    assert window.chat.undo_stack.undoable is not None
    assert window.chat.undo_stack.undoable.kind == "send"


async def test_restored_message_comes_back_with_what_went_with_it_and_is_looked_at() -> None:
    window = await talk("one", "two")
    path = window.path
    await window.branches.delete_messages(window.chat, path[3], branch=False)
    await window.branches.delete_messages(window.chat, path[2], branch=True)

    assert await window.branches.restore_messages(window.chat, path[0]) == 0
    assert await window.branches.restore_messages(window.chat, path[3]) == 2

    assert window.path == path
    assert window.store.marks == {}
    assert window.store.conversations[window.chat.id].head == path[3]


async def test_restored_message_leaves_alone_what_was_deleted_above_it() -> None:
    window = await talk("one", "two")
    path = window.path
    for id_ in path[2:]:
        await window.branches.delete_messages(window.chat, id_, branch=False)

    assert await window.branches.restore_messages(window.chat, path[3]) == 1

    assert window.path == [*path[:2], path[3]]


async def test_path_that_is_chosen_while_a_deletion_is_stored_is_the_one_that_is_kept() -> None:
    window = await talk("one", "two")
    path = window.path
    await window.edit(path[0], "other")
    other = window.path

    # It moves the head to the first branch, and the user goes on to the second answer there.
    deleting = asyncio.create_task(
        window.branches.delete_messages(window.chat, other[1], branch=False)
    )
    await asyncio.sleep(0)
    await window.branches.select(window.chat, path[0])
    await deleting

    assert window.path == path
    assert window.store.conversations[window.chat.id].head == path[-1]
