"""Pictures and documents of messages in the app: shown, opened, saved, weighed."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part, Role, TextPart
from chat_tui.core.texts import text
from chat_tui.ui.screens.attachments import AttachmentsDialog, SaveAttachmentDialog
from chat_tui.ui.screens.context import ContextScreen
from chat_tui.ui.screens.request import RequestScreen
from chat_tui.ui.viewed_files import ViewedFiles, proposed_file
from chat_tui.ui.widgets.text_lines import TextLines
from tests.fakes import TARGET, eventually
from tests.ui.pictures import picture_attachment, picture_bytes
from tests.ui.rig import Rig, running

NOTES = attachment_of(b"%PDF-1.7 and so on", "application/pdf")


def _part(found: Attachment, name: str, width: int = 64, height: int = 48) -> ImagePart:
    return ImagePart(found.sha256, "", found.media_type, name, "auto", width, height)


async def _show(rig: Rig, *messages: tuple[Role, tuple[Part, ...]], id_: str = "c") -> None:
    made: list[ChatMessage] = []
    for role, parts in messages:
        parent = made[-1].id if made else None
        made.append(ChatMessage(f"{id_}{len(made)}", role, parts, parent=parent, model="m"))
    about = Conversation(id_, targets=(TARGET,), head=made[-1].id)
    await rig.backend.store.add_messages(about, made)
    await rig.screen.show_chat(await rig.screen.session.open_chat(id_))
    await rig.pilot.pause()


def _desktop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose opener notes what it is given; gives that note."""
    program = folder / "bin" / "xdg-open"
    program.parent.mkdir()
    note = folder / "opened"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {note}.new\nmv {note}.new {note}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    return note


