"""What reads pictures and documents: the port of the core, put together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from chat_tui.core.attachments.media import (
    Document,
    DocumentWish,
    FileList,
    PictureWish,
    PreparedPicture,
    Source,
)
from chat_tui.core.attachments.values import PictureInfo, Pixels
from chat_tui.media.clipboard import Clipboard
from chat_tui.media.documents import Documents
from chat_tui.media.listing import Listing
from chat_tui.media.pictures.reading import Pictures
from chat_tui.media.process import Worker


class MediaReader:
    """Reads pictures and documents; see `Media` for each method.

    Args:
        worker: the process that decodes; by default one that starts when it is first needed.
        clipboard: by default that of this system.
    """

    def __init__(self, worker: Worker | None = None, clipboard: Clipboard | None = None) -> None:
        self._worker = worker or Worker()
        self._clipboard = clipboard or Clipboard()
        self._pictures = Pictures(self._worker)
        self._documents = Documents(self._worker)
        self._listing = Listing()

    async def look(self, source: Source) -> PictureInfo:
        """See `Media.look`."""
        return await self._pictures.look(source)

    async def prepare(self, source: Source, wish: PictureWish, name: str = "") -> PreparedPicture:
        """See `Media.prepare`."""
        return await self._pictures.prepare(source, wish, name)

    async def pixels(
        self, source: Source, width: int, height: int, background: str = "#000000"
    ) -> Pixels:
        """See `Media.pixels`."""
        return await self._pictures.pixels(source, width, height, background)

    async def document(self, path: Path, wish: DocumentWish, name: str = "") -> Document:
        """See `Media.document`."""
        return await self._documents.document(path, wish, name)

    async def document_of(self, content: bytes, wish: DocumentWish, name: str) -> Document:
        """See `Media.document_of`."""
        return await self._documents.document_of(content, wish, name)

    async def kind_of(self, path: Path) -> Literal["picture", "document", "folder"]:
        """See `Media.kind_of`."""
        return await self._documents.kind_of(path)

    async def list_files(self, patterns: Sequence[str], here: Path) -> FileList:
        """See `Media.list_files`."""
        return await self._listing.list_files(patterns, here)

    async def clipboard_picture(self) -> bytes:
        """See `Media.clipboard_picture`."""
        return await self._clipboard.picture()

    async def aclose(self) -> None:
        """See `Media.aclose`."""
        await self._worker.aclose()
