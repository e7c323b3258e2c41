"""The client over real sockets: what is sent, what is read, what is repeated."""

import asyncio
import gzip
import json
import zlib
from contextlib import aclosing

import httpx
import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import (
    AuthError,
    ChatError,
    ConnectError,
    InterruptedReplyError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    RedirectError,
    UsageError,
)
from chat_tui.core.events import (
    ExtrasDelta,
    Notice,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    UsageReported,
)
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart, Usage
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.client import ChatCompletionsClient
from chat_tui.providers.connecting.connections import open_with
from chat_tui.providers.connecting.exchange import Deadlines
from chat_tui.providers.endpoints import endpoint_of
from chat_tui.providers.keys import Key
from tests.providers.helpers import ImpatientClock, connected, gather, gather_into, prompt, text_of
from tests.servers import (
    Cut,
    Hold,
    LoopbackServer,
    Raw,
    Reply,
    Request,
    Stall,
    Step,
    answer,
    delta,
    event,
    events,
    stream,
    whole,
)

CANARY = "sk-canary-0123456789"
LIMITED = answer({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, 429)


async def failure_of(
    client: ChatCompletionsClient, request: ChatRequest | None = None
) -> tuple[ChatError, list[ReplyEvent]]:
    got: list[ReplyEvent] = []
    with pytest.raises(ChatError) as caught:
        await gather_into(got, client, request)
    return caught.value, got


async def test_a_reply_is_streamed_with_usage_and_finish() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    async with (
        LoopbackServer([stream("Hel", "lo", usage=usage)]) as server,
        connected(server.base_url) as client,
    ):
        got = await gather(client, prompt("你好", temperature=0.5, seed=None, extra={"top_k": 1}))
    assert text_of(got) == "Hello"
    assert got[-2:] == [UsageReported(Usage(3, 2, 5)), ReplyFinished("stop", model="m")]
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.json == {
        "model": "m",
        "messages": [{"role": "user", "content": "你好"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "top_k": 1,
    }
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"].startswith("chat-tui/")
    assert "authorization" not in request.headers


async def test_a_whole_reply_is_asked_for_and_read() -> None:
    async with LoopbackServer([whole("Hello")]) as server, connected(server.base_url) as client:
        got = await gather(client, prompt(stream=False))
    assert got == [TextDelta("Hello"), ReplyFinished("stop", model="m")]
    assert "stream" not in server.requests[0].json


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("reply", [whole("Hello"), stream("Hello")])
async def test_what_comes_is_read_whatever_was_asked_for(asked: bool, reply: Reply) -> None:
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client, prompt(stream=asked))) == "Hello"


async def test_one_connection_serves_many_turns() -> None:
    async with LoopbackServer([stream("a")]) as server, connected(server.base_url) as client:
        for _ in range(3):
            await gather(client)
        assert server.connections == 1


async def test_the_key_is_sent_as_bearer_and_nowhere_shown() -> None:
    refusal = answer({"error": {"message": f"Incorrect key {CANARY}", "code": "x"}}, 401)
    key = Key(f" {CANARY}\n", "TEST_KEY")
    async with LoopbackServer([refusal]) as server, connected(server.base_url, key=key) as client:
        error, _ = await failure_of(client)
        assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert isinstance(error, AuthError)
    assert "TEST_KEY" in error.message
    assert CANARY not in f"{error!r} {error.info} {client!r} {key!r} {vars(client)}"


def test_a_key_does_not_go_over_plain_http_to_another_machine() -> None:
    profile = ProviderProfile("lan", "http://192.168.1.5:8000/v1")
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with pytest.raises(UsageError, match="plain http"):
        ChatCompletionsClient(http, profile, Key(CANARY, "K"), SystemClock())
    ChatCompletionsClient(http, profile, None, SystemClock())


def test_a_key_goes_over_plain_http_where_the_user_allowed_it() -> None:
    profile = ProviderProfile("p", "http://box.example/v1", allow_http=True)
    assert endpoint_of(profile, "from K").host == "box.example"


@pytest.mark.parametrize(
    "given", ["/v1", "/v1/", "", "/", "/v1/chat/completions", "/chat/completions"]
)
async def test_any_spelling_of_the_base_url_finds_the_api(given: str) -> None:
    def serve(request: Request) -> Reply:
        if request.path != "/v1/chat/completions":
            return answer({"detail": "Not Found"}, 404)
        return stream("Hello")

    async with LoopbackServer(serve) as server:
        base = server.base_url.removesuffix("/v1") + given
        async with connected(base) as client:
            assert text_of(await gather(client)) == "Hello"
            before = len(server.requests)
            await gather(client)
            assert len(server.requests) == before + 1


async def test_an_api_without_v1_is_found_too() -> None:
    def serve(request: Request) -> Reply:
        return stream("Hello") if request.path == "/chat/completions" else Reply(status=404)

    async with LoopbackServer(serve) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "Hello"


async def test_the_path_of_a_reply_that_broke_off_is_known_the_next_time() -> None:
    broken = events(event(delta("Hello")), Cut())

    def script(request: Request) -> Reply:
        return broken if request.path.startswith("/v1/") else answer({"detail": "Not Found"}, 404)

    async with LoopbackServer(script) as server:
        async with connected(server.base_url.removesuffix("/v1")) as client:
            await failure_of(client)
            await failure_of(client)
        paths = [request.path for request in server.requests]
    assert paths == ["/chat/completions", "/v1/chat/completions", "/v1/chat/completions"]


async def test_a_page_at_the_first_path_is_no_reason_to_give_up() -> None:
    def serve(request: Request) -> Reply:
        page = Reply([b"<html><title>Gateway</title></html>"])
        return stream("Hello") if request.path.startswith("/v1/") else page

    async with (
        LoopbackServer(serve) as server,
        connected(server.base_url.removesuffix("/v1")) as client,
    ):
        assert text_of(await gather(client)) == "Hello"


async def test_a_server_of_files_before_the_api_is_passed_over() -> None:
    def serve(request: Request) -> Reply:
        return stream("Hello") if request.path.startswith("/v1/") else Reply(status=405)

    root = "http://127.0.0.1:{}"
    async with LoopbackServer(serve) as server, connected(root.format(server.port)) as client:
        assert text_of(await gather(client)) == "Hello"


async def test_text_before_a_damaged_rest_is_kept() -> None:
    packer = zlib.compressobj(wbits=31)
    good = packer.compress(event(delta("Hello"))) + packer.flush(zlib.Z_SYNC_FLUSH)
    reply = Reply([good, b"\xff" * 40], headers={"Content-Encoding": "gzip"})
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        error, got = await failure_of(client)
    assert isinstance(error, InterruptedReplyError)
    assert "damaged" in error.message
    assert text_of(got) == "Hello"


async def test_an_unknown_model_is_no_wrong_path() -> None:
    missing = answer({"error": {"message": "The model `m` does not exist", "code": None}}, 404)
    async with LoopbackServer([missing]) as server, connected(server.base_url) as client:
        error, _ = await failure_of(client)
        assert len(server.requests) == 1
    assert isinstance(error, NotFoundError)
    assert "the model m" in error.message


async def test_redirects_are_named_and_not_followed() -> None:
    async with LoopbackServer([stream("stolen")]) as other:
        moved = Reply(status=307, headers={"Location": other.base_url + "/chat/completions"})
        async with LoopbackServer([moved]) as server:
            key = Key(CANARY, "K")
            async with connected(server.base_url, key=key) as client:
                error, _ = await failure_of(client)
        assert isinstance(error, RedirectError)
        assert str(other.port) in error.message
        assert other.requests == []


async def test_failures_before_content_are_repeated_and_announced() -> None:
    clock = ImpatientClock()
    async with (
        LoopbackServer([LIMITED, Reply(status=503), stream("Hello")]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got = await gather(client)
    retries = [e for e in got if isinstance(e, RetryScheduled)]
    assert [(e.attempt, e.attempts, e.delay) for e in retries] == [(2, 3, 0.25), (3, 3, 0.5)]
    assert [e.error.kind for e in retries] == ["rate_limit", "server"]
    assert clock.slept == [0.25, 0.5]
    assert text_of(got) == "Hello"


async def test_after_three_attempts_the_last_error_is_raised() -> None:
    async with LoopbackServer([LIMITED]) as server, connected(server.base_url) as client:
        error, got = await failure_of(client)
        assert len(server.requests) == 3
    assert isinstance(error, RateLimitError)
    assert len(got) == 2


async def test_the_server_says_how_long_to_wait() -> None:
    clock = ImpatientClock()
    limited = answer({"error": "slow"}, 429, retry_after="7")
    async with (
        LoopbackServer([limited, stream("x")]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        await gather(client)
    assert clock.slept == [7.0]


async def test_an_error_inside_the_stream_before_content_is_repeated_like_a_status() -> None:
    failed = events(event({"error": {"message": "busy", "code": 503}}))
    async with (
        LoopbackServer([failed, stream("x")]) as server,
        connected(server.base_url) as client,
    ):
        got = await gather(client)
    assert [type(e) for e in got] == [RetryScheduled, TextDelta, ReplyFinished]


async def test_a_request_that_is_not_read_to_its_end_is_told_to_be_shorter() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.transport.abort()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with connected(f"http://127.0.0.1:{port}/v1") as client:
            error, _ = await failure_of(client, prompt("x" * 20_000_000))
    # The 413 itself is lost with the connection, which is reset while more is being sent.
    assert isinstance(error, ConnectError)
    assert "send less at once" in error.hint


async def test_nothing_is_repeated_after_the_first_content() -> None:
    failed = events(event(delta("Hel")), event({"error": {"message": "busy", "code": 503}}))
    async with LoopbackServer([failed]) as server, connected(server.base_url) as client:
        error, got = await failure_of(client)
        assert len(server.requests) == 1
    assert isinstance(error, InterruptedReplyError)
    assert text_of(got) == "Hel"


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([Cut()], id="FIN between chunks"),
        pytest.param([Cut(reset=True)], id="RST"),
        pytest.param([Raw(b'40\r\ndata: {"choices":[{"de'), Cut()], id="FIN inside a chunk"),
        pytest.param([Raw(b"zz\r\n")], id="no chunk at all"),
        pytest.param([], id="a clean end without a finish"),
        pytest.param([event({"error": "gone"})], id="error as a string"),
    ],
)
async def test_a_broken_stream_is_interrupted_with_its_text_kept(
    steps: list[bytes | Cut | Raw],
) -> None:
    async with (
        LoopbackServer([events(event(delta("Hello")), *steps)]) as server,
        connected(server.base_url) as client,
    ):
        error, got = await failure_of(client)
        assert len(server.requests) == 1
    assert isinstance(error, InterruptedReplyError)
    assert text_of(got) == "Hello"


async def test_a_broken_stream_keeps_refusal_pictures_and_sources_without_the_key() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": f"https://a.test/?k={CANARY}"}}
    steps = [event(delta(refusal="I can")), event(delta(annotations=[cited], images=["data:,a"]))]
    key = Key(CANARY, "TEST_KEY")
    async with (
        LoopbackServer([events(*steps, Cut())]) as server,
        connected(server.base_url, key=key) as client,
    ):
        error, got = await failure_of(client)
    assert isinstance(error, InterruptedReplyError)
    extras = [each for each in got if isinstance(each, ExtrasDelta)]
    assert "".join(each.refusal for each in extras) == "I can"
    assert [image for each in extras for image in each.images] == ["data:,a"]
    assert [source["type"] for each in extras for source in each.annotations] == ["url_citation"]
    assert CANARY not in repr(got)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([Cut()], id="no words"),
        pytest.param([b'{"error": {"message": "bad', Cut()], id="FIN inside the words"),
        pytest.param([b'{"error": {"message": "bad', Cut(reset=True)], id="RST inside the words"),
        pytest.param([b'{"error": {"message": "bad"}}', Stall()], id="words without an end"),
    ],
)
async def test_a_refusal_counts_by_its_status_however_its_words_end(steps: list[Step]) -> None:
    async with (
        LoopbackServer([Reply(steps, 401)]) as server,
        connected(server.base_url, deadlines=Deadlines(refusal_end=0.05)) as client,
    ):
        error, _ = await failure_of(client)
        assert len(server.requests) == 1
    assert isinstance(error, AuthError)


async def test_a_refusal_that_cannot_be_unpacked_counts_by_its_status() -> None:
    reply = Reply([b"?"], 401, {"Content-Encoding": "br"})
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        error, _ = await failure_of(client)
    assert isinstance(error, AuthError)


@pytest.mark.parametrize("last", [event(delta(finish="stop")), event("[DONE]")])
async def test_a_stream_cut_after_its_end_is_whole(last: bytes) -> None:
    reply = events(event(delta("Hello")), last, Cut())
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        got = await gather(client)
    assert text_of(got) == "Hello"
    assert isinstance(got[-1], ReplyFinished)


async def test_a_body_that_ends_with_the_connection_is_read() -> None:
    reply = Reply([event(delta("Hello")), event("[DONE]")], chunked=False)
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "Hello"


async def test_the_socket_may_stay_open_after_done() -> None:
    reply = events(event(delta("Hello")), event("[DONE]"), event(delta("junk")), Stall())
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "Hello"
        await server.until(lambda: server.hangups == 1)


async def test_closing_the_stream_hangs_up_at_once() -> None:
    async with (
        LoopbackServer([events(event(delta("Hello")), Stall())]) as server,
        connected(server.base_url) as client,
    ):
        async with aclosing(client.stream(prompt())) as got:
            async for first in got:
                assert first == TextDelta("Hello")
                break
        await server.until(lambda: server.hangups == 1, seconds=1)


async def test_cancelling_the_reader_hangs_up_at_once() -> None:
    async with (
        LoopbackServer([Reply([Stall()])]) as server,
        connected(server.base_url) as client,
    ):
        task = asyncio.create_task(gather(client))
        await server.until(lambda: len(server.requests) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.until(lambda: server.hangups == 1, seconds=1)


async def test_a_dead_pooled_connection_is_replaced_unseen() -> None:
    replies = [stream("first"), stream("never"), stream("second")]
    served = 0

    class Rude(LoopbackServer):
        async def _answer(
            self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> bool:
            nonlocal served
            served += 1
            if served == 2:
                return False
            return await super()._answer(reply, reader, writer)

    async with Rude(replies) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "first"
        got = await gather(client)
        assert server.connections == 2
        assert len(server.requests) == 3
    assert text_of(got) == "second"
    assert not any(isinstance(e, RetryScheduled | Notice) for e in got)


async def test_a_fresh_connection_that_breaks_is_an_announced_retry() -> None:
    class Rude(LoopbackServer):
        async def _answer(
            self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> bool:
            return False

    async with Rude([stream("never")]) as server, connected(server.base_url) as client:
        error, got = await failure_of(client)
        assert len(server.requests) == 3
    assert isinstance(error, ConnectError)
    assert [type(e) for e in got] == [RetryScheduled, RetryScheduled]


async def test_a_refused_connection_names_the_host() -> None:
    async with LoopbackServer([]) as server:
        gone = server.base_url
    async with connected(gone) as client:
        error, got = await failure_of(client)
    assert isinstance(error, ConnectError)
    assert error.message == "127.0.0.1 refused the connection."
    assert len(got) == 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply([b"<html><title>Hotel\x1b[31m Wifi</title>"]), "titled “Hotel␛[31m Wifi”"),
        (Reply(), "nothing at all"),
        (Reply(status=204), "nothing at all"),
        (answer({"status": "ok"}), "no reply"),
        (Reply([b"x"], headers={"Content-Encoding": "br"}), "encoding br"),
        (Reply([b"no gzip"], headers={"Content-Encoding": "gzip"}), "damaged"),
        (
            Reply([gzip.compress(b" " * 40_000_000)], headers={"Content-Encoding": "gzip"}),
            "more than 32 MB",
        ),
    ],
)
async def test_what_is_no_api_is_named_and_not_repeated(reply: Reply, words: str) -> None:
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        error, _ = await failure_of(client)
        assert len({request.path for request in server.requests}) == len(server.requests)
    assert isinstance(error, ProtocolError)
    assert words in error.message


async def test_a_compressed_stream_is_unpacked() -> None:
    body = gzip.compress(
        b"".join(step for step in stream("Hello").steps if isinstance(step, bytes))
    )
    steps = [body[:20], body[20:]]
    reply = Reply(steps, headers={"Content-Encoding": "gzip"})
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "Hello"


async def test_one_event_beyond_the_limit_is_refused() -> None:
    flood = [b"x" * 1_000_000] * 34
    reply = events(event(delta("Hello")), b"data: ", *flood, Stall())
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        error, got = await failure_of(client)
    assert isinstance(error, InterruptedReplyError)
    assert "32 MB" in error.message
    assert text_of(got) == "Hello"


async def test_pictures_are_loaded_and_sent_as_data() -> None:
    async def load(hash_: str) -> bytes:
        return hash_.encode()

    parts = (
        TextPart("what is this"),
        ImagePart(sha256="abc", media_type="image/jpeg", detail="low"),
        ImagePart(url="https://example.com/x.png"),
    )
    request = ChatRequest(Target("test", "m"), (ChatMessage("1", "user", parts),))
    async with (
        LoopbackServer([stream("x")]) as server,
        connected(server.base_url, load_image=load) as client,
    ):
        await gather(client, request)
    assert server.requests[0].json["messages"][0]["content"] == [
        {"type": "text", "text": "what is this"},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,YWJj", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
    ]


async def test_deltas_come_as_they_are_sent_and_not_at_the_end() -> None:
    gate = asyncio.Event()
    reply = events(event(delta("early")), Hold(gate), event(delta("late")), event("[DONE]"))
    async with (
        LoopbackServer([reply]) as server,
        connected(server.base_url) as client,
        aclosing(client.stream(prompt())) as got,
    ):
        assert await anext(got) == TextDelta("early")
        gate.set()
        assert await anext(got) == TextDelta("late")


async def test_a_slow_reader_holds_the_server_back() -> None:
    big = event(delta("x" * 30_000))
    reply = events(*[big] * 100, event("[DONE]"))
    async with LoopbackServer([reply]) as server, connected(server.base_url) as client:
        longest = 0
        total = 0
        async with aclosing(client.stream(prompt())) as got:
            async for part in got:
                if isinstance(part, TextDelta):
                    longest = max(longest, len(part.text))
                    total += len(part.text)
                    await asyncio.sleep(0)
    assert total == 3_000_000
    assert longest < 300_000


async def test_a_transport_in_memory_works_like_a_socket() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content)["model"] == "m"
        return httpx.Response(200, json={"choices": [{"message": {"content": "Hello"}}]})

    profile = ProviderProfile("mock", "https://api.example.com/v1")
    async with open_with(httpx.MockTransport(handle)) as http:
        client = ChatCompletionsClient(http, profile, Key(CANARY, "K"), SystemClock())
        assert text_of(await gather(client)) == "Hello"
