"""The one open database of a session: opened when it is first needed, and anew when it is lost."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from chat_tui.core.errors import StorageError
from chat_tui.storage.instances import Instance, is_alive
from chat_tui.storage.opening import (
    Opened,
    Source,
    is_damage,
    open_file,
    open_memory,
    salvage_file,
)
from chat_tui.storage.relocation import relocate
from chat_tui.storage.rescue import put_back
from chat_tui.storage.sqlite import Database
from chat_tui.storage.troubles import FAILURES

MAX_SALVAGES = 3
"""How often a session moves a damaged database aside; after that the disk itself is at fault."""


class Holder:
    """Opens, settles, mends and moves the database; every method may raise `FAILURES`.

    Args:
        source: how to open it.
        memory: keep everything in memory and touch no file.
        notify: gets a sentence for the user when something was moved or saved.
    """

    def __init__(self, source: Source, *, memory: bool, notify: Callable[[str], None]) -> None:
        self._source = source
        self._memory = memory
        self._notify = notify
        self._opened: Opened | None = None
        self._settled = False
        self._salvages = 0
        self._changed = False
        self._instance: Instance | None = None
        self.ever_opened = False
        """Whether it was open at any time: before that, memory is all there is."""

    @property
    def open(self) -> bool:
        """Whether it is open now."""
        return self._opened is not None

    @property
    def refusal(self) -> StorageError | None:
        """Why the open database may only be read, where that is so."""
        return self._opened.refusal if self._opened is not None else None

    @property
    def final_refusal(self) -> StorageError | None:
        """Why this file will never be written, where that is so."""
        return self._opened.refusal if self._opened is not None and self._opened.final else None

    def readable(self) -> Database:
        """The database, opened if it is not."""
        if self._opened is None:
            self._opened = self._open()
            if self._opened.refusal is None:
                with suppress(*FAILURES):  # reading goes on; `writable` tries again and tells
                    self._settle(self._opened.database)
        return self._opened.database

    def writable(self) -> Database:
        """The same, with what others left behind put in order.

        Raises:
            StorageError: it may only be read.
        """
        database = self.readable()
        if self.refusal is not None:
            raise self.refusal
        self._settle(database)
        return database

    def mend(self) -> None:
        """Move the database aside, which turned out to be damaged, and open what can be saved."""
        place = self._opened.place if self._opened else None
        if self._memory or self._salvages >= MAX_SALVAGES:
            raise StorageError(
                f"{self._source.paths.database} is damaged again and again.",
                hint="Check the disk.",
            )
        self.close_database()
        self._opened = self._noted(salvage_file(self._source, place))
        self._salvages += 1

    def follow(self, touched: Iterable[str]) -> bool:
        """If the file was removed or replaced, open what is there now; gives whether it was.

        Args:
            touched: conversations to be carried over.
        """
        opened = self._opened
        if opened is None or opened.place is None or not opened.place.lost:
            return False
        try:
            there = relocate(self._source, opened.database, opened.place, touched)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            # Another instance found it damaged, and what it saved has the name now.
            self.close_database()
            there = open_file(self._source)
        self._opened = self._noted(there)
        return True

    def changed_elsewhere(self) -> bool:
        """Whether another process wrote, or another file was opened, since this was asked last."""
        changed, self._changed = self._changed, False
        return self.readable().changed_elsewhere() or changed

    def set_patience(self, seconds: float) -> None:
        """Set how long to wait for other processes from now on."""
        self._source = replace(self._source, busy_timeout=seconds)
        if self._opened is not None:
            self._opened.database.set_busy_timeout(seconds)

    def close_failed(self) -> None:
        """Close a connection that failed; one whose file has lost its name is all there is of it.

        Nothing is closed then.
        """
        place = self._opened.place if self._opened else None
        if place is not None and not place.lost:
            self.close_database()

    def close_database(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            opened, self._opened = self._opened, None
            with suppress(*FAILURES):  # there is nothing left to do for it
                opened.database.close()

    def close(self) -> None:
        """Close everything, and be no live instance any more."""
        self.close_database()
        if self._instance is not None:
            with suppress(OSError):  # the lock itself goes with the process
                self._instance.close()

    def _open(self) -> Opened:
        if self._memory:
            return self._noted(open_memory(self._source.connect, self._source.instance))
        if self._instance is None:
            # Without its lock others take this instance for dead. That does no lasting harm: what
            # it saves at the end of a reply replaces what they wrote.
            with suppress(OSError):
                self._instance = Instance(self._source.paths.instances, self._source.instance)
        return self._noted(open_file(self._source))

    def _noted(self, opened: Opened) -> Opened:
        self._settled = self._memory
        self._changed = self.ever_opened
        self.ever_opened = True
        if opened.notice:
            self._notify(opened.notice)
        return opened

    def _settle(self, database: Database) -> None:
        """Fold the replies of dead instances and take their rescue files over."""
        if self._settled:
            return
        paths = self._source.paths
        alive = partial(is_alive, paths.instances)
        database.fold_dead(alive)
        for path, messages in put_back(database, paths.state, alive):
            self._notify(
                f"{messages} messages that could not be saved last time were put back from {path}."
            )
        self._settled = True
