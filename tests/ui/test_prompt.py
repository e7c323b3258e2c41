"""Writing: pastes as chips, earlier prompts, undo."""

from pathlib import Path

from textual.events import Paste

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import Target
from tests.fakes import ScriptedClient, SimpleClientSource, answer, eventually
from tests.ui.rig import Rig, running

LONG = "line of text\n" * 2_000
CHIP = "[Paste 1: 26,000 characters, 2,001 lines]"


async def paste(rig: Rig, words: str) -> None:
    """Paste, and wait until an Enter is not taken for a part of it any more."""
    rig.screen.prompt.post_message(Paste(words))
    await rig.pilot.pause()
    rig.screen.prompt._guard._until = 0.0


async def test_long_paste_is_one_thing_to_every_key(tmp_path: Path) -> None:
    client = ScriptedClient(answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        await rig.type("ab")
        await paste(rig, LONG)
        await rig.type("cd")
        assert prompt.text == f"ab{CHIP}cd"
        assert CHIP in rig.drawn()
        assert "≈ 6,5" in rig.drawn()

        await rig.pilot.press("left", "left")
        assert prompt.cursor_location == (0, 2 + len(CHIP))
        await rig.pilot.press("left")
        assert prompt.cursor_location == (0, 2)
        await rig.pilot.press("right", "shift+left")
        assert prompt.selected_text == LONG
        await rig.pilot.press("right")
        prompt.move_cursor((0, 5))
        assert prompt.cursor_location == (0, 2)
        await rig.pilot.press("delete")
        assert prompt.text == "abcd"
        await rig.pilot.press("ctrl+z")
        assert prompt.text == f"ab{CHIP}cd"
        prompt.move_cursor((0, 2 + len(CHIP)))
        await rig.pilot.press("backspace")
        assert prompt.text == "abcd"
        await rig.pilot.press("ctrl+z", "end", "ctrl+w")
        assert CHIP in prompt.text
        await rig.pilot.press("ctrl+z", "end", "enter")
        await eventually(lambda: bool(client.requests))
        assert client.requests[0].messages[-1].text == f"ab{LONG}cd"
        await rig.idle()

        # What was sent comes back with its chip, and the next one is the first again.
        await rig.pilot.press("up")
        await eventually(lambda: prompt.text == f"ab{CHIP}cd")
        assert prompt.content == f"ab{LONG}cd"
        await rig.pilot.press("ctrl+z")
        assert prompt.text == ""


async def test_paste_that_is_refused_comes_back_as_its_chip(tmp_path: Path) -> None:
    class Refusing:
        def client_for(self, target: Target) -> ScriptedClient:
            raise UsageError("No key for this provider.")

    async with running(tmp_path, clients=Refusing()) as rig:
        prompt = rig.screen.prompt
        await rig.type("read ")
        await paste(rig, LONG)
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.toasts))
        assert prompt.text == f"read {CHIP}"
        # The same of a text that never was a paste.
        prompt.put(LONG)
        assert prompt.text == CHIP
        # Cut whole, and copied once.
        copied: list[str] = []
        rig.app.copy_to_clipboard = copied.append  # type: ignore[method-assign,assignment]
        await rig.pilot.press("ctrl+x")
        assert (prompt.text, copied) == ("", [LONG])
        await rig.pilot.press("ctrl+x")
        assert copied == [LONG]
        prompt.put("short")
        prompt.give_back(LONG)
        assert prompt.text == f"{CHIP}\nshort"
        await rig.pilot.press("ctrl+z")
        assert prompt.text == "short"


async def test_paste_is_cleaned_opened_changed_and_unfolded(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt = rig.screen.prompt
        await rig.pilot.press("f3")
        await eventually(lambda: rig.toasts == ["There is no folded paste here."])
        await paste(rig, LONG)
        await rig.type(" ")
        await paste(rig, "x" * 30_000)
        prompt.move_cursor((0, 0))
        await rig.pilot.press("f3")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.pause()
        assert "Characters: 26,000 · lines: 2,001" in rig.drawn()
        await rig.type("new ")
        await rig.pilot.press("ctrl+s")
        await eventually(lambda: "26,004" in prompt.text)
        assert prompt.content.startswith("new line of text")
        prompt.move_cursor(prompt.document.end)
        await rig.pilot.press("f3")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.pause()
        # A line this long is shown, and not laid out anew with each key.
        assert "too long to be changed here" in rig.drawn()
        await rig.pilot.press("ctrl+o")
        await eventually(lambda: prompt.text.endswith("x" * 30_000))
        await rig.pilot.press("ctrl+z")
        assert prompt.text.endswith("[Paste 2: 30,000 characters]")

        # Pastes are cleaned, and an Enter right after one may be part of it.
        prompt.put("")
        rig.screen.prompt.post_message(Paste("a\r\nb\x1b[31m"))
        await rig.pilot.press("enter")
        assert rig.screen.prompt.text == "a\nb␛[31m"
        assert len(rig.chat.tree) == 0
        # Over the border of what is cleaned in one go, a line end stays one.
        rig.screen.prompt.put("")
        await paste(rig, "x" * 63_999 + "\r\n" + "y")
        assert rig.screen.prompt.content == "x" * 63_999 + "\ny"


async def test_up_brings_back_what_was_sent_and_down_the_draft(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok"), size=(60, 20)) as rig:
        prompt = rig.screen.prompt
        for words in ("explain cats", "two\nlines", "write a poem"):
            await rig.ask(words)
        await rig.type("my draft")
        prompt.move_cursor((0, 0))
        await rig.pilot.press("up")
        await eventually(lambda: prompt.text == "write a poem")
        await rig.pilot.press("up")
        assert prompt.text == "two\nlines"
        # It goes on from where the last step ended, although there is a line above.
        await rig.pilot.press("up")
        assert prompt.text == "explain cats"
        await rig.pilot.press("down", "down")
        assert prompt.text == "write a poem"
        await rig.pilot.press("down")
        assert prompt.text == "my draft"

        # Only what begins with what stands before the cursor; undo is a way back too.
        prompt.put("ex")
        await rig.pilot.press("up")
        assert prompt.text == "explain cats"
        await rig.pilot.press("up")
        assert prompt.text == "explain cats"
        await rig.pilot.press("ctrl+z")
        assert prompt.text == "ex"
        await rig.pilot.press("up", "down")
        assert prompt.text == "ex"

        # From anywhere, all of them; within lines, up moves up.
        prompt.put("one\ntwo\nthree")
        await rig.pilot.press("up")
        assert prompt.cursor_location[0] == 1
        await rig.pilot.press("ctrl+up")
        assert prompt.text == "write a poem"
        await rig.pilot.press("ctrl+down")
        assert prompt.text == "one\ntwo\nthree"

        # A draft that waited behind a prompt that is sent comes back.
        await rig.pilot.press("alt+up")
        await rig.pilot.press("enter")
        await rig.idle()
        assert (await rig.path())[-2].text == "write a poem"
        assert prompt.text == "one\ntwo\nthree"


async def test_prompts_of_earlier_days_are_there(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.pilot.press("ctrl+up")
        await eventually(lambda: rig.toasts == ["Nothing was sent before this."])
        await rig.ask("of yesterday")
    async with running(tmp_path, answer("ok")) as rig:
        await rig.pilot.press("up")
        await eventually(lambda: rig.screen.prompt.text == "of yesterday")
