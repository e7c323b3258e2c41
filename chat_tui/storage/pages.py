"""Rows read out of the raw pages of a SQLite file whose b-trees cannot be walked any more.

The format is that of https://www.sqlite.org/fileformat2.html: every leaf page of a table says
itself where its rows are, so they can be read without the pages that lead to them.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chat_tui.storage.schema import PAGE_SIZE

_TABLE_LEAF = 0x0D
_FILE_HEADER = 100
_WAL_HEADER = 32
_FRAME_HEADER = 24
_INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Values = tuple[Any, ...]


class PageFile:
    """The pages of a database and of the write-ahead log beside it, later ones first.

    Args:
        path: the database; `path-wal` is read too where there is one.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._count = -(-path.stat().st_size // PAGE_SIZE)
        self._newer = dict(_wal_pages(path.with_name(path.name + "-wal")))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every row of every table that can be read, with its rowid."""
        for number in sorted(set(range(1, self._count + 1)) | self._newer.keys()):
            page = self._page(number)
            start = _FILE_HEADER if number == 1 else 0
            if len(page) < PAGE_SIZE or page[start] != _TABLE_LEAF:
                continue
            cells = struct.unpack_from(">H", page, start + 3)[0]
            for index in range(min(cells, PAGE_SIZE // 4)):
                try:
                    at = struct.unpack_from(">H", page, start + 8 + 2 * index)[0]
                    yield self._row(page, at)
                except (IndexError, ValueError, struct.error):
                    continue  # this row is lost, the next one may not be

    def _page(self, number: int) -> bytes:
        if number in self._newer:
            return self._newer[number]
        self._file.seek((number - 1) * PAGE_SIZE)
        return self._file.read(PAGE_SIZE)

    def _row(self, page: bytes, at: int) -> tuple[int, Values]:
        size, at = _varint(page, at)
        rowid, at = _varint(page, at)
        if size > self._count * PAGE_SIZE + len(self._newer) * PAGE_SIZE:
            raise ValueError("larger than the file")
        return rowid, _values(self._payload(page, at, size))

    def _payload(self, page: bytes, at: int, size: int) -> bytes:
        most, least = PAGE_SIZE - 35, (PAGE_SIZE - 12) * 32 // 255 - 23
        local = size
        if size > most:
            local = least + (size - least) % (PAGE_SIZE - 4)
            local = local if local <= most else least
        pieces = [page[at : at + local]]
        left = size - local
        overflow = struct.unpack_from(">I", page, at + local)[0] if left else 0
        while left > 0:
            page = self._page(overflow) if overflow else b""
            if len(page) < PAGE_SIZE:
                raise ValueError("the rest of the row is lost")
            overflow = struct.unpack_from(">I", page)[0]
            pieces.append(page[4 : 4 + left])
            left -= PAGE_SIZE - 4
        return b"".join(pieces)


def _wal_pages(path: Path) -> Iterator[tuple[int, bytes]]:
    """The pages in a write-ahead log, in the order in which they were written."""
    try:
        log = path.read_bytes()
    except FileNotFoundError:
        return
    salts = log[16:24]
    size = _FRAME_HEADER + PAGE_SIZE
    for at in range(_WAL_HEADER, len(log) - size + 1, size):
        if log[at + 8 : at + 16] != salts:
            return  # left over from before the log was last emptied
        yield struct.unpack_from(">I", log, at)[0], log[at + _FRAME_HEADER : at + size]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9


def _values(record: bytes) -> Values:
    end, at = _varint(record, 0)
    if end > len(record):
        raise ValueError("the header is longer than the row")
    types: list[int] = []
    while at < end:
        kind, at = _varint(record, at)
        types.append(kind)
    values: list[Any] = []
    for kind in types:
        value, at = _value(record, kind, at)
        values.append(value)
    return tuple(values)


def _value(record: bytes, kind: int, at: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in _INTEGER_SIZES:
        end = at + _INTEGER_SIZES[kind]
        return int.from_bytes(record[at:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack_from(">d", record, at)[0], at + 8
    if kind < 12:
        raise ValueError("a kind of value that SQLite does not use")
    end = at + (kind - 12) // 2
    if end > len(record):
        raise ValueError("the value is longer than the row")
    raw = record[at:end]
    return (raw.decode("utf-8", "replace") if kind % 2 else raw), end
