"""The job that makes a picture ready to be sent.

Where nothing is to be changed, what is not picture is cut out of the file, and the pixels of both
are compared. Else it is decoded, turned, shrunk and encoded anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image

from chat_tui.core.attachments.media import Change, PictureWish
from chat_tui.core.attachments.signatures import Read
from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.media.pictures.looking import MOST_PIXELS, Looked, check_stored, look, webp_chunks
from chat_tui.media.pictures.source import FileBytes, bytes_of
from chat_tui.media.worker.decoding import (
    decoded,
    digest,
    fits_turned,
    stored_box,
    told_as_damage,
    turned,
)
from chat_tui.media.worker.encoding import Want, encode, fitted, into_box
from chat_tui.media.worker.surgery import MOST_PROFILE, cut

_EXIF = 64 * 1024
"""Bytes that are kept of it."""

_ANY = 1 << 62
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class _Source:
    """A picture's file, and what it says."""

    name: str
    file: BinaryIO
    read: Read
    looked: Looked


def prepare(arguments: dict[str, Any], file: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Make a picture ready, by the fields of `PictureWish`, and the name of its file.

    Returns:
        Its format and what was done to it, and its new file.

    Raises:
        UsageError: it is damaged, too large, or cannot be made as small as wished.
        MemoryError: it would need too much.
    """
    wish = PictureWish(
        arguments["most_side"],
        arguments["most_bytes"],
        frozenset(arguments["formats"]),
        arguments["keep_metadata"],
    )
    source = open_source(arguments["name"], file)
    changes: list[Change] = []
    kept = _kept(source, wish, changes)
    if kept is not None:
        return {"format": source.looked.format, "changes": changes}, kept
    # No name for the picture here: it would live on while a smaller one is made of it.
    return _encoded(source, wish, _seen(source, wish))


def open_source(name: str, file: BinaryIO) -> _Source:
    """Look at a file.

    Raises:
        UsageError: it is no picture, is damaged, or too large.
    """
    size = file.seek(0, 2)
    read = _reader(file)
    looked = look(read, size, name)
    check_stored(name, looked)
    return _Source(name, file, read, looked)


def _reader(file: BinaryIO) -> Read:
    try:
        return FileBytes(file.fileno())
    except OSError:  # in memory
        file.seek(0)
        return bytes_of(file.read())


def _kept(source: _Source, wish: PictureWish, changes: list[Change]) -> bytes | None:
    """The file with its pixels as they are; None where they must be changed, or encoded anew."""
    looked = source.looked
    facts = looked.facts
    too_long = wish.most_side and max(facts.width, facts.height) > wish.most_side
    too_large = facts.width * facts.height > MOST_PIXELS
    if looked.format not in wish.formats or looked.orientation != 1 or too_long or too_large:
        return None
    if looked.frames == 1 and (wish.keep_metadata or looked.format == "BMP"):
        decoded(looked, source.file, source.read, source.name)
        content = source.read(0, looked.size)
    else:
        found = _without(source, wish)
        if found is None:
            return None
        content, stripped = found
        changes += ["stripped"] if stripped else []
        changes += ["first-frame"] if looked.frames > 1 else []
    return content if not wish.most_bytes or len(content) <= wish.most_bytes else None


def _without(source: _Source, wish: PictureWish) -> tuple[bytes, bool] | None:
    """The file without what is no picture, and whether anything was cut out besides pictures."""
    looked = source.looked
    result = cut(looked.format, source.read, looked.size, keep=wish.keep_metadata)
    if result is None:
        return None
    try:
        before = _digest(source, source.file, source.read)
    except UsageError:
        # What was cut out may be what Pillow refuses, as a bomb in a text. Other formats are
        # decoded whatever stands beside the picture: that itself is damaged.
        if looked.format != "PNG":
            raise
        before = b""
    content = result.content(source.read)
    if before and not result.stripped and len(content) == looked.size:
        return content, False
    after = _digest(source, BytesIO(content), bytes_of(content))
    return (content, result.stripped) if not before or after == before else None


def _digest(source: _Source, file: BinaryIO, read: Read) -> bytes:
    """A hash of the pixels; the picture is gone from memory afterwards."""
    picture = decoded(source.looked, file, read, source.name)
    with told_as_damage(source.name):
        return digest(picture)


def _seen(source: _Source, wish: PictureWish) -> Image.Image:
    """Decode it, shrunk as wished, and turn it."""
    looked, box, least = source.looked, None, None
    if wish.most_side and max(looked.seen) > wish.most_side:
        box = least = stored_box(looked, fitted(looked.seen, (wish.most_side, wish.most_side)))
    elif looked.orientation != 1 and not fits_turned(looked.seen):
        # A turned copy of it has no room, but a smaller one; a JPEG comes out smaller at once.
        part = 2 if looked.format == "JPEG" else 3
        width, height = stored_box(looked, looked.seen)
        box, least = (width // part, height // part), (width // part // 2, height // part // 2)
    picture = decoded(looked, source.file, source.read, source.name, least)
    with told_as_damage(source.name):
        if box is not None:
            picture = into_box(picture, box)
        return turned(picture, looked)


def _encoded(
    source: _Source, wish: PictureWish, picture: Image.Image
) -> tuple[dict[str, Any], bytes]:
    looked = source.looked
    if len(picture.info.get("icc_profile") or b"") > MOST_PROFILE:
        del picture.info["icc_profile"]
    shrunk = max(picture.size) < max(looked.facts.width, looked.facts.height)
    with told_as_damage(source.name):
        result = encode(picture, _want(source, wish, shrunk))
    if result is None:
        shown = clean_line(source.name, code=True) or "The picture"
        raise UsageError(
            f"{shown} cannot be made as small as {wish.most_bytes:,} bytes.",
            hint="Choose another picture, or a part of it.",
        )
    changes = {
        "turned": looked.orientation != 1,
        "stripped": looked.metadata and not wish.keep_metadata,
        "first-frame": looked.frames > 1,
        "shrunk": shrunk or result.shrunk,
        "converted": result.format != looked.format,
        "compressed": result.lossy,
    }
    told = [name for name, done in changes.items() if done]
    return {"format": result.format, "changes": told}, result.content


def _want(source: _Source, wish: PictureWish, shrunk: bool) -> Want:
    """How it is encoded: what had lost something before may lose a little more."""
    looked = source.looked
    exif = _exif(source) if wish.keep_metadata else b""
    want = Want(wish.formats, wish.most_bytes, exif=exif)
    if looked.format in {"BMP", "TIFF", "HEIC"}:
        return want
    lossy = looked.format == "JPEG" or any(kind == b"VP8 " for kind, _, _ in _chunks(source))
    if shrunk:
        return replace(want, times=0, quality=92) if lossy else want
    if not lossy:
        return replace(want, lossless=_ANY)
    # Turned: without loss where that is not much larger than it was.
    return replace(want, lossless=3 * looked.size, times=1, quality=95)


def _chunks(source: _Source) -> Iterator[tuple[bytes, int, int]]:
    return webp_chunks(source.read) if source.looked.format == "WebP" else iter(())


def _exif(source: _Source) -> bytes:
    """Its EXIF for the new file, in which nothing is to be turned any more."""
    start = source.looked.exif
    if not start:
        return b""
    exif = Image.Exif()
    with told_as_damage(source.name):
        exif.load(b"Exif\0\0" + source.read(start, _EXIF))
        exif[_ORIENTATION] = 1
        return exif.tobytes()
