"""The table of parameters: what is read, what is refused, and in which words."""

import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import (
    PARAMETERS,
    check_parameter,
    check_parameters,
    definition,
    parse_parameter,
    written,
)
from tests.examples import examples

FUNCTION = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.7", 0.7),
        ("temperature", " 2 ", 2),
        ("temperature", ".5", 0.5),
        ("temperature", "1.0", 1),
        ("top_p", "0", 0),
        ("max_tokens", "1e3", 1000),
        ("max_completion_tokens", "7", 7),
        ("seed", "-42", -42),
        ("seed", "9223372036854775807", 2**63 - 1),
        ("n", "128", 128),
        ("presence_penalty", "-2", -2),
        ("frequency_penalty", "+2", 2),
        ("stop", "END", "END"),
        ("stop", " END", " END"),
        ("stop", "42", "42"),
        ("stop", '"\\n"', "\n"),
        ("stop", '["a","b"]', ["a", "b"]),
        ("logprobs", "true", True),
        ("logprobs", "False", False),
        ("top_logprobs", "20", 20),
        ("user", "me", "me"),
        ("user", "42", "42"),
        ("user", '"me"', "me"),
        ("reasoning_effort", " high ", "high"),
        ("reasoning_effort", "turbo", "turbo"),
        ("response_format", "json_object", {"type": "json_object"}),
        ("response_format", '{"type":"text"}', {"type": "text"}),
        ("tools", json.dumps([FUNCTION]), [FUNCTION]),
        ("tools", '[{"type":"web_search"}]', [{"type": "web_search"}]),
        ("tool_choice", "auto", "auto"),
        ("tool_choice", json.dumps(FUNCTION), FUNCTION),
        ("parallel_tool_calls", "false", False),
        ("logit_bias", '{"50256":-100}', {"50256": -100}),
        ("stream", "false", False),
        ("stream_options", '{"include_usage":false}', {"include_usage": False}),
        ("extra", '{"top_k":40}', {"top_k": 40}),
        ("extra", "null", None),
        ("temperature", "", None),
    ],
)
def test_what_is_written_is_read(name: str, text: str, value: Any) -> None:
    got = parse_parameter(name, text)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "range_"),
    [
        ("temperature", "2.1", "a number from 0 to 2"),
        ("temperature", "-0.1", "a number from 0 to 2"),
        ("temperature", "warm", "a number from 0 to 2"),
        ("temperature", "NaN", "a number from 0 to 2"),
        ("temperature", "1e999", "a number from 0 to 2"),
        ("temperature", "true", "a number from 0 to 2"),
        ("top_p", "1.01", "a number from 0 to 1"),
        ("max_tokens", "0", "a whole number from 1 on"),
        ("max_tokens", "1.5", "a whole number from 1 on"),
        ("max_tokens", "1e300", "a whole number from 1 on"),
        pytest.param("max_tokens", "9" * 5000, "a whole number from 1 on", id="5,000 digits"),
        ("n", "129", "a whole number from 1 to 128"),
        ("seed", "9223372036854775808", "a whole number of 64 bits"),
        ("presence_penalty", "2.5", "a number from -2 to 2"),
        ("frequency_penalty", "-3", "a number from -2 to 2"),
        ("top_logprobs", "21", "a whole number from 0 to 20"),
        ("logprobs", "maybe", "true or false"),
        ("stop", "[]", "up to 4 texts"),
        ("stop", '["1","2","3","4","5"]', "up to 4 texts"),
        ("stop", '["a", 2]', "up to 4 texts"),
        ("response_format", "json", "a JSON object with a type"),
        ("response_format", '{"type":"json_schema"}', "a JSON object with a type"),
        ("tools", "[]", "a JSON list of functions"),
        ("tools", '[{"type":"function"}]', "a JSON list of functions"),
        ("tools", "{}", "a JSON list of functions"),
        ("tool_choice", "maybe", "one of none, auto, required, or a JSON object"),
        ("tool_choice", "{}", "one of none, auto, required, or a JSON object"),
        ("logit_bias", '{"5":101}', "from −100 to 100"),
        ("logit_bias", '{"word":1}', "token numbers"),
        ("logit_bias", '{"5":true}', "from −100 to 100"),
        ("stream_options", "[]", "a JSON object"),
        ("extra", "{top_k:1}", "a JSON object"),
        pytest.param("extra", "[" * 5000, "a JSON object", id="5,000 levels"),
    ],
)
def test_what_cannot_be_sent_is_named_with_its_range(name: str, text: str, range_: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_parameter(name, text)
    shown = text if len(text) <= 60 else text[:60] + "…"
    assert caught.value.message == f"{name} cannot be {shown}."
    assert range_ in caught.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("temperature", "0.5"),
        ("temperature", True),
        pytest.param("seed", 10**5000, id="more digits than Python writes"),
        ("seed", date(2024, 1, 1)),
        ("user", ""),
        ("user", 5),
        ("reasoning_effort", " "),
        ("reasoning_effort", "hi\x1b[31m"),
        ("extra", {"when": date(2024, 1, 1)}),
        ("extra", {"x": math.inf}),
        ("tools", [{**FUNCTION, "x": date(2024, 1, 1)}]),
        ("tool_choice", ["auto"]),
    ],
)
def test_values_of_other_kinds_are_refused_in_one_clean_line(name: str, value: Any) -> None:
    with pytest.raises(UsageError) as caught:
        check_parameter(name, value)
    assert caught.value.message.startswith(f"{name} cannot be ")
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 120


