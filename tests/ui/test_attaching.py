"""Getting pictures and documents into the prompt: by path, folder, address, clipboard, words."""

import asyncio
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual.screen import Screen
from textual.widgets import OptionList

from chat_tui.core.attachments.media import DocumentWish, PictureWish
from chat_tui.core.attachments.secrets import secrets_in
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.errors import UsageError
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.models import Fact, ModelCard
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Prices, Target
from chat_tui.ui.screens.documents import DocumentsScreen
from chat_tui.ui.screens.objections import ObjectionsDialog
from chat_tui.ui.screens.path_line import PathDialog
from chat_tui.ui.screens.question import QuestionDialog
from tests.fakes import TARGET, TableFacts, WordCounter, answer, eventually
from tests.ui.pictures import picture_bytes, placed_exif, write_picture
from tests.ui.rig import Rig, running

S = TypeVar("S", bound=Screen[Any])


class SightedFacts(TableFacts):
    """Only the model `seeing` sees pictures."""

    def card(self, target: Target) -> ModelCard:
        sees = target.model == "seeing"
        return ModelCard(target.provider, target.model, abilities={"vision": Fact(sees, "list")})


def _planner(window: int = 100_000) -> ContextPlanner:
    facts = SightedFacts({str(TARGET): window}, {str(TARGET): Prices(2.0, 8.0)})
    return ContextPlanner(WordCounter(ready=True), facts, ForgetfulMemory())


def _names(rig: Rig) -> list[str]:
    parts = rig.screen.prompt.attached
    return [part.name or (part.url if isinstance(part, ImagePart) else "") for part in parts]


async def _on(rig: Rig, screen: type[S]) -> S:
    await eventually(lambda: type(rig.app.screen) is screen)
    await rig.pilot.pause()
    assert isinstance(rig.app.screen, screen)
    return rig.app.screen


async def _objected(rig: Rig) -> ObjectionsDialog:
    """The dialog is there and was read."""
    dialog = await _on(rig, ObjectionsDialog)
    rig.clock.advance(1)
    return dialog


async def _back(rig: Rig) -> None:
    await eventually(lambda: len(rig.app.screen_stack) == 1)
    await rig.pilot.pause()


async def _told(rig: Rig, words: str) -> None:
    await eventually(lambda: any(words in toast for toast in rig.toasts))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the app runs."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


async def test_files_become_chips_and_are_sent(tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "cat.png", 400, 300)
    photo = write_picture(tmp_path / "photo.jpg", 8, 8, format_="JPEG", exif=placed_exif())
    notes = tmp_path / "notes.py"
    notes.write_text('api_key = "sk-abcdefghij0123456789abcd"\n' * 3)
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture_bytes()[:20])
    settings = Settings(picture_side=200, picture_detail="low")
    async with running(tmp_path / "home", answer("Seen."), settings=settings) as rig:
        keys = secrets_in("notes.py", notes.read_text())
        rig.media.warnings["notes.py"] = ("Its second page is empty.", *keys)
        rig.media.failures["broken.png"] = UsageError("broken.png ends too early.")
        rig.screen.prompt.put("look at ")
        await rig.screen.attaching.attach(rig.chat, [picture, photo, broken, notes])
        await _told(rig, "broken.png ends too early.")
        await _told(rig, "notes.py: Its second page is empty.")
        assert _names(rig) == ["cat.png", "photo.jpg", "notes.py"]
        told = next(toast for toast in rig.toasts if "cat.png" in toast).splitlines()
        assert told[0].startswith("cat.png: 400×300 → 200×150, ")
        assert told[1].startswith("photo.jpg: 8×8, its place and camera taken out, ≈")
        assert told[2].startswith("notes.py: 3 lines, ≈")
        wishes = [wish for wish in rig.media.wishes if isinstance(wish, PictureWish)]
        assert wishes[0].most_side == 200
        assert not wishes[0].keep_metadata
        await rig.pilot.press("enter")
        told_of_key = await _on(rig, ObjectionsDialog)
        assert told_of_key.can_take_out
        assert "notes.py: 3 lines look like keys" in rig.drawn()
        assert not any("look like" in toast for toast in rig.toasts), "it is said once"
        await rig.pilot.press("x", "ctrl+s", "s")
        assert rig.app.screen is told_of_key, "who types on sends nothing"
        rig.clock.advance(1)
        await rig.pilot.press("s")
        assert rig.app.screen is told_of_key, "no bare letter sends it"
        await rig.pilot.press("ctrl+s")
        await rig.idle()
        prompt = (await rig.path())[0]
        assert [type(part) for part in prompt.parts[1:]] == [ImagePart, ImagePart, FilePart]
        assert prompt.text == "look at"
        for part in prompt.parts[1:]:
            assert isinstance(part, ImagePart | FilePart)
            assert await rig.chat.store.attachment(part.sha256) is not None
            assert not isinstance(part, ImagePart) or part.detail == "low"


