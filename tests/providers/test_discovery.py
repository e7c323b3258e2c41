"""Servers on this machine, and lists of models."""

from typing import Any

import pytest

from chat_tui.core.errors import AuthError, ConnectError, ProtocolError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.connections import open_http
from chat_tui.providers.discovery import discover, list_models, model_ids
from chat_tui.providers.endpoints import parse_base_url
from tests.servers import LoopbackServer, Reply, Request, Stall, answer


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (
            {"object": "list", "data": [{"id": "b"}, {"id": "a"}, {"id": "b"}, {"id": ""}]},
            ["b", "a"],
        ),
        ([{"id": "a"}, {"id": "b"}], ["a", "b"]),
        ({"models": [{"name": "a"}, {"model": "b"}, {"key": "c"}]}, ["a", "b", "c"]),
        ({"data": [{"id": "a"}], "models": [{"name": "x"}]}, ["a"]),
        ({"data": ["a", None, 3, {}]}, ["a"]),
        ({"data": None}, []),
        ("x", []),
        (None, []),
    ],
)
def test_every_shape_of_list_gives_its_ids(value: Any, ids: list[str]) -> None:
    assert model_ids(value) == ids


async def listed(base_url: str) -> list[str]:
    async with open_http(parse_base_url(base_url)) as http:
        return await list_models(http, ProviderProfile("test", base_url), None)


async def test_models_are_listed_with_and_without_v1() -> None:
    def serve(request: Request) -> Reply:
        found = request.path == "/v1/models"
        return answer({"data": [{"id": "a"}]}) if found else Reply(status=404)

    async with LoopbackServer(serve) as server:
        assert await listed(server.base_url) == ["a"]
        assert await listed(server.base_url.removesuffix("/v1")) == ["a"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), AuthError),
        (Reply([b"<html>"]), ProtocolError),
        (Reply([b"nonsense"]), ProtocolError),
    ],
)
async def test_a_server_without_a_list_is_named(reply: Reply, kind: type[Exception]) -> None:
    async with LoopbackServer([reply]) as server:
        with pytest.raises(kind):
            await listed(server.base_url)


async def test_nobody_there_is_a_connect_error() -> None:
    async with LoopbackServer([]) as server:
        gone = server.base_url
    with pytest.raises(ConnectError):
        await listed(gone)


async def test_local_servers_that_answer_are_found_with_their_first_model() -> None:
    async with (
        LoopbackServer([answer({"data": [{"id": "llama"}, {"id": "qwen"}]})]) as good,
        LoopbackServer([Reply([Stall()])]) as silent,
        LoopbackServer([Reply(status=401)]) as closed,
        LoopbackServer([answer({"data": []})]) as empty,
    ):
        profiles = [
            ProviderProfile(f"p{number}", server.base_url)
            for number, server in enumerate((silent, good, closed, empty))
        ]
        found = await discover({}, profiles)
        assert [(profile.name, profile.default_model) for profile in found] == [("p1", "llama")]
        assert [request.headers.get("authorization") for request in good.requests] == [None]
        assert await discover({"CHAT_TUI_DISCOVERY": "0"}, profiles) == []
        assert len(good.requests) == 1
