"""Completes `@path` in the prompt, and paths after `/attach`; offers pictures by their address."""

import asyncio
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.completion import Choice, Offer
from chat_tui.ui.slash import PATH_WORDS

_TYPED = re.compile(r"""(?:^|(?<=[\s("'\[{]))@("[^"\n]*|[^\s"]*)$""")
"""A word that begins with @, or with @" where it has spaces, at the end of a line."""

_COMMAND = re.compile(
    rf"""/(?:{"|".join(PATH_WORDS)})\s+(?:(?:"[^"\n]*"|[^\s"]+)\s+)*("[^"\n]*|[^\s"]*)$"""
)
"""The word at the end of a line that begins with a command that takes paths."""

_ADDRESS = re.compile(
    r"(?<![^\s(\[<])https?://[^\s/?#]+/\S*?\.(?:png|jpe?g|gif|webp)(?:\?\S*)?$", re.IGNORECASE
)
"""The address of a picture at the end of a line."""

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


class AddressSource:
    """Offers to attach the picture whose address was typed or pasted; Enter sends it as words."""

    def offer(self, row: int, before: str) -> Offer | None:
        """See `Source.offer`."""
        tail = before[-_LOOKED_AT:]
        if "://" not in tail or (found := _ADDRESS.search(tail)) is None:
            return None
        address = found[0]
        name, about = text("attaching.offer"), text("attaching.offer-about")
        choice = Choice(address, name, about, passes=True, file=address)
        return Offer(len(before) - len(address), [choice])


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
        if not row and tail == before and (found := _COMMAND.match(before)) is not None:
            return self.names(found.start(1), found[1], sign="")
        if "@" not in tail or (found := _TYPED.search(tail)) is None:
            self._folder = None
            return None
        return self.names(len(before) - len(tail) + found.start(), found[1], sign="@")

    def names(self, start: int, word: str, *, sign: str) -> Offer:
        """What may stand in place of a word.

        Args:
            start: its first column, that of the sign.
            word: a path as far as it is typed, after a quote where it has spaces.
            sign: what stands before it.
        """
        typed = word.removeprefix('"')
        folder, slash, beginning = typed.rpartition("/")
        # Typed twice, a slash is one: the folder before may have come with its own.
        folder = _SLASHES.sub("/", folder + slash)
        path = self._path(folder)
        if path != self._folder:
            self._folder, self._names = path, []
            self._read(path)
        return Offer(start, self._choices(folder, beginning, f"{sign}{word}", sign))

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

    def _choices(self, folder: str, beginning: str, typed: str, sign: str) -> list[Choice]:
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
            insert = _written(path, sign, whole=not name.is_folder)
            # Enter after a whole name, or after a folder, sends what is written; a command takes
            # a folder without its slash too.
            passes = (
                not beginning or insert.rstrip() == typed or (insert == f"{typed}/" and not sign)
            )
            file = str(self._path(path)) if sign and not name.is_folder else ""
            choices.append(Choice(insert, path, passes=passes, file=file))
        return choices


def _written(path: str, sign: str, *, whole: bool) -> str:
    """A path as it stands in the prompt; the quotes of a folder stay open for what is in it."""
    if any(character.isspace() for character in path):
        return f'{sign}"{path}" ' if whole else f'{sign}"{path}'
    return f"{sign}{path} " if whole else f"{sign}{path}"


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
