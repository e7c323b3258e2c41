"""The decoder against a slow reading of the standard, for every split of the bytes."""

import random
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat_tui.providers.reading.sse import MAX_EVENT_BYTES, OversizeEventError, SseDecoder, SseEvent
from tests.examples import examples
from tests.providers.reading.sse_reference import decode, interpret, random_case

PIECES = st.sampled_from(
    (
        *(
            b"data: x\n\n",
            b"data:y\r\n\r\n",
            b"data",
            b"data: ",
            b"event: e",
            b"id: 1",
            b"retry: 5",
        ),
        *(b"error: e", b": c", b"\xef\xbb\xbf", b"\xe4\xbd", b"\xff", "你好".encode()),
        *(b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n"),
    )
)


def assert_equal_to_the_reference(cases: int, seed: int) -> None:
    source = random.Random(seed)
    for _ in range(cases):
        stream, cuts = random_case(source)
        assert decode(stream, cuts) == interpret(stream), (stream, cuts)


@pytest.mark.parametrize("seed", range(4))
def test_random_streams_mean_what_the_standard_says(seed: int) -> None:
    assert_equal_to_the_reference(2500, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_million_random_streams_mean_what_the_standard_says(seed: int) -> None:
    assert_equal_to_the_reference(100_000, seed)


@settings(max_examples=examples(200), derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=30).map(b"".join), st.lists(st.integers(0, 500), max_size=8))
@example(b"\xef\xbb\xbfdata: x\n\n", [1, 2])
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", [8, 9, 10])
@example(b"data: a\n\n\ndata: b\n\n", [9])
def test_events_are_those_of_the_standard_for_every_split(stream: bytes, cuts: list[int]) -> None:
    assert decode(stream, sorted(cut % (len(stream) + 1) for cut in cuts)) == interpret(stream)


def test_every_byte_alone_gives_the_same_events() -> None:
    stream = ": hi\r\ndata: 你好\ndata: 世界\r\rid: 7\nevent: e\ndata:🎉\n\n".encode()
    assert decode(stream, list(range(len(stream)))) == interpret(stream)
    assert interpret(stream).events == [SseEvent("你好\n世界"), SseEvent("🎉", "e", "7")]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_other_line_separators_stay_in_the_data(separator: str) -> None:
    events = SseDecoder().feed(f"data: a{separator}b\n\n".encode())
    assert [event.data for event in events] == [f"a{separator}b"]


def test_rest_holds_what_no_blank_line_ended() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\n\nevent: error\ndata: b\ndata: [DO") == [SseEvent("a")]
    assert decoder.close() == ("b", "data: [DO", "error")


def test_rest_is_empty_after_a_whole_stream() -> None:
    decoder = SseDecoder()
    decoder.feed(b"data: a\n\n")
    assert decoder.close() == (None, "", "message")


@pytest.mark.parametrize("more", [0, 2_000_000])
def test_unknown_fields_are_kept_with_their_place(more: int) -> None:
    decoder = SseDecoder()
    comment = b":" + b"x" * more
    decoder.feed(
        b"data: a\n\n data: b\n\nerror: c\n\n" + comment + b"\n\ndata: d\n\nnew: e\n\ndata: f\n\n"
    )
    assert decoder.ignored == [(1, " data: b"), (1, "error: c"), (2, "new: e")]


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


def test_a_large_event_is_refused_also_when_it_comes_at_once() -> None:
    decoder = SseDecoder(max_event_bytes=2_000_000)
    decoder.feed(b"data: a\n\n")
    with pytest.raises(OversizeEventError):
        decoder.feed(b"data: " + b"x" * 4_000_000 + b"\n\n")


def test_a_long_stream_of_small_events_is_no_large_event() -> None:
    decoder = SseDecoder(max_event_bytes=1000)
    assert sum(len(decoder.feed(b"data: " + b"x" * 100 + b"\r\n\r\n")) for _ in range(100)) == 100


def flood_of_one_line(decoder: SseDecoder) -> None:
    decoder.feed(b"data: ")
    for _ in range(1024):
        decoder.feed(b"x" * 65536)


def flood_of_data_lines(decoder: SseDecoder) -> None:
    for _ in range(1024):
        decoder.feed(b"data: " + b"x" * 65536 + b"\n")


def flood_in_single_bytes(decoder: SseDecoder) -> None:
    decoder.feed(b"data: " + b"x" * (MAX_EVENT_BYTES - 50_000))
    for _ in range(100_000):
        decoder.feed(b"x")


@pytest.mark.parametrize("flood", [flood_of_one_line, flood_of_data_lines, flood_in_single_bytes])
def test_an_endless_event_is_refused_within_the_memory_of_one(
    flood: Callable[[SseDecoder], None],
) -> None:
    decoder = SseDecoder()
    tracemalloc.start()
    try:
        with pytest.raises(OversizeEventError):
            flood(decoder)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 70_000_000, f"{peak / 1e6:.0f} MB"
