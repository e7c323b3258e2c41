"""Who has which slot: a board and its targets as they are after a change."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import UsageError
from chat_tui.core.side_by_side.answers import last_answer
from chat_tui.core.side_by_side.board import MOST, Board
from chat_tui.core.side_by_side.threads import Column, path_of, shown_answer, thread_end
from chat_tui.core.targets import Target


def check_count(count: int) -> None:
    """Refuse more models than there may be.

    Raises:
        UsageError: there are too many.
    """
    if count > MOST:
        raise UsageError(
            f"At most {MOST} models can be side by side.", hint="Take one of them away first."
        )


def check_there(board: Board, slot: int) -> None:
    """Refuse a slot that is none of the board's.

    Raises:
        UsageError: it is none.
    """
    if slot not in board.slots:
        raise UsageError("This model is not among those side by side.", hint="Choose another one.")


def with_slots(board: Board, slots: Sequence[int]) -> Board:
    """A board with other slots, and all else as far as it still holds."""
    alone = board.alone if board.alone in slots or not slots else slots[0]
    zoomed = board.zoomed if board.zoomed in slots else None
    return replace(board, slots=tuple(slots), zoomed=zoomed, blind=(), alone=alone)


def slot_for(known: list[Target], target: Target, taken: Collection[int]) -> int:
    """The slot of a target that nobody has taken; a new one behind the others if there is none."""
    for slot, each in enumerate(known):
        if each == target and slot not in taken:
            return slot
    known.append(target)
    return len(known) - 1


def put_in_place(old: int, new: int, slots: Sequence[int]) -> tuple[int, ...]:
    """Slots with another one in the place of one."""
    return tuple(new if each == old else each for each in slots)


def is_same_model(one: Target, other: Target) -> bool:
    """Whether two targets are one model, whatever it is asked with."""
    return (one.provider, one.model) == (other.provider, other.model)


def has_spoken(tree: ConversationTree, slot: int) -> bool:
    """Whether there is a message that names a slot."""
    return any(node.slot == slot and node.role == "assistant" for node in tree.stored())


def begun_threads(about: Conversation, tree: ConversationTree) -> dict[int, str]:
    """Where each slot's own thread begins: where it is, if that belongs to the newest turn.

    Else where its column ends while the answers are shared.
    """
    heads, newest = dict(about.heads), last_answer(tree)
    shared = replace(about, board=replace(about.board, sharing="one"))
    for slot in about.board.slots:
        known = heads.get(slot)
        same = newest is not None and tree.visible(known) and tree[known or ""].turn == newest.turn
        path = path_of(shared, tree, Column(slot))
        if path and not (same and known is not None and tree[known].slot == slot):
            heads[slot] = path[-1]
    return heads


def other_end(about: Conversation, tree: ConversationTree) -> str | None:
    """The answer to go on with where the chosen one's model was taken away; None where none is."""
    last = last_answer(tree)
    if last is None:
        return None
    for slot in about.board.slots:
        if about.board.sharing == "own":
            end: str | None = thread_end(about, tree, slot)
        else:
            end = shown_answer(about, tree, Column(slot), last.id)
        if end is not None and tree[end].slot == slot:
            return end
    return None
