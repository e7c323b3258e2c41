"""Paths, patterns and addresses as they are typed after a command."""

import shlex
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_SIGNS = frozenset("*?[{")
"""What makes a pattern of a name that is not there."""

_MOST = 100
"""Words that are looked at."""


class PathWord(NamedTuple):
    """One of the words."""

    written: str
    path: Path | None = None
    """What is there; None where nothing of that name is."""

    @property
    def is_address(self) -> bool:
        """Whether it is an address of the web."""
        return self.written.lower().startswith(("http://", "https://"))

    @property
    def is_pattern(self) -> bool:
        """Whether it may stand for several files."""
        return bool(_SIGNS & set(self.written))


def path_words(written: str, here: Path) -> list[PathWord]:
    """The words of a line; quotes and backslashes hold a path with spaces together.

    A line that is the path of something as it stands is one word. It waits for the disk: to be
    called in a thread.

    Args:
        written: the line.
        here: the folder to which relative paths belong.
    """
    whole = PathWord(written.strip(), _there(written.strip(), here))
    if whole.path is not None:
        return [whole]
    try:
        words = shlex.split(written)
    except ValueError:  # a quote that is not closed
        words = written.split()
    return [PathWord(word, _there(word, here)) for word in words[:_MOST]]


def _there(word: str, here: Path) -> Path | None:
    with suppress(OSError, ValueError, RuntimeError):
        path = here / Path(word).expanduser()
        if word and path.exists():
            return path
    return None
