"""The app as a process on a terminal, with a home of its own."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chat_tui.storage import open_store, paths_under
from chat_tui.storage.exporters.own_json import export
from tests.cli.helpers import COMMAND, Program
from tests.servers import ThreadedServer
from tests.terminal.program import TerminalProgram
from tests.terminal.screen import Screen

ENTER, ESCAPE, CTRL_C = "\r", "\x1b", "\x03"
LEADER, OPEN_LIST, QUIT = "\x07", "\x0f", "\x11"
STARTING = "Starting"
FOCUS_IN = "\x1b[O\x1b[I"
"""The terminal's window is left and comes back."""


@dataclass
class AppProgram(Program):
    """Starts the app; what it started is ended with the test."""

    terminals: list[TerminalProgram] = field(default_factory=list)

    def app(
        self, *arguments: str, size: tuple[int, int] = (120, 40), **environ: str
    ) -> TerminalProgram:
        """Start the app."""
        return self.on_screen(*COMMAND, *arguments, size=size, **environ)

    def on_screen(
        self, *command: str, size: tuple[int, int] = (120, 40), **environ: str
    ) -> TerminalProgram:
        """Start any program on a terminal."""
        terminal = TerminalProgram(command, self.environ(**environ), size)
        self.terminals.append(terminal)
        return terminal

    def chat(
        self, *arguments: str, size: tuple[int, int] = (120, 40), **environ: str
    ) -> TerminalProgram:
        """Start the app, with the demo if nothing is said, and wait until it is ready."""
        terminal = self.app(*(arguments or ("--demo",)), size=size, **environ)
        # The word for it may be under a toast.
        terminal.until(lambda screen: "Enter Send" in screen.text and STARTING not in screen.text)
        return terminal

    def messages(self) -> list[dict[str, Any]]:
        """All messages of the one conversation that there is, as `chat-tui export` gives them."""
        return asyncio.run(self._exported())

    async def _exported(self) -> list[dict[str, Any]]:
        async with open_store(paths_under(self.home)) as store:
            (row,) = await store.summaries()
            (conversation,) = json.loads(await export(store, [row.id]))["conversations"]
            return list(conversation["messages"])

    def texts(self) -> list[str]:
        """What they say."""
        return [text_of(message) for message in self.messages()]

    def statuses(self) -> list[str]:
        """How the answers stand that are in the database, in the order they came."""
        database = f"file:{self.home / 'data' / 'chat-tui.db'}?mode=ro"
        try:
            with closing(sqlite3.connect(database, uri=True)) as connection:
                rows = connection.execute(
                    "SELECT status FROM messages WHERE role = 'assistant' ORDER BY seq"
                )
                return [str(status) for (status,) in rows]
        except sqlite3.OperationalError:
            return []  # it is being made

    def stored(self, terminal: TerminalProgram, *statuses: str) -> None:
        """Read on until the answers have come to these ends in the database.

        The screen cannot tell: words of a prompt stand in the list of conversations too, as its
        title, and the status line is idle for a moment after a prompt was sent.
        """
        terminal.until(lambda _: self.statuses() == list(statuses))

    def integrity(self) -> str:
        """What SQLite says of the database."""
        path = self.home / "data" / "chat-tui.db"
        with closing(sqlite3.connect(path)) as connection:
            return str(connection.execute("PRAGMA integrity_check").fetchone()[0])

    def close(self) -> None:
        for terminal in self.terminals:
            terminal.close()
        super().close()


def text_of(message: dict[str, Any]) -> str:
    """The text of an exported message."""
    return "".join(part["text"] for part in message.get("parts", ()))


def at(server: ThreadedServer) -> tuple[str, ...]:
    """The arguments that send prompts to a server."""
    return ("--base-url", server.base_url, "--model", "m")


def idle(screen: Screen) -> bool:
    """Whether no answer is on its way, as far as the screen tells."""
    return not any(word in screen.text for word in ("Writing", "Waiting"))


def leave(terminal: TerminalProgram) -> int:
    """Quit; gives the exit code."""
    terminal.send(QUIT)
    return terminal.wait()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[AppProgram]:
    program = AppProgram(tmp_path / "home")
    yield program
    program.close()
