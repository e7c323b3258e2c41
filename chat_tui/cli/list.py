"""`chat-tui list`: the conversations, newest first."""

import asyncio
import os

from chat_tui.cli.compose import load_setup, say_trouble, stored
from chat_tui.cli.lookup import summaries
from chat_tui.cli.options import ListOptions
from chat_tui.cli.output import on_terminal, say, write_out
from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.dates import local_time
from chat_tui.core.errors import StorageError
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.storage.encoding import dump, escape_hidden

_ROWS = 50
_SHORT_ID = 13
"""Characters of an id that tell conversations apart that were not begun in the same millisecond."""


def run(options: ListOptions) -> int:
    """Print the list; gives the exit code.

    Raises:
        ClosedOutputError, StorageError: standard output cannot be written.
    """
    limit = options.limit if options.limit is not None else 0 if options.json else _ROWS
    # One more than is shown tells whether there are others.
    rows, failed = asyncio.run(_read(limit and limit + 1))
    if failed and not rows:
        return StorageError.exit_code
    if options.json:
        shown = rows[:limit] if limit else rows
        write_out(escape_hidden(dump([row._asdict() for row in shown], indent=1)) + "\n")
    else:
        write_out("".join(map(_line, rows[:limit] if limit else rows)))
        if options.limit is None and len(rows) > limit > 0:
            say(f"These are the newest {limit}; --limit 0 shows all.")
    return 0


async def _read(limit: int) -> tuple[list[ConversationSummary], bool]:
    async with stored(load_setup(os.environ).paths) as store:
        return await summaries(store, limit), say_trouble(store)


def _line(row: ConversationSummary) -> str:
    id_ = row.id[:_SHORT_ID] if on_terminal() else row.id
    updated = local_time(row.updated).strftime("%Y-%m-%d %H:%M")
    title = clean_line(row.title) or text("list.untitled")
    return f"{clean_line(id_)}  {updated}  {title}\n"
