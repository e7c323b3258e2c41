"""Every shape of chunk that servers were seen to send."""

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
from chat_tui.providers.reading.chunks import ChunkReader


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
    assert end.annotations == (
        {"type": "url_citation"},
        {"type": "url_citation", "url_citation": {"url": "u", "title": ""}},
    )
    assert end.logprobs == {"content": [{"token": "a"}, {"token": "b"}]}
    assert end.raw == {"audio": {"id": "x"}, "images": [image], "citations": ["u"], "cost": 0.5}


def test_unknown_fields_are_found_in_the_last_of_many_chunks_of_one_shape() -> None:
    chunks = [of({"content": "x"}) | {"timings": number} for number in range(5)]
    assert finished(*chunks).raw == {"timings": 4}


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
    reader.settle()
    got += "".join(e.text for e in reader.take() if isinstance(e, TextDelta))
    assert got == text


def test_what_is_kept_beside_the_text_is_bounded() -> None:
    reader = ChunkReader(max_kept=1000)
    for number in range(100):
        reader.read(
            of({"content": "x", f"odd{number}": "y" * 50}, logprobs={"content": ["z" * 50]})
        )
    reader.finish()
    end = reader.take()[-1]
    assert isinstance(end, ReplyFinished)
    assert reader.room.dropped
    assert not reader.room.overfull
    assert 0 < len(json.dumps(end.raw)) < 1500


def test_a_field_that_is_replaced_takes_the_room_of_one() -> None:
    reader = ChunkReader(max_kept=1000)
    for number in range(100):
        reader.read(of({"content": "x"}) | {"citations": [f"https://{number}.test/" + "y" * 500]})
    assert not reader.room.dropped
    assert finished(of({"content": "x"}) | {"citations": ["a"]}).raw == {"citations": ["a"]}


@pytest.mark.parametrize(
    "delta",
    [
        {"images": [{"image_url": {"url": "y" * 400}}]},
        {"audio": {"data": "y" * 400}},
        {"content": [{"type": "image_url", "image_url": {"url": "y" * 400}}]},
    ],
)
def test_pictures_and_sound_beyond_the_room_are_told(delta: dict[str, Any]) -> None:
    reader = ChunkReader(max_kept=1000)
    for _ in range(3):
        reader.read(of(delta))
    assert reader.started
    assert reader.room.overfull


def test_text_beyond_the_limit_is_cut_there() -> None:
    reader = ChunkReader(max_text=10)
    reader.read(of({"content": "1234567"}))
    assert reader.take() == [TextDelta("1234567")]
    reader.read(of({"content": "890abc", "tool_calls": [call(id="a", name="f", arguments="{}")]}))
    assert reader.full
    assert reader.take() == [TextDelta("890"), ToolCallDelta(0, "a", "f", "")]


@pytest.mark.parametrize("index", [True, -1, 1.0, "0", 10**9, None])
def test_an_index_that_is_none_is_the_place_in_the_list(index: object) -> None:
    (got,) = read({"choices": [{"index": index, "delta": {"content": "a"}}]})
    assert isinstance(got, TextDelta)
    assert type(got.choice) is int
    assert got.choice == 0


def test_text_completions_are_read_too() -> None:
    assert read({"choices": [{"text": "a"}]}, {"choices": [{"text": "b"}]}) == [TextDelta("ab")]


def test_parts_of_an_unknown_kind_are_kept() -> None:
    part = {"type": "reference", "reference_ids": [1]}
    assert finished(of({"content": ["a", part, {"type": "text"}]})).raw == {"parts": [part]}


def test_an_error_inside_a_choice_is_kept_for_the_reader() -> None:
    reader = ChunkReader()
    reader.read(of({}, error={"message": "boom"}))
    assert reader.error == {"message": "boom"}
