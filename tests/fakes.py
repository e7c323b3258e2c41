"""Stand-ins for the ports of the core.

A client that follows a script, a store in memory, a clock that is turned by hand, a counter of
words, facts from a table.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence

from chat_tui.core.context.budget import Window
from chat_tui.core.context.items import Weight, pictures
from chat_tui.core.errors import UsageError
from chat_tui.core.events import ReplyEvent, ReplyFinished, TextDelta
from chat_tui.core.messages import ChatMessage, FilePart, TextPart
from chat_tui.core.models import ModelCard
from chat_tui.core.ports import ChatClient
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Prices, Target
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


class WordCounter:
    """A `TokenCounter` whose tokens are words; each message costs three more, a picture 100.

    Args:
        ready: whether it counts at once.
        own: the models that it has the own vocabulary of.
        encodings: model → encoding; all others have one.
        vague: what estimates are multiplied with, so that they can be told from counts.
    """

    def __init__(
        self,
        *,
        ready: bool = False,
        own: Sequence[str] = (),
        encodings: Mapping[str, str] | None = None,
        vague: float = 1.0,
    ) -> None:
        self.ready = ready
        self.counted: list[str] = []
        """The ids of all messages that were counted exactly, in their order."""
        self.started = 0
        """How often it was made to begin with exact counts."""
        self.failure: Exception | None = None
        """Raised in place of each exact count, while it is set."""
        self.closed = 0
        """How often it was closed."""
        self._own = own
        self._encodings = encodings or {}
        self._vague = vague

    def encoding(self, model: str) -> str:
        """See `TokenCounter.encoding`."""
        return self._encodings.get(model, "words")

    def own_encoding(self, model: str) -> bool:
        """See `TokenCounter.own_encoding`."""
        return model in self._own

    def weigh(self, message: ChatMessage, model: str) -> Weight:
        """See `TokenCounter.weigh`."""
        known = message.tokens.get(self.encoding(model))
        text = round(self._vague * _words(message)) if known is None else known
        return Weight(text, 100 * pictures([message]), known is not None)

    def image_rule(self, model: str) -> str:
        """See `TokenCounter.image_rule`: there is one for the models of its own."""
        return "a hundred each" if model in self._own else ""

    async def count(self, messages: Sequence[ChatMessage], model: str) -> list[int]:
        """See `TokenCounter.count`."""
        await self._begin()
        self.counted += [message.id for message in messages]
        return [_words(message) for message in messages]

    async def count_text(self, text: str, model: str) -> int:
        """See `TokenCounter.count_text`."""
        await self._begin()
        return len(text.split())

    async def overhead(self, target: Target) -> int:
        """See `TokenCounter.overhead`: three, and ten for each tool."""
        return 3 + 10 * len(target.parameters.get("tools", ()))

    async def aclose(self) -> None:
        """See `TokenCounter.aclose`."""
        self.closed += 1

    async def _begin(self) -> None:
        self.started += not self.ready
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.ready = True


def _words(message: ChatMessage) -> int:
    texts = [part.text for part in message.parts if isinstance(part, TextPart | FilePart)]
    texts += [call.arguments for call in message.tool_calls]
    return 3 + sum(len(text.split()) for text in (*texts, message.refusal))


class TableFacts:
    """A `ModelFacts` from tables.

    Args:
        windows: target as text → the size of its window.
        prices: target as text → what it costs.
    """

    def __init__(
        self,
        windows: Mapping[str, int] | None = None,
        prices: Mapping[str, Prices] | None = None,
    ) -> None:
        self.windows = dict(windows or {})
        self.costs = dict(prices or {})
        self.to_be_found: dict[str, int] = {}
        """Windows that are known as soon as they are looked up."""
        self.looked_up: list[str] = []
        """The targets that were asked for, as text."""

    def window(self, target: Target) -> Window:
        """See `ModelFacts.window`."""
        tokens = self.windows.get(str(target))
        return Window() if tokens is None else Window(tokens, "list")

    def prices(self, target: Target) -> Prices | None:
        """See `ModelFacts.prices`."""
        return self.costs.get(str(target))

    def card(self, target: Target) -> ModelCard:
        return ModelCard(target.provider, target.model)

    async def look_up(self, target: Target, *, ask: bool = True) -> None:
        """See `ModelFacts.look_up`."""
        if not ask:
            return
        self.looked_up.append(str(target))
        await asyncio.sleep(0)
        self.windows.update(self.to_be_found)


async def eventually(true: Callable[[], bool]) -> None:
    """Let the event loop run until something is true.

    Raises:
        TimeoutError: it did not become true within `DEADLINE`.
    """
    async with asyncio.timeout(DEADLINE):
        while not true():  # noqa: ASYNC110 - tests poll with a deadline
            await asyncio.sleep(0.001)
