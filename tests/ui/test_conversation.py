"""The main job, by keyboard: write, read, stop, come back."""

import asyncio
from pathlib import Path

from chat_tui.core.errors import AuthError, InterruptedReplyError, StorageError, UsageError
from chat_tui.core.events import ReasoningDelta, ReplyFinished, RetryScheduled, TextDelta
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Target
from chat_tui.ui.backend import FoundServer
from tests.fakes import ScriptedClient, SimpleClientSource, Step, answer, eventually
from tests.ui.rig import running


async def test_prompt_is_answered_and_stored(tmp_path: Path) -> None:
    async with running(tmp_path, answer("Hello ", "there.")) as rig:
        reply = await rig.ask("Good morning")
        assert (reply.text, reply.status) == ("Hello there.", "complete")
        drawn = rig.drawn()
        assert "Good morning" in drawn
        assert "Hello there." in drawn
        assert rig.screen.prompt.text == ""
        stored = await rig.backend.store.messages(rig.chat.tree.path())
        assert [message.text for message in stored] == ["Good morning", "Hello there."]


async def test_enter_waits_for_the_letters_before_it(tmp_path: Path) -> None:
    client = ScriptedClient(answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        for key in ("h", "i"):
            rig.app._driver.send_message(_key(key))  # type: ignore[union-attr]
        rig.app._driver.send_message(_key("enter"))  # type: ignore[union-attr]
        await eventually(lambda: bool(client.requests))
        assert client.requests[0].messages[-1].text == "hi"


def _key(key: str) -> object:
    from textual.events import Key

    return Key(key, key if len(key) == 1 else None)


async def test_new_line_does_not_send(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.type("a")
        await rig.pilot.press("ctrl+j")
        await rig.type("b")
        assert rig.screen.prompt.text == "a\nb"
        assert len(rig.chat.tree) == 0


async def test_empty_prompt_sends_nothing(tmp_path: Path) -> None:
    client = ScriptedClient(answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        await rig.type("  ")
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.toasts))
        assert rig.toasts == ["Type a message first."]
        assert client.requests == []


async def test_prompt_that_is_sent_while_the_app_opens_is_not_lost(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok"), wait=False) as rig:
        await rig.type("early")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.screen.session.chat is not None and len(rig.chat.tree) == 2)
        await rig.idle()
        assert [message.text for message in await rig.path()] == ["early", "ok"]


async def test_stop_keeps_the_text(tmp_path: Path) -> None:
    script: list[Step] = [TextDelta("Once upon"), asyncio.Event(), ReplyFinished("stop")]
    async with running(tmp_path, script) as rig:
        await rig.send("a story")
        await eventually(lambda: "Once upon" in rig.drawn())
        await rig.pilot.press("escape")
        await rig.idle()
        reply = (await rig.path())[-1]
        assert (reply.text, reply.status) == ("Once upon", "stopped")
        assert "Stopped here." in rig.drawn()


async def test_failure_is_a_card_and_the_next_turn_works(tmp_path: Path) -> None:
    refused = AuthError("The key was refused.", hint="Set FAKE_API_KEY.", status=401)
    async with running(tmp_path, [refused], answer("now it works")) as rig:
        reply = await rig.ask("hello")
        assert reply.status == "error"
        drawn = rig.drawn()
        assert "No answer" in drawn
        assert "The key was refused." in drawn
        assert "Set FAKE_API_KEY." in drawn
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert "now it works" in rig.drawn()
        assert "‹ 2/2 ›" in rig.drawn()


async def test_reply_that_broke_off_is_shown_with_its_cause(tmp_path: Path) -> None:
    script: list[Step] = [TextDelta("half a"), InterruptedReplyError("The connection broke.")]
    async with running(tmp_path, script) as rig:
        reply = await rig.ask("hello")
        assert (reply.text, reply.status) == ("half a", "interrupted")
        assert "Interrupted" in rig.drawn()
        assert "The connection broke." in rig.drawn()


async def test_unforeseen_failure_is_reported_and_the_app_lives(tmp_path: Path) -> None:
    script: list[Step] = [TextDelta("some"), RuntimeError("secret words")]
    async with running(tmp_path, script, answer("fine again")) as rig:
        await rig.send("hello")
        await eventually(lambda: bool(rig.backend.reports))
        assert "RuntimeError" in rig.backend.reports[0]
        assert "secret words" not in rig.backend.reports[0]
        await rig.idle()
        assert (await rig.path())[-1].status == "interrupted"
        await rig.ask("again")
        assert "fine again" in rig.drawn()


async def test_refused_prompt_comes_back(tmp_path: Path) -> None:
    class Refusing:
        def client_for(self, target: Target) -> ScriptedClient:
            raise UsageError("No key for this provider.", hint="Set one.")

    async with running(tmp_path, clients=Refusing()) as rig:
        rig.screen.prompt.put("precious words")
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.toasts))
        assert rig.toasts == [
            "No key for this provider. Set one. ^t sends this conversation to another model."
        ]
        assert rig.screen.prompt.text == "precious words"
        assert len(rig.chat.tree) == 0


