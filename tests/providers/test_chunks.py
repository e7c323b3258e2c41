"""Every shape of chunk that `wire.md` counted."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.events import (
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chat_tui.core.messages import Usage
from chat_tui.providers.chunks import ChunkReader


def read(*chunks: dict[str, Any]) -> list[ReplyEvent]:
    reader = ChunkReader()
    for chunk in chunks:
        reader.read(chunk)
    return reader.take()


def of(delta: Any, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta} | fields]}


def finished(*chunks: dict[str, Any]) -> ReplyFinished:
    reader = ChunkReader()
    for chunk in chunks:
        reader.read(chunk)
    reader.finish()
    last = reader.take()[-1]
    assert isinstance(last, ReplyFinished)
    return last


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": 3},
        {"choices": "x"},
        {"choices": [None, 1, "x", []]},
        {"choices": {"delta": {"content": "x"}}},
        of(None),
        of({}),
        of("text"),
        of(7),
        of({"content": None}),
        of({"content": 5}),
        of({"content": {"text": "x"}}),
        of({"content": [None, 3, {"type": "text"}]}),
        of({"tool_calls": None}),
        of({"tool_calls": []}),
        of({"tool_calls": [None, 1]}),
        of({"tool_calls": {"id": "x"}}),
        of({"reasoning": 5, "reasoning_details": "x", "refusal": 4, "annotations": 1}),
        of({}, finish_reason=3),
        of({}, logprobs=[1]),
        {"choices": [], "usage": None},
        {"choices": [], "usage": 5},
        {"choices": [], "usage": {"prompt_tokens": "many", "total_tokens": -1}},
        {"x_groq": 4, "model": 5, "id": [], "usage": []},
    ],
)
def test_nothing_is_read_and_nothing_raised_from_empty_and_odd_shapes(
    chunk: dict[str, Any],
) -> None:
    assert read(chunk) == []


def test_adjacent_text_is_joined_and_order_kept() -> None:
    events = read(
        of({"role": "assistant", "content": ""}),
        of({"reasoning_content": "th"}),
        of({"reasoning_content": "ink"}),
        of({"content": "a"}),
        of({"content": "b"}),
        of({"reasoning": "more"}),
        of({"content": "c"}),
    )
    assert events == [
        ReasoningDelta("think"),
        TextDelta("ab"),
        ReasoningDelta("more"),
        TextDelta("c"),
    ]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "why"},
        {"reasoning": "why"},
        {"reasoning": "why", "reasoning_content": "why"},
        {"reasoning": "why", "reasoning_details": [{"type": "reasoning.text", "text": "why"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "why"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}]},
        {"content": [{"type": "thinking", "thinking": "why"}]},
    ],
)
def test_reasoning_is_read_once_in_every_spelling(delta: dict[str, Any]) -> None:
    assert read(of(delta)) == [ReasoningDelta("why")]


def test_a_list_of_parts_is_text_and_thinking() -> None:
    parts = [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "x"}, "y"]
    assert read(of({"content": parts})) == [ReasoningDelta("t"), TextDelta("xy")]


def test_a_full_message_beside_the_deltas_is_not_added_twice() -> None:
    done = {"index": 0, "delta": {}, "message": {"content": "ab"}, "finish_reason": "stop"}
    assert read(of({"content": "ab"}), {"choices": [done]}) == [TextDelta("ab")]
    both = {"index": 0, "delta": {"content": "b"}, "message": {"content": "ab"}}
    assert read(of({"content": "a"}), {"choices": [both]}) == [TextDelta("ab")]


def test_a_whole_reply_is_read_like_a_chunk() -> None:
    message = {"role": "assistant", "content": "x", "reasoning": "r"}
    reply = {"model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}
    assert read(reply) == [ReasoningDelta("r"), TextDelta("x")]


def test_further_choices_keep_their_index() -> None:
    chunk = {
        "choices": [
            {"index": 1, "delta": {"content": "b"}},
            {"index": 0, "delta": {"content": "a"}},
        ]
    }
    assert read(of({"content": "a"}), chunk) == [
        TextDelta("a"),
        TextDelta("b", choice=1),
        TextDelta("a"),
    ]


def test_finish_reason_is_the_first_that_says_something() -> None:
    end = finished(
        of({"content": "x"}, finish_reason=""),
        of({}, finish_reason="stop"),
        of({}, finish_reason="length"),
    )
    assert end.finish_reason == "stop"


def call(**fields: Any) -> dict[str, Any]:
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    return fields | {"function": function}


def calls(*chunks: list[dict[str, Any]]) -> dict[int, tuple[str, str, str]]:
    """Index → id, name and joined arguments."""
    found: dict[int, tuple[str, str, str]] = {}
    for event in read(*(of({"tool_calls": chunk}) for chunk in chunks)):
        assert isinstance(event, ToolCallDelta)
        id_, name, arguments = found.get(event.index, ("", "", ""))
        assert not (id_ and event.id)
        assert not (name and event.name)
        found[event.index] = (id_ or event.id, name or event.name, arguments + event.arguments)
    return found


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param(
            [
                [call(index=0, id="a", name="f", arguments="")],
                [call(index=0, arguments='{"x"')],
                [call(index=0, arguments=":1}")],
            ],
            {0: ("a", "f", '{"x":1}')},
            id="OpenAI",
        ),
        pytest.param(
            [[call(id="a", name="f", arguments="{}")], [call(id="b", name="g", arguments="{}")]],
            {0: ("a", "f", "{}"), 1: ("b", "g", "{}")},
            id="no index",
        ),
        pytest.param(
            [
                [call(index=0, id="a", name="f", arguments="{}")],
                [call(index=0, id="b", name="f", arguments="{}")],
            ],
            {0: ("a", "f", "{}"), 1: ("b", "f", "{}")},
            id="one index, two ids",
        ),
        pytest.param(
            [
                [call(index=0, id="a", name="f", arguments="{")],
                [call(index=0, id="a", name="f", arguments="}")],
            ],
            {0: ("a", "f", "{}")},
            id="id and name on every delta",
        ),
        pytest.param(
            [
                [call(index=0, id="", name="f", arguments="{")],
                [call(index=0, id="late", arguments="}")],
            ],
            {0: ("late", "f", "{}")},
            id="the id comes later",
        ),
        pytest.param(
            [[call(id="a", name="f", arguments="{")], [call(id="", arguments="}")]],
            {0: ("a", "f", "{}")},
            id="neither id nor index: the latest",
        ),
        pytest.param(
            [[call(name="f", arguments={"x": 1}), call(name="g", arguments={})]],
            {0: ("", "f", '{"x": 1}'), 1: ("", "g", "{}")},
            id="two whole calls in one chunk, arguments as objects",
        ),
        pytest.param(
            [[call(name="f", arguments="{}")], [call(name="f", arguments="{}")]],
            {0: ("", "f", "{}"), 1: ("", "f", "{}")},
            id="two whole calls with nothing to tell them apart",
        ),
        pytest.param([[call(index=0, id="a", name="f")]], {0: ("a", "f", "")}, id="no arguments"),
        pytest.param(
            [
                [call(index=1, id="b", name="g", arguments="1")],
                [call(index=0, id="a", name="f", arguments="2")],
                [call(index=1, arguments="3")],
            ],
            {0: ("b", "g", "13"), 1: ("a", "f", "2")},
            id="interleaved",
        ),
    ],
)
def test_pieces_of_tool_calls_find_each_other(
    chunks: list[list[dict[str, Any]]], expected: dict[int, tuple[str, str, str]]
) -> None:
    assert calls(*chunks) == expected


def test_function_call_is_read_but_not_beside_tool_calls() -> None:
    old = {"name": "f", "arguments": "{}"}
    assert read(of({"function_call": old})) == [ToolCallDelta(0, "", "f", "{}")]
    both = {"function_call": old, "tool_calls": [call(index=0, id="a", name="f", arguments="{}")]}
    assert read(of(both)) == [ToolCallDelta(0, "a", "f", "{}")]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 4}, Usage(1, 2, 4)),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 8}},
            Usage(9, None, None, 8),
        ),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 7}, Usage(9, None, None, 7)),
        (
            {"completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 50}},
            Usage(None, 1, None, None, 50),
        ),
        ({"prompt_tokens": 3.0, "prompt_tokens_details": None, "total_tokens": 10**30}, Usage(3)),
    ],
)
def test_usage_is_read_with_its_details(usage: dict[str, Any], expected: Usage) -> None:
    assert read({"choices": [], "usage": usage}) == [UsageReported(expected)]


def test_usage_comes_once_for_each_new_value_wherever_it_rides() -> None:
    usage = {"prompt_tokens": 1}
    events = read(
        of({"content": "a"}) | {"usage": None},
        of({"content": "b"}) | {"usage": usage},
        {"choices": [], "usage": usage},
        {"choices": [], "x_groq": {"id": "r"}},
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 2}}},
    )
    assert events == [TextDelta("ab"), UsageReported(Usage(1)), UsageReported(Usage(2))]


def test_refusal_annotations_images_logprobs_and_unknown_fields_are_kept() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    end = finished(
        of({"refusal": "I "}, logprobs={"content": [{"token": "a"}]}),
        of({"refusal": "cannot"}, logprobs={"content": [{"token": "b"}], "refusal": None}),
        of({"annotations": [{"type": "url_citation"}], "images": [image]}),
        of({"annotations": [{"type": "url_citation"}], "audio": {"id": "x"}}, finish_reason="stop"),
        {"choices": [], "citations": ["u"], "usage": {"cost": 0.5, "prompt_tokens": 1}, "p": "abc"},
    )
    assert end.refusal == "I cannot"
    assert end.annotations == ({"type": "url_citation"},)
    assert end.logprobs == {"content": [{"token": "a"}, {"token": "b"}]}
    assert end.raw == {"audio": {"id": "x"}, "images": [image], "citations": ["u"], "cost": 0.5}


def test_unknown_fields_are_found_in_the_last_of_many_chunks_of_one_shape() -> None:
    chunks = [of({"content": "x"}) | {"timings": number} for number in range(5)]
    assert finished(*chunks).raw == {"timings": 4}


_NAMES = (
    *("choices", "index", "delta", "message", "content", "finish_reason", "logprobs", "usage"),
    *("tool_calls", "function", "name", "arguments", "id", "type", "text", "thinking"),
    *("reasoning", "reasoning_details", "annotations", "images", "refusal", "x_groq", "model"),
    *("prompt_tokens", "cost"),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "model", "x_groq"]), _JSON)))
def test_no_json_raises(chunks: list[dict[str, Any]]) -> None:
    reader = ChunkReader()
    for chunk in chunks:
        reader.read(chunk)
    reader.finish()
    assert any(isinstance(event, ReplyFinished) for event in reader.take())


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.text(min_size=1, max_size=60), st.integers(0, 99))
def test_text_is_the_same_however_often_it_is_taken(text: str, seed: int) -> None:
    source = random.Random(seed)
    reader = ChunkReader()
    got = ""
    for letter in json.loads(json.dumps(text)):
        reader.read(of({"content": letter}))
        if source.random() < 0.3:
            got += "".join(e.text for e in reader.take() if isinstance(e, TextDelta))
    got += "".join(e.text for e in reader.take() if isinstance(e, TextDelta))
    assert got == text
