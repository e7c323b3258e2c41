"""When the demo's flaky model fails: by the prompt alone, and only until it is tried again."""

import json
from typing import Any
from zlib import crc32

_MOODS = ("", "cut", "500", "cut")
"""What happens at first: nothing, it breaks off, or it refuses, which is tried again by itself."""

_MOST = 200
"""Prompts that are remembered."""


class Moods:
    """What has failed once and will not the next time.

    Args:
        seed: which prompts it is that fail.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._failed: dict[int, None] = {}

    def fault_of(self, body: dict[str, Any]) -> str:
        """The fault with which a request ends; empty for none."""
        asked = json.dumps([self._seed, body.get("messages")], sort_keys=True)
        prompt = crc32(asked.encode())
        fault = _MOODS[prompt % len(_MOODS)]
        if not fault or prompt in self._failed:
            self._failed.pop(prompt, None)
            return ""
        if len(self._failed) >= _MOST:
            self._failed.pop(next(iter(self._failed)))
        self._failed[prompt] = None
        return fault
