"""Which instances of the app are alive: each holds a lock on a file named by its id.

The kernel drops the lock when the process ends, however it ends; a process id would be reused.
"""

import fcntl
import os
import re
from pathlib import Path

from chat_tui.storage.paths import make_private

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
"""What may be part of a file's name: the ids to ask for come out of the database."""


class Instance:
    """This instance: an id, and its lock for as long as the object is not closed.

    Args:
        folder: where the lock files are.
        id_: unique among all instances there ever were.

    Raises:
        OSError: the lock file cannot be made.
    """

    def __init__(self, folder: Path, id_: str) -> None:
        self.id = id_
        self._path = folder / f"{id_}.lock"
        make_private(folder)
        self._file = self._lock()

    def _lock(self) -> int:
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                # Another one may have looked between our open and our lock, taken the file for
                # a dead instance's and removed it.
                if _same(self._path, file):
                    return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def close(self) -> None:
        """Remove the file and drop the lock."""
        if self._file >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1


def is_alive(folder: Path, id_: str) -> bool:
    """Whether an instance still runs. Where that cannot be told it counts as alive."""
    if not _ID.fullmatch(id_):
        return False
    path = folder / f"{id_}.lock"
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _same(path, file):
            path.unlink(missing_ok=True)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _same(path: Path, file: int) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(file)
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
