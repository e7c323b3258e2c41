"""The connection test: each step may fail, and says so."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from chat_tui.core.checks import CHECKS, CheckStep
from chat_tui.core.targets import DEMO, ProviderProfile, TimeLimits
from chat_tui.providers.listing.checking import check_connection
from chat_tui.providers.profiles import BUILT_IN
from tests.providers.helpers import ImpatientClock
from tests.servers import (
    CERTIFICATES,
    LoopbackServer,
    Reply,
    Request,
    Stall,
    answer,
    delta,
    event,
    events,
    server_tls,
    stream,
)

KEY = "sk-canary-0123456789"


def listing(*ids: str) -> Reply:
    return answer({"data": [{"id": id_} for id_ in ids]})


def served(models: Reply, chat: Reply) -> "LoopbackServer":
    def serve(request: Request) -> Reply:
        return models if request.method == "GET" else chat

    return LoopbackServer(serve)


def profile_at(base_url: str, **fields: object) -> ProviderProfile:
    return replace(ProviderProfile("test", base_url, label="Test"), **fields)  # type: ignore[arg-type]  # its fields


@asynccontextmanager
async def answering_at_once(words: bytes) -> AsyncIterator[int]:
    """A port that says something whatever it is told; without words it only listens."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        if not words:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def checked(
    profile: ProviderProfile, environ: Mapping[str, str] | None = None, *, model: str = ""
) -> dict[str, CheckStep]:
    steps: list[CheckStep] = []
    check = check_connection(profile, environ or {}, ImpatientClock(), model=model)
    async with aclosing(check) as found:
        # Not in a comprehension: the order is looked at, too.
        async for step in found:
            steps.append(step)  # noqa: PERF401
    assert [step.name for step in steps] == list(CHECKS)
    return {step.name: step for step in steps}


def statuses(steps: Mapping[str, CheckStep]) -> str:
    """A letter a step: o(k), f(ailed), s(kipped)."""
    return "".join(step.status[0] for step in steps.values())


async def test_every_step_of_a_good_connection_is_told() -> None:
    async with served(listing("tiny", "large"), stream("ok", finish="length")) as server:
        profile = profile_at(f"http://localhost:{server.port}/v1", key_env="A_KEY")
        steps = await checked(profile, {"A_KEY": KEY}, model="tiny")

        assert statuses(steps) == "oosooo"
        assert steps["dns"].message.startswith("localhost is ")
        assert steps["tcp"].message == f"Connected to localhost, port {server.port}."
        assert "nothing is encrypted" in steps["tls"].message
        assert steps["auth"].message == "Test answered; it was sent the key from A_KEY."
        assert steps["models"].message == "Test lists 2 models, tiny among them."
        assert steps["chat"].message == "m answered."
        sent = server.requests[-1]
        assert (sent.json["model"], sent.json["max_tokens"]) == ("tiny", 1)
        assert sent.json["messages"][-1] == {"role": "user", "content": "Say: ok"}
        assert {request.headers["authorization"] for request in server.requests} == {
            f"Bearer {KEY}"
        }
    assert KEY not in repr(steps)


async def test_an_address_needs_no_name() -> None:
    async with served(listing("tiny"), stream("ok")) as server:
        steps = await checked(profile_at(server.base_url))
    assert statuses(steps) == "sosooo"
    assert steps["dns"].message == "127.0.0.1 is an address, not a name."
    assert steps["auth"].message == "Test answered; it was sent no key."


async def test_a_name_that_does_not_resolve_ends_the_test() -> None:
    steps = await checked(profile_at("https://nothing.invalid/v1"))
    assert statuses(steps) == "fsssss"
    assert "nothing.invalid cannot be resolved" in steps["dns"].message
    assert "base URL" in steps["dns"].hint
    assert "Not tried" in steps["chat"].message


async def test_a_base_url_that_is_none_is_told_first() -> None:
    steps = await checked(profile_at("ftp://example.com"))
    assert statuses(steps) == "fsssss"
    assert "base URL" in steps["dns"].message


async def test_a_closed_port_is_told() -> None:
    async with LoopbackServer([]) as server:
        gone = server.base_url
    steps = await checked(profile_at(gone))
    assert statuses(steps) == "sfssss"
    assert steps["tcp"].message == "127.0.0.1 refused the connection."
    assert "port" in steps["tcp"].hint


