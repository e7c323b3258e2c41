"""Pictures and documents: attached, and as they stand in a conversation. Look at the SVGs."""

from pathlib import Path

import pytest

from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part, text_parts
from chat_tui.core.side_by_side.board import Board
from chat_tui.ui.screens.attach.screen import AttachScreen
from chat_tui.ui.screens.documents import DocumentsScreen
from chat_tui.ui.widgets.conversation_list import ConversationList
from tests.fakes import TARGET, eventually
from tests.paintings import chart, paint, sunset
from tests.snapshots.compared import TARGETS
from tests.snapshots.studio import SIZES, Shoot, lay_out_all, shoot
from tests.ui.conftest import plain_surroundings
from tests.ui.pictures import placed_exif
from tests.ui.rig import Rig

__all__ = ["plain_surroundings", "shoot"]

DARK, LIGHT = "chat-tui-dark", "chat-tui-light"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with some pictures and documents."""
    home = tmp_path / "home-of-a-person"
    pictures = home / "pictures"
    (pictures / "2025").mkdir(parents=True)
    paint(pictures / "sunset.jpg", sunset, 240, 160, exif=placed_exif())
    paint(pictures / "chart.png", chart, 180, 120)
    paint(pictures / "spinner.gif", chart, 60, 60)
    project = home / "project"
    project.mkdir()
    (project / "README.md").write_text("# A project\n\nWords about it.\n" * 20)
    (project / "app.py").write_text("def main() -> None:\n    print('hello')\n" * 60)
    (project / ".env").write_text("TOKEN=abc\n")
    (project / "data.bin").write_bytes(bytes(200))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(pictures)
    return home


@pytest.mark.parametrize(
    ("size", "theme"),
    [((120, 40), DARK), ((80, 24), DARK), ((40, 12), DARK), ((120, 40), LIGHT)],
    ids=["120x40", "80x24", "40x12", "light"],
)
def test_attach_screen(shoot: Shoot, folder: Path, size: tuple[int, int], theme: str) -> None:
    """The picture is seen before it is sent, with what it costs and what becomes of it."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("alt+a")
        await eventually(lambda: isinstance(rig.app.screen, AttachScreen))
        await eventually(lambda: "sunset.jpg" in rig.drawn())
        await rig.pilot.press("tab", "down", "down")
        if size != (40, 12):
            await eventually(lambda: "▀▀▀" in rig.drawn() and "auto" in rig.drawn())

    assert shoot(act=act, size=size, theme=theme)


@SIZES
def test_documents(shoot: Shoot, folder: Path, size: tuple[int, int]) -> None:
    """A folder, with what it comes to, and what is better left out."""

    async def act(rig: Rig) -> None:
        rig.media.warnings[".env"] = ("A file named .env usually holds keys.",)
        await rig.type("/file ~/project/")
        await rig.pilot.press("enter")
        await eventually(lambda: isinstance(rig.app.screen, DocumentsScreen))
        await eventually(lambda: "README.md" in rig.drawn())

    assert shoot(act=act, size=size)


def test_prompt(shoot: Shoot, folder: Path) -> None:
    """Chips of pictures, a document and an address."""

    async def act(rig: Rig) -> None:
        await rig.type("Compare ")
        await rig.screen.attaching.attach(rig.chat, [folder / "pictures" / "sunset.jpg"])
        await rig.type("with ")
        await rig.screen.attaching.attach(rig.chat, [folder / "pictures" / "chart.png"])
        await rig.type("and mind what stands in ")
        await rig.screen.attaching.attach(rig.chat, [folder / "project" / "README.md"])
        await eventually(lambda: any("README.md" in toast for toast in rig.toasts))
        await rig.idle()
        rig.app.clear_notifications()

    assert shoot(act=act, size=(80, 24))


def _picture(path: Path, width: int, height: int) -> tuple[ImagePart, Attachment]:
    kind = f"image/{path.suffix[1:].replace('jpg', 'jpeg')}"
    attachment = attachment_of(path.read_bytes(), kind)
    part = ImagePart(attachment.sha256, "", kind, path.name, "auto", width, height)
    return part, attachment


async def _talk(rig: Rig, folder: Path, slots: int = 1) -> None:
    """Show a conversation with pictures in prompt and answer, and a document."""
    evening, first = _picture(folder / "pictures" / "sunset.jpg", 240, 160)
    bars, second = _picture(folder / "pictures" / "chart.png", 180, 120)
    readme = (folder / "project" / "README.md").read_text()
    notes = attachment_of(readme.encode(), "text/markdown")
    await rig.backend.store.save_attachments([first, second, notes])
    attached = (evening, bars, FilePart(notes.sha256, "README.md", "text/markdown", readme))
    address = ImagePart(url="https://pictures.example/harbour.jpg")

    def prompt(id_: str, parent: str | None, words: str, *parts: Part) -> ChatMessage:
        return ChatMessage(id_, "user", (*text_parts(words), *parts), parent, turn=id_)

    def answers(turn: str, words: str, *parts: Part) -> list[ChatMessage]:
        return [
            ChatMessage(
                f"{turn}{slot}",
                "assistant",
                (*text_parts(words), *(parts if slot == 0 else ())),
                turn,
                turn=turn,
                slot=slot,
                model=TARGETS[slot].model,
                provider=TARGETS[slot].provider,
            )
            for slot in range(slots)
        ]

    first_answers = answers("1", "The first shows **the sea at dusk**, the second six bars.")
    second_answers = answers("2", "Here is one with the bars alone:", bars)
    conversation = Conversation(
        "c1",
        title="Two pictures",
        targets=TARGETS[:slots] if slots > 1 else (TARGET,),
        head=second_answers[0].id,
        heads={each.slot: each.id for each in second_answers},
        board=Board(tuple(range(slots))) if slots > 1 else Board(),
    )
    messages = [
        prompt("1", None, "What do you see?", *attached),
        *first_answers,
        prompt("2", first_answers[0].id, "Draw the bars again, as there.", address),
        *second_answers,
    ]
    await rig.backend.store.add_messages(conversation, messages)
    await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
    await rig.screen.reload_list()
    await rig.idle()
    rig.screen.query_one(ConversationList).mark_something("c1")
    await lay_out_all(rig)
    await eventually(lambda: "▀▀▀" in rig.drawn())


@pytest.mark.parametrize(
    ("size", "theme"),
    [((120, 50), DARK), ((80, 24), DARK), ((40, 12), DARK), ((120, 50), LIGHT)],
    ids=["120x50", "80x24", "40x12", "light"],
)
def test_conversation(shoot: Shoot, folder: Path, size: tuple[int, int], theme: str) -> None:
    """Thumbnails below the words, in prompts and answers; a document in a line."""

    async def act(rig: Rig) -> None:
        await _talk(rig, folder)

    assert shoot(act=act, size=size, theme=theme)


def test_side_by_side(shoot: Shoot, folder: Path) -> None:
    """Pictures in columns."""

    async def act(rig: Rig) -> None:
        await _talk(rig, folder, slots=2)

    assert shoot(act=act)
