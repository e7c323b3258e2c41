"""What the client costs over httpx's bytes alone: a burst of 20,000 deltas from a process.

The server is a process of its own, so that only the reading is counted. Ratios of one run.
"""

import asyncio
import multiprocessing
import socket
import time
from contextlib import aclosing
from multiprocessing.connection import Connection

import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.events import TextDelta
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.client import ChatCompletionsClient
from chat_tui.providers.connecting.connections import open_http
from chat_tui.providers.endpoints import parse_base_url
from tests.servers import delta, event

DELTAS = 20_000
ROUNDS = 3


def serve(ready: Connection) -> None:
    body = event(delta("word "))
    chunk = b"%x\r\n%b\r\n" % (len(body), body)
    end = event("[DONE]")
    reply = (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunk * DELTAS
    )
    reply += b"%x\r\n%b\r\n0\r\n\r\n" % (len(end), end)
    with socket.create_server(("127.0.0.1", 0)) as server:
        ready.send(server.getsockname()[1])
        while True:
            connection, _ = server.accept()
            with connection:
                request = b""
                while not request.endswith(b"}"):
                    request += connection.recv(65536)
                connection.sendall(reply)


async def read_bytes(base_url: str) -> int:
    size = 0
    url = base_url + "/chat/completions"
    async with (
        open_http(parse_base_url(base_url)) as http,
        http.stream("POST", url, content=b"{}") as response,
    ):
        async for data in response.aiter_raw():
            size += len(data)
    return size


async def read_events(base_url: str) -> tuple[int, int]:
    size = count = 0
    profile = ProviderProfile("bench", base_url)
    request = ChatRequest(Target("bench", "m"), (ChatMessage("1", "user", text_parts("x")),))
    async with open_http(parse_base_url(base_url)) as http:
        client = ChatCompletionsClient(http, profile, None, SystemClock())
        async with aclosing(client.stream(request)) as events:
            async for part in events:
                if isinstance(part, TextDelta):
                    size += len(part.text)
                    count += 1
    return size, count


@pytest.mark.benchmark
def test_the_client_costs_at_most_half_again_over_bytes() -> None:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(sender,))
    process.start()
    try:
        base_url = f"http://127.0.0.1:{receiver.recv()}/v1"
        plain, full, count = [], [], 0
        for _ in range(ROUNDS):
            started = time.process_time()
            asyncio.run(read_bytes(base_url))
            plain.append(time.process_time() - started)
            started = time.process_time()
            size, count = asyncio.run(read_events(base_url))
            full.append(time.process_time() - started)
            assert size == DELTAS * 5
    finally:
        process.terminate()
        process.join()
    ratio = min(full) / min(plain)
    each = 1e6 / DELTAS
    print(
        f"bytes {min(plain) * each:.1f} µs, client {min(full) * each:.1f} µs a delta,"
        f" ratio {ratio:.2f}, {count} events"
    )
    assert ratio <= 1.5
