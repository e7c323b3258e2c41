"""All models that prompts can be sent to, from what is kept, and from one server at the most."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from chat_tui.cli.facts import KnownModels
from chat_tui.cli.models import ModelLists
from chat_tui.cli.rows import ModelRows, Wanted, ready_profiles
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import Fact, ModelInfo
from chat_tui.core.picking.rows import Listing, ModelRow
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.profiles import BUILT_IN
from chat_tui.storage.model_lists import ModelListCache
from tests.cli.test_backend import backend_under, ignore
from tests.fakes import FakeClock
from tests.servers import LoopbackServer, Reply, Request, Stall, answer

KEY = "sk-canary-0123456789"
OPENAI = BUILT_IN["openai"]
MODELS = {
    "data": [
        {"id": "tiny", "context_length": 4096},
        {"id": "embed-small"},
        {"id": "large", "context_length": 65_536},
    ]
}


class Rig:
    """What rows are gathered from."""

    def __init__(self, folder: Path, *profiles: ProviderProfile, seconds: float = 3.0) -> None:
        clock = FakeClock()
        named = {profile.name: profile for profile in profiles}
        self.clients = Clients({**BUILT_IN, **named}, {"OPENAI_API_KEY": KEY}, clock)
        self.cache = ModelListCache(folder)
        self.lists = ModelLists(self.clients, self.cache, clock)
        self.facts = KnownModels(self.clients, ForgetfulMemory(), clock, self.lists)
        self.rows = ModelRows(self.lists, self.facts, seconds)
        self.now = clock.now

    def keep(self, profile: ProviderProfile, *models: ModelInfo) -> None:
        origin = profile.base_url.removesuffix("/v1")
        self.cache.write(profile.name, origin, models, self.now())


@asynccontextmanager
async def rig(folder: Path, *profiles: ProviderProfile, seconds: float = 3.0) -> AsyncIterator[Rig]:
    here = Rig(folder, *profiles, seconds=seconds)
    try:
        yield here
    finally:
        await here.lists.aclose()
        await here.clients.aclose()


def models(rows: Sequence[ModelRow], provider: str) -> list[str]:
    return [row.place.model for row in rows if row.place.provider == provider]


def by_place(listing: Listing) -> Mapping[str, ModelRow]:
    return {"/".join(row.place): row for row in listing.rows}


async def test_lists_defaults_the_demo_and_what_was_used_come_together(tmp_path: Path) -> None:
    mine = ProviderProfile("mine", "http://127.0.0.1:1/v1", default_model="own", label="Mine")
    other = ProviderProfile("other", "https://models.example/v1")
    async with rig(tmp_path, mine, other) as here:
        here.keep(
            other,
            ModelInfo("b"),
            ModelInfo("gone", active=False),
            ModelInfo("models/a"),
            ModelInfo("whisper-1"),
            ModelInfo("b", window=5),
            ModelInfo(""),
        )
        uses = {
            Place("other", "a"): ModelUse(used=7.0),
            Place("other", "old"): ModelUse(favourite=True),
            Place("nobody", "x"): ModelUse(favourite=True),
        }
        ready = (mine, other, BUILT_IN[DEMO])
        wanted = Wanted(ready, "", [Place("mine", "typed"), Place("mine", "")], uses)
        found = await here.rows.gather(wanted)

    assert (found.trouble, found.asking) == (None, False)
    assert ["/".join(row.place) for row in found.rows[:5]] == [
        "other/old",
        "other/models/a",
        "mine/own",
        "mine/typed",
        "other/b",
    ]
    assert models(found.rows, "other")[-2:] == ["gone", "whisper-1"]
    assert models(found.rows, "demo")[0] == "demo"
    assert models(found.rows, "nobody") == []
    assert len({row.place for row in found.rows}) == len(found.rows)
    rows = by_place(found)
    assert rows["mine/own"].label == "Mine"
    assert not rows["mine/own"].listed
    assert not rows["other/old"].listed
    assert rows["other/models/a"].listed
    assert rows["other/models/a"].use.used == 7.0
    assert not rows["other/gone"].active
    assert not rows["other/whisper-1"].chat
    assert rows["demo/demo"].card.window == Fact(8192, "list")
    # Of servers of one's own the catalogue says nothing.
    assert {row.place.provider for row in found.rows if row.near} == {"mine"}


async def test_a_hosted_provider_without_a_list_has_the_catalogues_models(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        found = await here.rows.gather(Wanted([OPENAI]))
        rows = by_place(found)
        assert not rows["openai/gpt-4o"].listed
        assert rows["openai/gpt-4o"].card.window == Fact(128_000, "catalogue")
        here.keep(OPENAI, ModelInfo("gpt-4o", window=64_000))
        rows = by_place(await here.rows.gather(Wanted([OPENAI])))
        # The default is there all the same.
        assert set(rows) == {"openai/gpt-4o", "openai/gpt-4o-mini"}
        assert rows["openai/gpt-4o"].card.window == Fact(64_000, "list")
        everything = await here.rows.shipped(BUILT_IN.values(), {})
    assert {"openai", "anthropic"} <= {row.place.provider for row in everything}
    assert not {"demo", "ollama"} & {row.place.provider for row in everything}


async def test_only_the_provider_that_is_asked_hears_of_it_and_only_once(tmp_path: Path) -> None:
    async with LoopbackServer(lambda _: answer(MODELS)) as server:
        mine = ProviderProfile("mine", server.base_url)
        other = ProviderProfile("other", server.base_url + "/other")
        async with rig(tmp_path, mine, other) as here:
            wanted = Wanted((other, mine), "mine")
            found = await here.rows.gather(wanted)
            assert models(found.rows, "mine") == ["tiny", "large", "embed-small"]
            assert by_place(found)["mine/tiny"].card.window == Fact(4096, "list")
            await here.rows.gather(wanted)
            await here.rows.gather(wanted._replace(asked=""))
            assert len(server.requests) == 1
            await here.rows.gather(wanted._replace(refresh=True))
            assert [request.path for request in server.requests] == ["/v1/models"] * 2


async def test_a_list_that_cannot_be_read_is_told_and_what_is_known_is_there(
    tmp_path: Path,
) -> None:
    refused = Reply(status=401)
    replies = [refused, answer(MODELS), refused]

    def serve(_: Request) -> Reply:
        return replies.pop(0)

    async with LoopbackServer(serve) as server:
        mine = ProviderProfile("mine", server.base_url, default_model="own")
        async with rig(tmp_path, mine) as here:
            failed = await here.rows.gather(Wanted([mine], "mine"))
            kept = await here.rows.gather(Wanted([mine], "mine"))
            again = await here.rows.gather(Wanted([mine], "mine", refresh=True))
            unknown = await here.rows.gather(Wanted([mine], "nobody"))
    assert failed.trouble is not None
    assert (failed.trouble.kind, failed.asking) == ("auth", False)
    assert models(failed.rows, "mine") == ["own"]
    assert kept.trouble is None
    assert again.trouble is not None
    assert models(again.rows, "mine") == models(kept.rows, "mine")
    assert unknown.trouble is not None
    assert unknown.trouble.kind == "usage"


async def test_a_list_that_takes_long_is_not_waited_for_and_does_not_keep_the_app_open(
    tmp_path: Path,
) -> None:
    async with LoopbackServer([Reply([Stall()])]) as server:
        mine = ProviderProfile("mine", server.base_url, default_model="own")
        async with rig(tmp_path, mine, seconds=0.05) as here:
            found = await here.rows.gather(Wanted([mine], "mine"))
            assert (found.trouble, found.asking) == (None, True)
            assert models(found.rows, "mine") == ["own"]
            await server.until(lambda: len(server.requests) == 1)
        await server.until(lambda: server.hangups == 1)


async def test_a_server_that_stalls_is_not_waited_for_once_the_address_is_corrected(
    tmp_path: Path,
) -> None:
    async with (
        LoopbackServer([Reply([Stall()])]) as wrong,
        LoopbackServer(lambda _: answer(MODELS)) as right,
    ):
        mine = ProviderProfile("mine", wrong.base_url)
        async with rig(tmp_path, mine) as here:
            asking = asyncio.create_task(here.rows.gather(Wanted([mine], "mine")))
            await wrong.until(lambda: len(wrong.requests) == 1)
            mine = replace(mine, base_url=right.base_url)
            here.clients.add(mine)
            async with asyncio.timeout(5):
                found = await here.rows.gather(Wanted([mine], "mine"))
            assert "tiny" in models(found.rows, "mine")
            asking.cancel()
            await asyncio.wait([asking])


async def test_ten_thousand_rows_do_not_hold_up_the_loop(tmp_path: Path) -> None:
    mine = ProviderProfile("mine", "http://127.0.0.1:1/v1")
    async with rig(tmp_path, mine) as here:
        here.keep(mine, *(ModelInfo(f"vendor/model-{number}-instruct") for number in range(10_000)))
        await here.rows.gather(Wanted([mine]))  # the imports
        began, all_began = time.thread_time(), time.process_time()
        found = await here.rows.gather(Wanted([mine]))
        work, all_work = time.thread_time() - began, time.process_time() - all_began
    assert len(found.rows) == 10_000
    # It is done in other threads.
    assert work < all_work / 5


async def test_what_the_app_lists_outlives_its_server(tmp_path: Path) -> None:
    async with LoopbackServer(lambda _: answer(MODELS)) as server:
        backend = backend_under(tmp_path)
        assert (await backend.model_rows("demo")).rows == ()
        opened = await backend.open(ignore, ignore)
        await opened.desk.save_provider(ProviderProfile("mine", server.base_url))
        await opened.choices.set_favourite(Place("mine", "large"), True)
        found = await backend.model_rows("mine")
        assert found.rows[0].place == Place("mine", "large")
        assert found.rows[0].card == opened.manager.context.facts.card(Target("mine", "large"))
        await backend.close()
        assert len(server.requests) == 1
    again = backend_under(tmp_path)
    await again.open(ignore, ignore)
    found = await again.model_rows("demo")
    assert found.rows[0].place == Place("mine", "large")
    assert models(found.rows, "demo")[0] == "demo"
    assert models(found.rows, "mine") == ["large", "tiny", "embed-small"]
    assert not (await again.model_rows("gone")).rows[0].last
    await again.close()


def test_a_provider_is_ready_with_its_key_or_where_somebody_has_added_it() -> None:
    environ = {"OPENAI_API_KEY": KEY}
    names = [profile.name for profile in ready_profiles(BUILT_IN, environ, {"ollama", "groq"})]
    assert names == ["openai", "ollama"]
