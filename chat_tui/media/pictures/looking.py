"""What a picture's file says of itself, read without decoding anything.

Every walk has an end: frames are counted up to one more than `MOST_FRAMES`, and blocks up to a
number that takes a fraction of a second.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chat_tui.core.attachments.signatures import (
    PictureFacts,
    Read,
    facts_of,
    jpeg_segments,
)
from chat_tui.core.attachments.values import MOST_FRAMES, PictureFormat, PictureInfo
from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.media.pictures.exif import count_directories, read_exif
from chat_tui.media.pictures.heic import read_heic

MOST_PIXELS = 50_000_000
"""Pixels that a picture may have when it is decoded."""

MOST_SIDE = 65_500
"""Pixels that a side may have: JPEG cannot have more."""

_MOST_FRAMES = MOST_FRAMES + 1
"""One more says that there are more."""

_MOST_STEPS = 40_000
"""Chunks and blocks that are looked at."""

_XMP = 256 * 1024
"""Bytes of XMP that are searched for a place."""


class Looked(NamedTuple):
    """What is known of a picture before it is decoded."""

    facts: PictureFacts
    size: int
    """Bytes of the file."""
    frames: int = 1
    orientation: int = 1
    """As EXIF counts it."""
    metadata: bool = False
    place: bool = False
    exif: int = 0
    """Where its EXIF begins (the TIFF in it); 0: it has none."""

    @property
    def format(self) -> PictureFormat:
        """Its format."""
        return self.facts.format

    @property
    def seen(self) -> tuple[int, int]:
        """Width and height after its orientation."""
        width, height = self.facts.width, self.facts.height
        return (height, width) if self.orientation >= 5 else (width, height)

    def info(self, name: str) -> PictureInfo:
        """As the port tells it."""
        return PictureInfo(
            self.format,
            *self.seen,
            self.size,
            self.frames,
            self.orientation != 1,
            self.metadata,
            self.place,
            name,
        )


class _Told(NamedTuple):
    """What one walk through a file found."""

    frames: int = 1
    orientation: int = 1
    metadata: bool = False
    place: bool = False
    exif: int = 0


def look(read: Read, size: int, name: str) -> Looked:
    """Read what a file says.

    Args:
        read: gives its bytes.
        size: how many there are.
        name: what it is called; it is cleaned in errors.

    Raises:
        UsageError: it is no picture, or its head is damaged.
    """
    shown = clean_line(name, code=True)
    facts = facts_of(read)
    if facts is None:
        raise UsageError(
            f"{shown or 'This'} is no picture that can be read.",
            hint="PNG, JPEG, GIF, WebP, BMP, TIFF and HEIC files can be attached.",
        )
    told = _WALKS[facts.format](read)
    if facts.format == "HEIC":
        heic = read_heic(read)
        facts = facts._replace(width=heic.width, height=heic.height) if heic.width else facts
    if facts.format == "GIF":
        width, height = _gif_reach(read)
        facts = facts._replace(width=max(facts.width, width), height=max(facts.height, height))
    if not facts.width or not facts.height:
        raise UsageError(
            f"{shown or 'The picture'} is damaged: it does not say how large its picture is."
        )
    return Looked(facts, size, *told)


def check_size(name: str, width: int, height: int, most: int = MOST_PIXELS) -> None:
    """Refuse a picture that is too large to be decoded.

    Args:
        name: what it is called; it is cleaned.
        width: in pixels.
        height: in pixels.
        most: pixels that it may have.

    Raises:
        UsageError: with the numbers.
    """
    shown = clean_line(name, code=True) or "The picture"
    if width * height > most:
        raise UsageError(
            f"{shown} is {width:,}×{height:,} pixels ({width * height / 1e6:,.0f} megapixels); "
            f"at most {most / 1e6:,.0f} megapixels can be opened.",
            hint="Make it smaller first.",
        )
    if max(width, height) > MOST_SIDE:
        raise UsageError(
            f"{shown} is {width:,}×{height:,} pixels; no side may be longer than {MOST_SIDE:,}.",
            hint="Cut it first.",
        )


def check_stored(name: str, looked: Looked) -> None:
    """The same by what the file says; a JPEG may be larger, since it can be decoded smaller.

    Raises:
        UsageError: see `check_size`.
    """
    width, height = looked.facts.width, looked.facts.height
    # Eight times smaller in each direction is what its decoder can do.
    check_size(name, width, height, MOST_PIXELS * (64 if looked.format == "JPEG" else 1))


def png_chunks(read: Read) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a PNG up to its end: kind, offset, and length of what is in it."""
    at = 8
    while len(head := read(at, 8)) == 8:
        length = int.from_bytes(head[:4], "big")
        yield head[4:], at, length
        if head[4:] == b"IEND" or length > 0x7FFFFFFF:
            return
        at += 12 + length


