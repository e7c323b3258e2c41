"""Theme files: read, checked in full, and each failing alone.

Textual crashes when a bad theme is applied, not when it is loaded; so every field is checked
here, and a theme that is not usable becomes a sentence.
"""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from chat_tui.core.texts import text

_COLOURS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)


def theme_folder() -> Path:
    """The folder of the shipped themes: in the package when installed, else beside it."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


@cache
def _variables() -> frozenset[str]:
    """The names of Textual's variables; made once for all files (2 ms)."""
    return frozenset(Theme("", primary="#000000").to_color_system().generate())


def unknown_theme(name: str, own: Sequence[Theme]) -> str:
    """What is wrong with the name of a theme; empty where there is such a theme.

    Args:
        name: as it stands in the settings.
        own: the themes beside Textual's.
    """
    names = sorted({theme.name for theme in own} | set(BUILTIN_THEMES))
    if name in names:
        return ""
    near = get_close_matches(name, names, n=3) or [theme.name for theme in own]
    return text("problem.unknown-theme", name=name, names=", ".join(near))


def load_themes(*folders: Path) -> tuple[list[Theme], list[str]]:
    """Read all theme files (`*.toml`) of some folders; gives themes and problems."""
    themes: list[Theme] = []
    problems: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                themes.append(read_theme(path))
            except (OSError, ValueError) as reason:
                problems.append(text("problem.theme", path=path, reason=reason))
    return themes, problems


def read_theme(path: Path) -> Theme:
    """Read one theme file.

    Raises:
        ValueError: a field is missing, unknown or no colour; the message names it.
        OSError: the file cannot be read.
    """
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    variables = data.pop("variables", {})
    dark = data.pop("dark", None)
    if not isinstance(dark, bool):
        raise ValueError("dark = true or dark = false is missing")
    if missing := [name for name in _COLOURS if name not in data]:
        raise ValueError(f"{missing[0]} is missing")
    if unknown := [name for name in data if name not in _COLOURS]:
        raise ValueError(f"{unknown[0]} is not a field of a theme")
    for name, value in {**data, **variables}.items():
        if name in variables and name not in _variables():
            raise ValueError(f"variables.{name} is not a variable of Textual")
        try:
            Color.parse(value)
        except (ColorParseError, TypeError, AttributeError):
            raise ValueError(f"{name} = {value!r} is no colour, for example #aabbcc") from None
    return Theme(name=path.stem, dark=dark, variables=dict(variables), **data)
