"""The port to what reads pictures and documents. Nothing here blocks the event loop.

Every file counts as hostile: only regular files are read (no devices, FIFOs, sockets; opened
without waiting, checked after opening), sizes are capped before anything is read, and pictures are
decoded in another process with limits of memory and time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from chat_tui.core.attachments.values import Attachment, PictureInfo, Pixels
from chat_tui.core.messages import FilePart, ImageDetail, ImagePart

Source = Path | bytes
"""A file, or what is in it."""

Change = Literal["turned", "stripped", "shrunk", "converted", "first-frame", "compressed"]
"""What was done to a picture before it is sent."""

Rule = Literal["whole", "head", "head-and-tail"]
"""How a document that is too long is cut: not at all, after its beginning, or in its middle."""


@dataclass(frozen=True, slots=True)
class PictureWish:
    """What is to become of a picture before it is sent. Its orientation is always applied."""

    most_side: int = 0
    """Pixels of the longer side at the most; 0: as it is."""
    most_bytes: int = 0
    """Bytes that it may have; 0: as many as it has."""
    formats: frozenset[str] = frozenset({"PNG", "JPEG", "GIF", "WebP"})
    """What the server reads; others are converted to PNG, or JPEG where that is much smaller."""
    keep_metadata: bool = False


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """A picture as it is sent. Without `shrunk` and `compressed` its pixels are the source's."""

    attachment: Attachment
    width: int
    height: int
    source: PictureInfo
    changes: tuple[Change, ...] = ()

    def part(self, detail: ImageDetail = "auto") -> ImagePart:
        """As a part of a prompt."""
        kind, name = self.attachment.media_type, self.source.name
        return ImagePart(self.attachment.sha256, "", kind, name, detail, self.width, self.height)


@dataclass(frozen=True, slots=True)
class DocumentWish:
    """How a document is read."""

    rule: Rule = "whole"
    most_characters: int = 0
    """Of its text; 0: as many as it has (up to `MOST_CHARACTERS`)."""


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a document, as it is sent."""

    attachment: Attachment
    """The file itself."""
    name: str
    text: str
    """Cut by the rule, with a line that says what is missing."""
    language: str = ""
    """What its fence is called; empty for prose."""
    encoding: str = ""
    """How its bytes were read, where it is plain text."""
    pages: int = 0
    """Of a PDF, or sheets of a workbook."""
    characters: int = 0
    """Of all of it."""
    lines: int = 0
    warnings: tuple[str, ...] = ()
    """Sentences about what may not be meant to be sent (see `ListedFile.warnings`), or is lost."""

    @property
    def cut(self) -> bool:
        """Whether a part of it is left out."""
        return len(self.text) < self.characters

    def part(self) -> FilePart:
        """As a part of a prompt."""
        kind = self.attachment.media_type
        return FilePart(self.attachment.sha256, self.name, kind, self.text, self.language)


class ListedFile(NamedTuple):
    """A file that a folder or a pattern stands for."""

    path: Path
    name: str
    """Its path from here, else from above the folder that was named; as it is: clean it before it
    is shown."""
    size: int
    kind: Literal["picture", "document"]
    warnings: tuple[str, ...] = ()
    """Sentences: a name like `.env` or `id_rsa`, something that looks like a key in it."""


class FileList(NamedTuple):
    """What folders and patterns stand for."""

    files: tuple[ListedFile, ...]
    """By name, each once."""
    passed_over: tuple[tuple[str, str], ...] = ()
    """Name and reason (a sentence) of what is not among them: ignored, binary, too large, a link
    that leads out of the folder, no regular file. At most 200."""
    more: int = 0
    """How many more were passed over."""


class Media(Protocol):
    """Reads pictures and documents.

    Each method raises `UsageError`, with the file's name, the reason and a way out, where a file
    cannot be read, is refused, or is none of its kind.
    """

    async def look(self, source: Source) -> PictureInfo:
        """What a picture's file says of itself; cheap enough for each file of a folder."""
        ...

    async def prepare(self, source: Source, wish: PictureWish, name: str = "") -> PreparedPicture:
        """Make a picture ready to be sent.

        Args:
            source: the file.
            wish: what is to become of it.
            name: what it is called where the source has no name.
        """
        ...

    async def pixels(
        self, source: Source, width: int, height: int, background: str = "#000000"
    ) -> Pixels:
        """Decode a picture, shrunk (never enlarged) into so many pixels, turned as it is seen."""
        ...

    async def document(self, path: Path, wish: DocumentWish, name: str = "") -> Document:
        """Read the text of a document: text, code, PDF, docx, xlsx, html."""
        ...

    async def document_of(self, content: bytes, wish: DocumentWish, name: str) -> Document:
        """The same of what came another way, as from standard input."""
        ...

    async def kind_of(self, path: Path) -> Literal["picture", "document", "folder"]:
        """What there is at a path, by its first bytes."""
        ...

    async def list_files(self, patterns: Sequence[str], here: Path) -> FileList:
        """What folders, paths and glob patterns stand for; `.gitignore` and `.ignore` are heeded.

        Args:
            patterns: as they are typed: `src/`, `**/*.py`, `~/notes/*.md`.
            here: the folder to which relative ones belong.
        """
        ...

    async def clipboard_picture(self) -> bytes:
        """The picture on the clipboard.

        Raises:
            UsageError: there is none, or no program that gives it.
        """
        ...

    async def aclose(self) -> None:
        """End what decodes; twice is safe."""
        ...
