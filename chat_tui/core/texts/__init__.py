"""The texts of the interface, in one catalogue."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _catalogue() -> dict[str, str]:
    return _texts_of("en.toml") | _texts_of("en-screens.toml")


@cache
def _texts_of(file: str) -> dict[str, str]:
    source = Path(__file__).with_name(file).read_text(encoding="utf-8")
    flat: dict[str, str] = {}
    _flatten("", tomllib.loads(source), flat)
    return flat


def _flatten(prefix: str, table: dict[str, Any], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[prefix + key] = str(value)


def text(key: str, /, **values: object) -> str:
    """A text of the interface by its key (`table.key` of the TOML files), with values filled in.

    Raises:
        KeyError: there is no such text; a test asks for all that the code names.
    """
    # The texts of the first frame stand in a file of their own: reading all costs 2 ms more.
    template = _texts_of("en.toml").get(key) or _catalogue()[key]
    return template.format(**values) if values else template


def has_text(key: str) -> bool:
    """Whether the catalogue has a text."""
    return key in _catalogue()
