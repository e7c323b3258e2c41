"""Attaching pictures: found in folders, seen, weighed, changed, taken."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual import events

from chat_tui.core.attachments.limits import PictureLimits
from chat_tui.core.attachments.media import PictureWish, PreparedPicture
from chat_tui.core.attachments.values import PictureInfo
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.messages import ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.graphics import CellSize, graphics_of
from chat_tui.ui.screens.attach.facts import Seen, facts_of
from chat_tui.ui.screens.attach.folders import MOST, Batch, Entry, read_folder
from chat_tui.ui.screens.attach.options import AS_IT_IS, FIT, ChosenPicture, Options
from chat_tui.ui.screens.attach.screen import AttachScreen
from chat_tui.ui.screens.attach.tree import FolderTree, best_row
from tests.fakes import eventually
from tests.ui.host import Host, hosting
from tests.ui.pictures import (
    FakeMedia,
    picture_attachment,
    picture_bytes,
    placed_exif,
    write_picture,
)
from tests.ui.pilot import SteadyPilot

LIMITS = PictureLimits(2_000, 5_000_000, 10, frozenset({"PNG", "JPEG"}), "Fake")


class Models:
    """An `Audience` that sees pictures, or does not."""

    def __init__(self, blind: str = "") -> None:
        self.label = "model-1"
        self.blind = blind
        self.limits = LIMITS
        self.rule = "tiles"
        self.chosen = 0
        self.choosing: Callable[[], Awaitable[None]] | None = None

    def cost(self, part: ImagePart) -> PictureCost:
        """100 tokens at low detail, else one a pixel."""
        pixels = part.width * part.height or 1_000_000
        tokens = 100 if part.detail == "low" else pixels
        return PictureCost(tokens, tokens / 1000, self.rule)

    async def choose(self) -> None:
        """Choose one that sees."""
        self.chosen += 1
        self.label, self.blind = "model-2", ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures, what is none, a folder with one more."""
    write_picture(tmp_path / "apple.png", 40, 30)
    write_picture(tmp_path / "Berry.jpg", 60, 20, format_="JPEG", exif=placed_exif())
    write_picture(tmp_path / ".secret.png")
    (tmp_path / "page.png").write_bytes(b"<html>no picture</html>")
    (tmp_path / "notes.txt").write_text("words")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "inner").mkdir()
    write_picture(tmp_path / "inner" / "cherry.gif", 8, 8, format_="GIF")
    return tmp_path


def _screen(
    folder: Path, media: FakeMedia | None = None, models: Models | None = None, **more: Any
) -> AttachScreen:
    options = more.pop("options", Options())
    return AttachScreen(media or FakeMedia(), models or Models(), options, str(folder), **more)


def _names(host: Host) -> list[str]:
    assert isinstance(host.screen, AttachScreen)
    return [row.note or row.entry.name for row in host.screen.rows.rows]


def _on(host: Host) -> str:
    assert isinstance(host.screen, AttachScreen)
    row = host.screen.row
    return "" if row is None else row.note or row.entry.name


async def _read(host: Host, *names: str) -> None:
    """Wait until the folder was read."""
    await eventually(lambda: set(names or ("Berry.jpg", "apple.png")) <= set(_names(host)))
    await host.pilot.pause()


async def _press(host: Host, *keys: str) -> None:
    """Press keys, and wait until they are handled, but for what they do in the background."""
    for key in keys:
        await SteadyPilot(host.app).strike(key)


def _chosen(host: Host) -> list[ChosenPicture]:
    (found,) = host.results
    assert isinstance(found, list)
    return found


# Folders


def test_folder_gives_folders_at_once_and_then_only_what_begins_as_a_picture(folder: Path) -> None:
    first, *others = read_folder(str(folder), Event())

    assert [entry.name for entry in first.entries] == ["inner"]
    assert not first.done
    found = [entry for batch in others for entry in batch.entries]
    assert {entry.name for entry in found} == {"apple.png", "Berry.jpg", ".secret.png"}
    apple = next(entry for entry in found if entry.name == "apple.png")
    assert apple.size == (folder / "apple.png").stat().st_size
    assert others[-1].done
    assert others[-1].looked == others[-1].total == 6


