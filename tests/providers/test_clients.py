"""The source of clients: made when needed, one for each provider."""

import asyncio
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import AuthError, TlsError, UsageError
from chat_tui.core.events import Notice, ReplyEvent, TextDelta
from chat_tui.core.targets import DEMO, ProviderProfile, Target, TimeLimits
from chat_tui.providers.clients import Clients
from chat_tui.providers.profiles import BUILT_IN
from tests.providers.helpers import ImpatientClock, gather, gather_into, prompt, text_of
from tests.servers import Hold, LoopbackServer, Reply, Request, answer, delta, event, events, stream

KEY = "sk-canary-0123456789"
MINE = Target("mine", "m")


async def test_a_provider_has_one_client() -> None:
    clients = Clients(BUILT_IN, {}, SystemClock())
    first = clients.client_for(Target("ollama", "a"))
    assert clients.client_for(Target("ollama", "b")) is first
    assert clients.client_for(Target(DEMO, "demo")) is not first
    await clients.aclose()


async def test_an_unknown_provider_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no provider named nobody"):
        Clients(BUILT_IN, {}, SystemClock()).client_for(Target("nobody", "m"))


async def test_an_unknown_provider_is_told_with_the_ones_that_are_likely() -> None:
    own = ProviderProfile("mine", "https://m.example/v1", "MINE")
    clients = Clients({**BUILT_IN, "mine": own}, {"DEEPSEEK_API_KEY": KEY}, SystemClock())

    with pytest.raises(UsageError) as caught:
        clients.client_for(Target("grok", "m"))
    with pytest.raises(UsageError) as alone:
        Clients({"mine": own}, {}, SystemClock()).client_for(Target("grok", "m"))

    assert caught.value.hint.startswith("There are groq, mine, deepseek, ")
    assert caught.value.hint.endswith(" and others.")
    assert len(caught.value.hint.split(", ")) == 5
    assert alone.value.hint == "There are mine."


async def test_a_missing_key_is_named_by_its_variable() -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        Clients(BUILT_IN, {}, SystemClock()).client_for(Target("openai", "m"))


async def test_a_client_shows_no_key() -> None:
    async with LoopbackServer([stream("Hello")]) as server:
        clients = Clients({"mine": profile_of(server)}, {"K": KEY}, ImpatientClock())
        client = clients.client_for(MINE)
        await gather(client)
        assert KEY not in f"{clients} {client} {vars(client)}"
        await clients.aclose()


def profile_of(server: LoopbackServer) -> ProviderProfile:
    return ProviderProfile("mine", server.base_url, "K", label="Mine")


async def test_a_provider_may_be_added_and_replaced() -> None:
    clients = Clients(BUILT_IN, {"K": KEY}, ImpatientClock())
    async with LoopbackServer([stream("Hello")]) as server:
        for key_env in ("", "K"):
            clients.add(ProviderProfile("mine", server.base_url, key_env))
            assert text_of(await gather(clients.client_for(Target("mine", "m")))) == "Hello"
        assert clients.profile("mine").key_env == "K"
        assert "mine" in clients.profiles
        sent = [request.headers.get("authorization") for request in server.requests]
        assert sent == [None, f"Bearer {KEY}"]
    await clients.aclose()


async def test_an_edited_provider_gets_new_connections_and_the_reply_that_comes_is_kept() -> None:
    gate = asyncio.Event()
    reply = events(event(delta("Hel")), Hold(gate), event(delta("lo")), event("[DONE]"))
    async with LoopbackServer([reply, stream("again")]) as server, LoopbackServer([]) as other:
        profile = profile_of(server)
        clients = Clients({"mine": profile}, {"K": KEY}, ImpatientClock())
        old = clients.connection(profile)
        async with aclosing(clients.client_for(MINE).stream(prompt())) as got:
            assert await anext(got) == TextDelta("Hel")
            clients.add(replace(profile, base_url=other.base_url))
            assert clients.connection(clients.profile("mine")) is not old
            assert not old.is_closed
            gate.set()
            assert text_of([event async for event in got]) == "lo"
        await server.until(lambda: old.is_closed)
        assert other.connections == 0
        await clients.aclose()


