"""Opens files that somebody named: only regular ones, only as large as asked for, never waiting.

Everything here blocks: call it in a thread.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.core.safety import clean_line

MOST_BYTES = 64_000_000
"""A larger file is not read."""

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_CHUNK = 1024 * 1024
_SMALL = 1024 * 1024
"""Bytes of a file whose holes do not matter."""

_MOST_HOLES = 1_000
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class OpenFile(NamedTuple):
    """A regular file that is open for reading."""

    descriptor: int
    size: int
    """In bytes, when it was opened."""


def shown(path: Path) -> str:
    """The name of a file as it may be shown."""
    return clean_line(path.name or str(path), code=True)


@contextmanager
def opened(path: Path, most: int = MOST_BYTES, *, sparse: bool = False) -> Iterator[OpenFile]:
    """Open a regular file for reading.

    Args:
        path: may be a link.
        most: bytes that it may have.
        sparse: whether it may consist of holes.

    Raises:
        UsageError: it is not there, may not be read, is no regular file, is larger, or has next to
            nothing on the disk.
    """
    name = shown(path)
    try:
        _check_kind(name, path.stat().st_mode)  # opening some devices does something
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    try:
        facts = os.fstat(descriptor)
        _check_kind(name, facts.st_mode)
        if facts.st_size > most:
            raise UsageError(
                f"{name} has {data_size(facts.st_size)}; at most {data_size(most)} are read.",
                hint="Make it smaller, or take a part of it.",
            )
        if not sparse and facts.st_size > _SMALL and _is_hollow(descriptor, facts.st_size):
            raise UsageError(
                f"{name} is nearly empty: most of its {data_size(facts.st_size)} are holes.",
                hint="Check whether it was copied or downloaded to its end.",
            )
        yield OpenFile(descriptor, facts.st_size)
    finally:
        os.close(descriptor)


def read_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """All of a file.

    Raises:
        UsageError: see `opened`; also where it grew meanwhile.
    """
    with opened(path, most) as file:
        content = _read(path, file.descriptor, most + 1)
    if len(content) > most:
        raise UsageError(f"{shown(path)} has more than {data_size(most)}; it is not read.")
    return content


def read_start(path: Path, count: int) -> tuple[bytes, int]:
    """The first bytes of a file of any size, and that size.

    Raises:
        UsageError: see `opened`.
    """
    with opened(path, 1 << 62, sparse=True) as file:
        return _read(path, file.descriptor, count), file.size


def _read(path: Path, descriptor: int, most: int) -> bytes:
    content = bytearray()
    try:
        while len(content) < most:
            piece = os.read(descriptor, min(_CHUNK, most - len(content)))
            if not piece:
                break
            content += piece
    except OSError as error:
        raise _unreadable(shown(path), error) from error
    return bytes(content)


def _check_kind(name: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    what = next((words for is_kind, words in _KINDS if is_kind(mode)), "no regular file")
    raise UsageError(f"{name} is {what}, not a file.", hint="Choose a file.")


def _is_hollow(descriptor: int, size: int) -> bool:
    """Whether less than half of a file is on the disk. A disk that cannot tell has no holes.

    Blocks are not asked for: compressed and remote disks count them their own way.
    """
    data = at = 0
    try:
        for _ in range(_MOST_HOLES):
            start = os.lseek(descriptor, at, os.SEEK_DATA)
            at = os.lseek(descriptor, start, os.SEEK_HOLE)
            data += at - start
            if at >= size:
                break
    except OSError as error:
        if error.errno != errno.ENXIO:  # that is: nothing but a hole from there on
            data = size
    os.lseek(descriptor, 0, os.SEEK_SET)
    return data * 2 < size


def _unreadable(name: str, error: OSError | ValueError) -> UsageError:
    if isinstance(error, FileNotFoundError):
        return UsageError(f"{name} is not there.", hint="Check its name and folder.")
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return UsageError(
        f"{name} cannot be read: {clean_line(why, code=True)}.",
        hint="Check the file and its permissions.",
    )
