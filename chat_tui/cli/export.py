"""`chat-tui export`: a conversation with all its branches."""

import asyncio
import os
from pathlib import Path

from chat_tui.cli.compose import load_setup, say_trouble, stored
from chat_tui.cli.lookup import find
from chat_tui.cli.options import ExportOptions
from chat_tui.cli.output import write_out
from chat_tui.core.errors import StorageError
from chat_tui.storage.exporters.own_json import export


def run(options: ExportOptions) -> int:
    """Write the file; gives the exit code.

    Raises:
        UsageError: there is no such conversation.
        StorageError: it cannot be read, or the file cannot be written.
        ClosedOutputError: standard output was closed.
    """
    document = asyncio.run(_read(options.conversation))
    if options.output is None:
        write_out(document)
    else:
        _write(options.output, document)
    return 0


async def _read(prefix: str) -> str:
    async with stored(load_setup(os.environ).paths) as store:
        document = await export(store, [(await find(store, prefix)).id])
        say_trouble(store)
        return document


def _write(path: Path, document: str) -> None:
    try:
        # Conversations are private: readable by their owner alone.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(document)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Name another file with -o.",
        ) from error
