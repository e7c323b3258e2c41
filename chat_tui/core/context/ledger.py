"""What the messages of one open conversation weigh: items are kept, texts are not."""

import asyncio
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from chat_tui.core.context.items import ContextItem, Weight, item_of, pictures
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.ports import TokenCounter
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

PAGE = 300
"""Messages that are read and weighed at once; between two pages others have their turn."""

_BATCH = 100
"""Messages that are counted at once."""

_KEPT = 1000
"""Messages at the most that are handed on whole after they were read to be weighed."""


class Ledger:
    """Items by message, for each way to count that was asked for.

    A message is weighed once and counted once. Without pictures it weighs the same for all models
    of one encoding; with them, each model has its own rule. What is streaming is never kept.

    Args:
        counter: weighs and counts.
    """

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._plain: dict[str, dict[str, ContextItem]] = {}
        """Encoding → message → item, where there are no pictures."""
        self._pictured: dict[str, dict[str, ContextItem]] = {}
        """Model → message → item, where there are."""
        self._early: dict[str, dict[str, int]] = {}
        """Message → encoding → count, of what was counted before it was stored."""
        self._system: dict[str, tuple[str, Weight]] = {}
        """Encoding → system prompt and its weight."""
        self._overheads: dict[str, tuple[Target, bool, int]] = {}
        """Target as text → target, whether the counter was ready, overhead."""
        self._reading = asyncio.Lock()
        self._counting = asyncio.Lock()
        self._marks = 0
        """How often messages were marked."""
        self.version = 0
        """Grows whenever something is known otherwise than before."""

    def forget(self) -> None:
        """Know nothing of messages: all may have changed."""
        self._plain.clear()
        self._pictured.clear()
        self.version += 1

    # Items

    def known(self, id_: str, model: str) -> ContextItem | None:
        """A message's item; None where it was not read yet."""
        plain, pictured = self._sheets(model)
        return plain.get(id_) or pictured.get(id_)

    async def items(
        self,
        chat: OpenConversation,
        model: str,
        path: Sequence[str],
        read: dict[str, ChatMessage] | None = None,
    ) -> list[ContextItem]:
        """The items of messages in their order, those that are gone passed over.

        What is not known is read in pages, the newest first. A running reply at the end counts as
        far as it has come.

        Args:
            chat: their conversation.
            model: what counts them.
            path: their ids.
            read: gets the newest ones of those that had to be read, whole.

        Raises:
            StorageError: they cannot be read.
        """
        passing: dict[str, ContextItem] = {}
        live = chat.turn.incoming if chat.turn is not None else None
        running = None if live is None or [live.message_id] != [*path[-1:]] else live.snapshot()
        if running is not None:
            path = path[:-1]
        async with self._reading:
            missing = [id_ for id_ in path if self.known(id_, model) is None]
            for end in range(len(missing), 0, -PAGE):
                for message in await self.read(chat, missing[max(end - PAGE, 0) : end]):
                    item = self.take(message, model)
                    if message.status == "streaming":
                        passing[message.id] = item
                    if read is not None and len(read) < _KEPT:
                        read[message.id] = message
                await asyncio.sleep(0)
        plain, pictured = self._sheets(model)
        found = (plain.get(id_) or pictured.get(id_) or passing.get(id_) for id_ in path)
        items = [item for item in found if item is not None]
        return items if running is None else [*items, *self._of_running(running, model)]

    async def read(self, chat: OpenConversation, ids: Sequence[str]) -> list[ChatMessage]:
        """Read messages whole, with the marks that they have now, also if one was just set.

        Raises:
            StorageError: they cannot be read.
        """
        while True:
            marks = self._marks
            messages = await chat.store.messages(ids)
            if marks == self._marks:
                return messages

    def take(self, message: ChatMessage, model: str) -> ContextItem:
        """Keep the item of a message that was read just now; gives it."""
        item = self.item(message, model)
        if message.status != "streaming":
            before = self.known(message.id, model)
            if before is not None and before.exact and not item.exact:
                # It was counted after it had been read; texts that have ended never change.
                item = item._replace(tokens=before.tokens, exact=True)
            plain, pictured = self._sheets(model)
            (pictured if pictures([message]) else plain)[message.id] = item
            if before is not None and before != item:
                self.version += 1
        return item

    def lose(self, id_: str) -> None:
        """Forget a message that is there no longer."""
        for sheet in (*self._plain.values(), *self._pictured.values()):
            sheet.pop(id_, None)
        self.version += 1

    def item(self, message: ChatMessage, model: str) -> ContextItem:
        """The item of a message, which is not kept."""
        if counts := self._early.get(message.id):
            message = replace(message, tokens={**message.tokens, **counts})
        return item_of(message, self._counter.weigh(message, model))

    def mark(self, messages: Sequence[str], *, pinned: bool | None, excluded: bool | None) -> None:
        """Note that messages are pinned or excluded, or no longer; None leaves it as it is."""
        for sheet in (*self._plain.values(), *self._pictured.values()):
            for id_ in messages:
                if (item := sheet.get(id_)) is not None:
                    sheet[id_] = item._replace(
                        pinned=item.pinned if pinned is None else pinned,
                        excluded=item.excluded if excluded is None else excluded,
                    )
        self._marks += 1
        self.version += 1

    # Counts

    async def count(
        self, chat: OpenConversation, messages: Sequence[ChatMessage], model: str
    ) -> None:
        """Count messages whose items are known, as far as they are not, and store the counts.

        What was counted until it fails, or is given up, stays counted.

        Raises:
            UsageError: nothing can be counted.
        """
        for batch in _batches(messages):
            async with self._counting:
                # Somebody else may have counted them meanwhile.
                await self._count(chat, self._uncounted(batch, model), model)

    async def count_early(self, messages: Sequence[ChatMessage], model: str) -> None:
        """Count messages that are not stored yet; `settle` stores the counts when they are.

        Raises:
            UsageError: nothing can be counted.
        """
        numbers = await self._counter.count(messages, model)
        encoding = self._counter.encoding(model)
        for message, number in zip(messages, numbers, strict=True):
            self._early.setdefault(message.id, {})[encoding] = number

    def keep_early(self, ids: Container[str]) -> None:
        """Forget the counts of what was never stored, but for some messages."""
        self._early = {id_: counts for id_, counts in self._early.items() if id_ in ids}

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

    async def system(self, text: str, model: str) -> Weight:
        """What a system prompt weighs; nothing where there is none."""
        if not text:
            return Weight(0, exact=True)
        encoding = self._counter.encoding(model)
        before, weight = self._system.get(encoding, ("", Weight(0)))
        if before == text and weight.exact:
            return weight
        message = ChatMessage("system", "system", text_parts(text))
        weight = self._counter.weigh(message, model)
        if self._counter.ready and not weight.exact:
            with suppress(UsageError):
                weight = Weight((await self._counter.count([message], model))[0], exact=True)
        self._system[encoding] = (text, weight)
        return weight

    async def overhead(self, target: Target) -> int:
        """What a request weighs besides its messages, by our own count."""
        ready = self._counter.ready
        known = self._overheads.get(str(target))
        if known is not None and known[0] is target and known[1] == ready:
            return known[2]
        tokens = await self._counter.overhead(target)
        self._overheads[str(target)] = (target, ready, tokens)
        return tokens

    def _sheets(self, model: str) -> tuple[dict[str, ContextItem], dict[str, ContextItem]]:
        """What is known of messages without pictures, and with them."""
        encoding = self._counter.encoding(model)
        return self._plain.setdefault(encoding, {}), self._pictured.setdefault(model, {})

    def _uncounted(self, messages: Sequence[ChatMessage], model: str) -> list[ChatMessage]:
        items = ((message, self.known(message.id, model)) for message in messages)
        return [message for message, item in items if item is not None and not item.exact]

    async def _count(
        self, chat: OpenConversation, messages: Sequence[ChatMessage], model: str
    ) -> None:
        if not messages:
            return
        encoding = self._counter.encoding(model)
        numbers = await self._counter.count(messages, model)
        counts = {
            message.id: {encoding: number}
            for message, number in zip(messages, numbers, strict=True)
        }
        for sheet in self._sheets_of(encoding):
            for id_, counted in counts.items():
                # While it was counted it may have been marked: only the count is new.
                if (item := sheet.get(id_)) is not None:
                    tokens = counted[encoding] + item.images
                    sheet[id_] = item._replace(tokens=tokens, exact=True)
        self.version += 1
        await self._store(chat, counts)

    def _sheets_of(self, encoding: str) -> list[dict[str, ContextItem]]:
        """All sheets on which texts weigh the same."""
        pictured = self._pictured.items()
        same = [sheet for model, sheet in pictured if self._counter.encoding(model) == encoding]
        return [self._plain.setdefault(encoding, {}), *same]

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


def _batches(messages: Sequence[ChatMessage]) -> Iterator[Sequence[ChatMessage]]:
    for start in range(0, len(messages), _BATCH):
        yield messages[start : start + _BATCH]
