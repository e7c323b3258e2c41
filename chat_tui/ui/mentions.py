"""Files that are named in a prompt: `@src/app.py`, `@"my notes.md"`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_MENTION = re.compile(r"""(?:^|(?<=[\s("'\[{]))@(?:"([^"\n]+)"|([^\s"]+))""")

_LOOKED_AT = 200_000
"""Characters of a prompt that are looked at."""

_MOST = 50
"""Words after an @ that are looked for on the disk."""

_ENDINGS = ".,;:!?)]}'>…。，；：！？）」"
"""What may follow a name without being a part of it."""

_ATTACHED = """
png jpg jpeg gif webp bmp tif tiff heic heif avif svg pdf docx xlsx odt ods pptx csv tsv txt md
rst tex log json jsonl yaml yml toml ini cfg xml html htm css js ts tsx jsx py rs go c h cpp hpp
java kt rb php sh sql ipynb
"""
_SUFFIXES = frozenset(_ATTACHED.split())
"""Endings of files that people attach."""

_PATHS = ("./", "../", "~/", "/")
"""How a path begins that can be nothing else."""


class Unfound(NamedTuple):
    """A word after an @ that looks like a file, where none can be attached."""

    written: str
    exists: bool
    """Whether something else is there: a pipe, a folder without its slash."""


class Mention(NamedTuple):
    """A file or folder that is there, and where it is named."""

    start: int
    """The place of its @."""
    end: int
    """After its last character, the closing quotes among them."""
    written: str
    """Its path as it was written, without @ and quotes."""
    path: Path


def mentioned(words: str, here: Path) -> list[Mention]:
    """The files and folders that a text names; what is none of them stays a word.

    A folder must be written as one, with a slash: `@alice` never means one. It waits for the disk:
    to be called in a thread.

    Args:
        words: the text.
        here: the folder to which relative paths belong.
    """
    found = []
    for place in _places(words):
        quoted, bare = place[1], place[2]
        for written in [quoted] if quoted else _without_endings(bare):
            path = _there(written, here)
            if path is not None:
                end = place.end() if quoted else place.start() + 1 + len(written)
                found.append(Mention(place.start(), end, written, path))
                break
    return found


def unfound(words: str, here: Path) -> list[Unfound]:
    """What looks as if it should have named a file, each once; see `mentioned` for the rest."""
    found: dict[Unfound, None] = {}
    for place in _places(words):
        tries = [place[1]] if place[1] else list(_without_endings(place[2]))
        if any(_there(written, here) for written in tries):
            continue
        written = tries[0] if place[1] else tries[0].rstrip(_ENDINGS)
        suffix = written.rpartition(".")[2].lower() if "." in written[1:] else ""
        if "@" not in written and (suffix in _SUFFIXES or written.startswith(_PATHS)):
            found[Unfound(written, _exists(written, here))] = None
    return list(found)


def without_signs(words: str, mentions: Sequence[Mention]) -> str:
    """A text with the paths of its mentions as plain words, without the signs."""
    for each in sorted(mentions, reverse=True):
        words = words[: each.start] + each.written + words[each.end :]
    return words


def _places(words: str) -> Iterator[re.Match[str]]:
    for number, place in enumerate(_MENTION.finditer(words[:_LOOKED_AT])):
        if number == _MOST:
            return
        yield place


def _without_endings(word: str) -> Iterator[str]:
    """A word as it is, then without the marks that may follow it, one after the other."""
    yield word
    while word and word[-1] in _ENDINGS:
        word = word[:-1]
        if word:
            yield word


def _exists(written: str, here: Path) -> bool:
    try:
        return (here / Path(written).expanduser()).exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _there(written: str, here: Path) -> Path | None:
    """The regular file or folder of a path; None where there is none."""
    try:
        path = here / Path(written).expanduser()
        if path.is_file():
            return path
        is_folder = "/" in written and path.is_dir() and path.parent != path
    except (OSError, ValueError, RuntimeError):
        return None  # a name that is too long, a NUL in it, a home that nobody knows
    return path if is_folder else None
