"""Other versions of prompts and answers, forks, and the favourite path."""

import asyncio
from dataclasses import replace
from itertools import count

import pytest

from chat_tui.core.branching import OWN_VERSION
from chat_tui.core.context.cut import Cut
from chat_tui.core.conversation import node_of
from chat_tui.core.errors import UsageError
from chat_tui.core.events import TextDelta, TurnStarted
from chat_tui.core.forking import copied
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart, text_parts
from tests.core.windows import OTHER, Window, collect, talk
from tests.fakes import TARGET, answer

# Edit


async def test_edit_answers_another_version_and_keeps_the_first_branch() -> None:
    window = await talk("one", "two")
    path = window.path

    events = await window.edit(path[2], "two again", target=OTHER)

    assert isinstance(events[0], TurnStarted)
    assert await window.texts() == ["one", "answer 1", "two again", "answer 3"]
    assert window.chat.tree.siblings(path[2]) == (path[2], window.path[2])
    assert window.client.requests[2].target == OTHER
    sent = [message.text for message in window.client.requests[2].messages]
    assert sent == ["one", "answer 1", "two again"]
    assert (await window.chat.messages(path))[3].text == "answer 2"


async def test_edit_of_the_first_prompt_begins_the_conversation_anew() -> None:
    window = await talk("one")

    await window.edit(window.path[0], "other")

    assert await window.texts() == ["other", "answer 2"]
    assert window.chat.conversation.head == window.path[-1]


async def test_edit_sends_what_is_attached_to_the_prompt_along() -> None:
    window = Window(answer("a"))
    picture = ImagePart(url="https://example.com/a.png")
    prompt = ChatMessage("p", "user", (TextPart("look"), picture), turn="p")
    await window.store.add_messages(replace(window.chat.conversation, head="p"), [prompt])
    await window.manager.refresh(window.chat)

    await window.edit("p", "look closely")

    assert window.client.requests[0].messages[-1].parts == (TextPart("look closely"), picture)


async def test_refused_edit_stores_nothing_and_leaves_the_conversation_free() -> None:
    window = await talk("one")
    prompt, reply = path = window.path

    for id_, words in ((prompt, "  "), (reply, "no prompt"), ("nobody", "text")):
        with pytest.raises(UsageError):
            await window.edit(id_, words)

    assert len(window.store.saved) == 2
    assert (window.path, window.chat.streaming) == (path, False)


# Own versions


async def test_own_version_of_an_answer_is_stored_without_a_request() -> None:
    window = await talk("one")
    prompt, reply = window.path

    own = await window.branches.revise(window.chat, reply, "my words")

    assert window.path == [prompt, own]
    [stored] = await window.store.messages([own])
    assert (stored.text, stored.status, stored.model) == ("my words", "complete", "model-1")
    assert stored.notices == (OWN_VERSION,)
    assert window.store.conversations[window.chat.id].head == own
    assert len(window.client.requests) == 1
    await window.send("two")
    assert [m.text for m in window.client.requests[1].messages] == ["one", "my words", "two"]


async def test_own_version_is_refused_where_there_can_be_none() -> None:
    window = await talk("one")
    prompt, reply = window.path

    with pytest.raises(UsageError, match="no words"):
        await window.branches.revise(window.chat, reply, " \n")
    with pytest.raises(UsageError, match="Only an answer"):
        await window.branches.revise(window.chat, prompt, "text")
    async for event in window.manager.send(window.chat, "two"):
        if isinstance(event, TextDelta):
            with pytest.raises(UsageError, match="still on its way"):
                await window.branches.revise(window.chat, reply, "text")

    assert len(window.store.saved) == 4
    assert not window.chat.streaming


# Forks


async def test_fork_copies_the_path_up_to_a_message_into_a_new_conversation() -> None:
    window = await talk("tides", "two")
    await window.manager.conversations.set_system_prompt(window.chat, "Be brief.")
    path = window.path

    fork = await window.branches.fork(window.chat, path[1])

    assert fork is await window.manager.open(fork.id)
    assert [m.text for m in await fork.messages(fork.tree.path())] == ["tides", "answer 1"]
    assert fork.conversation == window.store.conversations[fork.id]
    assert fork.conversation.title == "Tides (2)"
    assert fork.conversation.system_prompt == "Be brief."
    assert fork.target == window.chat.target
    copies = await window.store.messages(fork.tree.path())
    assert [copy.origin for copy in copies] == [("chat-tui", path[0]), ("chat-tui", path[1])]
    assert {copy.turn for copy in copies} == {copies[0].id}
    assert not {copy.id for copy in copies} & {*path}
    assert window.path == path, "the first one stays as it was"


async def test_forks_of_a_conversation_are_numbered() -> None:
    window = await talk("tides")

    titles = [
        (await window.branches.fork(window.chat, window.path[-1])).conversation.title
        for _ in range(2)
    ]

    assert titles == ["Tides (2)", "Tides (3)"]


