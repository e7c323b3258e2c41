"""Makes requests: of the conversation's model, or of all that are side by side."""

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_tui.core.manager import ConversationManager
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.runs import Request


def to_send(manager: "ConversationManager", chat: "OpenConversation", words: str) -> "Request":
    """Send a prompt."""
    if chat.conversation.board:
        return partial(manager.sides.send, chat, words)
    return partial(manager.send, chat, words)


def to_edit(
    manager: "ConversationManager", chat: "OpenConversation", prompt: str, words: str
) -> "Request":
    """Send another version of a prompt."""
    if chat.conversation.board:
        return partial(manager.sides.edit, chat, prompt, words)
    return partial(manager.edit, chat, prompt, words)


def to_answer_again(
    manager: "ConversationManager", chat: "OpenConversation", id_: str, column: int | None = None
) -> "Request":
    """Have a prompt answered again: by the model in whose column the answer stands.

    What stands in no model's column is answered by itself.

    Args:
        manager: runs it.
        chat: the conversation.
        id_: the answer, or the prompt.
        column: the slot of the column in which it stands; by default the answer's own.
    """
    is_answer, slots = chat.tree[id_].role == "assistant", chat.conversation.board.slots
    slot = column if column in slots else chat.tree[id_].slot
    if slot not in slots or (column is None and not is_answer):
        return partial(manager.regenerate, chat, id_)
    prompt = chat.tree.parent(id_) if is_answer else id_
    return partial(manager.sides.answer, chat, [slot], prompt)
