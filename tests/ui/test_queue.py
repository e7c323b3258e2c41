"""Prompts that wait for the end of an answer."""

import asyncio
from pathlib import Path
from typing import cast

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import ServerError
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation import ConversationScreen
from chat_tui.ui.screens.conversation.queues import Queues
from chat_tui.ui.widgets.conversation_list import ListLegend
from tests.fakes import Step, answer, eventually
from tests.memory_store import MemoryStore
from tests.ui.rig import Rig, running


async def test_prompts_wait_and_go_out_one_after_the_other(tmp_path: Path) -> None:
    gate = asyncio.Event()
    first: list[Step] = [TextDelta("one"), gate, ReplyFinished("stop")]
    cut = answer("two", finish_reason="length")
    async with running(tmp_path, first, cut, answer("three"), answer("four")) as rig:
        await rig.send("first")
        for words in ("//second", "third\nof two lines", "fourth", "[not markup"):
            await _queue(rig, words)
        assert rig.queued == ["/second", "third\nof two lines", "fourth", "[not markup"]
        assert "Waiting 4" in rig.drawn()
        assert "… and 1 more" in rig.drawn()
        assert "third of two lines" in rig.drawn()
        # The last one comes back into an empty prompt, and only there.
        await rig.pilot.press("up")
        assert rig.screen.prompt.text == "[not markup"
        await rig.pilot.press("up")
        assert rig.queued == ["/second", "third\nof two lines", "fourth"]
        rig.screen.prompt.put("")
        await rig.pilot.press("ctrl+g", "Q")
        await eventually(lambda: rig.app.focused is rig.screen.queueing.bar)
        await rig.pilot.press("k", "k", "e")
        # It comes back as it was typed, and gets its place back.
        assert rig.screen.prompt.text == "//second"
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.queued) == 3)
        assert len(rig.chat.tree) == 2
        draft = await rig.backend.store.draft(rig.chat.id)
        assert [prompt.text for prompt in draft.queued] == [
            "/second",
            "third\nof two lines",
            "fourth",
        ]
        gate.set()
        await eventually(lambda: len(rig.chat.tree) == 8)
        await rig.idle()
        texts = [message.text for message in await rig.path() if message.role == "user"]
        assert texts == ["first", "/second", "third\nof two lines", "fourth"]
        assert not rig.screen.queueing.bar.display
        assert not (await rig.backend.store.draft(rig.chat.id)).queued


async def test_queue_is_held_after_a_stop_and_released_by_enter(tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps: list[Step] = [TextDelta("one"), gate, ReplyFinished("stop")]
    async with running(tmp_path, steps, [ServerError("Down.", status=500)], answer("ok")) as rig:
        await rig.send("first")
        await _queue(rig, "second")
        await _queue(rig, "third")
        await rig.pilot.press("escape")
        await rig.idle()
        assert rig.queued == ["second", "third"]
        assert "Held 2" in rig.drawn()
        assert len(rig.chat.tree) == 2
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 4)
        await rig.idle()
        # The answer to it failed: the other one is held.
        assert rig.queued == ["third"]
        assert "Held 1" in rig.drawn()
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 6)
        await rig.idle()
        assert rig.queued == []
        await rig.pilot.press("enter")
        await eventually(lambda: any("Type a message" in toast for toast in rig.toasts))


