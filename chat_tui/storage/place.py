"""The database's files on disk: made private, told apart by inode, moved aside, put in place."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from chat_tui.storage.paths import make_private

SUFFIXES = ("", "-wal", "-shm")
"""What SQLite appends to the name of a database for the files beside it."""

Identity = tuple[int, int]
"""Device and inode: a file's own, whatever its name."""


class Place(NamedTuple):
    """Which files were open under the database's name."""

    path: Path
    files: tuple[Identity | None, ...]
    """One for each of `SUFFIXES`."""

    @property
    def lost(self) -> bool:
        """Whether the name leads elsewhere now: removed, or another file is there."""
        return identity(self.path) != self.files[0]

    def remove_leftovers(self) -> None:
        """Remove the log of a database that is no longer there.

        SQLite would play it back into the file that took the name, and so destroy that one. The
        log must be empty, its connection closed.
        """
        for suffix, own in zip(SUFFIXES[1:], self.files[1:], strict=True):
            file = beside(self.path, suffix)
            if own is not None and identity(file) == own:
                file.unlink(missing_ok=True)


def place_of(path: Path) -> Place:
    """Note which files are there now."""
    return Place(path, tuple(identity(beside(path, suffix)) for suffix in SUFFIXES))


def identity(path: Path) -> Identity | None:
    """A file's own identity; None where there is none."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def beside(path: Path, suffix: str) -> Path:
    """The file beside a database whose name has something appended."""
    return path.with_name(path.name + suffix)


def create_private(path: Path) -> None:
    """Make an empty file of mode 0600 where there is none, in a folder of mode 0700.

    SQLite gives `-wal` and `-shm` the mode of the database, so none is ever readable by others,
    not even for a moment.

    Raises:
        OSError: it cannot be made.
    """
    make_private(path.parent)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            with suppress(OSError):  # another owner's, or a read-only disk: not ours to close
                path.chmod(0o600)


def free_name(path: Path, label: str) -> Path:
    """A name beside a database that is free: `NAME.label-YYYYMMDD-HHMMSS`."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    name = beside(path, f".{label}-{stamp}")
    number = 1
    while name.exists():
        number += 1
        name = beside(path, f".{label}-{stamp}-{number}")
    return name


def move_aside(path: Path, label: str) -> Path:
    """Rename a database and the files beside it; gives its new name.

    The log goes with it, under the name that SQLite looks for.
    """
    aside = free_name(path, label)
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            beside(path, suffix).rename(beside(aside, suffix))
    return aside


def replace_kept(path: Path, new: Path, label: str) -> Path:
    """Put a finished database in the place of one that is kept; gives the old one's new name.

    The old one has both names until the new one takes its place in one step, so that there is a
    database at every moment.
    """
    aside = free_name(path, label)
    try:
        os.link(path, aside)
    except OSError:  # a file system without hard links
        path.rename(aside)
    for suffix in SUFFIXES[1:]:
        with suppress(FileNotFoundError):
            beside(path, suffix).rename(beside(aside, suffix))
    new.replace(path)
    return aside


def put_in_place(new: Path, path: Path) -> None:
    """Give a finished database its name.

    Raises:
        FileExistsError: the name is taken; nothing is overwritten.
    """
    try:
        os.link(new, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        new.rename(path)
        return
    new.unlink()


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """An empty file of mode 0600 in the folder of a database, removed afterwards if left there."""
    file = free_name(path, f"new-{os.getpid()}")
    create_private(file)
    try:
        yield file
    finally:
        for suffix in SUFFIXES:
            beside(file, suffix).unlink(missing_ok=True)
