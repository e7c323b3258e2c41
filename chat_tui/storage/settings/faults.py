"""What is wrong in the settings file: gathered while it is read, with place, key and advice."""

import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chat_tui.core.safety import clean_line
from chat_tui.core.settings import SettingDefinition
from chat_tui.storage.settings.toml_edit import key_text, rendered
from chat_tui.storage.settings.toml_text import KeyPath

_TYPES = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


class Faults:
    """Looks at values and gathers sentences about those that are wrong.

    The sentences name the file, the line where it is known, the key and what is expected. They
    never hold a value: it might be a key.

    Args:
        path: of the file.
        lines: where each key stands.
    """

    def __init__(self, path: Path, lines: Mapping[KeyPath, int]) -> None:
        self.problems: list[str] = []
        self._path = path
        self._lines = lines

    def add(self, key: KeyPath, what: str) -> None:
        """Note that something is wrong with a key; the words go on after its name."""
        line = self._lines.get(key)
        place = f"{self._path}, line {line}" if line else f"{self._path}"
        name = clean_line(".".join(map(key_text, key)), code=True)
        end = "" if what.endswith("?") else "."
        self.problems.append(f"{place}: {name} {what}{end}")

    def expect(self, key: KeyPath, what: str) -> None:
        """Note that a key has another value than one that is expected."""
        self.add(key, f"is expected to be {what}")

    def unknown(self, key: KeyPath, known: Iterable[str], noun: str = "setting") -> None:
        """Note that there is no such key, and which one may be meant."""
        close = difflib.get_close_matches(key[-1], list(known), 1)
        advice = f"; did you mean {close[0]}?" if close else ""
        self.add(key, f"is not a {noun}{advice}")

    def only(self, table: Mapping[str, Any], key: KeyPath, known: Iterable[str]) -> None:
        """Note all keys of a table that are not known."""
        known = tuple(known)
        for name in table:
            if name not in known:
                self.unknown((*key, name), known)

    def is_a(self, key: KeyPath, value: Any, wanted: type) -> bool:
        """Whether a value has a type; a whole number is a number, too."""
        if type(value) is wanted or (wanted is float and type(value) is int):
            return True
        self.expect(key, _TYPES[wanted])
        return False

    def fits(self, key: KeyPath, value: Any, setting: SettingDefinition) -> bool:
        """Whether a value can be that of a setting."""
        if not self.is_a(key, value, setting.type):
            return False
        if setting.choices and value not in setting.choices:
            *others, last = map(rendered, setting.choices)
            self.expect(key, f"{', '.join(others)} or {last}")
            return False
        least, most = setting.least, setting.most
        if (least is not None and value < least) or (most is not None and value > most):
            start = f" from {least}" if least is not None else ""
            end = f" to {most}" if most is not None else " on"
            self.expect(key, f"a whole number{start}{end}")
            return False
        return True

    def text(self, table: Mapping[str, Any], key: KeyPath, name: str) -> str:
        """A text of a table; empty where there is none."""
        value = table.get(name, "")
        return value if self.is_a((*key, name), value, str) else ""

    def flag(self, table: Mapping[str, Any], key: KeyPath, name: str, default: bool) -> bool:
        """A truth value of a table, or its default."""
        value = table.get(name, default)
        return value if self.is_a((*key, name), value, bool) else default

    def number(
        self, table: Mapping[str, Any], key: KeyPath, name: str, *, above: bool = False
    ) -> float | None:
        """A number of a table from 0 on (with `above`, above it); None where there is none."""
        value = table.get(name)
        if value is None:
            return None
        fits = type(value) in (int, float) and math.isfinite(value)
        if fits and (value > 0 if above else value >= 0):
            return float(value)
        self.expect((*key, name), "a number above 0" if above else "a number from 0 on")
        return None

    def table(self, table: Mapping[str, Any], key: KeyPath) -> Mapping[str, Any]:
        """A table inside one, by the last part of its key; empty where there is none."""
        value = table.get(key[-1], {})
        if isinstance(value, dict):
            return value
        self.expect(key, f"a table, [{'.'.join(map(key_text, key))}]")
        return {}

    def texts(self, table: Mapping[str, Any], key: KeyPath, example: str) -> tuple[str, ...]:
        """A list of texts inside a table, by the last part of its key."""
        value = table.get(key[-1], [])
        if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
            return tuple(value)
        self.expect(key, f"a list of texts, like {example}")
        return ()