async def test_fork_goes_on_with_its_own_messages() -> None:
    window = await talk("tides")
    fork = await window.branches.fork(window.chat, window.path[-1])

    await collect(window.manager.send(fork, "moon"))

    assert len(fork.tree) == 4
    assert len(window.chat.tree) == 2
    sent = [message.text for message in window.client.requests[-1].messages]
    assert sent == ["tides", "answer 1", "moon"]


async def test_fork_during_an_answer_copies_it_as_far_as_it_has_come() -> None:
    window = Window([TextDelta("so far"), asyncio.Event()])

    async for event in window.manager.send(window.chat, "one"):
        if isinstance(event, TextDelta):
            fork = await window.branches.fork(window.chat, window.path[-1])
            window.manager.stop(window.chat)

    reply = (await fork.messages(fork.tree.path()))[1]
    assert (reply.text, reply.status) == ("so far", "stopped")


def test_copies_of_a_turn_without_its_prompt_stay_one_turn() -> None:
    path = [
        ChatMessage("a", "assistant", turn="lost"),
        ChatMessage("b", "tool", parent="a", turn="lost", covers=("a", "gone")),
        ChatMessage("c", "user", parent="x", turn="c"),
    ]

    first, second, third = copied(path, (f"new{number}" for number in count()).__next__)

    assert first.turn == second.turn != third.turn == third.id
    assert (second.parent, third.parent) == (first.id, second.id)
    assert second.covers == (first.id, "")


async def test_fork_without_deleted_messages_has_them_not_either() -> None:
    window = await talk("one", "two")
    await window.branches.delete_messages(window.chat, window.path[1], branch=False)

    fork = await window.branches.fork(window.chat, window.path[-1])

    texts = [message.text for message in await fork.messages(fork.tree.path())]
    assert texts == ["one", "two", "answer 2"]


# Favourite


async def test_favourite_path_is_stored_and_follows_what_becomes_of_it() -> None:
    window = await talk("one", "two")
    chat, branches = window.chat, window.branches
    first, reply, second, last = window.path
    assert branches.favourite_leaf(chat) is None

    await branches.set_favourite(chat, True)
    assert window.store.conversations[chat.id].favourite == last
    await window.send("three")
    grown = window.path[-1]
    await window.edit(second, "other")
    assert branches.favourite_leaf(chat) == grown
    await branches.select(chat, second)
    await branches.delete_messages(chat, last, branch=True)
    assert branches.favourite_leaf(chat) == second
    await branches.delete_messages(chat, first, branch=True)
    assert branches.favourite_leaf(chat) is None
    await branches.undo(chat)
    await branches.set_favourite(chat, False)

    assert window.store.conversations[chat.id].favourite is None
    assert branches.favourite_leaf(chat) is None
    assert reply in window.path


async def test_empty_conversation_has_no_favourite() -> None:
    window = Window()

    await window.branches.set_favourite(window.chat, True)

    assert window.chat.conversation.favourite is None
    assert window.chat.undo_stack.undoable is None


async def summed_up() -> tuple[Window, str]:
    """A conversation of four turns whose oldest are summed up; gives the summary's id too."""
    window = Window(*[answer(f"answer {number}") for number in range(1, 5)], answer("All of it."))
    for prompt in ("one", "two", "three", "four"):
        await window.send(prompt)
    await collect(window.manager.compact(window.chat))
    return window, window.path[-1]


async def test_own_version_of_a_summary_goes_to_the_end_and_covers_the_same() -> None:
    window, summary = await summed_up()
    path = window.path

    own = await window.branches.revise(window.chat, summary, "Mine.")

    assert window.path == [*path, own]
    first, second = await window.chat.messages([summary, own])
    assert (second.role, second.covers, second.text) == ("system", first.covers, "Mine.")
    assert first.text == "All of it.", "nothing is overwritten"
    assert (await window.chat.messages([own])) == [window.store.saved[own]]
    await window.branches.undo(window.chat)
    assert window.path == path


async def test_imported_system_message_has_no_version_of_ones_own() -> None:
    window = await talk("one")
    imported = ChatMessage("i", "system", text_parts("Be kind."), parent=window.path[-1], turn="i")
    await window.store.add_messages(window.chat.conversation, [imported])
    window.chat.tree.add(node_of(imported))

    with pytest.raises(UsageError, match="Only an answer"):
        await window.branches.revise(window.chat, "i", "Be cruel.")


async def test_fork_covers_and_cuts_at_its_own_messages() -> None:
    window, summary = await summed_up()
    path = window.path
    cuts = {str(TARGET): Cut(path[2], path[4]), "gone": Cut("elsewhere")}
    window.chat.conversation = replace(window.chat.conversation, cuts=cuts)

    fork = await window.branches.fork(window.chat, summary)

    copies = fork.tree.path()
    copy = (await fork.messages(copies[-1:]))[0]
    old = (await window.chat.messages([summary]))[0]
    assert old.covers is not None
    assert copy.covers == tuple(copies[path.index(end)] for end in old.covers)
    assert fork.conversation.cuts == {str(TARGET): Cut(copies[2], copies[4]), "gone": Cut()}