def _private(path: Path) -> tuple[str, bytes]:
    """The ending and the bytes of a file that only the user can read."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    return path.suffix, path.read_bytes()


async def test_pictures_of_a_conversation_are_read_once_each_and_shown(tmp_path: Path) -> None:
    one, two, bad = (picture_attachment(64, 48, colour=c) for c in ("#00ff00", "#0000ff", "#ff00"))
    late = picture_attachment(64, 48, colour="#123456")
    lost = _part(late, "lost.png")
    async with running(tmp_path) as rig:
        await rig.backend.store.save_attachments([one, two, bad])
        first, second = _part(one, "one.png"), _part(two, "two.png")
        await _show(
            rig,
            ("user", (TextPart("Look."), first, second, lost)),
            ("assistant", (TextPart("So:"), first, ImagePart(url="https://one.example/a.png"))),
        )
        transcript = rig.screen.transcript
        await eventually(lambda: not transcript.missing_pictures())
        await rig.pilot.pause()
        # Once each and size: the reply's stands on another colour.
        assert rig.media.calls == [("pixels", "")] * 3
        drawn = rig.drawn()
        assert "▀" in drawn
        assert text("attached.missing") in " ".join(drawn.split())
        assert "Picture: https://one.example/a.png" in drawn
        # The same again needs no decoding, what failed is tried again in another conversation.
        failed = _part(bad, "bad.png")
        await rig.backend.store.save_attachments([late])
        await _show(rig, ("user", (first, failed, lost)), id_="d")
        await eventually(lambda: not transcript.missing_pictures())
        assert len(rig.media.calls) == 5
        await rig.pilot.pause()
        assert text("attached.missing") not in " ".join(rig.drawn().split())


async def test_unreadable_picture_says_so_in_its_place(tmp_path: Path) -> None:
    found = picture_attachment(64, 48)
    async with running(tmp_path) as rig:
        rig.media.failures[""] = UsageError("The file is \x1bdamaged.", hint="No way.")
        await rig.backend.store.save_attachments([found])
        await _show(rig, ("user", (_part(found, "cat.png"),)))
        await eventually(lambda: "The file is ␛damaged." in rig.drawn())
        assert "cat.png · 64×48" in rig.drawn()


async def test_attachments_open_in_the_viewer_and_are_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = _desktop(tmp_path, monkeypatch)
    picture = picture_attachment(64, 48)
    document = FilePart(NOTES.sha256, "paper.sh", "application/pdf", "words")
    async with running(tmp_path / "home") as rig:
        await rig.backend.store.save_attachments([picture, NOTES])
        await _show(rig, ("user", (_part(picture, "../cat.sh"), document)), ("assistant", ()))
        rig.screen.set_focus(rig.screen.transcript)
        rig.screen.transcript.move_to(0)
        await rig.pilot.pause()
        # A click on the thumbnail asks nothing. Its file is a picture, whatever it is called.
        line = rig.screen.transcript.column.span(0)[0] + 3
        await rig.pilot.click(rig.screen.transcript, offset=(5, line))
        await eventually(note.exists)
        opened = Path(note.read_text())
        assert _private(opened) == (".png", picture.content)
        note.unlink()
        await rig.pilot.press("I")
        await eventually(lambda: isinstance(rig.app.screen, AttachmentsDialog))
        await rig.pilot.press("2")
        await eventually(note.exists)
        assert _private(Path(note.read_text())) == (".pdf", NOTES.content)
        # Saved where the user says, and nothing is overwritten unasked.
        await rig.pilot.press("S")
        await eventually(lambda: isinstance(rig.app.screen, AttachmentsDialog))
        await rig.pilot.press("1")
        await eventually(lambda: isinstance(rig.app.screen, SaveAttachmentDialog))
        wanted = tmp_path / "saved.png"
        wanted.write_text("before")
        for key in ("home", "ctrl+k"):
            await rig.pilot.press(key)
        await rig.type(str(wanted))
        await rig.pilot.press("enter")
        await eventually(lambda: not isinstance(rig.app.screen, SaveAttachmentDialog))
        assert wanted.read_text() == "before"
        await rig.pilot.press("y")
        await eventually(lambda: wanted.read_bytes() == picture.content)
        await eventually(lambda: any("Saved to" in toast for toast in rig.toasts))
        rig.screen.attachments._viewed = None
        assert not opened.parent.exists()


async def test_inspector_and_request_tell_what_attachments_weigh(tmp_path: Path) -> None:
    picture = picture_attachment(64, 48)
    document = FilePart(NOTES.sha256, "paper.pdf", "application/pdf", "some words", "text")
    async with running(tmp_path) as rig:
        await rig.backend.store.save_attachments([picture, NOTES])
        parts = (TextPart("Look."), _part(picture, "cat.png"), document)
        await _show(rig, ("user", parts), ("assistant", (TextPart("Yes."),)))
        await rig.idle()
        await rig.pilot.press("f7")
        await eventually(lambda: isinstance(rig.app.screen, ContextScreen))
        screen = rig.app.screen
        assert isinstance(screen, ContextScreen)
        await eventually(lambda: screen.view is not None)
        await rig.pilot.press("k")
        await eventually(lambda: "cat.png · 64×48 · ≈ 1,200 tokens (a guess)" in rig.drawn())
        assert "1 picture · 1 document · Look." in rig.drawn()
        await rig.pilot.press("v")
        await eventually(lambda: isinstance(rig.app.screen, RequestScreen))
        lines = [line.text for line in rig.app.screen.query_one(TextLines).lines]
        assert "[cat.png · 64×48 · ≈ 1,200 tokens (a guess)]" in lines
        at = lines.index("File paper.pdf:")
        assert lines[at - 1].startswith("[paper.pdf · 1 line · 10 bytes · ≈ ")
        assert lines[at + 2 : at + 5] == ["```text", "some words", "```"]


@pytest.mark.parametrize(
    ("name", "content", "proposed"),
    [
        ("cat.png", picture_bytes(), "cat.png"),
        ("/etc/../cat.exe", picture_bytes(), "cat.exe.png"),
        ("C:\\pictures\\.cat.JPEG", picture_bytes(format_="JPEG"), "cat.JPEG"),
        ("scan.tif", picture_bytes(format_="TIFF"), "scan.tif"),
        ("scan.tif", picture_bytes(), "scan.tif.png"),
        (f"a.{'b' * 59}.png", picture_bytes(), f"{'b' * 59}.png"),
        ("~", picture_bytes(format_="GIF"), "picture-3.gif"),
        ("", b"nothing that is known", "picture-3.bin"),
    ],
)
def test_pictures_are_saved_under_names_of_what_they_are(
    name: str, content: bytes, proposed: str
) -> None:
    assert proposed_file(ImagePart("a" * 64, name=name), content, 3) == proposed


def test_documents_are_saved_under_their_own_names() -> None:
    part = FilePart("a" * 64, "../.ssh/\x1b[31mnotes.md")
    assert proposed_file(part, b"", 1) == "␛[31mnotes.md"
    assert proposed_file(replace(part, name="…/"), b"", 2) == "document-2.txt"


def test_viewer_gets_nothing_that_can_be_run() -> None:
    files = ViewedFiles()
    script = b"#!/bin/sh\nrm -rf /\n"
    page = FilePart("a" * 64, "page.html", "text/html", "its words \x1b")
    path = files.put(page, b"<script>1</script>")
    assert path is not None
    assert (path.suffix, path.read_text()) == (".txt", "its words \x1b")
    assert files.put(ImagePart("b" * 64, name="cat.png"), script) is None
    other = files.put(ImagePart("b" * 64, name="-rf $(id) ü.sh"), picture_bytes())
    assert other is not None
    assert other.name == "2-rf-id.png"
    assert other.parent == path.parent
    # They go with what holds them.
    del files
    assert not path.exists()
