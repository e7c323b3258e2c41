"""Stand-ins for the ports of the core.

A client that follows a script, a store in memory, a clock that is turned by hand.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping

from chat_tui.core.errors import UsageError
from chat_tui.core.events import ReplyEvent, ReplyFinished, TextDelta
from chat_tui.core.ports import ChatClient
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from tests.memory_store import MemoryStore as MemoryStore

TARGET = Target("fake", "model-1")
"""What `SimpleClientSource` answers for, unless told otherwise."""

DEADLINE = 5.0
"""Seconds after which waiting for something in a test is given up."""

Step = ReplyEvent | BaseException | asyncio.Event
"""One step of a script: an event is yielded, an exception raised, an asyncio.Event waited for."""


def answer(
    *deltas: str, finish_reason: str = "stop", choice: int = 0, model: str = ""
) -> list[Step]:
    """The script of a plain reply: some deltas of text and its end."""
    texts: list[Step] = [TextDelta(delta, choice) for delta in deltas]
    return [*texts, ReplyFinished(finish_reason, choice, model)]


class ScriptedClient:
    """A `ChatClient` that replies as it was told, without a network.

    Args:
        scripts: one a request, in their order; the last one is repeated.
        on_request: called with each request before its first step.
    """

    def __init__(
        self,
        *scripts: Iterable[Step],
        on_request: Callable[[ChatRequest], None] | None = None,
    ) -> None:
        self._scripts = [tuple(script) for script in scripts]
        self._on_request = on_request
        self.requests: list[ChatRequest] = []
        """All that were asked for, oldest first."""
        self.running = 0
        """Replies that are being read: not at their end, not closed."""
        self.waiting = asyncio.Event()
        """Set while a script waits for one of its asyncio.Events."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        self.requests.append(request)
        self.running += 1
        try:
            if self._on_request is not None:
                self._on_request(request)
            for step in self._scripts[min(len(self.requests), len(self._scripts)) - 1]:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, asyncio.Event):
                    await self._wait(step)
                else:
                    yield step
        finally:
            self.running -= 1

    async def _wait(self, event: asyncio.Event) -> None:
        self.waiting.set()
        try:
            await event.wait()
        finally:
            self.waiting.clear()


class SimpleClientSource:
    """A `ClientSource` over clients that are there already.

    Args:
        clients: by the provider's name; one alone serves every provider.
    """

    def __init__(self, clients: ChatClient | Mapping[str, ChatClient]) -> None:
        self._clients = clients

    def client_for(self, target: Target) -> ChatClient:
        """See `ClientSource.client_for`."""
        if not isinstance(self._clients, Mapping):
            return self._clients
        if target.provider not in self._clients:
            raise UsageError(f"There is no provider {target.provider}.", hint="Choose another.")
        return self._clients[target.provider]


class FakeClock:
    """A `Clock` that only `advance` moves.

    Args:
        start: what both of its times begin with, in seconds.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.time = start
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    @property
    def sleeping(self) -> int:
        """How many wait for the time to pass."""
        return sum(not future.done() for _, future in self._sleepers)

    def now(self) -> float:
        """See `Clock.now`."""
        return self.time

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, future))
        await future

    def advance(self, seconds: float) -> None:
        """Let time pass; those whose wait is over go on when the event loop comes to them."""
        self.time += seconds
        for due, future in self._sleepers:
            if due <= self.time and not future.done():
                future.set_result(None)
        self._sleepers = [entry for entry in self._sleepers if not entry[1].done()]


async def eventually(true: Callable[[], bool]) -> None:
    """Let the event loop run until something is true.

    Raises:
        TimeoutError: it did not become true within `DEADLINE`.
    """
    async with asyncio.timeout(DEADLINE):
        while not true():  # noqa: ASYNC110 - tests poll with a deadline
            await asyncio.sleep(0.001)
