"""API keys: found, checked, and kept out of sight."""

import re
from collections.abc import Mapping

from chat_tui.core.errors import UsageError

_MAX_LENGTH = 8192
_MIN_REDACTED = 8
"""Shorter keys are placeholders (`EMPTY`); taking them out of texts would harm the texts."""

_BAD = re.compile(r"[^\x21-\x7e]")


class Key:
    """An API key. Its value shows in no representation; `reveal` is for the request alone.

    Args:
        value: as the user gave it; white space around it is dropped.
        source: where it came from, for messages ("OPENAI_API_KEY").

    Raises:
        UsageError: it cannot be a key; the message names the position, never the value.
    """

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        value = value.strip()
        if not value:
            raise UsageError(f"The key in {source} is empty.", hint=f"Set {source} to your key.")
        if len(value) > _MAX_LENGTH:
            raise UsageError(
                f"The key in {source} has {len(value)} characters; {_MAX_LENGTH} is the limit.",
                hint=f"Set {source} to the key alone.",
            )
        if bad := _BAD.search(value):
            raise UsageError(
                f"The key in {source} has a character at position {bad.start() + 1}"
                " that cannot be part of a key.",
                hint=f"Copy the key once more and set {source} again.",
            )
        self._value = value
        self.source = source

    def __repr__(self) -> str:
        return f"Key(source={self.source!r})"

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def redact(self, text: str) -> str:
        """The text with every occurrence of the key taken out."""
        if len(self._value) < _MIN_REDACTED:
            return text
        return text.replace(self._value, "[key]")


def key_from_environment(name: str, environ: Mapping[str, str]) -> Key | None:
    """The key in an environment variable; None where it is not set, or empty.

    Raises:
        UsageError: what is there cannot be a key.
    """
    value = environ.get(name, "").strip() if name else ""
    return Key(value, name) if value else None
