"""Reads folders for pictures, in threads: none of them blocks the screen, whatever disk it is on.

Which files are pictures is told by their first bytes, not by their names.
"""

import asyncio
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import NamedTuple

from chat_tui.core.attachments.signatures import format_of
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

MOST = 50_000
"""Files of a folder that are looked at."""

_HEAD = 64
"""Bytes by which a picture is known."""

_EVERY = 0.25
"""Seconds between two batches of pictures …"""

_MANY = 2_000
"""… and four times as many once so many were found: each batch is sorted in."""

_LIKELY = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif")
"""Endings of names of files that are looked at first."""


class Entry(NamedTuple):
    """A folder, or a picture in one."""

    name: str
    """As it is; clean it before it is shown."""
    path: str
    is_folder: bool
    size: int = 0
    changed: float = 0.0
    """Seconds since 1970."""
    order: str = ""
    """By what it is sorted with others: its name in lower case."""


class Batch(NamedTuple):
    """What was found of a folder since the last one."""

    folder: str
    entries: Sequence[Entry] = ()
    looked: int = 0
    """Files that were looked at by now."""
    total: int = 0
    more: int = 0
    """Files beyond `MOST`, which are not looked at."""
    done: bool = False
    trouble: str = ""
    """Why it cannot be read, in a sentence; clean."""


class FolderReader:
    """Reads folders, each in a thread of its own.

    Args:
        came: called on the event loop with what was found, first with all folders in it.
    """

    def __init__(self, came: Callable[[Batch], None]) -> None:
        self._came = came
        self._stop = Event()

    def read(self, folder: str) -> None:
        """Begin with a folder; returns at once."""
        loop, stop = asyncio.get_running_loop(), self._stop

        def read() -> None:
            for batch in read_folder(folder, stop):
                # The app may have ended meanwhile.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._take, batch)

        # A daemon: a folder on a disk that does not answer must not keep the app from ending.
        Thread(target=read, name="pictures", daemon=True).start()

    def _take(self, batch: Batch) -> None:
        if not self._stop.is_set():
            self._came(batch)

    def stop(self) -> None:
        """Tell nothing any more, and end the threads."""
        self._stop.set()


def read_folder(folder: str, stop: Event) -> Iterator[Batch]:
    """Read a folder: its folders at once, then its pictures as they are found.

    Args:
        folder: its path.
        stop: set when nobody wants to know any more.
    """
    try:
        folders, files, more = _listed(folder, stop)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        yield Batch(folder, done=True, trouble=clean_line(why, code=True))
        return
    yield Batch(folder, folders, total=len(files), more=more)
    found: list[Entry] = []
    count, told = 0, monotonic()
    for looked, file in enumerate(files, 1):
        if stop.is_set():
            return
        if (entry := _picture(*file)) is not None:
            found.append(entry)
        if monotonic() - told >= (_EVERY if count < _MANY else 4 * _EVERY):
            count += len(found)
            yield Batch(folder, found, looked, len(files), more)
            found, told = [], monotonic()
    if not stop.is_set():
        yield Batch(folder, found, len(files), len(files), more, done=True)


def _listed(folder: str, stop: Event) -> tuple[list[Entry], list[tuple[str, str]], int]:
    """The folders in a folder; name and path of its files, likely pictures first; what is left."""
    folders: list[Entry] = []
    files: list[tuple[str, str]] = []
    more = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if stop.is_set():
                break
            if _is_folder(entry):
                folders.append(Entry(entry.name, entry.path, True, order=entry.name.casefold()))
            elif len(files) < MOST:
                files.append((entry.name, entry.path))
            else:
                more += 1
    files.sort(key=lambda file: not file[0].lower().endswith(_LIKELY))
    return folders, files, more


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _picture(name: str, path: str) -> Entry | None:
    """A file that begins as a picture does; None for all else, and where it cannot be read."""
    try:
        # Without waiting: there may be a pipe, or a device, behind any name.
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - 50,000 paths
            return None
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):
        return None
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or format_of(os.read(handle, _HEAD)) is None:
            return None
    except OSError:
        return None
    finally:
        os.close(handle)
    return Entry(name, path, False, facts.st_size, facts.st_mtime, name.casefold())


def shown_folder(folder: str) -> str:
    """A folder's path as it is shown: the home folder as `~`; clean."""
    home = str(Path.home())
    if folder == home or folder.startswith(home + os.sep):
        folder = "~" + folder[len(home) :]
    return clean_line(folder, code=True)


def progress(batch: Batch) -> str:
    """How far the reading of a folder has come, in words."""
    return text("pictures.looked", looked=f"{batch.looked:,}", total=f"{batch.total:,}")
