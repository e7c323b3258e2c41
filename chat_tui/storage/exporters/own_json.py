"""Our own format: one JSON file, lossless; importing it gives the same trees.

::

    {"format": "chat-tui", "version": 1,
     "conversations": [{"id": …, "title": …, …, "messages": [{"id": …, "parent": …, …}, …]}, …]}

Messages stand in the order in which they were added, parents before their children. Fields that
have their default may be left out. No key and no header is anywhere in it: messages and
conversations hold none.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationStore
from chat_tui.storage.decoding import MAX_DEPTH
from chat_tui.storage.encoding import conversation_to_json, dump, escape_hidden, message_to_json

FORMAT = "chat-tui"
FORMAT_VERSION = 1


def export_conversation(
    conversation: Conversation, messages: Iterable[ChatMessage]
) -> dict[str, Any]:
    """One conversation with all its branches as JSON values."""
    return conversation_to_json(conversation) | {
        "messages": [message_to_json(message) for message in messages]
    }


def document(conversations: Sequence[dict[str, Any]]) -> str:
    """The text of a file with these conversations: UTF-8 without any unescaped control."""
    value = {"format": FORMAT, "version": FORMAT_VERSION, "conversations": list(conversations)}
    return escape_hidden(dump(value, indent=1, depth=MAX_DEPTH)) + "\n"


async def export(store: ConversationStore, ids: Iterable[str]) -> str:
    """Read conversations and give the text of the file.

    Raises:
        UsageError: there is no such conversation.
        StorageError: it cannot be read.
    """
    exported: list[dict[str, Any]] = []
    for id_ in ids:
        conversation = await store.conversation(id_)
        if conversation is None:
            raise UsageError(
                f"There is no conversation {id_}.", hint="`chat-tui list` shows their ids."
            )
        nodes = await store.nodes(id_)
        messages = await store.messages([node.id for node in nodes])
        exported.append(export_conversation(conversation, messages))
    return document(exported)
