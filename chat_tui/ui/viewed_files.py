"""Attachments as files: what they are called, saved where the user says, or passing for a viewer.

What is opened unasked is never a program: a picture, a PDF, or plain text, by its first bytes and
not by its name, with the ending that belongs to that.
"""

import os
import re
import shutil
import weakref
from pathlib import Path

from chat_tui.core.attachments.signatures import picture_facts
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.safety import clean_line
from chat_tui.ui.user_programs import private_folder

_ENDINGS = {
    "PNG": "png",
    "JPEG": "jpg",
    "GIF": "gif",
    "WebP": "webp",
    "BMP": "bmp",
    "TIFF": "tiff",
    "HEIC": "heic",
}
"""The ending of a picture's file by its format."""

_ALIKE = {"jpeg": "jpg", "tif": "tiff", "heif": "heic"}
"""Other endings of the same."""

_PDF = b"%PDF-"

_UNSAFE = re.compile(r"[^A-Za-z0-9.+-]+")
_LONGEST = 60
"""Characters of a name besides its ending."""


def picture_ending(content: bytes) -> str:
    """The ending of a picture's file, by its first bytes; empty where it is none."""
    facts = picture_facts(content)
    return "" if facts is None else _ENDINGS[facts.format]


def proposed_file(part: ImagePart | FilePart, content: bytes, number: int) -> str:
    """A name under which something attached may be saved: its own, in the working folder.

    It is never hidden and never a path, and a picture has the ending of what it is.

    Args:
        part: the picture or document.
        content: its bytes.
        number: its place in the message, counted from 1; for one without a name.
    """
    given = part.name.replace("\\", "/").rpartition("/")[2]
    name = clean_line(given, code=True).replace("~", "-").strip().lstrip(".-")
    stem, dot, ending = name.rpartition(".")
    if isinstance(part, FilePart):
        return name[-_LONGEST:].lstrip(".-") or f"document-{number}.txt"
    right = picture_ending(content) or "bin"
    if dot and _ALIKE.get(ending.lower(), ending.lower()) == right:
        return f"{stem[-_LONGEST:].lstrip('.-')}.{ending}"
    return f"{name[-_LONGEST:].lstrip('.-') or f'picture-{number}'}.{right}"


def write_bytes(path: Path, content: bytes, *, replace: bool) -> None:
    """Write bytes to a file.

    Args:
        path: the file; its folder must be there.
        content: what is written.
        replace: overwrite what is there.

    Raises:
        FileExistsError: something is there, and it is not to be replaced.
        OSError: it cannot be written.
    """
    with path.open("wb" if replace else "xb") as file:
        file.write(content)


class ViewedFiles:
    """Files that a viewer shows, in a folder that only the user can read; gone with the app."""

    def __init__(self) -> None:
        self._folders: dict[bool, Path] = {}
        """By whether it must be in memory."""
        self._count = 0

    def put(
        self, part: ImagePart | FilePart, content: bytes, *, in_memory: bool = False
    ) -> Path | None:
        """Write something attached so that it can be shown; blocks.

        A document is shown as the text that was taken from it, but for a PDF. None: it is nothing
        that is opened, as a picture's bytes that are none.

        Args:
            part: the picture or document.
            content: its bytes.
            in_memory: refuse rather than write to a disk.

        Raises:
            ChatError: there is no folder to write to.
            OSError: it cannot be written.
        """
        if isinstance(part, FilePart):
            is_pdf = content.startswith(_PDF)
            ending, content = ("pdf", content) if is_pdf else ("txt", part.text.encode())
        else:
            ending = picture_ending(content)
        if not ending:
            return None
        self._count += 1
        stem = _UNSAFE.sub("-", part.name.rpartition(".")[0])[-_LONGEST:].strip(".-")
        path = self._there(in_memory) / f"{self._count}-{stem or 'attached'}.{ending}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        return path

    def _there(self, in_memory: bool) -> Path:
        """The folder; made anew where something has cleared it away."""
        folder = self._folders.get(in_memory)
        if folder is None or not folder.is_dir():
            folder = self._folders[in_memory] = private_folder(in_memory=in_memory)
            weakref.finalize(self, shutil.rmtree, folder, True)
        return folder
