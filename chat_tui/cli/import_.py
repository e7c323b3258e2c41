"""`chat-tui import`: take over a file that `chat-tui export` wrote."""

import asyncio
import os

from chat_tui.cli.compose import load_setup, say_trouble, stored
from chat_tui.cli.options import ImportOptions
from chat_tui.cli.output import say, write_out
from chat_tui.core.errors import StorageError
from chat_tui.storage.importers.own_json import ImportReport, import_file

_SHOWN = 20
"""Items that were skipped are named one by one up to so many."""


def run(options: ImportOptions) -> int:
    """Import and print the report; gives the exit code: 1 where nothing could be taken over.

    Raises:
        UsageError: the file cannot be read, or is none of ours.
        StorageError: the store cannot be read.
        ClosedOutputError: standard output was closed.
    """
    report, failed = asyncio.run(_import(options))
    write_out(_told(report))
    for skipped in report.skipped[:_SHOWN]:
        say(f"Skipped {skipped.item}: {skipped.reason}.")
    if (more := len(report.skipped) - _SHOWN) > 0:
        say(f"… and {more} more.")
    nothing = not (report.conversations or report.merged or report.unchanged)
    return StorageError.exit_code if failed or (nothing and report.skipped) else 0


async def _import(options: ImportOptions) -> tuple[ImportReport, bool]:
    async with stored(load_setup(os.environ).paths) as store:
        report = await import_file(options.file, store)
    return report, say_trouble(store)


def _told(report: ImportReport) -> str:
    return (
        f"{report.conversations} new conversations, {report.merged} merged, "
        f"{report.unchanged} unchanged.\n"
        f"{report.messages} new messages, {report.updated} completed, "
        f"{report.branches} on side branches, {len(report.skipped)} skipped.\n"
    )