def test_folder_that_is_not_there_or_not_wanted_any_more_ends(folder: Path) -> None:
    (gone,) = read_folder(str(folder / "gone\x1b[1m"), Event())
    stopped = Event()
    stopped.set()

    assert gone.done
    assert gone.trouble == "No such file or directory"
    assert not [batch for batch in read_folder(str(folder), stopped) if batch.done]


def test_fifty_thousand_pictures_are_shown_and_found_between_two_frames() -> None:
    tree = FolderTree("/many")
    entries = [
        Entry(f"Shot {n}.png", f"/many/{n}", False, n, n, f"shot {n}.png") for n in range(MOST)
    ]
    for begin in range(0, MOST, 5_000):
        tree.take(Batch("/many", entries[begin : begin + 5_000], begin, MOST))
    tree.take(Batch("/many", (), MOST, MOST, more=7, done=True))

    assert len(tree.rows()) == MOST + 2
    assert tree.rows()[-1].note == "7 more files are not looked at."
    tree.words = "SHOT 49999"
    assert [row.entry.name for row in tree.rows()] == ["Shot 49999.png"]
    tree.words = ""
    tree.sort(newest=True)
    assert tree.rows()[1].entry.name == "Shot 49999.png"


def test_letters_lead_to_the_name_that_begins_with_them() -> None:
    tree = FolderTree("/a")
    names = ("in a cat", "cat.png", "dog.png")
    entries = [Entry(name, f"/a/{name}", name == "in a cat", order=name) for name in names]
    tree.take(Batch("/a", entries, done=True))
    tree.words = "cat"

    rows = tree.rows()

    assert [row.entry.name for row in rows] == ["in a cat", "cat.png"]
    assert best_row(rows, "cat") == 1
    assert best_row(rows, "") == 1
    # What was taken from the clipboard is no reason to begin there.
    tree.words, tree.kept = "", [Entry("Clipboard 1", "\0" + "1", False)]
    assert tree.rows()[best_row(tree.rows(), "")].entry.name == "cat.png"


# What is done with them


def test_wish_is_what_the_provider_takes_unless_the_options_say_otherwise() -> None:
    fit = Options()
    assert fit.wish(LIMITS) == PictureWish(2_000, 5_000_000, LIMITS.formats)
    assert Options(side=512).wish(LIMITS).most_side == 512
    assert Options(side=9_000).wish(LIMITS).most_side == 2_000
    plain = Options(side=AS_IT_IS, keep_metadata=True).wish(LIMITS)
    assert plain == PictureWish(0, 0, LIMITS.formats, keep_metadata=True)

    sides, options = [], Options(side=1_500, own_side=1_500)
    for _ in range(6):
        sides.append(options.side)
        options = options.next_side(1)
    assert sides == [1_500, 1_024, 512, AS_IT_IS, FIT, 2_048]
    assert options.side == 1_500


@pytest.mark.parametrize(
    ("environ", "graphics"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM": "foot-extra"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "210800"}, "blocks"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "blocks"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, "blocks"),
        ({"TERM": "xterm-kitty", "CHAT_TUI_GRAPHICS": "blocks"}, "blocks"),
        ({"TERM": "xterm", "CHAT_TUI_GRAPHICS": " Sixel"}, "sixel"),
        ({"TERM": "xterm-kitty", "CHAT_TUI_GRAPHICS": "wrong"}, "kitty"),
        ({}, "blocks"),
    ],
)
def test_graphics_are_told_by_the_names_of_terminals(
    environ: dict[str, str], graphics: str
) -> None:
    assert graphics_of(environ) == graphics
    assert CellSize(8, 16).height == 16


# The screen


