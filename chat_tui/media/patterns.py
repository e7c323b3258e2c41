"""Paths as they are typed: `~`, `{a,b}`, `*`, `**`."""

import fnmatch
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line

_MOST_BRACES = 200
_MAGIC = re.compile(r"[*?\[]")
_LONGEST = 4_096


class Pattern(NamedTuple):
    """A folder, and what the paths below it must look like."""

    folder: Path
    parts: tuple[str, ...] = ()
    """One for each folder and the file; `**` is any number of folders. None: it is a path."""

    def start(self) -> frozenset[int]:
        """The parts with which a path below the folder may go on."""
        return self._with_skipped({0})

    def after(self, states: Iterable[int], name: str) -> frozenset[int]:
        """The parts with which it may go on after a name; nothing where it does not match.

        Names that begin with a dot match only what begins with one too.
        """
        following = set()
        for at in states:
            if at == len(self.parts):
                continue
            part = self.parts[at]
            if part == "**":
                if not name.startswith("."):
                    following.add(at)
            elif (part.startswith(".") or not name.startswith(".")) and _matches(part, name):
                following.add(at + 1)
        return self._with_skipped(following)

    def ends(self, states: Iterable[int]) -> bool:
        """Whether a path may end there."""
        return len(self.parts) in states

    def goes_on(self, states: Iterable[int]) -> bool:
        """Whether there may be something below it."""
        return any(at < len(self.parts) for at in states)

    def _with_skipped(self, states: set[int]) -> frozenset[int]:
        """`**` may also stand for no folder at all."""
        found = set(states)
        for at in range(len(self.parts)):
            if at in found and self.parts[at] == "**":
                found.add(at + 1)
        return frozenset(found)


def patterns_of(typed: str, here: Path) -> list[Pattern]:
    """What was typed, as patterns; what is there by that very name is meant itself.

    Args:
        typed: a path or a glob pattern.
        here: the folder to which a relative one belongs.

    Raises:
        UsageError: it is empty or too long, or stands for too much.
    """
    if not typed.strip() or "\0" in typed or len(typed) > _LONGEST:
        raise UsageError("A path is needed: of a file, a folder, or a pattern such as src/**/*.py.")
    exact = _whole(typed, here)
    if is_there(exact):
        return [_of_path(exact)]
    several = list(dict.fromkeys(_unbraced(typed)))
    return [_pattern(each, here, several=len(several) > 1) for each in several]


def is_there(path: Path) -> bool:
    """Whether there is anything at a path, as far as that may be known."""
    try:
        return path.exists()
    except OSError:  # such as a name that is too long, or a folder that may not be read
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path, as far as that may be known."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _of_path(path: Path) -> Pattern:
    return Pattern(path, ("**",) if is_folder(path) else ())


def _pattern(typed: str, here: Path, *, several: bool) -> Pattern:
    """One pattern without braces; where it is one of several it need not be there."""
    whole = _whole(typed, here)
    if is_there(whole):
        return _of_path(whole)
    parts = whole.parts
    magic = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), None)
    if magic is None:
        return Pattern(whole.parent, (whole.name,)) if several else Pattern(whole)
    rest = [*parts[magic:], *(["**"] if typed.endswith("/") else [])]
    return Pattern(Path(*parts[:magic]), tuple(rest))


def _whole(typed: str, here: Path) -> Path:
    path = Path(typed)
    try:
        path = path.expanduser()
    except RuntimeError:  # nobody has that name
        return here / path
    return here / path


def _unbraced(typed: str) -> list[str]:
    """`a{b,c}` as `ab` and `ac`; braces without a comma stand for themselves."""
    done: list[str] = []
    left = [typed]
    while left:
        if len(done) + len(left) > _MOST_BRACES:
            shown = clean_line(typed, code=True)
            raise UsageError(f"{shown[:100]} stands for more than {_MOST_BRACES} patterns.")
        each = left.pop(0)
        found = re.search(r"\{([^{}]{0,4096},[^{}]{0,4096})\}", each)
        if found is None:
            done.append(each)
            continue
        words = found[1].split(",")
        left = [each[: found.start()] + word + each[found.end() :] for word in words] + left
    return done


def _matches(part: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, part)
