"""Undo and redo over all changes of a conversation: nothing is lost, and the store agrees."""

import asyncio
import random

import pytest

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.undo import Change, Kind, Side
from tests.core.windows import Window, collect, talk
from tests.fakes import Step, answer, eventually


async def kinds_undone(window: Window) -> list[Kind]:
    """Take everything back; gives what it was."""
    kinds: list[Kind] = []
    while change := await window.branches.undo(window.chat):
        kinds.append(change.kind)
    return kinds


async def agrees_with_the_store(window: Window) -> bool:
    """Whether another window that opens the conversation sees the same."""
    if not len(window.chat.tree):
        return window.chat.id not in window.store.conversations
    other = await Window(store=window.store).manager.open(window.chat.id)
    assert other.tree.path() == window.path
    assert list(other.tree) == list(window.chat.tree)
    assert other.conversation == window.chat.conversation
    return True


async def test_undone_prompt_gives_its_text_back_and_redo_brings_all_back() -> None:
    window = await talk("one", "two")
    path = window.path

    undone = await window.branches.undo(window.chat)

    assert undone is not None
    assert (undone.kind, undone.prompt) == ("send", Prompt("two"))
    assert window.path == path[:2]
    assert await agrees_with_the_store(window)
    assert await window.branches.redo(window.chat) == undone
    assert window.path == path
    assert await window.branches.redo(window.chat) is None
    assert await agrees_with_the_store(window)


async def test_every_change_can_be_taken_back_and_made_again() -> None:
    window = Window(*[answer("an answer") for _ in range(3)], answer("cut", finish_reason="length"))
    manager, branches, chat = window.manager, window.branches, window.chat
    paths: list[list[str]] = [[]]
    await window.send("one")
    paths.append(window.path)
    await window.edit(window.path[0], "one again")
    paths.append(window.path)
    await window.regenerate(window.path[1])
    paths.append(window.path)
    await window.send("more")
    paths.append(window.path)
    await collect(manager.continue_reply(chat, window.path[-1]))
    paths.append(window.path)
    await branches.revise(chat, window.path[-1], "mine")
    paths.append(window.path)
    await branches.select(chat, paths[1][0])
    paths.append(window.path)
    await branches.delete_messages(chat, window.path[1], branch=False)
    paths.append(window.path)
    await branches.delete_messages(chat, window.path[0], branch=True)
    paths.append(window.path)
    await branches.restore_messages(chat, paths[1][0])
    paths.append(window.path)

    walked = []
    for path in paths[-2::-1]:
        change = await branches.undo(chat)
        assert change is not None
        walked.append(change.kind)
        assert window.path == path
        assert await agrees_with_the_store(window)
    assert await branches.undo(chat) is None
    assert walked == [
        *("restore", "delete-branch", "delete", "select", "revise", "continue", "send"),
        *("regenerate", "edit", "send"),
    ]
    for path in paths[1:]:
        await branches.redo(chat)
        assert window.path == path
        assert await agrees_with_the_store(window)


async def test_all_answers_to_one_request_come_and_go_together() -> None:
    both: list[Step] = [
        *(TextDelta("b0", 0), TextDelta("b1", 1)),
        *(ReplyFinished("stop", 0), ReplyFinished("stop", 1)),
    ]
    window = Window(answer("a"), both)
    await window.send("one")
    first = window.path[1]

    await window.regenerate(first)
    versions = window.chat.tree.siblings(first)
    assert len(versions) == 3
    await window.branches.undo(window.chat)

    assert window.chat.tree.siblings(first) == (first,)
    await window.branches.redo(window.chat)
    assert window.chat.tree.siblings(first) == versions


async def test_undone_deletion_tells_how_many_came_back() -> None:
    window = await talk("one", "two")
    path = window.path
    await window.branches.delete_messages(window.chat, path[1], branch=True)

    undone = await window.branches.undo(window.chat)

    assert undone is not None
    assert (undone.kind, undone.count, undone.at) == ("delete-branch", 3, window.clock.now())
    assert window.path == path


async def test_undone_favourite_leaves_the_path_alone() -> None:
    window = await talk("one", "two")
    await window.branches.set_favourite(window.chat, True)
    favourite = window.chat.conversation.favourite

    await window.branches.undo(window.chat)
    assert window.chat.conversation.favourite is None
    assert await agrees_with_the_store(window)
    await window.branches.redo(window.chat)

    assert window.chat.conversation.favourite == favourite
    assert await agrees_with_the_store(window)


async def test_undone_fork_leaves_the_list_and_comes_back_with_redo() -> None:
    window = await talk("one")
    fork = await window.branches.fork(window.chat, window.path[-1])

    undone = await window.branches.undo(window.chat)

    assert undone is not None
    assert undone.made == fork.id
    assert [row.id for row in await window.store.summaries()] == [window.chat.id]
    await window.branches.redo(window.chat)
    assert {row.id for row in await window.store.summaries()} == {window.chat.id, fork.id}
    assert (await window.manager.open(fork.id)).tree.path() == fork.tree.path()


async def test_undo_and_redo_are_refused_while_an_answer_is_on_its_way() -> None:
    window = await talk("one")
    await window.branches.delete_messages(window.chat, window.path[1], branch=False)
    await window.branches.undo(window.chat)
    path = window.path
    steps = (window.branches.undo, window.branches.redo)

    async for event in window.manager.regenerate(window.chat, path[1]):
        if isinstance(event, TextDelta):
            with pytest.raises(UsageError, match="still on its way"):
                await window.branches.undo(window.chat)
            assert await window.branches.redo(window.chat) is None, "what is new forgot it"

    assert [change and change.kind for change in [await step(window.chat) for step in steps]] == [
        "regenerate",
        "regenerate",
    ]


