"""What a planner keeps of an open conversation."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from chat_tui.core.context.ahead import Ahead, Weighed
from chat_tui.core.context.joining import Joined, join_items, joined_of
from chat_tui.core.context.learning import History
from chat_tui.core.context.ledger import Ledger
from chat_tui.core.context.reports import Report
from chat_tui.core.context.requesting import weigh
from chat_tui.core.context.terms import Terms
from chat_tui.core.ports import TokenCounter
from chat_tui.core.side_by_side.board import MOST
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class Thread(NamedTuple):
    """What one model is told of a conversation."""

    target: Target
    path: Sequence[str] | None
    """Stored messages, from the root on; None for the active path."""
    key: str
    """By what it is kept, see `thread_key`."""


@dataclass(slots=True)
class Book:
    """What its messages weigh, what servers reported of it, what was made of that."""

    ledger: Ledger
    history: History = field(default_factory=History)
    ahead: dict[str, tuple[object, Ahead]] = field(default_factory=dict)
    """Thread (see `thread_key`) → what its outlook was made of, and the outlook."""
    scarce: set[str] = field(default_factory=set)
    """The threads whose last request took much of its budget."""
    talked_to: set[str] = field(default_factory=set)
    """The threads that requests were planned for."""
    _joined: tuple[object, Mapping[str, Joined]] = (None, MappingProxyType({}))
    """What the answers that go together were looked for in last, and those."""

    def joined(self, chat: OpenConversation, path: Sequence[str]) -> Mapping[str, Joined]:
        """The answers of a path that go together with others; six requests may have the same."""
        about, tree = chat.conversation, chat.tree
        made_of = (path, about.board, about.targets, len(tree), tree.moves)
        if self._joined[0] != made_of:
            self._joined = made_of, joined_of(about, tree, path)
        return self._joined[1]

    async def weigh(
        self, chat: OpenConversation, target: Target, path: Sequence[str], terms: Terms
    ) -> Weighed:
        """Weigh stored messages of the conversation, a running reply at their end among them.

        Raises:
            StorageError: they cannot be read.
        """
        joined = self.joined(chat, path)
        items = await self.ledger.items(chat, target.model, path)
        return await weigh(self.ledger, target, tuple(join_items(items, joined)), terms)

    async def look_ahead(
        self, chat: OpenConversation, thread: Thread, terms: Terms, counter: TokenCounter
    ) -> Ahead:
        """The next request of a thread; the one that is known as long as nothing has changed.

        Raises:
            StorageError: the conversation cannot be read.
        """
        target, path, key = thread
        ready, way = counter.ready, chat.tree.moves if path is None else path
        end = [chat.tree.head] if path is None else path[-MOST:]
        running = [each.progress for each in filter(None, map(chat.live, end))]
        sharing = chat.conversation.board.sharing
        made_of = (way, sharing, self.ledger.version, running, ready, target, terms)
        known, report = self.ahead.get(key), self.history.last.get(key)
        if known is not None and known[0] == (*made_of, report):
            return known[1]
        along = chat.tree.path() if path is None else path
        weighed = await self.weigh(chat, target, along, terms)
        await asyncio.sleep(0)  # Between two long steps others have their turn.
        report = self.report(target, weighed, key)
        ahead = Ahead(weighed, report, exact=ready, own=counter.own_encoding(target.model))
        self.ahead[key] = ((*made_of, report), ahead)
        return ahead

    def report(self, target: Target, weighed: Weighed, key: str) -> Report | None:
        """What a server reported last of a thread of the conversation.

        Until something is sent to it in this run, that is what the newest reply of it tells on the
        way that was weighed, if that is believed.
        """
        if key not in self.history.last and key not in self.talked_to:
            place, tokens = self.ledger.told(weighed.items, target)
            if place and (report := weighed.report(place, tokens)) is not None:
                self.history.last[key] = report
        return self.history.last.get(key)
