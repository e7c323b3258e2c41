"""Records of exchanges: what went over the wire and when, and never a key."""

import contextlib
import gzip
import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.curl import as_curl
from chat_tui.core.errors import ChatError
from chat_tui.core.exchanges import (
    KEPT,
    MAX_KEPT_BYTES,
    MAX_KEPT_REQUESTS,
    ExchangeLog,
    ExchangeRecord,
)
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile, Quirks, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.connecting.records import Recorder, new_record
from chat_tui.providers.keys import Key
from tests.providers.helpers import HandClock, ImpatientClock, gather, prompt
from tests.servers import (
    CERTIFICATES,
    Cut,
    LoopbackServer,
    Raw,
    Reply,
    Stall,
    answer,
    delta,
    event,
    events,
    server_tls,
    stream,
)

CANARY = "sk-canary/0123+456789"
PROFILE = ProviderProfile(
    "mine", "", "K", label="Mine", ca_file=str(CERTIFICATES / "ca.pem"), max_concurrency=2
)


async def recorded(
    server: LoopbackServer,
    act: Callable[[Clients], Awaitable[object]] | None = None,
    *,
    profile: ProviderProfile = PROFILE,
    key: str = CANARY,
) -> tuple[ExchangeRecord, ...]:
    """The records of what a provider's client did with one request."""
    log = ExchangeLog()
    mine = replace(profile, base_url=server.base_url + profile.base_url)
    clients = Clients({"mine": mine}, {"K": key}, ImpatientClock(), log=log)
    try:
        await (act or ask)(clients)
    finally:
        await clients.aclose()
    return log.of("r1")


def question(text: str = "hello") -> ChatRequest:
    return replace(prompt(text), reply="r1", target=Target("mine", "m"))


async def ask(clients: Clients) -> None:
    """Ask, whatever comes of it."""
    with contextlib.suppress(ChatError):
        await gather(clients.client_for(Target("mine", "m")), question())


async def test_a_record_has_the_request_the_response_and_the_time_of_each_phase() -> None:
    async with LoopbackServer([stream("Hello")], tls=server_tls()) as server:
        (record,) = await recorded(server)
    assert (record.method, record.status, record.reason) == ("POST", 200, "Scripted")
    assert record.url == f"{server.base_url}/chat/completions"
    assert json.loads(record.body)["messages"][0]["content"] == "hello"
    assert record.key_source == "K"
    assert record.headers["authorization"] == "Bearer [key]"
    assert record.response_headers["content-type"] == "text/event-stream"
    assert b'"Hello"' in record.received
    assert record.received.endswith(b"data: [DONE]\n\n")
    assert record.size == len(record.received)
    order = ["connected", "secured", "sent", "answered", "first_byte", "ended"]
    assert list(record.phases) == order
    assert list(record.phases.values()) == sorted(record.phases.values())
    assert record.started > 1_500_000_000
    assert record.error == ""


async def test_an_open_connection_is_not_connected_again() -> None:
    async def twice(clients: Clients) -> None:
        await ask(clients)
        await ask(clients)

    async with LoopbackServer([stream("Hello")]) as server:
        first, second = await recorded(server, twice)
    assert "connected" in first.phases
    assert "connected" not in second.phases
    assert "secured" not in first.phases


async def test_each_attempt_has_a_record_with_its_error() -> None:
    replies = [answer({"error": {"message": "busy"}}, 503), stream("Hello")]
    async with LoopbackServer(replies) as server:
        first, second = await recorded(server)
    assert first.status == 503
    assert "busy" in first.error
    assert b"busy" in first.received
    assert second.error == ""


@pytest.mark.parametrize("steps", [[event(delta("Hello")), Cut()], [Cut()]])
async def test_what_broke_off_is_recorded_as_far_as_it_came(steps: list[bytes | Cut]) -> None:
    async with LoopbackServer([events(*steps)]) as server:
        record = (await recorded(server))[-1]
    assert record.error
    assert ("first_byte" in record.phases) is (len(steps) > 1)
    assert "ended" in record.phases