@pytest.mark.parametrize(
    "change",
    [
        {"proxy": "http://127.0.0.1:9"},
        {"ca_file": "/nowhere"},
        {"limits": TimeLimits(connect=3)},
        {"base_url": "http://127.0.0.1:9/v1"},
    ],
)
async def test_connections_that_nobody_uses_any_more_are_closed(change: dict[str, object]) -> None:
    profile = ProviderProfile("mine", "http://localhost:8/v1")
    clients = Clients({"mine": profile}, {}, SystemClock())
    old = clients.connection(profile)
    clients.add(replace(profile, label="Mine"))
    assert clients.connection(profile) is old
    clients.add(replace(profile, **change))  # type: ignore[arg-type]  # fields of the profile
    assert clients.connection(clients.profile("mine")) is not old
    await clients.aclose()
    assert old.is_closed


async def test_connections_are_shared_by_those_that_agree() -> None:
    profile = ProviderProfile("mine", "http://localhost:8/v1")
    twin = replace(profile, name="twin", base_url="http://localhost:8")
    clients = Clients({"mine": profile, "twin": twin}, {}, SystemClock())
    shared = clients.connection(profile)
    assert clients.connection(twin) is shared
    clients.remove("mine")
    assert clients.connection(twin) is shared
    clients.remove("twin")
    await clients.aclose()
    assert shared.is_closed
    with pytest.raises(UsageError, match="no provider named twin"):
        clients.client_for(Target("twin", "m"))


async def test_a_key_that_was_refused_is_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("key-number-1")

    def reply(request: Request) -> Reply:
        if request.headers["authorization"] == "Bearer key-number-1":
            path.write_text("key-number-2")
            return answer({"error": {"message": "expired"}}, 401)
        return stream("Hello")

    async with LoopbackServer(reply) as server:
        profile = replace(profile_of(server), key_env="", key_command=("cat", str(path)))
        clients = Clients({"mine": profile}, {}, ImpatientClock())
        got = await gather(clients.client_for(MINE))
        assert text_of(got) == "Hello"
        assert [event.kind for event in got if isinstance(event, Notice)] == ["key_changed"]
        assert len(server.requests) == 2
        await clients.aclose()


async def test_two_prompts_whose_key_has_expired_ask_for_another_once(tmp_path: Path) -> None:
    path, runs, gate = tmp_path / "key", tmp_path / "runs", asyncio.Event()
    path.write_text("key-number-1")
    refused: list[Request] = []

    def reply(request: Request) -> Reply:
        if request.headers["authorization"] == "Bearer key-number-2":
            return stream("Hello")
        path.write_text("key-number-2")
        refused.append(request)
        return Reply([Hold(gate)] if len(refused) == 2 else [], 401)

    async with LoopbackServer(reply) as server:
        command = ("sh", "-c", f"echo x >> '{runs}'; cat '{path}'")
        profile = replace(profile_of(server), key_env="", key_command=command)
        clients = Clients({"mine": profile}, {}, ImpatientClock())
        both = [asyncio.create_task(gather(clients.client_for(MINE))) for _ in range(2)]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        gate.set()
        assert [text_of(await task) for task in both] == ["Hello", "Hello"]
        await clients.key(profile)
        assert runs.read_text() == "x\n" * 2
        await clients.aclose()


async def test_a_key_that_stays_refused_is_sent_once_and_taken_anew_with_the_next_prompt(
    tmp_path: Path,
) -> None:
    path = tmp_path / "key"
    path.write_text("key-number-1")
    path.chmod(0o600)
    replies = [answer({"error": {"message": "no"}}, 401), stream("Hello")]
    async with LoopbackServer(replies) as server:
        profile = replace(profile_of(server), key_env="", key_file=str(path))
        clients = Clients({"mine": profile}, {}, ImpatientClock())
        with pytest.raises(AuthError):
            await gather(clients.client_for(MINE))
        assert len(server.requests) == 1
        path.write_text("key-number-2")
        await gather(clients.client_for(MINE))
        assert server.requests[1].headers["authorization"] == "Bearer key-number-2"
        await clients.aclose()


async def test_tokens_that_are_always_new_and_always_refused_are_sent_twice_at_most() -> None:
    async with LoopbackServer([answer({"error": {"message": "no"}}, 401)]) as server:
        command = ("sh", "-c", "date +token-%s%N")
        profile = replace(profile_of(server), key_env="", key_command=command)
        clients = Clients({"mine": profile}, {}, ImpatientClock())
        with pytest.raises(AuthError):
            await gather(clients.client_for(MINE))
        assert len(server.requests) == 2
        await clients.aclose()


