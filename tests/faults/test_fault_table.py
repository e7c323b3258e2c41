"""Rows 1 to 17 of the table of faults, over real sockets and through the manager.

What is stored is looked at, since that is what the user has afterwards. `ELSEWHERE` names the
tests that hold what is not held here.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chat_tui.core.errors import ErrorKind
from chat_tui.core.events import RetryScheduled
from chat_tui.core.messages import Status
from tests.faults.rig import talking
from tests.servers import (
    Cut,
    LoopbackServer,
    Raw,
    Reply,
    Stall,
    Step,
    answer,
    delta,
    event,
    events,
    stream,
    whole,
)

TESTS = Path(__file__).parent.parent

HELLO = event(delta("Hello"))
END = (event(delta(finish="stop")), event("[DONE]"))
SSE = "Content-Type: text/event-stream\r\n"


@dataclass(frozen=True)
class Fault:
    """What a server does, and what the user then has."""

    row: int
    what: str
    replies: Sequence[Reply]
    status: Status
    text: str = ""
    kind: ErrorKind | None = None
    words: str = ""
    """Part of the message."""
    requests: int = 1
    notices: tuple[str, ...] = ()
    """Their kinds."""
    http: int | None = None
    open: bool = False
    """Whether the server waits for the client to hang up."""
    calls: tuple[str, ...] = field(default=())
    """Arguments of the tool calls."""


def cut(row: int, what: str, *steps: Step, words: str = "broke off", **more: Any) -> Fault:
    """A stream that breaks after its first delta."""
    reply = more.pop("reply", None) or events(HELLO, *steps)
    return Fault(row, what, [reply], "interrupted", "Hello", "interrupted", words, **more)


def fine(row: int, what: str, *steps: Step, text: str = "Hello", **more: Any) -> Fault:
    """A stream that is read in spite of it."""
    return Fault(row, what, [events(*steps)], "complete", text, **more)


def refused(row: int, what: str, reply: Reply, words: str, **more: Any) -> Fault:
    """Something that is no reply."""
    return Fault(row, what, [reply], "error", "", "protocol", words, **more)


def split(data: bytes) -> list[bytes]:
    """Each byte alone."""
    return [data[at : at + 1] for at in range(len(data))]


def call(arguments: str, finish: str = "tool_calls") -> list[bytes]:
    """A stream with one tool call."""
    function = {"name": "remove", "arguments": arguments}
    calls = [{"index": 0, "id": "1", "type": "function", "function": function}]
    return [event(delta(tool_calls=calls)), event(delta(finish=finish)), event("[DONE]")]


DEEP = "[" * 1000 + "]" * 1000
LONG = "9" * 5000
MANY = "你好 😀 e\u0301 👩‍👩‍👧"
INVALID = b"data: {broken}\n\n"
CRLF = b'data:{"choices":[{"delta":{"content":"a"}}]}\r\n\r\n'
CR = b'data: {"choices":[{"delta":{"content":"b"}}]}\r\r'
TWO_LINES = b'data: {"choices":[{"delta":\ndata: {"content":"c"}}]}\n\n'
SEPARATOR = 'data: {"choices":[{"delta":{"content":"d\u2028e"}}]}\n\n'.encode()
ODD: tuple[dict[str, Any], ...] = (
    {"choices": None},
    {"choices": []},
    {},
    {"choices": [{"delta": None}]},
    {"choices": [{"delta": {"content": None}}]},
    {"choices": [{"delta": {"content": 7, "tool_calls": "x"}}]},
    {"choices": ["x", None, 7]},
    {"choices": {"delta": 1}},
    {"choices": [{"delta": [], "finish_reason": {}}], "usage": "none"},
    {"choices": [{"delta": {"content": [{"type": "text", "text": "Hel"}, None, "lo"]}}]},
)

FAULTS = [
    cut(1, "clean end without a finish"),
    cut(1, "connection closed between chunks", Cut()),
    cut(1, "body that ends with the connection", reply=Reply([HELLO], chunked=False)),
    cut(2, "FIN inside a chunk", Raw(b'40\r\ndata: {"choices":[{"de'), Cut()),
    cut(2, "RST", Cut(reset=True)),
    cut(2, "no chunk at all", Raw(b"zz\r\n")),
    cut(
        2,
        "length that is not kept",
        reply=Reply(
            [
                Raw(f"HTTP/1.1 200 OK\r\n{SSE}Content-Length: 999\r\n\r\n".encode() + HELLO),
                Cut(),
            ],
            bare=True,
        ),
    ),
    cut(3, "half a JSON event", b'data: {"choices":[{"delta":{"content":"lo'),
    cut(3, "half of a character", "data: 你".encode()[:-1], notices=("encoding",)),
    fine(6, "one byte at a time", *split(HELLO + b"".join(END))),
    Fault(
        6,
        "content without an end",
        [events(*[event(delta("x" * 50_000))] * 90, Stall())],
        "interrupted",
        "x" * 4_000_000,
        "interrupted",
        "4 million characters",
        open=True,
    ),
    fine(
        8,
        "characters split at every byte",
        *split(event(delta(MANY))),
        *END,
        text=MANY,
    ),
    fine(
        8,
        "bytes as they are, split",
        *split(f'data: {{"choices":[{{"delta":{{"content":"{MANY}"}}}}]}}\n\n'.encode()),
        *END,
        text=MANY,
    ),
    fine(
        8,
        "bytes that are no UTF-8",
        b'data: {"choices":[{"delta":{"content":"a\xff\xe4b"}}]}\n\n',
        *END,
        text="a\ufffd\ufffdb",
        notices=("encoding",),
    ),
    fine(
        9,
        "three events that are no JSON",
        HELLO,
        *[INVALID] * 3,
        *END,
        notices=("invalid_event",) * 3,
    ),
    cut(
        9,
        "four events that are no JSON",
        *[INVALID] * 4,
        Stall(),
        words="too many events",
        notices=("invalid_event",) * 3,
        open=True,
    ),
    cut(
        10,
        "error as an object",
        event({"error": {"message": "out of memory"}}),
        words="out of memory",
    ),
    cut(10, "error as a text", event({"error": "out of memory"}), words="out of memory"),
    cut(10, "error as an event", b"event: error\ndata: out of memory\n\n", words="out of memory"),
    Fault(
        10,
        "error before any content",
        [events(event({"error": {"message": "no", "code": 401}}))],
        "error",
        "",
        "auth",
        "no",
        http=401,
    ),
    Fault(
        10,
        "passing error before any content",
        [events(event({"error": {"message": "busy", "code": 503}})), stream("Hello")],
        "complete",
        "Hello",
        requests=2,
    ),
    fine(
        11,
        "all that the standard allows",
        b"\xef\xbb\xbf: a comment\n\n",
        b"retry: 10\nid: 1\n\n",
        b"event: ping\n\n",
        b"data:\n\n",
        CRLF,
        CR,
        TWO_LINES,
        SEPARATOR,
        *END,
        text="abcd\u2028e",
    ),
    refused(
        12,
        "a page",
        Reply([b"<!DOCTYPE html><title>Log in</title>"]),
        "not an API: it answered with a page titled “Log in”",
        http=200,
        requests=2,  # with and without /v1
    ),
    refused(12, "nothing", Reply(), "nothing at all", http=200),
    refused(12, "other JSON", answer({"status": "ok"}), "JSON that is no reply", http=200),
    Fault(12, "a JSON reply", [whole("Hello")], "complete", "Hello"),
    fine(13, "data after [DONE]", HELLO, *END, event(delta(" junk")), Stall(), open=True),
    fine(13, "an open socket after [DONE]", HELLO, *END, Stall(), open=True),
    fine(14, "odd shapes", *map(event, ODD), *END),
    cut(
        15,
        "JSON of 1,000 levels",
        event('{"a": ' + DEEP + "}"),
        Stall(),
        words="not read",
        open=True,
    ),
    cut(
        15,
        "a number of 5,000 digits",
        event('{"a": ' + LONG + "}"),
        Stall(),
        words="not read",
        open=True,
    ),
    refused(
        15,
        "a reply of 1,000 levels",
        Reply([b'{"a": ' + DEEP.encode() + b"}"]),
        "not read",
        http=200,
    ),
    refused(
        15,
        "a reply with such a number",
        Reply([b'{"a": ' + LONG.encode() + b"}"]),
        "not read",
        http=200,
    ),
    Fault(
        16,
        "arguments cut by the limit",
        [events(*call('{"path": "/ho', "length"))],
        "length",
        calls=('{"path": "/ho',),
    ),
    Fault(
        16, "arguments that are no JSON", [events(*call("rm -rf"))], "complete", calls=("rm -rf",)
    ),
    Fault(
        16,
        "arguments with a key twice",
        [events(*call('{"a": 1, "a": 2}'))],
        "complete",
        calls=('{"a": 1, "a": 2}',),
    ),
    Fault(
        16,
        "a call that breaks off",
        [events(call('{"a": 1')[0], Cut())],
        "interrupted",
        "",
        "interrupted",
        "broke off",
        calls=('{"a": 1',),
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.row}: {fault.what}")
async def test_promise_of_the_table_holds(fault: Fault) -> None:
    async with LoopbackServer(fault.replies) as server, talking(server.base_url) as talk:
        async with asyncio.timeout(10):
            reply = await talk.ask()
        if fault.open:
            await server.until(lambda: server.hangups == 1, seconds=1)
        asked = len(server.requests)

    assert reply.text == fault.text
    assert reply.status == fault.status
    assert asked == fault.requests
    assert tuple(notice.kind for notice in reply.notices) == fault.notices
    assert tuple(each.arguments for each in reply.tool_calls) == fault.calls
    assert bool(reply.finish_reason) is (fault.status in ("complete", "length"))
    if fault.kind is None:
        assert reply.error is None
        return
    assert reply.error is not None
    assert (reply.error.kind, reply.error.status) == (fault.kind, fault.http)
    assert fault.words in reply.error.message
    assert reply.error.hint


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.row}: {fault.what}")
async def test_next_turn_works_after_it(fault: Fault) -> None:
    replies = [*fault.replies, stream("and on")]
    async with LoopbackServer(replies) as server, talking(server.base_url) as talk:
        first = await talk.ask("first")
        again = await talk.ask("second")
        told = server.requests[-1].json["messages"]

    assert (again.status, again.text) == ("complete", "and on")
    # A prompt that came to nothing is not sent again.
    failed = first.empty and first.error is not None
    assert told[0] == {"role": "user", "content": "second" if failed else "first"}
    assert told[-1]["content"] == "second"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nothing_is_sent_where_a_redirect_leads(status: int) -> None:
    async with LoopbackServer([stream("stolen")]) as other:
        where = other.base_url.replace("127.0.0.1", "localhost") + "/chat/completions"
        moved = Reply(status=status, headers={"Location": where})
        async with LoopbackServer([moved]) as server, talking(server.base_url) as talk:
            reply = await talk.ask()
            assert len(server.requests) == 1
        assert other.connections == 0

    assert reply.status == "error"
    assert reply.error is not None
    assert (reply.error.kind, reply.error.status) == ("redirect", status)
    assert f"localhost:{other.port}" in reply.error.message


async def test_silent_head_is_no_reason_to_send_again() -> None:
    """Row 2, before any byte: a connection that breaks is tried again, and that is told."""
    broken = Reply([Cut()], bare=True)
    async with LoopbackServer([broken, broken, stream("Hello")]) as server:
        async with talking(server.base_url) as talk:
            reply = await talk.ask()
        assert len(server.requests) == 3

    assert (reply.status, reply.text) == ("complete", "Hello")
    retries = [each for each in talk.events if isinstance(each, RetryScheduled)]
    assert [(each.attempt, each.attempts) for each in retries] == [(2, 3), (3, 3)]
    assert reply.timings is not None
    assert reply.timings.attempts == 3


@pytest.mark.parametrize(
    "head",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 2oo OK\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x16"],
    ids=["ssh", "status", "tls"],
)
async def test_other_protocol_is_an_error_with_the_host(head: bytes) -> None:
    failing = Reply([Raw(head), Cut()], bare=True)
    async with LoopbackServer([failing]) as server, talking(server.base_url) as talk:
        reply = await talk.ask()

    assert reply.status == "error"
    assert reply.error is not None
    assert reply.error.kind in ("connect", "protocol")
    assert "127.0.0.1" in reply.error.message


ELSEWHERE = {
    1: ["providers/test_client.py::test_a_stream_cut_after_its_end_is_whole"],
    2: ["providers/test_client.py::test_a_fresh_connection_that_breaks_is_an_announced_retry"],
    4: ["faults/test_silence.py::test_stall_after_content_is_told_offered_and_ended"],
    5: ["faults/test_silence.py::test_silence_before_content_is_told_and_ended_without_a_repeat"],
    6: ["faults/test_silence.py::test_byte_a_second_works_while_content_flows"],
    7: [
        "faults/test_memory.py::test_no_reply_takes_the_memory",
        "providers/test_client.py::test_one_event_beyond_the_limit_is_refused",
    ],
    11: ["providers/reading/test_sse.py::test_events_are_those_of_the_standard_for_every_split"],
    17: ["faults/test_fault_table.py::test_nothing_is_sent_where_a_redirect_leads"],
    18: [
        "faults/test_stop.py::test_stop_acts_at_once_and_keeps_the_text",
        "terminal/test_kills.py::test_escape_closes_the_connection_at_once",
    ],
    23: [
        "terminal/test_sessions.py::test_every_size_works",
        "terminal/test_sessions.py::test_resize_storm_while_streaming_does_no_harm",
        "terminal/test_sessions.py::test_terminal_that_cannot_show_it_gets_one_sentence",
        "terminal/test_sessions.py::test_no_color_writes_no_colour",
        "terminal/test_sessions.py::test_without_a_terminal_it_says_one_sentence",
        "terminal/test_sessions.py::test_no_terminal_at_all_exits_2",
    ],
    24: ["faults/test_failing_worker.py::test_exception_in_a_turn_is_told_and_the_next_turn_works"],
    25: ["faults/test_silence.py::test_sleep_of_the_computer_interrupts"],
}
"""Row → tests in other files that hold it, or a part of it."""


def test_every_row_has_a_test_that_exists() -> None:
    held = {fault.row for fault in FAULTS} | set(ELSEWHERE)
    assert held == {*range(1, 19), 23, 24, 25}
    for test in (test for tests in ELSEWHERE.values() for test in tests):
        file, _, name = test.partition("::")
        assert re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text(), re.MULTILINE), test
