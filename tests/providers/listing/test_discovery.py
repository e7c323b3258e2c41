"""Servers on this machine."""

from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.listing.discovery import discover
from tests.servers import LoopbackServer, Reply, Stall, answer

LONG = 30.0
"""Seconds that no machine takes."""


async def test_local_servers_that_answer_are_found_with_their_first_model() -> None:
    async with (
        LoopbackServer([answer({"data": [{"id": "nomic-embed-text"}, {"id": "llama"}]})]) as good,
        LoopbackServer([Reply(status=404)]) as other,
        LoopbackServer([Reply(status=401)]) as closed,
        LoopbackServer([answer({"data": []})]) as empty,
    ):
        profiles = [
            ProviderProfile(f"p{number}", server.base_url)
            for number, server in enumerate((other, good, closed, empty))
        ]
        found = await discover({}, profiles, seconds=LONG)
        assert [(profile.name, profile.default_model) for profile in found] == [("p1", "llama")]
        assert [request.headers.get("authorization") for request in good.requests] == [None]
        assert await discover({"CHAT_TUI_DISCOVERY": "0"}, profiles) == []
        for server in (good, other, closed, empty):
            assert [request.path for request in server.requests] == ["/v1/models"]


async def test_a_silent_local_server_is_not_waited_for() -> None:
    async with LoopbackServer([Reply([Stall()])]) as server:
        silent = ProviderProfile("silent", server.base_url)
        assert await discover({}, [silent], seconds=0.05) == []