def webp_chunks(read: Read) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a WebP: kind, offset, and length of what is in it."""
    end = 8 + int.from_bytes(read(4, 4), "little")
    at = 12
    while at + 8 <= end and len(head := read(at, 8)) == 8:
        length = int.from_bytes(head[4:], "little")
        yield head[:4], at, length
        at += 8 + length + (length & 1)


def _gif_blocks(read: Read, at: int, most: int) -> tuple[int, int]:
    """Where the blocks of data that begin at an offset end, and how many there are.

    The end is -1 where the file ends before, or there are more than `most`.
    """
    for count in range(most):
        length = read(at, 1)
        if not length:
            return -1, count
        at += 1 + length[0]
        if not length[0]:
            return at, count
    return -1, most


def gif_parts(read: Read, most: int = _MOST_STEPS) -> Iterator[tuple[int, int, int]]:
    """The parts of a GIF after its head.

    Each is its kind (`,`: a picture; `;`: the end; else the label of an extension), where it
    begins, and where it ends (-1: it does not, within ten times `most` blocks of all parts).
    """
    left = 10 * most
    at = 13 + _table(read(10, 1))
    for _ in range(most):
        head = read(at, 10)
        if not head or head[0] not in b"!,;":
            return
        if head[0] == 0x3B:
            yield head[0], at, at + 1
            return
        if head[0] == 0x2C:
            kind, data = head[0], at + 11 + _table(head[9:10])
        else:
            kind, data = (head[1] if len(head) > 1 else 0), at + 2
        end, count = _gif_blocks(read, data, left)
        left -= count
        yield kind, at, end
        if end < 0:
            return
        at = end


def _gif_reach(read: Read) -> tuple[int, int]:
    """How far the first picture of a GIF goes: decoders give it room that its head does not."""
    for kind, at, _ in gif_parts(read):
        if kind == 0x2C and len(place := read(at + 1, 8)) == 8:
            left, top, width, height = struct.unpack("<HHHH", place)
            return left + width, top + height
    return 0, 0


def _table(packed: bytes) -> int:
    """Bytes of the table of colours that a field announces."""
    return 3 * (2 << (packed[0] & 7)) if packed and packed[0] & 0x80 else 0


def _with_exif(read: Read, exif: int, **told: int | bool) -> _Told:
    said = read_exif(read, exif)
    return _Told(
        frames=int(told.get("frames", 1)),
        orientation=said.orientation,
        metadata=True,
        place=said.place or bool(told.get("place")),
        exif=exif,
    )


def _has_place(read: Read, at: int, length: int) -> bool:
    return b"GPSLatitude" in read(at, min(length, _XMP))


def _png(read: Read) -> _Told:
    frames, exif, metadata, place = 1, 0, False, False
    for step, (kind, at, length) in enumerate(png_chunks(read)):
        if kind == b"acTL":
            frames = min(max(int.from_bytes(read(at + 8, 4), "big"), 1), _MOST_FRAMES)
        elif kind == b"eXIf":
            exif = exif or at + 8
        elif kind in {b"tEXt", b"zTXt", b"iTXt", b"tIME"}:
            metadata = True
            place = place or _has_place(read, at + 8, length)
        if step >= _MOST_STEPS:
            break
    if exif:
        return _with_exif(read, exif, frames=frames, place=place)
    return _Told(frames, metadata=metadata, place=place)


def _jpeg(read: Read) -> _Told:
    exif, metadata, place = 0, False, False
    for marker, at, length in jpeg_segments(read):
        if marker == 0xE1:
            metadata = True
            if read(at + 4, 6) == b"Exif\0\0":
                exif = exif or at + 10
            else:
                place = place or _has_place(read, at + 4, length)
        elif marker in {0xED, 0xFE}:
            metadata = True
    if exif:
        return _with_exif(read, exif, place=place)
    return _Told(metadata=metadata, place=place)


def _gif(read: Read) -> _Told:
    frames, metadata = 0, False
    for kind, at, end in gif_parts(read):
        frames += kind == 0x2C
        words = kind == 0xFF and read(at + 3, 11) not in {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
        metadata = metadata or kind == 0xFE or words
        if frames >= _MOST_FRAMES or end < 0:
            break
    return _Told(max(frames, 1), metadata=metadata)


def _webp(read: Read) -> _Told:
    frames, exif, metadata, place = 0, 0, False, False
    for step, (kind, at, length) in enumerate(webp_chunks(read)):
        if kind == b"ANMF":
            frames = min(frames + 1, _MOST_FRAMES)
        elif kind == b"EXIF":
            # Some programs write the mark of JPEG before it.
            exif = exif or at + (14 if read(at + 8, 6) == b"Exif\0\0" else 8)
        elif kind == b"XMP ":
            metadata, place = True, _has_place(read, at + 8, length)
        if step >= _MOST_STEPS:
            break
    if exif:
        return _with_exif(read, exif, frames=max(frames, 1), place=place)
    return _Told(max(frames, 1), metadata=metadata, place=place)


def _tiff(read: Read) -> _Told:
    said = read_exif(read, 0)
    frames = count_directories(read, _MOST_FRAMES)
    return _Told(frames, said.orientation, said.talks, said.place)


def _heic(read: Read) -> _Told:
    heic = read_heic(read)
    if heic.exif:
        return _with_exif(read, heic.exif)._replace(orientation=heic.orientation)
    return _Told(orientation=heic.orientation)


_WALKS: dict[PictureFormat, Callable[[Read], _Told]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "GIF": _gif,
    "WebP": _webp,
    "BMP": lambda _: _Told(),
    "TIFF": _tiff,
    "HEIC": _heic,
}
