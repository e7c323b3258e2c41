"""Going through a folder: what is in it, what is ignored, what is no file."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import NamedTuple

from chat_tui.media.ignoring import Rules, rules_above
from chat_tui.media.patterns import Pattern

MOST_LOOKED = 20_000
"""Files and folders that are looked at."""

MOST_DEEP = 40
"""Folders in one another."""

_ODD = (
    (stat.S_ISFIFO, "It is a named pipe."),
    (stat.S_ISSOCK, "It is a socket."),
    (stat.S_ISCHR, "It is a device."),
    (stat.S_ISBLK, "It is a device."),
)


class Found(NamedTuple):
    """A file that matches, or something that is passed over."""

    path: str
    why: str = ""
    """Why it is passed over, a sentence; empty: it is a file to take."""
    ignored: bool = False
    """Whether that is as its folder wants it."""


class _Folder(NamedTuple):
    """A folder to look into."""

    path: str
    depth: int
    states: frozenset[int]
    rules: Rules


class Walk:
    """The files in a folder that match a pattern, and what is passed over.

    Links are not followed, but for files in the same folder; nothing is opened.

    Args:
        pattern: a folder, and what paths in it look like.
        stop: set, it ends.
        most: entries that are looked at.
    """

    def __init__(self, pattern: Pattern, stop: Event, most: int = MOST_LOOKED) -> None:
        self._pattern = pattern
        self._stop = stop
        self._most = most
        self._looked = 0
        self._root = os.path.realpath(pattern.folder)
        self.unfinished = ""
        """Why it ended before its end, a sentence; empty where it did not."""

    def __iter__(self) -> Iterator[Found]:
        rules = rules_above(Path(self._pattern.folder))
        left = [_Folder(str(self._pattern.folder), 0, self._pattern.start(), rules)]
        links: list[str] = []
        while left:
            folder = left.pop()
            try:
                with os.scandir(folder.path) as scanned:
                    entries = self._bounded(scanned)
            except OSError:
                yield Found(folder.path, "The folder may not be read.")
                continue
            rules = folder.rules.within(folder.path, (each.name for each in entries))
            folder = folder._replace(rules=rules)
            inner: list[_Folder] = []
            for entry in entries:
                if self._stop.is_set():
                    return
                yield from self._entry(entry, folder, inner, links)
            left += reversed(inner)
            if self.unfinished:
                break
        for link in links:
            yield self._link(link)

    def _bounded(self, scanned: Iterator["os.DirEntry[str]"]) -> list["os.DirEntry[str]"]:
        """What is in a folder, by name, as far as there is anything to look at."""
        entries = []
        for entry in scanned:
            self._looked += 1
            if self._looked > self._most or self._stop.is_set():
                self.unfinished = f"More than {self._most:,} files and folders: not all were seen."
                break
            entries.append(entry)
        return sorted(entries, key=lambda each: each.name)

    def _entry(
        self,
        entry: "os.DirEntry[str]",
        folder: _Folder,
        inner: list[_Folder],
        links: list[str],
    ) -> Iterator[Found]:
        """What is to be told of an entry; folders to look into, and links, are put aside."""
        states = self._pattern.after(folder.states, entry.name)
        if not states:
            if entry.name.startswith(".") and entry.name != ".git" and self._all(folder):
                yield Found(entry.path, "It is hidden.", ignored=True)
            return
        try:
            mode = entry.stat(follow_symlinks=False).st_mode
        except OSError:
            yield Found(entry.path, "It may not be read.")
            return
        is_folder = stat.S_ISDIR(mode)
        matches = self._pattern.ends(states)
        if not (matches or (is_folder and self._pattern.goes_on(states))) or entry.name == ".git":
            return
        if by := folder.rules.ignores(entry.path, folder=is_folder):
            yield Found(entry.path, f"It is ignored by {by}.", ignored=True)
        elif is_folder:
            if folder.depth + 1 >= MOST_DEEP:
                yield Found(entry.path, f"It is more than {MOST_DEEP} folders deep.")
            elif self._pattern.goes_on(states):
                inner.append(_Folder(entry.path, folder.depth + 1, states, folder.rules))
        elif stat.S_ISLNK(mode):
            links.append(entry.path)
        elif stat.S_ISREG(mode):
            yield Found(entry.path)
        else:
            odd = next((words for is_one, words in _ODD if is_one(mode)), "It is no regular file.")
            yield Found(entry.path, odd)

    def _all(self, folder: _Folder) -> bool:
        """Whether everything in a folder was asked for, and so what is hidden is missed."""
        return any(
            self._pattern.parts[at] == "**" and at + 1 == len(self._pattern.parts)
            for at in folder.states
            if at < len(self._pattern.parts)
        )

    def _link(self, path: str) -> Found:
        """A link: to a file that is in the folder as well, or else it is passed over."""
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 - a path of another kind costs more
        except OSError:
            return Found(path, "It is a link to nothing.")
        real = os.path.realpath(path)
        if not real.startswith(self._root.rstrip("/") + "/"):
            return Found(path, "It is a link that leads out of the folder.")
        if stat.S_ISDIR(mode):
            return Found(path, "It is a link to a folder, and not followed.")
        return Found(path) if stat.S_ISREG(mode) else Found(path, "It is a link to no file.")
