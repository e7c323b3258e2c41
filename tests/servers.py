"""HTTP servers on loopback that do what they are told: raw sockets, every fault on request.

`LoopbackServer` runs in a test's event loop (`async with`), `ThreadedServer` in a thread of its
own (`with`), for tests of processes. Both take a script: the replies in their order (the last one
is repeated), or a function from request to reply.
"""

import asyncio
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_POLL = 0.005
_TLS = b"\x16"
"""How a handshake begins."""

CERTIFICATES = Path(__file__).parent / "data" / "tls"
"""`ca.pem`, and what it signed: `localhost`, `expired`, `early`, `elsewhere`; good until 2123."""


def server_tls(name: str = "localhost") -> ssl.SSLContext:
    """What makes a server speak TLS with one of the certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    """With names in lower case."""
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Stall:
    """Send nothing more and wait until the client hangs up."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection here, whatever was announced."""

    reset: bool = False
    """With RST instead of FIN."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait until the test sets the event."""

    event: asyncio.Event | threading.Event


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are, outside of any chunk."""

    data: bytes


Step = bytes | Stall | Cut | Hold | Raw
"""`bytes` are sent as one chunk."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its head, and the steps that make its body."""

    steps: Sequence[Step] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = True
    """Without it the body ends with the connection."""
    keep_alive: bool = True
    bare: bool = False
    """Without a head: the steps, best `Raw`, are all that is sent, and then it hangs up."""


Script = Callable[[Request], Reply] | Sequence[Reply]


def event(data: object) -> bytes:
    """One event of a stream: a string as it is, anything else as JSON."""
    text = data if isinstance(data, str) else json.dumps(data)
    return f"data: {text}\n\n".encode()


def delta(text: str = "", *, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk with one delta."""
    content = {"content": text} if text else {}
    choice = {"index": 0, "delta": content | fields, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def stream(*texts: str, finish: str = "stop", usage: dict[str, Any] | None = None) -> Reply:
    """A whole streamed reply, as OpenAI sends it."""
    steps = [event(delta(text)) for text in texts]
    steps.append(event(delta(finish=finish)))
    if usage is not None:
        steps.append(event({"id": "c1", "model": "m", "choices": [], "usage": usage}))
    return events(*steps, event("[DONE]"))


def events(*steps: Step) -> Reply:
    """A stream with these steps."""
    return Reply(steps, headers={"Content-Type": "text/event-stream"})


def answer(value: object, status: int = 200, **headers: str) -> Reply:
    """JSON with a status; underscores in names of headers stand for dashes."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply([json.dumps(value).encode()], status, {"Content-Type": "application/json"} | named)


def whole(text: str, **fields: Any) -> Reply:
    """A reply that was not streamed."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message | fields, "finish_reason": "stop"}
    return answer({"id": "c1", "object": "chat.completion", "model": "m", "choices": [choice]})


_NOT_FOUND = Reply([b"{}"], 404, {"Content-Type": "application/json"})


class LoopbackServer:
    """A scripted server in the running event loop.

    Args:
        script: what to answer.
        port: 0 takes a free one.
        tls: makes it speak https; see `server_tls`.
        prompts_only: what is not a prompt (a look for models, for the window) is not found, and
            not noted in `requests`.
    """

    def __init__(
        self,
        script: Script,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        *,
        prompts_only: bool = False,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        """How many were accepted."""
        self.hangups = 0
        """How many times the client left in the middle of a reply."""
        self._script = script
        self._port = port
        self._tls = tls
        self._prompts_only = prompts_only
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._port, ssl=self._tls
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something has happened, for so long at the most."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  (a condition is no event)
                await asyncio.sleep(_POLL)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read_request(reader)) is not None:
                if self._prompts_only and request.method == "GET":
                    await self._answer(_NOT_FOUND, reader, writer)
                    continue
                self.requests.append(request)
                if not await self._answer(self._reply(request), reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hangups += 1
        finally:
            writer.close()

    def _reply(self, request: Request) -> Reply:
        if callable(self._script):
            return self._script(request)
        return self._script[min(len(self.requests), len(self._script)) - 1]

    async def _answer(
        self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Send a reply; gives whether the connection may be used again."""
        if not reply.bare:
            writer.write(_head(reply))
        for step in reply.steps:
            match step:
                case bytes():
                    writer.write(_chunk(step) if reply.chunked else step)
                case Raw(data):
                    writer.write(data)
                case Hold(event=held):
                    await writer.drain()
                    if isinstance(held, asyncio.Event):
                        await held.wait()
                    else:
                        await asyncio.to_thread(held.wait)
                case Stall():
                    await writer.drain()
                    await reader.read()
                    self.hangups += 1
                    return False
                case Cut(reset):
                    await writer.drain()
                    _hang_up(writer, reset=reset)
                    return False
            await writer.drain()
        if reply.bare:
            return False
        if reply.chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return reply.chunked and reply.keep_alive


class ThreadedServer:
    """The same server in a thread, for tests that run processes.

    Args:
        script: what to answer.
        port: 0 takes a free one.
        prompts_only: see `LoopbackServer`.
    """

    def __init__(self, script: Script, port: int = 0, *, prompts_only: bool = False) -> None:
        self.server = LoopbackServer(script, port, prompts_only=prompts_only)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def requests(self) -> list[Request]:
        """What was asked so far."""
        return self.server.requests

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return self.server.base_url

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the server did not start")
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self.server:
            self._ready.set()
            await self._stop.wait()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        begin = await reader.readexactly(1)
        if begin == _TLS:
            # Servers of plain HTTP refuse it at once and do not wait for the end of a line.
            raise ConnectionAbortedError
        head = begin + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if line)
    headers = {name.lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


def _head(reply: Reply) -> bytes:
    headers = dict(reply.headers)
    if reply.chunked:
        headers["Transfer-Encoding"] = "chunked"
    if not reply.chunked or not reply.keep_alive:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {reply.status} Scripted"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _hang_up(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    if reset:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()
