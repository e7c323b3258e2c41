"""Providers' lists of models, kept so that they are there at once: `cache/models/NAME.json`."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from chat_tui.core.models import ModelInfo
from chat_tui.storage.private_files import read_small, write_private

MAX_BYTES = 32 * 1024 * 1024
"""As much as is read of a provider's list; a larger file is none of ours."""

_VERSION = 1
_PLAIN = ("name", "window", "max_output", "input_price", "output_price", "cached_price", "released")


class ModelListCache:
    """The lists on disk. What cannot be read is not there; what cannot be written is not kept.

    Both take some 0.1 s for ten thousand models: call them in a thread.

    Args:
        folder: `cache/models`; it is made by the first list.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, provider: str, origin: str) -> tuple[list[ModelInfo], float] | None:
        """The models of a provider and when they were asked for, in seconds since 1970.

        None where there is no list, or one from another origin: the provider has moved.
        """
        try:
            content = read_small(self._file(provider), MAX_BYTES)
            saved = json.loads(content) if content is not None else None
        except (OSError, ValueError, RecursionError):
            return None
        match saved:
            case {
                "version": 1,
                "provider": str(name),
                "origin": str(place),
                "when": int() | float() as when,
                "models": list(entries),
            } if (name, place) == (provider, origin):
                return list(_decoded(entries)), float(when)
            case _:
                return None

    def write(self, provider: str, origin: str, models: Sequence[ModelInfo], when: float) -> None:
        """Keep a list.

        Args:
            provider: its name.
            origin: scheme, host and port that the list came from.
            models: all of them.
            when: they were asked for, in seconds since 1970.
        """
        saved = {
            "version": _VERSION,
            "provider": provider,
            "origin": origin,
            "when": when,
            "models": [_encoded(model) for model in models],
        }
        # Lists come from outside: halves of surrogate pairs are kept as escapes.
        with suppress(OSError, ValueError, TypeError, RecursionError):
            content = json.dumps(saved, separators=(",", ":")).encode("ascii")
            if len(content) <= MAX_BYTES:
                write_private(self._file(provider), content)

    def forget(self, provider: str) -> None:
        """Take a list away: its provider is gone, or has another key."""
        with suppress(OSError):
            self._file(provider).unlink(missing_ok=True)

    def _file(self, provider: str) -> Path:
        """A name that is one on every file system, whatever the provider is called."""
        lower = provider.lower()
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in lower)
        if plain != provider or len(plain) > 64:
            mark = sha256(provider.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            plain = f"{plain[:64]}-{mark}"
        return self._folder / f"{plain}.json"


def _encoded(model: ModelInfo) -> dict[str, Any]:
    """A model without what is not known."""
    values: dict[str, Any] = {"id": model.id}
    for name in _PLAIN:
        if (value := getattr(model, name)) not in (None, ""):
            values[name] = value
    for name in ("abilities", "lacks"):
        if words := getattr(model, name):
            values[name] = sorted(words)
    if not model.active:
        values["active"] = False
    if model.raw:
        values["raw"] = dict(model.raw)
    return values


def _decoded(entries: Iterable[Any]) -> Iterable[ModelInfo]:
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            continue
        name = entry.get("name")
        raw = entry.get("raw")
        released = entry.get("released")
        yield ModelInfo(
            id=entry["id"],
            name=name if isinstance(name, str) else "",
            window=_whole(entry.get("window")),
            max_output=_whole(entry.get("max_output")),
            input_price=_price(entry.get("input_price")),
            output_price=_price(entry.get("output_price")),
            cached_price=_price(entry.get("cached_price")),
            abilities=_abilities(entry.get("abilities")),
            lacks=_abilities(entry.get("lacks")),
            released=released if isinstance(released, str) else "",
            active=entry.get("active") is not False,
            raw=raw if isinstance(raw, dict) else {},
        )


def _abilities(value: Any) -> frozenset[str]:
    words = value if isinstance(value, list) else ()
    return frozenset(word for word in words if isinstance(word, str))


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _price(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) else None
