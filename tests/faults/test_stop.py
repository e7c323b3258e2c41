"""Row 18: a stop during any fault acts within 100 ms, closes the connection, keeps the text."""

import asyncio
import gzip
import json
import socket
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.events import RetryScheduled
from chat_tui.core.messages import ChatMessage
from tests.fakes import eventually
from tests.faults.rig import Talk, talking
from tests.servers import LoopbackServer, Raw, Reply, Stall, answer, delta, event, events, stream

AT_ONCE = 0.1
"""Seconds: of waiting as well as of work, on a machine that does nothing else."""

_TICK = 0.005

HELLO = event(delta("Hello"))
SENT = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def packed(data: bytes) -> bytes:
    """The beginning of a gzip stream."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def said(text: str) -> Callable[[Talk], bool]:
    """Whether a text has come."""
    return lambda talk: talk.text == text


def asked(_: Talk) -> bool:
    """Any moment after the request."""
    return True


FAULTS = {
    "before the head": (Reply([Stall()], bare=True), asked, ""),
    "half a head": (Reply([Raw(SENT), Stall()], bare=True), asked, ""),
    "head only": (events(Stall()), asked, ""),
    "keep-alive comments": (events(*[b": ping\n\n"] * 9, Stall()), asked, ""),
    "padding before JSON": (Reply([b" " * 4096, Stall()]), asked, ""),
    "stall after content": (events(HELLO, Stall()), said("Hello"), "Hello"),
    "half an event": (events(HELLO, b'data: {"choi', Stall()), said("Hello"), "Hello"),
    "half a character": (events(HELLO, "data: 你".encode()[:-1], Stall()), said("Hello"), "Hello"),
    "inside a chunk": (events(HELLO, Raw(b"40\r\ndata: {"), Stall()), said("Hello"), "Hello"),
    "invalid events": (events(HELLO, *[b"data: {\n\n"] * 3, Stall()), said("Hello"), "Hello"),
    "after the finish": (
        events(HELLO, event(delta(finish="stop")), Stall()),
        said("Hello"),
        "Hello",
    ),
    "compressed": (
        Reply([packed(HELLO), Stall()], headers={"Content-Encoding": "gzip"}),
        said("Hello"),
        "Hello",
    ),
    "half a JSON reply": (Reply([json.dumps({"choices": []})[:9].encode(), Stall()]), asked, ""),
    "half a page": (Reply([b"<html><title>Log", Stall()]), asked, ""),
    "half an error": (Reply([b'{"error": "no', Stall()], 500), asked, ""),
    "a large event": (
        events(HELLO, b"data: ", *[b"x" * 65536] * 99, Stall()),
        said("Hello"),
        "Hello",
    ),
    "a bomb": (
        Reply([gzip.compress(b"\n" * 20_000_000), Stall()], headers={"Content-Encoding": "gzip"}),
        asked,
        "",
    ),
}


@asynccontextmanager
async def at_once() -> AsyncIterator[None]:
    """What must take no longer than `AT_ONCE`, however busy the machine is.

    A wait shows in the ticks of a clock that stands still with the event loop, and work in the
    time of the processor; the time on the wall is that of others too.
    """
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(_TICK)
            ticks += 1

    ticking = asyncio.create_task(tick())
    begun = time.thread_time()
    try:
        async with asyncio.timeout(5):
            yield
        assert time.thread_time() - begun < AT_ONCE
        assert ticks * _TICK < AT_ONCE
    finally:
        ticking.cancel()


async def stopped(talk: Talk, turn: asyncio.Task[ChatMessage]) -> ChatMessage:
    """Stop a turn, which must end at once."""
    async with at_once():
        assert talk.stop()
        return await turn


@asynccontextmanager
async def turn_of(talk: Talk) -> AsyncIterator[asyncio.Task[ChatMessage]]:
    """A turn that runs beside the test."""
    turn = asyncio.create_task(talk.ask())
    try:
        yield turn
    finally:
        turn.cancel()
        await asyncio.wait([turn])


@pytest.mark.parametrize("fault", FAULTS)
async def test_stop_acts_at_once_and_keeps_the_text(fault: str) -> None:
    failing, reached, text = FAULTS[fault]
    async with (
        LoopbackServer([failing, stream("and on")]) as server,
        talking(server.base_url, clock=SystemClock()) as talk,
        turn_of(talk) as turn,
    ):
        await server.until(lambda: bool(server.requests) and reached(talk))
        async with at_once():
            reply = await stopped(talk, turn)
            await server.until(lambda: server.hangups == 1)
        assert len(server.requests) == 1

        again = await talk.ask("second")

    assert (reply.status, reply.text, reply.error) == ("stopped", text, None)
    assert (again.status, again.text) == ("complete", "and on")


async def test_stop_in_a_flood_keeps_all_that_came() -> None:
    flood = events(*[event(delta("x" * 100))] * 50_000, Stall())
    async with (
        LoopbackServer([flood]) as server,
        talking(server.base_url, clock=SystemClock()) as talk,
        turn_of(talk) as turn,
    ):
        await server.until(lambda: len(talk.events) > 20)
        reply = await stopped(talk, turn)
        await server.until(lambda: server.hangups == 1)

    assert reply.status == "stopped"
    assert len(reply.text) > 100
    assert set(reply.text) == {"x"}


async def test_stop_in_the_wait_before_a_retry_sends_nothing_more() -> None:
    limited = answer({"error": "slow down"}, 429, retry_after="30")
    async with (
        LoopbackServer([limited]) as server,
        talking(server.base_url, clock=SystemClock()) as talk,
        turn_of(talk) as turn,
    ):
        await eventually(lambda: any(isinstance(each, RetryScheduled) for each in talk.events))
        reply = await stopped(talk, turn)
        assert len(server.requests) == 1

    assert (reply.status, reply.text) == ("stopped", "")


@asynccontextmanager
async def never_accepting() -> AsyncIterator[int]:
    """A port whose queue is full: whoever comes waits for the connection."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        try:
            yield listener.getsockname()[1]
        finally:
            for client in waiting:
                client.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_stop_while_it_connects(scheme: str) -> None:
    async with (
        never_accepting() as port,
        talking(f"{scheme}://127.0.0.1:{port}/v1", clock=SystemClock()) as talk,
        turn_of(talk) as turn,
    ):
        await eventually(lambda: bool(talk.events))
        reply = await stopped(talk, turn)

    assert (reply.status, reply.error) == ("stopped", None)


async def test_stop_in_the_handshake() -> None:
    hello = asyncio.Event()
    left = asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        hello.set()
        while await reader.read(4096):
            pass
        left.set()
        writer.close()

    server = await asyncio.start_server(stay_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        talking(f"https://127.0.0.1:{port}/v1", clock=SystemClock()) as talk,
        turn_of(talk) as turn,
    ):
        async with asyncio.timeout(5):
            await hello.wait()
        async with at_once():
            reply = await stopped(talk, turn)
            await left.wait()

    assert (reply.status, reply.error) == ("stopped", None)
