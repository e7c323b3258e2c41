"""Rows 20 to 22: disks that refuse, two instances, databases that are damaged or too new."""

import hashlib
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.cli.helpers import COMMAND, wait_until
from tests.servers import ThreadedServer, stream
from tests.terminal.conftest import ENTER, FOCUS_IN, AppProgram, at, idle, leave
from tests.terminal.program import TerminalProgram
from tests.terminal.screen import Screen

NOT_SAVED = "Not saved"
ASK = ("ask", "--demo", "--json", "/echo kept")


def database(program: AppProgram) -> Path:
    return program.home / "data" / "chat-tui.db"


def rescued(program: AppProgram) -> list[Path]:
    return sorted((program.home / "state").glob("rescue-*.json"))


def say(terminal: TerminalProgram, words: str) -> None:
    """Have the demo repeat something, and see that it does."""
    terminal.send(f"/echo {words}{ENTER}")
    terminal.until(_answered(words))


def _answered(words: str) -> Callable[[Screen], bool]:
    shown = _shown(words)
    return lambda screen: shown(screen) and idle(screen)


def _shown(words: str) -> Callable[[Screen], bool]:
    # The prompt is in the list of conversations too, as a title: only the answer is without it.
    return lambda screen: screen.text.count(words) > screen.text.count(f"/echo {words}")


