"""Where keys may lie: a program that prints one, the system's keyring, a file of mode 0600.

Each gives the text as it is there; `keys.Key` checks it. Nothing that a source says goes into an
error.
"""

import asyncio
import contextlib
import importlib
import os
import signal
import stat
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.providers.catalogue import ALL_KEY_VARIABLES

SERVICE = "chat-tui"
"""What keys are stored under in the keyring; the user name is the provider's name."""

COMMAND_SECONDS = 10.0
"""How long a program may take to print a key."""
KEYRING_SECONDS = 2.0
"""How long the keyring may take."""

_GRACE = 0.2
"""Seconds that the rest of a pipe may take after its program has ended."""
_MAX_BYTES = 16_384
"""Twice the longest key: more is no key."""


def command_words(command: Sequence[str]) -> str:
    """A program in words: its name alone, for its arguments may tell more than they should."""
    name = clean_line(PurePath(command[0]).name)
    return f"`{name} …`" if len(command) > 1 else f"`{name}`"


def file_words(path: str) -> str:
    """A path in words, with `~` for the home folder."""
    return clean_line(path.replace(str(Path.home()), "~", 1))


def without_keys(environ: Mapping[str, str], private: Collection[str] = ()) -> dict[str, str]:
    """An environment for another program: without the keys of providers.

    What password managers and agents need stays, tokens of their own among it: only names are
    looked at, for those look like keys, too.

    Args:
        environ: the own one.
        private: more names of variables that hold keys.
    """
    secret = ALL_KEY_VARIABLES.union(private)
    return {
        name: value
        for name, value in environ.items()
        if name not in secret and not name.endswith("_API_KEY")
    }


async def ask_command(
    command: Sequence[str], environ: Mapping[str, str], *, seconds: float = COMMAND_SECONDS
) -> str:
    """The first line that a program prints. No shell, no terminal; it is ended with its children.

    Args:
        command: the program and its arguments.
        environ: all of its environment; see `without_keys`.
        seconds: how long it may take.

    Raises:
        UsageError: it cannot be run, fails, prints nothing, or takes too long.
    """
    words = command_words(command)
    try:
        async with asyncio.timeout(seconds), _piped() as (end, stdout):
            with end:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=end,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=environ,
                    # A group of its own, to be ended whole; no terminal to ask for anything.
                    start_new_session=True,
                )
            line, code = await _line_and_code(process, stdout)
    except TimeoutError:
        raise UsageError(
            f"The key command {words} did not end within {seconds:g} s.",
            hint="Run it in a terminal: it may wait for a pass phrase.",
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it cannot be a program"
        raise UsageError(
            f"The key command {words} cannot be run: {reason}.",
            hint="Correct key_command: a list of the program and its arguments.",
        ) from None
    if code:
        raise UsageError(
            f"The key command {words} failed with code {code}.",
            hint="Run it in a terminal to see why.",
        )
    if not line:
        raise UsageError(
            f"The key command {words} printed nothing on its first line.",
            hint="Run it in a terminal to see why.",
        )
    return line


@contextlib.asynccontextmanager
async def _piped() -> AsyncIterator[tuple[BinaryIO, asyncio.StreamReader]]:
    """A pipe: the end to write to, and what reads it.

    Of one's own, because `Process.wait` waits until its pipes are closed, and a child that the
    program leaves behind (an agent) may hold them open for ever.
    """
    read, write = os.pipe()
    end = os.fdopen(write, "wb", buffering=0)
    stdout = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stdout), os.fdopen(read, "rb", buffering=0)
    )
    try:
        yield end, stdout
    finally:
        transport.close()


async def _line_and_code(
    process: asyncio.subprocess.Process, stdout: asyncio.StreamReader
) -> tuple[str, int]:
    """The first line and the exit code of a program; it is ended where the wait is cancelled."""
    printed = bytearray()
    reading = asyncio.ensure_future(_read(stdout, printed))
    try:
        code = await process.wait()
        await asyncio.wait((reading,), timeout=_GRACE)
    finally:
        reading.cancel()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    return printed.partition(b"\n")[0].decode(errors="replace").strip(), code


