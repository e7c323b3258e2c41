"""A conversation over real sockets: the manager, the client, and a server that fails."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from chat_tui.core.clock import Clock
from chat_tui.core.events import TurnEvent, TurnFinished
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.providers.keys import Key
from tests.fakes import MemoryStore, SimpleClientSource
from tests.providers.helpers import ImpatientClock, connected

TARGET = Target("test", "m")


@dataclass
class Talk:
    """One conversation; `events` are those of its last turn."""

    manager: ConversationManager
    store: MemoryStore
    chat: OpenConversation
    events: list[TurnEvent] = field(default_factory=list)

    async def ask(self, text: str = "hello") -> ChatMessage:
        """Send a prompt; gives the reply as it is stored."""
        self.events = []
        async with aclosing(self.manager.send(self.chat, text)) as turn:
            async for event in turn:
                # Not in a comprehension: what comes is looked at while it comes.
                self.events.append(event)
        finished = self.events[-1]
        assert isinstance(finished, TurnFinished)
        assert self.store.saved[finished.reply.id] == finished.reply
        return finished.reply

    def stop(self) -> bool:
        """As Esc does."""
        return self.manager.stop(self.chat)

    @property
    def text(self) -> str:
        """The reply's, as far as it has come."""
        incoming = self.chat.turn.incoming if self.chat.turn else None
        return incoming.snapshot().text if incoming else ""


@asynccontextmanager
async def talking(
    base_url: str, *, clock: Clock | None = None, key: Key | None = None
) -> AsyncIterator[Talk]:
    """A conversation with a server; retries do not wait, unless there is another clock."""
    clock = clock or ImpatientClock()
    async with connected(base_url, clock=clock, key=key) as client:
        store = MemoryStore()
        manager = ConversationManager(store, SimpleClientSource(client), clock=clock)
        yield Talk(manager, store, manager.start(TARGET))
