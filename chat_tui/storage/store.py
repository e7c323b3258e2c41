"""The store: `ConversationStore` on SQLite, with one thread that does all of its work.

This module is cheap to import: sqlite3 (50 ms) and all that needs it are imported in that thread.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from chat_tui.core.conversation import Conversation, ConversationSummary, Node
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.ids import new_id
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges
from chat_tui.storage.operations import (
    AddMessages,
    ChangeConversation,
    Chunk,
    Journal,
    Operation,
    SaveMessage,
)
from chat_tui.storage.paths import Paths

if TYPE_CHECKING:  # sqlite3 is imported with them: 50 ms
    from chat_tui.storage.opening import Connect
    from chat_tui.storage.session import Session

T = TypeVar("T")

RETRY_DELAYS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to write while the disk refuses; the last one is repeated."""

_Job = Callable[["Session"], None]


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
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._chunks: list[Chunk] = []
        self._closed = False
        self._trouble_listeners: list[Callable[[StorageError | None], None]] = []
        self._notice_listeners: list[Callable[[str], None]] = []
        self.instance = new_id()
        """The id of this instance; its lock file is named by it."""
        self.trouble: StorageError | None = None
        """What keeps the store from writing, with what to do; None in good times."""
        self.notices: tuple[str, ...] = ()
        """Sentences about what was moved, saved or put back, oldest first."""

    # Life

    def start(self) -> None:
        """Open the database in the background, so that the first call finds it open."""
        self._post(lambda session: session.start())

    def close(self) -> None:
        """Do what is waiting, close, and end the thread. Blocks; twice is safe."""
        if self._thread is not None and not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()
        self._closed = True

    async def aclose(self) -> None:
        """The same without blocking the event loop."""
        await asyncio.to_thread(self.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def on_trouble(self, listener: Callable[[StorageError | None], None]) -> None:
        """Call a function, in the event loop, whenever `trouble` changes; at once if it is set."""
        self._note_loop()
        self._trouble_listeners.append(listener)
        if self.trouble is not None:
            listener(self.trouble)

    def on_notice(self, listener: Callable[[str], None]) -> None:
        """Call a function, in the event loop, with every new notice; `notices` has all."""
        self._note_loop()
        self._notice_listeners.append(listener)

    # The port

    async def summaries(
        self, *, limit: int = 50, after: ConversationSummary | None = None
    ) -> list[ConversationSummary]:
        """See `ConversationStore.summaries`."""
        return await self._call(lambda session: session.summaries(limit, after))

    async def conversation(self, id_: str) -> Conversation | None:
        """See `ConversationStore.conversation`."""
        return await self._call(lambda session: session.conversation(id_))

    async def nodes(self, conversation: str) -> list[Node]:
        """See `ConversationStore.nodes`."""
        return await self._call(lambda session: session.nodes(conversation))

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """See `ConversationStore.messages`."""
        wanted = tuple(ids)
        return await self._call(lambda session: session.messages(wanted))

    async def add_messages(
        self, conversation: Conversation, messages: Sequence[ChatMessage]
    ) -> None:
        """See `ConversationStore.add_messages`."""
        await self._write(AddMessages(conversation, tuple(messages)))

    def append_chunk(self, message: str, text: str, reasoning: str) -> None:
        """See `ConversationStore.append_chunk`.

        Chunks that come while the thread is busy are written in one transaction.
        """
        if self._closed:
            return
        with self._lock:
            self._chunks.append(Chunk(message, text, reasoning))
            first = len(self._chunks) == 1
        if first:
            self._post(self._write_chunks)

    async def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`."""
        await self._write(SaveMessage(message))

    async def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        await self._write(ChangeConversation(id_, changes))

    async def changed_elsewhere(self) -> bool:
        """See `ConversationStore.changed_elsewhere`."""
        return await self._call(lambda session: session.changed_elsewhere())

    # Beside the port

    async def find_conversation(self, prefix: str) -> Conversation | None:
        """The one conversation whose id begins with a text; None where there is none.

        Raises:
            UsageError: several begin with it.
        """
        found = await self._call(lambda session: session.find(prefix, 2)) if prefix else []
        if len(found) > 1 and prefix not in found:
            raise UsageError(
                f"Several conversations begin with {prefix}.", hint="Give more of the id."
            )
        return await self.conversation(prefix if prefix in found else found[0]) if found else None

    async def owners(self, ids: Sequence[str]) -> dict[str, str]:
        """Which conversation each message belongs to; unknown ones left out."""
        wanted = tuple(ids)
        return await self._call(lambda session: session.owners(wanted))

    # The thread

    def _note_loop(self) -> None:
        with suppress(RuntimeError):  # no loop runs yet: the first call brings it
            self._loop = asyncio.get_running_loop()

    async def _write(self, operation: Operation) -> None:
        await self._call(lambda session: session.write(operation))

    async def _call(self, work: Callable[["Session"], T]) -> T:
        """Have the thread do some work.

        The work is done even if the caller is cancelled meanwhile: a write must not be lost.
        """
        self._loop = loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def job(session: "Session") -> None:
            try:
                result = work(session)
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                _post_to(loop, _fail, future, error)
            else:
                _post_to(loop, _finish, future, result)

        self._post(job)
        return await future

    def _post(self, job: _Job) -> None:
        if self._closed:
            raise StorageError("The store is closed.")
        if self._thread is None:
            # A daemon, so that a program that forgets `close` can end all the same.
            self._thread = threading.Thread(target=self._run, name="store", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _run(self) -> None:
        session = self._new_session()
        try:
            while True:
                try:
                    job = self._jobs.get(timeout=session.due())
                except queue.Empty:
                    session.tick()
                    continue
                if job is None:
                    return
                job(session)
        finally:
            session.close()

    def _new_session(self) -> "Session":
        # Here, in the thread, and not at the top: sqlite3 costs 50 ms.
        from chat_tui.storage.composition import new_session

        return new_session(
            self._paths,
            self.instance,
            connect=self._connect,
            busy_timeout=self._busy_timeout,
            retry_delays=self._retry_delays,
            report=self._report,
            notify=self._notify,
        )

    def _write_chunks(self, session: "Session") -> None:
        with self._lock:
            chunks, self._chunks = self._chunks, []
        with suppress(StorageError):  # refused values; the message is still saved at its end
            session.write(Journal(tuple(chunks)))

    def _report(self, trouble: StorageError | None) -> None:
        self.trouble = trouble
        self._tell(self._trouble_listeners, trouble)

    def _notify(self, notice: str) -> None:
        self.notices += (notice,)
        self._tell(self._notice_listeners, notice)

    def _tell(self, listeners: Sequence[Callable[[Any], None]], value: object) -> None:
        if self._loop is not None:
            for listener in tuple(listeners):
                _post_to(self._loop, listener, value)


def open_store(paths: Paths | None) -> Store:
    """Give the store for these folders; None for one in memory. Nothing is opened yet."""
    return Store(paths)


def _post_to(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *args: Any) -> None:
    try:
        loop.call_soon_threadsafe(function, *args)
    except RuntimeError:
        # The loop is closed: nobody waits any more. The work itself is done.
        return


def _finish(future: "asyncio.Future[T]", result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[T]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
