"""The source of clients: made when needed, one for each provider."""

import subprocess
import sys

import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import UsageError
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.profiles import BUILT_IN
from tests.providers.helpers import ImpatientClock, gather, text_of
from tests.servers import LoopbackServer, stream

KEY = "sk-canary-0123456789"


async def test_a_provider_has_one_client() -> None:
    clients = Clients(BUILT_IN, {}, SystemClock())
    first = clients.client_for(Target("ollama", "a"))
    assert clients.client_for(Target("ollama", "b")) is first
    assert clients.client_for(Target(DEMO, "demo")) is not first
    await clients.aclose()


async def test_an_unknown_provider_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no provider named nobody"):
        Clients(BUILT_IN, {}, SystemClock()).client_for(Target("nobody", "m"))


async def test_a_missing_key_is_named_by_its_variable() -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        Clients(BUILT_IN, {}, SystemClock()).client_for(Target("openai", "m"))


async def test_a_client_is_made_with_its_key() -> None:
    clients = Clients(BUILT_IN, {"OPENAI_API_KEY": KEY}, SystemClock())
    clients.warm_up()
    client = clients.client_for(Target("openai", "m"))
    assert KEY not in f"{clients} {client} {vars(client)}"
    await clients.aclose()


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


def test_nothing_heavy_is_loaded_before_the_first_prompt() -> None:
    code = (
        "import sys, chat_tui.providers.clients, chat_tui.providers.profiles\n"
        "heavy = {'httpx', 'httpcore', 'textual', 'pydantic', 'email'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
