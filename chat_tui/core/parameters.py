"""The parameters of a request, defined once: type, range, and what they are for.

`ask -p`, the parameters screen, the settings file and the check before sending are made from
`PARAMETERS`. Ranges are those of the API reference; the sentence about each one stands in the
catalogue of texts as `parameter.NAME`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chat_tui.core.errors import UsageError
from chat_tui.core.parameter_values import (
    MAX_STOPS,
    PLAIN_FORMATS,
    fits_object,
    is_tool,
    read_number,
    read_stops,
    read_tools,
)
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

ParameterKind = Literal[
    "number", "integer", "boolean", "text", "choice", "stop", "object", "list", "tool_choice"
]
"""How a value is written and checked. `stop` is a text or up to four, `tool_choice` a word or an
object."""

_LONGEST_SHOWN = 60
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """One parameter of a request."""

    name: str
    """As the API spells it."""
    kind: ParameterKind
    low: float | None = None
    high: float | None = None
    """The range, both ends in it; None where it has no end."""
    choices: tuple[str, ...] = ()
    """The words it takes; of a `choice` that is `open`, those worth proposing."""
    open: bool = False
    """Whether other words go too: providers have their own."""
    default: str = ""
    """What servers take where it is not sent, in words; empty where that is up to them."""

    @property
    def help(self) -> str:
        """What it does, in a sentence."""
        return text(f"parameter.{self.name}")

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        match self.kind:
            case "number" | "integer":
                noun = "a number" if self.kind == "number" else "a whole number"
                return noun + _range_words(self.low, self.high)
            case "boolean":
                return "true or false"
            case "text":
                return "a text"
            case "choice":
                some = "a word such as" if self.open else "one of"
                return f"{some} {', '.join(self.choices)}"
            case "stop":
                return f"a text, or a JSON list of up to {MAX_STOPS} texts"
            case "object":
                return "a JSON object"
            case "list":
                return "a JSON list"
            case "tool_choice":
                return f"one of {', '.join(self.choices)}, or a JSON object that names a function"


PARAMETERS: tuple[ParameterDefinition, ...] = (
    ParameterDefinition("max_tokens", "integer", 1),
    ParameterDefinition("temperature", "number", 0, 2, default="1"),
    ParameterDefinition("top_p", "number", 0, 1, default="1"),
    ParameterDefinition(
        "reasoning_effort",
        "choice",
        choices=("none", "minimal", "low", "medium", "high", "xhigh"),
        open=True,
    ),
    ParameterDefinition("n", "integer", 1, 128, default="1"),
    ParameterDefinition("stop", "stop"),
    ParameterDefinition("seed", "integer", -(2**63), 2**63 - 1),
    ParameterDefinition("response_format", "object", default='{"type": "text"}'),
    ParameterDefinition("presence_penalty", "number", -2, 2, default="0"),
    ParameterDefinition("frequency_penalty", "number", -2, 2, default="0"),
    ParameterDefinition("tools", "list"),
    ParameterDefinition("tool_choice", "tool_choice", choices=("none", "auto", "required")),
    ParameterDefinition("parallel_tool_calls", "boolean", default="true"),
    ParameterDefinition("logprobs", "boolean", default="false"),
    ParameterDefinition("top_logprobs", "integer", 0, 20),
    ParameterDefinition("logit_bias", "object"),
    ParameterDefinition("user", "text"),
    ParameterDefinition("stream", "boolean", default="true"),
    ParameterDefinition("stream_options", "object", default='{"include_usage": true}'),
    ParameterDefinition("extra", "object"),
)
"""All of them, in the order in which they are shown. `max_completion_tokens` is a spelling of
`max_tokens`, chosen by the model; `extra` is an object whose fields go into the request as they
are."""

NEEDS: Mapping[str, str] = {
    "top_logprobs": "logprobs",
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
}
"""Parameters that servers take only beside another one."""

_BY_NAME = {definition.name: definition for definition in PARAMETERS}
_ALIASES = {"max_completion_tokens": "max_tokens"}
_ELSEWHERE = {
    "model": "Name the model with -m.",
    "messages": "Messages come from the conversation.",
}


def definition(name: str) -> ParameterDefinition:
    """The definition of a parameter, by its name or an alias of it.

    Raises:
        UsageError: there is none; the message says which one may be meant.
    """
    found = _BY_NAME.get(_ALIASES.get(name, name))
    if found is not None:
        return found
    # 3 ms, after a mistake alone.
    from difflib import get_close_matches

    close = get_close_matches(name, [*_BY_NAME, *_ALIASES], 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    shown = _shown(name)
    raise UsageError(
        f"There is no parameter {shown}.",
        hint=_ELSEWHERE.get(name)
        or f'{guess}Anything else that a provider takes goes into extra={{"{shown}": …}}.',
    )


def parse_parameter(name: str, written: str) -> Any:
    """The value of a parameter as it was written; None where it is to be left out.

    Args:
        name: of the parameter, or an alias.
        written: a word, a number, or JSON, as the parameter has it; empty or `null` takes it out.

    Raises:
        UsageError: there is no such parameter, or the value is none for it; names both.
    """
    what = definition(name)
    stripped = written.strip()
    if stripped in ("", "null"):
        return None
    checked = _checked(what, _read(what, stripped, written))
    if checked is None:
        raise _refused(what, written)
    return checked


def check_parameter(name: str, value: Any) -> Any:
    """A value that may be sent for a parameter; numbers that are whole become whole numbers.

    Raises:
        UsageError: there is no such parameter, or the value is none for it; names parameter,
            value and range.
    """
    what = definition(name)
    if value is None:
        return None
    checked = _checked(what, value)
    if checked is None:
        raise _refused(what, value)
    return checked


def check_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that may be sent together, by their names; those of None are left out.

    Raises:
        UsageError: one of them may not be sent, or not beside the others.
    """
    checked: dict[str, Any] = {}
    for name, value in parameters.items():
        if value is not None:
            checked[definition(name).name] = check_parameter(name, value)
    for name, needed in NEEDS.items():
        if checked.get(name) not in (None, "none") and not checked.get(needed):
            raise UsageError(
                f"{name} is given without {needed}.", hint=f"Add {needed}, or leave {name} out."
            )
    return checked


