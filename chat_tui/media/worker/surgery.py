"""Takes out of a picture's file what is not its picture, without touching one pixel.

The result is a list of pieces of the file, so that nothing is in memory twice. What is not built as
its format says gives None: then the picture is encoded anew.
"""

import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

from chat_tui.core.attachments.signatures import Read
from chat_tui.core.attachments.values import PictureFormat
from chat_tui.media.pictures.looking import gif_parts, png_chunks, webp_chunks

Piece = tuple[int, int] | bytes
"""From where to where of the file; or something else in its place."""

MOST_PROFILE = 4 * 1024 * 1024
"""Bytes that the profile of the colours may have."""

_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"}
    | {b"bKGD", b"pHYs", b"cICP"}
)
_PNG_MOVING = frozenset({b"acTL", b"fcTL", b"fdAT"})
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
_WEBP_TALKS = 0b0000_1100
"""The flags of EXIF and XMP."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_WINDOW = 1024 * 1024
_MOST_PARTS = 250_000


class Cut(NamedTuple):
    """What is left of a file."""

    pieces: list[Piece]
    stripped: bool
    """Whether anything but pictures was taken out."""

    def content(self, read: Read) -> bytes:
        """The file that they make."""
        return b"".join(
            piece if isinstance(piece, bytes) else read(piece[0], piece[1] - piece[0])
            for piece in self.pieces
        )


def cut(form: PictureFormat, read: Read, size: int, *, keep: bool) -> Cut | None:
    """Take out what tells more than the pixels, all pictures but the first, and what follows.

    Args:
        form: of the file; one of PNG, JPEG, GIF, WebP (others give None).
        read: gives its bytes.
        size: how many there are.
        keep: leave what tells more.
    """
    surgeon = _SURGEONS.get(form)
    return None if surgeon is None else surgeon(read, size, keep)


def _png(read: Read, size: int, keep: bool) -> Cut | None:
    pieces: list[Piece] = [(0, 8)]
    stripped = ended = False
    for step, (kind, at, length) in enumerate(png_chunks(read)):
        end = at + 12 + length
        if end > size or step > _MOST_PARTS:
            return None
        good = kind in _PNG_KEPT or (keep and kind not in _PNG_MOVING)
        if kind == b"iCCP" and _is_bomb(read(at + 8, min(length, MOST_PROFILE))):
            good = False
        if good:
            pieces.append((at, end))
        elif not kind[0] & 0x20:
            return None  # nobody knows how to decode it without that
        elif kind not in _PNG_MOVING:
            stripped = True
        if kind == b"IEND":
            ended, stripped = True, stripped or end < size
    return Cut(pieces, stripped) if ended else None


def _is_bomb(profile: bytes) -> bool:
    """Whether a compressed profile is damaged, or larger than it may be."""
    _, _, packed = profile.partition(b"\0")
    try:
        unpacked = zlib.decompressobj().decompress(packed[1:], 1024 * 1024)
    except zlib.error:
        return True
    return len(unpacked) >= 1024 * 1024


def _jpeg(read: Read, size: int, keep: bool) -> Cut | None:
    pieces: list[Piece] = [(0, 2)]
    at, stripped = 2, False
    for _ in range(_MOST_PARTS):
        head = read(at, 4)
        if len(head) < 2 or head[0] != 0xFF:
            return None
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xD9:
            return Cut([*pieces, (at, at + 2)], stripped or at + 2 < size)
        end = at + 2 + int.from_bytes(head[2:4], "big")
        if marker <= 0x01 or 0xD0 <= marker <= 0xD8 or end < at + 4 or end > size:
            return None
        if marker == 0xDA:
            end = _scan_end(read, end, size)
            if end >= size:  # decoders need no end
                return Cut([*pieces, (at, size), b"\xff\xd9"], stripped)
        piece = (at, end) if keep else _segment(read, marker, at, end)
        if piece:
            pieces.append(piece)
        stripped = stripped or piece != (at, end)
        at = end
    return None


def _segment(read: Read, marker: int, at: int, end: int) -> Piece:
    """What stays of a segment of a JPEG."""
    if marker == 0xE0 and read(at + 4, 5) == b"JFIF\0":
        # Without the small picture that it may have: nobody looks whether that is another one.
        whole = end == at + 18
        return (at, end) if whole else b"\xff\xe0\0\x10" + read(at + 4, 12) + b"\0\0"
    if marker == 0xEE and end >= at + 16 and read(at + 4, 5) == b"Adobe":
        return (at, end) if end == at + 16 else b"\xff\xee\0\x0e" + read(at + 4, 12)
    talks = 0xE0 <= marker <= 0xEF or marker == 0xFE
    colours = marker == 0xE2 and read(at + 4, 12) == b"ICC_PROFILE\0"
    return b"" if talks and not colours else (at, end)


def _scan_end(read: Read, at: int, size: int) -> int:
    """Where the marker after compressed data stands."""
    while at < size:
        window = read(at, _WINDOW)
        found = _MARKER.search(window)
        if found:
            return at + found.start()
        at += max(len(window) - 1, 1)
    return size


def _gif(read: Read, size: int, keep: bool) -> Cut | None:
    pieces: list[Piece] = []
    controls: list[Piece] = []
    stripped, shown, last = False, False, 0
    for kind, at, end in gif_parts(read, _MOST_PARTS):
        if not pieces:
            pieces.append((0, at))
        last = end
        if end < 0:
            break
        if kind == 0x2C and not shown:
            shown = True
            pieces += [*controls[-1:], (at, end)]
        elif kind == 0xF9:
            controls.append((at, end))
        elif kind not in {0x2C, 0x3B} and not _is_loop(read, kind, at):
            stripped = stripped or not keep
            if keep and not shown:
                pieces.append((at, end))
    # What follows the end, or is no part of a GIF, belongs to something else.
    return Cut([*pieces, b";"], stripped or last != size) if shown else None


def _is_loop(read: Read, kind: int, at: int) -> bool:
    """Whether an extension only says how often the pictures are repeated."""
    return kind == 0xFF and read(at + 3, 11) in {b"NETSCAPE2.0", b"ANIMEXTS1.0"}


def _webp(read: Read, size: int, keep: bool) -> Cut | None:
    pieces: list[Piece] = []
    stripped, pictures, total, last = False, 0, 4, 12
    for step, (kind, at, length) in enumerate(webp_chunks(read)):
        last = end = at + 8 + length + (length & 1)
        if at + 8 + length > size or step > _MOST_PARTS or kind in {b"ANIM", b"ANMF"}:
            return None
        pictures += kind in {b"VP8 ", b"VP8L"}
        if kind == b"VP8X" and length >= 10:
            flags = read(at + 8, 1)[0]
            flags = flags if keep else flags & ~_WEBP_TALKS
            pieces.append(read(at, 8) + bytes([flags]) + read(at + 9, end - at - 9))
        elif kind in _WEBP_KEPT or keep:
            pieces.append((at, min(end, size)))
        else:
            stripped = True
            continue
        total += end - at
    if pictures != 1:
        return None
    if last > size:  # the byte that makes a length even is missing
        pieces.append(b"\0")
    head = b"RIFF" + total.to_bytes(4, "little") + b"WEBP"
    return Cut([head, *pieces], stripped or last < size)


_SURGEONS: dict[PictureFormat, Callable[[Read, int, bool], Cut | None]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "GIF": _gif,
    "WebP": _webp,
}
