"""Folders and the pictures in them as rows: what was opened, what is typed for, in which order."""

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple, overload

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


class Rows(Sequence[TreeRow]):
    """Rows of which those of pictures are made when they are looked at: there may be 50,000."""

    def __init__(self) -> None:
        self.parts: list[tuple[Sequence[TreeRow | Entry], int]] = []
        """Rows as they are, or pictures with how deep they are."""
        self._ends: list[int] = []
        """Where each part ends."""

    def add(self, rows: Sequence[TreeRow | Entry], depth: int = 0) -> None:
        """Add rows, or pictures that have one each.

        Args:
            rows: all of them; they are not to change afterwards.
            depth: of pictures.
        """
        if rows:
            self.parts.append((rows, depth))
            self._ends.append(len(self) + len(rows))

    def extend(self, rows: "Rows") -> None:
        """Add those of another folder."""
        for part, depth in rows.parts:
            self.add(part, depth)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> TreeRow: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[TreeRow]: ...
    def __getitem__(self, at: int | slice) -> TreeRow | Sequence[TreeRow]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        at += len(self) if at < 0 else 0
        if not 0 <= at < len(self):
            raise IndexError(at)
        number = bisect_right(self._ends, at)
        part, depth = self.parts[number]
        row = part[at - self._ends[number] + len(part)]
        return row if isinstance(row, TreeRow) else TreeRow(row, depth)

    def entries(self) -> Iterator[Entry]:
        """What the rows are of, without making them."""
        for part, _ in self.parts:
            for row in part:
                yield row.entry if isinstance(row, TreeRow) else row


_by_name = attrgetter("order")
_by_time = attrgetter("changed")


class _Folder:
    """What is known of a folder."""

    def __init__(self) -> None:
        self.folders: list[Entry] = []
        self.last = Batch("")
        self._plain: list[Entry] = []
        """Pictures whose names begin with no dot."""
        self._all: list[Entry] = []

    def take(self, batch: Batch, *, newest: bool) -> None:
        """Add what was found."""
        self.folders = self.folders + [entry for entry in batch.entries if entry.is_folder]
        self._all = self._all + [entry for entry in batch.entries if not entry.is_folder]
        self.last = batch
        self.sort(newest=newest)

    def sort(self, *, newest: bool) -> None:
        """Folders by name; pictures too, or those changed last first."""
        self.folders = sorted(self.folders, key=_by_name)
        # Linear where all but the last ones are in order already.
        self._all = sorted(self._all, key=_by_time if newest else _by_name, reverse=newest)
        self._plain = [entry for entry in self._all if entry.name[:1] != "."]

    def pictures(self, words: Sequence[str], *, hidden: bool) -> list[Entry]:
        """Its pictures that have some words in their names."""
        found = self._all if hidden else self._plain
        for word in words:
            found = [entry for entry in found if word in entry.order]
        return found


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

    def rows(self) -> Rows:
        """All rows, from the top."""
        words, rows = self.words.casefold().split(), Rows()
        if not words:
            rows.add([TreeRow(entry, kept=True) for entry in self.kept])
            if self.parent != self.root:
                rows.add([TreeRow(Entry(PARENT, self.parent, True))])
        rows.extend(self._below(self.root, 0, words))
        if not rows:
            rows.add([self._note(self.root, 0, text("pictures.none-found"))])
        return rows

    def _below(self, folder: str, depth: int, words: Sequence[str]) -> Rows:
        """What is in a folder, and in those that are opened in it."""
        known, rows = self._folders.get(folder), Rows()
        if known is None:
            return rows
        for entry in known.folders:
            if entry.name.startswith(".") and not self.hidden:
                continue
            opened = entry.path in self._opened
            inside = self._below(entry.path, depth + 1, words) if opened else Rows()
            if inside or all(word in entry.order for word in words):
                rows.add([TreeRow(entry, depth, opened)])
                rows.extend(inside)
        pictures = known.pictures(words, hidden=self.hidden)
        rows.add(pictures, depth)
        if not words and (note := self._state(known.last, pictures=bool(pictures))):
            rows.add([self._note(folder, depth, note)])
        return rows

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


def best_row(rows: Rows, words: str) -> int:
    """Where to begin after something was typed.

    The first name that begins with it, else the first picture in a folder, else the first row;
    where there is no picture and nothing is typed, a folder and not the way out.
    """
    wanted = words.casefold().strip()
    # What is no file has no path.
    pictures = (
        at
        for at, entry in enumerate(rows.entries())
        if not entry.is_folder and entry.path.startswith(os.sep)
    )
    if not wanted:
        folders = (
            at
            for at, entry in enumerate(rows.entries())
            if entry.is_folder and entry.name != PARENT
        )
        return next(pictures, next(folders, 0))
    begins = (at for at, entry in enumerate(rows.entries()) if entry.order.startswith(wanted))
    return next(begins, next(pictures, 0))


def place_of(marked: TreeRow, rows: Rows) -> int | None:
    """Where a row is that was there before; None where it is not there any more."""
    path, note = marked.entry.path, bool(marked.note)
    found = (at for at, entry in enumerate(rows.entries()) if entry.path == path)
    return next((at for at in found if bool(rows[at].note) == note), None)
