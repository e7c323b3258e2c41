"""Rows 6 and 7 of the table of faults: no reply takes the memory."""

import json
import subprocess
import sys
import zlib
from typing import Any

import pytest

from tests.servers import Reply, Stall, ThreadedServer, delta, event, events

LIMIT = 100
"""MB."""

MB = 1024 * 1024
HELLO = event(delta("Hello"))


def bomb(piece: bytes, times: int, begin: bytes = b"") -> list[bytes]:
    """Gzip of a beginning and so many times 1 MB of a piece: 1 KB for each."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(begin) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(piece * (MB // len(piece))) + packer.flush(zlib.Z_FULL_FLUSH)
    # What a full flush ends depends on nothing before it: the same bytes again are the same text.
    again = packer.compress(piece * (MB // len(piece))) + packer.flush(zlib.Z_FULL_FLUSH)
    assert block == again
    return [head, *[block] * times]


GZIP = {"Content-Encoding": "gzip"}
REPLIES = {
    "a line of 64 MB": (events(HELLO, b"data: ", *[b"x" * MB] * 64, Stall()), "32 MB"),
    "an event of many lines": (events(HELLO, *[b"data: x\n" * (MB // 8)] * 64, Stall()), "32 MB"),
    "a comment of 64 MB": (events(HELLO, b": ", *[b"x" * MB] * 64, Stall()), "32 MB"),
    "JSON of 64 MB": (Reply([b'{"a": "', *[b"x" * MB] * 64, Stall()]), "32 MB"),
    "a bomb of 1 GB": (Reply([*bomb(b"\n", 1024), Stall()], headers=GZIP), "32 MB"),
    "a bomb in an event": (
        Reply([*bomb(b"x", 1024, HELLO + b"data: "), Stall()], headers=GZIP),
        "32 MB",
    ),
    "a bomb of JSON": (Reply([*bomb(b" ", 1024, b'{"a": 1'), Stall()], headers=GZIP), "32 MB"),
    "an error of 64 MB": (Reply([b'{"error": "', *[b"x" * MB] * 64, Stall()], 400), "refused"),
    "a bomb as an error": (Reply([*bomb(b"x", 1024), Stall()], 400, GZIP), "refused"),
    "a page of 64 MB": (Reply([b"<html>", *[b"x" * MB] * 64, Stall()]), "not an API"),
    "content without an end": (
        events(*[event(delta("x" * 50_000))] * 1000, Stall()),
        "4 million characters",
    ),
}


def read(url: str) -> Any:
    """What it took to read a reply, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.hungry", url],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("what", REPLIES)
def test_no_reply_takes_the_memory(what: str) -> None:
    reply, words = REPLIES[what]
    with ThreadedServer([reply]) as server:
        told = read(server.base_url)

    assert words in told["message"]
    assert told["memory"] < LIMIT
    assert told["text"] in (0, len("Hello")) or 4_000_000 <= told["text"] < 4_300_000


def test_large_picture_is_read_whole() -> None:
    """The limit is as high as it is because of these."""
    url = "data:image/png;base64," + "A" * (20 * MB)
    chunk = delta("Here", images=[{"type": "image_url", "image_url": {"url": url}}])
    with ThreadedServer([events(event(chunk), event(delta(finish="stop")))]) as server:
        told = read(server.base_url)

    assert (told["kind"], told["text"]) == (None, 4)