async def test_backend_that_cannot_be_opened_leaves_the_prompt(tmp_path: Path) -> None:
    fails = StorageError("The disk is gone.", hint="Plug it in.")
    async with running(tmp_path, fails=fails, wait=False) as rig:
        rig.screen.prompt.put("precious")
        await eventually(lambda: rig.screen.banner.has_class("-shown"))
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.toasts))
        assert rig.screen.prompt.text == "precious"
        assert "The disk is gone." in rig.drawn()


async def test_retry_is_told_in_status_line_and_transcript(tmp_path: Path) -> None:
    error = AuthError("Busy.").info
    script: list[Step] = [RetryScheduled(2, 3, 4.0, error), asyncio.Event(), *answer("x")]
    async with running(tmp_path, script) as rig:
        await rig.send("hello")
        rig.screen.update_status()
        await rig.pilot.pause()
        rig.screen.update_status()
        await rig.pilot.pause(0.2)
        assert rig.drawn().count("Attempt 2 of 3 in 4 s · Busy.") == 2
        await rig.pilot.press("escape")
        await rig.idle()


async def test_conversations_are_answered_side_by_side(tmp_path: Path) -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    scripts: list[list[Step]] = [
        [TextDelta("first "), gates[0], *answer("end one")],
        [TextDelta("second "), gates[1], *answer("end two")],
    ]
    async with running(tmp_path, *scripts) as rig:
        await rig.send("one")
        first = rig.chat
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not first)
        await rig.send("two")
        second = rig.chat
        assert rig.screen.turns.running == {first.id, second.id}
        assert "1 running" in rig.drawn()
        gates[1].set()
        await eventually(lambda: not second.streaming)
        gates[0].set()
        await rig.idle()
        texts = await first.messages(first.tree.path())
        assert texts[-1].text == "first end one"
        assert "second end two" in rig.drawn()
        assert "end one" not in rig.drawn()


async def test_conversation_left_while_it_streams_shows_all_of_it_later(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, [TextDelta("before "), gate, *answer("after")]) as rig:
        await rig.send("one")
        first = rig.chat
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not first)
        await rig.screen.show_chat(first)
        await rig.pilot.pause()
        assert "before" in rig.drawn()
        gate.set()
        await rig.idle()
        assert rig.drawn().count("before after") == 1


async def test_restart_brings_everything_back(tmp_path: Path) -> None:
    async with running(tmp_path, answer("Remembered.")) as rig:
        await rig.ask("Remember this")
        id_ = rig.chat.id
        await rig.pilot.press("ctrl+q")
    async with running(tmp_path, answer("x"), resume="") as rig:
        await eventually(lambda: "Remembered." in rig.drawn())
        assert rig.chat.id == id_
        assert "Remember this" in rig.drawn()
    async with running(tmp_path, answer("x")) as rig:
        await eventually(lambda: "Remember this" in rig.drawn())
        assert len(rig.chat.tree) == 0


