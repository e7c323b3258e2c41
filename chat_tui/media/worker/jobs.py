"""What the process can do, by name. A job is imported when it comes first."""

import importlib
import os
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

from chat_tui.core.errors import UsageError

Answer = tuple[dict[str, Any], bytes]
"""What JSON can say, and bytes."""

_JOBS = {
    "prepare": ("chat_tui.media.worker.preparing", "prepare", False),
    "pixels": ("chat_tui.media.worker.previews", "pixels", False),
    "document_text": ("chat_tui.media.taking", "take", True),
}
"""The module and function of each; whether it takes the bytes, or else an open file."""


def find_job(name: str) -> Callable[[dict[str, Any], BinaryIO], Answer]:
    """The function that does a job.

    Raises:
        UsageError: there is none of this name.
    """
    if name not in _JOBS:
        raise UsageError(f"There is no job called {name!r}.")
    module, function, takes_bytes = _JOBS[name]
    job: Callable[..., Answer] = getattr(importlib.import_module(module), function)
    if takes_bytes:
        return lambda arguments, file: job(arguments, file.read())
    return job


def file_of(body: bytes, descriptor: int) -> BinaryIO:
    """What came with a job, as a file; closing it closes the descriptor."""
    return os.fdopen(descriptor, "rb") if descriptor >= 0 else BytesIO(body)
