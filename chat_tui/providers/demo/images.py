"""Facts about a picture from the first bytes of its file: format and size in pixels."""

import struct
from base64 import b64decode
from binascii import Error as Base64Error
from typing import NamedTuple


class ImageFacts(NamedTuple):
    """What a picture's file says of itself."""

    format: str
    """Empty where it is none that is known."""
    width: int
    height: int
    size: int
    """Bytes of the file."""


def facts_of_url(url: str) -> ImageFacts | None:
    """The facts of a `data:` URL; None for any other address, or damaged Base64."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return facts_of(b64decode(data, validate=True))
    except (Base64Error, ValueError):
        return None


def facts_of(content: bytes) -> ImageFacts:
    """The facts of a file's content; zeros where it is damaged or unknown."""
    for signature, name, measure in _FORMATS:
        if content.startswith(signature):
            try:
                width, height = measure(content)
            except (struct.error, IndexError):
                width = height = 0
            return ImageFacts(name, width, height, len(content))
    return ImageFacts("", 0, 0, len(content))


def _png(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _bmp(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<ii", content[18:26])
    return width, abs(height)


def _jpeg(content: bytes) -> tuple[int, int]:
    """Walk the segments to the start of a frame, which holds the size."""
    at = 2
    while at + 9 <= len(content):
        marker = content[at + 1]
        if content[at] != 0xFF:
            break
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        return (
            int.from_bytes(content[24:27], "little") + 1,
            int.from_bytes(content[27:30], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


_FORMATS = (
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"\xff\xd8", "JPEG", _jpeg),
    (b"GIF8", "GIF", _gif),
    (b"RIFF", "WebP", _webp),
    (b"BM", "BMP", _bmp),
)
