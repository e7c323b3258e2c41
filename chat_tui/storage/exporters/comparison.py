"""Comparisons as files: what several models answered, prompt by prompt."""

import asyncio
from collections.abc import Iterable

from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.ports import ConversationStore
from chat_tui.core.side_by_side.comparison import (
    Comparison,
    ComparisonFormat,
    Exported,
    file_name,
    read_comparison,
)
from chat_tui.core.side_by_side.votes import Vote


async def export_comparison(
    store: ConversationStore,
    conversation: Conversation,
    format_: ComparisonFormat,
    *,
    votes: Iterable[Vote] = (),
    tree: ConversationTree | None = None,
) -> Exported:
    """Read a conversation and give it as the file of a comparison.

    Args:
        store: keeps the conversation.
        conversation: as it is now.
        format_: what the file is written in.
        votes: all there are, or those of this conversation.
        tree: its messages, where they are read already.

    Raises:
        UsageError: there is nothing to compare in it.
        StorageError: it cannot be read.
    """
    compared = await read_comparison(store, conversation, votes, tree)
    document = await asyncio.to_thread(document_of, compared, format_)
    return Exported(file_name(compared, format_), document)


def document_of(compared: Comparison, format_: ComparisonFormat) -> str:
    """The text of the file."""
    if format_ == "html":
        # markdown_it, 0.1 s, which the other formats do without.
        from chat_tui.storage.exporters.comparison_html import as_html

        return as_html(compared)
    if format_ == "json":
        from chat_tui.storage.exporters.comparison_json import as_json

        return as_json(compared)
    from chat_tui.storage.exporters.comparison_markdown import as_markdown

    return as_markdown(compared)