def written(value: Any) -> str:
    """A value as it would be typed, on one line; `parse_parameter` reads it again."""
    if isinstance(value, str):
        plain = value.strip() == value != "" and value.isprintable() and not _is_read(value)
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)


def _is_read(value: str) -> bool:
    """Whether a text would be read as something else than itself."""
    try:
        return json.loads(value) is None or isinstance(json.loads(value), str | list | dict)
    except (ValueError, RecursionError):
        return False


def _read(what: ParameterDefinition, stripped: str, written: str) -> Any:
    """What was written: as JSON where the parameter takes it, else the text, yet to be checked."""
    if what.kind in ("number", "integer"):
        if not _NUMBER.fullmatch(stripped):
            raise _refused(what, written)
        return int(stripped) if _WHOLE.fullmatch(stripped) else float(stripped)
    if what.name == "response_format" and stripped in PLAIN_FORMATS:
        return {"type": stripped}
    if what.kind == "boolean":
        stripped = stripped.lower()
    try:
        value = json.loads(stripped, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        if what.kind in ("object", "list", "boolean"):
            raise _refused(what, written) from None
        return stripped if what.kind in ("choice", "tool_choice") else written
    match what.kind:
        case "text" | "choice":
            fits = isinstance(value, str)
        case "stop" | "tool_choice":
            fits = isinstance(value, str | list | dict)
        case _:
            fits = True
    # `stop=42` and `user=42` mean the text.
    return value if fits else written


def _checked(what: ParameterDefinition, value: Any) -> Any:
    """The value where it is one for the parameter, else None."""
    match what.kind:
        case "number" | "integer":
            return read_number(value, what.low, what.high, whole=what.kind == "integer")
        case "boolean":
            return value if isinstance(value, bool) else None
        case "text":
            return value if isinstance(value, str) and value else None
        case "choice":
            fits = isinstance(value, str) and (what.open or value in what.choices)
            return value if fits and value.strip() and value.isprintable() else None
        case "stop":
            return read_stops(value)
        case "list":
            return read_tools(value)
        case "tool_choice":
            return value if value in what.choices or is_tool(value) else None
        case "object":
            return value if isinstance(value, dict) and fits_object(what.name, value) else None


def _refused(what: ParameterDefinition, value: Any) -> UsageError:
    more = _OBJECTS.get(what.name, "")
    return UsageError(
        f"{what.name} cannot be {_shown(value)}.", hint=f"It is {what.expected}{more}."
    )


def _shown(value: Any) -> str:
    """A value of any type for a message: one line, cut."""
    try:
        line = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        line = f"a {type(value).__name__} like this"
    line = clean_line(line) or '""'
    return line if len(line) <= _LONGEST_SHOWN else line[:_LONGEST_SHOWN] + "…"


_OBJECTS = {
    "response_format": ' with a type: {"type": "text"}, {"type": "json_object"}, or'
    ' {"type": "json_schema", "json_schema": {"name": …, "schema": …}}',
    "logit_bias": " of token numbers, each with a number from −100 to 100",
    "tools": ' of functions: [{"type": "function", "function": {"name": …}}]',
}


def _range_words(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f" from {low:g} on"
    if abs(high) > 2**53:
        return " of 64 bits"
    return f" from {low:g} to {high:g}"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
