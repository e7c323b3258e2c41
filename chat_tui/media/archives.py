"""Looking at a zipped document before a library does: bombs, passwords, declared entities."""

import zlib
from io import BytesIO
from typing import Literal, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from chat_tui.media.extracts import protected, unreadable

MOST_FILES = 10_000
MOST_BYTES = 256_000_000
"""Of all files in it together, unpacked."""

_MOST_RATIO = 200
"""How many times larger than packed one file may be, where it is large."""

_LARGE = 8_000_000
_PIECE = 1 << 20
_DECLARED = tuple(
    mark.encode(codec)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for codec in ("ascii", "utf-16-le", "utf-16-be")
)
"""What no office program writes: entities read other files, or grow without end."""

_OVERLAP = max(map(len, _DECLARED)) - 1

ArchiveKind = Literal["docx", "workbook", "slides", "text-document", "book", "archive"]

_KINDS: tuple[tuple[str, ArchiveKind], ...] = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "workbook"),
    ("xl/workbook.bin", "workbook"),
    ("ppt/presentation.xml", "slides"),
)
_TYPES: dict[bytes, ArchiveKind] = {
    b"application/vnd.oasis.opendocument.spreadsheet": "workbook",
    b"application/vnd.oasis.opendocument.text": "text-document",
    b"application/vnd.oasis.opendocument.presentation": "slides",
    b"application/epub+zip": "book",
}


class Archive(NamedTuple):
    """What is in a zipped document."""

    kind: ArchiveKind
    pictures: int
    """How many there are in it."""


def checked(content: bytes, name: str) -> Archive:
    """Look at an archive, and unpack what a library would parse, without keeping it.

    The sizes that it declares are those that count: a file that is larger is refused, since its
    sum does not agree then.

    Args:
        content: all of it.
        name: of the file, clean.

    Raises:
        UsageError: it is damaged, protected, too large, or has declarations in it.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = archive.infolist()
            _weigh(files, name)
            for each in files:
                if each.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _look_into(archive, each, name)
            return Archive(_kind(archive, files), sum("/media/" in one.filename for one in files))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise unreadable(name) from error


def _weigh(files: list[ZipInfo], name: str) -> None:
    if any(each.flag_bits & 1 for each in files):
        raise protected(name)
    unpacked = sum(each.file_size for each in files)
    if len(files) > MOST_FILES or unpacked > MOST_BYTES:
        why = f"it unpacks to {unpacked // 1_000_000:,} MB in {len(files):,} files"
        raise unreadable(name, f"{why}; at most {MOST_BYTES // 1_000_000} MB are unpacked")
    for each in files:
        if each.file_size > _LARGE and each.file_size > _MOST_RATIO * each.compress_size:
            raise unreadable(name, "it is packed as only a file made to fill the memory is")


def _look_into(archive: ZipFile, file: ZipInfo, name: str) -> None:
    end = b""
    with archive.open(file) as opened:
        while piece := opened.read(_PIECE):
            if any(mark in end + piece for mark in _DECLARED):
                raise unreadable(name, "it declares entities, which no office program does")
            end = piece[-_OVERLAP:]


def _kind(archive: ZipFile, files: list[ZipInfo]) -> ArchiveKind:
    names = {each.filename.lower().lstrip("/") for each in files}
    for name, kind in _KINDS:
        if name in names:
            return kind
    declared = next((each for each in files if each.filename == "mimetype"), None)
    if declared is None or declared.file_size > 200:
        return "archive"
    return _TYPES.get(archive.read(declared).strip(), "archive")
