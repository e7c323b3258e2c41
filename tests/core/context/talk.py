"""A conversation with a planner, and a server that counts in its own way; no manager."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation, ConversationTree, node_of
from chat_tui.core.errors import StorageError
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage, NoticeInfo, Role, Usage, text_parts
from chat_tui.core.ports import ConversationChanges, MessageChanges
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from tests.fakes import TARGET, MemoryStore, TableFacts, WordCounter

OTHER = Target("fake", "model-2")
"""Another model of the same server."""


class WatchedStore(MemoryStore):
    """A store that tells what was read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Sequence[str]] = []
        """The ids of each read."""
        self.updates: list[ConversationChanges] = []
        """All that was written of conversations."""
        self.fails_to_count = False
        """Whether counts cannot be stored."""

    @property
    def reads(self) -> list[str]:
        """The ids of all messages that were asked for, in their order."""
        return [id_ for page in self.pages for id_ in page]

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """See `ConversationStore.messages`."""
        if ids:
            self.pages.append(tuple(ids))
        return await super().messages(ids)

    async def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        self.updates.append(changes)
        await super().update_conversation(id_, changes)

    async def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """See `ConversationStore.update_messages`."""
        if self.fails_to_count:
            raise StorageError("The disk is full.")
        await super().update_messages(changes)


class Talk:
    """A conversation that is planned, answered and learnt from.

    Args:
        window: of `TARGET`; None where nobody knows it.
        policy: of conversations that have none of their own.
        counter: counts; by default one that is ready.
        system_prompt: the conversation's.
        count: what the server reports of a request that weighs so much by our own count.
    """

    def __init__(
        self,
        window: int | None = None,
        *,
        policy: ContextPolicy = ContextPolicy(),
        counter: WordCounter | None = None,
        system_prompt: str = "",
        count: Callable[[int], int] = lambda counted: counted,
    ) -> None:
        self.counter = counter or WordCounter(ready=True)
        self.facts = TableFacts({} if window is None else {str(TARGET): window})
        self.memory = ForgetfulMemory()
        self.planner = ContextPlanner(self.counter, self.facts, self.memory, lambda: policy)
        self.store = WatchedStore()
        self.count = count
        self.lost = 0
        """Prompts that were planned and never stored: their ids do not come again."""
        self.chat = self._open(
            Conversation("c", system_prompt=system_prompt, targets=(TARGET,)), stored=False
        )

    def _open(self, conversation: Conversation, *, stored: bool) -> OpenConversation:
        tree = ConversationTree(map(node_of, self.store.saved.values()))
        return OpenConversation(conversation, tree, self.store, stored=stored)

    async def reopen(self) -> None:
        """Close and open the conversation, as another start of the app does."""
        self.planner = ContextPlanner(self.counter, self.facts, self.memory)
        self.chat = self._open(self.store.conversations["c"], stored=True)

    @property
    def path(self) -> list[str]:
        """The active path."""
        return self.chat.tree.path()

    async def add(self, role: Role, words: int, **fields: Any) -> ChatMessage:
        """Add a message at the end of the path, stored."""
        message = self.message(role, words, **fields)
        await self.store.add_messages(self.chat.conversation, [message])
        self.chat.stored = True
        self.chat.tree.add(node_of(message))
        return message

    def message(self, role: Role, words: int, **fields: Any) -> ChatMessage:
        """A message that follows the path, not stored."""
        id_ = f"m{len(self.chat.tree) + self.lost}"
        message = ChatMessage(id_, role, text_parts(said(words)), self.chat.tree.head)
        return replace(message, **fields)

    async def past(self, turns: int, words: int) -> None:
        """Some turns of prompts and answers that nobody counted."""
        for _ in range(turns):
            await self.add("user", words)
            await self.add("assistant", words)

    async def plan(self, words: int = 5, target: Target = TARGET) -> Planned:
        """Plan a request with a new prompt, which is not stored."""
        return await self.planner.plan(self.chat, target, self.path, [self.message("user", words)])

    async def turn(
        self, words: int = 5, answer: int = 7, target: Target = TARGET
    ) -> tuple[Planned, NoticeInfo | None]:
        """A whole turn, as the manager does it: plan, store, answer, learn, settle."""
        planned = await self.plan(words, target)
        prompt = await self.add("user", words)
        usage = Usage(self.count(planned.counted))
        who = {"provider": target.provider, "model": target.model}
        reply = await self.add("assistant", answer, usage=usage, **who)
        notice = self.planner.learn(target, planned, usage)
        await self.planner.settle(self.chat, [prompt.id, reply.id])
        return planned, notice


def said(words: int) -> str:
    """A text of so many words."""
    return " ".join(["word"] * words)


def rows(plan: ContextPlan) -> list[tuple[str, str, str]]:
    """What becomes of the messages of a path: id, decision, reason."""
    return [(each.id, each.decision, each.reason) for each in plan.messages]


def sent_ids(planned: Planned) -> list[str]:
    """What is sent, by the ids of the messages."""
    return [message.id for message in planned.messages]