async def test_waiting_prompts_are_moved_edited_deleted_and_sent_at_once(tmp_path: Path) -> None:
    steps: list[Step] = [TextDelta("one"), asyncio.Event()]
    async with running(tmp_path, steps, answer("ok")) as rig:
        await rig.send("first")
        for words in ("a", "b", "c"):
            await _queue(rig, words)
        rig.screen.prompt.put("draft")
        await rig.pilot.press("ctrl+g", "Q")
        await eventually(lambda: rig.app.focused is rig.screen.queueing.bar)
        assert "K Sooner  J Later" in rig.drawn()
        await rig.pilot.press("K")
        assert rig.queued == ["a", "c", "b"]
        await rig.pilot.press("j", "d")
        assert rig.queued == ["a", "c"]
        assert any("Not sent: “b”" in toast for toast in rig.toasts)
        await rig.pilot.press("k", "e")
        assert rig.queued == ["c"]
        assert rig.app.focused is rig.screen.prompt
        assert rig.screen.prompt.text == "a\ndraft"
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.queued) == 2)
        assert rig.queued == ["a\ndraft", "c"]
        await rig.pilot.press("ctrl+g", "Q")
        await eventually(lambda: rig.app.focused is rig.screen.queueing.bar)
        await rig.pilot.press("escape")
        # It leaves the bar; the answer goes on.
        assert rig.app.focused is rig.screen.prompt
        assert rig.chat.streaming
        await rig.pilot.press("ctrl+g", "Q")
        await eventually(lambda: rig.app.focused is rig.screen.queueing.bar)
        await rig.pilot.press("s")
        await eventually(lambda: len(rig.chat.tree) == 6)
        await rig.idle()
        path = await rig.path()
        assert [each.text for each in path if each.role == "user"] == ["first", "c", "a\ndraft"]
        assert path[1].status == "stopped"
        await rig.screen.writing.recall(-1)
        await eventually(lambda: rig.screen.prompt.text != "")
        sent = {"a\ndraft", "c", "b", "a", "first"}
        assert rig.screen.prompt.text in sent


async def test_queue_goes_on_in_a_conversation_that_was_left(tmp_path: Path) -> None:
    gate, second = asyncio.Event(), asyncio.Event()
    steps: list[Step] = [TextDelta("one"), gate, ReplyFinished("stop")]
    slow: list[Step] = [TextDelta("two"), second, ReplyFinished("stop")]
    async with running(tmp_path, steps, slow, answer("else")) as rig:
        await rig.send("first")
        left = rig.chat
        await _queue(rig, "second")
        rig.screen.prompt.put("a draft")
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not left)
        assert "Waiting" not in rig.drawn()
        assert "● running" in rig.drawn()
        rig.screen.prompt.put("unsent here")
        gate.set()
        await eventually(lambda: len(left.tree) == 4)
        second.set()
        await rig.idle()
        await eventually(lambda: rig.screen.query_one(ListLegend).display)
        assert "✓ new" in rig.drawn()
        # It was let go of, and its draft stayed.
        here = rig.chat
        await rig.pilot.press("ctrl+pagedown")
        await eventually(lambda: rig.chat.id == left.id)
        assert rig.chat is not left
        assert not rig.chat.queued
        await eventually(lambda: rig.screen.prompt.text == "a draft")
        assert "✓ new" not in rig.drawn()
        assert here.tree.head is None


async def test_queue_survives_a_restart_and_is_held_then(tmp_path: Path) -> None:
    async with running(tmp_path, [TextDelta("one"), asyncio.Event()]) as rig:
        await rig.send("first")
        await _queue(rig, "second")
        await _queue(rig, "//model of a text")
        await rig.screen.wind_up()
    gate = asyncio.Event()
    between: list[Step] = [TextDelta("ok"), gate, ReplyFinished("stop")]
    async with running(tmp_path, between, answer("ok")) as rig:
        # The list tells it before the conversation is opened, and no longer than it is so.
        assert rig.queued == []
        await eventually(lambda: "‖ held" in rig.drawn())
        rig.screen.chats.open(await rig.backend.newest())
        await eventually(lambda: rig.queued == ["second", "/model of a text"])
        await rig.pilot.press("up")
        # It comes back as it has to be typed, and is no command when it is sent.
        assert rig.screen.prompt.text == "//model of a text"
        rig.screen.prompt.put("")
        await rig.pilot.pause()
        assert "Held 1" in rig.drawn()
        assert "‖ held" in rig.drawn()
        assert len(rig.chat.tree) == 2
        assert "Enter on an empty prompt" in rig.drawn()
        await rig.send("between")
        await eventually(lambda: "Enter on an empty prompt" not in rig.drawn())
        assert "Held 1 · ^g Q changes them" in rig.drawn()
        gate.set()
        await rig.idle()
        assert rig.queued == ["second"]
        assert "Enter on an empty prompt" in rig.drawn()
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 6)
        await rig.idle()
        assert "‖ held" not in rig.drawn()
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: len(rig.chat.tree) == 0)
        await rig.screen.reload_list()
        assert "‖ held" not in rig.drawn()


