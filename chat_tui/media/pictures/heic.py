"""What a HEIC file says of its picture: its size, whether it is turned, where its EXIF is."""

import struct
from typing import NamedTuple

from chat_tui.core.attachments.signatures import Read, boxes, inner

_MOST_ITEMS = 4_000
_ALL = 1 << 40


class Heic(NamedTuple):
    """What is read of it."""

    width: int = 0
    height: int = 0
    """As it is stored: of the primary picture, where it is known which that is."""
    orientation: int = 1
    """As EXIF counts; decoders turn the picture themselves."""
    exif: int = 0
    """Where its EXIF begins; 0: it has none that can be found."""


def read_heic(read: Read) -> Heic:
    """Read the boxes of a HEIC file; zeros where they are damaged."""
    try:
        return _read(read)
    except (struct.error, IndexError):
        return Heic()


def _read(read: Read) -> Heic:
    meta = inner(read, 0, _ALL, b"meta")
    if meta is None:
        return Heic()
    properties = _properties(read, meta)
    width = height = 0
    turns, mirrored = 0, -1
    for kind, start in properties:
        if kind == b"ispe":
            width, height = struct.unpack(">II", read(start + 4, 8))
        elif kind == b"clap":  # the part of it that is seen, as fractions
            wide, by, high, of = struct.unpack(">IIII", read(start, 16))
            width = min(wide // by if by else width, width)
            height = min(high // of if of else height, height)
        elif kind == b"irot":
            turns = read(start, 1)[0] & 3
        elif kind == b"imir":
            mirrored = read(start, 1)[0] & 1
    return Heic(width, height, _ORIENTATIONS[turns, mirrored], _exif(read, meta))


_ORIENTATIONS = {
    (0, -1): 1,
    (1, -1): 8,
    (2, -1): 3,
    (3, -1): 6,
    (0, 1): 2,
    (0, 0): 4,
    (1, 1): 7,
    (1, 0): 5,
    (2, 1): 4,
    (2, 0): 2,
    (3, 1): 5,
    (3, 0): 7,
}
"""By quarter turns against the clock, and the axis of the mirror (-1: none)."""


def _properties(read: Read, meta: tuple[int, int]) -> list[tuple[bytes, int]]:
    """Kind and place of the properties of the primary picture; of the largest one else."""
    place = inner(read, *meta, b"iprp", b"ipco")
    if place is None:
        return []
    properties = [(kind, start) for kind, start, _ in boxes(read, *place)]
    primary = inner(read, *meta, b"pitm")
    table = inner(read, *meta, b"iprp", b"ipma")
    if primary is not None and table is not None:
        wide = read(primary[0], 1) != b"\0"
        item = int.from_bytes(read(primary[0] + 4, 4 if wide else 2), "big")
        numbers = _associated(read, table[0], item)
        return [properties[each - 1] for each in numbers if 0 < each <= len(properties)]
    sizes = [each for each in properties if each[0] == b"ispe"]
    return sorted(sizes, key=lambda each: struct.unpack(">II", read(each[1] + 4, 8)))[-1:]


def _associated(read: Read, at: int, item: int) -> list[int]:
    """The numbers of the properties of an item, counted from 1."""
    version, flags = read(at, 1)[0], read(at + 3, 1)[0]
    count = int.from_bytes(read(at + 4, 4), "big")
    at += 8
    wide = 2 if flags & 1 else 1
    for _ in range(min(count, _MOST_ITEMS)):
        length = 4 if version >= 1 else 2
        found = int.from_bytes(read(at, length), "big")
        many = read(at + length, 1)[0]
        at += length + 1
        if found == item:
            mask = 0x7FFF if wide == 2 else 0x7F
            rows = range(at, at + many * wide, wide)
            return [int.from_bytes(read(row, wide), "big") & mask for row in rows]
        at += many * wide
    return []


def _exif(read: Read, meta: tuple[int, int]) -> int:
    """Where the TIFF of its EXIF begins.

    It is looked for in the item that the list of items calls so.
    """
    item = _exif_item(read, meta)
    places = inner(read, *meta, b"iloc")
    if not item or places is None:
        return 0
    at, version = places[0], read(places[0], 1)[0]
    sizes = int.from_bytes(read(at + 4, 2), "big")
    offset, length, base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index = sizes & 15 if version else 0
    number = 4 if version == 2 else 2
    count = int.from_bytes(read(at + 6, number), "big")
    at += 6 + number
    for _ in range(min(count, _MOST_ITEMS)):
        found = int.from_bytes(read(at, number), "big")
        at += number + (2 if version else 0) + 2
        begin = int.from_bytes(read(at, base), "big")
        many = int.from_bytes(read(at + base, 2), "big")
        at += base + 2
        if found == item:
            start = begin + int.from_bytes(read(at + index, offset), "big")
            return start + 4 + int.from_bytes(read(start, 4), "big")
        at += many * (index + offset + length)
    return 0


def _exif_item(read: Read, meta: tuple[int, int]) -> int:
    items = inner(read, *meta, b"iinf")
    if items is None:
        return 0
    wide = read(items[0], 1) != b"\0"
    for kind, start, _ in boxes(read, items[0] + (8 if wide else 6), items[1]):
        if kind == b"infe":
            length = 4 if read(start, 1) == b"\3" else 2
            if read(start + 6 + length, 4) == b"Exif":
                return int.from_bytes(read(start + 4, length), "big")
    return 0
