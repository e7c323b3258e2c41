"""The picture that the demo sends: some bands of colour, made of the prompt's words."""

import struct
import zlib
from math import cos, pi, sin

WIDTH, HEIGHT = 96, 64


def draw(words: str) -> bytes:
    """A small PNG; the same for the same words."""
    seed = zlib.crc32(words.encode(errors="replace"))
    turns = [(seed >> shift & 255) / 128 * pi for shift in (0, 8, 16)]
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)  # no filter
        for x in range(WIDTH):
            wave = 2 * pi * x / WIDTH + sin(2 * pi * y / HEIGHT + turns[0])
            rows += bytes(round(128 + 100 * cos(wave + turn)) for turn in turns)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
