"""What reads pictures and documents, imported when something is attached first."""

import asyncio
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # nobody who attaches nothing pays for it
    from chat_tui.core.attachments.media import (
        Document,
        DocumentWish,
        FileList,
        Media,
        PictureWish,
        PreparedPicture,
        Source,
    )
    from chat_tui.core.attachments.values import PictureInfo, Pixels


def _reader() -> "Media":
    reader: Media = importlib.import_module("chat_tui.media.media").MediaReader()
    return reader


class LateMedia:
    """A `Media` that makes the one behind it when it is used first, in a thread.

    Args:
        make: imports and makes it.
    """

    def __init__(self, make: "Callable[[], Media]" = _reader) -> None:
        self._make = make
        self._media: Media | None = None
        self._making = asyncio.Lock()

    async def _there(self) -> "Media":
        async with self._making:
            if self._media is None:
                self._media = await asyncio.to_thread(self._make)
            return self._media

    async def look(self, source: "Source") -> "PictureInfo":
        """See `Media.look`."""
        return await (await self._there()).look(source)

    async def prepare(
        self, source: "Source", wish: "PictureWish", name: str = ""
    ) -> "PreparedPicture":
        """See `Media.prepare`."""
        return await (await self._there()).prepare(source, wish, name)

    async def pixels(
        self, source: "Source", width: int, height: int, background: str = "#000000"
    ) -> "Pixels":
        """See `Media.pixels`."""
        return await (await self._there()).pixels(source, width, height, background)

    async def document(self, path: Path, wish: "DocumentWish", name: str = "") -> "Document":
        """See `Media.document`."""
        return await (await self._there()).document(path, wish, name)

    async def document_of(self, content: bytes, wish: "DocumentWish", name: str) -> "Document":
        """See `Media.document_of`."""
        return await (await self._there()).document_of(content, wish, name)

    async def kind_of(self, path: Path) -> Literal["picture", "document", "folder"]:
        """See `Media.kind_of`."""
        return await (await self._there()).kind_of(path)

    async def list_files(self, patterns: Sequence[str], here: Path) -> "FileList":
        """See `Media.list_files`."""
        return await (await self._there()).list_files(patterns, here)

    async def clipboard_picture(self) -> bytes:
        """See `Media.clipboard_picture`."""
        return await (await self._there()).clipboard_picture()

    async def aclose(self) -> None:
        """See `Media.aclose`; nothing is made for it."""
        if self._media is not None:
            await self._media.aclose()
