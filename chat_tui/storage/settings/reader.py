"""The tables of the settings file, read into `Settings`; see `file`."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import (
    PARAMETERS,
    check_parameter,
    check_parameters,
    definition,
    parse_parameter,
)
from chat_tui.core.settings import SETTINGS, Settings
from chat_tui.storage.settings.faults import Faults
from chat_tui.storage.settings.provider import read_provider
from chat_tui.storage.settings.toml_text import lines_of_keys

TABLES = ("providers", "parameters", "keys")
"""What the file holds beside the scalar settings."""

AS_JSON = frozenset({"object", "list", "tool_choice"})
"""Kinds of parameters whose value may be written as a text that holds JSON: TOML has no null."""


def read_tables(
    path: Path, text: str, table: Mapping[str, Any], built_in: Collection[str]
) -> tuple[Settings, list[str]]:
    """The settings, valid as they are, and sentences about what was wrong.

    Args:
        path: of the file, for the sentences.
        text: of the file, for the lines.
        table: what it says.
        built_in: names of providers that may do without a base URL.
    """
    faults = Faults(path, lines_of_keys(text))
    values: dict[str, Any] = {}
    known = {setting.name: setting for setting in SETTINGS}
    for name, value in table.items():
        if name in known:
            if faults.fits((name,), value, known[name]):
                values[name] = value
        elif name not in TABLES:
            faults.unknown((name,), (*known, *TABLES))
    profiles = {
        name: read_provider(name, value, faults, name in built_in)
        for name, value in faults.table(table, ("providers",)).items()
    }
    settings = replace(
        Settings(**values),
        providers={name: profile for name, profile in profiles.items() if profile is not None},
        parameters=_parameters(faults.table(table, ("parameters",)), faults),
        keys=_keys(faults.table(table, ("keys",)), faults),
    )
    return settings, faults.problems


def _parameters(table: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    good: dict[str, Any] = {}
    names: dict[str, str] = {}
    for written, value in table.items():
        key = ("parameters", written)
        try:
            what = definition(written)
        except UsageError:
            faults.unknown(key, [each.name for each in PARAMETERS], "parameter")
            continue
        checked = _checked(written, value)
        if checked is None:
            faults.expect(key, what.expected)
        elif what.name in good:
            faults.add(key, f"is the same as {names[what.name]}, which is given already")
        else:
            good[what.name] = checked
            names[what.name] = written
    while fault := _refusal(good):
        name = next(
            (each for each in good if _refusal(_but(good, each)) != fault), next(iter(good))
        )
        faults.add(("parameters", names[name]), f"is left out: {fault.rstrip('.')}")
        del good[name]
    return good


def _checked(name: str, value: Any) -> Any:
    """The value of a parameter; None where it cannot be sent."""
    try:
        if isinstance(value, str) and definition(name).kind in AS_JSON:
            return parse_parameter(name, value)
        # Dates, and numbers that are none, cannot go into a request.
        json.dumps(value, allow_nan=False)
        return check_parameter(name, value)
    except (UsageError, TypeError, ValueError, RecursionError):
        return None


def _refusal(parameters: Mapping[str, Any]) -> str:
    """Why parameters cannot be sent together; empty where they can. It holds no values."""
    try:
        check_parameters(parameters)
    except UsageError as error:
        return error.message
    return ""


def _but(parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in parameters.items() if each != name}


def _keys(table: Mapping[str, Any], faults: Faults) -> dict[str, str]:
    keys: dict[str, str] = {}
    for action, value in table.items():
        if isinstance(value, str) and all(key.strip() for key in value.split(",")):
            keys[action] = ",".join(key.strip() for key in value.split(","))
        else:
            faults.expect(("keys", action), 'keys in quotes, like "f2, ctrl+r"')
    return keys