async def test_reading_is_shown_stopped_and_belongs_to_its_conversation(tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "cat.png")
    async with running(tmp_path / "home", answer("One.")) as rig:
        await rig.ask("first")
        first, attaching = rig.chat, rig.screen.attaching
        rig.media.gate = asyncio.Event()
        rig.screen.run_worker(attaching.attach(rig.chat, [picture]))
        await eventually(lambda: attaching.reading == "cat.png")
        await rig.pilot.pause()
        assert "Reading cat.png" in rig.drawn()
        await rig.pilot.press("escape")
        await eventually(lambda: not attaching.reading)
        assert _names(rig) == []
        rig.screen.run_worker(attaching.attach(rig.chat, [picture]))
        await eventually(lambda: attaching.reading == "cat.png")
        await rig.screen.chats.new()
        assert not attaching.reading
        rig.media.gate.set()
        await eventually(lambda: not attaching._now)
        await rig.pilot.pause()
        assert _names(rig) == []
        rig.screen.chats.open(first.id)
        await eventually(lambda: _names(rig) == ["cat.png"])


async def test_words_after_a_command_are_attached(tmp_path: Path, folder: Path) -> None:
    write_picture(folder / "cat.png")
    (folder / "my notes.md").write_text("Words.")
    async with running(tmp_path / "home", answer("Fine.")) as rig:
        for words, names in (
            ("/attach cat.png https://x.example/dog.png", ["cat.png", "https://x.example/dog.png"]),
            ("/file my notes.md", ["my notes.md"]),
        ):
            rig.screen.prompt.put(words)
            await rig.pilot.press("enter")
            await eventually(lambda names=names: _names(rig) == names)  # type: ignore[misc]
            rig.screen.prompt.put("")
        rig.screen.prompt.put("/attach gone.png")
        await rig.pilot.press("enter")
        await _told(rig, "There is no file gone.png.")
        rig.screen.attaching.choose_address()
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.type("x.example/a.png")
        await rig.pilot.press("enter")
        await eventually(lambda: "must begin with http" in rig.drawn())
        await rig.pilot.press("home")
        await rig.type("https://")
        await rig.pilot.press("enter")
        await eventually(lambda: _names(rig) == ["https://x.example/a.png"])
        rig.screen.prompt.put("")
        rig.screen.prompt.insert("https://x.example/a.png")  # as it is pasted
        await eventually(lambda: "attach this picture" in rig.drawn())
        await rig.pilot.press("tab")
        await eventually(lambda: _names(rig) == ["https://x.example/a.png"])
        rig.screen.attaching.take_clipboard()
        await _told(rig, "There is no picture on the clipboard.")
        rig.media.clipboard = picture_bytes(6, 5)
        rig.screen.attaching.take_clipboard()
        await eventually(lambda: len(_names(rig)) == 2)
        rig.screen.attaching.detach()
        await eventually(lambda: _names(rig) != ["https://x.example/a.png", "clipboard"])
        rig.screen.attaching.detach()
        rig.screen.attaching.detach()
        await _told(rig, "Nothing is attached")
        assert _names(rig) == []


async def test_named_files_are_attached_when_taken_and_when_sent(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "notes.md").write_text("Words.")
    (folder / "other.md").write_text("Others.")
    (folder / "bad.bin").write_bytes(b"\0\1")
    async with running(tmp_path / "home", answer("Fine.")) as rig:
        await rig.type("see @no")
        await eventually(lambda: "notes.md" in rig.drawn())
        await rig.pilot.press("tab")
        await eventually(lambda: _names(rig) == ["notes.md"])
        assert "@" not in rig.screen.prompt.text
        await rig.type(" and @other.md, @onee.png, @alice")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 2)
        await rig.idle()
        prompt = (await rig.path())[0]
        # The blank after a chip is there already: who types one has one.
        assert prompt.text == "see [notes.md] and other.md, @onee.png, @alice"
        await _told(rig, "There is no onee.png here")
        names = [part.name for part in prompt.parts if isinstance(part, FilePart)]
        assert names == ["notes.md", "other.md"]
        rig.media.failures["bad.bin"] = UsageError("bad.bin is no text.")
        await rig.type("look @bad.bin")
        await rig.pilot.press("enter")
        await _told(rig, "bad.bin is no text.")
        await eventually(lambda: rig.screen.prompt.text == "look @bad.bin")
        # A folder is asked for; who leaves that hears how it is sent as words.
        (folder / "src").mkdir()
        (folder / "src" / "a.py").write_text("pass")
        rig.screen.prompt.put("look @src/ now")
        await rig.pilot.press("enter")
        await _on(rig, DocumentsScreen)
        await rig.pilot.press("escape")
        await _told(rig, "Take the @ away")
        await eventually(lambda: rig.screen.prompt.text == "look @src/ now")