async def test_a_good_certificate_is_told_with_its_issuer_and_its_end() -> None:
    def serve(request: Request) -> Reply:
        return listing("tiny") if request.method == "GET" else stream("ok")

    async with LoopbackServer(serve, tls=server_tls()) as server:
        profile = profile_at(
            f"https://localhost:{server.port}/v1", ca_file=str(CERTIFICATES / "ca.pem")
        )
        steps = await checked(profile)
    assert statuses(steps) == "oooooo"
    assert re.fullmatch(
        r"TLSv1\.3, certificate by .+, valid until 21\d\d-\d\d-\d\d\.", steps["tls"].message
    )


async def test_a_certificate_that_nobody_trusts_is_told() -> None:
    async with LoopbackServer([stream("never")], tls=server_tls()) as server:
        steps = await checked(profile_at(f"https://localhost:{server.port}/v1"))
        assert server.requests == []
    assert statuses(steps) == "oofsss"
    assert "not trusted" in steps["tls"].message
    assert "ca_file" in steps["tls"].hint


async def test_tls_to_a_plain_port_is_told() -> None:
    # As servers of plain http answer what they cannot read.
    async with answering_at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        steps = await checked(profile_at(f"https://127.0.0.1:{port}/v1"))
    assert statuses(steps) == "sofsss"
    assert "does not speak TLS" in steps["tls"].message
    assert steps["tls"].hint


async def test_a_port_that_is_silent_on_tls_is_not_waited_for_for_ever() -> None:
    async with answering_at_once(b"") as port:
        url = f"https://127.0.0.1:{port}/v1"
        steps = await checked(profile_at(url, limits=TimeLimits(connect=0.2)))
    assert statuses(steps) == "sofsss"
    assert "no keys within 0.2 s" in steps["tls"].message


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_told_with_its_source(status: int) -> None:
    refusal = answer({"error": {"message": f"bad key {KEY}"}}, status)
    async with served(refusal, stream("never")) as server:
        steps = await checked(profile_at(server.base_url, key_env="A_KEY"), {"A_KEY": KEY})
        assert all(request.method == "GET" for request in server.requests)
    assert statuses(steps) == "sosfss"
    assert str(status) in steps["auth"].message
    assert steps["auth"].hint
    assert KEY not in repr(steps)


async def test_a_missing_key_is_told() -> None:
    async with served(listing("tiny"), stream("ok")) as server:
        steps = await checked(profile_at(server.base_url, key_env="A_KEY"))
        assert server.requests == []
    assert statuses(steps) == "sosfss"
    assert "A_KEY is not set" in steps["auth"].message


@pytest.mark.parametrize("status", [404, 405])
async def test_a_server_without_a_list_is_tested_with_a_prompt(status: int) -> None:
    async with served(Reply(status=status), stream("ok")) as server:
        steps = await checked(profile_at(server.base_url), model="tiny")
    assert statuses(steps) == "sossso"
    assert "no list" in steps["auth"].message


async def test_what_is_no_api_is_told() -> None:
    page = Reply([b"<html><title>Router</title></html>"])
    async with served(page, page) as server:
        steps = await checked(profile_at(server.base_url))
    assert statuses(steps) == "sosfss"
    assert "Router" in steps["auth"].message


async def test_a_failing_list_is_asked_for_once() -> None:
    async with served(Reply(status=503), stream("never")) as server:
        steps = await checked(profile_at(server.base_url))
        assert len(server.requests) == 1
    assert statuses(steps) == "sosfss"


async def test_a_model_that_is_not_listed_is_compared_with_those_that_are() -> None:
    refused = answer({"error": {"message": "no such model", "code": "model_not_found"}}, 404)
    async with served(listing("gpt-4o", "gpt-4o-mini"), refused) as server:
        steps = await checked(profile_at(server.base_url), model="gpt-4o-mni")
    assert statuses(steps) == "sosoof"
    assert "did you mean gpt-4o-mini?" in steps["models"].message
    assert "gpt-4o-mni" in steps["chat"].message


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("vendor/model:free", "vendor/model"),
        ("llama3", "llama3:latest"),
    ],
)
async def test_other_spellings_of_a_listed_model_are_known(model: str, listed: str) -> None:
    async with served(listing(listed), stream("ok")) as server:
        steps = await checked(profile_at(server.base_url), model=model)
    assert steps["models"].message.endswith("among them.")


