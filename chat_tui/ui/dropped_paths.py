"""Pastes that are the paths of files: so terminals tell what was dropped on them."""

import os
import re
import shlex
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

from chat_tui.ui.disk import ask_disk

_LONGEST = 20_000
"""Characters that a paste of paths may have."""

_MOST = 200
"""Files of one paste."""

_WINDOWS = re.compile(r"([A-Za-z]):[\\/](.*)", re.DOTALL)
_FROM_WINDOWS = re.compile(r"\\\\wsl(?:\$|\.localhost)\\[^\\]+(\\.*)", re.DOTALL | re.IGNORECASE)
"""A file of this system as Windows names it."""

_URI = re.compile(r"file://(?:localhost)?(/.*)", re.DOTALL | re.IGNORECASE)
_BEGINS = re.compile(r"""\s*["']?(?:/|~/|file:|[A-Za-z]:[\\/]|\\\\wsl)""", re.IGNORECASE)
_QUOTED_OR_PLAIN = re.compile(r'"([^"]*)"|(\S+)')


async def dropped_files(words: str) -> list[Path]:
    """The files that a paste names, and nothing else; none where it is any other text.

    Raises:
        UsageError: the disk does not answer.
    """
    readings = path_readings(words)
    if not readings:
        return []
    return await ask_disk(
        lambda: next((paths for paths in readings if all(map(_is_file, paths))), [])
    )


def path_readings(words: str) -> list[list[Path]]:
    """How a paste may be read as paths of files, the likelier one first; none for any other text.

    Only absolute paths count, those under `~`, and `file:` addresses: words never become files.
    They may be quoted, have escaped spaces, stand in lines or beside one another; a plain one with
    spaces has a line to itself.
    """
    if len(words) > _LONGEST or "\0" in words or not _BEGINS.match(words):
        return []
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    readings: list[list[Path]] = []
    for names in (_as_shells_write(words), _as_windows_does(words), lines):
        paths = [_path(name) for name in names]
        found = [path for path in paths if path is not None]
        if found and len(found) == len(paths) <= _MOST and found not in readings:
            readings.append(found)
    return readings


def _as_shells_write(words: str) -> Sequence[str]:
    try:
        return shlex.split(words)
    except ValueError:  # a quote that nothing closes
        return []


def _as_windows_does(words: str) -> Iterator[str]:
    """Names in double quotes, or without spaces; a backslash is part of them."""
    for quoted, plain in _QUOTED_OR_PLAIN.findall(words):
        yield quoted or plain


def _path(name: str) -> Path | None:
    """What one of them stands for; None for what is no absolute path."""
    if found := _URI.fullmatch(name):
        return Path(os.fsdecode(unquote_to_bytes(found[1])))
    if found := _WINDOWS.fullmatch(name):
        return Path("/mnt", found[1].lower(), found[2].replace("\\", "/"))
    if found := _FROM_WINDOWS.fullmatch(name):
        return Path(found[1].replace("\\", "/"))
    if name.startswith("~/"):
        return Path(os.path.expanduser(name))  # noqa: PTH111 - it does not fail without a home
    return Path(name) if name.startswith("/") and name.strip("/") else None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False
