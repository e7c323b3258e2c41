"""What a body amounts to: whole, cut, refused, or no reply at all."""

import json
from typing import Any

import pytest

from chat_tui.core.errors import (
    ChatError,
    FilteredError,
    InterruptedReplyError,
    ProtocolError,
    QuotaError,
    RateLimitError,
    ServerError,
)
from chat_tui.core.events import ExtrasDelta, Notice, ReplyEvent, ReplyFinished, TextDelta
from chat_tui.providers.failures.errors import Peer
from chat_tui.providers.reading.replies import ReplyReader
from tests.servers import delta, event

PEER = Peer("Test", "api.test", "m")
DONE = b"data: [DONE]\n\n"
CONTENT = event(delta("Hello"))
END = event(delta(finish="stop"))


def read(body: bytes, *, size: int = 0) -> tuple[list[ReplyEvent], ChatError | None]:
    reader = ReplyReader(PEER, max_text=10_000)
    step = size or max(len(body), 1)
    for at in range(0, len(body), step):
        reader.feed(body[at : at + step])
        if reader.ended:
            break
    reader.close()
    return reader.take(), reader.failure


def text(events: list[ReplyEvent]) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta))


def test_sources_beside_the_choices_are_kept_by_a_reply_that_breaks_off() -> None:
    sources = {"citations": ["https://b.test"], "search_results": [{"url": "https://a.test"}]}
    more = {**sources, "citations": ["https://c.test", "https://b.test"]}
    body = b"".join(event(delta("x") | fields) for fields in ({}, sources, sources, more))
    got, failure = read(body)
    assert isinstance(failure, InterruptedReplyError)
    told = [each.annotations for each in got if isinstance(each, ExtrasDelta)]
    assert [[each["url_citation"]["url"] for each in annotations] for annotations in told] == [
        ["https://b.test", "https://a.test"],
        ["https://c.test"],
    ]


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize(
    "body",
    [
        CONTENT + END + DONE,
        CONTENT + END,
        CONTENT + DONE,
        CONTENT + b"data: [DONE]",
        CONTENT + END.rstrip(),
        CONTENT + END + DONE + event("junk") * 10,
        b": ping\n\n" + CONTENT.replace(b"\n", b"\r\n") + END + DONE,
        b"\n\n  " + CONTENT + END + DONE,
        b"\xef\xbb\xbf" + CONTENT + END + DONE,
        CONTENT.replace(b"data: ", b" data: ") + END + DONE,
        b"data: : OPENROUTER PROCESSING\n\n" + CONTENT + b"data:\n\n" + END + DONE,
        b'data: {"object":"chat.completion.cdata: ' + CONTENT.removeprefix(b"data: ") + END + DONE,
        b"\n  " + json.dumps({"choices": [{"message": {"content": "Hello"}}]}).encode() + b"\n",
    ],
)
def test_a_reply_is_whole_in_every_form(body: bytes, size: int) -> None:
    events, failure = read(body, size=size)
    assert failure is None
    assert text(events) == "Hello"
    assert isinstance(events[-1], ReplyFinished)
    assert not any(isinstance(e, Notice) for e in events)


@pytest.mark.parametrize(
    "body",
    [
        CONTENT,
        CONTENT + b'data: {"choices":[{"delta":{"content":" wor',
        CONTENT + b'data: {"choices":[{"delta":{"content":"!"}}]}',
        CONTENT + b"data: not json\n\n" * 4 + END,
        CONTENT + b"data: " + b"[" * 1000 + b"\n\n",
        CONTENT + b'data: {"choices":' + b"9" * 5000 + b"}\n\n",
        CONTENT + event({"error": {"message": "overloaded"}}),
        CONTENT + event({"error": "overloaded"}),
        CONTENT + event(delta(" there") | {"error": {"code": 502, "message": "overloaded"}}),
        CONTENT + b"event: error\n" + event({"message": "overloaded"}),
        CONTENT + b"error: overloaded\n\n",
        CONTENT + event(delta(finish="error")) + DONE,
    ],
)
def test_a_reply_that_breaks_off_is_interrupted_with_its_text_kept(body: bytes) -> None:
    events, failure = read(body)
    assert isinstance(failure, InterruptedReplyError)
    assert text(events).startswith("Hello")
    assert not any(isinstance(e, ReplyFinished) for e in events)
    if b"overloaded" in body:
        assert "overloaded" in failure.message


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", ProtocolError, "nothing at all"),
        (b"  \n\n", ProtocolError, "nothing at all"),
        (b"Not Found", ProtocolError, "no reply"),
        (b": ping\n\n", ProtocolError, "no reply"),
        (b"<html><head><title>Log in &amp; go</title>", ProtocolError, "“Log in & go”"),
        (b"<!doctype html>" + b" " * 200_000, ProtocolError, "page titled"),
        (b'{"choices":', ProtocolError, "not JSON"),
        (b'{"status": "ok"}', ProtocolError, "no reply"),
        (b"[" * 5000, ProtocolError, "nested too deep"),
        (b'data: {"choi', InterruptedReplyError, "broke off"),
        (event({"error": {"message": "slow down", "code": 429}}), RateLimitError, "slow down"),
        (event({"error": {"code": "insufficient_quota"}}), QuotaError, "spend"),
        (event({"error": {"message": "boom", "type": "server_error"}}), ServerError, "boom"),
        (event({"error": {"code": "content_filter", "message": "no"}}), FilteredError, "filter"),
        (b'{"error": {"message": "boom", "code": 500}}', ServerError, "boom"),
        (b'[{"error": {"message": "boom", "code": 503}}]', ServerError, "boom"),
    ],
)
def test_what_is_no_reply_is_named(body: bytes, kind: type[ChatError], words: str) -> None:
    events, failure = read(body)
    assert isinstance(failure, kind)
    assert words in failure.message
    assert text(events) == ""


