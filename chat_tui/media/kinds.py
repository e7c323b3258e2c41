"""What a file is, by its first bytes and its name."""

from pathlib import PurePath
from typing import Literal

from chat_tui.core.attachments.signatures import format_of
from chat_tui.core.errors import UsageError
from chat_tui.media.languages import language_of
from chat_tui.media.text_files import is_text

START = 8_192
"""First bytes that tell what a file is."""

UNKNOWN = "application/octet-stream"
"""The media type of what a name does not tell."""

DocumentKind = Literal["text", "page", "pdf", "archive", "old-workbook"]
"""`page` is HTML, `archive` a zipped document; what neither is has no kind."""

_PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_OFFICE = frozenset({".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".xlsb", ".ods"})
_MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".html": "text/html",
    ".htm": "text/html",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
}
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_STARTS = (b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/")
"""The name of the first file in a document that is zipped."""

_BINARY = (
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xfe\xed\xfa", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\0asm", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"PK", "an archive"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ", "packed"),
    (b"\x28\xb5\x2f\xfd", "packed"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"OggS", "sound or a film"),
    (b"ID3", "sound or a film"),
    (b"fLaC", "sound or a film"),
    (b"RIFF", "sound or a film"),
    (b"\x1aE\xdf\xa3", "sound or a film"),
    (_OLD_OFFICE, "a document of an old office program; save it as .docx or PDF first"),
)
_SURE = tuple(
    mark for mark, _ in _BINARY if not (mark.isascii() and mark.decode("ascii").isprintable())
)
"""Those with which no text can begin."""


def kind_of_start(name: str, start: bytes) -> DocumentKind | Literal["picture", ""]:
    """What a file is; empty for what is neither a picture nor a document.

    Args:
        name: of the file, as it is.
        start: its first bytes, `START` of them where it has so many.
    """
    suffix = PurePath(name).suffix.lower()
    if format_of(start) is not None:
        return "picture"
    if b"%PDF-" in start[:1024] and (suffix == ".pdf" or start.lstrip().startswith(b"%PDF-")):
        return "pdf"
    if start.startswith(_ZIP):
        first = start[30:110]
        return "archive" if suffix in _OFFICE or first.startswith(_OFFICE_STARTS) else ""
    if start.startswith(_OLD_OFFICE):
        return "old-workbook" if suffix == ".xls" else "archive" if suffix in _OFFICE else ""
    if start.startswith(_SURE) or not is_text(start):
        return ""
    return "page" if suffix in _PAGES else "text"


def is_protected(start: bytes) -> bool:
    """Whether what should be a zipped document is one that was encrypted."""
    return start.startswith(_OLD_OFFICE)


def no_document(shown: str, start: bytes) -> UsageError:
    """The refusal of a file that is neither a picture nor a document.

    Args:
        shown: its name, clean.
        start: its first bytes.
    """
    what = next((words for mark, words in _BINARY if start.startswith(mark)), "")
    if start[4:8] == b"ftyp":
        what = "sound or a film"
    return UsageError(
        f"{shown} is no text: it is {what}." if what else f"{shown} is no text that can be read.",
        hint="Pictures, text and code, PDF, .docx, .xlsx and HTML can be attached.",
    )


def media_type_of(name: str, kind: DocumentKind) -> str:
    """The media type of a document."""
    suffix = PurePath(name).suffix.lower()
    if kind == "pdf":
        return _MEDIA_TYPES[".pdf"]
    if kind == "page":
        return "text/html"
    if kind == "text" and suffix in (".pdf", ".docx", ".xlsx", ".xls", ".ods"):
        return "text/plain"
    return _MEDIA_TYPES.get(suffix, "text/plain" if kind == "text" else UNKNOWN)


def may_be_page(name: str) -> bool:
    """Whether a name does not speak against a web page."""
    return not PurePath(name).suffix and not language_of(name)