def test_prompt_that_is_changed_gets_its_place_back_as_the_others_go_out() -> None:
    queues, chat, turns = _queues("a", "b", "c")
    queues.turn_ended(chat, "complete")
    assert (turns.started, _texts(chat)) == (1, ["b", "c"])
    queues.started(chat)
    assert queues.take(chat, 1, comes_back=True) == Prompt("c")
    queues.add(chat, Prompt("d"))
    assert _texts(chat) == ["b", "d"]
    queues.take(chat, 1, comes_back=True)
    queues.turn_ended(chat, "complete")
    queues.started(chat)
    queues.add(chat, Prompt("e"))
    queues.add(chat, Prompt("f"))
    queues.take(chat, 0, comes_back=True)
    # It was sent at once: what is written next is a new prompt.
    queues.started(chat)
    queues.add(chat, Prompt("g"))
    assert _texts(chat) == ["f", "g"]


async def test_nothing_goes_out_while_the_app_is_left() -> None:
    queues, chat, turns = _queues("a")
    queues.hold_all()
    await queues.send_now(chat)
    queues.turn_ended(chat, "complete")
    assert (turns.started, _texts(chat)) == (0, ["a"])


async def test_reader_further_up_is_left_in_peace_when_a_prompt_goes_out(tmp_path: Path) -> None:
    gate = asyncio.Event()
    text = "\n\n".join(f"line {number}" for number in range(60))
    steps: list[Step] = [TextDelta(text), gate, ReplyFinished("stop")]
    async with running(tmp_path, steps, answer("ok")) as rig:
        await rig.send("first")
        await _queue(rig, "second")
        await rig.pilot.pause()
        rig.screen.transcript.scroll_lines(-99_999)
        await rig.pilot.pause()
        gate.set()
        await eventually(lambda: len(rig.chat.tree) == 4)
        await rig.idle()
        assert rig.screen.transcript.scroll_offset.y == 0
        assert not rig.screen.transcript.following


class _Turns:
    """Stands for `TurnRunner` and for the screen that has it; nothing is answered."""

    running: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.started = 0
        self.turns = self.session = self.manager = self

    def send(self, chat: OpenConversation, prompt: Prompt) -> Prompt:
        return prompt

    def start(
        self, chat: OpenConversation, request: object, prompt: Prompt, *, anyway: bool, waits: bool
    ) -> None:
        assert waits
        self.started += 1

    async def stop(self, chat: OpenConversation) -> None:
        """Nothing is running."""


def _queues(*words: str) -> tuple[Queues, OpenConversation, _Turns]:
    turns = _Turns()
    queues = Queues(cast("ConversationScreen", turns), lambda chat: None)
    chat = OpenConversation(Conversation("c"), ConversationTree(), MemoryStore())
    for each in words:
        queues.add(chat, Prompt(each))
    return queues, chat, turns


def _texts(chat: OpenConversation) -> list[str]:
    return [prompt.text for prompt in chat.queued]


async def _queue(rig: Rig, words: str) -> None:
    before = len(rig.chat.queued)
    rig.screen.prompt.put(words)
    await rig.pilot.press("enter")
    await eventually(lambda: len(rig.chat.queued) == before + 1)
    await rig.pilot.pause()
