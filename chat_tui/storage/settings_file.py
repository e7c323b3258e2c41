"""The settings file, `config.toml`: read whole, every fault told at once, none of them fatal."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chat_tui.core.safety import clean_line
from chat_tui.core.settings import SETTINGS, Settings
from chat_tui.core.targets import DEMO, ProviderProfile

MAX_BYTES = 1024 * 1024

_TYPES = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}
_TABLES = ("providers", "keys")
_PROVIDER_KEYS = ("base_url", "key_env", "model", "label", "headers")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_KEY_HEADERS = ("authorization", "api-key", "x-api-key")
_TABLE_LINE = re.compile(r"\s*\[\s*([^\]]+?)\s*\]")
_KEY_LINE = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_.-]+))\s*=")


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """What was read, valid as it is, and what was wrong."""

    settings: Settings
    problems: tuple[str, ...] = ()
    """Sentences that name the file, the line where it is known, the key and what is expected.
    They never hold a value: it might be a key."""


def read_settings(path: Path) -> SettingsReport:
    """Read the settings. A missing file means the defaults; wrong values too, with a problem."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return SettingsReport(Settings())
    except OSError as error:
        return SettingsReport(Settings(), (f"{path} cannot be read: {error.strerror or error}.",))
    if len(content) > MAX_BYTES:
        return SettingsReport(Settings(), (f"{path} is larger than 1 MB and was not read.",))
    # 6 ms, saved where there is no settings file.
    import tomllib

    try:
        text = content.decode("utf-8-sig")
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return SettingsReport(Settings(), (f"{path} is not UTF-8 text and was not read.",))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = f"{path} is not valid TOML and was not read: {clean_line(str(error))}."
        return SettingsReport(Settings(), (problem,))
    reader = _Reader(path, text)
    return SettingsReport(reader.settings(table), tuple(reader.problems))


class _Reader:
    """Reads the tables of one file and gathers what is wrong."""

    def __init__(self, path: Path, text: str) -> None:
        self.problems: list[str] = []
        self._path = path
        self._lines = _lines_of_keys(text)

    def settings(self, table: Mapping[str, Any]) -> Settings:
        """Read the whole file."""
        values: dict[str, Any] = {}
        types = {setting.name: setting.type for setting in SETTINGS}
        for name, value in table.items():
            if name in types:
                if self._is(value, types[name], name):
                    values[name] = value
            elif name not in _TABLES:
                self._unknown(name, name, (*types, *_TABLES))
        providers = self._table(table, "providers")
        profiles = {name: self._provider(name, value) for name, value in providers.items()}
        return replace(
            Settings(**values),
            providers={name: profile for name, profile in profiles.items() if profile},
            keys=self._keys(self._table(table, "keys")),
        )

    def _provider(self, name: str, value: Any) -> ProviderProfile | None:
        key = f"providers.{name}"
        if not _NAME.fullmatch(name) or name == DEMO:
            self._problem(key, "is not a name for a provider: letters, digits, - and _ make one")
            return None
        if not isinstance(value, dict):
            self._problem(key, f"is expected to be a table, [{key}]")
            return None
        for known in value:
            if known not in _PROVIDER_KEYS:
                self._unknown(f"{key}.{known}", known, _PROVIDER_KEYS)
        base_url = self._text(value, key, "base_url")
        if not re.match(r"https?://[^\s/]", base_url):
            self._problem(
                f"{key}.base_url" if "base_url" in value else key,
                "needs a base_url that begins with https:// or http://",
            )
            return None
        key_env = self._text(value, key, "key_env")
        if key_env and not _VARIABLE.fullmatch(key_env):
            self._problem(
                f"{key}.key_env",
                "is expected to be the name of an environment variable, not the key itself",
            )
            key_env = ""
        return ProviderProfile(
            name,
            base_url,
            key_env,
            self._text(value, key, "model"),
            self._text(value, key, "label"),
            self._headers(value, f"{key}.headers"),
        )

    def _headers(self, provider: Mapping[str, Any], key: str) -> dict[str, str]:
        headers: dict[str, str] = {}
        for name, value in self._table(provider, "headers", key).items():
            if name.lower() in _KEY_HEADERS:
                self._problem(
                    f"{key}.{name}", "is not for this file; name the key's variable with key_env"
                )
            elif not _HEADER.fullmatch(name):
                self._problem(f"{key}.{name}", "is not a name for a header")
            elif not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
                self._problem(f"{key}.{name}", "is expected to be a text of ASCII characters")
            else:
                headers[name] = value
        return headers

    def _keys(self, table: Mapping[str, Any]) -> dict[str, str]:
        keys: dict[str, str] = {}
        for action, value in table.items():
            if isinstance(value, str) and all(key.strip() for key in value.split(",")):
                keys[action] = ",".join(key.strip() for key in value.split(","))
            else:
                self._problem(
                    f"keys.{action}", 'is expected to be keys in quotes, like "f2, ctrl+r"'
                )
        return keys

    def _table(self, values: Mapping[str, Any], name: str, key: str = "") -> Mapping[str, Any]:
        table = values.get(name, {})
        if isinstance(table, dict):
            return table
        self._problem(key or name, f"is expected to be a table, [{key or name}]")
        return {}

    def _text(self, values: Mapping[str, Any], table: str, name: str) -> str:
        value = values.get(name, "")
        return value if self._is(value, str, f"{table}.{name}") else ""

    def _is(self, value: Any, wanted: type, key: str) -> bool:
        if type(value) is wanted or (wanted is float and type(value) is int):
            return True
        self._problem(key, f"is expected to be {_TYPES[wanted]}")
        return False

    def _unknown(self, key: str, name: str, known: Iterable[str]) -> None:
        close = difflib.get_close_matches(name, list(known), 1)
        advice = f"; did you mean {close[0]}?" if close else ""
        self._problem(key, f"is not a setting{advice}")

    def _problem(self, key: str, what: str) -> None:
        line = self._lines.get(key)
        place = f"{self._path}, line {line}" if line else f"{self._path}"
        end = "" if what.endswith("?") else "."
        self.problems.append(f"{place}: {clean_line(key, code=True)} {what}{end}")


def _lines_of_keys(text: str) -> dict[str, int]:
    """Where each key stands, by its dotted name; as far as that shows without a parser."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _TABLE_LINE.match(line):
            table = match[1].replace('"', "").replace("'", "")
            lines.setdefault(table, number)
        elif match := _KEY_LINE.match(line):
            key = next(group for group in match.groups() if group is not None)
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines
