"""Request parameters as the command line of `ask` gives them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chat_tui.cli.options import AskOptions
from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import check_parameters, definition, parse_parameter

_MAX_SCHEMA_BYTES = 1024 * 1024
_MAX_NAME = 64


def given_parameters(options: AskOptions) -> dict[str, Any]:
    """What `-p`, `--json-mode` and `--schema` say, by the parameters' names.

    Where a name comes several times, the last one counts; None takes a parameter out.

    Raises:
        UsageError: one or more of them are wrong; all are named.
    """
    given: dict[str, Any] = {}
    wrong: list[UsageError] = []
    for written in options.parameters:
        try:
            name, value = _parse(written)
            given[name] = value
        except UsageError as error:
            wrong.append(error)
    try:
        if (wanted := _response_format(options)) is not None:
            _refuse_second_format(options, given)
            given["response_format"] = wanted
    except UsageError as error:
        wrong.append(error)
    if wrong:
        raise _all_of(wrong)
    return given


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a conversation, or the defaults, as the command line changes them.

    Raises:
        UsageError: they may not be sent, or not together.
    """
    return check_parameters({**before, **given})


def _parse(written: str) -> tuple[str, Any]:
    name, equals, value = written.partition("=")
    name = name.strip()
    if not equals or not name:
        raise UsageError(
            f"-p {written} is no name=value.",
            hint=f"Write -p {name or 'name'}=VALUE, or -p {name or 'name'}= to leave it out.",
        )
    return definition(name).name, parse_parameter(name, value)


def _all_of(wrong: list[UsageError]) -> UsageError:
    if len(wrong) == 1:
        return wrong[0]
    lines = [f"  {error.told}" for error in wrong]
    return UsageError("\n".join([f"{len(wrong)} parameters are wrong:", *lines]))


def _refuse_second_format(options: AskOptions, given: Mapping[str, Any]) -> None:
    if given.get("response_format") is not None:
        option = "--json-mode" if options.json_mode else "--schema"
        raise UsageError(
            f"{option} and -p response_format both say what the answer is to be.",
            hint="Give one of them.",
        )


def _response_format(options: AskOptions) -> dict[str, Any] | None:
    if options.json_mode:
        return {"type": "json_object"}
    if options.schema is None:
        return None
    return _format_of(_read(options.schema), options.schema)


def _read(file: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        UsageError: it cannot be read, or is none; names the place.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_SCHEMA_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"The schema {file} cannot be read: {error.strerror or error}.",
            hint="Name a file that holds a JSON schema.",
        ) from error
    if len(content) > _MAX_SCHEMA_BYTES:
        raise UsageError(f"The schema {file} has more than 1 MB.", hint="Name another file.")
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{file}: line {error.lineno}, column {error.colno}: {error.msg}.",
            hint="The schema must be JSON.",
        ) from error
    except (ValueError, RecursionError) as error:
        why = "is nested too deeply" if isinstance(error, RecursionError) else "is no UTF-8 text"
        raise UsageError(f"The schema {file} {why}.", hint="The schema must be JSON.") from error
    if not isinstance(value, dict):
        raise UsageError(
            f"{file}: line 1, column 1: a JSON schema is an object.",
            hint='Begin it with {"type": "object", …',
        )
    return value


def _format_of(value: dict[str, Any], file: Path) -> dict[str, Any]:
    """The `response_format` of a file: a schema alone, one with its name, or all of it."""
    if value.get("type") == "json_schema" and isinstance(value.get("json_schema"), dict):
        return value
    if isinstance(value.get("name"), str) and isinstance(value.get("schema"), dict):
        named = {key: each for key, each in value.items() if key != "type"}
        return {"type": "json_schema", "json_schema": named}
    title = value.get("title")
    name = _as_name(title if isinstance(title, str) else "") or _as_name(file.stem) or "schema"
    schema = {"name": name, "strict": _may_be_strict(value), "schema": value}
    return {"type": "json_schema", "json_schema": schema}


def _as_name(words: str) -> str:
    """Words as the API takes them for a name: A–Z, a–z, 0–9, `_` and `-`, 64 at the most."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", words).strip("_")[:_MAX_NAME]


def _may_be_strict(schema: object) -> bool:
    """Whether a schema is written as the strict mode asks; others are refused in that mode.

    It wants an object at the top, and of every object that all properties are required and
    that there are no others.
    """
    return isinstance(schema, dict) and schema.get("type") == "object" and _is_closed(schema)


def _is_closed(schema: object) -> bool:
    waiting = [schema]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting += current
        elif isinstance(current, dict):
            properties = current.get("properties")
            if isinstance(properties, dict) or current.get("type") == "object":
                names = set(properties) if isinstance(properties, dict) else set()
                required = current.get("required", [])
                whole = isinstance(required, list) and names == set(map(str, required))
                if not whole or current.get("additionalProperties") is not False:
                    return False
                # The names of properties are no keywords.
                waiting += properties.values() if isinstance(properties, dict) else ()
            waiting += [each for key, each in current.items() if key in _SUBSCHEMAS]
            for key in ("$defs", "definitions"):
                waiting += current[key].values() if isinstance(current.get(key), dict) else ()
    return True


_SUBSCHEMAS = {"items", "prefixItems", "anyOf", "oneOf", "allOf", "not"}