async def test_without_a_model_the_first_to_talk_to_is_asked() -> None:
    async with served(listing("text-embedding-3", "tiny"), stream("ok")) as server:
        steps = await checked(profile_at(server.base_url))
        assert server.requests[-1].json["model"] == "tiny"
    assert statuses(steps) == "sosooo"


async def test_without_any_model_there_is_no_chat() -> None:
    async with served(listing(), stream("ok")) as server:
        steps = await checked(profile_at(server.base_url))
    assert statuses(steps) == "sososs"
    assert steps["chat"].hint == "Name a model."


async def test_a_refused_prompt_is_told() -> None:
    refused = answer({"error": {"message": "the roof is on fire"}}, 400)
    async with served(listing("tiny"), refused) as server:
        steps = await checked(profile_at(server.base_url))
    assert statuses(steps) == "sosoof"
    assert "the roof is on fire" in steps["chat"].message


async def test_a_prompt_that_would_be_repeated_fails_the_test_at_once() -> None:
    async with served(listing("tiny"), Reply(status=503)) as server:
        steps = await checked(profile_at(server.base_url))
        assert len(server.requests) == 2
    assert statuses(steps) == "sosoof"
    assert "503" in steps["chat"].message


async def test_a_model_that_cannot_stop_after_a_token_is_asked_without_a_limit() -> None:
    words = "Could not finish the message because max_tokens or model output limit was reached."

    def serve(request: Request) -> Reply:
        if request.method == "GET":
            return listing("o3")
        limited = {"max_tokens", "max_completion_tokens"} & set(request.json)
        return answer({"error": {"message": words}}, 400) if limited else stream("ok")

    async with LoopbackServer(serve) as server:
        steps = await checked(profile_at(server.base_url))
    assert statuses(steps) == "sosooo"


async def test_a_reply_that_breaks_off_is_told() -> None:
    broken = events(event(delta("o")))
    async with served(listing("tiny"), broken) as server:
        steps = await checked(profile_at(server.base_url))
    assert statuses(steps) == "sosoof"


async def test_a_server_behind_a_proxy_is_reached_through_it() -> None:
    async with LoopbackServer([]) as server:
        gone = server.port
    profile = profile_at("https://models.example/v1", proxy=f"http://user:{KEY}@127.0.0.1:{gone}")
    steps = await checked(profile)
    assert statuses(steps) == "sfssss"
    assert steps["dns"].message == "The proxy 127.0.0.1 looks the name up."
    assert KEY not in repr(steps)


async def test_a_proxy_that_refuses_is_told_where_the_secure_connection_fails() -> None:
    async with LoopbackServer([Reply(status=403)]) as proxy:
        profile = profile_at("https://models.example/v1", proxy=f"http://127.0.0.1:{proxy.port}")
        steps = await checked(profile)
        assert [request.method for request in proxy.requests] == ["CONNECT"]
    assert statuses(steps) == "sofsss"
    assert "proxy" in steps["tls"].message


async def test_a_missing_key_proves_nothing_about_the_way_through_a_proxy() -> None:
    async with LoopbackServer([Reply(status=403)]) as proxy:
        profile = profile_at(
            "https://models.example/v1", proxy=f"http://127.0.0.1:{proxy.port}", key_env="A_KEY"
        )
        steps = await checked(profile)
        assert proxy.requests == []
    assert statuses(steps) == "sosfss"
    assert "A_KEY is not set" in steps["auth"].message


async def test_nobody_who_accepts_is_waited_for_as_long_as_the_profile_says() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(3)]
        try:
            for each in held:
                each.setblocking(False)
                each.connect_ex(("127.0.0.1", port))
            limits = TimeLimits(connect=0.1)
            steps = await checked(profile_at(f"http://127.0.0.1:{port}", limits=limits))
        finally:
            for each in held:
                each.close()
    assert statuses(steps) == "sfssss"


async def test_the_demo_needs_no_network() -> None:
    steps = await checked(BUILT_IN[DEMO], {"CHAT_TUI_DEMO_RATE": "0"})
    assert statuses(steps) == "sssooo"


async def test_a_test_that_is_given_up_closes_its_connections() -> None:
    async with served(Reply([Stall()]), stream("never")) as server:
        profile = profile_at(server.base_url)
        task = asyncio.create_task(checked(profile))
        await server.until(lambda: bool(server.requests))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.until(lambda: server.hangups > 0)
