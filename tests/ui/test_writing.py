"""Slash commands and completion, by keyboard."""

from pathlib import Path

import pytest
from textual.events import Paste

from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.targets import DEMO, Target
from chat_tui.ui.screens.filling import FillScreen
from chat_tui.ui.screens.library import LibraryScreen
from tests.fakes import ScriptedClient, SimpleClientSource, answer, eventually
from tests.ui.rig import Rig, running


def popup(rig: Rig) -> list[str]:
    """The rows of the popup; the marked one begins with a sign."""
    widget = rig.screen.writing.popup
    return [line.rstrip() for line in str(widget.content).split("\n")] if widget.display else []


async def _typed(rig: Rig, words: str) -> None:
    """Have words stand there of which the last sign was typed."""
    rig.screen.prompt.put(words[:-1])
    await rig.type(words[-1])


async def run(rig: Rig, command: str) -> None:
    rig.screen.prompt.put(command)
    rig.screen.prompt.close_popup()
    await rig.pilot.press("enter")
    await rig.pilot.pause()


async def test_commands_are_offered_completed_and_run(tmp_path: Path) -> None:
    client = ScriptedClient(answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        await rig.type("/mod")
        assert popup(rig)[0] == "› /model NAME  Model  ^t"
        await rig.pilot.press("tab")
        assert prompt.text == "/model "
        await eventually(lambda: any("model-1" in row for row in popup(rig)))
        await rig.pilot.press("escape")
        assert popup(rig) == []
        # It stays closed while that word is typed.
        await rig.type("m")
        assert popup(rig) == []

        prompt.put("")
        await rig.type("/par")
        assert popup(rig)[0].startswith("› /parameters")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        assert prompt.text == ""
        await rig.pilot.press("escape")
        await eventually(lambda: len(rig.app.screen_stack) == 1)

        # What was only guessed is written out, and run with another Enter.
        await rig.type("/prtrs")
        assert popup(rig)[0].split() == ["›", "/parameters", "Parameters", "^g", "p"]
        await rig.pilot.press("enter")
        assert prompt.text == "/parameters"
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.press("escape")
        await eventually(lambda: len(rig.app.screen_stack) == 1)

        # With the arrows, from both ends.
        await rig.type("/")
        rows = len(popup(rig))
        await rig.pilot.press("up")
        assert popup(rig)[rows - 1].startswith("›")
        await rig.pilot.press("down")
        assert popup(rig)[0].startswith("›")
        # A slash alone runs nothing.
        chat = rig.chat
        await rig.pilot.press("escape", "backspace", "slash", "enter")
        assert prompt.text == "/new"
        assert rig.chat is chat
        assert client.requests == []


async def test_commands_do_what_they_say_and_all_else_is_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ScriptedClient(answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        rig.backend.listed = []
        await _typed(rig, "/model b")
        await rig.pilot.pause()
        rig.backend.listed = [Target("fake", "model-1"), Target("other", "special")]
        await run(rig, "/model brand-new")
        assert rig.chat.target == Target("fake", "brand-new")
        # What could not be listed is asked for again with the next command.
        await _typed(rig, "/model ")
        await eventually(lambda: len(popup(rig)) == 2)
        await run(rig, "/model MODEL-1")
        assert rig.chat.target == Target("fake", "model-1")
        await run(rig, "/model mod")
        assert rig.chat.target == Target("fake", "mod")
        assert rig.toasts[-1].endswith("Did you mean /model model-1?")
        await _typed(rig, "/model sp")
        await eventually(lambda: popup(rig) == ["› special  Other"])
        await rig.pilot.press("down", "enter")
        await eventually(lambda: rig.chat.target == Target("other", "special"))

        await run(rig, "/temp 0.7")
        await run(rig, "/set top_p=0.5 seed=3")
        assert dict(rig.chat.target.parameters) == {"temperature": 0.7, "top_p": 0.5, "seed": 3}
        await run(rig, "/set temperature= seed=")
        assert dict(rig.chat.target.parameters) == {"top_p": 0.5}
        await _typed(rig, "/set temperature=1 to")
        assert popup(rig) == ["› top_p", "  tools", "  tool_choice", "  top_logprobs"]
        await rig.pilot.press("tab")
        assert prompt.text == "/set temperature=1 top_p="

        await run(rig, "/title  My \x1b name")
        assert rig.chat.conversation.title == "My ␛ name"
        systems: list[str] = []
        monkeypatch.setattr(rig.screen.chats, "edit_system_prompt", systems.append)
        await run(rig, "/system Be kind.\nAlways.")
        assert systems == ["Be kind.\nAlways."]
        assert client.requests == []

        # What cannot be run comes back with the reason.
        for words, told in (
            ("/modle x", "There is no command /modle. Did you mean /model? //modle sends it"),
            ("/temp warm", "temperature cannot be warm."),
            ("/new please", "/new takes nothing after it. //new sends it as text."),
            ("/set hot", "Write /set temperature=0.2"),
            ("/prompt nothing", "There is no saved prompt “nothing”."),
        ):
            await run(rig, words)
            await eventually(lambda told=told: rig.toasts[-1].startswith(told))  # type: ignore[misc]
            await eventually(lambda words=words: prompt.text == words)  # type: ignore[misc]
        assert len(rig.chat.tree) == 0
        for words, sent in (
            ("//model is a word", "/model is a word"),
            ("/etc/hosts is a file", "/etc/hosts is a file"),
            ("/todo this\nand that", "/todo this\nand that"),
            ("//TODO\nmore code", "//TODO\nmore code"),
        ):
            prompt.put("")
            await rig.ask(words)
            assert client.requests[-1].messages[-1].text == sent

        # The words of the demo are sent to it, and to nobody else.
        await run(rig, "/markdown")
        await eventually(lambda: "no command /markdown" in rig.toasts[-1])
        await rig.screen.answering.switch_to(Target(DEMO, "demo"))
        prompt.put("")
        await rig.type("/markd")
        assert popup(rig) == ["› /markdown  demo: every kind of formatting"]
        await rig.pilot.press("enter")
        await eventually(lambda: client.requests[-1].messages[-1].text == "/markdown")


async def test_paths_are_completed_in_the_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    (work / "notes").mkdir(parents=True)
    (work / "notes" / "to do.txt").touch()
    monkeypatch.chdir(work)
    client = ScriptedClient(answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        await rig.type("read @")
        await eventually(lambda: popup(rig) == ["› notes/"])
        await rig.pilot.press("tab")
        assert prompt.text == "read @notes/"
        await eventually(lambda: popup(rig) == ["› notes/to do.txt"])
        await rig.pilot.press("tab")
        # A whole file is attached at once.
        await eventually(lambda: prompt.text == "read [Document 1: to do.txt, 0 lines] ")
        assert popup(rig) == []
        await rig.pilot.press("enter")
        await eventually(lambda: bool(client.requests))
        assert client.requests[0].messages[-1].text == "read"


async def test_what_was_not_typed_is_not_completed(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt = rig.screen.prompt
        await rig.ask("before")
        await run(rig, "/title One")
        await run(rig, "/title Two")
        await rig.pilot.press("up")
        assert (prompt.text, popup(rig)) == ("/title Two", [])
        await rig.pilot.press("up")
        assert (prompt.text, popup(rig)) == ("/title One", [])
        await rig.pilot.press("down", "down")
        assert prompt.text == ""
        prompt.give_back("/model")
        rig.screen.writing.changed()
        assert popup(rig) == []
        prompt.put("")
        rig.screen.writing.take_saved(SavedPrompt("Slash", "/und"))
        await eventually(lambda: prompt.text == "/und")
        assert popup(rig) == []
        # What is typed then is.
        await rig.type("o")
        assert popup(rig)[0].startswith("› /undo")


async def test_saved_prompts_are_taken_by_name_and_filled_in(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt, library = rig.screen.prompt, rig.screen.session.library
        await library.save(SavedPrompt("Short", "Be short."))
        await library.save(SavedPrompt("Mail to", "Write to {{who}} in a {{tone=kind}} tone."))
        await run(rig, "/short and clear")
        await eventually(lambda: prompt.text == "Be short.\n\nand clear")

        prompt.put("")
        await rig.type("/mail")
        await eventually(lambda: popup(rig) == ["› /mail-to  saved prompt"])
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.pause()
        await rig.type("Ann")
        await rig.pilot.press("ctrl+j")
        await rig.type("Bob")
        await rig.pilot.press("enter")
        await rig.type("er")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.app.screen_stack) == 1)
        assert prompt.text == "Write to Ann\nBob in a kinder tone."

        # A long paste is a chip in a place too, and comes whole.
        prompt.put("")
        await run(rig, "/mail-to")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.pause()
        rig.app.post_message(Paste("word " * 5_000))
        await eventually(lambda: "[Paste 1: 25,000 characters]" in rig.drawn())
        await rig.pilot.press("tab")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.app.screen_stack) == 1)
        assert prompt.content == f"Write to {'word ' * 5_000} in a kind tone."

        prompt.put("Before. ")
        await rig.pilot.press("ctrl+l")
        await eventually(lambda: isinstance(rig.app.screen, LibraryScreen))
        await rig.pilot.pause()
        await eventually(lambda: "Write to {{who}}" in rig.drawn())
        await rig.pilot.press("j", "enter")
        await eventually(lambda: prompt.text == "Before. Be short.")
        await rig.pilot.press("ctrl+z")
        assert prompt.text == "Before. "

        # What was written here and is one of them by now is not written twice.
        prompt.put("Write to {{who}} in a {{tone=kind}} tone.\n")
        await rig.pilot.press("ctrl+l")
        await eventually(lambda: isinstance(rig.app.screen, LibraryScreen))
        await eventually(lambda: "Write to {{who}}" in rig.drawn())
        await rig.pilot.press("enter")
        await eventually(lambda: isinstance(rig.app.screen, FillScreen))
        await rig.pilot.pause()
        await rig.type("Ann")
        await rig.pilot.press("enter", "enter")
        await eventually(lambda: prompt.text == "Write to Ann in a kind tone.")

        await run(rig, "/prompt Mail to")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.press("escape")
        await eventually(lambda: len(rig.app.screen_stack) == 1)
        await run(rig, "/prompt")
        await eventually(lambda: isinstance(rig.app.screen, LibraryScreen))
