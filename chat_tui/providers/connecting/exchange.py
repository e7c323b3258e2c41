"""One request and its reply: the I/O around `ReplyReader`, with its time limits."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from chat_tui.core.clock import Clock
from chat_tui.core.errors import (
    ChatError,
    InterruptedReplyError,
    ProtocolError,
    ReplyTimeoutError,
)
from chat_tui.core.events import ReplyEvent
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.targets import TimeLimits
from chat_tui.providers.connecting.connections import raw_chunks, transport_error
from chat_tui.providers.connecting.records import Recorder, without_key
from chat_tui.providers.failures.errors import Peer, redirect_error, status_error
from chat_tui.providers.reading.replies import ReplyReader

_MAX_ERROR_BYTES = 1_000_000
_MAX_WAITING = 131_072
"""Bytes that may wait for the consumer before the socket is left alone."""
_DRAIN = 0.1
"""Seconds that the end of a body may take after `[DONE]`."""
_TICK = 1.0
"""Seconds between two looks at the progress; no clock is read for each chunk."""
_UNREAD = "The server did not read the request to its end: send less at once, or try again."
_STOPPED = "The reply was stopped before its end."
_PHASES = {
    "connect_tcp": "connected",
    "start_tls": "secured",
    "send_request_body": "sent",
    "receive_response_headers": "answered",
}
"""What httpcore's steps are in a record. Through a proxy some come twice: the last one counts."""
_SLEEP_JUMP = 60.0
"""Seconds that the clock may jump between two looks; more means that the computer slept."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a server may be silent, in seconds."""

    first_notice: float = 10.0
    """Without any content: say so. Local servers read long prompts first."""
    first_end: float = 600.0
    stall_notice: float = 15.0
    """After the first content; keep-alive comments do not count."""
    stall_offer: float = 60.0
    """The same: now offer to stop."""
    stall_end: float = 300.0
    after_finish: float = 5.0
    """After the finish reason: usage may follow, and the socket need not be closed."""
    refusal_end: float = 5.0
    """How long the words of a refusal may take: its status is known already."""

    @classmethod
    def of(cls, limits: TimeLimits) -> "Deadlines":
        """The deadlines of a provider with these limits."""
        return cls(first_end=limits.first_token, stall_end=limits.stall)


