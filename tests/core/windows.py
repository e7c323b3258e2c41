"""A window of the app without its screen: a manager, and what it stands on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from chat_tui.core.events import (
    TurnEvent,
    TurnFinished,
)
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from tests.fakes import (
    DEADLINE,
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    Step,
)


class Window:
    """A manager with a conversation, and what it stands on."""

    def __init__(self, *scripts: list[Step]) -> None:
        self.store = MemoryStore()
        self.client = ScriptedClient(*scripts)
        self.manager = ConversationManager(
            self.store, SimpleClientSource(self.client), clock=FakeClock()
        )
        self.chat = self.manager.start(TARGET)

    def stored(self, role: str = "assistant") -> list[ChatMessage]:
        """The messages of a role as they were saved, oldest first."""
        return [message for message in self.store.saved.values() if message.role == role]

    async def send(self, text: str, *, stream: bool = True) -> list[TurnEvent]:
        return await collect(self.manager.send(self.chat, text, stream=stream))

    async def regenerate(self, id_: str, *, target: Target | None = None) -> list[TurnEvent]:
        return await collect(self.manager.regenerate(self.chat, id_, target=target))


async def collect(
    events: AsyncGenerator[TurnEvent, None], into: list[TurnEvent] | None = None
) -> list[TurnEvent]:
    """Consume a turn as the app does, but not for ever."""
    seen = [] if into is None else into
    async with asyncio.timeout(DEADLINE), aclosing(events) as stream:
        async for event in stream:
            seen.append(event)
    return seen


def reply_of(events: list[TurnEvent]) -> ChatMessage:
    """The finished reply, which the last event brings."""
    assert isinstance(events[-1], TurnFinished)
    return events[-1].reply
