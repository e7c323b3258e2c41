"""Lists of models: kept, refreshed in the background, and asked where nobody names a model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_tui.cli.models import MAX_AGE, MAX_LOCAL_AGE, ListedModels, ModelLists
from chat_tui.core.errors import ChatError, ServerError, UsageError
from chat_tui.core.models import ModelInfo
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.storage.model_lists import ModelListCache
from tests.fakes import FakeClock
from tests.servers import Hold, LoopbackServer, Reply, Request, Stall, answer


def listing(*ids: str) -> Reply:
    return answer({"data": [{"id": id_} for id_ in ids]})


@asynccontextmanager
async def lists_of(
    base_url: str, folder: Path, clock: FakeClock, *, proxy: str = ""
) -> AsyncIterator[tuple[ModelLists, Clients]]:
    clients = Clients({"mine": ProviderProfile("mine", base_url, proxy=proxy)}, {}, clock)
    lists = ModelLists(clients, ModelListCache(folder), clock)
    try:
        yield lists, clients
    finally:
        await lists.aclose()
        await clients.aclose()


async def ids(lists: ModelLists, *, refresh: bool = False) -> list[str]:
    return [model.id for model in await lists.models("mine", refresh=refresh)]


async def kept(lists: ModelLists) -> list[str]:
    return [model.id for model in await lists.kept("mine")]


async def settled(lists: ModelLists, wanted: list[str]) -> None:
    """Wait until this is kept."""
    async with asyncio.timeout(5):
        while await kept(lists) != wanted:  # noqa: ASYNC110  (a file is no event)
            await asyncio.sleep(0.005)


async def test_old_list_is_shown_at_once_and_refreshed_behind(tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        LoopbackServer([listing("old"), listing("new")]) as server,
        lists_of(server.base_url, tmp_path, clock) as (lists, _),
    ):
        assert await kept(lists) == []
        assert await ids(lists) == ["old"]
        clock.advance(MAX_LOCAL_AGE)
        assert await ids(lists) == ["old"]
        assert len(server.requests) == 1
        clock.advance(1)
        assert await ids(lists) == ["old"]
        await settled(lists, ["new"])
        assert await ids(lists) == ["new"]
        assert len(server.requests) == 2


class _Watched(Clients):
    """Clients that only count how often a list is asked for."""

    asked = 0

    async def models(self, provider: str) -> list[ModelInfo]:
        self.asked += 1
        return [ModelInfo("new")]


@pytest.mark.parametrize("renew", [True, False])
async def test_old_list_is_only_asked_for_anew_where_that_is_wanted(
    tmp_path: Path, *, renew: bool
) -> None:
    clock, cache = FakeClock(), ModelListCache(tmp_path)
    cache.write("mine", "https://nothing.invalid", [ModelInfo("old")], clock.now() - MAX_AGE - 1)
    clients = _Watched({"mine": ProviderProfile("mine", "https://nothing.invalid/v1")}, {}, clock)
    lists = ModelLists(clients, cache, clock, renew=renew)

    assert await ids(lists) == ["old"]
    await asyncio.sleep(0)  # what was begun, begins

    assert clients.asked == renew
    await lists.aclose()


async def test_lists_from_elsewhere_are_good_for_a_day(tmp_path: Path) -> None:
    clock = FakeClock()
    url = "https://nothing.invalid/v1"
    cache = ModelListCache(tmp_path)
    cache.write("mine", "https://nothing.invalid", [ModelInfo("old")], clock.now() - MAX_AGE + 1)
    async with lists_of(url, tmp_path, clock, proxy="http://127.0.0.1:1") as (lists, _):
        assert await ids(lists) == ["old"]
        with pytest.raises(ChatError):
            await asyncio.wait_for(_asked_again(lists, clock), 5)
        assert await ids(lists) == ["old"]


async def _asked_again(lists: ModelLists, clock: FakeClock) -> None:
    """Ask anew; waits before retries pass at once."""
    asking = asyncio.create_task(lists.models("mine", refresh=True))
    while not asking.done():
        clock.advance(60)
        await asyncio.sleep(0.005)
    await asking


async def test_failing_refresh_keeps_what_there_is(tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        LoopbackServer([listing("old"), Reply(status=500)]) as server,
        lists_of(server.base_url, tmp_path, clock) as (lists, _),
    ):
        assert await ids(lists) == ["old"]
        with pytest.raises(ServerError):
            await _asked_again(lists, clock)
        assert await ids(lists) == ["old"]


async def test_list_of_another_address_is_not_shown(tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        LoopbackServer([listing("here")]) as server,
        LoopbackServer([listing("there")]) as other,
        lists_of(server.base_url, tmp_path, clock) as (lists, clients),
    ):
        assert await ids(lists) == ["here"]
        clients.add(ProviderProfile("mine", other.base_url))
        assert await kept(lists) == []
        assert await ids(lists) == ["there"]


async def test_two_who_ask_at_once_share_a_request(tmp_path: Path) -> None:
    gate = asyncio.Event()
    reply = Reply([Hold(gate), b'{"data": [{"id": "a"}]}'])
    async with (
        LoopbackServer([reply]) as server,
        lists_of(server.base_url, tmp_path, FakeClock()) as (lists, _),
    ):
        asking = [asyncio.create_task(ids(lists)) for _ in range(2)]
        await server.until(lambda: bool(server.requests))
        asking[0].cancel()
        gate.set()
        assert await asking[1] == ["a"]
        assert len(server.requests) == 1


async def test_closing_ends_a_request_that_stalls(tmp_path: Path) -> None:
    async with LoopbackServer([Reply([Stall()])]) as server:
        async with lists_of(server.base_url, tmp_path, FakeClock()) as (lists, _):
            asking = asyncio.create_task(ids(lists))
            await server.until(lambda: bool(server.requests))
        with pytest.raises(asyncio.CancelledError):
            await asking
        await server.until(lambda: server.hangups == 1)


async def test_first_model_to_talk_to_stands_in_for_an_unnamed_one(tmp_path: Path) -> None:
    def serve(request: Request) -> Reply:
        assert request.method == "GET"
        entries = [{"id": "picture", "type": "image"}, {"id": "bge-m3"}, {"id": "tiny"}]
        return answer(entries)

    async with (
        LoopbackServer(serve) as server,
        lists_of(server.base_url, tmp_path, FakeClock()) as (_, clients),
    ):
        models = ListedModels(clients)
        for _ in range(2):
            assert await models.named(Target("mine", "", {"seed": 1})) == Target(
                "mine", "tiny", {"seed": 1}
            )
        assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(status=405), answer({"data": []})])
async def test_server_without_a_list_wants_the_model_to_be_named(
    tmp_path: Path, reply: Reply
) -> None:
    async with (
        LoopbackServer([reply]) as server,
        lists_of(server.base_url, tmp_path, FakeClock()) as (_, clients),
    ):
        with pytest.raises(UsageError) as caught:
            await ListedModels(clients).named(Target("mine", ""))
        assert caught.value.hint == "Name one with --model."