def test_an_unknown_name_is_guessed_at() -> None:
    with pytest.raises(UsageError) as caught:
        parse_parameter("temprature", "1")
    assert caught.value.message == "There is no parameter temprature."
    assert caught.value.hint.startswith("Did you mean temperature?")


def test_an_unknown_name_that_is_like_none_points_to_extra() -> None:
    with pytest.raises(UsageError) as caught:
        definition("zzz\x1b")
    assert caught.value.message == "There is no parameter zzz␛."
    assert 'extra={"zzz␛": …}' in caught.value.hint


def test_model_and_messages_are_named_elsewhere() -> None:
    with pytest.raises(UsageError, match="no parameter model") as caught:
        definition("model")
    assert caught.value.hint == "Name the model with -m."


def test_parameters_are_checked_together_under_their_own_names() -> None:
    given_ = {"max_completion_tokens": 5, "temperature": None, "top_logprobs": 2, "logprobs": True}
    assert check_parameters(given_) == {"max_tokens": 5, "top_logprobs": 2, "logprobs": True}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"top_logprobs": 3}, "top_logprobs is given without logprobs."),
        ({"top_logprobs": 3, "logprobs": False}, "top_logprobs is given without logprobs."),
        ({"tool_choice": "required"}, "tool_choice is given without tools."),
        ({"parallel_tool_calls": True}, "parallel_tool_calls is given without tools."),
        ({"temprature": 1}, "There is no parameter temprature."),
    ],
)
def test_what_cannot_be_sent_together_is_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_parameters(parameters)
    assert caught.value.message == message


def test_no_choice_of_tools_needs_no_tools() -> None:
    assert check_parameters({"tool_choice": "none"}) == {"tool_choice": "none"}


def test_every_parameter_says_what_it_is_for_and_takes() -> None:
    for each in PARAMETERS:
        assert each.help.endswith(".")
        assert each.expected
    assert definition("reasoning_effort").expected.startswith("a word such as none")


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
VALUES = st.one_of(
    st.tuples(st.just("temperature"), st.floats(0, 2)),
    st.tuples(st.just("seed"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("user"), NAMES),
    st.tuples(st.just("stop"), NAMES | st.lists(NAMES, min_size=1, max_size=4)),
    st.tuples(st.just("logprobs"), st.booleans()),
    st.tuples(st.just("extra"), st.dictionaries(NAMES, st.integers() | NAMES | st.none())),
    st.tuples(st.just("logit_bias"), st.dictionaries(st.integers(0, 9).map(str), st.just(5))),
)


@settings(derandomize=True, max_examples=examples(300))
@given(VALUES)
def test_what_is_shown_is_read_again(pair: tuple[str, Any]) -> None:
    name, value = pair
    line = written(value)
    assert "\n" not in line
    assert parse_parameter(name, line) == value
