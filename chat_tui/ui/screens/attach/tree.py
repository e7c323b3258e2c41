"""Folders and the pictures in them as rows: what was opened, what is typed for, in which order."""

import os
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.screens.attach.folders import Batch, Entry, progress

PARENT = ".."


class TreeRow(NamedTuple):
    """A row of the tree."""

    entry: Entry
    depth: int = 0
    opened: bool = False
    """Whether what is in the folder stands below it."""
    note: str = ""
    """What is said instead of a name; clean. There is nothing to mark in it."""
    kept: bool = False
    """Whether it is no file: taken from the clipboard, or an address."""

    @property
    def id(self) -> str:
        """Names the row."""
        return f"{self.entry.path}\0{self.note}" if self.note else self.entry.path

    @property
    def is_picture(self) -> bool:
        """Whether it can be taken."""
        return not self.note and not self.entry.is_folder

    @property
    def shown(self) -> str:
        """Its name, clean."""
        return clean_line(self.entry.name, code=True)


_by_name = attrgetter("order")
_by_time = attrgetter("changed")


class _Folder:
    """What is known of a folder."""

    def __init__(self) -> None:
        self.folders: list[Entry] = []
        self.last = Batch("")
        self._pictures: list[Entry] = []
        self._rows: list[TreeRow] = []
        """Those of all pictures, in their order: 50,000 are made once, not with every letter."""
        self._depth = -1

    def take(self, batch: Batch, *, newest: bool) -> None:
        """Add what was found."""
        self.folders += [entry for entry in batch.entries if entry.is_folder]
        self._pictures += [entry for entry in batch.entries if not entry.is_folder]
        self.last = batch
        self.sort(newest=newest)

    def sort(self, *, newest: bool) -> None:
        """Folders by name; pictures too, or those changed last first."""
        self.folders.sort(key=_by_name)
        # Linear where all but the last ones are in order already.
        if newest:
            self._pictures.sort(key=_by_time, reverse=True)
        else:
            self._pictures.sort(key=_by_name)
        self._depth = -1

    def pictures(self, depth: int, words: Sequence[str], *, hidden: bool) -> list[TreeRow]:
        """The rows of its pictures that have some words in their names."""
        if depth != self._depth:
            self._rows = [TreeRow(entry, depth) for entry in self._pictures]
            self._depth = depth
        found = self._rows
        for word in words:
            found = [row for row in found if word in row.entry.order]
        return found if hidden else [row for row in found if row.entry.name[:1] != "."]


class FolderTree:
    """The rows of a folder and of those that were opened in it.

    Args:
        root: the folder at the top.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.words = ""
        """Only what has all of these in its name is shown."""
        self.hidden = False
        """Whether names that begin with a dot are shown."""
        self.newest = False
        """Whether the pictures that were changed last come first."""
        self.kept: list[Entry] = []
        """What was taken that is no file; stands at the top."""
        self._folders: dict[str, _Folder] = {}
        self._opened: set[str] = set()

    def take(self, batch: Batch) -> None:
        """Add what was found in a folder."""
        self._folders.setdefault(batch.folder, _Folder()).take(batch, newest=self.newest)

    def knows(self, folder: str) -> bool:
        """Whether a folder was read, or is being read."""
        return folder in self._folders

    def expect(self, folder: str) -> None:
        """Say that a folder is being read, from its beginning."""
        self._folders[folder] = _Folder()

    def begun(self, folder: str) -> bool:
        """Whether something came of a folder that is being read."""
        known = self._folders.get(folder)
        return known is not None and bool(known.last.folder)

    def open(self, folder: str) -> None:
        """Show what is in a folder below it."""
        self._opened.add(folder)

    def close(self, folder: str) -> None:
        """Show it no longer."""
        self._opened.discard(folder)

    def sort(self, *, newest: bool) -> None:
        """Show the pictures in another order."""
        self.newest = newest
        for folder in self._folders.values():
            folder.sort(newest=newest)

    @property
    def parent(self) -> str:
        """The folder that the one at the top is in; the same where it is in none."""
        return os.path.dirname(self.root)  # noqa: PTH120 - a path as text, for 50,000 of them

    # Rows

    def rows(self) -> list[TreeRow]:
        """All rows, from the top."""
        words = self.words.casefold().split()
        found = [TreeRow(entry, kept=True) for entry in self.kept] if not words else []
        if not words and self.parent != self.root:
            found.append(TreeRow(Entry(PARENT, self.parent, True)))
        below = self._below(self.root, 0, words)
        if words and not below:
            below = [self._note(self.root, 0, text("pictures.none-found"))]
        return [*found, *below]

    def _below(self, folder: str, depth: int, words: Sequence[str]) -> list[TreeRow]:
        """What is in a folder, and in those that are opened in it."""
        known = self._folders.get(folder)
        if known is None:
            return []
        found: list[TreeRow] = []
        for entry in known.folders:
            if entry.name.startswith(".") and not self.hidden:
                continue
            opened = entry.path in self._opened
            inside = self._below(entry.path, depth + 1, words) if opened else []
            if inside or all(word in entry.order for word in words):
                found += [TreeRow(entry, depth, opened), *inside]
        pictures = known.pictures(depth, words, hidden=self.hidden)
        found += pictures
        if not words and (note := self._state(known.last, pictures=bool(pictures))):
            found.append(self._note(folder, depth, note))
        return found

    def _state(self, last: Batch, *, pictures: bool) -> str:
        """What is to be said of a folder after what is in it."""
        if last.trouble:
            return text("pictures.no-folder", reason=last.trouble)
        if not last.folder:
            return text("pictures.reading")
        if not last.done:
            return progress(last)
        if last.more:
            return text("pictures.too-many", count=f"{last.more:,}")
        return "" if pictures else text("pictures.none-here")

    def _note(self, folder: str, depth: int, words: str) -> TreeRow:
        return TreeRow(Entry("", folder, True), depth, note=words)


def best_row(rows: Sequence[TreeRow], words: str) -> int:
    """Where to begin after something was typed.

    The first name that begins with it, else the first picture, else the first row; where nothing
    is typed, what is in the folder and not the way out of it.
    """
    wanted = words.casefold().strip()
    if not wanted:
        return next((at for at, row in enumerate(rows) if row.entry.name != PARENT), 0)
    begins = (at for at, row in enumerate(rows) if row.entry.order.startswith(wanted))
    pictures = (at for at, row in enumerate(rows) if row.is_picture)
    return next(begins, next(pictures, 0))


def place_of(marked: TreeRow, rows: Sequence[TreeRow]) -> int | None:
    """Where a row is that was there before; None where it is not there any more."""
    path, note = marked.entry.path, bool(marked.note)
    found = (at for at, row in enumerate(rows) if row.entry.path == path)
    return next((at for at in found if bool(rows[at].note) == note), None)
