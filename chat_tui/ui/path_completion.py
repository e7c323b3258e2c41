"""Completes `@path` in the prompt: files and folders of this machine."""

import asyncio
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from chat_tui.core.safety import clean
from chat_tui.ui.completion import Choice, Offer

_TYPED = re.compile(r"""(?:^|(?<=[\s("'\[{]))@("[^"\n]*|[^\s"]*)$""")
"""A word that begins with @, or with @" where it has spaces, at the end of a line."""

_SLASHES = re.compile("/{2,}")

_LOOKED_AT = 1_000
"""Characters before the cursor that are looked at."""

_MOST_NAMES = 5_000
"""Names of a folder that are read."""

_MOST_SHOWN = 50


class Name(NamedTuple):
    """An entry of a folder."""

    name: str
    is_folder: bool


class PathSource:
    """Offers the files and folders that begin with what is typed after @.

    Args:
        again: called on the event loop when a folder was read: there is more to offer.
        here: the folder to which relative paths belong.
    """

    def __init__(self, again: Callable[[], None], here: Path) -> None:
        self._again = again
        self._here = here
        self._folder: Path | None = None
        """The folder that was read last."""
        self._names: list[Name] = []

    def offer(self, row: int, before: str) -> Offer | None:
        """See `Source.offer`."""
        tail = before[-_LOOKED_AT:]
        if "@" not in tail or (found := _TYPED.search(tail)) is None:
            self._folder = None
            return None
        start = len(before) - len(tail) + found.start()
        typed = found[1].removeprefix('"')
        folder, slash, beginning = typed.rpartition("/")
        # Typed twice, a slash is one: the folder before may have come with its own.
        folder = _SLASHES.sub("/", folder + slash)
        path = self._path(folder)
        if path != self._folder:
            self._folder, self._names = path, []
            self._read(path)
        return Offer(start, self._choices(folder, beginning, found[1]))

    def _path(self, folder: str) -> Path:
        if folder.startswith("~/"):
            return Path.home() / folder[2:]
        return self._here / folder

    def _read(self, folder: Path) -> None:
        loop = asyncio.get_running_loop()

        def read() -> None:
            names = _names_in(folder)
            # The app may have ended meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._came, folder, names)

        # A daemon: a folder on a disk that does not answer must not keep the app from ending.
        Thread(target=read, name="folder", daemon=True).start()

    def _came(self, folder: Path, names: list[Name]) -> None:
        if folder == self._folder:
            self._names = names
            self._again()

    def _choices(self, folder: str, beginning: str, typed: str) -> list[Choice]:
        wanted = beginning.lower()
        fitting = [
            name
            for name in self._names
            if name.name.lower().startswith(wanted)
            and (beginning.startswith(".") or not name.name.startswith("."))
        ]
        choices = []
        for name in fitting[:_MOST_SHOWN]:
            path = f"{folder}{name.name}" + ("/" if name.is_folder else "")
            insert = _written(path, whole=not name.is_folder)
            # Enter after a whole name, or after a folder, sends what is written.
            passes = not beginning or insert.rstrip() == f"@{typed}"
            choices.append(Choice(insert, path, passes=passes))
        return choices


def _written(path: str, *, whole: bool) -> str:
    """A path as it stands in the prompt; the quotes of a folder stay open for what is in it."""
    if any(character.isspace() for character in path):
        return f'@"{path}" ' if whole else f'@"{path}'
    return f"@{path} " if whole else f"@{path}"


def _names_in(folder: Path) -> list[Name]:
    """Folders, then files, by name; none where it cannot be read.

    Names that are not shown as they are (control characters, hidden directions, no UTF-8) are left
    out, since what is written into the prompt must be what is meant.
    """
    names: list[Name] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if len(names) >= _MOST_NAMES:
                    break
                if _is_plain(entry.name):
                    names.append(Name(entry.name, _is_folder(entry)))
    except (OSError, ValueError):
        return []
    return sorted(names, key=lambda name: (not name.is_folder, name.name.lower(), name.name))


def _is_plain(name: str) -> bool:
    return clean(name, code=True) == name and not {'"', "\n", "\t"} & set(name)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