async def test_folder_is_looked_at_before_it_is_attached(tmp_path: Path, folder: Path) -> None:
    source = folder / "src"
    source.mkdir()
    (source / "a.py").write_text("word " * 400)
    (source / "b.py").write_text("word " * 4_000)
    (source / ".env").write_text("SECRET=1")
    (source / "blob.bin").write_bytes(b"\0\1\2")
    write_picture(source / "p.png")
    async with running(tmp_path / "home", answer("Fine."), planner=_planner(6_000)) as rig:
        rig.media.warnings[".env"] = ("A file named .env usually holds keys.",)
        rig.screen.attaching.choose_document()
        dialog = await _on(rig, PathDialog)
        await eventually(lambda: dialog.query_one(OptionList).option_count == 1)
        await rig.pilot.press("tab")
        assert dialog.line.value == "src/"
        await rig.pilot.press("enter")
        screen = await _on(rig, DocumentsScreen)
        choosing = screen.choosing
        await eventually(lambda: len(choosing.facts) == 4)
        await rig.pilot.pause()
        names = [choosing.files[at].name for at in sorted(choosing.marked)]
        assert names == ["a.py", "b.py", "p.png"]
        drawn = rig.drawn()
        assert "3 of 4 files" in drawn
        assert "≈$0.0" in drawn
        assert "1 passed over" in drawn
        assert "Of each document at most" in drawn  # b.py is larger than the room
        totals = choosing.totals()
        assert totals.kept < totals.characters == 22_000
        assert choosing.room.free is not None
        assert totals.tokens <= choosing.room.free
        await rig.pilot.press("p")
        await eventually(lambda: "blob.bin: It is no text." in rig.drawn())
        await rig.pilot.press("p", "r")  # whole
        assert choosing.rule == "whole"
        await rig.pilot.press("r", "l")
        await rig.type("1k")
        await rig.pilot.press("enter")
        await eventually(lambda: choosing.own_limit == 1_000)
        await _on(rig, DocumentsScreen)
        await rig.pilot.press("g", "space", "G", "space")  # .env on, the picture off
        assert [choosing.files[at].name for at in sorted(choosing.marked)] == [
            ".env",
            "a.py",
            "b.py",
        ]
        assert "usually holds keys" not in rig.drawn()
        await rig.pilot.press("a", "a")
        assert not choosing.marked
        await rig.pilot.press("enter")
        await _told(rig, "No file is marked.")
        await rig.pilot.press("g", "j", "space", "j", "space", "enter")
        await _back(rig)
        await eventually(lambda: _names(rig) == ["a.py", "b.py"])
        texts = [part.text for part in rig.screen.prompt.attached if isinstance(part, FilePart)]
        assert all("left out here" in words for words in texts)
        assert DocumentWish("head", 1_000) in rig.media.wishes


async def test_large_document_is_asked_for_and_refused_where_it_cannot_fit(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "large.txt").write_text("word " * 30_000)
    path = folder / "large.txt"
    async with running(tmp_path / "home", answer("Fine."), planner=_planner(8_000)) as rig:
        rig.screen.run_worker(rig.screen.attaching.attach(rig.chat, [path]))
        screen = await _on(rig, DocumentsScreen)
        await eventually(lambda: screen.choosing.rule == "head-and-tail")
        await rig.pilot.press("r", "enter")
        assert screen.choosing.rule == "whole"
        await _told(rig, "The model cannot read that much.")
        assert "more than the model reads at all" in rig.drawn()
        await rig.pilot.press("escape")
        await _back(rig)
        assert _names(rig) == []
        rig.screen.run_worker(rig.screen.attaching.attach(rig.chat, [path]))
        again = await _on(rig, DocumentsScreen)
        await eventually(lambda: again.choosing.rule == "head-and-tail")
        await rig.pilot.press("enter")
        await eventually(lambda: _names(rig) == ["large.txt"])


