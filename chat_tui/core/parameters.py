"""The parameters of a request, defined once: type, range, and what they are for.

`ask -p`, the parameters screen, the settings file and the check before sending are made from
`PARAMETERS`. Ranges are those of the API reference; the sentence about each one stands in the
catalogue of texts as `parameter.NAME`.
"""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chat_tui.core.errors import UsageError
from chat_tui.core.texts import text

ParameterKind = Literal[
    "number", "integer", "boolean", "text", "choice", "stop", "object", "list", "tool_choice"
]
"""How a value is written and checked. `stop` is a text or up to four, `tool_choice` a word or an
object."""

_MAX_STOPS = 4
_LONGEST_SHOWN = 60


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
                return f"one of {', '.join(self.choices)}"
            case "stop":
                return f"a text, or a JSON list of up to {_MAX_STOPS} texts"
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
    close = difflib.get_close_matches(name, [*_BY_NAME, *_ALIASES], 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    raise UsageError(
        f"There is no parameter {name}.",
        hint=_ELSEWHERE.get(name)
        or f'{guess}Anything else that a provider takes goes into extra={{"{name}": …}}.',
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
    value: Any = written
    if what.kind not in ("text", "choice"):
        try:
            value = json.loads(stripped, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            if what.kind not in ("stop", "tool_choice"):
                raise _refused(what, written) from None
            value = written
        if what.kind == "stop" and not isinstance(value, str | list):
            # `-p stop=42` means the text.
            value = written
    elif what.kind == "choice":
        value = stripped
    return check_parameter(name, value)


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
    if checked.get("top_logprobs") is not None and not checked.get("logprobs"):
        raise UsageError("top_logprobs is given without logprobs.", hint="Add logprobs=true.")
    if checked.get("tool_choice") not in (None, "none") and not checked.get("tools"):
        raise UsageError(
            "tool_choice is given without tools.", hint="Add tools, or leave tool_choice out."
        )
    return checked


def written(value: Any) -> str:
    """A value as it would be typed; `parse_parameter` reads it again."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _checked(what: ParameterDefinition, value: Any) -> Any:
    """The value where it is one for the parameter, else None."""
    match what.kind:
        case "number" | "integer":
            return _number(what, value)
        case "boolean":
            return value if isinstance(value, bool) else None
        case "text":
            return value if isinstance(value, str) and value else None
        case "choice":
            fits = isinstance(value, str) and (what.open or value in what.choices)
            return value if fits and value.isprintable() else None
        case "stop":
            return _stops(value)
        case "list":
            return _tools(value)
        case "tool_choice":
            return value if value in what.choices or _names_function(value) else None
        case "object":
            return value if isinstance(value, dict) and _fits_object(what.name, value) else None


def _number(what: ParameterDefinition, value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if what.kind == "integer" and not isinstance(value, int):
        return None
    too_low = what.low is not None and value < what.low
    too_high = what.high is not None and value > what.high
    # NaN is neither.
    return None if too_low or too_high or value != value else value


def _stops(value: Any) -> str | list[str] | None:
    if isinstance(value, str):
        return value or None
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_STOPS:
        return None
    return value if all(isinstance(each, str) and each for each in value) else None


def _tools(value: Any) -> list[Any] | None:
    if not isinstance(value, list) or not value:
        return None
    return value if all(isinstance(each, dict) and each.get("type") for each in value) else None


def _names_function(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str)


def _fits_object(name: str, value: dict[str, Any]) -> bool:
    match name:
        case "response_format":
            return _is_format(value)
        case "logit_bias":
            return all(
                isinstance(bias, int | float) and not isinstance(bias, bool) and -100 <= bias <= 100
                for bias in value.values()
            )
        case _:
            return True


def _is_format(value: dict[str, Any]) -> bool:
    if value.get("type") != "json_schema":
        return value.get("type") in ("text", "json_object")
    schema = value.get("json_schema")
    return isinstance(schema, dict) and isinstance(schema.get("name"), str)


def _refused(what: ParameterDefinition, value: Any) -> UsageError:
    shown = written(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    more = _OBJECTS.get(what.name, "")
    return UsageError(
        f"{what.name} cannot be {shown}.", hint=f"It is {what.expected}{more}.".replace("..", ".")
    )


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
