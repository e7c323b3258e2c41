"""Finding conversations in the store."""

from chat_tui.core.conversation import Conversation, ConversationSummary
from chat_tui.core.errors import UsageError
from chat_tui.storage import Store

PAGE = 500


async def summaries(store: Store, limit: int) -> list[ConversationSummary]:
    """The newest conversations, pinned ones first; 0 gives all."""
    rows: list[ConversationSummary] = []
    while not limit or len(rows) < limit:
        wanted = min(PAGE, limit - len(rows)) if limit else PAGE
        page = await store.summaries(limit=wanted, after=rows[-1] if rows else None)
        rows += page
        if len(page) < wanted:
            break
    return rows


async def newest(store: Store) -> str:
    """The id of the conversation that was used last, pinned or not.

    Raises:
        UsageError: there is none yet.
        StorageError: the list cannot be read.
    """
    best: ConversationSummary | None = None
    page = await store.summaries(limit=1)
    while page:
        if best is None or page[-1].updated > best.updated:
            best = page[-1]
        if not page[-1].pinned:
            break
        page = await store.summaries(limit=1, after=page[-1])
    if best is not None:
        return best.id
    if store.trouble is not None:
        raise store.trouble
    raise UsageError("There is no conversation to continue yet.", hint="Ask without -c first.")


async def find(store: Store, prefix: str) -> Conversation:
    """The conversation whose id this is, or begins with it.

    Raises:
        UsageError: there is none, or there are several.
        StorageError: they cannot be read.
    """
    conversation = await store.find_conversation(prefix)
    if conversation is None:
        raise UsageError(
            f"There is no conversation {prefix}.", hint="`chat-tui list` shows their ids."
        )
    return conversation
