"""Pictures by their first bytes: which format it is, and how many pixels it has.

Every byte counts as hostile: nothing is decoded, each walk through a file has an end, and what
cannot be read gives zeros, never an exception.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chat_tui.core.attachments.values import PictureFormat

MEDIA_TYPES: dict[PictureFormat, str] = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WebP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "HEIC": "image/heic",
}

Read = Callable[[int, int], bytes]
"""Gives bytes from an offset on: fewer than asked for at the end of the file, none behind it."""

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_MOST_STEPS = 4_000
"""Segments, entries or boxes that are walked through in search of the size."""

_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""Lengths of the second header of a BMP."""


class PictureFacts(NamedTuple):
    """What the beginning of a picture's file says of it."""

    format: PictureFormat
    width: int
    height: int
    """In pixels as they are stored, before any orientation; zeros where it is damaged."""

    @property
    def media_type(self) -> str:
        """As a data URL names it."""
        return MEDIA_TYPES[self.format]


class Frame(NamedTuple):
    """What the frame header of a JPEG says."""

    width: int
    height: int
    progressive: bool
    """Whether its coefficients are kept until all of them were read."""
    samples: float
    """Samples a pixel: 3 without subsampling, 1.5 with the usual one, 1 for grey."""


def format_of(head: bytes) -> PictureFormat | None:
    """The format of a picture by the first bytes of its file (32 are enough); None: none."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    return "HEIC" if _is_heic(head) else None


def picture_facts(content: bytes) -> PictureFacts | None:
    """The facts of a picture's file, or of its beginning; None where it is no picture."""
    return facts_of(lambda at, count: content[at : at + count])


def facts_of(read: Read) -> PictureFacts | None:
    """The same of a file that is read as far as it is needed."""
    form = format_of(read(0, 32))
    if form is None:
        return None
    try:
        width, height = _MEASURES[form](read)
    except (struct.error, IndexError, OverflowError):
        width = height = 0
    if min(width, height) <= 0 or max(width, height) > 0xFFFFFFFF:
        width = height = 0
    return PictureFacts(form, width, height)


def jpeg_frame(read: Read) -> Frame | None:
    """The frame header of a JPEG; None where there is none before its data."""
    for marker, at, length in jpeg_segments(read):
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            body = read(at + 4, min(length - 2, 800))
            if len(body) < 6:
                return None
            height, width, count = struct.unpack(">HHB", body[1:6])
            factors = [(each >> 4) * (each & 15) for each in body[7 : 6 + 3 * count : 3]]
            most = max(factors, default=1) or 1
            samples = sum(factors) / most if factors else 1.0
            return Frame(width, height, marker not in {0xC0, 0xC1}, samples)
    return None


def jpeg_segments(read: Read) -> Iterator[tuple[int, int, int]]:
    """The segments of a JPEG before its data: marker, offset, length (without the marker)."""
    at = 2
    for _ in range(_MOST_STEPS):
        head = read(at, 4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # these have no length
            at += 2
            continue
        length = int.from_bytes(head[2:4], "big")
        if marker == 0xD9 or length < 2:
            return
        yield marker, at, length
        if marker == 0xDA:
            return
        at += 2 + length


def boxes(read: Read, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a HEIC file within a range: kind, and where what is in it begins and ends."""
    for _ in range(_MOST_STEPS):
        head = read(at, 16)
        if at + 8 > end or len(head) < 8:
            return
        size, start = int.from_bytes(head[:4], "big"), at + 8
        if size == 1:
            size, start = int.from_bytes(head[8:16], "big"), at + 16
        stop = end if size == 0 else at + size
        if stop < start or stop > end:
            return
        yield head[4:8], start, stop
        at = stop


def inner(read: Read, at: int, end: int, *path: bytes) -> tuple[int, int] | None:
    """Where the box at a path of kinds begins and ends; `meta` has four bytes before its boxes."""
    for kind in path:
        found = next((box for box in boxes(read, at, end) if box[0] == kind), None)
        if found is None:
            return None
        _, at, end = found
        at += 4 if kind == b"meta" else 0
    return at, end


def _is_heic(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def _png(read: Read) -> tuple[int, int]:
    width, height = struct.unpack(">II", read(16, 8))
    return width, height


def _gif(read: Read) -> tuple[int, int]:
    width, height = struct.unpack("<HH", read(6, 4))
    return width, height


def _bmp(read: Read) -> tuple[int, int]:
    length = int.from_bytes(read(14, 4), "little")
    width, height = struct.unpack(
        "<HH" if length == 12 else "<ii", read(18, 4 if length == 12 else 8)
    )
    return width, abs(height)


def _jpeg(read: Read) -> tuple[int, int]:
    frame = jpeg_frame(read)
    return (0, 0) if frame is None else (frame.width, frame.height)


def _webp(read: Read) -> tuple[int, int]:
    head = read(12, 18)
    kind = head[:4]
    if kind == b"VP8X" and len(head) == 18:
        return int.from_bytes(head[12:15], "little") + 1, int.from_bytes(head[15:18], "little") + 1
    if kind == b"VP8L" and head[8] == 0x2F:
        bits = int.from_bytes(head[9:13], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[11:14] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[14:18])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _tiff(read: Read) -> tuple[int, int]:
    order = "<" if read(0, 2) == b"II" else ">"
    (at,) = struct.unpack(order + "I", read(4, 4))
    (count,) = struct.unpack(order + "H", read(at, 2))
    sizes = {256: 0, 257: 0}
    for number in range(min(count, _MOST_STEPS)):
        entry = read(at + 2 + 12 * number, 12)
        tag, kind = struct.unpack(order + "HH", entry[:4])
        if tag in sizes and kind in {3, 4}:
            form, length = ("H", 2) if kind == 3 else ("I", 4)
            (sizes[tag],) = struct.unpack(order + form, entry[8 : 8 + length])
    return sizes[256], sizes[257]


def _heic(read: Read) -> tuple[int, int]:
    """The size of the largest picture in it: thumbnails and tiles have boxes of their own."""
    place = inner(read, 0, 1 << 40, b"meta", b"iprp", b"ipco")
    if place is None:
        return 0, 0
    sizes = [
        struct.unpack(">II", read(start + 4, 8))
        for kind, start, _ in boxes(read, *place)
        if kind == b"ispe"
    ]
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return width, height


_MEASURES: dict[PictureFormat, Callable[[Read], tuple[int, int]]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "GIF": _gif,
    "WebP": _webp,
    "BMP": _bmp,
    "TIFF": _tiff,
    "HEIC": _heic,
}
