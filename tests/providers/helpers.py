"""What the tests of the providers share: a clock that is turned by hand, and short requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from chat_tui.core.clock import Clock, SystemClock
from chat_tui.core.events import ReplyEvent, TextDelta
from chat_tui.core.exchanges import ExchangeLog
from chat_tui.core.memory import ModelMemory
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.ports import ChatClient
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile, Quirks, Target
from chat_tui.providers.client import ChatCompletionsClient, ImageLoader
from chat_tui.providers.connecting.connections import open_http
from chat_tui.providers.connecting.exchange import Deadlines
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import Key


class HandClock:
    """A clock that only `advance` moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its moment."""
        end = self.time + seconds
        while True:
            self._sleepers = [entry for entry in self._sleepers if not entry[1].done()]
            due = min((entry for entry in self._sleepers), key=lambda e: e[0], default=None)
            if due is None or due[0] > end:
                break
            self.time = max(self.time, due[0])
            due[1].set_result(None)
            for _ in range(5):
                await asyncio.sleep(0)
        self.time = end


class ImpatientClock(SystemClock):
    """The machine's clock, but waits take no time; it remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        # The exchange looks at its progress once a second: that pace stays real.
        if seconds == 1.0:
            await super().sleep(seconds)
            return
        self.slept.append(seconds)
        await asyncio.sleep(0)


def prompt(
    text: str = "hello", *, model: str = "m", stream: bool = True, **parameters: object
) -> ChatRequest:
    """A request with one message of the user."""
    message = ChatMessage("1", "user", text_parts(text))
    return ChatRequest(Target("test", model, parameters), (message,), stream)


@asynccontextmanager
async def connected(
    base_url: str,
    *,
    key: Key | None = None,
    clock: Clock | None = None,
    load_image: ImageLoader | None = None,
    memory: ModelMemory | None = None,
    log: ExchangeLog | None = None,
    slots: asyncio.Semaphore | None = None,
    quirks: Quirks | None = None,
    deadlines: Deadlines | None = None,
) -> AsyncIterator[ChatCompletionsClient]:
    """A client over real sockets."""
    profile = ProviderProfile("test", base_url, label="Test", quirks=quirks or Quirks())
    async with open_http(parse_base_url(base_url)) as http:
        yield ChatCompletionsClient(
            http,
            profile,
            key,
            clock or ImpatientClock(),
            load_image=load_image,
            rand=lambda: 0.5,
            memory=memory,
            log=log,
            slots=slots,
            deadlines=deadlines,
        )


async def gather(client: ChatClient, request: ChatRequest | None = None) -> list[ReplyEvent]:
    """All events of one reply."""
    got: list[ReplyEvent] = []
    await gather_into(got, client, request)
    return got


async def gather_into(
    got: list[ReplyEvent], client: ChatClient, request: ChatRequest | None = None
) -> None:
    """The same, where a failure must not take along what came before it."""
    async with aclosing(client.stream(request or prompt())) as events:
        async for event in events:
            # Not in a comprehension: what came before a failure must stay.
            got.append(event)  # noqa: PERF401


def text_of(events: list[ReplyEvent]) -> str:
    """The text of all deltas."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))
