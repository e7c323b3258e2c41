"""What a request costs besides its messages."""

from typing import Any

import pytest

from chat_tui.core.estimate import PRIMING
from chat_tui.core.messages import ChatMessage, Role, TextPart
from chat_tui.tokens import get_encoding
from chat_tui.tokens.messages import Countable, of_message
from chat_tui.tokens.models import encoding_name
from chat_tui.tokens.tools import of_request

UNIT = {
    "type": "string",
    "description": "The unit of temperature to return",
    "enum": ["celsius", "fahrenheit"],
}
PLACE = {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}


def function(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "description": "Get the current weather in a given location.",
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                **more,
            },
        },
    }


WEATHER = function({"location": PLACE, "unit": UNIT})


def counted(countable: Countable, model: str) -> int:
    encoding = get_encoding(encoding_name(model))
    return countable.fixed + sum(len(encoding.encode_ordinary(text)) for text in countable.texts)


def said(role: Role, text: str, name: str = "") -> ChatMessage:
    return ChatMessage("1", role, (TextPart(text),), name=name)


@pytest.mark.parametrize(
    ("model", "tokens"), [("gpt-3.5-turbo", 105), ("gpt-4", 105), ("gpt-4o", 101)]
)
def test_a_request_with_tools_has_the_published_tokens(model: str, tokens: int) -> None:
    """From OpenAI's cookbook, as its API has counted them."""
    messages = (
        said(
            "system",
            "You are a helpful assistant that can answer to questions about the weather.",
        ),
        said("user", "What's the weather like in San Francisco?"),
    )
    total = counted(of_request({"tools": [WEATHER]}, model), model)

    assert total + sum(counted(of_message(each), model) for each in messages) == tokens


def test_a_request_with_names_has_the_published_tokens() -> None:
    """From OpenAI's cookbook, as its API has counted them."""
    messages = (
        said(
            "system",
            "You are a helpful, pattern-following assistant that translates corporate jargon into "
            "plain English.",
        ),
        said("system", "New synergies will help drive top-line growth.", "example_user"),
        said("system", "Things working well together will increase revenue.", "example_assistant"),
        said(
            "system",
            "Let's circle back when we have more bandwidth to touch base on opportunities for "
            "increased leverage.",
            "example_user",
        ),
        said(
            "system",
            "Let's talk later when we're less busy about how to do better.",
            "example_assistant",
        ),
        said(
            "user",
            "This late pivot means we don't have time to boil the ocean for the client "
            "deliverable.",
        ),
    )
    tokens = {
        model: counted(of_request({}, model), model)
        + sum(counted(of_message(each), model) for each in messages)
        for model in ("gpt-4", "gpt-4o")
    }

    assert tokens == {"gpt-4": 129, "gpt-4o": 124}


def test_nothing_but_the_reply_is_primed_without_tools() -> None:
    assert of_request({"temperature": 1, "tools": []}, "gpt-4o") == Countable(PRIMING)
    assert of_request({"response_format": {"type": "json_object"}}, "x") == Countable(PRIMING)


def test_a_function_without_properties() -> None:
    bare = {"type": "function", "function": {"name": "now"}}

    assert of_request({"tools": [bare]}, "gpt-4o") == Countable(PRIMING + 12 + 7, ("now:",))
    assert of_request({"tools": [bare, bare]}, "gpt-4").fixed == PRIMING + 12 + 2 * 10


def test_what_no_rule_is_published_for_is_counted_as_its_json() -> None:
    days = {"type": "array", "description": "Days.", "items": {"type": "object"}, "minItems": 1}
    tool = function({"days": days, "any": True, "of": {"type": ["string", "null"], "enum": [1]}})
    other = {"type": "web_search", "size": "high"}
    countable = of_request({"tools": [tool, other]}, "gpt-4o")

    assert countable.texts[1:] == (
        "days:array:Days",
        '{"items":{"type":"object"},"minItems":1}',
        "any:",
        "true",
        'of:["string","null"]:',
        "1",
        '{"type":"web_search","size":"high"}',
    )
    assert countable.fixed == PRIMING + 12 + 7 + 3 + 3 * 3 + (-3 + 3)
    defined = of_request({"tools": [function({}, **{"$defs": {"a": 1}})]}, "gpt-4o")
    assert defined.texts[-1] == '{"$defs":{"a":1}}'


def test_a_schema_is_counted_as_its_json_and_extra_fields_go_over_all_others() -> None:
    schema = {"name": "answer", "schema": {"type": "object"}}
    format_ = {"type": "json_schema", "json_schema": schema}
    told = Countable(PRIMING, ('{"name":"answer","schema":{"type":"object"}}',))

    assert of_request({"response_format": format_}, "gpt-4o") == told
    assert of_request({"extra": {"response_format": format_}}, "gpt-4o") == told
    assert of_request({"tools": [WEATHER], "extra": {"tools": None}}, "x") == Countable(PRIMING)