def test_up_to_three_invalid_events_are_skipped_with_a_notice() -> None:
    events, failure = read(b"data: {oops\n\n" * 3 + CONTENT + END + DONE)
    assert failure is None
    assert [e.kind for e in events if isinstance(e, Notice)] == ["invalid_event"] * 3


def test_bytes_that_are_not_utf8_give_one_notice() -> None:
    body = CONTENT.replace(b"Hello", b"H\xff\xfello") + END + DONE
    events, failure = read(body)
    assert failure is None
    assert "\ufffd" in text(events)
    assert [e.kind for e in events if isinstance(e, Notice)] == ["encoding"]


def test_a_reply_without_end_stops_at_the_limit() -> None:
    events, failure = read(event(delta("x" * 100)) * 1000, size=1000)
    assert isinstance(failure, InterruptedReplyError)
    assert "stopped" in failure.message
    assert len(text(events)) == 10_000
    events, failure = read(
        json.dumps({"choices": [{"message": {"content": "x" * 20_000}}]}).encode()
    )
    assert isinstance(failure, InterruptedReplyError)
    assert len(text(events)) == 10_000


def test_a_surrogate_pair_split_over_two_events_is_one_text() -> None:
    def raw(escaped: bytes) -> bytes:
        return b'data: {"choices":[{"delta":{"content":"' + escaped + b'"}}]}\n\n'

    events, failure = read(raw(b"\\ud83d") + raw(b"\\ude00") + END + DONE)
    assert failure is None
    assert text(events) == "\ud83d\ude00"


def test_text_of_one_read_comes_as_one_delta() -> None:
    events, _ = read(b"".join(event(delta(word)) for word in ["a", "b", "c", "d"]) + DONE)
    assert [e for e in events if isinstance(e, TextDelta)] == [TextDelta("abcd")]


@pytest.mark.parametrize(
    ("first", "continued"),
    [
        (delta("Hello"), True),
        (delta("  "), False),
        (delta(), False),
        (delta(reasoning_content="Hm"), False),
        (delta("<think>Hm"), False),
        (delta(tool_calls=[{"id": "a", "function": {"name": "f", "arguments": "{"}}]), False),
    ],
)
def test_the_hint_of_a_cut_reply_says_to_continue_only_what_has_text(
    first: dict[str, Any], continued: bool
) -> None:
    for end in (b"", event(delta(finish="error")), b"data: {oops\n\n" * 4):
        _, failure = read(event(first) + end)
        assert isinstance(failure, InterruptedReplyError)
        assert ("continue it" in failure.hint) is continued


def test_a_reply_that_the_server_ends_with_an_error_says_so() -> None:
    _, failure = read(CONTENT + event(delta(finish="error")) + DONE)
    assert failure is not None
    assert failure.message == "The reply of Test broke off: the server says that it failed."


def test_each_choice_gets_its_finish() -> None:
    choices: list[dict[str, Any]] = [
        {"index": i, "delta": {"content": "x"}, "finish_reason": r}
        for i, r in ((1, "length"), (0, "stop"))
    ]
    events, failure = read(event({"choices": choices}))
    assert failure is None
    ends = [(e.choice, e.finish_reason) for e in events if isinstance(e, ReplyFinished)]
    assert ends == [(0, "stop"), (1, "length")]


def test_one_choice_without_an_end_interrupts() -> None:
    choices = [
        {"index": 0, "delta": {"content": "x"}, "finish_reason": "stop"},
        {"index": 1, "delta": {"content": "x"}},
    ]
    _, failure = read(event({"choices": choices}))
    assert isinstance(failure, InterruptedReplyError)
