"""Small files that only their owner may read, replaced in one step."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chat_tui.storage.paths import make_private


def write_private(
    path: Path, content: bytes, *, still: Callable[[], bool] | None = None, mode: int = 0o600
) -> bool:
    """Give a file a new content: whole and on the disk, or not at all.

    A new file beside it takes its name, so that no reader ever sees half of one. The folder is
    made (0700) where it is missing; where the path is a link, its target is replaced.

    Args:
        path: of the file.
        content: all of it.
        still: asked at the last moment; where it says no, nothing is written.
        mode: of the new file.

    Returns:
        Whether it was written.

    Raises:
        OSError: it cannot be.
    """
    path = path.resolve()
    make_private(path.parent)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    file = os.open(new, flags, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        if still is not None and not still():
            new.unlink()
            return False
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return True


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other instances from changing a folder's files meanwhile; it waits for its turn.

    The folder is made (0700) where it is missing. Where the file system knows no locks, nothing
    is held.

    Raises:
        OSError: there is no such folder, and it cannot be made.
    """
    make_private(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_small(path: Path, limit: int) -> bytes | None:
    """A file's content; None where there is no file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is larger than `limit` bytes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError:
        return None
    if len(content) > limit:
        raise ValueError(f"larger than {limit} bytes")
    return content
