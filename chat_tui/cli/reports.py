"""Reports of failures, kept for the user to send on."""

import os
import time
from pathlib import Path

from chat_tui.storage.paths import make_private


def write_report(folder: Path, report: str) -> str:
    """Write a report of mode 0600; gives its path, or an empty text where that fails."""
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        make_private(folder)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(report)
    except OSError:
        return ""
    return str(path)
