"""Large conversations on disk, written through the store itself."""

import asyncio
from functools import partial
from pathlib import Path

from chat_tui.core.conversation import Conversation
from chat_tui.core.ids import IdSource
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.targets import DEMO, Target
from chat_tui.storage import open_store
from chat_tui.storage.paths import Paths, paths_under

_WORDS = "A sentence with some **bold** and `code` in it, as answers have them. "


def fill_library(home: Path, *, messages: int, conversations: int = 1) -> None:
    """Write conversations; the newest one's last message says LAST-MESSAGE."""
    asyncio.run(_fill(paths_under(home), messages, conversations))


async def _fill(paths: Paths, count: int, conversations: int) -> None:
    async with open_store(paths) as store:
        for number in range(conversations):
            now = 1_700_000_000.0 + number
            new_id = IdSource(partial(float, now))
            rows = _messages(new_id, count)
            conversation = Conversation(
                new_id(),
                title=f"Conversation {number}",
                created=now,
                updated=now,
                targets=(Target(DEMO, DEMO),),
                head=rows[-1].id,
            )
            await store.add_messages(conversation, rows)


def _messages(new_id: IdSource, count: int) -> list[ChatMessage]:
    rows: list[ChatMessage] = []
    for number in range(count):
        last = number == count - 1
        rows.append(
            ChatMessage(
                new_id(),
                "assistant" if number % 2 else "user",
                (TextPart("LAST-MESSAGE" if last else _WORDS * (1 + number % 12)),),
                parent=rows[-1].id if rows else None,
                turn=str(number // 2),
                created=1_700_000_000.0,
                model=DEMO if number % 2 else "",
                provider=DEMO if number % 2 else "",
            )
        )
    return rows
