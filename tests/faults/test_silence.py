"""Rows 4, 5, 6 and 25 of the table of faults: time, on a clock that is turned by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from chat_tui.core.events import Notice
from chat_tui.core.messages import ChatMessage
from tests.faults.rig import Talk, talking
from tests.providers.helpers import HandClock
from tests.servers import Hold, LoopbackServer, Reply, Stall, Step, delta, event, events, stream

HELLO = event(delta("Hello"))


@asynccontextmanager
async def running(
    *replies: Reply,
) -> AsyncIterator[tuple[HandClock, LoopbackServer, Talk, asyncio.Task[ChatMessage]]]:
    """A turn that has come to its first request, with its clock."""
    clock = HandClock()
    async with (
        LoopbackServer(replies) as server,
        talking(server.base_url, clock=clock) as talk,
    ):
        turn = asyncio.create_task(talk.ask())
        try:
            await server.until(lambda: len(server.requests) == 1)
            yield clock, server, talk, turn
        finally:
            turn.cancel()
            await asyncio.wait([turn])


def kinds(talk: Talk) -> list[str]:
    """Of the notices so far."""
    return [each.kind for each in talk.events if isinstance(each, Notice)]


async def passes(clock: HandClock, seconds: float, true: Callable[[], bool]) -> None:
    """Let time pass, and then what it brings come through."""
    await clock.advance(seconds)
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for is no event
            await asyncio.sleep(0.001)


async def test_stall_after_content_is_told_offered_and_ended() -> None:
    """Row 4."""
    async with running(events(HELLO, Stall())) as (clock, server, talk, turn):
        await server.until(lambda: talk.text == "Hello")
        await clock.advance(13)
        assert kinds(talk) == []
        await passes(clock, 4, lambda: kinds(talk) == ["silence"])
        await clock.advance(35)
        assert kinds(talk) == ["silence"]
        await passes(clock, 10, lambda: kinds(talk) == ["silence", "stalled"])
        await clock.advance(225)
        assert not turn.done()
        await passes(clock, 20, turn.done)
        reply = turn.result()
        await server.until(lambda: server.hangups == 1, seconds=1)
        assert len(server.requests) == 1

    assert (reply.status, reply.text) == ("interrupted", "Hello")
    assert reply.error is not None
    assert reply.error.kind == "interrupted"


async def test_comments_do_not_put_off_the_end_of_a_stall() -> None:
    """Row 4."""
    gates = [asyncio.Event() for _ in range(12)]
    steps: list[Step] = [HELLO]
    for gate in gates:
        steps += [Hold(gate), b": keep-alive\n\n"]
    async with running(events(*steps, Stall())) as (clock, server, talk, turn):
        await server.until(lambda: talk.text == "Hello")
        for gate in gates:
            gate.set()
            await clock.advance(24)
        assert not turn.done()
        await passes(clock, 20, turn.done)
        reply = turn.result()

    assert (reply.status, reply.text) == ("interrupted", "Hello")


async def test_silence_before_content_is_told_and_ended_without_a_repeat() -> None:
    """Row 5, with a head and without one."""
    for silent in (events(Stall()), Reply([Stall()], bare=True), events(b": ping\n\n", Stall())):
        async with running(silent, stream("never")) as (clock, server, talk, turn):
            await clock.advance(9)
            assert kinds(talk) == []
            await passes(clock, 3, lambda talk=talk: bool(kinds(talk)))  # type: ignore[misc]  # its type is not inferred
            await clock.advance(575)
            assert not turn.done()
            await passes(clock, 30, turn.done)
            reply = turn.result()
            await server.until(lambda server=server: server.hangups == 1)  # type: ignore[misc]  # its type is not inferred
            assert len(server.requests) == 1

        assert (reply.status, reply.text) == ("error", "")
        assert reply.error is not None
        assert reply.error.kind == "timeout"


async def test_byte_a_second_works_while_content_flows() -> None:
    """Row 6: 900 s for a reply, 100 s for each piece of it."""
    gates: list[asyncio.Event] = []
    steps: list[Step] = []
    pieces = [event(delta(f"{number} ")) for number in range(6)]
    for byte in b"".join([*pieces, event(delta(finish="stop")), event("[DONE]")]):
        gates.append(asyncio.Event())
        steps += [Hold(gates[-1]), bytes([byte])]
    async with running(events(*steps)) as (clock, _, talk, turn):
        for gate in gates:
            gate.set()
            await clock.advance(1)
        async with asyncio.timeout(5):
            reply = await turn

    assert clock.time > 1000 + 700
    assert (reply.status, reply.text) == ("complete", "0 1 2 3 4 5 ")
    assert set(kinds(talk)) <= {"silence", "stalled"}


async def test_sleep_of_the_computer_interrupts() -> None:
    """Row 25."""
    async with running(events(HELLO, Stall())) as (clock, server, talk, turn):
        await server.until(lambda: talk.text == "Hello")
        await clock.advance(2)
        clock.time += 3600
        await passes(clock, 1, turn.done)
        reply = turn.result()
        await server.until(lambda: server.hangups == 1, seconds=1)
        assert len(server.requests) == 1

    assert (reply.status, reply.text) == ("interrupted", "Hello")
    assert reply.error is not None
    assert "slept" in reply.error.message


async def test_sleep_before_the_first_content_is_no_time_out() -> None:
    """Row 25, while a server reads a long prompt."""
    async with running(events(Stall()), stream("never")) as (clock, server, _, turn):
        await clock.advance(2)
        clock.time += 3600
        await passes(clock, 1, turn.done)
        reply = turn.result()
        assert len(server.requests) == 1

    assert reply.text == ""
    assert reply.error is not None
    assert "slept" in reply.error.message
