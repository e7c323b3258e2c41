"""The user's own programs: the pager, the editor, and the passing files that they get."""

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.safety import clean
from chat_tui.core.texts import text

_PAGERS = ("less -R", "more")
_EDITORS = ("nano", "vi")
_SHOWS_NOTHING = frozenset({"cat"})
"""Pagers that end at once: what they print would be gone with the next frame."""

_WAITING = {
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor", "zed", "subl"), "--wait"),
    **dict.fromkeys(("gvim", "mvim"), "-f"),
    "mate": "-w",
}
"""Editors with a window of their own, and what makes them wait until the file is closed."""

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:APIKEY|KEYS?|TOKENS?|SECRETS?|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)(?:_|$)",
    re.IGNORECASE,
)
_MOST_BYTES = 64 * 1024 * 1024
"""A file that comes back larger than that is not read."""

_MEMORY = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")  # noqa: S108 - new folders in them
"""Folders that are no part of a disk, where there are some."""

_MOST_NAMESAKES = 1000
"""Files of one name that may be in a folder."""


def pager_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The user's pager and its arguments: `$PAGER`, else less, else more.

    Raises:
        UsageError: there is none, or the variable cannot be read.
    """
    command = _named(("PAGER",), environ)
    if command and Path(command[0]).name not in _SHOWS_NOTHING:
        return command
    return _first_there(_PAGERS, environ, "outside.no-pager")


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The user's editor and its arguments: `$VISUAL`, `$EDITOR`, else nano, else vi.

    Raises:
        UsageError: there is none, or the variable cannot be read.
    """
    command = _named(("VISUAL", "EDITOR"), environ)
    if not command:
        return _first_there(_EDITORS, environ, "outside.no-editor")
    wait = _WAITING.get(Path(command[0]).name)
    return command if wait is None or wait in command else [*command, wait]


def environment(
    secrets: Collection[str] = (), environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The user's environment without API keys: without what is named so, or known to be one.

    Args:
        secrets: names of variables that hold keys.
        environ: all variables.
    """
    return {
        name: value
        for name, value in environ.items()
        if name not in secrets and not _SECRET_NAME.search(name)
    }


@contextmanager
def passing_file(
    words: str,
    name: str,
    *,
    in_memory: bool = False,
    memory: Sequence[str] = _MEMORY,
) -> Iterator[Path]:
    """A file that only the user can read, in a folder of its own; both are removed at the end.

    Args:
        words: its text, clean.
        name: its name.
        in_memory: refuse rather than write to a disk.
        memory: the folders that are no part of a disk, best first.

    Raises:
        UsageError: there is no folder in memory, and it must be one.
        StorageError: it cannot be written.
    """
    folder = private_folder(in_memory=in_memory, memory=memory)
    try:
        path = folder / name
        try:
            _write_private(path, words)
        except OSError as error:
            raise _unwritable(error) from error
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def private_folder(*, in_memory: bool = False, memory: Sequence[str] = _MEMORY) -> Path:
    """Make a new folder that only the user can enter, in memory rather than on a disk.

    Args:
        in_memory: refuse rather than write to a disk.
        memory: the folders that are no part of a disk, best first.

    Raises:
        UsageError: there is no folder in memory, and it must be one.
        StorageError: it cannot be made.
    """
    place = next((folder for folder in memory if os.access(folder, os.W_OK | os.X_OK)), None)
    if in_memory and place is None:
        raise UsageError(text("outside.on-disk"))
    try:
        return Path(tempfile.mkdtemp(prefix="chat-tui-", dir=place))  # mode 0700
    except OSError as error:
        raise _unwritable(error) from error


def read_back(path: Path, before: str) -> str | None:
    """A text as an editor left it, clean; None where the file is gone or far too large.

    The line end that editors add at the end of a file is taken off again.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        words = path.read_bytes().decode(errors="replace")
    except OSError:
        return None
    words = clean(words)
    return words if before.endswith("\n") else words.removesuffix("\n")


def _named(variables: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """The command in the first of some variables that is set."""
    for variable in variables:
        if value := environ.get(variable, "").strip():
            try:
                return shlex.split(value)
            except ValueError:
                raise UsageError(text("outside.quotes", variable=variable)) from None
    return []


def _first_there(commands: Sequence[str], environ: Mapping[str, str], missing: str) -> list[str]:
    for command in commands:
        words = command.split()
        if shutil.which(words[0], path=environ.get("PATH")):
            return words
    raise UsageError(text(missing))


def keep_file(words: str, name: str, folders: Sequence[Path]) -> Path:
    """Keep a text in a new file that only the user can read, in the first folder that takes it.

    Args:
        words: its text, clean.
        name: its name without the suffix; a number is added where there is such a file.
        folders: where it may go.

    Raises:
        StorageError: none of them takes it.
    """
    failure = OSError()
    for folder in folders:
        for number in range(1, _MOST_NAMESAKES):
            path = folder / (f"{name}-{number}.md" if number > 1 else f"{name}.md")
            try:
                _write_private(path, words)
            except FileExistsError:
                continue
            except OSError as error:
                failure = error
                break
            return path
    raise _unwritable(failure) from failure


def _write_private(path: Path, words: str) -> None:
    """Write a new file of mode 0600."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(words.encode())


def _unwritable(error: OSError) -> StorageError:
    reason = error.strerror or type(error).__name__
    return StorageError(text("outside.not-written", reason=reason))
