"""The pictures of answers, written into a folder."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from chat_tui.cli.output import say
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.messages import ImagePart
from chat_tui.core.ports import ConversationStore
from chat_tui.core.safety import clean_line

_LONGEST = 80
"""Characters of a file's name without its ending."""


def make_folder(folder: Path) -> None:
    """Make the folder, before anything is asked and paid for.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            _why_not(folder, error), hint="Name another folder with --save-images."
        ) from error


async def save_pictures(
    store: ConversationStore, parts: Sequence[ImagePart], folder: Path | None
) -> None:
    """Write pictures into a folder, beside what is there; without a folder, tell of them.

    Raises:
        StorageError: they cannot be read, or written.
    """
    for part in parts:
        if part.url:
            say(f"A picture in the answer: {clean_line(part.url, code=True)}")
    stored = [part for part in parts if part.sha256]
    if stored and folder is None:
        say(f"Pictures in the answer: {len(stored)}. --save-images FOLDER writes them.")
    if folder is None:
        return
    for part in stored:
        if (attachment := await store.attachment(part.sha256)) is None:
            continue
        try:
            path = await asyncio.to_thread(_write, folder, part.name, attachment.content)
        except OSError as error:
            raise StorageError(_why_not(folder, error)) from error
        say(f"Saved {clean_line(str(path), code=True)}")


def _write(folder: Path, name: str, content: bytes) -> Path:
    """Write a file under the first name that is free."""
    for path in _names(folder, name):
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path
    raise AssertionError


def _names(folder: Path, name: str) -> Iterator[Path]:
    """Names for a file, whatever the reply called it."""
    safe = Path(re.sub(r"[^\w.-]+", "-", Path(name).name).strip(".-") or "picture")
    stem, suffix = safe.stem[:_LONGEST], safe.suffix[:10]
    yield folder / f"{stem}{suffix}"
    number = 2
    while True:
        yield folder / f"{stem}-{number}{suffix}"
        number += 1


def _why_not(folder: Path, error: OSError) -> str:
    where = clean_line(str(folder), code=True)
    return f"The pictures cannot be saved in {where}: {error.strerror or error}."
