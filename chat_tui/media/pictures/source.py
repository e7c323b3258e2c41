"""The bytes of a file, read where they are needed."""

import os
from collections import OrderedDict

from chat_tui.core.attachments.signatures import Read

_BLOCK = 64 * 1024
_KEPT = 8


class FileBytes:
    """Reads an open file at any place; its own position is left alone.

    Args:
        descriptor: of a regular file; it stays open.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def __call__(self, at: int, count: int) -> bytes:
        """Bytes from an offset on; fewer at the end of the file.

        Raises:
            OSError: the disk gives nothing.
        """
        if at < 0 or count <= 0 or at >= 1 << 62:
            return b""
        number, start = divmod(at, _BLOCK)
        if start + count > _BLOCK:
            return os.pread(self._descriptor, count, at)
        return self._block(number)[start : start + count]

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
        else:
            self._blocks[number] = os.pread(self._descriptor, _BLOCK, number * _BLOCK)
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return self._blocks[number]


def bytes_of(content: bytes) -> Read:
    """The same of bytes in memory."""
    return lambda at, count: content[at : at + count] if at >= 0 else b""
