"""What each column shows, and what each model is told: paths through the tree, by slot.

Answers belong together by their turn: the answers to one prompt are siblings, or, where each model
keeps its own thread, follow prompts of their own that share a turn. So a column stays as it is when
something else is shared from now on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chat_tui.core.conversation import Conversation, ConversationTree, Node
from chat_tui.core.side_by_side.answers import (
    answers_by_turn,
    last_answer,
    turn_of,
    upwards,
    whole_answer,
)
from chat_tui.core.side_by_side.board import MERGED, MOST


class Column(NamedTuple):
    """One column: a model's answers, one of several answers of one model, or what was merged."""

    slot: int
    choice: int = 0
    """Which of its answers to a prompt, oldest first, where a single model has given several."""


def columns(conversation: Conversation, tree: ConversationTree) -> Sequence[Column]:
    """The columns from left to right; none where it is not side by side.

    One a slot of the board. With a single slot, one an answer (n of them, or versions) to the
    newest prompt that has several, at most `MOST`. Where the active path ends with an answer that
    stands in none of them (one that was merged, or whose model was taken away), a last one for
    that.
    """
    board = conversation.board
    if not board:
        return ()
    own = [Column(slot) for slot in board.shown]
    if len(own) == 1:
        own = [Column(own[0].slot, choice) for choice in range(_most_answers(conversation, tree))]
    last = last_answer(tree)
    if last is None or last.slot in board.slots:
        return own
    if last.slot != MERGED and _stands(conversation, tree, last, own):
        return own
    return [*own, Column(last.slot)]


def path_of(conversation: Conversation, tree: ConversationTree, column: Column) -> list[str]:
    """What a column shows, from the root on.

    The active path, or that of the model's own thread where it keeps one, with the column's own
    answer to each prompt in the place of the one that was gone on with, where it has given one: the
    one looked at last, or the newest.
    """
    board = conversation.board
    if column.slot not in board.slots:
        return tree.path()
    own = board.sharing == "own" and len(board.slots) > 1
    end = thread_end(conversation, tree, column.slot) if own else tree.head
    # While nobody is to know who is who only the newest answers: who gave others may be known.
    hides = bool(board.blind)
    return list(_with_own(conversation, tree, tree.path(end), column, newest_only=hides))


def told_to(conversation: Conversation, tree: ConversationTree, slot: int) -> list[str]:
    """The path that a model's next prompt follows, by what the board's `sharing` says.

    `one`: the active path. `own`: the slot's thread, as far as it has one of its own, else the
    active path, with its own answers wherever it has given some: what its column shows. `several`:
    the active path with the answers that the columns show in a row, where there are several; they
    are sent as one.
    """
    own = conversation.board.sharing == "own"
    end = thread_end(conversation, tree, slot) if own else tree.head
    return told_along(conversation, tree, tree.path(end), slot)


def told_along(
    conversation: Conversation,
    tree: ConversationTree,
    path: Sequence[str],
    slot: int | None = None,
) -> list[str]:
    """A path of the tree as it is told to a slot (None: to nobody's), by the board's `sharing`."""
    board = conversation.board
    if board and board.sharing == "several":
        return list(_with_all(conversation, tree, path))
    if len(board.slots) > 1 and board.sharing == "own" and slot is not None:
        return list(_with_own(conversation, tree, path, Column(slot)))
    return list(path)


def thread_end(conversation: Conversation, tree: ConversationTree, slot: int) -> str | None:
    """Where a slot's own thread ends: its newest answer, or the active path's end without any.

    With a single slot it is the active path: it is gone on with the answer that was chosen of n.
    """
    if len(conversation.board.slots) == 1:
        return tree.head
    newest = conversation.heads.get(slot)
    return tree.head if newest not in tree else own_leaf(tree, tree.nearest(newest), slot)


def own_leaf(tree: ConversationTree, id_: str | None, slot: int) -> str | None:
    """The end of what a slot was asked and has answered below a message."""
    while below := tree.children(id_):
        own = [each for each in below if _is_answer(tree[each], slot)]
        own = own or [each for each in below if tree[each].role in ("system", "tool")]
        own = own or [each for each in below if _was_asked(tree, each, slot)]
        if not own:
            break
        id_ = tree.latest(own)
    return id_


def chosen(conversation: Conversation, tree: ConversationTree) -> Mapping[str, bool]:
    """Of each answer that stands in a column: whether a next prompt is told it."""
    told: set[str] = set()
    slots = conversation.board.slots
    for slot in slots if conversation.board.sharing == "own" else slots[:1]:
        told.update(told_to(conversation, tree, slot))
    return {
        id_: id_ in told
        for column in columns(conversation, tree)
        for id_ in path_of(conversation, tree, column)
        if tree[id_].role == "assistant"
    }


def turns_apart(conversation: Conversation, tree: ConversationTree) -> frozenset[str]:
    """The turns whose answers differ from column to column.

    Who knows who gave the answers of one of them knows whose column is which as long as they stand
    there: where each model keeps its own thread, with later prompts too.
    """
    slots = conversation.board.slots
    counts = Counter(id_ for slot in slots for id_ in path_of(conversation, tree, Column(slot)))
    apart = (tree[id_] for id_, count in counts.items() if count < len(slots))
    return frozenset(node.turn for node in apart if node.role == "assistant")


