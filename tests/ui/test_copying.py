"""Copying, the pager and the editor by keyboard, in the app."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from chat_tui.core.messages import ChatMessage
from chat_tui.ui.screens.conversation.commands.outside import has_versions
from chat_tui.ui.screens.question import QuestionDialog
from tests.fakes import Step, answer, eventually
from tests.ui.rig import Rig, running

HIDDEN = "Hi\u202e there.\n\n```py\nx = 1\n```\n\nBye."
ANSWER = HIDDEN.replace("\u202e", "")


class Programs:
    """Fake programs of the user: a clipboard, an editor, a pager."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("TMUX", "SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setenv("EDITOR", f"{folder / 'editor'} --new")
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("PAGER", str(folder / "pager"))
        monkeypatch.setenv("SOME_API_KEY", "canary")
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        self.write("xclip", f"exec cat > {folder}/copied")
        kept = f'cat "$1" > {folder}/paged; echo "$1" > {folder}/name; env > {folder}/env'
        self.write("pager", kept)

    def write(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def editor(self, script: str) -> None:
        """An editor; `$2` is the file."""
        self.write("editor", f'echo "$2" > {self.folder}/name\n{script}')

    def take(self, name: str) -> str:
        """What a program got, once."""
        path = self.folder / name
        words = path.read_text()
        path.unlink()
        return words

    def there(self, name: str) -> bool:
        return (self.folder / name).exists()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs(tmp_path / "programs", monkeypatch)


@asynccontextmanager
async def talked(tmp_path: Path, *scripts: list[Step]) -> AsyncGenerator[Rig, None]:
    """The app with a conversation of one prompt and one answer."""
    async with running(tmp_path / "home", *(scripts or (answer(HIDDEN),))) as rig:
        await rig.ask("Say hi")
        yield rig


def found(folder: Path, pattern: str) -> list[Path]:
    """The files in a folder that fit a pattern."""
    return sorted(folder.glob(pattern))


async def leader(rig: Rig, letter: str) -> None:
    await rig.pilot.press("ctrl+g", letter)
    await rig.pilot.pause()


async def toast(rig: Rig, part: str) -> str:
    await eventually(lambda: any(part in words for words in rig.toasts))
    (told,) = [words for words in rig.toasts if part in words]
    rig.app.clear_notifications()
    return told


async def test_everything_can_be_copied_by_keyboard(tmp_path: Path, programs: Programs) -> None:
    async with talked(tmp_path) as rig:
        await leader(rig, "y")
        told = await toast(rig, "Copied")
        assert told == "Copied 7 lines, 32 characters (xclip). 1 hidden character dropped."
        assert programs.take("copied") == ANSWER
        assert rig.app.clipboard == ANSWER

        await leader(rig, "m")
        rig.screen.transcript.move_to(0)
        await rig.pilot.press("y")
        assert await toast(rig, "Copied") == "Copied 6 characters (xclip)."
        assert programs.take("copied") == "Say hi"

        await leader(rig, "A")
        await toast(rig, "Copied")
        copied = programs.take("copied")
        assert copied.startswith("# Say hi\n\n## You\n\nSay hi\n\n## Assistant")
        assert copied.endswith(f"\n\n{ANSWER}\n")

        # All lines of both messages, as the keyboard selects them.
        rig.screen.transcript.move_to(0)
        await rig.pilot.press(*["shift+down"] * 14, "y")
        await toast(rig, "Copied")
        lines = [line for line in programs.take("copied").splitlines() if line]
        assert [lines[0], *lines[2:5]] == ["Say hi", "Hi there.", "x = 1", "Bye."]
        assert lines[1].startswith("model-1")
        assert not rig.screen.selections

        # What is cut out of the prompt goes the same way.
        rig.screen.prompt.put("gone")
        rig.screen.set_focus(rig.screen.prompt)
        await rig.pilot.press("ctrl+x")
        await toast(rig, "Copied 4 characters")
        assert programs.take("copied").strip() == "gone"


async def test_copying_with_nothing_to_copy_or_nowhere_to_go_says_so(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with running(tmp_path / "home", answer("Hi.")) as rig:
        await leader(rig, "A")
        await toast(rig, "Nothing was said here yet.")
        await leader(rig, "V")
        await toast(rig, "Nothing was said here yet.")
        await leader(rig, "y")
        await toast(rig, "no answer to copy")

        await rig.ask("Hello")
        programs.write("xclip", "exit 1")
        programs.write("xsel", "exit 1")
        await leader(rig, "y")
        told = await toast(rig, "No clipboard")
        (path,) = found(tmp_path, "chat-tui-copied-*.md")
        assert told == f"No clipboard takes this here. 3 characters went to the file {path}"
        assert path.read_text() == "Hi."
        path.unlink()

        rig.chat.temporary = True
        await leader(rig, "y")
        assert "temporary" in await toast(rig, "No clipboard")
        assert not found(tmp_path, "chat-tui-copied-*.md")


async def test_prompt_comes_back_from_the_editor_only_when_it_was_saved(
    tmp_path: Path, programs: Programs
) -> None:
    programs.editor('cat "$2" > "$2.was"; printf "in the editor\\nwritten\\n" > "$2"')
    async with running(tmp_path / "home", answer("Hi.")) as rig:
        prompt = rig.screen.prompt
        await rig.type("draft")
        await rig.pilot.press("f4")
        await toast(rig, "as you saved it")
        assert prompt.text == "in the editor\nwritten"
        assert rig.app.focused is prompt
        prompt.undo()
        assert prompt.text == "draft"
        prompt.redo()
        assert not Path(programs.take("name").strip()).parent.exists()

        programs.editor('echo bad > "$2"; exit 3')
        await rig.pilot.press("f4")
        assert await toast(rig, "editor ended") == (
            "editor ended with code 3; nothing was taken over."
        )
        programs.editor('rm "$2"')
        await leader(rig, "g")
        assert "not there any more" in await toast(rig, "nothing was taken over")
        assert prompt.text == "in the editor\nwritten"

        # What was given back meanwhile is not lost.
        wait = f"while [ ! -e {programs.folder}/go ]; do sleep 0.01; done"
        programs.editor(f'{wait}; echo new > "$2"')
        await rig.pilot.press("f4")
        await eventually(lambda: programs.there("name"))
        # Answers go on while it is open.
        manager = rig.screen.session.manager
        rig.screen.turns.start(rig.chat, partial(manager.send, rig.chat, "Hello"))
        await eventually(lambda: len(rig.chat.tree) == 2)
        await rig.idle()
        assert (await rig.path())[-1].text == "Hi."
        assert rig.screen.outside.busy
        prompt.put("refused\nin the editor\nwritten")
        (programs.folder / "go").touch()
        await toast(rig, "as you saved it")
        assert prompt.text == "refused\nnew"


async def test_pager_and_editor_get_copies_and_a_changed_one_is_not_lost(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with talked(tmp_path) as rig:
        await leader(rig, "V")
        await eventually(lambda: programs.there("env"))
        await eventually(lambda: not rig.screen.outside.busy)
        assert programs.take("paged").startswith("# Say hi\n\n## You")
        path = Path(programs.take("name").strip())
        assert path.name == "Say-hi.md"
        assert not path.parent.exists()
        assert "canary" not in programs.take("env")

        await leader(rig, "m")
        await rig.pilot.press("p")
        await eventually(lambda: programs.there("env"))
        await eventually(lambda: not rig.screen.outside.busy)
        assert programs.take("paged").startswith("## Assistant")

        rig.app.clear_notifications()
        monkeypatch.setenv("PAGER", "no-such-pager")
        await rig.pilot.press("p")
        assert "no-such-pager cannot be run" in await toast(rig, "no-such-pager")

        # Nothing is asked about a copy that was not changed.
        programs.editor('cat "$2" > /dev/null')
        await rig.pilot.press("v")
        await eventually(lambda: programs.there("name"))
        await eventually(lambda: not rig.screen.outside.busy)
        await rig.pilot.pause()
        assert not isinstance(rig.app.screen, QuestionDialog)

        async def edit(*keys: str) -> None:
            await rig.pilot.press(*keys)
            await eventually(lambda: isinstance(rig.app.screen, QuestionDialog))
            await rig.pilot.pause()

        programs.editor('echo more >> "$2"')
        await edit("v")
        await rig.pilot.press("f")
        path = tmp_path / "message.md"
        assert str(path) in await toast(rig, "Your copy is in the file")
        assert path.read_text() == f"{ANSWER}more"

        await edit("ctrl+g", "G")
        await rig.pilot.press("v")  # a conversation is no version of a message
        assert isinstance(rig.app.screen, QuestionDialog)
        assert "can become another version" not in rig.drawn()
        await rig.pilot.press("escape")
        assert [kept.name for kept in found(tmp_path, "*.md")] == ["message.md"]

        rig.screen.transcript.move_to(0)
        await edit("v")
        await rig.pilot.press("v")
        await eventually(lambda: rig.screen.prompt.text == "Say himore")
        assert (await rig.path())[0].text == "Say hi"


def test_copy_of_what_was_said_and_of_a_summary_can_become_another_version() -> None:
    said = [ChatMessage("a", "user"), ChatMessage("b", "assistant")]
    summary = ChatMessage("c", "system", covers=("a", "b"))
    assert all(map(has_versions, [*said, summary]))
    assert not any(map(has_versions, [ChatMessage("d", "system"), ChatMessage("e", "tool")]))