class Exchange:
    """Sends one request and reads its reply in a task of its own.

    The task empties the socket as fast as it can; the consumer wakes once for all that came
    meanwhile and reads it in one go, so that a burst of small chunks costs little.

    Args:
        http: the client to send with.
        request: what to send.
        peer: whom it goes to.
        clock: for the deadlines.
        deadlines: how long silence is borne.
        record: filled while it runs, for the raw view.
        choices: how many answers are asked for.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        request: httpx.Request,
        peer: Peer,
        clock: Clock,
        deadlines: Deadlines,
        record: ExchangeRecord | None = None,
        choices: int = 1,
    ) -> None:
        self.reader = ReplyReader(peer, choices=choices)
        self.answered = False
        """Whether a response came, with whatever status."""
        self._http = http
        self._request = request
        self._peer = peer
        self._clock = clock
        self._deadlines = deadlines
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._waiting: list[bytes] = []
        self._size = 0
        self._error: ChatError | None = None
        self._refusal: ChatError | None = None
        self._connected = False
        self._sent = self._unread = False
        self._via = ""
        self._unsecured: Any = None
        """The socket while the TLS handshake is on its way."""
        self._recorder = Recorder(record, peer.key, clock) if record is not None else None
        request.extensions["trace"] = self._trace

    @property
    def was_stale(self) -> bool:
        """Whether a pooled connection turned out to be dead before it gave any answer.

        One that was only silent was not: what was sent may be worked on.
        """
        broke = self._error is not None and not isinstance(self._error, ReplyTimeoutError)
        return broke and self._sent and not self._connected and not self.answered

    async def batches(self) -> AsyncGenerator[list[ReplyEvent], None]:
        """Yield what came, each time as much as there is. Closing it closes the connection.

        Raises:
            ChatError: there is no whole reply.
        """
        pump = asyncio.create_task(self._pump(), name="reply-pump")
        watch = asyncio.create_task(self._watch(pump), name="reply-watch")
        stopped = True
        try:
            while not self.reader.ended and not (pump.done() and not self._waiting):
                await self._wake.wait()
                self._wake.clear()
                if events := self._read_waiting():
                    yield events
            if self.reader.failure is None:
                # The end of the body is nearly always there already; then the connection can
                # serve the next turn. A socket that is left open is not waited for.
                await asyncio.wait((pump,), timeout=_DRAIN)
            stopped = False
        finally:
            watch.cancel()
            pump.cancel()
            await asyncio.wait((pump, watch))
            if stopped:
                self._record_end(_STOPPED)
        if not pump.cancelled():
            pump.result()
        if self._refusal is not None:
            self.reader.stop(self._refusal)
        self.reader.close(self._error)
        self._record_end(self.reader.failure.message if self.reader.failure else "")
        if events := self._take():
            yield events
        if self.reader.failure is not None:
            raise self.reader.failure

    def _record_end(self, error: str) -> None:
        if self._recorder is not None:
            self._recorder.end(error)

    def _read_waiting(self) -> list[ReplyEvent]:
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        self._room.set()
        if data:
            if self._recorder is not None:
                self._recorder.receive(data)
            self.reader.feed(data)
        return self._take()

    def _take(self) -> list[ReplyEvent]:
        return [without_key(event, self._peer.key) for event in self.reader.take()]

    async def _pump(self) -> None:
        try:
            response = await self._http.send(self._request, stream=True)
            self.answered = True
            if self._recorder is not None:
                self._recorder.answered(response)
            try:
                await self._read(response)
            finally:
                await response.aclose()
        except ChatError as failure:
            self._refusal = failure
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as failure:
            self._error = transport_error(failure, self._peer, self._via)
            if self._unread:
                # Its words, 413 perhaps, are lost with the connection.
                self._error.hint = _UNREAD
        except asyncio.CancelledError:
            if self._unsecured is not None:
                # httpcore leaves it open where a handshake is cancelled.
                await self._unsecured.aclose()
            raise
        finally:
            # The consumer looks at whether this task is done when it wakes.
            asyncio.get_running_loop().call_soon(self._wake.set)

    async def _read(self, response: httpx.Response) -> None:
        if response.is_error:
            content = await self._beginning(response)
            raise status_error(response.status_code, response.headers, content, self._peer)
        if response.status_code >= 300:
            raise redirect_error(response.status_code, response.headers, self._peer)
        waiting, wake = self._waiting, self._wake.set
        async for data in raw_chunks(response, self._peer):
            waiting.append(data)
            self._size += len(data)
            wake()
            if self._size > _MAX_WAITING:
                self._room.clear()
                await self._room.wait()

    async def _watch(self, pump: asyncio.Task[None]) -> None:
        """Look at the progress from time to time, give notice of silence, and end it."""
        reader, limits = self.reader, self._deadlines
        seen = (0, False, False)
        said = 0.0
        moved = last = self._clock.monotonic()
        while True:
            await self._clock.sleep(_TICK)
            now = self._clock.monotonic()
            if now - last > _SLEEP_JUMP + _TICK:
                slept = InterruptedReplyError("The computer slept while the reply was coming.")
                return self._give_up(pump, slept)
            last = now
            progress = (reader.size, reader.started, reader.complete)
            if progress != seen or self._waiting:
                seen, moved, said = progress, now, 0.0
                continue
            silent = now - moved
            end = limits.after_finish if reader.has_all else limits.stall_end
            if reader.complete and silent >= end:
                return self._give_up(pump, None)
            started = reader.started
            if silent >= (limits.stall_end if started else limits.first_end):
                return self._give_up(pump, self._silence(silent))
            if started and said < limits.stall_offer <= silent:
                said = silent
                self._note("stalled", silent, " Stop keeps what came, or wait on.")
            elif not said and silent >= (limits.stall_notice if started else limits.first_notice):
                said = silent
                self._note("silence", silent)

    def _note(self, kind: str, silent: float, more: str = "") -> None:
        message = f"{self._peer.label} has sent nothing for {silent:.0f} s.{more}"
        self.reader.note(kind, message)
        self._wake.set()

    def _give_up(self, pump: asyncio.Task[None], error: ChatError | None) -> None:
        if error is not None:
            self.reader.stop(error)
        pump.cancel()

    def _silence(self, seconds: float) -> ChatError:
        return ReplyTimeoutError(
            f"{self._peer.label} sent nothing for {seconds:.0f} s.",
            hint="Send it again, or switch the model.",
        )

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpcore for each step: a reused connection is one that was not opened."""
        name, _, state = event.rpartition(".")
        step = name.rpartition(".")[2]
        if step == "connect_tcp" and state == "started":
            self._connected = True
            if info.get("host") != self._request.url.raw_host.decode("ascii"):
                self._via = f"{info.get('host')}:{info.get('port')}"
        elif step == "send_request_headers" and state == "started":
            self._sent = True
        elif step == "send_request_body" and state == "failed":
            self._unread = True
        elif state == "complete" and step in _PHASES and self._recorder is not None:
            self._recorder.reach(_PHASES[step])
        if step == "connect_tcp" and state == "complete" and self._request.url.scheme == "https":
            self._unsecured = info.get("return_value")
        elif step == "start_tls" and state == "complete":
            self._unsecured = None

    async def _beginning(self, response: httpx.Response) -> bytes:
        """The body of an error, as far as it comes and anybody would read it.

        Its status is the answer: one whose words break off, stay away, or cannot be unpacked is
        judged all the same.
        """
        content = bytearray()
        with suppress(httpx.TransportError, ProtocolError, TimeoutError):
            async with asyncio.timeout(self._deadlines.refusal_end):
                async for data in raw_chunks(response, self._peer):
                    if self._recorder is not None:
                        self._recorder.receive(data)
                    content += data
                    if len(content) > _MAX_ERROR_BYTES:
                        break
        return bytes(content)
