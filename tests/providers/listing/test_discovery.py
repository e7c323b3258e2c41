"""Servers on this machine."""

from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.listing.discovery import discover
from tests.servers import LoopbackServer, Reply, Stall, answer


async def test_local_servers_that_answer_are_found_with_their_first_model() -> None:
    async with (
        LoopbackServer([answer({"data": [{"id": "nomic-embed-text"}, {"id": "llama"}]})]) as good,
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
