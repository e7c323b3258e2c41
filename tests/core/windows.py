"""A window of the app without its screen: a manager, and what it stands on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.events import (
    TurnEvent,
    TurnFinished,
)
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from tests.fakes import (
    DEADLINE,
    TARGET,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    Step,
    answer,
)

OTHER = Target("fake", "model-2")
"""Where prompts may be switched to."""


class Window:
    """A manager with a conversation, and what it stands on."""

    def __init__(
        self,
        *scripts: list[Step],
        store: MemoryStore | None = None,
        planner: ContextPlanner | None = None,
        client: ScriptedClient | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.memory = MemoryStore()
        """Keeps temporary conversations."""
        self.client = client or ScriptedClient(*scripts)
        self.clock = FakeClock()
        self.manager = ConversationManager(
            self.store,
            SimpleClientSource(self.client),
            clock=self.clock,
            temporary=self.memory,
            planner=planner,
        )
        self.branches = self.manager.branches
        self.chat = self.manager.start(TARGET)

    @property
    def path(self) -> list[str]:
        """The active path."""
        return self.chat.tree.path()

    def stored(self, role: str = "assistant") -> list[ChatMessage]:
        """The messages of a role as they were saved, oldest first."""
        return [message for message in self.store.saved.values() if message.role == role]

    async def send(self, text: str, *, stream: bool = True) -> list[TurnEvent]:
        return await collect(self.manager.send(self.chat, text, stream=stream))

    async def texts(self) -> list[str]:
        """What is said on the active path."""
        return [message.text for message in await self.chat.messages(self.path)]

    async def edit(self, id_: str, text: str, *, target: Target | None = None) -> list[TurnEvent]:
        return await collect(self.manager.edit(self.chat, id_, text, target=target))

    async def regenerate(self, id_: str, *, target: Target | None = None) -> list[TurnEvent]:
        return await collect(self.manager.regenerate(self.chat, id_, target=target))


async def talk(*prompts: str) -> Window:
    """A window in which each prompt was answered."""
    window = Window(*[answer(f"answer {number}") for number in range(1, len(prompts) + 6)])
    for prompt in prompts:
        await window.send(prompt)
    return window


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


def window(store: MemoryStore, *replies: str) -> ConversationManager:
    """A manager over a store, as a window of the app has it."""
    client = ScriptedClient(*map(answer, replies or ("An answer.",)))
    return ConversationManager(store, SimpleClientSource(client), clock=FakeClock())


async def say(manager: ConversationManager, chat: OpenConversation, text: str) -> ChatMessage:
    """Run a turn to its end; gives the reply."""
    async with aclosing(manager.send(chat, text)) as events:
        async for _ in events:
            pass
    assert chat.tree.head is not None
    return (await chat.messages([chat.tree.head]))[0]
