"""What a request costs besides its messages: what primes the reply, tool definitions, a schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chat_tui.core.estimate import PRIMING
from chat_tui.tokens.messages import Countable
from chat_tui.tokens.models import O200K, encoding_name

_PER_LIST = 12
_PER_FUNCTION = {O200K: 7}
_PER_FUNCTION_BEFORE = 10
"""For the vocabularies before gpt-4o's."""
_ANY_PROPERTIES = 3
_PER_PROPERTY = 3
_ANY_VALUES = -3
_PER_VALUE = 3

_COUNTED = frozenset({"type", "description", "enum"})
"""Fields of a property that the published rule counts."""
_NOT_COUNTED = frozenset(
    {"type", "properties", "required", "additionalProperties", "title", "$schema"}
)
"""Fields of the parameters that cost nothing by the published rule, or are counted one by one."""


def of_request(parameters: Mapping[str, Any], model: str) -> Countable:
    """What is counted of a request besides its messages.

    Args:
        parameters: of the request; fields of `extra` go over all others, as they do on the wire.
        model: it goes to.
    """
    extra = parameters.get("extra")
    given = {**parameters, **extra} if isinstance(extra, Mapping) else parameters
    fixed, texts = PRIMING, list(_schema(given.get("response_format")))
    tools = given.get("tools")
    if isinstance(tools, list) and tools:
        each = _PER_FUNCTION.get(encoding_name(model), _PER_FUNCTION_BEFORE)
        counted = [_tool(tool, each) for tool in tools]
        fixed += _PER_LIST + sum(tool.fixed for tool in counted)
        texts += (text for tool in counted for text in tool.texts)
    return Countable(fixed, tuple(texts))


def _schema(response_format: Any) -> Iterator[str]:
    """The JSON of a schema that the reply must follow: nothing is published about it."""
    if isinstance(response_format, Mapping) and response_format.get("json_schema"):
        yield _json(response_format["json_schema"])


def _tool(tool: Any, fixed: int) -> Countable:
    """A tool: a function by the published rule; what only its provider knows as its JSON."""
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping):
        return Countable(0, (_json(tool),))
    texts = [f"{function.get('name', '')}:{_sentence(function)}"]
    parameters = function.get("parameters")
    if isinstance(parameters, Mapping):
        properties = parameters.get("properties")
        if isinstance(properties, Mapping) and properties:
            fixed += _ANY_PROPERTIES
            for name, facts in properties.items():
                counted = _property(name, facts)
                fixed += counted.fixed
                texts += counted.texts
        texts += _rest(parameters, _NOT_COUNTED)
    return Countable(fixed, tuple(texts))


def _property(name: str, facts: Any) -> Countable:
    if not isinstance(facts, Mapping):
        return Countable(_PER_PROPERTY, (f"{name}:", _json(facts)))
    fixed = _PER_PROPERTY
    kind = facts.get("type", "")
    texts = [f"{name}:{kind if isinstance(kind, str) else _json(kind)}:{_sentence(facts)}"]
    values = facts.get("enum")
    if isinstance(values, list):
        fixed += _ANY_VALUES + _PER_VALUE * len(values)
        texts += (value if isinstance(value, str) else _json(value) for value in values)
    return Countable(fixed, (*texts, *_rest(facts, _COUNTED)))


def _rest(fields: Mapping[str, Any], counted: frozenset[str]) -> Iterator[str]:
    """The JSON of what no rule is published for: nested properties, definitions, limits."""
    if rest := {name: value for name, value in fields.items() if name not in counted}:
        yield _json(rest)


def _sentence(fields: Mapping[str, Any]) -> str:
    """The description without its final full stop."""
    return str(fields.get("description") or "").removesuffix(".")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
