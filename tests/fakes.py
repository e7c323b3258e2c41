"""Stand-ins for the ports of the core.

A client that follows a script, a store in memory, a clock that is turned by hand.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from chat_tui.core.conversation import Conversation, ConversationSummary, Node, node_of
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.events import ReplyEvent, ReplyFinished, TextDelta
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.ports import ChatClient, ConversationChanges
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target

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


class MemoryStore:
    """A `ConversationStore` in memory, to the letter of the port.

    Several managers may share one, as several windows share a database.
    """

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.saved: dict[str, ChatMessage] = {}
        """Messages by id, as they were written; the journal is not folded in."""
        self.journal: dict[str, list[tuple[str, str]]] = {}
        """Text and reasoning by message, as they came."""
        self.failure: ChatError | None = None
        """Raised by every call but `append_chunk`, while it is set."""
        self.written_elsewhere = False
        """What `changed_elsewhere` says next."""
        self._members: dict[str, list[str]] = {}

    async def summaries(
        self, *, limit: int = 50, after: ConversationSummary | None = None
    ) -> list[ConversationSummary]:
        """See `ConversationStore.summaries`."""
        await self._pass()
        rows = sorted(map(_summary, self._listed()), key=_place)
        if after is not None:
            rows = [row for row in rows if _place(row) > _place(after)]
        return rows[:limit]

    async def conversation(self, id_: str) -> Conversation | None:
        """See `ConversationStore.conversation`."""
        await self._pass()
        return self.conversations.get(id_)

    async def nodes(self, conversation: str) -> list[Node]:
        """See `ConversationStore.nodes`."""
        await self._pass()
        return [node_of(self.saved[id_]) for id_ in self._members.get(conversation, ())]

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """See `ConversationStore.messages`."""
        await self._pass()
        return [self._read(id_) for id_ in ids if id_ in self.saved]

    async def add_messages(
        self, conversation: Conversation, messages: Sequence[ChatMessage]
    ) -> None:
        """See `ConversationStore.add_messages`."""
        await self._pass()
        known = self.conversations.get(conversation.id)
        if known is not None:
            conversation = replace(
                known,
                head=conversation.head,
                heads=conversation.heads,
                updated=conversation.updated,
            )
        self.conversations[conversation.id] = conversation
        for message in messages:
            if message.id not in self.saved:
                self.saved[message.id] = message
                self._members.setdefault(conversation.id, []).append(message.id)

    def append_chunk(self, message: str, text: str, reasoning: str) -> None:
        """See `ConversationStore.append_chunk`."""
        self.journal.setdefault(message, []).append((text, reasoning))

    async def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`."""
        await self._pass()
        self.saved[message.id] = message
        self.journal.pop(message.id, None)

    async def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        await self._pass()
        if id_ in self.conversations:
            self.conversations[id_] = replace(self.conversations[id_], **changes)

    async def changed_elsewhere(self) -> bool:
        """See `ConversationStore.changed_elsewhere`."""
        await self._pass()
        changed, self.written_elsewhere = self.written_elsewhere, False
        return changed

    async def _pass(self) -> None:
        """Let others run, as a disk does; fail where told to."""
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure

    def _listed(self) -> list[Conversation]:
        return [chat for chat in self.conversations.values() if chat.deleted is None]

    def _read(self, id_: str) -> ChatMessage:
        message = self.saved[id_]
        chunks = self.journal.get(id_)
        if message.status != "streaming" or not chunks:
            return message
        return replace(
            message,
            parts=text_parts(message.text + "".join(text for text, _ in chunks)),
            reasoning=message.reasoning + "".join(reasoning for _, reasoning in chunks),
        )


def _summary(chat: Conversation) -> ConversationSummary:
    model = chat.targets[0].model if chat.targets else ""
    return ConversationSummary(chat.id, chat.title, chat.updated, chat.pinned, model)


def _place(row: ConversationSummary) -> tuple[bool, float, str]:
    return (not row.pinned, -row.updated, row.id)


async def eventually(true: Callable[[], bool]) -> None:
    """Let the event loop run until something is true.

    Raises:
        TimeoutError: it did not become true within `DEADLINE`.
    """
    async with asyncio.timeout(DEADLINE):
        while not true():  # noqa: ASYNC110 - tests poll with a deadline
            await asyncio.sleep(0.001)