async def _read(stdout: asyncio.StreamReader, printed: bytearray) -> None:
    """Read to the end; what is too long for a key is dropped, so that the program can end."""
    while piece := await stdout.read(_MAX_BYTES):
        printed += piece[: max(_MAX_BYTES - len(printed), 0)]


async def ask_keyring(
    provider: str,
    *,
    seconds: float = KEYRING_SECONDS,
    get: Callable[[str, str], str | None] | None = None,
) -> str:
    """The key that the system's keyring has for a provider; empty where it has none.

    Args:
        provider: its name.
        seconds: how long the keyring may take.
        get: stands in for `keyring.get_password`.

    Raises:
        UsageError: there is no keyring, it fails, or it takes too long.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(value: str, error: UsageError | None) -> None:
        if not answer.done():
            answer.set_exception(error) if error else answer.set_result(value)

    def ask() -> None:
        value, error = "", None
        try:
            value = (get or _keyring())(SERVICE, provider) or ""
        except UsageError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 - every backend has errors of its own
            error = UsageError(
                f"The keyring failed: {type(failure).__name__}.",
                hint="Unlock it, or name another source of the key.",
            )
        with contextlib.suppress(RuntimeError):  # the loop ended meanwhile
            loop.call_soon_threadsafe(settle, value, error)

    # Not in the loop's pool, whose threads are waited for at the end: a keyring may hang.
    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise UsageError(
            f"The keyring did not answer within {seconds:g} s.",
            hint="Unlock it and try again, or name another source of the key.",
        ) from None


def _keyring() -> Callable[[str, str], str | None]:
    try:
        # An optional package that costs 0.1 s; imported in the thread that asks it.
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        raise UsageError(
            "The key is to come from the keyring, and the package keyring is not installed.",
            hint="Install chat-tui[keyring], or name another source of the key.",
        ) from None
    get: Callable[[str, str], str | None] = keyring.get_password
    return get


def check_key_file(path: str) -> bool:
    """Whether there is a file for the key, and it is safe to read.

    Raises:
        UsageError: it is not, or its path depends on the folder that one is in.
    """
    words = file_words(path)
    whole = Path(path).expanduser()
    if not whole.is_absolute():
        raise UsageError(
            f"The key file {words} has no absolute path.",
            hint="Begin it with / or ~/, so that no folder can bring its own.",
        )
    try:
        found = whole.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        raise UsageError(
            f"The key file {words} cannot be read.", hint="Check its path and its permissions."
        ) from None
    _refuse_unsafe(found, words)
    return True


def read_key_file(path: str) -> str:
    """The text of a key file.

    Raises:
        UsageError: it cannot be read, or others could read it too.
    """
    words = file_words(path)
    try:
        # Not blocking, in case it has become a pipe.
        handle = os.open(Path(path).expanduser(), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        raise UsageError(
            f"The key file {words} cannot be read.", hint="Check its path and its permissions."
        ) from None
    with os.fdopen(handle, "rb") as file:
        _refuse_unsafe(os.fstat(handle), words)
        return file.read(_MAX_BYTES).decode("utf-8-sig", errors="replace")


def _refuse_unsafe(found: os.stat_result, words: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"The key file {words} is no file.", hint="Name a file with the key.")
    if found.st_uid != os.geteuid():
        raise UsageError(
            f"The key file {words} belongs to another user.",
            hint="Make a copy of your own, of mode 600.",
        )
    if found.st_mode & 0o077:
        raise UsageError(
            f"The key file {words} can be read by others (mode {found.st_mode & 0o777:o}).",
            hint=f"Run: chmod 600 {words}",
        )
    if found.st_size > _MAX_BYTES:
        raise UsageError(
            f"The key file {words} has {found.st_size:,} bytes: that is no key.",
            hint="Write the key alone into it.",
        )
