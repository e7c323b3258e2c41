"""The store: `ConversationStore` on SQLite, with one thread that does all of its work.

This module is cheap to import: sqlite3 (50 ms) and all that needs it are imported in that thread.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, ConversationSummary, Extent, Node
from chat_tui.core.drafts import Draft
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.ids import new_id
from chat_tui.core.messages import ChatMessage, Flags
from chat_tui.core.ports import ConversationChanges, MessageChanges, MessageText, Purged
from chat_tui.storage.operations import (
    AddMessages,
    ChangeConversation,
    ChangeMessages,
    Choice,
    Chunk,
    Journal,
    Mark,
    MarkMessages,
    Operation,
    SaveAttachments,
    SaveChoice,
    SaveDraft,
    SaveMessage,
)
from chat_tui.storage.paths import Paths
from chat_tui.storage.worker import Worker

if TYPE_CHECKING:  # sqlite3 is imported with them: 50 ms
    from chat_tui.storage.opening import Connect
    from chat_tui.storage.session import Session

GRACE = 86_400.0
"""Seconds for which bytes are kept that nobody names: a draft may be about to."""

RETRY_DELAYS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to write while the disk refuses; the last one is repeated."""


class Store:
    """Keeps conversations in a database, or in memory.

    Nothing is opened before the first call (or `start`). When the disk refuses, nothing raises
    and nothing is lost: see `trouble`.

    Args:
        paths: where the database is; None keeps everything in memory and touches no file.
        busy_timeout: seconds to wait for another process before that counts as trouble.
        retry_delays: seconds between attempts in bad times; the last one is repeated.
        connect: opens connections; by default as sqlite3 does.
    """

    def __init__(
        self,
        paths: Paths | None,
        *,
        busy_timeout: float = 5.0,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        connect: "Connect | None" = None,
    ) -> None:
        self._paths = paths
        self._busy_timeout = busy_timeout
        self._retry_delays = retry_delays
        self._connect = connect
        self._worker = Worker(self._new_session)
        self._call = self._worker.call
        self._lock = threading.Lock()
        self._chunks: list[Chunk] = []
        self._drafts: dict[str, Draft] = {}
        self.instance = new_id()
        """The id of this instance; its lock file is named by it."""

    # Life

    @property
    def trouble(self) -> StorageError | None:
        """What keeps the store from writing, with what to do; None in good times."""
        return self._worker.trouble

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what was moved, saved or put back, oldest first."""
        return self._worker.notices

    def start(self) -> None:
        """Open the database in the background, so that the first call finds it open."""
        self._worker.post(lambda session: session.start())

    def close(self) -> None:
        """Do what is waiting, close, and end the thread. Blocks; twice is safe."""
        self._worker.close()

    async def aclose(self) -> None:
        """The same without blocking the event loop."""
        await asyncio.to_thread(self.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def on_trouble(self, listener: Callable[[StorageError | None], None]) -> None:
        """Call a function, in the event loop, whenever `trouble` changes; at once if it is set."""
        self._worker.on_trouble(listener)

    def on_notice(self, listener: Callable[[str], None]) -> None:
        """Call a function, in the event loop, with every new notice; `notices` has all."""
        self._worker.on_notice(listener)

    # The port

    async def summaries(
        self, *, limit: int = 50, after: ConversationSummary | None = None
    ) -> list[ConversationSummary]:
        """See `ConversationStore.summaries`."""
        return await self._call(lambda session: session.view.summaries(limit, after))

    async def conversation(self, id_: str) -> Conversation | None:
        """See `ConversationStore.conversation`."""
        return await self._call(lambda session: session.view.conversation(id_))

    async def nodes(self, conversation: str) -> list[Node]:
        """See `ConversationStore.nodes`."""
        return await self._call(lambda session: session.view.nodes(conversation))

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """See `ConversationStore.messages`."""
        wanted = tuple(ids)
        return await self._call(lambda session: session.view.messages(wanted))

    async def add_messages(
        self, conversation: Conversation, messages: Sequence[ChatMessage]
    ) -> None:
        """See `ConversationStore.add_messages`."""
        await self._write(AddMessages(conversation, tuple(messages)))

    def append_chunk(self, message: str, text: str, reasoning: str) -> None:
        """See `ConversationStore.append_chunk`.

        Chunks that come while the thread is busy are written in one transaction.
        """
        if self._worker.closed:
            return
        with self._lock:
            self._chunks.append(Chunk(message, text, reasoning))
            first = len(self._chunks) == 1
        if first:
            self._worker.post(self._write_chunks)

    async def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`."""
        await self._write(SaveMessage(message))

    async def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        await self._write(ChangeConversation(id_, changes))

    async def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """See `ConversationStore.update_messages`."""
        if changes:
            await self._write(ChangeMessages(dict(changes)))

    async def mark_messages(
        self, conversation: str, marks: Mapping[str, Extent], at: float
    ) -> None:
        """See `ConversationStore.mark_messages`."""
        if marks:
            timed = {id_: Mark(extent, at) for id_, extent in marks.items()}
            await self._write(MarkMessages(conversation, timed))

    async def flags(self, conversation: str) -> dict[str, Flags]:
        """See `ConversationStore.flags`."""
        return await self._call(lambda session: session.view.flags(conversation))

    async def texts(self, ids: Sequence[str]) -> list[MessageText]:
        """See `ConversationStore.texts`."""
        wanted = tuple(ids)
        return await self._call(lambda session: session.view.texts(wanted))

    async def recent_prompts(self, limit: int = 200) -> list[str]:
        """See `ConversationStore.recent_prompts`."""
        return await self._call(lambda session: session.view.recent_prompts(limit))

    async def save_attachments(self, attachments: Sequence[Attachment]) -> None:
        """See `ConversationStore.save_attachments`."""
        if attachments:
            await self._write(SaveAttachments(tuple(attachments), time.time()))

    async def attachment(self, sha256: str) -> Attachment | None:
        """See `ConversationStore.attachment`."""
        return await self._call(lambda session: session.view.attachment(sha256))

    def save_draft(self, conversation: str, draft: Draft) -> None:
        """See `ConversationStore.save_draft`.

        Of the drafts that come while the thread is busy the last one of a conversation is written.
        """
        if self._worker.closed:
            return
        with self._lock:
            first = not self._drafts
            self._drafts[conversation] = draft
        if first:
            self._worker.post(self._write_drafts)

    async def draft(self, conversation: str) -> Draft:
        """See `ConversationStore.draft`."""
        return await self._call(lambda session: session.view.draft(conversation))

    async def queued_drafts(self) -> frozenset[str]:
        """See `ConversationStore.queued_drafts`."""
        return await self._call(lambda session: session.view.queued_drafts())

    async def purge(self, before: float) -> Purged:
        """See `ConversationStore.purge`; in small steps, so that no prompt waits for all of it."""
        conversations = messages = 0
        while done := await self._call(lambda session: session.purge_some(before)):
            conversations += done.conversations
            messages += done.messages
        kept_since = time.time() - GRACE
        unnamed = await self._call(lambda session: session.drop_unnamed(kept_since))
        if conversations or messages or unnamed:
            await self._call(lambda session: session.empty_log())
        return Purged(conversations, messages)

    async def changed_elsewhere(self) -> bool:
        """See `ConversationStore.changed_elsewhere`."""
        return await self._call(lambda session: session.changed_elsewhere())

    # Beside the port

    async def find_conversation(self, prefix: str) -> Conversation | None:
        """The one conversation whose id begins with a text; None where there is none.

        Raises:
            UsageError: several begin with it.
        """
        found = await self._call(lambda session: session.view.find(prefix, 2)) if prefix else []
        if len(found) > 1 and prefix not in found:
            raise UsageError(
                f"Several conversations begin with {prefix}.", hint="Give more of the id."
            )
        return await self.conversation(prefix if prefix in found else found[0]) if found else None

    async def deleted(self) -> Purged:
        """How much a purge of all that is deleted would remove."""
        return await self._call(lambda session: session.view.deleted())

    async def owners(self, ids: Sequence[str]) -> dict[str, str]:
        """Which conversation each message belongs to; unknown ones left out."""
        wanted = tuple(ids)
        return await self._call(lambda session: session.view.owners(wanted))

    async def choices(self, kind: str) -> dict[str, Choice]:
        """The user's records of one kind by name, the oldest first: see `model_choices`."""
        return await self._call(lambda session: session.view.choices(kind))

    async def save_choice(self, kind: str, name: str, choice: Choice | None) -> None:
        """Keep a record in place of one of the same name; None deletes it."""
        await self._write(SaveChoice(kind, name, choice))

    # The thread

    async def _write(self, operation: Operation) -> None:
        await self._call(lambda session: session.write(operation))

    def _new_session(
        self,
        *,
        report: Callable[[StorageError | None], None],
        notify: Callable[[str], None],
    ) -> "Session":
        # Here, in the thread, and not at the top: sqlite3 costs 50 ms.
        from chat_tui.storage.composition import new_session

        return new_session(
            self._paths,
            self.instance,
            connect=self._connect,
            busy_timeout=self._busy_timeout,
            retry_delays=self._retry_delays,
            report=report,
            notify=notify,
        )

    def _write_chunks(self, session: "Session") -> None:
        with self._lock:
            chunks, self._chunks = self._chunks, []
        with suppress(StorageError):  # refused values; the message is still saved at its end
            session.write(Journal(tuple(chunks)))

    def _write_drafts(self, session: "Session") -> None:
        with self._lock:
            drafts, self._drafts = self._drafts, {}
        for conversation, draft in drafts.items():
            with suppress(StorageError):  # refused values: an id that no database takes
                session.write(SaveDraft(conversation, draft, time.time()))


def open_store(paths: Paths | None) -> Store:
    """Give the store for these folders; None for one in memory. Nothing is opened yet."""
    return Store(paths)
