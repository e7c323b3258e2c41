"""What goes over the socket between the app and the process that decodes.

A frame is two lengths, a JSON object, and bytes. The other side may be anything that a hostile file
has made of it: lengths are checked before anything is read.
"""

import json
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

_LENGTHS = struct.Struct(">IQ")


class FrameError(Exception):
    """What came is no frame, or larger than it may be."""


class Frame(NamedTuple):
    """What came."""

    head: dict[str, Any]
    body: bytes
    descriptor: int = -1
    """Of an open file that came with it; whoever receives it closes it."""


def send(channel: socket.socket, head: Mapping[str, Any], body: bytes | int = b"") -> None:
    """Send a frame; blocks until it is taken.

    Args:
        channel: a connected Unix socket.
        head: what JSON can say.
        body: bytes, or the descriptor of an open file.

    Raises:
        OSError: the other side has ended, or takes nothing in time.
    """
    words = json.dumps(head).encode()
    descriptors = [body] if isinstance(body, int) else []
    content = b"" if isinstance(body, int) else body
    lengths = _LENGTHS.pack(len(words), len(content))
    sent = socket.send_fds(channel, [lengths], descriptors)
    channel.sendall(lengths[sent:] + words)
    if content:  # else the other side, which has all of it, may be gone
        channel.sendall(content)


def receive(channel: socket.socket, most_head: int, most_body: int) -> Frame | None:
    """Receive a frame; blocks. None at the end.

    Args:
        channel: a connected Unix socket.
        most_head: bytes that the JSON object may have.
        most_body: bytes that may follow it.

    Raises:
        FrameError: what comes is no frame, or larger.
        OSError: nothing came in time.
    """
    lengths, descriptors, _, _ = socket.recv_fds(channel, _LENGTHS.size, 1)
    descriptor = descriptors[0] if descriptors else -1
    try:
        if not lengths:
            return None
        if len(lengths) < _LENGTHS.size:
            lengths += _exactly(channel, _LENGTHS.size - len(lengths))
        head_length, body_length = _LENGTHS.unpack(lengths)
        if head_length > most_head or body_length > most_body:
            raise FrameError("too large")
        try:
            head = json.loads(_exactly(channel, head_length))
        except (ValueError, RecursionError) as error:
            raise FrameError("no JSON") from error
        if not isinstance(head, dict):
            raise FrameError("no object")
        body = bytes(_exactly(channel, body_length))
    except BaseException:
        if descriptor >= 0:
            os.close(descriptor)
        raise
    return Frame(head, body, descriptor)


def _exactly(channel: socket.socket, count: int) -> bytearray:
    content = bytearray(count)
    view = memoryview(content)
    at = 0
    while at < count:
        taken = channel.recv_into(view[at:])
        if not taken:
            raise FrameError("it ended within a frame")
        at += taken
    return content
