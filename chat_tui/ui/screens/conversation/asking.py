"""Makes requests: of the conversation's model, or of all that are side by side."""

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.manager import ConversationManager
    from chat_tui.core.side_by_side.rounds import Round
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.runs import Request


def to_send(
    manager: "ConversationManager", chat: "OpenConversation", prompt: "Prompt"
) -> "Request":
    """Send a prompt."""
    if chat.conversation.board:
        return partial(manager.sides.send, chat, prompt)
    return partial(manager.send, chat, prompt)


def to_edit(
    manager: "ConversationManager", chat: "OpenConversation", id_: str, prompt: "Prompt"
) -> "Request":
    """Send another version of a prompt."""
    if chat.conversation.board:
        return partial(manager.sides.edit, chat, id_, prompt)
    return partial(manager.edit, chat, id_, prompt)


def to_answer_again(
    manager: "ConversationManager", chat: "OpenConversation", id_: str, column: int | None = None
) -> "Request":
    """Have a prompt answered again: by the model in whose column the answer stands.

    Args:
        manager: runs it.
        chat: the conversation.
        id_: the answer, or the prompt.
        column: see `slot_asked`.
    """
    slot = slot_asked(chat, id_, column)
    if slot is None:
        return partial(manager.regenerate, chat, id_)
    prompt = chat.tree.parent(id_) if chat.tree[id_].role == "assistant" else id_
    return to_answer(manager, chat, [slot], prompt)


def to_answer(
    manager: "ConversationManager",
    chat: "OpenConversation",
    slots: Collection[int],
    prompt: str | None = None,
) -> "Request":
    """Have a prompt answered, or answered anew, by some of the models side by side.

    Where another model has come into the place of one by the time, that one is asked.

    Args:
        manager: runs it.
        chat: the conversation.
        slots: who answers.
        prompt: by default the newest one.
    """
    places = [at for at, slot in enumerate(chat.conversation.board.slots) if slot in slots]

    def request(*, anyway: bool = False) -> "Round":
        now = chat.conversation.board.slots
        there = [now[at] for at in places if at < len(now)]
        return manager.sides.answer(chat, there, prompt, anyway=anyway)

    return request


def to_continue(manager: "ConversationManager", chat: "OpenConversation", reply: str) -> "Request":
    """Go on with an answer that was cut: its own model does, while others may run."""
    alone = slot_asked(chat, reply) is None
    return partial((manager if alone else manager.sides).continue_reply, chat, reply)


def slot_asked(chat: "OpenConversation", id_: str, column: int | None = None) -> int | None:
    """Which of the models side by side answers again; None where that is done by itself.

    So it is with what stands in no model's column: a merged answer, one whose model was taken away.

    Args:
        chat: the conversation.
        id_: the answer, or the prompt.
        column: the slot of the column in which it stands; by default the answer's own.
    """
    node, slots = chat.tree[id_], chat.conversation.board.slots
    if column in slots:
        return column
    return node.slot if node.role == "assistant" and node.slot in slots else None
