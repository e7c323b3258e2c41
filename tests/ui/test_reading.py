"""Reading by keyboard in the real app: prompts, code blocks, unread, links, the sign of it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from chat_tui.core.conversation import Conversation
from chat_tui.core.events import TextDelta
from chat_tui.core.messages import ChatMessage, Role, text_parts
from chat_tui.core.settings import Settings
from chat_tui.ui.screens.code_blocks import CodeBlocksDialog, SaveCodeDialog
from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.links import LinksDialog
from chat_tui.ui.widgets.transcript import CodePlace, Transcript
from chat_tui.ui.widgets.transcript.path import unmarked
from tests.fakes import TARGET, ScriptedClient, SimpleClientSource, answer, eventually
from tests.ui.rig import Rig, running

CODE = "Two:\n\n```python\ndef a():\n    return 1\n```\n\nand\n\n```\nplain\n\n```\n"
LINKS = (
    "See [the docs](https://example.org/docs), https://example.org/bare and "
    "[bank.example](https://evil.example/x)."
)


async def _conversation(rig: Rig, *texts: str, id_: str = "c1") -> Transcript:
    """Show a stored conversation: prompts and answers in turn."""
    messages: list[ChatMessage] = []
    for number, words in enumerate(texts):
        role: Role = "assistant" if number % 2 else "user"
        parent = messages[-1].id if messages else None
        name = f"{id_}-{number:05}"
        made = ChatMessage(name, role, text_parts(words), parent, model="m", created=1e9)
        messages.append(made)
    conversation = Conversation(id_, title="Long", targets=(TARGET,), head=messages[-1].id)
    await rig.backend.store.add_messages(conversation, messages)
    await rig.screen.show_chat(await rig.screen.session.open_chat(id_))
    await rig.pilot.pause()
    rig.screen.set_focus(rig.screen.transcript)
    await rig.pilot.pause()
    return rig.screen.transcript


async def _press(rig: Rig, *keys: str) -> None:
    await rig.pilot.press(*keys)
    await rig.pilot.pause()


async def _on_top(rig: Rig, dialog: type[object]) -> None:
    await eventually(lambda: type(rig.app.screen) is dialog)
    await rig.pilot.pause()


def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")


def _browser(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """An `xdg-open` that notes what it is told to open."""
    folder.mkdir()
    program, opened = folder / "xdg-open", folder / "opened"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {opened}\n')
    program.chmod(0o755)
    for name in ("SSH_CONNECTION", "SSH_TTY", "WSL_DISTRO_NAME", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    opened.touch()
    return opened


async def test_prompts_are_gone_to_and_their_answers_follow(tmp_path: Path) -> None:
    texts = [f"prompt {n}" if n % 2 == 0 else f"answer {n}\n\n" * 12 for n in range(20)]
    async with running(tmp_path, size=(100, 24)) as rig:
        transcript = await _conversation(rig, *texts)
        await _press(rig, "left_curly_bracket")
        assert transcript.current == 18
        await _press(rig, "left_curly_bracket", "left_curly_bracket")
        assert transcript.current == 14
        assert transcript.column.span(14)[0] == transcript.scroll_offset.y
        await _press(rig, "right_curly_bracket")
        assert transcript.current == 16
        await _press(rig, *["right_curly_bracket"] * 3)
        assert (transcript.current, rig.toasts[-1]) == (18, "There is no later prompt.")
        await _press(rig, *["left_curly_bracket"] * 11)
        assert (transcript.current, rig.toasts[-1]) == (0, "There is no earlier prompt.")


async def test_code_blocks_are_found_far_away_without_rendering_all(tmp_path: Path) -> None:
    texts = [f"words {number} " * 20 for number in range(10_000)]
    texts[101], texts[5_001] = CODE, "    indented\n\n" + CODE
    async with running(tmp_path) as rig:
        transcript = await _conversation(rig, *texts)
        column = transcript.column
        await _press(rig, "comma")
        assert transcript.code == CodePlace(5_001, 2)
        assert column.renders < 200
        await _press(rig, "comma", "comma")
        assert transcript.code == CodePlace(5_001, 0)
        assert "▶   indented" in rig.drawn()
        await _press(rig, "comma")
        assert transcript.code == CodePlace(101, 1)
        await _press(rig, "comma", "comma")
        assert transcript.code == CodePlace(101, 0)
        assert rig.toasts == ["There is no code block further up."]
        assert "▶   python" in rig.drawn()
        await _press(rig, "full_stop", "full_stop")
        assert transcript.code == CodePlace(5_001, 0)
        await _press(rig, "j")
        assert transcript.current == 5_002
        assert "▶" not in rig.drawn()
        assert column.renders < 400


async def test_code_is_copied_saved_and_not_overwritten_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _no_browser(monkeypatch)
    async with running(tmp_path / "home") as rig:
        copied: list[str] = []

        async def copy(words: str) -> None:
            copied.append(words)

        monkeypatch.setattr(rig.screen, "copy", copy)
        await _conversation(rig, "q", CODE, "q2", "no code", "q3", "```sh\nl\u202es\n```\n")
        await _press(rig, "Y")
        await eventually(lambda: copied == ["l\u202es"])
        await _press(rig, "k", "k", "Y")
        assert rig.toasts[-1] == "The marked message has no code block."
        await _press(rig, "k", "k", "Y")
        await _on_top(rig, CodeBlocksDialog)
        assert "1  python · 2 lines  def a():" in rig.drawn()
        await _press(rig, "2")
        await eventually(lambda: len(copied) == 2)
        assert copied[-1] == "plain\n"
        await _press(rig, "Y")
        await _on_top(rig, CodeBlocksDialog)
        await _press(rig, "j", "k", "s")
        await _on_top(rig, SaveCodeDialog)
        assert rig.app.screen.query_one(Input).value == "code-1.py"
        await _press(rig, "enter")
        await eventually(lambda: (tmp_path / "code-1.py").exists())
        assert (tmp_path / "code-1.py").read_text() == "def a():\n    return 1\n"
        await eventually(lambda: rig.toasts[-1].endswith("code-1.py."))
        (tmp_path / "code-1.py").write_text("mine")
        await _press(rig, "full_stop", "s")
        await _on_top(rig, SaveCodeDialog)
        await _press(rig, "enter")
        await _on_top(rig, ConfirmDialog)
        await _press(rig, "n")
        await _on_top(rig, SaveCodeDialog)
        assert (tmp_path / "code-1.py").read_text() == "mine"
        for path in ("missing/a.py", "long" * 100):
            rig.app.screen.query_one(Input).value = path
            await _press(rig, "enter")
            await _on_top(rig, SaveCodeDialog)
            await eventually(lambda: "cannot be written" in rig.drawn())
        rig.app.screen.query_one(Input).value = "code-1.py"
        await _press(rig, "enter")
        await _on_top(rig, ConfirmDialog)
        await _press(rig, "y")
        await eventually(lambda: (tmp_path / "code-1.py").read_text() != "mine")


async def test_links_are_listed_opened_and_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = _browser(monkeypatch, tmp_path / "bin")
    async with running(tmp_path / "home") as rig:
        transcript = await _conversation(rig, "see https://example.org/mine.", LINKS)
        await _press(rig, "L")
        await _on_top(rig, LinksDialog)
        drawn = rig.drawn()
        assert "1  the docs  https://example.org/docs" in drawn
        assert "2  https://example.org/bare" in drawn
        await _press(rig, "escape")
        # Whose text is not loaded has links all the same.
        nodes = [transcript.column.node(at) for at in range(2)]
        transcript.column.reset(nodes, (), unmarked)
        await _press(rig, "L", "2")
        await eventually(lambda: opened.read_text() == "https://example.org/bare\n")
        await eventually(lambda: rig.toasts[-1:] == ["Opened example.org."])
        await _press(rig, "L", "j", "j", "enter")
        await _on_top(rig, ConfirmDialog)
        assert "evil.example" in rig.drawn()
        await _press(rig, "escape")
        await _press(rig, "k", "k", "L")
        await _on_top(rig, LinksDialog)
        await _press(rig, "o")
        await eventually(lambda: opened.read_text().endswith("https://example.org/mine\n"))
        assert "evil" not in opened.read_text()
        line = transcript.column.span(1)[0] + 1
        await rig.pilot.click("#transcript", offset=(8, line))
        await eventually(lambda: opened.read_text().endswith("https://example.org/docs\n"))


async def test_link_that_cannot_or_may_not_be_opened_is_copied_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_browser(monkeypatch)
    async with running(tmp_path / "home") as rig:
        source = {"type": "url_citation", "url": "file:///etc/passwd", "title": "Read me"}
        copied: list[str] = []

        async def copy(words: str) -> None:
            copied.append(words)

        monkeypatch.setattr(rig.screen, "copy", copy)
        transcript = await _conversation(rig, "q", LINKS)
        message = transcript.column.message(1)
        assert message is not None
        transcript.replace([replace(message, annotations=(source,))])
        await _press(rig, "L")
        await _on_top(rig, LinksDialog)
        assert "1  Read me  file:///etc/passwd" in rig.drawn()
        await _press(rig, "1")
        await eventually(lambda: any("http, https and mailto" in toast for toast in rig.toasts))
        await _press(rig, "L", "y")
        await eventually(lambda: copied == ["file:///etc/passwd"])
        await _press(rig, "L", "2")
        await eventually(lambda: copied[-1] == "https://example.org/docs")
        await eventually(lambda: "copied instead" in rig.toasts[-1])


async def test_what_came_while_one_was_elsewhere_is_marked_and_gone_to(tmp_path: Path) -> None:
    gate = asyncio.Event()
    client = ScriptedClient([TextDelta("begun\n\n"), gate, *answer("line\n\n" * 60)])
    async with running(tmp_path, clients=SimpleClientSource(client), size=(100, 24)) as rig:
        await rig.send("one")
        first = rig.chat
        await rig.screen.show_chat(rig.screen.session.new_chat())
        gate.set()
        await rig.idle()
        await rig.screen.show_chat(await rig.screen.session.open_chat(first.id))
        await rig.pilot.pause()
        transcript = rig.screen.transcript
        assert transcript.column.new == 1
        await rig.pilot.press("escape", "m")
        await rig.pilot.pause()
        assert (transcript.current, "── new ──" in rig.drawn()) == (1, True)
        await _press(rig, "m")
        assert rig.toasts[-1] == "There is nothing that you have not seen."
        await rig.screen.show_chat(rig.screen.session.new_chat())
        await rig.screen.show_chat(await rig.screen.session.open_chat(first.id))
        assert transcript.column.new is None


async def test_place_below_what_was_seen_is_gone_to(tmp_path: Path) -> None:
    gate = asyncio.Event()
    client = ScriptedClient([TextDelta("begun\n\n"), gate, *answer("line\n\n" * 200)])
    async with running(tmp_path, clients=SimpleClientSource(client), size=(100, 24)) as rig:
        await rig.send("one\n" * 30)
        transcript = rig.screen.transcript
        await eventually(lambda: "begun" in rig.drawn())
        rig.screen.set_focus(transcript)
        transcript.scroll_lines(-99_999)
        gate.set()
        await rig.idle()
        assert "begun" not in rig.drawn()
        await _press(rig, "m")
        top = rig.drawn().splitlines()[0]
        assert ("begun" in top or not top.strip(" ┃"), transcript.following) == (True, False)
        assert "line" in rig.drawn()
        await _press(rig, "G", "m")
        assert rig.toasts[-1] == "There is nothing that you have not seen."


async def test_messages_fold_by_keyboard_and_by_the_settings(tmp_path: Path) -> None:
    async with running(tmp_path, settings=Settings(fold_lines=5, timestamps=True)) as rig:
        transcript = await _conversation(rig, "line\n" * 30, "answer one\n\nmore", "q", "last\n\nx")
        rig_total = transcript.column.total
        await _press(rig, "k", "k", "k", "k")
        assert "… 25 more lines · o unfolds" in rig.drawn()
        assert "2001-09-09" in rig.drawn()
        await _press(rig, "o")
        assert transcript.column.total == rig_total + 24
        await _press(rig, "space", "j", "O")
        assert "… 2 more lines" in rig.drawn()
        await _press(rig, "Z")
        assert transcript.column.total == 4 + 4 + 3 + 4
        await _press(rig, "Z", "T")
        assert transcript.column.total == rig_total
        assert "2001-09-09" not in rig.drawn()
        rig.screen.reading.use_settings(Settings(fold_lines=0))
        await rig.pilot.pause()
        assert transcript.column.total == rig_total + 24


async def test_reading_is_told_apart_from_writing(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.ask("hello")
        assert "Reading" not in rig.drawn()
        await _press(rig, "escape")
        assert "Reading · i writes" in rig.drawn()
        assert "You are reading · i writes" in rig.drawn()
        await _press(rig, "q", "q", "q")
        assert rig.toasts == ["You are reading. Press i to write."]
        told = [each.identity for each in rig.app._notifications]
        await _press(rig, "j", "i")
        assert "Reading" not in rig.drawn().replace("You are reading. Press", "")
        await _press(rig, "q", "escape", "q")
        assert rig.screen.prompt.text == "q"
        # Told once more, in place of the first time.
        assert len(rig.toasts) == 1
        assert [each.identity for each in rig.app._notifications] != told
