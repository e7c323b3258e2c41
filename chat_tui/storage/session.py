"""The database through good and bad times, as one thread sees it.

What can be written is written. What cannot is kept in a backlog, in order, and tried again: at
the next operation and by a timer, at growing distances. Meanwhile reading gives the database with
the backlog laid over it, and a rescue file holds the same. Writing never raises because of the
disk; what is wrong is reported.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from chat_tui.core.errors import StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import Purged
from chat_tui.storage.alarm import Alarm
from chat_tui.storage.backlog import Backlog
from chat_tui.storage.holder import Holder
from chat_tui.storage.known import Known
from chat_tui.storage.opening import is_damage
from chat_tui.storage.operations import (
    LIGHT,
    ChangeConversation,
    Journal,
    Operation,
    SaveMessage,
)
from chat_tui.storage.rescue import RescueFile
from chat_tui.storage.sqlite import Database, MissingRowError
from chat_tui.storage.troubles import FAILURES, REFUSED_VALUES, trouble_from, wants_reopening
from chat_tui.storage.view import View

T = TypeVar("T")

IMPATIENCE = 0.2
"""Seconds to wait for another process while there is trouble."""
RESCUE_INTERVAL = 0.5
"""Seconds between two rescue files while only streamed text is added."""

_REFUSED = (*REFUSED_VALUES, MissingRowError)


class Session:
    """The work of a store. Used by one thread; `tick` is to be called when `due` seconds passed.

    Args:
        holder: opens the database.
        rescue: the file for what cannot be saved; None for none.
        path: the database's, for the words of errors; None for one in memory.
        patience: seconds to wait for other processes in good times.
        retry_delays: seconds between attempts in bad times; the last one is repeated.
        report: gets every change of what is wrong.
    """

    def __init__(
        self,
        holder: Holder,
        rescue: RescueFile | None,
        path: Path | None,
        *,
        patience: float,
        retry_delays: Sequence[float],
        report: Callable[[StorageError | None], None],
    ) -> None:
        self._holder = holder
        self._rescue = rescue
        self._path = path
        self._patience = patience
        self._alarm = Alarm(retry_delays, report)
        self._known = Known()
        self.view = View(self._read, self._known, lambda: holder.ever_opened)
        """What is read: the database with what waits for it laid over."""
        self._rescued_at = 0.0
        self._rescue_waits = False
        self._reopen = False
        self._refused = False

    def changed_elsewhere(self) -> bool:
        """See `ConversationStore.changed_elsewhere`; in bad times nothing is noticed."""
        try:
            self._holder.follow(self._known.touched)
            return self._read(lambda _: self._holder.changed_elsewhere())
        except FAILURES:
            return False

    # Writing

    def write(self, operation: Operation) -> None:
        """Do an operation, or keep it.

        Raises:
            StorageError: the operation itself is at fault; it is not kept.
        """
        self._known.note(operation)
        if self._alarm.cause is not None:
            light = isinstance(operation, LIGHT)
            if light or self._holder.final_refusal or not self._catch_up():
                self._keep(operation)
                return
        try:
            self._run(operation)
        except _REFUSED as error:
            raise StorageError(f"The database refuses a value: {error}") from error
        except FAILURES as error:
            self._fail(error)
            self._keep(operation)

    def purge_some(self, before: float) -> Purged | None:
        """Do a part of `ConversationStore.purge`; None where nothing is left to do.

        Raises:
            StorageError: the database cannot be written; nothing is kept for later.
        """
        if self._alarm.cause is not None and (self._holder.final_refusal or not self._catch_up()):
            raise self._alarm.error
        try:
            done = self._mended(lambda: self._holder.writable().purge_some(before))
        except FAILURES as error:
            self._fail(error)
            raise self._alarm.error from error
        if done is None:
            return None
        self._known.forget(done.conversations)
        return Purged(len(done.conversations), done.messages)

    def drop_unnamed(self, before: float) -> int:
        """Remove bytes that nobody names; gives how many there were, 0 where it is impossible."""
        try:
            return self._mended(lambda: self._holder.writable().drop_unnamed(before))
        except FAILURES as error:
            self._fail(error)
            return 0

    def empty_log(self) -> None:
        """Leave nothing of what was purged in the write-ahead log."""
        with suppress(*FAILURES):  # whoever closes the database last empties it anyway
            self._holder.writable().checkpoint()

    def due(self) -> float | None:
        """Seconds until `tick` wants to be called; None while there is nothing to do."""
        times = [self._rescued_at + RESCUE_INTERVAL] if self._rescue_waits else []
        if self._alarm.cause is not None and self._holder.final_refusal is None:
            times.append(self._alarm.retry_at)
        return max(min(times) - time.monotonic(), 0.0) if times else None

    def tick(self) -> None:
        """Try again, or write the rescue file, whichever is due."""
        if self._rescue_waits and time.monotonic() >= self._rescued_at + RESCUE_INTERVAL:
            self._write_rescue()
        if self._alarm.due and self._holder.final_refusal is None:
            self._catch_up()

    def start(self) -> None:
        """Open the database and put in order what others left behind."""
        try:
            self._mended(self._holder.writable)
        except FAILURES as error:
            self._fail(error)

    def close(self) -> None:
        """Try once more, then close. What cannot be saved stays in the rescue file."""
        if self._alarm.cause is not None and self._holder.final_refusal is None:
            self._catch_up()
        if self.view.backlog.waiting:
            self._write_rescue()
        self._holder.close()

    def _read(self, reading: Callable[[Database], T]) -> T:
        if self._alarm.cause is not None and not self._alarm.due and not self._holder.open:
            raise self._alarm.error
        try:
            result = self._mended(lambda: reading(self._holder.readable()))
        except FAILURES as error:
            self._fail(error)
            raise self._alarm.error from error
        if self._alarm.cause is None and (refusal := self._holder.refusal) is not None:
            self._fail(refusal)
        return result

    def _run(self, operation: Operation) -> None:
        """Do an operation on the database that has the name when it is done."""
        while True:
            self._mended(lambda: self._run_once(operation))
            try:
                moved = self._holder.follow(self._known.touched)
            except FAILURES as error:
                if not isinstance(operation, LIGHT):
                    raise
                self._fail(error)
                return
            if not moved or isinstance(operation, Journal):
                # Chunks were carried over with their message: once more would double them.
                return

    def _run_once(self, operation: Operation) -> None:
        database = self._holder.writable()
        try:
            operation.run(database)
        except MissingRowError:
            # The database is another one than that which this session wrote to before.
            self._write_anew(operation, database)

    def _write_anew(self, operation: Operation, database: Database) -> None:
        match operation:
            case SaveMessage(message):
                owner = self._known.owner(message.id)
                if owner is None:
                    raise MissingRowError(f"message {message.id} was never added")
                database.add_messages(self._known.conversation(owner), (message,))
            case ChangeConversation(id_, changes) if self._known.saw(id_):
                database.add_messages(self._known.conversation(id_), ())
                database.update_conversation(id_, changes)
            case _:
                pass  # a conversation that this session never saw: there is nothing to change

    def _mended(self, work: Callable[[], T]) -> T:
        """Do some work, and once more on a salvaged database if this one turns out damaged."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._holder.mend()
            return work()

    # Bad times

    def _catch_up(self) -> bool:
        """Do what waits; gives whether all is well again."""
        try:
            if self._reopen:
                self._holder.close_failed()
            while self.view.backlog.waiting:
                try:
                    self._run(self.view.backlog.waiting[0])
                except _REFUSED:
                    self._refused = True  # it stays in the rescue file
                self.view.backlog.waiting.popleft()
            self._holder.follow(self._known.touched)
            self._holder.writable().probe()
        except FAILURES as error:
            self._fail(error)
            return False
        self._recover()
        return True

    def _recover(self) -> None:
        self.view.backlog = Backlog()
        self._rescue_waits = False
        self._holder.set_patience(self._patience)
        if self._rescue is not None:
            if self._refused:
                self._rescue.leave()
            else:
                self._rescue.remove()
        self._refused = False
        self._alarm.end()

    def _fail(self, error: Exception) -> None:
        """Note what is wrong and when to try again."""
        self._reopen = wants_reopening(error)
        with suppress(*FAILURES):  # a connection that does not even take this waits as before
            self._holder.set_patience(IMPATIENCE)
        self._alarm.begin(trouble_from(error, self._path))

    def _keep(self, operation: Operation) -> None:
        self.view.backlog.keep(operation)
        if isinstance(operation, LIGHT):
            self._rescue_waits = self._rescue is not None
        else:
            self._write_rescue()

    def _write_rescue(self) -> None:
        self._rescue_waits = False
        self._rescued_at = time.monotonic()
        if self._rescue is None:
            return
        backlog = self.view.backlog
        items: dict[str, list[ChatMessage]] = {id_: [] for id_ in backlog.conversation_ids}
        for id_ in backlog.message_ids:
            message = self._known.streaming(id_) or backlog.message(id_, None)
            if message is not None:
                items.setdefault(self._known.owner(id_) or id_, []).append(message)
        self._rescue.write(
            [
                (backlog.conversation(id_, known) or known, messages)
                for id_, messages in items.items()
                for known in (self._known.conversation(id_),)
            ],
            backlog.marks,
            backlog.drafts,
            backlog.changed_flags,
            backlog.choices,
            backlog.attachments.values(),
        )
        self._alarm.kept_in(self._rescue.path)
