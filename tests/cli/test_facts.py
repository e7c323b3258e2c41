"""What is known of models, who says it, and who is asked."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_tui.cli.facts import HOUR, MINUTE, SOON, KnownModels
from chat_tui.cli.models import ModelLists
from chat_tui.core.context.budget import Window
from chat_tui.core.memory import ForgetfulMemory, Learnt
from chat_tui.core.models import ModelInfo
from chat_tui.core.targets import DEMO, Prices, ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.profiles import BUILT_IN
from chat_tui.storage.model_lists import ModelListCache
from tests.fakes import FakeClock
from tests.servers import LoopbackServer, Reply, Request, Stall, answer

KEY = "sk-canary-0123456789"
NOTHING = Reply(status=404)
FAR = ProviderProfile("far", "https://models.example.com/v1", proxy="http://127.0.0.1:1")
GPT = Target("openai", "gpt-4o")


class Rig:
    """The facts of some providers, and what they rest on."""

    def __init__(self, folder: Path | None, *profiles: ProviderProfile) -> None:
        self.clock = FakeClock()
        self.memory = ForgetfulMemory()
        named = {profile.name: profile for profile in profiles}
        self.clients = Clients({**BUILT_IN, **named}, {"K": KEY}, self.clock)
        self.cache = ModelListCache(folder) if folder is not None else None
        self.lists = ModelLists(self.clients, self.cache, self.clock) if self.cache else None
        self.facts = KnownModels(self.clients, self.memory, self.clock, self.lists)

    def learn(self, target: Target, window: int) -> None:
        self.memory.learn(target.provider, target.model, Learnt(window=window))

    def keep(self, provider: str, *models: ModelInfo) -> None:
        assert self.cache is not None
        origin = self.clients.profile(provider).base_url.removesuffix("/v1")
        self.cache.write(provider, origin, models, self.clock.now())

    async def aclose(self) -> None:
        if self.lists is not None:
            await self.lists.aclose()
        await self.clients.aclose()


@asynccontextmanager
async def rig(folder: Path | None, *profiles: ProviderProfile) -> AsyncIterator[Rig]:
    made = Rig(folder, *profiles)
    try:
        yield made
    finally:
        await made.aclose()


class Pages:
    """A server that has a page for some paths; the bodies may be changed."""

    def __init__(self, **pages: Any) -> None:
        self.pages: dict[str, Any] = {f"/{name}": page for name, page in pages.items()}

    def __call__(self, request: Request) -> Reply:
        page = self.pages.get(request.path.removeprefix("/api"))
        if isinstance(page, Reply):
            return page
        return NOTHING if page is None else answer(page)


def props(n_ctx: int) -> dict[str, Any]:
    return {"default_generation_settings": {"n_ctx": n_ctx}}


def paths(server: LoopbackServer) -> list[str]:
    return [request.path for request in server.requests]


async def test_each_source_comes_before_the_next(tmp_path: Path) -> None:
    listed = ModelInfo("gpt-4o", window=64_000, input_price=1.0, output_price=2.0)
    async with rig(tmp_path) as here:
        facts = here.facts
        assert facts.window(Target("openai", "unheard-of")) == Window()
        assert facts.window(Target("nobody", "m")) == Window()
        here.learn(Target("openai", "unheard-of"), 5000)
        assert facts.window(Target("openai", "unheard-of")) == Window(5000, "error")
        assert facts.window(GPT) == Window(128_000, "catalogue")
        assert facts.prices(GPT) == Prices(2.5, 10.0, 1.25)

        here.keep("openai", listed)
        await facts.look_up(GPT)
        assert facts.window(GPT) == Window(64_000, "list")
        assert facts.prices(GPT) == Prices(1.0, 2.0)

        here.learn(GPT, 200_000)
        assert facts.window(GPT) == Window(64_000, "list")
        here.learn(GPT, 32_000)
        assert facts.window(GPT) == Window(32_000, "error")

        profile = here.clients.profile("openai")
        prices = {"gpt-4o": Prices(7.0, 8.0)}
        here.clients.add(replace(profile, windows={"gpt-4o": 1000}, prices=prices))
        assert facts.window(GPT) == Window(1000, "settings")
        assert facts.prices(GPT) == Prices(7.0, 8.0)

        # At another address nothing of it holds but what the name says.
        moved = replace(FAR, name="openai")
        here.memory.forget("openai")
        here.clients.add(moved)
        assert facts.window(GPT) == Window(128_000, "catalogue")


async def test_demo_is_known_without_asking() -> None:
    async with rig(None) as here:
        await here.facts.look_up(Target(DEMO, "demo"))
        assert here.facts.window(Target(DEMO, "demo")) == Window(8192, "list")
        assert here.facts.prices(Target(DEMO, "demo")) is None


async def test_server_of_ones_own_says_what_it_has_loaded(tmp_path: Path) -> None:
    trained = {"id": "gpt-4o", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}}
    pages = Pages(**{"v1/models": {"data": [trained]}, "props": props(4096)})
    async with LoopbackServer(pages) as server:
        mine, target = ProviderProfile("mine", server.base_url), Target("mine", "gpt-4o")
        async with rig(tmp_path, mine) as here:
            # Its name says nothing where anybody gives any name.
            assert here.facts.window(target) == Window()
            assert here.facts.prices(target) is None
            here.learn(target, 2048)
            assert here.facts.window(target) == Window(2048, "error")

            # It was loaded with more room since it refused that.
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(4096, "server")
            assert paths(server) == ["/v1/models", "/props"]

            # Within the minute nobody is asked again; then only what was answered.
            here.learn(target, 3000)
            await here.facts.look_up(target)
            here.clock.advance(MINUTE)
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(3000, "error")
            pages.pages["/props"] = props(16384)
            here.clock.advance(MINUTE)
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(16384, "server")
            assert paths(server) == ["/v1/models"] + ["/props"] * 3

            # One that is gone said so last.
            pages.pages.clear()
            here.clock.advance(MINUTE)
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(16384, "server")


async def test_server_that_has_not_loaded_the_model_is_asked_again_soon() -> None:
    loaded: dict[str, Any] = {"models": []}
    pages = Pages(**{"v1/models": {"data": [{"id": "a", "owned_by": "library"}]}, "ps": loaded})
    async with LoopbackServer(pages) as server:
        mine, target = ProviderProfile("mine", server.base_url), Target("mine", "a")
        async with rig(None, mine) as here:
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window()
            loaded["models"].append({"name": "a:latest", "context_length": 4096})
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window()
            here.clock.advance(SOON)
            await asyncio.gather(here.facts.look_up(target), here.facts.look_up(target))
            assert here.facts.window(target) == Window(4096, "server")
            loaded["models"].clear()
            here.clock.advance(MINUTE)
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(4096, "server")
    assert paths(server) == ["/v1/models", "/api/ps", "/api/ps", "/api/ps"]


async def test_list_that_says_the_size_is_asked_anew(tmp_path: Path) -> None:
    entry = {"id": "m", "owned_by": "vllm", "max_model_len": 8192}
    async with LoopbackServer(Pages(**{"v1/models": {"data": [entry]}})) as server:
        mine, target = ProviderProfile("mine", server.base_url), Target("mine", "m")
        async with rig(tmp_path, mine) as here:
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(8192, "server")
            entry["max_model_len"] = 4096
            here.clock.advance(MINUTE)
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(4096, "server")
    assert paths(server) == ["/v1/models"] * 2


async def test_only_what_is_kept_is_read_before_anything_is_to_be_sent(tmp_path: Path) -> None:
    async with LoopbackServer(Pages(props=props(512))) as server:
        mine, target = ProviderProfile("mine", server.base_url), Target("mine", "m")
        async with rig(tmp_path, mine) as here:
            await here.facts.look_up(target, ask=False)
            assert here.facts.window(target) == Window()
            here.keep("mine", ModelInfo("m", window=9000))
            await here.facts.look_up(target, ask=False)
            assert here.facts.window(target) == Window(9000, "list")
            assert paths(server) == []
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(512, "server")

            # What is kept is older than what the server has said.
            here.keep("mine", ModelInfo("m", raw={"max_model_len": 9000}))
            here.clock.advance(MINUTE)
            await here.facts.look_up(target, ask=False)
            assert here.facts.window(target) == Window(512, "server")


async def test_server_that_never_says_it_is_left_alone(tmp_path: Path) -> None:
    pages = Pages(**{"v1/models": {"data": [{"id": "m"}]}})
    async with LoopbackServer(pages) as server:
        mine, target = ProviderProfile("mine", server.base_url), Target("mine", "m")
        own = replace(mine, name="own", windows={"m": 4096})
        async with rig(tmp_path, mine, own) as here:
            # Where the user says it, nobody is asked.
            await here.facts.look_up(Target("own", "m"))
            assert paths(server) == []

            for _ in range(2):
                await here.facts.look_up(target)
                here.clock.advance(MINUTE)
            assert len(paths(server)) == 5
            here.clock.advance(HOUR)
            pages.pages.clear()
            await here.facts.look_up(target)
            assert len(paths(server)) == 11  # its list at both addresses

            # One that gave not even a list may be starting.
            pages.pages["/props"] = props(512)
            here.clock.advance(SOON)
            await here.facts.look_up(target)
            assert here.facts.window(target) == Window(512, "server")


@pytest.mark.parametrize(
    ("reply", "window"),
    [
        (Reply([json.dumps(props(512)).encode()]), 512),
        (Reply([b"{" * 9]), None),
        (Reply([b"[1]"]), None),
        (Reply([b'{"default_generation_settings": "' + b"x" * 2_000_000 + b'"}']), None),
        (Reply(status=302, headers={"Location": "/elsewhere"}), None),
    ],
)
async def test_no_answer_does_harm(reply: Reply, window: int | None) -> None:
    async with LoopbackServer(Pages(props=reply)) as server:
        # A base URL without /v1 has it below.
        mine = ProviderProfile("llamacpp", server.base_url.removesuffix("/v1"))
        async with rig(None, mine) as here:
            await here.facts.look_up(Target("llamacpp", "m"))
            assert here.facts.window(Target("llamacpp", "m")).tokens == window


async def test_key_goes_along_only_where_nothing_is_told_without() -> None:
    def serve(request: Request) -> Reply:
        if request.path != "/props":
            return NOTHING
        return answer(props(512)) if "authorization" in request.headers else Reply(status=401)

    async with LoopbackServer(serve) as server:
        mine = ProviderProfile("llamacpp", server.base_url, "K")
        async with rig(None, mine) as here:
            await here.facts.look_up(Target("llamacpp", "m"))
            assert here.facts.window(Target("llamacpp", "m")) == Window(512, "server")
    asked = [request.headers.get("authorization") for request in server.requests[-2:]]
    assert asked == [None, f"Bearer {KEY}"]


async def test_silent_server_is_left_in_time_and_not_asked_at_once_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_tui.cli.facts.LOOK_UP_SECONDS", 0.05)
    async with LoopbackServer([Reply([Stall()])]) as server:
        mine = ProviderProfile("mine", server.base_url)
        async with rig(None, mine) as here:
            for _ in range(2):
                await here.facts.look_up(Target("mine", "m"))
    assert len(server.requests) == 1


async def test_others_are_asked_only_for_what_nobody_says(tmp_path: Path) -> None:
    new = {"id": "new", "context_length": 9000, "pricing": {"completion": 1.5}}
    pages = Pages(**{"v1/models": {"data": [new, {"id": "silent"}]}})
    async with LoopbackServer(pages) as server:
        far = ProviderProfile("litellm", server.base_url)
        async with rig(tmp_path, far) as here, rig(None, far) as unsaved:
            await here.facts.look_up(Target("litellm", "openai/gpt-4o"))
            assert paths(server) == []
            for each in (here, unsaved):
                for model in ("new", "silent"):
                    for _ in range(2):
                        await each.facts.look_up(Target("litellm", model))
                assert each.facts.window(Target("litellm", "new")) == Window(9000, "list")
                assert each.facts.prices(Target("litellm", "new")) == Prices(output=1.5)
                assert each.facts.window(Target("litellm", "silent")) == Window()
            # What was kept of the list is not asked for again, whatever is missing in it.
            assert paths(server) == ["/v1/models", "/v1/model/info"] * 3
            unsaved.clock.advance(HOUR)
            await unsaved.facts.look_up(Target("litellm", "silent"))
            assert paths(server) == ["/v1/models", "/v1/model/info"] * 4
            here.clients.remove("litellm")
            assert here.facts.prices(Target("litellm", "new")) is None
            await here.facts.look_up(Target("litellm", "new"))


@pytest.mark.parametrize(
    ("name", "base_url", "source"),
    [
        ("mine", "http://192.168.1.7:8000/v1", ""),
        ("mine", "http://[fd00::1]:8000/v1", ""),
        ("mine", "http://box:8000/v1", ""),
        ("mine", "http://box.lan/v1", ""),
        ("mine", "not an address", ""),
        ("litellm", "http://127.0.0.1:4000/v1", "catalogue"),
        ("mine", "https://8.8.8.8/v1", "catalogue"),
        ("mine", "https://box.example.com/v1", "catalogue"),
    ],
)
async def test_names_of_models_say_something_only_where_others_run_them(
    name: str, base_url: str, source: str
) -> None:
    async with rig(None, ProviderProfile(name, base_url)) as here:
        assert here.facts.window(Target(name, "gpt-4o")).source == source
        assert (here.facts.prices(Target(name, "gpt-4o")) is None) == (source == "")


def test_nothing_heavy_is_loaded_before_somebody_is_asked() -> None:
    code = "import sys, chat_tui.cli.facts; sys.exit('httpx' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
