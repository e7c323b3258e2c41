"""The shipped vocabularies are tiktoken's own, and nothing is ever fetched."""

import hashlib
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chat_tui.tokens import encodings, get_encoding
from chat_tui.tokens.encodings import read_ranks, read_vocabulary

HASHES = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
published: Any = importlib.import_module("tiktoken_ext.openai_public")
RANKS = {"o200k_base": 199_998, "cl100k_base": 100_256}

BLOCKED = """
import socket, sys

class Blocked(socket.socket):
    def __init__(self, family=-1, *args, **options):
        if family != socket.AF_UNIX and not options.get("fileno") and len(args) < 3:
            raise OSError("the network is blocked")
        super().__init__(family, *args, **options)

def refuse(*_args, **_options):
    raise OSError("the network is blocked")

socket.socket, socket.getaddrinfo, socket.create_connection = Blocked, refuse, refuse
with open({log!r}, "a") as log:
    print(*sys.orig_argv, file=log)
"""

COUNTING = """
import asyncio, os, socket, sys
import tiktoken, tiktoken_ext.openai_public as published
from chat_tui.tokens import encodings
from chat_tui.tokens.counter import TiktokenCounter
from tests.tokens.corpus import CORPUS

try:
    socket.socket(socket.AF_INET)
except OSError:
    print("blocked")

def from_file(address, expected_hash=None):
    return encodings.read_ranks(address.rpartition("/")[2].removesuffix(".tiktoken"))

published.load_tiktoken_bpe = from_file

async def main():
    counter = TiktokenCounter()
    for model, name in (("gpt-4o", "o200k_base"), ("gpt-4", "cl100k_base")):
        reference = tiktoken.get_encoding(name)
        assert reference._mergeable_ranks is not None
        for kind, text in (*CORPUS.items(), ("all", "\\n".join(CORPUS.values()) * 20)):
            counted = await counter.count_text(text, model)
            own = len(reference.encode_ordinary(text))
            print("same" if counted == own else f"{name} {kind}: {counted} for {own}")
    await counter.aclose()
    print("cache", os.listdir(os.environ["TIKTOKEN_CACHE_DIR"]))

asyncio.run(main())
"""


@pytest.mark.parametrize("name", HASHES)
def test_vocabularies_are_those_that_tiktoken_downloads(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str | None]] = []

    def not_downloaded(address: str, expected_hash: str | None = None) -> dict[bytes, int]:
        told.append((address, expected_hash))
        return {}

    monkeypatch.setattr(published, "load_tiktoken_bpe", not_downloaded)
    own = published.ENCODING_CONSTRUCTORS[name]()
    specification = encodings._SPECIFICATIONS[name]

    assert hashlib.sha256(read_vocabulary(name)).hexdigest() == HASHES[name] == told[0][1]
    assert specification.pattern == own["pat_str"]
    assert specification.special == own["special_tokens"]
    assert sorted(read_ranks(name).values()) == list(range(RANKS[name]))


def test_published_tokens_come_out() -> None:
    """From OpenAI's cookbook, "How to count tokens with tiktoken"."""
    old = get_encoding("cl100k_base")

    assert old.encode_ordinary("tiktoken is great!") == [83, 1609, 5963, 374, 2294, 0]
    assert len(old.encode_ordinary("antidisestablishmentarianism")) == 6
    assert old.encode_ordinary("2 + 2 = 4") == [17, 489, 220, 17, 284, 220, 19]
    assert len(old.encode_ordinary("お誕生日おめでとう")) == 9
    assert get_encoding("cl100k_base") is old


def test_an_unknown_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no vocabulary p50k_base"):
        get_encoding("p50k_base")


def test_counts_equal_tiktokens_own_without_a_network(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    log, cache = tmp_path / "started", tmp_path / "cache"
    (tmp_path / "sitecustomize.py").write_text(BLOCKED.format(log=str(log)))
    cache.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", COUNTING],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}",
            "TIKTOKEN_CACHE_DIR": str(cache),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = done.stdout.splitlines()

    assert done.stderr == ""
    assert (lines[0], lines[-1]) == ("blocked", "cache []")
    assert set(lines[1:-1]) == {"same"}
    assert len(lines) > 50
    assert "chat_tui.tokens.worker" in log.read_text()
