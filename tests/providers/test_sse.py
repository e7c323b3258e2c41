"""The decoder against a slow reading of the standard, for every split of the bytes."""

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat_tui.providers.sse import OversizeEventError, SseDecoder, SseEvent


def reference(stream: bytes) -> list[SseEvent]:
    """The standard's rules, word by word, over the whole stream."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    *lines, _unfinished = text.split("\n")
    events: list[SseEvent] = []
    data, event, last_id = "", "", ""
    for line in lines:
        if line == "":
            if data != "":
                events.append(SseEvent(data.removesuffix("\n"), event or "message", last_id))
            data, event = "", ""
        elif line.startswith(":"):
            continue
        else:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                event = value
            elif name == "data":
                data += value + "\n"
            elif name == "id" and "\0" not in value:
                last_id = value
    return events


def decode(stream: bytes, cuts: list[int]) -> list[SseEvent]:
    decoder = SseDecoder()
    events: list[SseEvent] = []
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for start, end in pairwise(edges):
        events += decoder.feed(stream[start:end])
    return events


WORDS = (
    b"data: x\n\n",
    b"data:y\r\n\r\n",
    b"data",
    b"data:",
    b" data: z",
    b"event: e",
    b"id: 1",
    b"id: a\0b",
    b"retry: 5",
    b"error: e",
    b": comment",
    b"\xef\xbb\xbf",
    b"\xef\xbb",
    b"\xe4\xbd",
    b"\xff",
    "你好".encode(),
    "\u2028".encode(),
)
PIECES = st.sampled_from((*WORDS, b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n"))


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=30).map(b"".join), st.lists(st.integers(0, 500), max_size=8))
@example(b"\xef\xbb\xbfdata: x\n\n", [1, 2])
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", [8, 9, 10])
@example(b"data: a\n\n\ndata: b\n\n", [9])
def test_events_are_those_of_the_standard_for_every_split(stream: bytes, cuts: list[int]) -> None:
    assert decode(stream, cuts) == reference(stream)


def test_every_byte_alone_gives_the_same_events() -> None:
    stream = ": hi\r\ndata: 你好\ndata: 世界\r\rid: 7\nevent: e\ndata:🎉\n\n".encode()
    assert decode(stream, list(range(len(stream)))) == reference(stream)
    assert reference(stream) == [SseEvent("你好\n世界"), SseEvent("🎉", "e", "7")]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_other_line_separators_stay_in_the_data(separator: str) -> None:
    events = SseDecoder().feed(f"data: a{separator}b\n\n".encode())
    assert [event.data for event in events] == [f"a{separator}b"]


def test_rest_holds_what_no_blank_line_ended() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\n\ndata: b\ndata: [DO") == [SseEvent("a")]
    assert decoder.close() == ("b", "data: [DO")


def test_rest_is_empty_after_a_whole_stream() -> None:
    decoder = SseDecoder()
    decoder.feed(b"data: a\n\n")
    assert decoder.close() == (None, "")


def test_unknown_fields_are_kept_with_their_place() -> None:
    decoder = SseDecoder()
    decoder.feed(b"data: a\n\n data: b\n\nerror: c\n\n: comment\n\ndata: d\n\n")
    assert decoder.ignored == [(1, " data: b"), (1, "error: c")]


def test_retry_takes_digits_only() -> None:
    decoder = SseDecoder()
    decoder.feed(b"retry: 1500\nretry: x\nretry: -1\nretry: " + b"9" * 5000 + b"\n")
    assert decoder.retry == 1500


def test_invalid_utf8_is_replaced_and_counted() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\xffb\n\n") == [SseEvent("a\ufffdb")]
    assert decoder.invalid == 1


@pytest.mark.parametrize(
    "flood", [b"x" * 1000, b"data: xxxxxxxxxxxxxxxxxxx\n" * 40, b"data\n" * 40]
)
def test_events_that_grow_without_end_are_refused(flood: bytes) -> None:
    decoder = SseDecoder(max_event_bytes=100_000)
    with pytest.raises(OversizeEventError):
        [decoder.feed(flood) for _ in range(1000)]


def test_a_long_stream_of_small_events_is_no_large_event() -> None:
    decoder = SseDecoder(max_event_bytes=1000)
    assert sum(len(decoder.feed(b"data: " + b"x" * 100 + b"\r\n\r\n")) for _ in range(100)) == 100


@pytest.mark.benchmark
def test_an_event_of_the_common_shape_costs_microseconds() -> None:
    chunk = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
    best = 1.0
    for _ in range(5):
        decoder = SseDecoder()
        started = time.process_time()
        for _ in range(20_000):
            decoder.feed(chunk)
        best = min(best, (time.process_time() - started) / 20_000)
    print(f"{best * 1e6:.2f} µs an event")
    assert best < 5e-6
