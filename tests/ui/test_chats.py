"""Conversations as a whole: temporary, pinned, stepped through, with a system prompt, named."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from chat_tui.core.conversation import Conversation, Node
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.messages import ChatMessage
from chat_tui.core.settings import Settings
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.ui.desk import ProviderRow
from chat_tui.ui.screens.question import QuestionDialog
from chat_tui.ui.screens.system_prompt import SystemPromptScreen
from tests.fakes import (
    TARGET,
    ScriptedClient,
    SimpleClientSource,
    Step,
    answer,
    eventually,
)
from tests.ui.rig import Rig, running

MARKER = "Zanzibar"


async def test_nothing_of_a_temporary_conversation_is_on_disk(tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps: list[Step] = [TextDelta(f"{MARKER} streamed"), gate, ReplyFinished("stop")]
    async with running(tmp_path, answer(f"{MARKER} one"), steps, answer("ok")) as rig:
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        await rig.pilot.pause()
        drawn = rig.drawn()
        assert "nothing of it is written to disk" in drawn
        assert drawn.count("temporary, not saved") == 2  # prompt and status line
        await rig.ask(f"{MARKER} asked")
        await rig.send(f"{MARKER} again")
        rig.screen.prompt.put(f"{MARKER} waits")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.queued) == 1)
        rig.screen.prompt.put(f"{MARKER} draft")
        rig.screen.writing.drafts.save()
        await rig.pilot.press("f2")
        await rig.pilot.press(*MARKER, "enter")
        await eventually(lambda: MARKER in rig.chat.conversation.title)
        await rig.screen.reload_list()
        assert MARKER not in _listed(rig)
        await rig.pilot.press("ctrl+g", "P")
        await eventually(lambda: any("not in the list" in toast for toast in rig.toasts))
        left = rig.chat
        await _leave(rig, "ctrl+n", "y")
        await eventually(lambda: rig.chat is not left)
        # What waited does not go out, and the answer was stopped.
        await rig.idle()
        assert len(left.tree) == 4
        assert not rig.chat.temporary
        assert "temporary, not saved" not in rig.drawn()
        await rig.ask("something else")
        await rig.screen.wind_up()
    assert _holding(tmp_path, MARKER) == []


async def test_leaving_a_temporary_conversation_asks_and_can_keep_it(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two"), answer("three")) as rig:
        await rig.ask("a stored one")
        stored = rig.chat.id
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        # Nothing was said: nothing is asked.
        await rig.pilot.press("ctrl+pagedown")
        await eventually(lambda: rig.chat.id == stored)
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        await rig.ask("said")
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        chat = rig.chat
        await _leave(rig, "ctrl+q", "n")
        assert rig.app.is_running
        await _leave(rig, "ctrl+g d", "escape")
        await _leave(rig, "ctrl+pagedown", "n")
        assert rig.chat is chat
        assert not rig.screen.chats.opening
        rig.screen.prompt.put("draft")
        await _leave(rig, "ctrl+n", "k")
        await eventually(lambda: rig.chat is not chat)
        await eventually(lambda: "Said" in _listed(rig))
        await rig.pilot.press("ctrl+pagedown")
        await eventually(lambda: rig.chat.id == chat.id)
        assert not rig.chat.temporary
        assert len(rig.chat.tree) == 3
        assert [each.text for each in await rig.path()] == ["said", "three"]
        await eventually(lambda: rig.screen.prompt.text == "draft")
        assert await rig.backend.temporary.summaries() == []


async def test_quitting_asks_about_a_temporary_conversation_alone(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one")) as rig:
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        await rig.ask("said")
        await rig.pilot.press("ctrl+q")
        await eventually(lambda: isinstance(rig.app.screen, QuestionDialog))
        await rig.pilot.press("y")
        await eventually(lambda: rig.app._exit)


async def test_pinned_conversations_come_first(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.pilot.press("ctrl+g", "P")
        await eventually(lambda: any("Nothing was said" in toast for toast in rig.toasts))
        for words in ("alpha", "beta", "gamma"):
            await rig.ask(words)
            await rig.screen.chats.new()
        await rig.pilot.press("ctrl+o", "end", "p")
        await eventually(lambda: _listed(rig).startswith("Pinned Alpha Today Gamma"))
        marked = rig.screen.list_of_conversations.marked
        assert marked is not None
        assert marked.title == "Alpha"
        assert any("“Alpha” stays at the top" in toast for toast in rig.toasts)
        await rig.pilot.press("p")
        await eventually(lambda: _listed(rig).startswith("Today Gamma"))
        # Steps go through the list as it is shown, and stop at its ends.
        await rig.pilot.press("escape")
        titles = []
        for _ in range(3):
            await rig.pilot.press("ctrl+pagedown")
            await eventually(lambda: not rig.screen.chats.opening)
            titles.append(rig.chat.conversation.title)
        assert titles == ["Gamma", "Beta", "Alpha"]
        await rig.pilot.press("ctrl+pagedown")
        await eventually(lambda: any("last conversation" in toast for toast in rig.toasts))
        await rig.pilot.press("ctrl+pageup", "ctrl+pageup", "ctrl+pageup")
        await eventually(lambda: rig.chat.conversation.title == "Gamma")
        await eventually(lambda: any("first conversation" in toast for toast in rig.toasts))


async def test_new_conversation_stays_though_another_was_being_opened(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one")) as rig:
        await rig.ask("first")
        first = rig.chat.id
        await rig.screen.chats.new()
        store, shelf = rig.backend.store, rig.screen.session.manager._shelf
        nodes, messages, gate = store.nodes, store.messages, asyncio.Event()

        async def slow_nodes(conversation: str) -> list[Node]:
            await gate.wait()
            return await nodes(conversation)

        async def slow_messages(ids: Sequence[str]) -> list[ChatMessage]:
            if ids:
                await gate.wait()
            return await messages(ids)

        store.nodes = slow_nodes  # type: ignore[method-assign]
        rig.screen.chats.open(first)
        await rig.pilot.pause()
        await rig.screen.chats.new()
        gate.set()
        await rig.pilot.pause()
        assert rig.chat.tree.head is None
        # The same where it is half shown already.
        gate.clear()
        store.nodes, store.messages = nodes, slow_messages  # type: ignore[method-assign]
        rig.screen.chats.open(first)
        await eventually(lambda: rig.chat.id == first)
        await rig.screen.chats.new()
        gate.set()
        await eventually(lambda: shelf.get(first) is None)
        assert rig.chat.tree.head is None
        assert not rig.screen.chats.opening


async def test_row_of_a_later_page_is_gone_once_it_is_deleted(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        for number in range(60):
            row = Conversation(f"c{number}", title=f"t{number}", updated=number, targets=(TARGET,))
            await rig.backend.store.add_messages(row, [ChatMessage(f"m{number}", "user")])
        await rig.screen.reload_list()
        rows = rig.screen.list_of_conversations
        await rig.pilot.press("ctrl+o", "end")
        await eventually(lambda: rows.count == 60)
        await rig.pilot.press("end", "d")
        await eventually(lambda: rows.count == 59)
        assert "t0" not in _listed(rig).split()


async def test_system_prompt_is_written_shown_and_sent(tmp_path: Path) -> None:
    client = ScriptedClient(answer("ok"))
    settings = Settings(system_prompt="The usual one.")
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, settings=settings) as rig:
        assert "System prompt: The usual one." in rig.drawn()
        await rig.pilot.press("ctrl+g", "S")
        await eventually(lambda: isinstance(rig.app.screen, SystemPromptScreen))
        await rig.pilot.press("ctrl+l", *"[b]x")
        await rig.pilot.press("escape")
        await eventually(lambda: len(rig.app.screen_stack) == 3)  # it asks
        await rig.pilot.press("n")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.press("ctrl+s")
        await eventually(lambda: rig.chat.conversation.system_prompt == "[b]x")
        await rig.pilot.pause()
        assert "System prompt: [b]x" in rig.drawn()
        assert "system prompt" in rig.drawn().splitlines()[-2]
        await rig.ask("hello")
        assert client.requests[-1].messages[0].text == "[b]x"
        rig.screen.prompt.put("/system Be kind.\nAlways.")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.conversation.system_prompt == "Be kind.\nAlways.")
        await rig.ask("more")
        assert client.requests[-1].messages[0].text == "Be kind.\nAlways."
        stored = await rig.backend.store.conversation(rig.chat.id)
        assert stored is not None
        assert stored.system_prompt == "Be kind.\nAlways."
        await rig.pilot.press("ctrl+g", "S")
        await eventually(lambda: isinstance(rig.app.screen, SystemPromptScreen))
        await rig.pilot.press("ctrl+l", "ctrl+s")
        await eventually(lambda: rig.chat.conversation.system_prompt == "")
        await rig.pilot.press("ctrl+g", "S")
        await eventually(lambda: isinstance(rig.app.screen, SystemPromptScreen))
        await rig.pilot.press("ctrl+d")
        screen = rig.app.screen
        assert isinstance(screen, SystemPromptScreen)
        assert screen.area.text == "The usual one."


async def test_title_comes_from_the_model_of_the_settings(tmp_path: Path) -> None:
    cases = {
        "small": Target(TARGET.provider, "small"),
        "other/small": Target("other", "small"),
        "vendor/small": Target(TARGET.provider, "vendor/small"),
        "": TARGET,
    }
    client = ScriptedClient(*[answer("ok"), answer("A fine title")] * len(cases))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        other = ProviderProfile("other", "http://127.0.0.1:9/v1")
        rig.desk.rows.append(ProviderRow(other, own=True, ready=True, key=""))
        for asked, target in cases.items():
            rig.screen.session.settings = Settings(title_by_model=True, title_model=asked)
            await rig.ask("hello")
            await eventually(lambda: rig.chat.conversation.title == "A fine title")
            assert client.requests[-1].target == target
            await rig.screen.chats.new()
        # What is temporary needs no title.
        await rig.screen.chats.start_temporary()
        sent = len(client.requests)
        await rig.ask("hello")
        assert len(client.requests) == sent + 1


def _holding(folder: Path, words: str) -> list[str]:
    """The files that hold some words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if words.encode() in path.read_bytes()]


def _listed(rig: Rig) -> str:
    """The rows of the list in one line."""
    rows = rig.screen.list_of_conversations
    return " ".join(str(option.prompt).strip(" ›●✓\n") for option in rows.options)


async def _leave(rig: Rig, keys: str, answered: str) -> None:
    """Do something that leaves the conversation, and answer the question."""
    await rig.pilot.press(*keys.split())
    await eventually(lambda: isinstance(rig.app.screen, QuestionDialog))
    await rig.pilot.press(answered)
    await eventually(lambda: len(rig.app.screen_stack) == 1)
    await rig.pilot.pause()
