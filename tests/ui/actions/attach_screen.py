"""What can be done on the screen that attaches pictures."""

from chat_tui.ui.screens.attach.options import AS_IT_IS
from chat_tui.ui.screens.attach.screen import AttachScreen
from chat_tui.ui.screens.dialogs import LineDialog
from chat_tui.ui.screens.picker.screen import ModelPicker
from tests.fakes import eventually
from tests.ui.actions.hands import Hands, scenario
from tests.ui.pictures import picture_bytes, write_picture

_ADDRESS = "https://x.de/a.png"


async def _open(hands: Hands) -> AttachScreen:
    """Open it at a folder with pictures."""
    folder = hands.folder / "some"
    (folder / "inner").mkdir(parents=True, exist_ok=True)
    for name in ("a.png", "b.png", "inner/c.png"):
        write_picture(folder / name, 4, 3)
    write_picture(folder / ".d.png", 4, 3)
    await hands.press("attach")
    screen = await hands.on(AttachScreen)
    assert isinstance(screen, AttachScreen)
    screen.line.value = f"{folder}/"
    await hands.until(lambda: {"a.png", "b.png"} <= set(_names(screen)))
    return screen


def _names(screen: AttachScreen) -> list[str]:
    return [row.entry.name for row in screen.rows.rows]


def _name(screen: AttachScreen) -> str:
    return screen.row.entry.name if screen.row else ""


@scenario(
    "dialogs",
    *("pictures-next", "pictures-previous", "pictures-page-down", "pictures-page-up"),
    *("pictures-first", "pictures-last", "pictures-open", "pictures-close", "pictures-up"),
    *("pictures-hidden", "pictures-newest", "pictures-place", "pictures-preview"),
    "pictures-leave",
)
async def _moving(hands: Hands) -> None:
    screen = await _open(hands)
    await hands.press("pictures-first")
    assert _name(screen) == ".."
    await hands.press("pictures-next")
    assert _name(screen) == "inner"
    await hands.press("pictures-open")
    await hands.until(lambda: "c.png" in _names(screen))
    await hands.press("pictures-close")
    assert "c.png" not in _names(screen)
    await hands.press("pictures-last")
    assert _name(screen) == "b.png"
    await hands.press("pictures-previous")
    assert _name(screen) == "a.png"
    await hands.press("pictures-page-up")
    assert _name(screen) == ".."
    await hands.press("pictures-page-down")
    assert _name(screen) == "b.png"
    await hands.press("pictures-hidden")
    assert ".d.png" in _names(screen)
    await hands.press("pictures-newest")
    assert hands.told("changed last")
    shown = screen.preview.is_on_screen
    await hands.press("pictures-preview")
    await hands.until(lambda: screen.preview.is_on_screen != shown)
    line = screen.line.value
    await hands.press("pictures-up")
    assert screen.line.value == line[:-1]
    await hands.press("pictures-place")
    await hands.until(lambda: "a.png" not in _names(screen))
    await hands.press("pictures-leave")
    await hands.back()


@scenario(
    "dialogs",
    *("pictures-mark", "pictures-detail", "pictures-shrink", "pictures-metadata"),
    *("pictures-clipboard", "pictures-address", "pictures-model", "pictures-take-marked"),
)
async def _taking_several(hands: Hands) -> None:
    screen = await _open(hands)
    hands.rig.media.clipboard = picture_bytes(2, 2)
    await hands.write("a.p")
    await hands.press("pictures-mark")
    assert len(screen.marks) == 1
    await hands.press("pictures-detail", "pictures-shrink", "pictures-metadata")
    await hands.press("pictures-shrink", "pictures-shrink", "pictures-shrink")
    assert screen.options.detail == "low"
    assert screen.options.side == AS_IT_IS
    assert screen.options.keep_metadata
    await hands.press("pictures-clipboard")
    await hands.until(lambda: len(screen.marks) == 2)
    await hands.press("pictures-address")
    dialog = await hands.on(LineDialog)
    await hands.write(_ADDRESS)
    await hands.strike("enter")
    await hands.until(lambda: hands.rig.app.screen is not dialog and len(screen.marks) == 3)
    await hands.press("pictures-model")
    await hands.on(ModelPicker)
    await hands.strike("escape")
    await hands.on(AttachScreen)
    assert len(screen.marks) == 3
    await hands.press("pictures-take-marked")
    await hands.back()
    await eventually(lambda: len(hands.rig.screen.prompt.attached) == 3)
    assert hands.rig.screen.prompt.attached[2].url == _ADDRESS  # type: ignore[union-attr]


@scenario("dialogs", "pictures-take")
async def _taking_one(hands: Hands) -> None:
    screen = await _open(hands)
    await hands.write("b.p")
    assert _name(screen) == "b.png"
    await hands.press("pictures-mark")
    await hands.write("a.p")
    # Not marked, but under the cursor.
    assert _name(screen) == "a.png"
    await hands.press("pictures-take")
    await hands.back()
    await eventually(lambda: len(hands.rig.screen.prompt.attached) == 2)
