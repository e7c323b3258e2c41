"""What the messages of one open conversation weigh: items are kept, texts are not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

from chat_tui.core.context.assembly import in_short
from chat_tui.core.context.items import ContextItem, item_of
from chat_tui.core.context.reports import Told, told_of
from chat_tui.core.context.sheets import Sheets
from chat_tui.core.context.system_prompts import SystemPrompts
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import TokenCounter
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

T = TypeVar("T")

PAGE = 300
"""Messages that are read and weighed at once; between two pages others have their turn."""

_BATCH = 100
"""Messages that are counted at once."""

_EARLY = 20
"""Messages at the most whose counts wait for them to be stored."""

_KEPT = 1000
"""Messages at the most that are handed on whole after they were read to be weighed."""


class Ledger:
    """Reads, weighs and counts messages, each of them once. What is streaming is never kept.

    Args:
        counter: weighs and counts.
    """

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._sheets = Sheets(counter)
        self._early: dict[str, dict[str, int]] = {}
        """Message → encoding → count, of what was counted before it was stored."""
        self.system_prompts = SystemPrompts(counter)
        """What they weigh."""
        self._told: dict[str, Told] = {}
        """Reply → what it tells of its prompt."""
        self._reading = asyncio.Lock()
        self._counting = asyncio.Lock()
        self._flagged = 0
        """How often messages were pinned or excluded here."""
        self._growing = False
        """Whether another window was still writing one of the messages that were weighed last."""

    @property
    def version(self) -> int:
        """Grows whenever something is known otherwise than before."""
        return self._sheets.version

    # Items

    def known(self, id_: str, model: str) -> ContextItem | None:
        """A message's item; None where it was not read yet."""
        return self._sheets.known(id_, model)

    async def items(
        self,
        chat: OpenConversation,
        model: str,
        path: Sequence[str],
        read: dict[str, ChatMessage] | None = None,
    ) -> list[ContextItem]:
        """The items of messages in their order, those that are gone passed over.

        What is not known is read in pages, the newest first. Running replies at the end count as
        far as they have come.

        Args:
            chat: their conversation.
            model: what counts them.
            path: their ids.
            read: gets the newest ones of those that had to be read, whole.

        Raises:
            StorageError: they cannot be read.
        """
        passing: dict[str, ContextItem] = {}
        running: list[ChatMessage] = []
        while path and (live := chat.live(path[-1])) is not None:
            running.insert(0, live.snapshot(path[-1]))
            path = path[:-1]
        plain, pictured = self._sheets.of(model)
        async with self._reading:
            missing = [id_ for id_ in path if id_ not in plain and id_ not in pictured]
            for end in range(len(missing), 0, -PAGE):
                for message in await self.read(chat, missing[max(end - PAGE, 0) : end]):
                    item = self.take(message, model)
                    if message.status == "streaming":
                        passing[message.id] = item
                    if read is not None and len(read) < _KEPT:
                        read[message.id] = message
                await asyncio.sleep(0)
        self._growing = bool(passing)
        found = (plain.get(id_) or pictured.get(id_) or passing.get(id_) for id_ in path)
        items = [item for item in found if item is not None]
        for reply in running:
            items += self._of_running(reply, model)
        return items

    async def read(self, chat: OpenConversation, ids: Sequence[str]) -> list[ChatMessage]:
        """Read messages whole.

        Raises:
            StorageError: they cannot be read.
        """
        return await self._flagged_as_now(partial(chat.store.messages, ids))

    def take(self, message: ChatMessage, model: str) -> ContextItem:
        """Keep the item of a message that was read just now; gives it."""
        before = self.known(message.id, model) if message.status != "streaming" else None
        if before is not None and self._tells_nothing_new(message, before, model):
            return before
        item = self.item(message, model)
        if message.status != "streaming":
            if before is not None and before.exact and not item.exact:
                # It was counted after it had been read; texts that have ended never change.
                item = item._replace(tokens=before.tokens, exact=True)
            if before is not None:
                item = item._replace(short=before.short)
            self._sheets.put(item, model)
            if (told := told_of(message)) is not None:
                self._told[message.id] = told
        return item

    def _tells_nothing_new(self, message: ChatMessage, known: ContextItem, model: str) -> bool:
        """Whether a message that has ended is as it was when it was weighed; much cheaper."""
        counted = known.exact or self._counter.encoding(model) not in message.tokens
        flags = (message.pinned, message.excluded) == (known.pinned, known.excluded)
        return counted and flags and message.id not in self._early

    def told(self, items: Sequence[ContextItem], target: Target) -> tuple[int, int]:
        """The place of the newest reply of a target that tells of its prompt, and its tokens.

        Two zeros where there is none.
        """
        for place in range(len(items) - 1, -1, -1):
            told = self._told.get(items[place].id)
            if told is not None and told.by(target):
                return place, told.tokens
        return 0, 0

    def lose(self, id_: str) -> None:
        """Forget a message that is there no longer."""
        self._sheets.lose(id_)

    def item(self, message: ChatMessage, model: str) -> ContextItem:
        """The item of a message, which is not kept."""
        if counts := self._early.get(message.id):
            message = replace(message, tokens={**message.tokens, **counts})
        return item_of(message, self._counter.weigh(message, model))

    # What changes

    def flag(self, ids: Sequence[str], *, pinned: bool | None, excluded: bool | None) -> None:
        """Note that messages are pinned or excluded, or no longer; None leaves it as it is."""
        self._flagged += 1
        for id_ in ids:
            self._sheets.flag(id_, pinned=pinned, excluded=excluded)

    async def follow(self, chat: OpenConversation) -> bool:
        """Take over what another window did to messages; tells whether it was anything.

        Of one that has ended nothing else can be changed than whether it is pinned or excluded.

        Raises:
            StorageError: it cannot be read.
        """
        before = self.version
        self._sheets.follow(await self._flagged_as_now(partial(chat.store.flags, chat.id)))
        self._sheets.version += self._growing
        return self.version != before

    async def _flagged_as_now(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read, and once more if something was pinned meanwhile: what was read may be older."""
        while True:
            before = self._flagged
            found = await read()
            if before == self._flagged:
                return found

    # Counts

    async def count(
        self, chat: OpenConversation, messages: Sequence[ChatMessage], model: str
    ) -> None:
        """Count messages whose items are known, as far as they are not, and store the counts.

        What was counted until it fails, or is given up, stays counted.

        Raises:
            UsageError: nothing can be counted.
        """
        for start in range(0, len(messages), _BATCH):
            async with self._counting:
                await self._count(chat, messages[start : start + _BATCH], model)

    async def count_short(self, messages: Sequence[ChatMessage], model: str) -> None:
        """Count messages as they are when they are shortened, once each; it is not stored.

        Raises:
            UsageError: nothing can be counted.
        """
        numbers = await self._counter.count([in_short(message) for message in messages], model)
        counts = dict(zip((message.id for message in messages), numbers, strict=True))
        self._sheets.shorten(counts, self._counter.encoding(model))

    async def count_early(self, messages: Sequence[ChatMessage], model: str) -> None:
        """Count messages that are not stored yet; `settle` stores the counts when they are.

        Raises:
            UsageError: nothing can be counted.
        """
        numbers = await self._counter.count(messages, model)
        encoding = self._counter.encoding(model)
        for message, number in zip(messages, numbers, strict=True):
            self._early.setdefault(message.id, {})[encoding] = number
        # Several requests may be made at the same time; what was never stored is forgotten.
        while len(self._early) > _EARLY:
            del self._early[next(iter(self._early))]

    async def settle(
        self, chat: OpenConversation, messages: Sequence[ChatMessage], model: str, *, count: bool
    ) -> None:
        """Take messages that are stored and have ended, and store the counts that there are.

        Args:
            chat: their conversation.
            messages: whole.
            model: what counts them.
            count: whether those are counted that were not.

        Raises:
            UsageError: nothing can be counted.
        """
        early = {each.id: self._early[each.id] for each in messages if each.id in self._early}
        for message in messages:
            self.take(message, model)
        await self._store(chat, early)
        if count:
            await self.count(chat, messages, model)

    # What each request has besides messages

    async def overhead(self, target: Target) -> int:
        """What a request weighs besides its messages, by our own count."""
        return await self._counter.overhead(target)

    # Steps

    async def _count(
        self, chat: OpenConversation, messages: Sequence[ChatMessage], model: str
    ) -> None:
        # Somebody else may have counted some of them meanwhile.
        items = ((message, self.known(message.id, model)) for message in messages)
        messages = [message for message, item in items if item is not None and not item.exact]
        if not messages:
            return
        encoding = self._counter.encoding(model)
        numbers = await self._counter.count(messages, model)
        ids = [message.id for message in messages]
        counts = dict(zip(ids, numbers, strict=True))
        self._sheets.count(counts, encoding)
        await self._store(chat, {id_: {encoding: number} for id_, number in counts.items()})

    def _of_running(self, reply: ChatMessage, model: str) -> Iterator[ContextItem]:
        """What a running reply is to the next request: what it has said so far, if anything."""
        if reply.status == "streaming" and (reply.covers or reply.empty):
            return
        if reply.status == "streaming":
            reply = replace(reply, status="complete")
        yield self.item(reply, model)

    async def _store(self, chat: OpenConversation, counts: dict[str, dict[str, int]]) -> None:
        if counts:
            # They can be counted again; nobody is to lose an answer for it.
            with suppress(StorageError):
                await chat.store.update_messages(
                    {id_: {"tokens": tokens} for id_, tokens in counts.items()}
                )
