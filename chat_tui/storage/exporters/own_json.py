"""Our own format: one JSON file, lossless; importing it gives the same trees.

::

    {"format": "chat-tui", "version": 1,
     "conversations": [{"id": …, "title": …, …, "messages": [{"id": …, "parent": …, …}, …]}, …],
     "attachments": {SHA-256: {"media_type": …, "data": Base64}, …}}

Messages stand in the order in which they were added, parents before their children. Fields that
have their default may be left out. No key and no header is anywhere in it: messages and
conversations hold none. Neither is what was deleted: what followed it hangs below the message
before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat_tui.core.attachments.names import named_by
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationStore
from chat_tui.storage.attachments import attachments_to_json
from chat_tui.storage.encoding import conversation_to_json, dump, escape_hidden, message_to_json
from chat_tui.storage.survivors import survivors
from chat_tui.storage.values import MAX_DEPTH

FORMAT = "chat-tui"
FORMAT_VERSION = 1


def export_conversation(
    conversation: Conversation, messages: Iterable[ChatMessage]
) -> dict[str, Any]:
    """One conversation with all its branches as JSON values."""
    return conversation_to_json(conversation) | {
        "messages": [message_to_json(message) for message in messages]
    }


def document(
    conversations: Sequence[dict[str, Any]], beside: Mapping[str, Any] | None = None
) -> str:
    """The text of a file with these conversations: UTF-8 without any unescaped control.

    Args:
        conversations: as `export_conversation` gives them.
        beside: more fields, which imports pass over.
    """
    value: dict[str, Any] = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "conversations": list(conversations),
    }
    value |= beside or {}
    return escape_hidden(dump(value, indent=1, depth=MAX_DEPTH)) + "\n"


async def export(store: ConversationStore, ids: Iterable[str]) -> str:
    """Read conversations and give the text of the file.

    Raises:
        UsageError: there is no such conversation.
        StorageError: it cannot be read.
    """
    exported: list[dict[str, Any]] = []
    named: dict[str, None] = {}
    for id_ in ids:
        conversation = await store.conversation(id_)
        if conversation is None:
            raise UsageError(
                f"There is no conversation {id_}.", hint="`chat-tui list` shows their ids."
            )
        nodes = await store.nodes(id_)
        places = survivors(nodes, lambda node: node.deleted)
        messages = await store.messages([each.id for each in nodes if places[each.id] == each.id])
        shown = [replace(each, parent=places.get(each.parent)) for each in messages]
        exported.append(export_conversation(_with_visible_heads(conversation, places), shown))
        named |= dict.fromkeys(named_by(shown))
    attachments = [each for sha in named if (each := await store.attachment(sha)) is not None]
    beside = {"attachments": attachments_to_json(attachments)} if attachments else {}
    return document(exported, beside)


def _with_visible_heads(
    conversation: Conversation, places: Mapping[str | None, str | None]
) -> Conversation:
    threads = {slot: places.get(id_) for slot, id_ in conversation.heads.items()}
    return replace(
        conversation,
        head=places.get(conversation.head),
        heads={slot: id_ for slot, id_ in threads.items() if id_ is not None},
        favourite=places.get(conversation.favourite),
    )
