"""How pictures and documents get into the prompt, and the dialogs about them."""

from pathlib import Path

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.models import Fact, ModelCard
from chat_tui.core.targets import Target
from chat_tui.ui.screens.documents import DocumentsScreen
from tests.fakes import TableFacts
from tests.ui.actions.hands import Hands, scenario
from tests.ui.pictures import picture_bytes, write_picture


class _BlindFacts(TableFacts):
    """No model sees pictures."""

    def card(self, target: Target) -> ModelCard:
        return ModelCard(target.provider, target.model, abilities={"vision": Fact(False, "list")})


def _attached(hands: Hands) -> int:
    return len(hands.rig.screen.prompt.attached)


@scenario("writing", "attach", "attach-document", "attach-clipboard", "attach-address", "detach")
async def _ways(hands: Hands) -> None:
    rig = hands.rig
    rig.media.clipboard = picture_bytes()
    await hands.press("attach-clipboard")
    await hands.until(lambda: _attached(hands) == 1)
    await hands.press("attach-address")
    await hands.on("LineDialog")
    await hands.write("https://x.example/a.png")
    await hands.strike("enter")
    await hands.back()
    await hands.until(lambda: _attached(hands) == 2)
    rig.screen.set_focus(rig.screen.prompt)
    await hands.press("detach")
    await hands.until(lambda: _attached(hands) < 2)
    (hands.folder / "notes.md").write_text("Words.")
    await hands.press("attach-document")
    await hands.on("PathDialog")
    await hands.write(str(hands.folder / "notes.md"))
    await hands.strike("enter")
    await hands.back()
    await hands.until(lambda: any("notes" in repr(each) for each in rig.screen.prompt.attached))
    await hands.press("attach")
    await hands.on("AttachScreen")


async def _objected(hands: Hands) -> None:
    """The dialog is there and was read."""
    await hands.on("ObjectionsDialog")
    hands.rig.clock.advance(1)


def _folder(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name in ("a.md", "b.md", "c.md"):
        (folder / name).write_text(f"Words of {name}.\n" * 20)
    (folder / "d.bin").write_bytes(b"\0\1")
    return folder


async def _documents(hands: Hands) -> DocumentsScreen:
    """The list of a folder with three files and one that is passed over."""
    folder = _folder(hands.folder / "documents")
    hands.rig.screen.run_worker(hands.rig.screen.attaching.attach(hands.rig.chat, [folder]))
    screen = await hands.on(DocumentsScreen)
    assert isinstance(screen, DocumentsScreen)
    await hands.until(lambda: len(screen.choosing.facts) == 3)
    return screen


@scenario(
    "dialogs",
    *("documents-mark", "documents-mark-all", "documents-rule", "documents-limit"),
    *(
        "documents-passed",
        "documents-filter",
        "documents-next",
        "documents-previous",
        "documents-page-down",
    ),
    *("documents-page-up", "documents-first", "documents-last", "documents-take"),
    "documents-leave",
)
async def _choosing(hands: Hands) -> None:
    await _documents(hands)
    await hands.press("documents-leave")
    await hands.back()
    assert _attached(hands) == 0
    screen = await _documents(hands)
    choosing, rows = screen.choosing, screen.rows
    for id_, at in (
        ("documents-next", 1),
        ("documents-previous", 0),
        ("documents-last", 2),
        ("documents-first", 0),
        ("documents-page-down", 2),
        ("documents-page-up", 0),
    ):
        await hands.press(id_)
        await hands.until(lambda at=at: rows.at == at)  # type: ignore[misc]
    await hands.press("documents-mark-all")
    assert choosing.marked == set()
    await hands.press("documents-mark", "documents-last", "documents-mark")
    assert choosing.marked == {0, 2}
    await hands.press("documents-passed")
    await hands.until(lambda: "d.bin" in hands.rig.drawn())
    await hands.press("documents-passed", "documents-rule")
    assert choosing.rule == "head"
    await hands.press("documents-limit")
    await hands.on("LineDialog")
    await hands.write("100")
    await hands.strike("enter")
    await hands.on(DocumentsScreen)
    await hands.press("documents-filter")
    await hands.on("_FilterDialog")
    await hands.write("B.m")
    await hands.strike("enter")
    await hands.on(DocumentsScreen)
    await hands.until(lambda: len(rows.rows) == 1)
    await hands.press("documents-take")
    await hands.back()
    await hands.until(lambda: _attached(hands) == 2)


@scenario(
    "dialogs",
    *("objections-send", "objections-model", "objections-take-out", "objections-back"),
)
async def _objecting(hands: Hands) -> None:
    rig = hands.rig
    planner: ContextPlanner = rig.screen.session.manager.context
    facts, planner.facts = planner.facts, _BlindFacts()
    picture = write_picture(hands.folder / "cat.png")
    try:
        rig.screen.prompt.put("look ")
        await rig.screen.attaching.attach(rig.chat, [picture])
        for id_ in ("objections-back", "objections-model", "objections-take-out"):
            await hands.press("send")
            await _objected(hands)
            await hands.press(id_)
            if id_ == "objections-model":
                await hands.on("ModelPicker")
                await hands.press("models-leave")
                await _objected(hands)
                await hands.press("objections-back")
            if id_ != "objections-take-out":
                await hands.back()
                await hands.until(lambda: _attached(hands) == 1)
        await hands.until(lambda: len(rig.chat.tree) == 2)
        await hands.idle()
        rig.screen.prompt.put("look again ")
        await rig.screen.attaching.attach(rig.chat, [picture])
        await hands.press("send")
        await _objected(hands)
        await hands.press("objections-send")
        await hands.until(lambda: len(rig.chat.tree) == 4)
    finally:
        planner.facts = facts