async def test_picture_is_found_seen_weighed_changed_and_taken(folder: Path) -> None:
    media, noted = FakeMedia(), list[str]()

    async def note(path: str) -> None:
        noted.append(path)

    async with hosting(_screen(folder, media, note_folder=note)) as host:
        await _read(host)
        assert _names(host) == ["..", "inner", "apple.png", "Berry.jpg"]
        assert _on(host) == "apple.png"
        await host.type("ber")
        assert _names(host) == ["Berry.jpg"]
        await eventually(lambda: "› auto  1,200 tokens · $1.20" in host.drawn())
        drawn = host.drawn()
        assert "60×20 · JPEG" in drawn
        assert "Its place (GPS) is taken out." in drawn
        assert "low   100 tokens · $0.100" in drawn
        assert "by tiles" in drawn
        assert "as Fake takes it: up to 2,000 px, 5 MB" in drawn
        assert isinstance(host.screen, AttachScreen)
        assert host.screen.preview.shown is not None

        await _press(host, "ctrl+e", "ctrl+d", "ctrl+r", "ctrl+r", "ctrl+r")
        drawn = host.drawn()
        assert "Its place (GPS) is sent too." in drawn
        assert "› low   100 tokens" in drawn
        assert "at most 512 px" in drawn
        await _press(host, "enter")
        await eventually(lambda: bool(host.results))
        (chosen,) = _chosen(host)
        assert chosen.attachment is not None
        assert chosen.attachment.content == (folder / "Berry.jpg").read_bytes()
        assert chosen.part == ImagePart(
            chosen.attachment.sha256, "", "image/jpeg", "Berry.jpg", "low", 60, 20
        )
        assert noted == [str(folder)]
        assert media.wishes[-1] == PictureWish(512, 5_000_000, LIMITS.formats, keep_metadata=True)
        assert host.app.failures == []


async def test_several_pictures_an_address_and_the_clipboard_are_taken_in_their_order(
    folder: Path,
) -> None:
    media = FakeMedia()
    media.clipboard = picture_bytes(5, 5)
    async with hosting(_screen(folder, media)) as host:
        await _read(host)
        await host.type("apple")
        await _press(host, "tab", "space")
        assert "marked" not in host.drawn()
        await _press(host, "space")
        assert "1 marked" in host.drawn()
        await _press(host, "ctrl+o")
        await eventually(lambda: host.app.screen is not host.screen)
        await _press(host, *"https://x.de/a.png")
        await _press(host, "enter")
        await eventually(lambda: "https://x.de/a.png" in _names(host))
        await _press(host, *"http://", "enter")
        await eventually(lambda: text("attaching.no-address") in host.drawn())
        await _press(host, *["backspace"] * 7, "ctrl+v")
        await eventually(lambda: "Clipboard 1" in _names(host))
        await eventually(lambda: "3 marked" in host.drawn() and "≈" not in host.drawn())
        # 1,200 for the apple, 25 for the clipboard, a guess for the address.
        await eventually(lambda: "1,001,225 tokens" in host.drawn())
        # What is no file goes when its mark goes.
        await _press(host, "tab")
        assert "Clipboard 1" not in _names(host)
        assert "2 marked" in host.drawn()
        await _press(host, "ctrl+s")
        await eventually(lambda: bool(host.results))
        apple, address = _chosen(host)
        assert apple.part.name == "apple.png"
        assert address == ChosenPicture(ImagePart(url="https://x.de/a.png"), None)
        assert host.app.failures == []


