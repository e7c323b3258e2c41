"""The n answers to one request: each is stored, shown and kept while it comes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import InterruptedReplyError, StorageError, UsageError
from chat_tui.core.events import (
    ChoiceFinished,
    ChoiceStarted,
    ExtrasDelta,
    ReasoningDelta,
    ReplyFinished,
    TextDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from chat_tui.core.messages import ChatMessage, Usage
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.side_by_side.threads import Column, columns, path_of
from tests.core.windows import Window, collect, reply_of
from tests.fakes import MemoryStore, Step, eventually


class CountingStore(MemoryStore):
    """Keeps how many messages each durable step added, and refuses some steps."""

    def __init__(self) -> None:
        super().__init__()
        self.added: list[int] = []
        self.refused: list[int] = []
        """The steps that fail, counted from 0."""

    async def add_messages(
        self, conversation: Conversation, messages: Sequence[ChatMessage]
    ) -> None:
        self.added.append(len(messages))
        if len(self.added) - 1 in self.refused:
            raise StorageError("The disk is full.")
        await super().add_messages(conversation, messages)


async def asked_for(count: int, *script: Step, store: MemoryStore | None = None) -> Window:
    """A window whose model is asked for so many answers."""
    window = Window([*script], store=store)
    await window.manager.conversations.set_parameters(window.chat, {"n": count})
    return window


async def begun(window: Window) -> tuple["asyncio.Future[list[TurnEvent]]", list[TurnEvent]]:
    """Have a prompt answered as far as the script goes before it waits."""
    seen: list[TurnEvent] = []
    turn = asyncio.ensure_future(collect(window.manager.send(window.chat, "Hi?"), seen))
    await eventually(window.client.waiting.is_set)
    return turn, seen


def told(messages: Sequence[ChatMessage]) -> list[tuple[int, str, str]]:
    return [(each.choice, each.status, each.text) for each in messages]


MIXED: list[Step] = [TextDelta("a"), TextDelta("c", 2), TextDelta("b", 1), ReasoningDelta("why", 2)]


async def test_choices_are_stored_and_seen_while_they_come() -> None:
    gate, store = asyncio.Event(), CountingStore()
    ends: list[Step] = [
        *(TextDelta("1"), TextDelta("2", 1), UsageReported(Usage(5, 9))),
        *(ReplyFinished("stop", 0), ReplyFinished("length", 1), ReplyFinished("stop", 2)),
    ]
    window = await asked_for(3, *MIXED, gate, *ends, store=store)
    chat = window.chat
    turn, seen = await begun(window)

    # The third came first; both are there since then, in their order, after one step.
    assert store.added == [2, 2]
    started = [event.reply for event in seen if isinstance(event, ChoiceStarted)]
    assert told(started) == [(1, "streaming", ""), (2, "streaming", "")]
    kinds = [TurnStarted, TextDelta, ChoiceStarted, ChoiceStarted, TextDelta, TextDelta]
    assert [type(event) for event in seen[:-1]] == kinds
    ids = [chat.tree.head or "", *(each.id for each in started)]
    assert list(chat.tree.siblings(ids[0])) == ids
    live = await chat.messages(ids)
    assert told(live) == [(0, "streaming", "a"), (1, "streaming", "b"), (2, "streaming", "c")]
    assert live[2].reasoning == "why"
    assert told(window.stored()) == [(at, "streaming", "") for at in range(3)]
    await eventually(lambda: all(store.journal.get(id_) for id_ in ids))
    assert [store.journal[id_] for id_ in ids[:2]] == [[("a", "")], [("b", "")]]
    assert [each[0] for each in store.journal[ids[2]]] == ["c"]
    incoming = chat.live(ids[2])
    assert incoming is not None
    assert incoming is chat.live(ids[0])
    before = incoming.progress
    for id_ in ids:
        with pytest.raises(UsageError, match="still on its way"):
            await window.branches.delete_messages(chat, id_, branch=False)

    gate.set()
    await turn
    assert told(window.stored()) == [
        (0, "complete", "a1"),
        (1, "length", "b2"),
        (2, "complete", "c"),
    ]
    assert incoming.progress != before
    assert [each.usage for each in window.stored()] == [Usage(5, 9), None, None]
    last = [type(event) for event in seen[-3:]]
    assert last == [ChoiceFinished, ChoiceFinished, TurnFinished]
    assert [incoming.snapshot(id_).status for id_ in ids] == ["complete", "length", "complete"]
    assert (store.added, chat.tree.head) == ([2, 2], ids[0])
    await window.branches.undo(chat)
    assert chat.tree.shown == 0
    await window.branches.redo(chat)
    assert (chat.tree.shown, chat.tree.head) == (4, ids[0])
    await window.regenerate(ids[0])
    assert chat.tree.shown == 7
    await window.branches.undo(chat)
    assert (chat.tree.shown, chat.tree.head) == (4, ids[0])


async def test_stop_and_break_keep_what_came_of_each_choice() -> None:
    window = await asked_for(3, *MIXED, asyncio.Event())
    turn, seen = await begun(window)
    window.manager.stop(window.chat)
    await turn
    assert told(window.stored()) == [(0, "stopped", "a"), (1, "stopped", "b"), (2, "stopped", "c")]
    assert reply_of(seen).choice == 0

    window = await asked_for(3, *MIXED[:2], InterruptedReplyError("It broke."))
    await window.send("Hi?")
    # The second was on its way too: a later one had begun.
    assert told(window.stored()) == [
        *((0, "interrupted", "a"), (1, "interrupted", ""), (2, "interrupted", "c")),
    ]
    assert {each.error.kind for each in window.stored() if each.error} == {"interrupted"}


async def test_nothing_is_left_of_choices_that_never_came() -> None:
    window = await asked_for(3, TextDelta("only"), ExtrasDelta(choice=1), ReplyFinished("stop"))
    events = await window.send("Hi?")
    assert [type(event) for event in events][:2] == [TurnStarted, TextDelta]
    assert [each.text for each in window.stored() if each.text] == ["only"]


async def test_what_nobody_asked_for_or_could_be_stored_is_there_at_the_end() -> None:
    three: list[Step] = [*MIXED, ReplyFinished("stop", 0), ReplyFinished("stop", 1)]
    window = await asked_for(2, *three)
    events = await window.send("Hi?")
    started = [event.reply.choice for event in events if isinstance(event, ChoiceStarted)]
    ended = [event.reply.choice for event in events if isinstance(event, ChoiceFinished)]
    assert (started, ended) == ([1], [1, 2])
    assert told(window.stored()) == [
        (0, "complete", "a"),
        (1, "complete", "b"),
        (2, "interrupted", "c"),
    ]

    store = CountingStore()
    store.refused = [1]
    window = await asked_for(3, *three, store=store)
    events = await window.send("Hi?")
    assert not any(isinstance(event, ChoiceStarted) for event in events)
    assert [each.text for each in window.stored()] == ["a", "b", "c"]
    assert store.added == [2, 2, 2]


async def test_answers_of_one_model_become_columns_and_one_again() -> None:
    window = await asked_for(3, *MIXED, asyncio.Event())
    chat, sides = window.chat, window.manager.sides
    assert not await sides.show_answers(chat)
    turn, _ = await begun(window)

    assert await sides.show_answers(chat)
    assert chat.conversation.board == Board((0,))
    shown = columns(chat.conversation, chat.tree)
    assert shown == [Column(0, 0), Column(0, 1), Column(0, 2)]
    ends = [path_of(chat.conversation, chat.tree, each)[-1] for each in shown]
    assert [each.text for each in await chat.messages(ends)] == ["a", "b", "c"]
    assert not await sides.show_answers(chat)
    # They can be left while they come, for the answer of one of them.
    await sides.end(chat, 0, choice=1)
    assert (chat.tree.head, chat.conversation.board) == (ends[1], Board(folded=True))
    window.manager.stop(chat)
    await turn
    assert await sides.show_answers(chat)
    assert not chat.conversation.board.folded
    await sides.end(chat)
    assert chat.tree.head == ends[1]
    # The chosen one is gone on with, whatever models are told of each other.
    await sides.show_answers(chat)
    await sides.set_board(chat, replace(chat.conversation.board, sharing="own"))
    await sides.choose(chat, ends[2])
    round_ = sides.send(chat, "More?")
    started = await round_.begin()
    await round_.aclose()
    assert started is not None
    assert started.prompts[0].parent == ends[2]
    # Versions are no choices: who asks for models is not shown them.
    again = Window([TextDelta("x"), ReplyFinished("stop")])
    await again.send("Hi?")
    await again.regenerate(again.chat.tree.head or "")
    assert not await again.manager.sides.show_answers(again.chat)


async def test_columns_of_many_choices_stay_while_more_come() -> None:
    script: list[Step] = [TextDelta(str(at), at) for at in range(9)]
    window = await asked_for(9, *script, ReplyFinished("stop"))
    chat, sides = window.chat, window.manager.sides
    await window.send("Hi?")
    await sides.show_answers(chat)

    async def texts() -> str:
        about, tree = chat.conversation, chat.tree
        ends = [path_of(about, tree, each)[-1] for each in columns(about, tree)]
        return "".join(each.text for each in await chat.messages(ends))

    assert await texts() == "012345"
    await sides.choose(chat, window.stored()[8].id)
    assert await texts() == "345678"