@contextmanager
def locked(program: AppProgram) -> Iterator[None]:
    """Another program that keeps the database for itself."""
    with closing(sqlite3.connect(database(program), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def file_size_limit(terminal: TerminalProgram, size: int) -> Iterator[None]:
    """As a full disk: no file of the program may grow beyond so many bytes."""
    before = resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    if terminal.process.poll() is None:
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, before)


def test_locked_database_is_told_and_typing_goes_on(program: AppProgram) -> None:
    terminal = program.chat()
    say(terminal, "before")
    with locked(program):
        terminal.send(f"/echo meanwhile{ENTER}")
        # It waits for the lock a while before it tells; keys are drawn all the time.
        echoes: list[float] = []
        while NOT_SAVED not in terminal.screen.text:
            terminal.send("x")
            echoes.append(terminal.until(_count_of_x(len(echoes) + 1)))
            terminal.read(0.2)
        terminal.send("\x7f" * len(echoes))
        terminal.until(_shown("meanwhile"))
        assert "locked" in terminal.screen.text
        wait_until(lambda: bool(rescued(program)))
        assert "meanwhile" in rescued(program)[0].read_text()
    terminal.until(lambda screen: NOT_SAVED not in screen.text)
    say(terminal, "afterwards")
    assert leave(terminal) == 0

    assert max(echoes) < 1.0
    assert rescued(program) == []
    said = ("before", "meanwhile", "afterwards")
    assert program.texts() == [text for word in said for text in (f"/echo {word}", word)]
    assert program.integrity() == "ok"


def _count_of_x(count: int) -> Callable[[Screen], bool]:
    return lambda screen: "x" * count in screen.text or NOT_SAVED in screen.text


def test_full_disk_is_told_and_nothing_is_lost(program: AppProgram) -> None:
    terminal = program.chat()
    say(terminal, "before")
    with file_size_limit(terminal, 6_000):
        terminal.send(f"/echo meanwhile{ENTER}")
        terminal.see(NOT_SAVED)
        terminal.until(_answered("meanwhile"))
        wait_until(lambda: bool(rescued(program)))
    terminal.until(lambda screen: NOT_SAVED not in screen.text)
    say(terminal, "afterwards")
    assert leave(terminal) == 0

    assert rescued(program) == []
    said = ("before", "meanwhile", "afterwards")
    assert program.texts() == [text for word in said for text in (f"/echo {word}", word)]
    assert program.integrity() == "ok"


def test_disk_that_stays_full_leaves_a_rescue_file_for_the_next_start(program: AppProgram) -> None:
    terminal = program.chat()
    say(terminal, "before")
    with file_size_limit(terminal, 6_000):
        say(terminal, "meanwhile")
        terminal.see(NOT_SAVED)
        assert leave(terminal) == 0
        (rescue,) = rescued(program)
        assert rescue.stat().st_mode & 0o777 == 0o600

    terminal = program.chat("--demo", "--resume")
    terminal.see("meanwhile", "could not be saved")
    assert leave(terminal) == 0
    assert program.texts() == ["/echo before", "before", "/echo meanwhile", "meanwhile"]
    assert rescued(program) == []


def test_removed_database_is_written_anew(program: AppProgram) -> None:
    terminal = program.chat()
    say(terminal, "before")
    for path in database(program).parent.iterdir():
        path.unlink()
    say(terminal, "afterwards")
    assert leave(terminal) == 0

    assert program.texts() == ["/echo before", "before", "/echo afterwards", "afterwards"]
    assert program.integrity() == "ok"


def test_without_any_folder_the_chat_goes_on_in_memory(program: AppProgram) -> None:
    program.home.mkdir()
    (program.home / "data").write_text("in the way")
    terminal = program.chat()
    terminal.see(NOT_SAVED)
    say(terminal, "in-memory")
    (program.home / "data").unlink()
    say(terminal, "on-disk-again")
    terminal.until(lambda screen: NOT_SAVED not in screen.text)
    assert leave(terminal) == 0

    assert program.texts() == [
        *("/echo in-memory", "in-memory"),
        *("/echo on-disk-again", "on-disk-again"),
    ]


def test_damaged_database_is_moved_aside_and_told(program: AppProgram) -> None:
    program.run("ask", "--demo", "/echo before")
    damage = b"not a database at all" * 500
    database(program).write_bytes(damage)
    terminal = program.app("--demo")
    terminal.see("damaged")
    say(terminal, "afterwards")
    assert leave(terminal) == 0

    aside = [path for path in database(program).parent.iterdir() if ".damaged-" in path.name]
    assert damage in [path.read_bytes() for path in aside]
    assert program.texts() == ["/echo afterwards", "afterwards"]


def test_newer_database_is_shown_and_never_written(program: AppProgram) -> None:
    program.run("ask", "--demo", "/echo before")
    with closing(sqlite3.connect(database(program))) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = hashlib.sha256(database(program).read_bytes()).digest()
    terminal = program.chat("--demo", "--resume")
    terminal.see(NOT_SAVED, "newer", "before")
    say(terminal, "afterwards")
    assert leave(terminal) == 0

    assert hashlib.sha256(database(program).read_bytes()).digest() == before
    assert "afterwards" in rescued(program)[0].read_text()


def test_two_windows_on_one_conversation_lose_nothing(program: AppProgram) -> None:
    replies = [stream(f"A{number}") for number in range(1, 5)]
    with ThreadedServer(replies, prompts_only=True) as server:
        left = program.chat(*at(server))
        left.send(f"Q1{ENTER}")
        left.see("A1")
        right = program.chat(*at(server), "--resume")
        right.see("Q1", "A1")
        left.send(f"Q2{ENTER}")
        left.see("A2")
        # A window that gets the focus looks at once; the other one looks every few seconds.
        right.send(FOCUS_IN)
        right.see("Q2", "A2")
        right.send(f"Q3{ENTER}")
        right.see("A3")
        left.send(FOCUS_IN)
        left.see("Q3", "A3")
        assert (leave(left), leave(right)) == (0, 0)

    assert program.texts() == ["Q1", "A1", "Q2", "A2", "Q3", "A3"]
    sent = [[message["content"] for message in each.json["messages"]] for each in server.requests]
    assert sent[-1] == ["Q1", "A1", "Q2", "A2", "Q3"]
    assert program.integrity() == "ok"


def test_two_windows_that_answer_at_once_write_both(program: AppProgram) -> None:
    program.run("ask", "--demo", "/echo first")
    windows = [program.chat("--demo", "--resume") for _ in range(2)]
    for turn in range(3):
        for number, window in enumerate(windows):
            window.send(f"/echo said{number}{turn}{ENTER}")
        for number, window in enumerate(windows):
            words = f"said{number}{turn}"
            window.until(_answered(words))
    for window in windows:
        assert leave(window) == 0

    said = {"first", *(f"said{number}{turn}" for number in range(2) for turn in range(3))}
    texts = program.texts()
    assert set(texts) == said | {f"/echo {words}" for words in said}
    assert len(texts) == 14
    assert program.integrity() == "ok"


def test_ask_prints_its_answer_on_a_full_disk(program: AppProgram) -> None:
    program.run("ask", "--demo", "/echo before")
    command = 'ulimit -f 12; exec "$@"'
    terminal = program.on_screen("/bin/sh", "-c", command, "sh", *COMMAND, *ASK, size=(120, 90))
    assert terminal.wait() == 1

    shown = "".join(terminal.screen.text.split())
    assert '"text":"kept"' in shown
    assert '"kind":"storage"' in shown