async def test_picture_of_the_clipboard_is_the_one_that_was_there_when_it_was_taken(
    folder: Path,
) -> None:
    async def fail(_: str) -> None:
        raise StorageError("The folder cannot be noted.")

    media = FakeMedia()
    async with hosting(_screen(folder, media, note_folder=fail)) as host:
        await _read(host)
        for width, name in ((5, "Clipboard 1"), (7, "Clipboard 2")):
            media.clipboard = picture_bytes(width, width)
            await _press(host, "ctrl+v")
            await eventually(lambda name=name: name in _names(host))  # type: ignore[misc]
            await eventually(lambda size=width**2: f"{size} tokens" in host.drawn())  # type: ignore[misc]
            if width == 5:
                await _press(host, "tab")
        # With what was marked goes what is under the cursor, which is not marked yet.
        await host.type("apple")
        assert "^s attaches it, Enter this one too" in host.drawn()
        assert "^v Clipboard  ^o Address" in host.drawn()
        await _press(host, "enter")
        await eventually(lambda: bool(host.results))
        # Not that the folder could not be noted.
        assert [each.part.name for each in _chosen(host)] == ["Clipboard 2", "apple.png"]
        assert _chosen(host)[0].part.width == 7
        assert host.toasts == ["The folder cannot be noted."]


async def test_folders_are_opened_closed_gone_into_and_left(folder: Path, tmp_path: Path) -> None:
    async with hosting(
        _screen(folder, recent=[str(tmp_path / "gone"), str(folder / "inner")])
    ) as host:
        # The one used last is gone.
        await _read(host)
        await _press(host, "ctrl+home", "down")
        assert _on(host) == "inner"
        await _press(host, "right")
        await _read(host, "cherry.gif")
        assert _on(host) == "inner"
        await host.type("che")
        assert _names(host) == ["inner", "cherry.gif"]
        assert _on(host) == "cherry.gif"
        await _press(host, "left")
        assert _on(host) == "inner"
        await _press(host, "left", "backspace", "backspace", "backspace")
        assert "cherry.gif" not in _names(host)
        await _press(host, "ctrl+b")
        assert ".secret.png" in _names(host)
        await _press(host, "ctrl+f")
        assert _names(host)[:2] == ["..", "inner"]
        # A path that is typed leads to its folder, and back.
        host.app.post_message(events.Paste(f"{folder}/inner/"))
        await _read(host, "cherry.gif")
        await host.type("che")
        assert _on(host) == "cherry.gif"
        await _press(host, "ctrl+a", "ctrl+k", "backspace")
        await _read(host)
        # After the current folder come those that were used before.
        await _press(host, "ctrl+l")
        await _read(host, "cherry.gif")
        await _press(host, "ctrl+home", "enter")
        await _read(host)
        await host.type("nothing")
        assert _names(host) == ["Nothing here has that in its name."]
        await _press(host, "tab", "enter", "right", "ctrl+d", "escape")
        assert host.results == [None]
        assert host.app.failures == []