async def test_quitting_while_an_answer_comes_keeps_it(tmp_path: Path) -> None:
    async with running(tmp_path, [TextDelta("kept"), asyncio.Event()]) as rig:
        await rig.send("go")
        await eventually(lambda: "kept" in rig.drawn())
        await rig.pilot.press("ctrl+q")
    async with running(tmp_path, resume="") as rig:
        await eventually(lambda: "kept" in rig.drawn())
        assert (await rig.path())[-1].status == "stopped"


async def test_list_opens_renames_deletes_and_brings_back(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two")) as rig:
        await rig.ask("Alpha topic")
        first = rig.chat.id
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat.id != first)
        await rig.ask("Beta topic")
        await eventually(lambda: "Alpha topic" in rig.drawn())
        await rig.pilot.press("ctrl+o", "end", "enter")
        await eventually(lambda: rig.chat.id == first)
        await rig.pilot.pause()
        await rig.pilot.press("f2")
        await rig.pilot.pause()
        await rig.type("Gamma")
        await rig.pilot.press("enter")
        await eventually(lambda: "Gamma" in rig.drawn())
        assert rig.chat.conversation.title_by_hand
        await rig.pilot.press("ctrl+g", "d")
        await eventually(lambda: rig.chat.id != first)
        rows = await rig.backend.store.summaries()
        assert [row.title for row in rows] == ["Beta topic"]
        await rig.pilot.press("ctrl+g", "u")
        await eventually(lambda: rig.chat.id == first)
        rows = await rig.backend.store.summaries()
        assert {row.title for row in rows} == {"Beta topic", "Gamma"}


async def test_earlier_versions_are_paged(tmp_path: Path) -> None:
    async with running(tmp_path, answer("old words"), answer("new words")) as rig:
        await rig.ask("say")
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert "new words" in rig.drawn()
        assert "old words" not in rig.drawn()
        await rig.pilot.press("escape", "j", "left_square_bracket")
        await eventually(lambda: "old words" in rig.drawn())
        assert "‹ 1/2 ›" in rig.drawn()


async def test_copy_puts_the_answer_on_the_clipboard(tmp_path: Path) -> None:
    async with running(tmp_path, answer("**bold** and `code`")) as rig:
        await rig.ask("say")
        await rig.pilot.press("ctrl+g", "y")
        await eventually(lambda: bool(rig.app.clipboard))
        assert rig.app.clipboard == "**bold** and `code`"
        assert any("Copied 19 characters" in toast for toast in rig.toasts)


async def test_reasoning_folds(tmp_path: Path) -> None:
    script: list[Step] = [ReasoningDelta("deep thoughts"), *answer("The answer.")]
    async with running(tmp_path, script) as rig:
        await rig.ask("think")
        assert "Reasoning" in rig.drawn()
        assert "deep thoughts" not in rig.drawn()
        await rig.pilot.press("escape", "space")
        await rig.pilot.pause()
        assert "deep thoughts" in rig.drawn()


async def test_title_is_asked_of_the_model_where_that_is_switched_on(tmp_path: Path) -> None:
    settings = Settings(title_by_model=True)
    async with running(
        tmp_path, answer("Hi."), answer("Morning Greetings"), settings=settings
    ) as r:
        await r.ask("good morning to you")
        await eventually(lambda: r.chat.conversation.title == "Morning Greetings")
        assert not r.chat.conversation.title_by_hand