def shown_answer(
    conversation: Conversation, tree: ConversationTree, column: Column, id_: str
) -> str | None:
    """The column's own answer to the prompt of a message; None where it has given none."""
    same = answers_by_turn(tree).get(turn_of(tree, tree[id_]), ())
    return _shown(conversation, tree, column, same, id_)


# Inside


def _shown(
    conversation: Conversation,
    tree: ConversationTree,
    column: Column,
    same: Sequence[str],
    active: str,
) -> str | None:
    """The answer of a column among those to one prompt; the active one if it is its own."""
    own = [each for each in same if tree[each].slot == column.slot]
    if len(conversation.board.slots) == 1:
        own = _some(own, active)
        return own[column.choice] if column.choice < len(own) else None
    if not own or active in own:
        return active if own else None
    newest = conversation.heads.get(column.slot)
    return newest if newest in own else tree.latest(own)


def _with_own(
    conversation: Conversation,
    tree: ConversationTree,
    path: Sequence[str],
    column: Column,
    *,
    newest_only: bool = False,
) -> Iterator[str]:
    """A path with the column's own answers in the place of the others, or only the newest one."""
    index, passing = answers_by_turn(tree), False
    last = last_answer(tree)
    newest = index.get(turn_of(tree, last)) if last is not None else None
    for id_ in path:
        node = tree[id_]
        if node.role in ("assistant", "tool"):
            same = index.get(turn_of(tree, node), ())
            if id_ in same and (same is newest or not newest_only):
                own = _shown(conversation, tree, column, same, id_)
                passing = own is not None and own != id_
                if passing and own is not None:
                    yield from whole_answer(tree, own)
            if passing:
                continue
        elif node.role == "user":
            passing = False
        yield id_


def _with_all(
    conversation: Conversation, tree: ConversationTree, path: Sequence[str]
) -> Iterator[str]:
    """A path with all answers that the columns show in a row.

    Of those that called tools only the end is told, but for the one that was gone on with.
    """
    index = answers_by_turn(tree)
    after: list[str] = []
    for id_, following in zip(path, (*path[1:], None), strict=False):
        node = tree[id_]
        if node.role not in ("assistant", "tool"):
            yield from after
            after = []
        elif id_ in (same := index.get(turn_of(tree, node), ())):
            yield from after
            row = _row(conversation, tree, same, id_)
            calls = following is not None and tree[following].role == "tool"
            before = [] if calls else row[: row.index(id_)]
            after = [each for each in row if each != id_ and each not in before]
            yield from (whole_answer(tree, each)[-1] for each in before)
            after = [whole_answer(tree, each)[-1] for each in after]
        yield id_
    yield from after


def _row(
    conversation: Conversation, tree: ConversationTree, same: Sequence[str], active: str
) -> list[str]:
    """The answers to one prompt that are told together, oldest first."""
    slots = conversation.board.slots
    if len(slots) == 1:
        own = [each for each in same if tree[each].slot == slots[0]]
        told = {active, *_some(own, active)}
    else:
        shown = (_shown(conversation, tree, Column(slot), same, active) for slot in slots)
        told = {active, *(id_ for id_ in shown if id_ is not None)}
    return [each for each in same if each in told]


def _some(own: list[str], active: str) -> list[str]:
    """As many answers of a single model as there may be columns: the newest.

    The one that is gone on with is among them. So those that stand there do while more of n come.
    """
    newest = max(len(own) - MOST, 0)
    first = min(own.index(active), newest) if active in own else newest
    return own[first : first + MOST]


def _is_answer(node: Node, slot: int) -> bool:
    return node.role == "assistant" and node.slot == slot


def _was_asked(tree: ConversationTree, id_: str, slot: int) -> bool:
    """Whether a message is a prompt that a slot has answered."""
    asked = tree[id_].role == "user"
    return asked and any(_is_answer(tree[each], slot) for each in tree.children(id_))


def _most_answers(conversation: Conversation, tree: ConversationTree) -> int:
    """How many answers the newest prompt has that has several of a single slot; at least one."""
    index, slot = answers_by_turn(tree), conversation.board.slots[0]
    for node in upwards(tree):
        if node.role == "assistant":
            same = index.get(turn_of(tree, node), ())
            count = sum(tree[each].slot == slot for each in same)
            if count > 1:
                return min(count, MOST)
    return 1


def _stands(
    conversation: Conversation, tree: ConversationTree, last: Node, own: Sequence[Column]
) -> bool:
    """Whether the newest answer of the active path stands in one of the columns."""
    if conversation.board.sharing == "own" and len(own) > 1:
        return any(last.id in path_of(conversation, tree, column) for column in own)
    shown = (shown_answer(conversation, tree, column, last.id) for column in own)
    return any(id_ is None or last.id in whole_answer(tree, id_) for id_ in shown)
