"""Pictures as the app asks for them: files and bytes, decoded in the process that decodes."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chat_tui.core.attachments.media import Media, PictureWish
from chat_tui.core.attachments.values import PictureInfo, attachment_of
from chat_tui.core.errors import UsageError
from chat_tui.media.media import MediaReader
from tests.media.picture_files import (
    SECRET,
    chunk,
    colours,
    drawn,
    file_of,
    moving,
    talking,
    turned_file,
)


async def refused(call: Coroutine[Any, Any, object]) -> UsageError:
    with pytest.raises(UsageError) as error:
        await call
    return error.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cat.jpg").write_bytes(talking("JPEG"))
    (tmp_path / "turned.jpg").write_bytes(turned_file("JPEG", 6, quality=95))
    (tmp_path / "link.png").symlink_to("cat.jpg")
    (tmp_path / "a\x1b[2J\n.png").write_bytes(b"<html>")
    (tmp_path / "cut.png").write_bytes(file_of(drawn(), "PNG")[:-40])
    (tmp_path / "huge.png").write_bytes(
        file_of(drawn(), "PNG")[:8]
        + chunk(b"IHDR", (12_000).to_bytes(4, "big") + (9_000).to_bytes(4, "big") + b"\x08\2\0\0\0")
    )
    os.mkfifo(tmp_path / "pipe.png")
    return tmp_path


async def test_pictures_are_looked_at_prepared_and_shown(folder: Path) -> None:
    reader = MediaReader()
    media: Media = reader
    cat = folder / "cat.jpg"
    content = cat.read_bytes()
    try:
        info = await media.look(cat)
        assert info == PictureInfo("JPEG", 40, 30, len(content), 1, False, True, True, "cat.jpg")
        assert (await media.look(folder / "link.png")).name == "link.png"
        assert (await media.look(content)).name == ""

        prepared = await media.prepare(cat, PictureWish(most_side=4_000))
        again = await media.prepare(content, PictureWish(), "clipboard.jpg")

        assert prepared.source == info
        assert (prepared.width, prepared.height, prepared.changes) == (40, 30, ("stripped",))
        assert prepared.attachment == attachment_of(prepared.attachment.content, "image/jpeg")
        assert again.attachment == prepared.attachment
        assert again.source.name == "clipboard.jpg"
        assert colours(prepared.attachment.content) == colours(content)
        assert SECRET not in prepared.attachment.content
        part = prepared.part("low")
        assert (part.name, part.media_type, part.detail) == ("cat.jpg", "image/jpeg", "low")

        turned = await media.prepare(folder / "turned.jpg", PictureWish())
        assert (turned.width, turned.height) == (30, 40)
        assert (turned.source.width, turned.source.height, turned.source.turned) == (30, 40, True)
        shown = await media.pixels(folder / "turned.jpg", 12, 12)
        assert (shown.width, shown.height, len(shown.rgb)) == (9, 12, 9 * 12 * 3)
        few = await media.pixels(moving("GIF"), 1_000_000, -4)
        assert (few.width, few.height) == (1, 1)

        await _refusals(media, folder)
    finally:
        await reader.aclose()


async def _refusals(media: Media, folder: Path) -> None:
    calls: tuple[Callable[[Path], Coroutine[Any, Any, object]], ...] = (
        media.look,
        lambda path: media.prepare(path, PictureWish()),
        lambda path: media.pixels(path, 5, 5),
    )
    for call in calls:
        words = await refused(call(folder / "a\x1b[2J\n.png"))
        assert words.message.startswith("a␛[2J")
        assert "is no picture that can be read" in words.message
        assert "\n" not in words.told
        assert (await refused(call(folder / "pipe.png"))).message.startswith("pipe.png is a named")
        assert (await refused(call(folder / "none.png"))).message == "none.png is not there."
    for call in calls[1:]:
        words = await refused(call(folder / "huge.png"))
        assert "12,000×9,000 pixels (108 megapixels); at most 50 megapixels" in words.message
        assert "cut.png is damaged" in (await refused(call(folder / "cut.png"))).message
    large = b"\x89PNG\r\n\x1a\n" + bytes(64 << 20)
    assert "at most 64 MB are read" in (await refused(media.look(large))).message


async def test_many_ask_at_once_and_the_screen_goes_on(folder: Path) -> None:
    reader = MediaReader()
    try:
        several = await asyncio.gather(
            *(reader.pixels(folder / "cat.jpg", 8, 8) for _ in range(6)),
            *(reader.prepare(folder / "cat.jpg", PictureWish()) for _ in range(3)),
        )
        assert len(several) == 9
    finally:
        await reader.aclose()
    assert "the app is closing" in (await refused(reader.pixels(folder / "cat.jpg", 8, 8))).message


@pytest.mark.slow
async def test_no_change_of_bytes_breaks_what_decodes() -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    random, refusals = Random(7), 0
    reader = MediaReader()
    files = [talking(form) for form in ("PNG", "JPEG", "GIF", "WebP")]
    files += [file_of(drawn(), form) for form in ("BMP", "TIFF")]
    files += [turned_file("HEIF", 6), moving("GIF"), moving("WEBP"), moving("PNG")]
    try:
        for _ in range(1_500):
            content = bytearray(random.choice(files))
            for _ in range(random.randrange(1, 12)):
                content[random.randrange(len(content))] = random.randrange(256)
            cut = bytes(
                content[: random.choice((len(content), random.randrange(len(content)))) or 1]
            )
            try:
                prepared = await reader.prepare(cut, PictureWish(most_side=20), "x")
                assert max(prepared.width, prepared.height) <= 20
            except UsageError as error:
                refusals += "damaged" in error.message or "no picture" in error.message
    finally:
        await reader.aclose()
    assert 300 < refusals < 1_500