async def test_a_reply_that_was_stopped_says_so() -> None:
    async def stop(clients: Clients) -> None:
        async with aclosing(clients.client_for(Target("mine", "m")).stream(question())) as got:
            await anext(got)

    async with LoopbackServer([events(event(delta("Hello")), Stall())]) as server:
        (record,) = await recorded(server, stop)
        await server.until(lambda: server.hangups == 1)
    assert record.error == "The reply was stopped before its end."
    assert "ended" in record.phases


async def test_a_server_that_is_not_there_leaves_a_record_without_a_response() -> None:
    async with LoopbackServer([]) as server:
        pass
    records = await recorded(server)
    assert len(records) == 3
    assert {record.status for record in records} == {None}
    assert all("refused" in record.error for record in records)


async def test_a_body_that_was_packed_is_recorded_as_it_is_read() -> None:
    body = gzip.compress(event(delta("Hello")) + event("[DONE]"))
    packed = Reply(
        [Raw(body)],
        headers={"Content-Encoding": "gzip", "Content-Length": str(len(body))},
        chunked=False,
    )
    async with LoopbackServer([packed]) as server:
        (record,) = await recorded(server)
    assert b'"Hello"' in record.received


async def test_a_long_body_is_counted_and_its_beginning_kept() -> None:
    chunk = event(delta("x" * 100_000))
    async with LoopbackServer([events(*[chunk] * 8, event("[DONE]"))]) as server:
        (record,) = await recorded(server)
    assert len(record.received) == MAX_KEPT_BYTES
    assert record.size > 8 * 100_000


@pytest.mark.parametrize(
    ("auth", "header"),
    [("bearer", "authorization"), ("api-key", "api-key"), ("x-api-key", "x-api-key")],
)
async def test_a_key_is_hidden_in_whatever_header_it_goes_even_a_short_one(
    auth: str, header: str
) -> None:
    for key in (CANARY, "EMPTY"):
        quirks = Quirks(auth=auth)  # type: ignore[arg-type]  # one of the three
        async with LoopbackServer([stream("Hello")]) as server:
            (record,) = await recorded(server, profile=replace(PROFILE, quirks=quirks), key=key)
        assert key in server.requests[0].headers[header]
        assert record.headers[header].endswith("[key]")
        assert key not in f"{record}"


async def test_other_secrets_are_hidden_and_the_rest_is_not() -> None:
    headers = {"X-Gateway-Token": "t-secret", "Cookie": "c-secret", "X-Title": "Chat"}
    profile = replace(PROFILE, base_url="?api-version=1&sig=s-secret", headers=headers)
    reply = replace(
        stream("Hello"),
        headers={
            "Set-Cookie": "session=d-secret",
            "x-ratelimit-remaining-tokens": "42",
            "x-request-id": "7",
        },
    )
    async with LoopbackServer([reply]) as server:
        (record,) = await recorded(server, profile=profile)
    assert "secret" not in f"{record}"
    assert "api-version=1&sig=[hidden]" in record.url
    assert record.headers["x-title"] == "Chat"
    assert record.response_headers["x-ratelimit-remaining-tokens"] == "42"
    assert record.response_headers["x-request-id"] == "7"