async def test_found_server_is_offered_and_used_on_request(tmp_path: Path) -> None:
    found = FoundServer(Target("ollama", "llama"), "Ollama")
    async with running(tmp_path, answer("ok"), found=found) as rig:
        await eventually(lambda: "A local server answers: Ollama" in rig.drawn())
        assert rig.chat.target.provider == "fake"
        await rig.pilot.press("ctrl+g", "l")
        await eventually(lambda: rig.chat.target.provider == "ollama")
        assert "A local server" not in rig.drawn()


async def test_what_another_window_writes_appears(tmp_path: Path) -> None:
    async with running(tmp_path, answer("from one")) as one:
        await one.ask("shared")
        async with running(tmp_path, answer("from two"), resume="") as two:
            await eventually(lambda: "from one" in two.drawn())
            await two.ask("and now")
        one.app.app_focus = False
        await eventually(lambda: "from two" in one.drawn())
        assert len(one.chat.tree) == 4


async def test_model_is_switched_and_what_was_said_stays(tmp_path: Path) -> None:
    client = ScriptedClient(answer("one"), answer("two"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        rig.backend.listed = [Target("fake", "model-1"), Target("other", "big-model")]
        await rig.ask("first")
        await rig.pilot.press("ctrl+t")
        await eventually(lambda: "big-model" in rig.drawn())
        await rig.type("big")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.target == Target("other", "big-model"))
        await rig.ask("second")
        assert client.requests[1].target.model == "big-model"
        assert [message.text for message in client.requests[1].messages] == [
            "first",
            "one",
            "second",
        ]
        assert [message.model for message in await rig.path()] == ["", "model-1", "", "big-model"]


async def test_model_that_is_not_listed_can_be_typed(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one")) as rig:
        await rig.pilot.press("ctrl+t")
        await rig.pilot.pause()
        await rig.type("unlisted")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.target == Target("fake", "unlisted"))


async def test_model_stays_on_escape(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one")) as rig:
        before = rig.chat.target
        await rig.pilot.press("ctrl+t", "x", "escape")
        await rig.pilot.pause()
        assert rig.chat.target == before
        assert rig.app.screen is rig.screen


async def test_prompt_is_shown_as_it_was_written(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.ask("Fix:\ndef f(x):\n    return *x*\n# no heading\n- no list")
        for line in ("def f(x):", "    return *x*", "# no heading", "- no list"):
            assert f"▌ {line}" in rig.drawn()


async def test_letters_typed_right_behind_i_are_written(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.ask("hello")
        await rig.pilot.press("escape")
        await rig.pilot.pause()
        driver = rig.app._driver
        assert driver is not None
        for key in ("i", "y", "n", "x"):
            driver.send_message(_key(key))
        await eventually(lambda: rig.screen.prompt.text == "ynx")


async def test_undo_marks_what_came_back(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        for name in ("alpha", "beta", "gamma"):
            await rig.ask(f"The {name} topic")
            await rig.screen.chats.new()
        await rig.pilot.press("ctrl+o", "j", "d")
        await eventually(lambda: any("Deleted" in toast for toast in rig.toasts))
        await rig.pilot.press("u")
        await rig.pilot.pause(0.2)
        marked = rig.screen.list_of_conversations.marked
        assert marked is not None
        assert marked.id == rig.chat.id


async def test_going_to_the_list_means_the_open_conversation(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        for name in ("alpha", "beta"):
            await rig.ask(f"The {name} topic")
            await rig.screen.chats.new()
        await rig.pilot.press("ctrl+o", "end", "enter")
        await eventually(lambda: len(rig.chat.tree) > 0)
        await rig.screen.chats.new()
        await rig.ask("The fresh topic")
        await rig.pilot.press("ctrl+o")
        marked = rig.screen.list_of_conversations.marked
        assert marked is not None
        assert marked.id == rig.chat.id


async def test_sending_ends_what_was_read(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.ask("first")
        await rig.pilot.press("escape", "k")
        assert rig.screen.transcript.current is not None
        await rig.pilot.press("i")
        await rig.ask("second")
        assert rig.screen.transcript.current is None
