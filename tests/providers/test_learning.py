"""Refusals over real sockets: what is repeated, what is remembered, what is named."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chat_tui.core.errors import (
    BadRequestError,
    ChatError,
    ContextError,
    ProtocolError,
    TooLargeError,
    UsageError,
)
from chat_tui.core.events import Notice, ReplyEvent, RetryScheduled, TextDelta
from chat_tui.core.exchanges import ExchangeLog
from chat_tui.core.memory import ForgetfulMemory, Learnt
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart, text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile, Quirks, Target
from chat_tui.providers.client import ChatCompletionsClient
from chat_tui.providers.connecting.connections import open_http
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import Key
from chat_tui.providers.listing.model_lists import read_models
from tests.providers.helpers import (
    HandClock,
    connected,
    gather,
    gather_into,
    prompt,
    text_of,
)
from tests.servers import (
    Hold,
    LoopbackServer,
    Reply,
    Request,
    answer,
    delta,
    event,
    events,
    stream,
    whole,
)

KEY = "sk-0123456789-canary"


def refusing(field: str, words: str, param: str | None = None) -> Callable[[Request], Reply]:
    """A server that refuses requests with a field, and answers all others."""
    refusal = answer({"error": {"message": words, "param": param}}, 400)

    def serve(request: Request) -> Reply:
        return refusal if field in request.json else stream("ok")

    return serve


async def failure_of(
    client: ChatCompletionsClient, request: ChatRequest
) -> tuple[ChatError, list[ReplyEvent]]:
    got: list[ReplyEvent] = []
    with pytest.raises(ChatError) as caught:
        await gather_into(got, client, request)
    return caught.value, got


def notices(got: list[ReplyEvent]) -> list[tuple[str, str]]:
    return [(each.kind, each.message) for each in got if isinstance(each, Notice)]


OLD = refusing("max_tokens", "Unsupported parameter: 'max_tokens'. Use the other instead.")
NEW = refusing("max_completion_tokens", "Extra inputs are not permitted", "max_completion_tokens")
OPTIONS = refusing("stream_options", "Unknown field", "stream_options")
STREAM = refusing("stream", "Your organization must be verified to stream this model.", "stream")


@pytest.mark.parametrize(
    ("serve", "model", "learnt"),
    [
        (OLD, "m", Learnt(spellings={"max_tokens": "max_completion_tokens"})),
        (NEW, "o3", Learnt(spellings={"max_tokens": "max_tokens"})),
        (OPTIONS, "m", Learnt(frozenset({"stream_options"}))),
        (STREAM, "m", Learnt(frozenset({"stream"}))),
    ],
)
async def test_a_field_of_the_app_s_own_choice_is_learnt_from_one_refusal(
    serve: Callable[[Request], Reply], model: str, learnt: Learnt
) -> None:
    memory = ForgetfulMemory()
    request = prompt(model=model, max_tokens=5)
    async with LoopbackServer(serve) as server:
        async with connected(server.base_url, memory=memory) as client:
            first = await gather(client, request)
            assert len(server.requests) == 2
            second = await gather(client, request)
            assert len(server.requests) == 3
        async with connected(server.base_url, memory=memory) as client:
            third = await gather(client, request)
            assert len(server.requests) == 4
    assert [kind for kind, _ in notices(first)] == ["adapted"]
    assert not any(isinstance(each, RetryScheduled) for each in first)
    assert notices(second) == notices(third) == []
    assert text_of(third) == "ok"
    assert memory.learnt("test", model) == learnt


async def test_two_fields_are_adapted_in_one_request() -> None:
    def serve(request: Request) -> Reply:
        for refuses in (OPTIONS, OLD):
            if (reply := refuses(request)).status == 400:
                return reply
        return stream("ok")

    memory = ForgetfulMemory()
    async with LoopbackServer(serve) as server, connected(server.base_url, memory=memory) as client:
        got = await gather(client, prompt(max_tokens=5))
        assert len(server.requests) == 3
    assert [kind for kind, _ in notices(got)] == ["adapted", "adapted"]
    assert memory.learnt("test", "m").left_out == {"stream_options"}
    assert memory.learnt("test", "m").spellings == {"max_tokens": "max_completion_tokens"}


async def test_a_limit_that_is_refused_in_both_spellings_is_named_and_not_learnt() -> None:
    def serve(request: Request) -> Reply:
        spelt = "max_tokens" if "max_tokens" in request.json else "max_completion_tokens"
        return answer({"error": {"message": f"unknown field `{spelt}`"}}, 400)

    memory = ForgetfulMemory()
    async with LoopbackServer(serve) as server, connected(server.base_url, memory=memory) as client:
        error, _ = await failure_of(client, prompt(max_tokens=5))
        assert len(server.requests) == 2
    assert isinstance(error, BadRequestError)
    assert error.param == "max_tokens"
    assert memory.learnt("test", "m") == Learnt()


async def test_what_was_adapted_is_kept_when_another_parameter_is_refused_next() -> None:
    def serve(request: Request) -> Reply:
        reply = OPTIONS(request)
        return reply if reply.status == 400 else answer({"error": "unknown field `seed`"}, 422)

    memory = ForgetfulMemory()
    async with LoopbackServer(serve) as server, connected(server.base_url, memory=memory) as client:
        error, _ = await failure_of(client, prompt(seed=5))
    assert isinstance(error, BadRequestError)
    assert error.param == "seed"
    assert memory.learnt("test", "m") == Learnt(frozenset({"stream_options"}))


@pytest.mark.parametrize(
    ("parameters", "body", "param"),
    [
        (
            {"temperature": 0.7},
            {"error": {"message": "Unsupported value: 'temperature' does not support 0.7."}},
            "temperature",
        ),
        ({"seed": 5}, {"error": "Unrecognized request argument supplied: seed"}, "seed"),
        ({"extra": {"top_k": 5}}, {"error": {"message": "no", "param": "top_k"}}, "top_k"),
        (
            {"logprobs": True},
            {"detail": [{"loc": ["body", "logprobs"], "msg": "Extra inputs are not permitted"}]},
            "logprobs",
        ),
        (
            {"frequency_penalty": 1},
            {
                "object": "error",
                "message": {
                    "detail": [
                        {
                            "type": "extra_forbidden",
                            "loc": ["body", "frequency_penalty"],
                            "msg": "Extra inputs are not permitted",
                        }
                    ]
                },
            },
            "frequency_penalty",
        ),
        ({"temperature": 1}, {"error": {"message": "bad", "param": "messages[0].content"}}, None),
        ({}, {"error": {"message": "no", "param": "temperature"}}, None),
    ],
)
async def test_a_parameter_of_the_user_s_that_is_refused_is_named(
    parameters: dict[str, Any], body: dict[str, Any], param: str | None
) -> None:
    async with (
        LoopbackServer([answer(body, 400)]) as server,
        connected(server.base_url) as client,
    ):
        error, got = await failure_of(client, prompt(**parameters))
        assert len(server.requests) == 1
    assert isinstance(error, BadRequestError)
    assert error.param == param
    assert error.info.param == param
    assert got == []
    if param is not None:
        assert param in error.message
        assert error.hint == f"Send it again without {param}, or give it another value."


async def test_a_parameter_that_was_refused_before_is_left_out_and_said() -> None:
    memory = ForgetfulMemory()
    memory.learn("test", "m", Learnt(frozenset({"temperature"})))
    serve = refusing("temperature", "no", "temperature")
    async with LoopbackServer(serve) as server, connected(server.base_url, memory=memory) as client:
        got = await gather(client, prompt(temperature=1))
        assert len(server.requests) == 1
    assert notices(got) == [("left_out", "m refused temperature before; it was left out.")]


@pytest.mark.parametrize("parameters", [{"temperature": 3}, {"tool_choice": "auto"}, {"x": 1}])
async def test_what_cannot_be_sent_is_not_sent(parameters: dict[str, Any]) -> None:
    async with LoopbackServer([stream("x")]) as server, connected(server.base_url) as client:
        error, _ = await failure_of(client, prompt(**parameters))
        assert server.connections == 0
    assert isinstance(error, UsageError)


async def test_a_reply_is_asked_for_whole_where_the_parameter_says_so() -> None:
    async with LoopbackServer([whole("ok")]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client, prompt(extra={"x": 1}, seed=1))) == "ok"
        request = ChatRequest(Target("test", "m", {"stream": False}), prompt().messages)
        assert text_of(await gather(client, request)) == "ok"
    assert [request.json.get("stream") for request in server.requests] == [True, False]


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "authorization", f"Bearer {KEY}"),
        ("api-key", "api-key", KEY),
        ("x-api-key", "x-api-key", KEY),
    ],
)
async def test_the_key_goes_where_the_provider_wants_it(auth: Any, header: str, value: str) -> None:
    async with (
        LoopbackServer([stream("x")]) as server,
        connected(server.base_url, key=Key(KEY, "K"), quirks=Quirks(auth=auth)) as client,
    ):
        await gather(client)
    headers = server.requests[0].headers
    assert {name: text for name, text in headers.items() if KEY in text} == {header: value}


async def test_an_opened_gate_sends_the_retry_at_once() -> None:
    clock = HandClock()
    busy = answer({"error": "busy"}, 503, retry_after="30")
    request = prompt()
    async with (
        LoopbackServer([busy, stream("ok")]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        reading = asyncio.create_task(gather_into(got, client, request))
        await server.until(lambda: 30.0 in clock.slept)
        assert len(server.requests) == 1
        request.gate.open()
        await asyncio.wait_for(reading, 5)
    assert clock.time == 1000.0
    assert text_of(got) == "ok"


PICTURES = ChatRequest(
    Target("test", "m"),
    (
        ChatMessage("1", "user", text_parts("hello")),
        ChatMessage("2", "assistant", text_parts("hi")),
        ChatMessage("3", "user", (TextPart("look"), ImagePart(sha256="a", name="photo.png"))),
    ),
)


async def _load(_hash: str) -> bytes:
    return b"x" * 4_200_000


async def test_what_is_too_large_is_named() -> None:
    page = Reply([b"<html><title>413 Request Entity Too Large</title>"], 413)
    async with (
        LoopbackServer([page]) as server,
        connected(server.base_url, load_image=_load) as client,
    ):
        error, _ = await failure_of(client, PICTURES)
        assert len(server.requests) == 1
    assert isinstance(error, TooLargeError)
    assert error.message.endswith(
        " The largest is the picture photo.png in message 3 of 3 (4.2 MB)."
    )
    assert error.hint.startswith("Edit the prompt and attach the picture anew")


async def test_a_text_that_is_too_large_is_not_told_to_have_smaller_images() -> None:
    async with LoopbackServer([Reply([b""], 413)]) as server, connected(server.base_url) as client:
        error, _ = await failure_of(client, prompt("x" * 9000))
    assert error.hint == "Send a shorter message, or start a new conversation."
    assert "The largest" not in error.message


def _only(path: str) -> Callable[[Request], Reply]:
    """A server whose API is below one path."""

    def serve(request: Request) -> Reply:
        if not request.path.startswith(path):
            return answer({"detail": "Not Found"}, 404)
        return answer({"data": [{"id": "m"}]}) if request.method == "GET" else stream("ok")

    return serve


async def test_the_address_that_answered_is_the_first_after_a_restart() -> None:
    memory = ForgetfulMemory()
    async with LoopbackServer(_only("/v1/")) as server:
        base_url = server.base_url.removesuffix("/v1")
        for _ in range(2):
            async with connected(base_url, memory=memory) as client:
                assert text_of(await gather(client)) == "ok"
    paths = [request.path for request in server.requests]
    assert paths == ["/chat/completions", *["/v1/chat/completions"] * 2]


async def test_an_address_that_has_moved_is_learnt_anew() -> None:
    memory = ForgetfulMemory()
    async with LoopbackServer(_only("/chat/")) as server:
        base_url = server.base_url.removesuffix("/v1")
        memory.learn("test", "", Learnt(root=base_url + "/v1"))
        for _ in range(2):
            async with connected(base_url, memory=memory) as client:
                assert text_of(await gather(client)) == "ok"
    paths = [request.path for request in server.requests]
    assert paths == ["/v1/chat/completions", *["/chat/completions"] * 2]


async def test_an_address_of_another_origin_is_not_asked() -> None:
    memory = ForgetfulMemory()
    async with LoopbackServer([]) as other, LoopbackServer([stream("ok")]) as server:
        memory.learn("test", "", Learnt(root=other.base_url))
        async with connected(server.base_url, memory=memory) as client:
            assert text_of(await gather(client)) == "ok"
        assert other.connections == 0
    assert memory.learnt("test", "") == Learnt(root=other.base_url)


async def test_a_list_of_models_tells_where_prompts_go() -> None:
    memory = ForgetfulMemory()
    async with LoopbackServer(_only("/v1/")) as server:
        base_url = server.base_url.removesuffix("/v1")
        profile = ProviderProfile("test", base_url)
        async with connected(base_url, memory=memory) as client:
            async with open_http(parse_base_url(base_url)) as http:
                await read_models(http, profile, None, HandClock(), memory=memory)
            assert text_of(await gather(client)) == "ok"
    paths = [request.path for request in server.requests]
    assert paths == ["/models", "/v1/models", "/v1/chat/completions"]


async def test_a_list_of_models_does_not_move_the_prompts() -> None:
    memory = ForgetfulMemory()
    async with LoopbackServer([answer({}, 404), answer({"data": [{"id": "m"}]})]) as server:
        base_url = server.base_url.removesuffix("/v1")
        memory.learn("test", "", Learnt(root=base_url + "/v1"))
        async with open_http(parse_base_url(base_url)) as http:
            await read_models(
                http, ProviderProfile("test", base_url), None, HandClock(), memory=memory
            )
    assert [request.path for request in server.requests] == ["/v1/models", "/models"]
    assert memory.learnt("test", "").root == base_url + "/v1"


async def test_a_window_that_is_too_small_is_learnt_from_the_words() -> None:
    words = (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in"
        " 30000 tokens."
    )
    refusal = answer({"error": {"message": words, "code": "context_length_exceeded"}}, 400)
    memory = ForgetfulMemory()
    memory.learn("test", "m-4096", Learnt(frozenset({"seed"})))
    messages = [ChatMessage(str(n), "user", text_parts("x" * n)) for n in (8, 120_000)]
    long = ChatRequest(Target("test", "m-4096"), tuple(messages))
    async with (
        LoopbackServer([refusal]) as server,
        connected(server.base_url, memory=memory) as client,
    ):
        error, _ = await failure_of(client, long)
        assert len(server.requests) == 1
    assert isinstance(error, ContextError)
    assert error.window == 8192
    assert error.message.endswith("The largest is your message 2 of 2 (120,000 characters).")
    assert memory.learnt("test", "m-4096") == Learnt(frozenset({"seed"}), window=8192)


async def test_a_window_that_only_a_field_names_is_said() -> None:
    body = {
        "code": 400,
        "message": "the request exceeds the available context size",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9000,
        "n_ctx": 4096,
    }
    memory = ForgetfulMemory()
    async with (
        LoopbackServer([answer({"error": body}, 400)]) as server,
        connected(server.base_url, memory=memory) as client,
    ):
        error, _ = await failure_of(client, prompt())
    assert isinstance(error, ContextError)
    assert "4,096 tokens" in error.message
    assert memory.learnt("test", "m").window == 4096


async def test_a_model_s_name_is_no_window() -> None:
    refusal = answer({"error": {"message": "no", "code": "context_length_exceeded"}}, 400)
    memory = ForgetfulMemory()
    async with (
        LoopbackServer([refusal]) as server,
        connected(server.base_url, memory=memory) as client,
    ):
        error, _ = await failure_of(client, prompt(model="mistral-2407"))
    assert isinstance(error, ContextError)
    assert memory.learnt("test", "mistral-2407") == Learnt()


async def test_an_empty_reply_may_mean_that_the_window_is_too_small() -> None:
    async with LoopbackServer([Reply()]) as server, connected(server.base_url) as client:
        error, _ = await failure_of(client, prompt())
        assert len(server.requests) == 1
    assert isinstance(error, ProtocolError)
    assert "larger than the model's window" in error.hint


async def test_requests_wait_for_a_free_slot_and_say_so() -> None:
    held = asyncio.Event()
    slow = events(event(delta("one")), Hold(held), event("[DONE]"))
    slots = asyncio.Semaphore(1)
    async with (
        LoopbackServer([slow, stream("two")]) as server,
        connected(server.base_url, slots=slots) as client,
    ):
        first: list[ReplyEvent] = []
        second: list[ReplyEvent] = []
        one = asyncio.create_task(gather_into(first, client))
        await server.until(lambda: first == [TextDelta("one")])
        two = asyncio.create_task(gather_into(second, client))
        await server.until(lambda: second != [])
        assert [kind for kind, _ in notices(second)] == ["queued"]
        assert len(server.requests) == 1
        held.set()
        await asyncio.wait_for(asyncio.gather(one, two), 5)
    assert text_of(second) == "two"
    assert not notices(first)


async def test_a_stopped_request_gives_its_slot_back() -> None:
    slots = asyncio.Semaphore(1)
    async with (
        LoopbackServer([events(event(delta("one")), Hold(asyncio.Event()))]) as server,
        connected(server.base_url, slots=slots) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await server.until(lambda: got != [])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not slots.locked()


async def test_each_attempt_is_recorded_without_the_key() -> None:
    log = ExchangeLog()
    request = ChatRequest(Target("test", "m"), prompt().messages, reply="r1")
    refusal = answer({"error": {"message": "Unknown", "param": "stream_options"}}, 400)
    async with (
        LoopbackServer([refusal, stream("ok")]) as server,
        connected(server.base_url, key=Key(KEY, "K"), log=log) as client,
    ):
        await gather(client, request)
    first, second = log.of("r1")
    assert (first.status, second.status) == (400, 200)
    assert '"stream_options"' in first.body
    assert '"stream_options"' not in second.body
    assert KEY not in repr((first, second))
    assert second.error == ""


async def test_a_record_has_the_words_that_the_user_was_told() -> None:
    log = ExchangeLog()
    request = ChatRequest(Target("test", "m", {"seed": 1}), prompt().messages, reply="r1")
    async with (
        LoopbackServer([answer({"error": "unknown field `seed`"}, 400)]) as server,
        connected(server.base_url, log=log) as client,
    ):
        error, _ = await failure_of(client, request)
    assert [record.error for record in log.of("r1")] == [error.message]
