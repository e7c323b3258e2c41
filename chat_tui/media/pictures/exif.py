"""What EXIF says: how a picture is to be turned, and whether it tells where it was taken.

It is read from hostile bytes: every directory is walked once, with an end, and what cannot be read
says nothing.
"""

from typing import NamedTuple

from chat_tui.core.attachments.signatures import Read

_MOST_ENTRIES = 1_000
_ORIENTATION = 0x0112
_GPS = 0x8825
_PLACES = frozenset({1, 2, 3, 4})
"""Latitude and longitude, in the directory of the place."""

_TALK = frozenset({0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x02BC, 0x8298, 0x83BB, 0x8769})
"""Words, camera, program, time, artist, XMP, copyright, IPTC, and the directory of the camera."""


class Exif(NamedTuple):
    """What is read of it."""

    orientation: int = 1
    """1 to 8, as the standard has it."""
    place: bool = False
    talks: bool = False
    """Whether it tells anything but how the pixels are stored."""


def read_exif(read: Read, base: int) -> Exif:
    """Read the first directory of a TIFF, which is how EXIF is written.

    Args:
        read: gives the bytes of the file.
        base: where the TIFF begins in it.
    """
    head = read(base, 8)
    if head[:2] not in {b"II", b"MM"} or len(head) < 8:
        return Exif()
    big = head[:2] == b"MM"
    entries = _entries(read, base + _number(head[4:8], big), big)
    orientation = _number(entries.get(_ORIENTATION, b"")[:2], big)
    place = False
    if _GPS in entries:
        place = bool(_PLACES & _entries(read, base + _number(entries[_GPS], big), big).keys())
    talks = place or bool(_TALK & entries.keys())
    return Exif(orientation if 1 <= orientation <= 8 else 1, place, talks)


def count_directories(read: Read, most: int) -> int:
    """How many pictures a TIFF has, at least one; a chain that bites its tail ends there."""
    big = read(0, 2) == b"MM"
    at = _number(read(4, 4), big)
    seen: set[int] = set()
    while at and at not in seen and len(seen) < most:
        seen.add(at)
        count = _number(read(at, 2), big)
        at = _number(read(at + 2 + 12 * count, 4), big)
    return max(len(seen), 1)


def _entries(read: Read, at: int, big: bool) -> dict[int, bytes]:
    """The entries of a directory: tag, and the four bytes of its value or offset."""
    count = min(_number(read(at, 2), big), _MOST_ENTRIES)
    content = read(at + 2, 12 * count)
    found: dict[int, bytes] = {}
    for start in range(0, len(content) - 11, 12):
        found.setdefault(_number(content[start : start + 2], big), content[start + 8 : start + 12])
    return found


def _number(content: bytes, big: bool) -> int:
    return int.from_bytes(content, "big" if big else "little")
