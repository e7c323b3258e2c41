"""What the process may take of the machine."""

import contextlib
import resource
import time
from pathlib import Path

ROOM = 250 * 1024 * 1024
"""Bytes that one job may take beside what the process has at its beginning: a picture of 50
megapixels has 200 MB, and the app is to need no more than 300 MB more with all of it."""

_FILES = 64
_STATM = Path("/proc/self/statm")


def limit_process() -> None:
    """Limits for the whole life of the process: few open files, nothing written when it dies."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)


def limit_job(seconds: float, room: int = ROOM) -> None:
    """Limits for the next job, from what was taken until now.

    Args:
        seconds: of processor time.
        room: bytes of memory. Where the system does not tell how much there is (macOS, which heeds
            no such limit anyway), only sizes that were checked before keep it.
    """
    _limit(resource.RLIMIT_CPU, int(time.process_time() + seconds) + 2)
    with contextlib.suppress(OSError, ValueError):
        pages = int(_STATM.read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + room)


def _limit(kind: int, most: int) -> None:
    """Set the limit that counts; what the system allows at most stays, so that it can rise."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (most, hard))