async def test_a_missing_key_file_is_told_before_anything_is_stored(tmp_path: Path) -> None:
    profile = ProviderProfile("mine", "https://api.test/v1", key_file=str(tmp_path / "none"))
    with pytest.raises(UsageError, match="there is no file"):
        Clients({"mine": profile}, {}, SystemClock()).client_for(MINE)


async def test_no_key_goes_out_in_the_clear_unless_that_is_allowed() -> None:
    async with LoopbackServer([stream("Hello")]) as server:
        # This machine by an address that is no loopback address.
        base_url = server.base_url.replace("127.0.0.1", "0.0.0.0")
        profile = replace(profile_of(server), base_url=base_url)
        clients = Clients({"mine": profile}, {"K": KEY}, ImpatientClock())
        with pytest.raises(UsageError, match="plain http"):
            clients.client_for(MINE)
        assert server.connections == 0
        clients.add(replace(profile, allow_http=True))
        assert text_of(await gather(clients.client_for(MINE))) == "Hello"
        await clients.aclose()


async def test_a_key_that_is_too_short_is_warned_of_once_but_not_on_this_machine() -> None:
    async with LoopbackServer([stream("Hello")]) as server:
        local = replace(profile_of(server), name="local")
        away = replace(
            profile_of(server),
            base_url=server.base_url.replace("127.0.0.1", "0.0.0.0"),
            allow_http=True,
        )
        clients = Clients({"mine": away, "local": local}, {"K": "EMPTY"}, ImpatientClock())
        kinds = [
            [
                event.kind
                for event in await gather(clients.client_for(target))
                if isinstance(event, Notice)
            ]
            for target in (MINE, MINE, Target("local", "m"))
        ]
        await clients.aclose()
    assert kinds == [["short_key"], [], []]


async def test_one_provider_is_asked_no_more_at_a_time_than_it_takes() -> None:
    gate = asyncio.Event()
    running = 0
    most = 0

    class Counting(LoopbackServer):
        async def _answer(
            self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> bool:
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return await super()._answer(reply, reader, writer)
            finally:
                running -= 1

    reply = events(event(delta("Hello")), Hold(gate), event("[DONE]"))
    async with Counting([reply]) as server:
        profile = replace(profile_of(server), max_concurrency=2)
        clients = Clients({"mine": profile}, {"K": KEY}, ImpatientClock())
        got: list[list[ReplyEvent]] = [[] for _ in range(5)]
        replies = []
        for each in got:
            replies.append(asyncio.create_task(gather_into(each, clients.client_for(MINE))))
            # The first two are answered, the others say that they wait.
            await server.until(lambda each=each: running == len(replies) or bool(each))  # type: ignore[misc]  # its type is not inferred
            # A key that is looked for anew makes a new client.
            clients.forget_key(profile)
        gate.set()
        await asyncio.gather(*replies)
        assert {text_of(each) for each in got} == {"Hello"}
        assert most == 2
        await clients.aclose()


async def test_certificates_that_cannot_be_read_fail_with_the_prompt_not_with_the_client() -> None:
    profile = ProviderProfile("mine", "https://localhost:9/v1", ca_file="/nowhere/ca.pem")
    clients = Clients({"mine": profile}, {}, ImpatientClock())
    client = clients.client_for(MINE)
    with pytest.raises(TlsError, match="ca_file"):
        await gather(client)
    await clients.aclose()


async def test_models_are_listed_with_the_key_of_the_provider() -> None:
    async with LoopbackServer([answer({"data": [{"id": "a"}, {"id": "b"}]})]) as server:
        clients = Clients({"mine": profile_of(server)}, {"K": KEY}, ImpatientClock())
        assert [model.id for model in await clients.models("mine")] == ["a", "b"]
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        found = await clients.key(clients.profile("mine"))
        assert found is not None
        assert found.source == "K"
        await clients.aclose()


def test_what_the_first_prompt_needs_is_loaded_in_a_thread() -> None:
    Clients(BUILT_IN, {}, SystemClock()).warm_up()
    assert {"httpx", "chat_tui.providers.client"} <= set(sys.modules)


def test_nothing_heavy_is_loaded_before_the_first_prompt() -> None:
    code = (
        "import sys, chat_tui.providers.clients, chat_tui.providers.profiles\n"
        "heavy = {'httpx', 'httpcore', 'textual', 'pydantic', 'email'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
