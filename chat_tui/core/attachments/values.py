"""Bytes that are stored once, and what a picture's file says of itself."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, NamedTuple

PictureFormat = Literal["PNG", "JPEG", "GIF", "WebP", "BMP", "TIFF", "HEIC"]
"""The formats that are known by their first bytes."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """The bytes of a picture or a document, stored once by their hash."""

    sha256: str
    """In hexadecimal."""
    media_type: str
    content: bytes


def attachment_of(content: bytes, media_type: str) -> Attachment:
    """Bytes with their hash."""
    return Attachment(sha256(content).hexdigest(), media_type, content)


class Pixels(NamedTuple):
    """A decoded picture."""

    width: int
    height: int
    rgb: bytes
    """Three bytes a pixel, row by row; transparent ones on the colour that was asked for."""


MOST_FRAMES = 1_000
"""Pictures in one that are counted."""


class PictureInfo(NamedTuple):
    """What the file of a picture says of itself; its pixels are not decoded for it."""

    format: PictureFormat
    width: int
    height: int
    """Pixels as it is seen, after its orientation."""
    size: int
    """Bytes of the file."""
    frames: int = 1
    """How many pictures it holds; more than one moves. Above `MOST_FRAMES`: there are more."""
    turned: bool = False
    """Whether its orientation tag turns or mirrors it."""
    metadata: bool = False
    """Whether it tells more than its pixels: camera, time, words."""
    place: bool = False
    """Whether it tells where it was taken (GPS)."""
    name: str = ""
    """The file's name, as it is; clean it before it is shown."""
