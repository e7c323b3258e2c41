"""Pictures, as the app asks for them: what is decoded is decoded in another process."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

from chat_tui.core.attachments.media import Change, PictureWish, PreparedPicture, Source
from chat_tui.core.attachments.signatures import Read, picture_facts
from chat_tui.core.attachments.values import Attachment, PictureInfo, Pixels, attachment_of
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.core.safety import clean_line
from chat_tui.media.pictures.looking import Looked, check_stored, look
from chat_tui.media.pictures.source import FileBytes, bytes_of
from chat_tui.media.process import Worker
from chat_tui.media.safe_open import MOST_BYTES, opened

_MOST_SHOWN = 4_096
"""Pixels of a side that are asked for at the most."""

_CHANGES: tuple[Change, ...] = get_args(Change)


class Pictures:
    """Looks at pictures in threads, and has them decoded by a worker.

    Args:
        worker: the process that decodes.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def look(self, source: Source) -> PictureInfo:
        """See `Media.look`."""
        with ExitStack() as stack:
            name = _name(source)
            looked, _ = await asyncio.to_thread(_looked, stack, source, name)
        return looked.info(name)

    async def prepare(self, source: Source, wish: PictureWish, name: str = "") -> PreparedPicture:
        """See `Media.prepare`."""
        name = name or _name(source)
        with ExitStack() as stack:
            looked, content = await asyncio.to_thread(_looked, stack, source, name)
            check_stored(name, looked)
            arguments = {
                "name": name,
                "most_side": wish.most_side,
                "most_bytes": wish.most_bytes,
                "formats": sorted(wish.formats),
                "keep_metadata": wish.keep_metadata,
            }
            answer, made = await self._worker.run("prepare", arguments, content)
        attachment, width, height = await asyncio.to_thread(_taken, name, made)
        told = _words(answer)
        changes = tuple(change for change in _CHANGES if change in told)
        return PreparedPicture(attachment, width, height, looked.info(name), changes)

    async def pixels(
        self, source: Source, width: int, height: int, background: str = "#000000"
    ) -> Pixels:
        """See `Media.pixels`."""
        name = _name(source)
        with ExitStack() as stack:
            looked, content = await asyncio.to_thread(_looked, stack, source, name)
            check_stored(name, looked)
            arguments = {
                "name": name,
                "width": min(max(width, 1), _MOST_SHOWN),
                "height": min(max(height, 1), _MOST_SHOWN),
                "background": background,
            }
            answer, rgb = await self._worker.run("pixels", arguments, content)
        wide, high = answer.get("width"), answer.get("height")
        if not isinstance(wide, int) or not isinstance(high, int) or wide * high * 3 != len(rgb):
            raise _no_picture(name)
        return Pixels(wide, high, rgb)


def _name(source: Source) -> str:
    return source.name if isinstance(source, Path) else ""


def _looked(stack: ExitStack, source: Source, name: str) -> tuple[Looked, bytes | int]:
    """What a source says, and its bytes or its descriptor, which is open as long as the stack.

    Raises:
        UsageError: it cannot be read, is too large, or is no picture.
    """
    if isinstance(source, Path):
        file = stack.enter_context(opened(source))
        read: Read = FileBytes(file.descriptor)
        try:
            return look(read, file.size, name), file.descriptor
        except OSError as error:
            shown = clean_line(name, code=True)
            raise UsageError(f"{shown} cannot be read: {error.strerror}.") from error
    if len(source) > MOST_BYTES:
        raise UsageError(
            f"{clean_line(name, code=True) or 'The picture'} has "
            f"{data_size(len(source))}; at most {data_size(MOST_BYTES)} are read.",
            hint="Make it smaller first.",
        )
    return look(bytes_of(source), len(source), name), source


def _taken(name: str, content: bytes) -> tuple[Attachment, int, int]:
    """What came back, judged by itself; width and height as it is stored.

    Raises:
        UsageError: it is no picture.
    """
    facts = picture_facts(content)
    if facts is None or not facts.width:
        raise _no_picture(name)
    if facts.format in {"TIFF", "HEIC", "GIF"}:  # their size depends on more than their head
        facts_seen = look(bytes_of(content), len(content), name).seen
        return attachment_of(content, facts.media_type), *facts_seen
    return attachment_of(content, facts.media_type), facts.width, facts.height


def _words(answer: dict[str, Any]) -> tuple[str, ...]:
    changes = answer.get("changes")
    return tuple(str(each) for each in changes) if isinstance(changes, list) else ()


def _no_picture(name: str) -> UsageError:
    return UsageError(
        f"{clean_line(name, code=True) or 'The picture'} cannot be decoded here.",
        hint="Convert it with another program.",
    )
