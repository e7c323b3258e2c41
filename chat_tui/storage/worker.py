"""The one thread that does all the work of a store, and what it has to tell.

This module is cheap to import: sqlite3 (50 ms) and all that needs it are imported in that thread.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chat_tui.core.errors import StorageError

if TYPE_CHECKING:  # sqlite3 is imported with it: 50 ms
    from chat_tui.storage.session import Session

T = TypeVar("T")

Job = Callable[["Session"], None]


class NewSession(Protocol):
    """Makes the session, in the thread."""

    def __call__(
        self,
        *,
        report: Callable[[StorageError | None], None],
        notify: Callable[[str], None],
    ) -> "Session":
        """Make it; the two functions are told what is wrong and what was mended."""
        ...


class Worker:
    """Does jobs on a session, one after the other, in a thread of its own.

    The thread begins with the first job.

    Args:
        new_session: makes the session.
    """

    def __init__(self, new_session: NewSession) -> None:
        self._new_session = new_session
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._trouble_listeners: list[Callable[[StorageError | None], None]] = []
        self._notice_listeners: list[Callable[[str], None]] = []
        self.closed = False
        self.trouble: StorageError | None = None
        """What keeps the session from writing; None in good times."""
        self.notices: tuple[str, ...] = ()
        """Sentences about what was moved, saved or put back, oldest first."""

    def close(self) -> None:
        """Do what is waiting, close, and end the thread. Blocks; twice is safe."""
        if self._thread is not None and not self.closed:
            self.closed = True
            self._jobs.put(None)
            self._thread.join()
        self.closed = True

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

    async def call(self, work: Callable[["Session"], T]) -> T:
        """Have the thread do some work, and wait for what it gives.

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

        self.post(job)
        return await future

    def post(self, job: Job) -> None:
        """Have the thread do a job some time.

        Raises:
            StorageError: it is closed.
        """
        if self.closed:
            raise StorageError("The store is closed.")
        if self._thread is None:
            # A daemon, so that a program that forgets `close` can end all the same.
            self._thread = threading.Thread(target=self._run, name="store", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _run(self) -> None:
        session = self._new_session(report=self._report, notify=self._notify)
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

    def _note_loop(self) -> None:
        with suppress(RuntimeError):  # no loop runs yet: the first call brings it
            self._loop = asyncio.get_running_loop()

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
