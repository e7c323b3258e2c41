"""Which files of a folder are not meant: `.gitignore`, `.ignore`, `.git/info/exclude`."""

import importlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.errors import UsageError
from chat_tui.media.patterns import is_there
from chat_tui.media.safe_open import read_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILES = (".gitignore", ".ignore")
"""The later one counts more."""

_MOST_BYTES = 256_000
_MOST_LINES = 5_000
_MOST_UP = 40
_STARS = re.compile(r"\*+|\?")
_MOST_STARS = 3
"""In one part of a line, and of `**` in all of it: each makes a comparison longer by a power."""


class Rule(NamedTuple):
    """What one file says."""

    folder: str
    """To which its lines belong."""
    file: str
    """Its name."""
    spec: "GitIgnoreSpec"


class Rules(NamedTuple):
    """What all of them say; the last one that says anything of a file counts."""

    rules: tuple[Rule, ...] = ()

    def within(self, folder: str, names: Iterable[str]) -> "Rules":
        """With those of a folder.

        Args:
            folder: its path.
            names: of the files in it.
        """
        there = set(names)
        added = (_rule(folder, name) for name in FILES if name in there)
        return Rules((*self.rules, *(rule for rule in added if rule is not None)))

    def ignores(self, path: str, *, folder: bool = False) -> str:
        """The name of the file that says that a path is ignored; empty where it is not."""
        for rule in reversed(self.rules):
            below = path[len(rule.folder.rstrip("/")) + 1 :]
            said = rule.spec.check_file(below + "/" if folder else below).include
            if said is not None:
                return rule.file if said else ""
        return ""


def rules_above(folder: Path) -> Rules:
    """What the folders above one say of what is in it, from the one with `.git` on.

    Where they ignore the folder itself they say nothing: it was asked for by its name.
    """
    above = [folder, *folder.parents][:_MOST_UP]
    root = next((at for at, each in enumerate(above) if is_there(each / ".git")), None)
    if root is None:
        return Rules()
    exclude = _rule(str(above[root]), ".git/info/exclude")
    rules = Rules(() if exclude is None else (exclude,))
    for at in range(root, 0, -1):
        rules = rules.within(str(above[at]), FILES)
        if rules.ignores(str(above[at - 1]), folder=True):
            return Rules()
    return rules


def _rule(folder: str, name: str) -> Rule | None:
    """What a file says; None where it is not there, no text, or may not be read."""
    try:
        content = read_file(Path(folder, name), _MOST_BYTES)
    except UsageError:
        return None
    lines = content.decode("utf-8", "replace").splitlines()[:_MOST_LINES]
    # Imported here: 40 ms, for folders alone.
    spec: type[GitIgnoreSpec] = importlib.import_module("pathspec").GitIgnoreSpec
    return Rule(folder, name.rpartition("/")[2], spec.from_lines(filter(_is_bounded, lines)))


def _is_bounded(line: str) -> bool:
    """Whether a line can be compared in little time, whatever it is compared with."""
    parts = line.split("/")
    if sum(part == "**" for part in parts) > _MOST_STARS:
        return False
    return all(len(_STARS.findall(part)) <= _MOST_STARS for part in parts)
