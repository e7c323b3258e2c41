"""What goes wrong between two keys: races, other windows, terminals of a few cells."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.targets import Target
from tests.fakes import TARGET, ScriptedClient, SimpleClientSource, Step, answer, eventually
from tests.ui.rig import running


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 6, 7, 9, 12])
async def test_terminal_of_a_few_cells_is_survived(width: int, tmp_path: Path) -> None:
    async with running(tmp_path, answer("**some** words")) as rig:
        await rig.ask("hello")
        for height in (1, 2, 3, 4, 6, 12, 24):
            await rig.pilot.resize_terminal(width, height)
            await rig.pilot.pause()
        await rig.pilot.resize_terminal(80, 24)
        await eventually(lambda: "some words" in rig.drawn())


async def test_reply_that_streams_in_another_window_is_followed_to_its_end(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, [TextDelta("part one "), gate, *answer("part two")]) as one:
        await one.send("shared")
        await eventually(lambda: "part one" in one.drawn())
        async with running(tmp_path, answer("x"), resume="") as two:
            await eventually(lambda: "part one" in two.drawn())
            gate.set()
            await one.idle()
            two.app.app_focus = False
            await eventually(lambda: "part one part two" in two.drawn())
            assert (await two.path())[-1].status == "complete"


async def test_what_was_written_elsewhere_meanwhile_comes_with_the_end(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, answer("first"), [TextDelta("x"), gate, *answer("y")]) as one:
        await one.ask("shared")
        async with running(tmp_path, answer("from the other"), resume="") as two:
            await one.send("mine")
            await two.ask("theirs")
            one.app.app_focus = False
            await one.pilot.pause(0.1)
            gate.set()
            await one.idle()
            await eventually(lambda: len(one.chat.tree) == 6)


async def test_prompt_begun_while_its_conversation_is_shown_again_is_seen(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, answer("one"), [gate, *answer("two")]) as rig:
        await rig.ask("first")
        chat = rig.chat
        messages = chat.store.messages
        begun = asyncio.Event()

        async def slow(ids: Sequence[str]) -> list[ChatMessage]:
            if asyncio.current_task() is showing:
                await begun.wait()
            return await messages(ids)

        chat.store.messages = slow  # type: ignore[method-assign]
        showing = asyncio.create_task(rig.screen.show_chat(chat))
        await asyncio.sleep(0)
        send = partial(rig.screen.session.manager.send, chat, "second")
        rig.screen.turns.start(chat, send, "second")
        await eventually(lambda: len(chat.tree) == 4)
        begun.set()
        await showing
        gate.set()
        await rig.idle()
        assert "second" in rig.drawn()
        assert "two" in rig.drawn()


async def test_refused_prompt_comes_back_before_what_was_typed_meanwhile(tmp_path: Path) -> None:
    class Refusing:
        def client_for(self, target: Target) -> ScriptedClient:
            raise UsageError("No key.")

    async with running(tmp_path, clients=Refusing()) as rig:
        rig.screen.prompt.put("the long one")
        await rig.pilot.press("enter", "n", "e", "w")
        await eventually(lambda: bool(rig.toasts))
        await rig.pilot.pause()
        # The letters may have been typed before it came back or after, but nothing is lost.
        assert sorted(rig.screen.prompt.text.replace("\n", "")) == sorted("the long onenew")


async def test_second_turn_at_the_same_moment_leaves_the_first_alone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, answer("one"), [TextDelta("again"), gate, *answer("!")]) as rig:
        await rig.ask("first")
        await asyncio.gather(rig.screen.answering.regenerate(), rig.screen.answering.regenerate())
        await eventually(lambda: "again" in rig.drawn())
        assert rig.screen.turns.running == {rig.chat.id}
        gate.set()
        await rig.idle()
        assert len(rig.chat.tree) == 3


async def test_escape_closes_the_list_before_it_stops_an_answer(tmp_path: Path) -> None:
    script: list[Step] = [TextDelta("on and on"), asyncio.Event(), ReplyFinished("stop")]
    async with running(tmp_path, script, size=(80, 24)) as rig:
        await rig.send("go")
        await rig.pilot.press("ctrl+o", "escape")
        await rig.pilot.pause()
        assert rig.chat.streaming
        assert not rig.screen.has_class("-list-over")
        await rig.pilot.press("escape")
        await rig.idle()
        assert (await rig.path())[-1].status == "stopped"


async def test_prompt_sent_before_the_store_is_open_survives_quitting(tmp_path: Path) -> None:
    async with running(tmp_path, [asyncio.Event()], wait=False) as rig:
        rig.screen.prompt.insert("early words")
        await rig.pilot.press("enter", "ctrl+q")
    async with running(tmp_path, resume="") as rig:
        await eventually(lambda: "early words" in rig.drawn())


async def test_texts_that_could_not_be_loaded_are_asked_for_again(tmp_path: Path) -> None:
    async with running(tmp_path, answer("\n\n".join(["line"] * 200))) as rig:
        for number in range(3):
            await rig.ask(f"prompt {number}")
        await rig.screen.show_chat(rig.chat)
        messages = rig.chat.store.messages
        fails = [True]

        async def failing(ids: Sequence[str]) -> list[ChatMessage]:
            if fails and fails.pop():
                raise StorageError("The disk hiccups.")
            return await messages(ids)

        rig.chat.store.messages = failing  # type: ignore[method-assign]
        rig.screen.transcript.scroll_lines(-99_999)
        await eventually(lambda: bool(rig.toasts))
        rig.screen.transcript.jump_to_end()
        await rig.pilot.pause()
        rig.screen.transcript.scroll_lines(-99_999)
        await eventually(lambda: "prompt 0" in rig.drawn().splitlines()[1])


async def test_double_click_selects_one_message(tmp_path: Path) -> None:
    async with running(tmp_path, answer("the answer")) as rig:
        await rig.ask("question")
        await rig.pilot.click("#transcript", offset=(4, 4), times=2)
        await rig.pilot.pause()
        assert rig.screen.get_selected_text() == "the answer"


async def test_odd_titles_and_dates_are_shown(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        message = ChatMessage("m1", "user", text_parts("hi"), created=1e15)
        odd = Conversation("c1", title="[/]" + "x" * 300_000, updated=1e15, targets=(TARGET,))
        await rig.backend.store.add_messages(replace(odd, head="m1"), [message])
        await rig.screen.reload_list()
        await eventually(lambda: "[/]xxxx" in rig.drawn())
        await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
        await eventually(lambda: "hi" in rig.drawn())


async def test_hidden_characters_are_counted(tmp_path: Path) -> None:
    async with running(tmp_path, answer("a\u202eb\U000e0041c")) as rig:
        await rig.ask("trick me")
        assert "hidden characters removed: 2" in rig.drawn()


async def test_left_conversations_are_forgotten_unless_they_stream(tmp_path: Path) -> None:
    gate = asyncio.Event()
    client = ScriptedClient([TextDelta("x"), gate, *answer("y")])
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        manager = rig.screen.session.manager
        await rig.send("one")
        first = rig.chat
        chats = [rig.screen.session.new_chat() for _ in range(5)]
        for chat in chats:
            await rig.screen.show_chat(chat)
        opened = [chat for chat in (first, *chats) if manager._shelf.get(chat.id)]
        assert opened == [first, chats[-1]]
        gate.set()
        await rig.idle()
        assert not first.streaming


async def test_unforeseen_failure_to_open_gives_prompts_back(tmp_path: Path) -> None:
    async with running(tmp_path, fails=ZeroDivisionError(), wait=False) as rig:
        await eventually(lambda: bool(rig.backend.reports))
        rig.screen.prompt.put("precious")
        await rig.pilot.press("enter")
        await eventually(lambda: any("could not open" in toast for toast in rig.toasts))
        assert rig.screen.prompt.text == "precious"
