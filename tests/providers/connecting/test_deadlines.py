"""Silence, on a clock that is turned by hand."""

import asyncio
from contextlib import aclosing

import pytest

from chat_tui.core.errors import InterruptedReplyError, ReplyTimeoutError
from chat_tui.core.events import Notice, ReplyEvent, ReplyFinished, TextDelta
from chat_tui.core.targets import ProviderProfile, Target, TimeLimits
from chat_tui.providers.clients import Clients
from chat_tui.providers.connecting.exchange import Deadlines
from tests.providers.helpers import HandClock, connected, gather_into, prompt, text_of
from tests.servers import Hold, LoopbackServer, Reply, Stall, delta, event, events


async def arrived(got: list[ReplyEvent], count: int) -> None:
    async with asyncio.timeout(5):
        while len(got) < count:  # noqa: ASYNC110  (what is waited for is no event)
            await asyncio.sleep(0.001)


async def test_silence_before_the_head_is_noticed_at_10_s_and_ended_at_600_s() -> None:
    clock = HandClock()
    gate = asyncio.Event()

    class Silent(LoopbackServer):
        async def _answer(
            self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> bool:
            await reader.read()
            gate.set()
            return False

    async with Silent([Reply()]) as server, connected(server.base_url, clock=clock) as client:
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await server.until(lambda: len(server.requests) == 1)
        await clock.advance(9)
        assert got == []
        await clock.advance(2)
        await arrived(got, 1)
        assert isinstance(got[0], Notice)
        await clock.advance(580)
        assert not task.done()
        await clock.advance(20)
        with pytest.raises(ReplyTimeoutError):
            await task
        await asyncio.wait_for(gate.wait(), 5)
        assert len(server.requests) == 1
        assert len(got) == 1


async def test_silence_on_a_connection_that_was_used_before_is_not_repeated() -> None:
    clock = HandClock()
    silent = Reply([Stall()], bare=True)
    replies = [events(event(delta("Hello", finish="stop")), event("[DONE]")), silent]
    async with LoopbackServer(replies) as server, connected(server.base_url, clock=clock) as client:
        await gather_into([], client)
        task = asyncio.create_task(gather_into([], client))
        await server.until(lambda: len(server.requests) == 2)
        assert server.connections == 1
        await clock.advance(605)
        with pytest.raises(ReplyTimeoutError):
            await asyncio.wait_for(task, 5)
        assert len(server.requests) == 2


async def test_a_picture_is_content_and_begins_the_count_anew() -> None:
    clock = HandClock()
    held = asyncio.Event()
    picture = event(delta(images=["data:,a"]))
    async with (
        LoopbackServer([events(Hold(held), picture, Stall())]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await server.until(lambda: len(server.requests) == 1)
        await clock.advance(400)
        held.set()
        await arrived(got, 2)
        await clock.advance(310)
        with pytest.raises(InterruptedReplyError, match=r"nothing for 30[01] s"):
            await task


async def test_a_stall_after_content_is_noticed_at_15_s_and_ended_at_300_s() -> None:
    clock = HandClock()
    async with (
        LoopbackServer([events(event(delta("Hello")), Stall())]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await arrived(got, 1)
        await clock.advance(13)
        assert got == [TextDelta("Hello")]
        await clock.advance(4)
        await arrived(got, 2)
        await clock.advance(41)
        assert len(got) == 2
        await clock.advance(4)
        await arrived(got, 3)
        await clock.advance(238)
        assert not task.done()
        await clock.advance(4)
        with pytest.raises(InterruptedReplyError, match="nothing for 30"):
            await task
        await server.until(lambda: server.hangups == 1)
    assert text_of(got) == "Hello"
    said = [event for event in got if isinstance(event, Notice)]
    assert [notice.kind for notice in said] == ["silence", "stalled"]
    assert "sent nothing for 15 s" in said[0].message
    assert "nothing for 60 s. Stop keeps what came, or wait on." in said[1].message


async def test_content_after_a_stall_begins_the_count_anew() -> None:
    clock = HandClock()
    gate = asyncio.Event()
    reply = events(event(delta("Hel")), Hold(gate), event(delta("lo")), Stall())
    async with (
        LoopbackServer([reply]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await arrived(got, 1)
        await clock.advance(70)
        await arrived(got, 3)
        gate.set()
        await arrived(got, 4)
        await clock.advance(10)
        assert len(got) == 4
        await clock.advance(60)
        await arrived(got, 6)
        assert [event.kind for event in got if isinstance(event, Notice)] == [
            "silence",
            "stalled",
        ] * 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_limits_are_those_of_the_provider() -> None:
    limits = Deadlines.of(TimeLimits(first_token=20, stall=30))
    assert (limits.first_end, limits.stall_end) == (20, 30)
    assert Deadlines.of(TimeLimits()) == Deadlines()
    clock = HandClock()
    async with LoopbackServer([events(Stall())]) as server:
        profile = ProviderProfile("mine", server.base_url, limits=TimeLimits(first_token=20))
        clients = Clients({"mine": profile}, {}, clock)
        got: list[ReplyEvent] = []
        task = asyncio.create_task(
            gather_into(got, clients.client_for(Target("mine", "m")), prompt())
        )
        await server.until(lambda: len(server.requests) == 1)
        await clock.advance(22)
        with pytest.raises(ReplyTimeoutError, match="nothing for 20 s"):
            await task
        assert len(server.requests) == 1
        await clients.aclose()


async def test_keep_alive_comments_are_no_content() -> None:
    clock = HandClock()
    gate = asyncio.Event()
    reply = events(event(delta("Hello")), Hold(gate), b": ping\n\n" * 5, Stall())
    async with (
        LoopbackServer([reply]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await arrived(got, 1)
        await clock.advance(10)
        gate.set()
        await clock.advance(7)
        await arrived(got, 2)
        assert isinstance(got[1], Notice)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_finished_reply_does_not_wait_for_the_socket() -> None:
    clock = HandClock()
    reply = events(event(delta("Hello")), event(delta(finish="stop")), Stall())
    async with (
        LoopbackServer([reply]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client))
        await arrived(got, 1)
        for _ in range(100):
            await asyncio.sleep(0.001)
            await clock.advance(1)
            if task.done():
                break
        await task
    assert isinstance(got[-1], ReplyFinished)
    assert clock.time < 1000 + 15


async def test_an_answer_that_begins_late_is_not_cut_off_by_the_end_of_another() -> None:
    clock = HandClock()
    held = asyncio.Event()
    second = delta("two", finish="stop")
    second["choices"][0]["index"] = 1
    reply = events(event(delta("one", finish="stop")), Hold(held), event(second), Stall())
    async with (
        LoopbackServer([reply]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client, prompt(n=2)))
        await arrived(got, 1)
        await clock.advance(12)
        assert not task.done()
        held.set()
        await arrived(got, 2)
        await clock.advance(7)
        await asyncio.wait_for(task, 5)
    assert [each.choice for each in got if isinstance(each, ReplyFinished)] == [0, 1]
    assert clock.time < 1000 + 25


async def test_a_server_that_gives_fewer_answers_than_were_asked_for_is_no_failure() -> None:
    clock = HandClock()
    reply = events(event(delta("one", finish="stop")), Stall())
    async with (
        LoopbackServer([reply]) as server,
        connected(server.base_url, clock=clock) as client,
    ):
        got: list[ReplyEvent] = []
        task = asyncio.create_task(gather_into(got, client, prompt(n=3)))
        await arrived(got, 1)
        await clock.advance(305)
        await asyncio.wait_for(task, 5)
    assert isinstance(got[-1], ReplyFinished)


async def test_sleep_of_the_computer_ends_the_reply() -> None:
    clock = HandClock()
    async with (
        LoopbackServer([events(event(delta("Hello")), Stall())]) as server,
        connected(server.base_url, clock=clock) as client,
        aclosing(client.stream(prompt())) as got,
    ):
        assert await anext(got) == TextDelta("Hello")
        await clock.advance(1)
        clock.time += 3600
        await clock.advance(1)
        with pytest.raises(InterruptedReplyError, match="slept"):
            await anext(got)
