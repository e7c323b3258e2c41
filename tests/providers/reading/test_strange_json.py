"""Chunks with wrong types everywhere raise nothing, and cost no memory beyond themselves."""

import copy
import json
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from chat_tui.core.errors import ChatError, InterruptedReplyError, ProtocolError
from chat_tui.core.events import ReasoningDelta, ReplyFinished, TextDelta, ToolCallDelta
from chat_tui.providers.failures.errors import Peer
from chat_tui.providers.fields import as_number
from chat_tui.providers.reading.replies import ReplyReader

PEER = Peer("Test", "api.test", "m")

_CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
_CITED = {"type": "url_citation", "url_citation": {"url": "https://a.test", "title": "A"}}
_LOGPROBS = {"content": [{"token": "a", "logprob": -1.5, "top_logprobs": [{"token": "b"}]}]}
_DETAILS = [{"type": "reasoning.text", "text": "t"}, {"type": "reasoning.encrypted", "data": "x"}]
_USAGE = {
    "prompt_tokens": 1,
    "completion_tokens": 2,
    "total_tokens": 3,
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
    "cost": 0.5,
}
_DELTAS: tuple[dict[str, Any], ...] = (
    {"role": "assistant", "content": ""},
    {"content": "<think>a</think>b"},
    {"reasoning_content": "r", "content": None},
    {"reasoning": "r", "reasoning_details": _DETAILS},
    {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}, _IMAGE]},
    {"tool_calls": [_CALL, {"id": "d", "function": {"name": "g"}}]},
    {"function_call": {"name": "f", "arguments": "{}"}},
    {"refusal": "no", "annotations": [_CITED], "images": [_IMAGE]},
    {"audio": {"id": "a", "data": "UklG", "transcript": "t"}},
)
_AROUND: tuple[dict[str, Any], ...] = (
    {"usage": _USAGE},
    {"x_groq": {"id": "r", "usage": _USAGE, "error": "e"}},
    {"citations": ["https://a.test"], "search_results": [{"url": "https://a.test", "title": "A"}]},
    {"error": {"message": "m", "code": 429, "metadata": {"raw": "{}", "reasons": ["r"]}}},
    {"detail": [{"loc": ["body", "x"], "msg": "m"}], "object": "error"},
    {"timings": {"prompt_n": 1}, "cost": 0.5, "system_fingerprint": "fp"},
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 999, 10**30, -(10**40), 0.5, -0.0, 1e308, "", "text", "0"),
    *("\ud83d", "\x00\x1b[31m", "<think>", "</think>", [], {}, [[]], [None], [{}], {"": {}}),
    *([1, "a", None, {}], {"content": "x"}, {"type": "text", "text": 5}, {"error": []}, "error"),
    *([[[[[[[[[[]]]]]]]]]], {"message": {"detail": {"error": {"message": {}}}}}),
)


def _template(source: random.Random) -> dict[str, Any]:
    delta = copy.deepcopy(source.choice(_DELTAS))
    choice = {
        "index": source.choice((0, 0, 0, 1)),
        source.choice(("delta", "delta", "delta", "message")): delta,
        "finish_reason": source.choice((None, None, "stop", "length", "error", "")),
        "logprobs": source.choice((None, copy.deepcopy(_LOGPROBS))),
    }
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
    if source.random() < 0.3:
        chunk |= copy.deepcopy(source.choice(_AROUND))
    return chunk


def _mutate(value: Any, source: random.Random) -> Any:
    """The value with something in it replaced, removed, wrapped or doubled."""
    place = value
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return value
        key = source.choice(keys)
        inner = place[key]
        if isinstance(inner, dict | list) and inner and source.random() < 0.75:
            place = inner
            continue
        what = source.random()
        if what < 0.6:
            place[key] = copy.deepcopy(source.choice(_VALUES))
        elif what < 0.7:
            del place[key]
        elif what < 0.8:
            place[key] = [inner]
        elif what < 0.9:
            place[key] = {"text": inner}
        elif isinstance(place, dict):
            place[source.choice(("content", "error", "tool_calls", "usage", "odd"))] = inner
        else:
            place.append(inner)
        return value


def _scramble(body: bytes, source: random.Random) -> bytes:
    """The bytes with a piece cut out, doubled, or put in."""
    at = int(source.random() * len(body))
    to = at + int(source.random() * 20)
    what = source.random()
    if what < 0.3:
        return body[:at] + body[to:]
    if what < 0.5:
        return body[:at] + body[at:to] * 2 + body[to:]
    if what < 0.6:
        return body[:at]
    pieces = (b"[" * 500, b"9" * 5000, b"\xff", b"\n\n", b"data: ", b'"', b"}", b"1e999", b"NaN")
    return body[:at] + source.choice(pieces) + body[at:]


def _body(source: random.Random) -> bytes:
    chunks = []
    for _ in range(int(source.random() * 3) + 1):
        chunk: Any = _template(source)
        for _ in range(int(source.random() * 4)):
            chunk = _mutate(chunk, source)
        chunks.append(json.dumps(chunk).encode())
    if source.random() < 0.2:
        body = chunks[0]
    else:
        body = b"".join(b"data: " + chunk + b"\n\n" for chunk in chunks)
        body += source.choice((b"", b"data: [DONE]\n\n", b"event: error\n" + body))
    return _scramble(body, source) if source.random() < 0.3 else body


