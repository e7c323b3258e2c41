"""`chat-tui export`: a conversation with all its branches, or what can be compared in it."""

import asyncio
import os
from pathlib import Path

from chat_tui.cli.compose import load_setup, say_trouble, stored
from chat_tui.cli.lookup import find
from chat_tui.cli.options import ExportOptions
from chat_tui.cli.output import write_out
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.side_by_side.comparison import FORMATS, ComparisonFormat
from chat_tui.storage import Store
from chat_tui.storage.exporters.comparison import export_comparison
from chat_tui.storage.exporters.own_json import export
from chat_tui.storage.model_choices import StoredChoices


def run(options: ExportOptions) -> int:
    """Write the file; gives the exit code.

    Raises:
        UsageError: there is no such conversation, or nothing to compare in it.
        StorageError: it cannot be read, or the file cannot be written.
        ClosedOutputError: standard output was closed.
    """
    if not options.comparison and options.format not in (None, "json"):
        raise UsageError(
            f"A conversation is written as json, and {options.format} is for comparisons.",
            hint="Add --comparison, or leave --format out.",
        )
    document = asyncio.run(_read(options))
    if options.output is None:
        write_out(document)
    else:
        _write(options.output, document)
    return 0


async def _read(options: ExportOptions) -> str:
    async with stored(load_setup(os.environ).paths) as store:
        conversation = await find(store, options.conversation)
        if options.comparison:
            document = await _compared(store, conversation, _format(options))
        else:
            document = await export(store, [conversation.id])
        say_trouble(store)
        return document


def _format(options: ExportOptions) -> ComparisonFormat:
    """What was asked for, else what the file's name ends with."""
    named = options.output.suffix.lstrip(".").lower() if options.output is not None else ""
    meant: ComparisonFormat = next((each for each in FORMATS if each == named), "md")
    return options.format or meant


async def _compared(store: Store, conversation: Conversation, format_: ComparisonFormat) -> str:
    votes = await StoredChoices(store).votes()
    return (await export_comparison(store, conversation, format_, votes=votes)).text


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