def echoes(key: str) -> list[Reply]:
    """Replies of a server that repeats the key everywhere, in all ways."""
    slashed = json.dumps({"error": {"message": f"bad key {key}"}}).replace("/", "\\/")
    pieces = [event(delta(f"Your key is {key}.")), event("[DONE]")]
    letters = [bytes([byte]) for byte in pieces[0]]
    return [
        answer({"error": {"message": f"Incorrect API key provided: {key}", "code": key}}, 401),
        Reply([slashed.encode()], 400, {"Content-Type": "application/json"}),
        Reply([f"<html><title>{key}</title>".encode()]),
        Reply([b"x"], 302, {"Location": f"https://other.test/?k={quote(key, safe='')}&{key}"}),
        Reply([b"x"], 403, {"X-Your-Auth": key, "X-Echo": f"<{key}>"}),
        events(*letters, pieces[1]),
        events(b'data: {"error": {"message": "' + key.encode() + b'"}}\n\n'),
        events(event(delta("Hello")), event({"error": f"no {key}"})),
        Reply([key.encode()], 500, chunked=False),
        Reply([Raw(b"x" * 10), Cut()], 200, {"X-Echo": key}),
    ]


@pytest.mark.parametrize("number", range(len(echoes(CANARY))))
async def test_a_key_is_nowhere_but_on_its_way(
    number: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    async def act(clients: Clients) -> None:
        client = clients.client_for(Target("mine", "m"))
        shown.append(f"{clients!r} {client!r} {vars(client)!r} {vars(clients)!r}")
        try:
            await gather(client, question(f"is {CANARY} my key?"))
        except ChatError as error:
            shown.extend(traceback.format_exception(error))
            shown.append(repr(error.info))
        shown.append(f"{vars(client)!r}")

    async with LoopbackServer([echoes(CANARY)[number]]) as server:
        records = await recorded(server, act)
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert records
    for record in records:
        shown += [f"{record}", record.received.decode(), as_curl(record), record.error]
    everything = "\n".join([*shown, caplog.text, *map(str, caplog.records)])
    forms = {CANARY, CANARY.replace("/", "\\/"), quote(CANARY, safe="")}
    environ_shown = everything.replace(f"{{'K': '{CANARY}'}}", "")
    assert not [form for form in forms if form in environ_shown]


def test_a_log_keeps_the_latest() -> None:
    log = ExchangeLog()
    records = [ExchangeRecord(f"{n % 2}", "POST", "u", {}) for n in range(KEPT + 10)]
    for record in records:
        log.add(record)
    assert log.of("0") == tuple(records[10::2])
    assert log.of("none") == ()


@pytest.mark.parametrize(
    "big",
    [
        pytest.param("x" * MAX_KEPT_REQUESTS, id="long"),
        pytest.param("x" * (MAX_KEPT_REQUESTS // 4) + "😀", id="wide"),
    ],
)
def test_big_requests_push_out_older_ones_but_never_themselves(big: str) -> None:
    log = ExchangeLog()
    log.add(ExchangeRecord("a", "POST", "u", {}, "x"))
    log.add(ExchangeRecord("b", "POST", "u", {}, big))
    assert not log.of("a")
    assert log.of("b")
    log.add(ExchangeRecord("c", "POST", "u", {}, "x"))
    assert not log.of("b")
    assert log.of("c")


def test_a_request_without_a_key_has_no_source() -> None:
    request = httpx.Request("GET", "https://api.test/v1/models?x=1")
    record = new_record(request, None, SystemClock(), "{}")
    assert (record.key_source, record.body) == ("", "{}")
    assert record.url == "https://api.test/v1/models?x=1"
    sent_none = new_record(request, Key(CANARY, "K"), SystemClock(), "", reply="r")
    assert (sent_none.key_source, sent_none.reply) == ("", "r")


def test_keeping_a_body_of_small_pieces_is_cheap() -> None:
    record = ExchangeRecord("r", "POST", "u", {})
    recorder = Recorder(record, Key("x" * 100, "K"), HandClock())
    piece = event(delta("word"))
    count = 3 * MAX_KEPT_BYTES // len(piece)
    started = time.thread_time()
    for _ in range(count):
        recorder.receive(piece)
    assert record.size == count * len(piece)
    # Measured: 0.5 µs each; a copy of what is there for each piece would take minutes.
    assert (time.thread_time() - started) / count < 50e-6
