"""What folders, paths and patterns stand for: files that can be attached, and what is not."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Literal

from chat_tui.core.attachments.media import FileList, ListedFile
from chat_tui.core.attachments.secrets import secrets_in
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.media.kinds import START, kind_of_start
from chat_tui.media.patterns import Pattern, is_folder, patterns_of
from chat_tui.media.safe_open import MOST_BYTES, read_start
from chat_tui.media.walking import Found, Walk

MOST_FILES = 2_000
MOST_TOLD = 200
"""Of what is passed over."""

_SEARCHED = 32_768
"""First bytes of a file in which is looked for keys."""


class Listing:
    """Lists files. It keeps nothing.

    Args:
        most: files that are listed.
    """

    def __init__(self, most: int = MOST_FILES) -> None:
        self._most = most

    async def list_files(self, patterns: Sequence[str], here: Path) -> FileList:
        """See `Media.list_files`. Cancelled, it stops at the next file."""
        stop = Event()
        try:
            return await asyncio.to_thread(self.list_blocking, patterns, here, stop)
        finally:
            stop.set()

    def list_blocking(self, patterns: Sequence[str], here: Path, stop: Event) -> FileList:
        """The same, in the thread that calls it.

        Args:
            patterns: as they are typed.
            here: the folder to which relative ones belong.
            stop: set, it ends with what it has.

        Raises:
            UsageError: a path is not there.
        """
        collected = _Collected(Path(os.path.abspath(here)), self._most)  # noqa: PTH100 - no links
        for typed in patterns:
            alternatives = patterns_of(typed, collected.here)
            found = [self._take(each, typed, collected, stop) for each in alternatives]
            if not any(found):
                collected.nothing(typed)
        return collected.result()

    def _take(self, pattern: Pattern, typed: str, collected: "_Collected", stop: Event) -> bool:
        """Take what a pattern stands for; whether there is anything."""
        folder = _plain(pattern.folder)
        if not pattern.parts:
            collected.add(folder, collected.name(folder, folder), named=True)
            return True
        if not is_folder(folder):
            return False
        walk = Walk(Pattern(folder, pattern.parts), stop)
        found = False
        for each in walk:
            found = True
            name = collected.name(Path(each.path), folder)
            if each.why:
                collected.pass_over(name, each)
            elif not collected.add(Path(each.path), name):
                break
        if walk.unfinished:
            collected.unfinished(typed, walk.unfinished)
        return found


class _Collected:
    """What was found so far.

    Args:
        here: names are relative to it where they can be.
        most: files.
    """

    def __init__(self, here: Path, most: int) -> None:
        self.here = here
        self._most = most
        self._files: dict[str, ListedFile] = {}
        """By their real paths."""
        self._told: list[tuple[str, str]] = []
        self._ignored: list[tuple[str, str]] = []
        """Told after what is more of a surprise."""

    def name(self, path: Path, folder: Path) -> str:
        """What a file is called: its path from here, or from above the folder that was named."""
        if path.is_relative_to(self.here):
            return str(path.relative_to(self.here))
        return str(path.relative_to(folder.parent))

    def add(self, path: Path, name: str, *, named: bool = False) -> bool:
        """Take a file, where it is one that can be attached; False: there are too many.

        Raises:
            UsageError: it cannot be read, and was asked for by its name.
        """
        real = os.path.realpath(path)
        if real in self._files:
            return True
        if len(self._files) >= self._most:
            few = f"More than {self._most:,} files: this one and all after it are left out."
            self._told.insert(0, (name, few))
            return False
        try:
            listed = _listed(path, name, named=named)
        except UsageError as error:
            if named:
                raise
            listed = error.message
        if isinstance(listed, str):
            self._told.append((name, listed))
        else:
            self._files[real] = listed
        return True

    def pass_over(self, name: str, found: Found) -> None:
        """Tell of what was found and is not taken."""
        (self._ignored if found.ignored else self._told).append((name, found.why))

    def nothing(self, typed: str) -> None:
        """Tell that there is nothing like what was typed."""
        self._told.insert(0, (typed, "No file matches it."))

    def unfinished(self, typed: str, why: str) -> None:
        """Tell that not all of it was looked at."""
        self._told.insert(0, (typed, why))

    def result(self) -> FileList:
        """All of it."""
        files = tuple(sorted(self._files.values(), key=lambda each: (each.name, str(each.path))))
        told = list(dict.fromkeys([*self._told, *self._ignored]))
        return FileList(files, tuple(told[:MOST_TOLD]), max(len(told) - MOST_TOLD, 0))


def _listed(path: Path, name: str, *, named: bool) -> ListedFile | str:
    """A file as it is listed, or why it is not.

    Raises:
        UsageError: it may not be read, or is no file.
    """
    if not named and _is_empty(path):
        return "It is empty."
    start, size = read_start(path, _SEARCHED)
    if size > MOST_BYTES:
        return f"It has {data_size(size)}; at most {data_size(MOST_BYTES)} can be attached."
    kind = kind_of_start(path.name, start[:START])
    if not kind:
        return "It is no text, and no document or picture that is known."
    # What a link leads to tells more than its own name.
    place = "/".join(Path(os.path.realpath(path)).parts[-2:])
    text = start.decode("utf-8", "replace") if kind in ("text", "page") else ""
    sort: Literal["picture", "document"] = "picture" if kind == "picture" else "document"
    return ListedFile(path, name, size, sort, secrets_in(place, text))


def _is_empty(path: Path) -> bool:
    """Whether a file has no bytes; those of `/proc` say so, and are not opened."""
    try:
        return path.stat().st_size == 0
    except OSError:
        return False  # reading it says why


def _plain(folder: Path) -> Path:
    """A path without `..` in it, which may lead through links; other links stay."""
    return folder.resolve() if ".." in folder.parts else folder
