"""What new messages are to a conversation: where its paths lead then, and how they are undone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chat_tui.core.conversation import Extent, node_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.turns import OpenConversation
from chat_tui.core.undo import Change, Kind, Side


def gone_on_with(
    chat: OpenConversation, prompts: Sequence[ChatMessage], replies: Sequence[ChatMessage]
) -> tuple[str, Mapping[int, str]]:
    """Where the active path leads to with new replies, and the heads of their slots.

    Side by side it leads to the answer of the model whose answer was gone on with before, and stays
    where it is if another model's answer to the same prompt is gone on with already.
    """
    about, tree = chat.conversation, chat.tree
    if not about.board:
        return replies[-1].id, {}
    from chat_tui.core.side_by_side.threads import chosen_slot, takes_over  # only side by side

    answers = [each for each in replies if each.role == "assistant"]
    heads = {each.slot: each.id for each in answers if each.slot in about.board.slots}
    if prompts:
        slot = chosen_slot(about, tree)
        return next((each.id for each in replies if each.slot == slot), replies[0].id), heads
    over = (each.id for each in replies if takes_over(about, tree, node_of(each)))
    return next(over, tree.head or replies[0].id), heads


def heads_along(chat: OpenConversation) -> Mapping[int, str]:
    """The head of the slot whose answer the active path ends with; none where that is nobody's."""
    about = chat.conversation
    if not about.board:
        return {}
    from chat_tui.core.side_by_side.answers import last_answer  # only side by side

    last = last_answer(chat.tree)
    return {} if last is None or last.slot not in about.board.slots else {last.slot: last.id}


def addition(
    chat: OpenConversation, kind: Kind, tops: Sequence[ChatMessage], head: str, at: float
) -> Change:
    """Messages that are about to be added to a tree as a change.

    Args:
        chat: their conversation.
        kind: of the change.
        tops: those below which, or at which, all others stand.
        head: the leaf of the active path from then on.
        at: the time, in seconds since 1970.
    """
    favourite = chat.conversation.favourite
    gone: dict[str, Extent] = {each.id: "branch" for each in tops}
    back: dict[str, Extent] = {each.id: "" for each in tops}
    return Change(
        kind,
        Side(chat.tree.head, favourite, gone),
        Side(head, favourite, back),
        at,
        prompt=tops[0].text if tops[0].role == "user" else "",
    )


def extended(change: Change, others: Sequence[ChatMessage]) -> Change:
    """A turn whose reply turned out to have siblings: they come and go with it."""
    if change.kind in ("send", "edit"):
        return change  # They hang below the prompt.
    ids = [message.id for message in others]
    gone: dict[str, Extent] = dict.fromkeys(ids, "branch")
    back: dict[str, Extent] = dict.fromkeys(ids, "")
    return replace(
        change,
        before=replace(change.before, marks={**change.before.marks, **gone}),
        after=replace(change.after, marks={**change.after.marks, **back}),
    )