async def test_what_speaks_against_sending_is_said_once(tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "cat.png")
    async with running(tmp_path / "home", answer("Fine."), planner=_planner()) as rig:
        rig.backend.listed = [TARGET, Target(TARGET.provider, "seeing")]

        async def attach_and_send() -> None:
            rig.screen.prompt.put("look ")
            await rig.screen.attaching.attach(rig.chat, [picture])
            await rig.pilot.press("enter")

        rig.screen.prompt.put("look ")
        await rig.screen.attaching.attach(rig.chat, [picture])
        await rig.pilot.pause()
        assert "no vision" in rig.drawn()
        await rig.pilot.press("enter")
        dialog = await _on(rig, ObjectionsDialog)
        assert dialog.can_take_out
        await rig.pilot.press("enter")
        assert rig.app.screen is dialog, "Enter sends nothing"
        await rig.pilot.press("escape")
        await eventually(lambda: _names(rig) == ["cat.png"])
        assert not len(rig.chat.tree)
        await rig.pilot.press("enter")
        await _objected(rig)
        await rig.pilot.press("ctrl+s")
        await rig.idle()
        assert len(rig.chat.tree) == 2
        await attach_and_send()  # it was said already
        await rig.idle()
        assert len(rig.chat.tree) == 4
        await rig.screen.chats.new()
        await attach_and_send()
        await _objected(rig)
        await rig.pilot.press("x")
        await rig.idle()
        assert [type(part).__name__ for part in (await rig.path())[0].parts] == ["TextPart"]
        await rig.screen.chats.new()
        await attach_and_send()
        await _objected(rig)
        await rig.pilot.press("ctrl+t")
        await eventually(lambda: type(rig.app.screen).__name__ == "ModelPicker")
        await rig.type("seeing")
        await rig.pilot.press("enter")
        await rig.idle()
        await eventually(lambda: len(rig.chat.tree) == 2)
        assert rig.chat.target.model == "seeing"
        assert any(isinstance(part, ImagePart) for part in (await rig.path())[0].parts)
        # The pictures of earlier prompts are told of too, once.
        await rig.screen.session.manager.conversations.switch_target(rig.chat, TARGET)
        rig.screen.update_status()
        await eventually(lambda: "no vision" in rig.drawn())
        await rig.type("hello")
        await rig.pilot.press("enter")
        earlier = await _objected(rig)
        assert not earlier.can_take_out
        assert "There are pictures in what was sent before." in rig.drawn()
        await rig.pilot.press("escape")
        await eventually(lambda: rig.screen.prompt.text == "hello")
        await rig.pilot.press("enter")
        await _objected(rig)
        await rig.pilot.press("ctrl+s")
        await rig.idle()
        await rig.ask("again")
        assert len(rig.chat.tree) == 6


async def test_preset_sets_a_conversation_up_and_asks_for_a_document(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "notes.md").write_text("Words.")
    async with running(tmp_path / "home", answer("Fine.")) as rig:
        await _take_preset(rig)
        await _on(rig, PathDialog)
        await rig.type("notes.md")
        await rig.pilot.press("enter")
        await eventually(lambda: _names(rig) == ["notes.md"])
        assert rig.screen.prompt.text.startswith("Question: Why?")
        assert "document analysis" in rig.chat.conversation.system_prompt
        assert rig.chat.target.parameters == {"temperature": 0.2}
        await _told(rig, "Document analysis has set: the system prompt, temperature 0.2.")
        await rig.pilot.press("enter")
        await rig.idle()
        first = rig.chat
        await rig.screen.session.manager.conversations.set_system_prompt(first, "Mine.")
        await _take_preset(rig)
        await _on(rig, QuestionDialog)
        await rig.pilot.press("n")
        await _back(rig)
        assert first.conversation.system_prompt == "Mine."
        assert rig.screen.prompt.text == ""
        await _take_preset(rig)
        await _on(rig, QuestionDialog)
        await rig.pilot.press("c")
        await _on(rig, PathDialog)
        await rig.pilot.press("escape")
        await _back(rig)
        assert rig.chat is not first
        assert "document analysis" in rig.chat.conversation.system_prompt
        assert rig.screen.prompt.text.strip() == "Question: Why?"


async def _take_preset(rig: Rig) -> None:
    rig.screen.set_focus(rig.screen.prompt)
    rig.screen.prompt.put("/document-analysis Why?")
    await rig.pilot.press("enter")
    await eventually(lambda: type(rig.app.screen).__name__ == "FillScreen")
    await rig.pilot.pause()
    await rig.pilot.press("ctrl+s")