def assert_nothing_is_raised(cases: int, seed: int) -> None:
    source = random.Random(seed)
    ends = [0, 0]
    for _ in range(cases):
        body = _body(source)
        reader = ReplyReader(PEER)
        at = int(source.random() * len(body))
        try:
            reader.feed(body[:at])
            reader.feed(body[at:])
            reader.close()
            events = reader.take()
        except Exception as error:
            raise AssertionError(f"{error!r} from {body!r}") from error
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta):
                assert type(event.text) is str, body
                assert event.text, body
            elif isinstance(event, ToolCallDelta):
                assert {type(event.id), type(event.name), type(event.arguments)} == {str}, body
            elif isinstance(event, ReplyFinished):
                # What is kept can be written down as JSON again.
                json.dumps([event.raw, event.logprobs, event.annotations], allow_nan=False)
        finished = any(isinstance(event, ReplyFinished) for event in events)
        assert finished == (reader.failure is None), body
        assert reader.failure is None or isinstance(reader.failure, ChatError)
        ends[finished] += 1
    assert min(ends) > cases / 20, "the cases are all alike"


@pytest.mark.parametrize("seed", range(2))
def test_random_chunks_raise_nothing(seed: int) -> None:
    assert_nothing_is_raised(500, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_hundred_thousand_random_chunks_raise_nothing(seed: int) -> None:
    assert_nothing_is_raised(10_000, seed)


@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 1000 + b"]" * 1000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'{"choices":' + b"9" * 5000 + b"}",
        b'{"choices":[{"delta":{"content":' + b"[" * 100_000,
        b"[" + b"{}," * 2_000_000 + b"1]",
    ],
    ids=["lists", "objects", "integer", "cut", "values"],
)
@pytest.mark.parametrize("stream", [True, False])
def test_hostile_json_is_refused(hostile: bytes, stream: bool) -> None:
    reader = ReplyReader(PEER)
    reader.feed(b"data: " + hostile + b"\n\n" if stream else hostile)
    reader.close()
    assert isinstance(reader.failure, ProtocolError)
    assert "not read" in reader.failure.message


def test_brackets_inside_of_texts_are_not_depth() -> None:
    body = json.dumps({"choices": [{"message": {"content": '[{"\\' * 5000}}]}).encode()
    reader = ReplyReader(PEER)
    reader.feed(body)
    reader.close()
    assert reader.failure is None
    assert TextDelta('[{"\\' * 5000) in reader.take()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0.25, 0.25),
        ("0.25", 0.25),
        (3, 3),
        ("x", None),
        ("1e5", None),
        (True, None),
        (None, None),
        (10**400, None),
        ([], None),
    ],
)
def test_numbers_are_read_where_they_are_some(value: object, read: float | None) -> None:
    assert as_number(value) == read


def long_line(reader: ReplyReader) -> None:
    reader.feed(b"data: ")
    for _ in range(1024):
        reader.feed(b"x" * 65536)


def long_body(reader: ReplyReader) -> None:
    reader.feed(b'{"choices": "')
    for _ in range(1024):
        reader.feed(b"x" * 65536)


def bomb_of_white_space(reader: ReplyReader) -> None:
    reader.feed(b"data: x\n\n")
    for _ in range(1024):
        reader.feed(b" " * 65536)


def many_pictures(reader: ReplyReader) -> None:
    image = b'{"image_url":{"url":"data:' + b"A" * 2_000_000 + b'"}}'
    for number in range(64):
        part = image.replace(b"A", b"%d" % (number % 10), 1)
        reader.feed(b'data: {"choices":[{"delta":{"images":[' + part + b"]}}]}\n\n")


@pytest.mark.parametrize("flood", [long_line, long_body, bomb_of_white_space, many_pictures])
def test_a_flood_ends_in_an_error_at_32_megabytes(flood: Callable[[ReplyReader], None]) -> None:
    reader = ReplyReader(PEER)
    tracemalloc.start()
    try:
        flood(reader)
        reader.close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(reader.failure, ProtocolError | InterruptedReplyError)
    assert "32 MB" in reader.failure.message
    assert peak < 80_000_000, f"{peak / 1e6:.0f} MB"


def endless_calls(number: int) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": [{"index": number}]}}]}


def endless_named_calls(number: int) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": [{"id": str(number)}]}}]}


def endless_fields(number: int) -> dict[str, Any]:
    return {f"odd{number}": 1, "choices": []}


def endless_logprobs(number: int) -> dict[str, Any]:
    return {"choices": [{"logprobs": {f"odd{number}": 1}}]}


@pytest.mark.parametrize(
    "chunk", [endless_calls, endless_named_calls, endless_fields, endless_logprobs]
)
def test_chunks_that_say_nothing_are_not_kept_for_ever(
    chunk: Callable[[int], dict[str, Any]],
) -> None:
    reader = ReplyReader(PEER)
    tracemalloc.start()
    try:
        for number in range(6000):
            reader.feed(b"data: " + json.dumps(chunk(number)).encode() + b"\n\n")
            reader.take()
            if number == 3000:
                before, _ = tracemalloc.get_traced_memory()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000, f"{(after - before) / 3000:.0f} bytes for each"


def test_a_picture_of_many_megabytes_is_held_a_few_times_at_most() -> None:
    size = 20_000_000
    body = b'data: {"choices":[{"delta":{"images":[{"url":"' + b"A" * size + b'"}]},'
    body += b'"finish_reason":"stop"}]}\n\n'
    reader = ReplyReader(PEER)
    tracemalloc.start()
    try:
        for at in range(0, len(body), 65536):
            reader.feed(body[at : at + 65536])
        reader.close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reader.failure is None
    assert peak < 3.5 * size, f"{peak / 1e6:.0f} MB"
