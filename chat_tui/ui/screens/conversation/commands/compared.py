"""Which answers are compared: those beside each other, or the versions of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.answers import answers, last_answer, whole_answer
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.side_by_side.names import names_of
from chat_tui.core.side_by_side.threads import columns, shown_answer
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.screens.comparing.answers import Answers

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


def in_columns(chat: "OpenConversation", reply: str) -> list[str]:
    """The answers to the prompt of an answer that stand in the columns, from left to right."""
    about, tree = chat.conversation, chat.tree
    shown = (shown_answer(about, tree, column, reply) for column in columns(about, tree))
    return [*dict.fromkeys(id_ for id_ in shown if id_ is not None)]


def _ended_with(chat: "OpenConversation", reply: str) -> str:
    """The message with which an answer ends: what is said after the results of tools."""
    return whole_answer(chat.tree, reply)[-1]


def meant(screen: "ConversationView", chat: "OpenConversation") -> str | None:
    """The answer that is looked at: the marked message's, else that of the newest turn in view.

    While nobody is to know who is who, always the newest: who gave earlier ones may be known.
    """
    if screen.comparing.hides:
        newest = last_answer(chat.tree)
        return None if newest is None else newest.id
    transcript = screen.transcript
    column, at = transcript.column, screen.reading.marked
    if not len(column):
        return None
    if at is None:
        at = transcript.line_at(max(transcript.size.height - 1, 0))[0]
    prompts = (column.node(place) for place in range(at, -1, -1))
    prompt = next((node.id for node in prompts if node.role == "user"), column.id_at(at))
    same = answers(chat.tree, prompt)
    return next((id_ for id_ in same if column.index_of(id_) is not None), next(iter(same), None))


async def compared(
    screen: "ConversationView", chat: "OpenConversation", *, to_judge: bool = False
) -> Answers | None:
    """The answers to compare, those that are on their way or failed without a word among them.

    Args:
        screen: shows them.
        chat: the conversation on it.
        to_judge: only those of the models, and neither versions of one nor what was merged.

    Returns:
        None where there is nothing yet.

    Raises:
        StorageError: they cannot be read.
    """
    looked_at = meant(screen, chat)
    if looked_at is None:
        return None
    ids = in_columns(chat, looked_at) if chat.conversation.board else []
    if to_judge:
        ids = [id_ for id_ in ids if chat.tree[id_].slot != MERGED]
    elif len(ids) < 2:
        ids = answers(chat.tree, looked_at)
    prompt = chat.tree.parent(ids[0]) if ids else None
    if prompt is None:
        return None
    ends = [_ended_with(chat, id_) for id_ in ids]
    first, *replies = await chat.messages([prompt, *ends])
    at = ids.index(looked_at) if looked_at in ids else 0
    return Answers(first, tuple(replies), tuple(names(screen, chat, replies)), at)


def names(
    screen: "ConversationView", chat: "OpenConversation", replies: Sequence[ChatMessage]
) -> list[str]:
    """What answers are called: their models, or letters; those of one model are numbered. Clean."""
    comparing = screen.comparing
    if comparing.hides:
        # Who merged or was taken away is no secret, but of several none is to be found out.
        told = [comparing.name_of(each.slot) or text("blind.other") for each in replies]
    else:
        told = names_of([target_of(chat, each) for each in replies if each.slot != MERGED])
        told = [
            text("comparing.merged", model=clean_line(each.model, code=True))
            if each.slot == MERGED
            else told.pop(0)
            for each in replies
        ]
    return [
        name if told.count(name) == 1 else f"{name} · {told[: at + 1].count(name)}"
        for at, name in enumerate(told)
    ]


def target_of(chat: "OpenConversation", reply: ChatMessage) -> Target:
    """Who was asked: a slot is never given to another model."""
    targets, board = chat.conversation.targets, chat.conversation.board
    if reply.slot in board.slots:
        return targets[reply.slot]
    return Target(reply.provider, reply.model)


def only_ended(answers: Answers, *, with_text: bool) -> Answers:
    """Those that have ended; with `with_text` those that have any."""
    kept = [
        at
        for at, each in enumerate(answers.replies)
        if each.status != "streaming" and (each.text.strip() or not with_text)
    ]
    return Answers(
        answers.prompt,
        tuple(answers.replies[at] for at in kept),
        tuple(answers.names[at] for at in kept),
        kept.index(answers.at) if answers.at in kept else 0,
    )