async def test_stopped_turn_is_one_change_like_any_other() -> None:
    window = Window(answer("a"), [TextDelta("so far"), asyncio.Event()])
    await window.send("one")
    turn = asyncio.create_task(window.send("two"))
    await eventually(window.client.waiting.is_set)
    window.manager.stop(window.chat)
    await turn

    assert await kinds_undone(window) == ["send", "send"]
    assert window.path == []


async def test_refused_or_failed_turn_leaves_no_change() -> None:
    window = await talk("one")

    with pytest.raises(UsageError):
        await window.send("  ")
    window.store.failure = StorageError("The disk is full.")
    with pytest.raises(StorageError):
        await window.send("two")
    window.store.failure = None

    assert await kinds_undone(window) == ["send"]


async def test_failed_undo_can_be_tried_again() -> None:
    window = await talk("one", "two")
    path = window.path
    window.store.failure = StorageError("The disk is full.")
    with pytest.raises(StorageError):
        await window.branches.undo(window.chat)
    assert window.path == path
    window.store.failure = None

    assert await kinds_undone(window) == ["send", "send"]
    assert window.chat.undo_stack.redoable is not None


async def test_undo_that_fails_while_another_change_comes_leaves_that_one_alone() -> None:
    window = await talk("one", "two")
    undoing = asyncio.create_task(window.branches.undo(window.chat))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    window.store.failure = StorageError("The disk is full.")
    # Noted at once, before the store fails.
    window.chat.undo_stack.record(change := Change("fork", Side(None, None), Side(None, None), 1.0))

    with pytest.raises(StorageError):
        await undoing

    assert (window.chat.undo_stack.undoable, window.chat.undo_stack.redoable) == (change, None)


async def test_deleted_conversation_that_is_brought_back_can_still_be_undone() -> None:
    window = await talk("one", "two")

    await window.manager.conversations.delete(window.chat.id)
    await window.manager.conversations.restore(window.chat.id)
    window.chat = await window.manager.open(window.chat.id)

    assert await kinds_undone(window) == ["send", "send"]


async def test_undo_pressed_twice_at_once_takes_two_changes_back() -> None:
    window = await talk("one", "two", "three")
    path = window.path
    await window.branches.delete_messages(window.chat, path[4], branch=True)
    await window.branches.delete_messages(window.chat, path[2], branch=True)

    undone = await asyncio.gather(*(window.branches.undo(window.chat) for _ in range(2)))

    assert [change.kind for change in undone if change] == ["delete-branch", "delete-branch"]
    assert window.path == path
    assert await agrees_with_the_store(window)


async def test_turn_that_begins_while_undo_looks_at_the_store_wins() -> None:
    window = await talk("one", "two")
    path = window.path
    await window.branches.delete_messages(window.chat, path[2], branch=True)

    undoing = asyncio.create_task(window.branches.undo(window.chat))
    await asyncio.sleep(0)
    await window.send("three")
    with pytest.raises(UsageError, match="still on its way"):
        await undoing

    assert window.path[:2] == path[:2]
    assert await kinds_undone(window) == ["send", "delete-branch", "send", "send"]


async def test_what_was_removed_for_good_is_not_brought_back() -> None:
    window = await talk("one", "two")
    path = window.path
    await window.branches.delete_messages(window.chat, path[2], branch=True)
    window.clock.advance(10)
    await window.store.purge(window.clock.now())

    with pytest.raises(UsageError, match="removed for good"):
        await window.branches.restore_messages(window.chat, path[2])
    with pytest.raises(UsageError, match="removed for good"):
        await window.branches.undo(window.chat)

    assert window.path == path[:2]
    await window.send("three")
    assert await window.texts() == ["one", "answer 1", "three", "answer 3"]
    assert await kinds_undone(window) == ["send", "send", "send"]
    assert window.path == []


@pytest.mark.parametrize("seed", range(4))
async def test_random_changes_agree_with_the_store_and_are_all_taken_back(seed: int) -> None:
    hand = random.Random(seed)
    window = Window(answer("an answer"))
    chat, branches = window.chat, window.branches
    seen: list[tuple[list[str], str | None]] = []

    def state() -> tuple[list[str], str | None]:
        return window.path, chat.conversation.favourite

    async def change_something() -> None:
        ids = [node.id for node in chat.tree]
        id_ = hand.choice(ids) if ids else ""
        is_prompt = bool(ids) and chat.tree[id_].role == "user"
        match hand.randrange(8):
            case 0 | 1:
                await window.send("a prompt")
            case 2 if is_prompt:
                await window.edit(id_, "another prompt")
            case 3 if is_prompt:
                await window.regenerate(id_)
            case 4 if ids and not is_prompt:
                await branches.revise(chat, id_, "mine")
            case 5 if ids:
                await branches.delete_messages(chat, id_, branch=hand.random() < 0.5)
            case 6 if ids:
                await branches.select(chat, id_)
            case 7:
                await branches.set_favourite(chat, hand.random() < 0.7)

    for _ in range(60):
        action = hand.random()
        if action < 0.2:
            await branches.undo(chat)
        elif action < 0.3:
            await branches.redo(chat)
        else:
            await change_something()
        assert await agrees_with_the_store(window)
    # The last changes, all the way back and forth.
    while await branches.undo(chat):
        seen.append(state())
        assert await agrees_with_the_store(window)
    assert state() == ([], None)
    for expected in seen[-2::-1]:
        await branches.redo(chat)
        assert state() == expected
    assert len(chat.tree) == len(window.store.saved)
