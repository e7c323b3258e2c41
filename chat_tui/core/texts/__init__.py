"""The texts of the interface, in one catalogue."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def _catalogue() -> dict[str, str]:
    source = resources.files(__name__).joinpath("en.toml").read_text(encoding="utf-8")
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
    """A text of the interface by its key (`table.key` of en.toml), with values filled in.

    Raises:
        KeyError: there is no such text; a test asks for all that the code names.
    """
    template = _catalogue()[key]
    return template.format(**values) if values else template


def has_text(key: str) -> bool:
    """Whether the catalogue has a text."""
    return key in _catalogue()
