"""Several models at one table, each with a client that follows scripts of its own."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.events import TurnEvent, TurnFinished
from chat_tui.core.manager import ConversationManager
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationStore
from chat_tui.core.side_by_side.board import Sharing
from chat_tui.core.side_by_side.rounds import Round, RoundStarted
from chat_tui.core.side_by_side.threads import columns, path_of
from chat_tui.core.targets import Prices, Target
from tests.fakes import (
    DEADLINE,
    FakeClock,
    MemoryStore,
    ScriptedClient,
    SimpleClientSource,
    Step,
    TableFacts,
    WordCounter,
    answer,
)


def target(slot: int) -> Target:
    """The model that `Table` has in a slot."""
    return Target(f"p{slot}", f"m{slot}")


class Table:
    """A conversation side by side; the model of slot n says `n:1`, `n:2` … unless it is told to.

    Args:
        count: models.
        scripts: slot → what it says, one script a request.
        windows: target as text → the size of its context window.
        prices: target as text → what it costs.
        store: keeps what is said.
        temporary: the conversation is never written.
    """

    def __init__(
        self,
        count: int = 2,
        scripts: Mapping[int, Sequence[Sequence[Step]]] | None = None,
        *,
        windows: Mapping[str, int] | None = None,
        prices: Mapping[str, Prices] | None = None,
        store: ConversationStore | None = None,
        temporary: bool = False,
    ) -> None:
        self.targets = [target(slot) for slot in range(count)]
        own = scripts or {}
        self.clients = {
            f"p{slot}": ScriptedClient(
                *own.get(slot, [answer(f"{slot}:{at}") for at in range(1, 8)])
            )
            for slot in range(count + 1)
        }
        self.store = store or MemoryStore()
        self.clock = FakeClock()
        self.facts = TableFacts(windows, prices)
        self.memory = ForgetfulMemory()
        planner = ContextPlanner(WordCounter(ready=True), self.facts, self.memory)
        self.manager = ConversationManager(
            self.store,
            SimpleClientSource(self.clients),
            clock=self.clock,
            temporary=MemoryStore(),
            planner=planner,
        )
        self.sides = self.manager.sides
        self.chat = self.manager.start(self.targets[0], temporary=temporary)

    async def sit(self, sharing: Sharing = "one", *, at_once: int = 0) -> None:
        """Go side by side."""
        await self.sides.begin(self.chat, self.targets)
        board = replace(self.chat.conversation.board, sharing=sharing, at_once=at_once)
        await self.sides.set_board(self.chat, board)

    async def share(self, sharing: Sharing) -> None:
        """Share otherwise from now on."""
        board = replace(self.chat.conversation.board, sharing=sharing)
        await self.sides.set_board(self.chat, board)

    async def send(self, text: str) -> dict[int, list[TurnEvent]]:
        """Run a round to its end; gives what happened in each slot."""
        return await run(self.sides.send(self.chat, text))

    async def answer(self, *slots: int) -> dict[int, list[TurnEvent]]:
        """Have the newest prompt answered (anew) by some."""
        return await run(self.sides.answer(self.chat, slots))

    async def columns(self) -> list[list[str]]:
        """What the columns show, as texts."""
        about, tree = self.chat.conversation, self.chat.tree
        return [await self.texts(path_of(about, tree, each)) for each in columns(about, tree)]

    async def texts(self, ids: Sequence[str] | None = None) -> list[str]:
        """The texts of messages; by default of the active path."""
        path = self.chat.tree.path() if ids is None else ids
        return [message.text for message in await self.chat.messages(path)]

    def told(self, slot: int) -> list[str]:
        """What a model was sent last, as texts."""
        return [message.text for message in self.clients[f"p{slot}"].requests[-1].messages]

    async def replies(self) -> dict[int, ChatMessage]:
        """Slot → its newest reply, as it is stored."""
        ids = [node.id for node in self.chat.tree if node.role == "assistant"]
        return {each.slot: each for each in await self.chat.messages(ids)}


async def run(round_: Round) -> dict[int, list[TurnEvent]]:
    """Begin a round and consume all of it, each slot in a task of its own."""
    async with asyncio.timeout(DEADLINE):
        started = await round_.begin()
        assert started is not None
        return await consume(round_, started)


async def consume(round_: Round, started: RoundStarted) -> dict[int, list[TurnEvent]]:
    """Consume all of a round that has begun."""
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        tasks = {slot: group.create_task(listen(round_, slot)) for slot in started.plans}
    return {slot: task.result() for slot, task in tasks.items()}


async def listen(round_: Round, slot: int, into: list[TurnEvent] | None = None) -> list[TurnEvent]:
    """Consume what happens in one slot."""
    seen = [] if into is None else into
    async with aclosing(round_.events(slot)) as events:
        async for event in events:
            seen.append(event)
    return seen


def ended(events: Sequence[TurnEvent]) -> ChatMessage:
    """The reply that the last event brings."""
    assert isinstance(events[-1], TurnFinished)
    return events[-1].reply