async def test_folder_used_last_in_which_no_pictures_are_left_gives_way(folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    async with hosting(_screen(folder, recent=[str(empty)])) as host:
        await _read(host)
        assert _on(host) == "apple.png"
        # Whoever goes there stays there.
        await host.type(f"{empty}/")
        await eventually(lambda: _names(host) == ["..", text("pictures.none-here")])
        assert host.app.failures == []


def test_facts_say_why_a_turned_picture_grew_and_how_long_a_film_is() -> None:
    info = PictureInfo("JPEG", 60, 20, 9, frames=1_001, turned=True)
    made = PreparedPicture(picture_attachment(60, 20), 60, 20, info, ("turned",))
    seen = Seen("a.jpg", info, made)

    lines = facts_of(seen, Options(), Models(), 60).plain.split("\n")

    assert "Moves: 1 of its more than 1,000 pictures is sent." in lines
    sent = next(line for line in lines if line.startswith("Sent"))
    assert sent.startswith("Sent     PNG · ")
    assert sent.endswith(" · saved again, because it is turned")
    assert "Detail   low   100 tokens · $0.100" in lines
    refused = facts_of(Seen("a.jpg", info, refused=True), Options(), Models(), 60).plain
    assert "Sent" not in refused


async def test_model_that_sees_nothing_is_told_and_another_one_keeps_what_was_marked(
    folder: Path,
) -> None:
    models = Models(blind="model-1")
    async with hosting(_screen(folder, models=models)) as host:
        await _read(host)
        assert "model-1 sees no pictures. ^t chooses another model" in host.drawn()
        await host.type("apple")
        await _press(host, "tab", "ctrl+t")
        await eventually(lambda: "sees no pictures" not in host.drawn())
        assert models.chosen == 1
        assert "1 marked" in host.drawn()
        assert "for model-2" in host.drawn()


async def test_picture_that_cannot_be_read_is_told_where_it_would_stand(folder: Path) -> None:
    media = FakeMedia()
    media.failures["apple.png"] = UsageError("apple.png is\x1b[1m broken.", hint="Save it anew.")
    async with hosting(_screen(folder, media)) as host:
        await _read(host)
        await host.type("apple")
        await eventually(lambda: "apple.png is␛[1m broken" in host.drawn())
        await _press(host, "enter")
        await eventually(lambda: host.drawn().count("broken") >= 2)
        assert host.results == []
        # It is not marked, so that it is in nobody's way, and nothing is said to be sent of it.
        await _press(host, *["backspace"] * 5)
        await eventually(lambda: host.drawn().count("broken") == 1)
        await _press(host, "tab")
        # The line takes room from the preview, which is drawn anew.
        await eventually(lambda: host.drawn().count("broken") == 2)
        assert "marked:" not in host.drawn()
        assert "being made" not in host.drawn()
        await _press(host, "down")
        assert _on(host) == "Berry.jpg"
        await eventually(lambda: "broken" not in host.drawn())
        # It is marked before anybody knows.
        media.failures["Berry.jpg"] = UsageError("Berry.jpg is broken too.")
        media.gate = asyncio.Event()
        await _press(host, "ctrl+e", "tab")
        assert "1 marked:" in host.drawn()
        media.gate.set()
        await eventually(lambda: "Berry.jpg is not marked any more" in host.drawn())
        assert "marked:" not in host.drawn()
        media.failures.clear()
        await _press(host, "enter")
        await eventually(lambda: bool(host.results))
        assert host.app.failures == []


async def test_only_the_picture_on_which_the_cursor_rests_is_read(folder: Path) -> None:
    media = FakeMedia()
    for number in range(30):
        write_picture(folder / f"x{number:02}.png")
    media.gate = asyncio.Event()
    async with hosting(_screen(folder, media)) as host:
        await _read(host, "x29.png")
        await host.type("x")
        await _press(host, "down", "up", "pagedown", "ctrl+end")
        await eventually(lambda: ("look", "x29.png") in media.calls)
        assert len(media.calls) <= 3
        assert "Reading the picture" in host.drawn()
        # Enter does not wait for the preview.
        await _press(host, "enter")
        assert "Making x29.png ready" in host.drawn()
        await _press(host, "enter")
        media.gate.set()
        await eventually(lambda: bool(host.results))
        assert len(_chosen(host)) == 1


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_screen_fits_wherever_it_is(folder: Path, size: tuple[int, int]) -> None:
    async with hosting(_screen(folder), size=size) as host:
        await _read(host)
        screen = host.screen
        assert isinstance(screen, AttachScreen)
        assert screen.rows.size.height >= 3
        await host.type("apple")
        if size[0] < 70:
            assert not screen.preview.is_on_screen
            await _press(host, "f3")
            await eventually(lambda: not screen.rows.is_on_screen)
        await eventually(lambda: screen.preview.shown is not None)
        await eventually(lambda: "40×30" in host.drawn())
        assert screen.preview.size.height >= 3
        assert "Esc" in host.drawn()
        await _press(host, "f3")
        await eventually(lambda: not screen.preview.is_on_screen)
        await host.pilot.pause()
        # With the mouse: a click on the row under the cursor takes it.
        await host.pilot.click(screen.rows, offset=(4, 0))
        await eventually(lambda: bool(host.results))
        assert _chosen(host)[0].part.name == "apple.png"
