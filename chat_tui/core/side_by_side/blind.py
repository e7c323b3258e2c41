"""Comparing blind: who answers what is hidden behind letters until somebody has voted."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.side_by_side.answers import upwards
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.side_by_side.threads import Column, path_of

_LETTERS = "ABCDEF"


def blind_name(board: Board, slot: int) -> str:
    """What a slot is called while nobody is to know who it is; empty where that may be known."""
    return _LETTERS[board.blind.index(slot)] if slot in board.blind[: len(_LETTERS)] else ""


def shuffled(board: Board, order: Callable[[list[int]], None]) -> Board:
    """The board, blind, with its columns in an order that is drawn anew.

    Args:
        board: as it is.
        order: puts a list into a random order, as `random.SystemRandom().shuffle` does.
    """
    slots = list(board.slots)
    order(slots)
    return replace(board, blind=tuple(slots), zoomed=None)


def without_blindness(board: Board) -> Board:
    """The board with everything shown, the columns in their own order."""
    return replace(board, blind=())


def newest_turn(tree: ConversationTree) -> str:
    """The turn of the newest prompt or answer on the active path; empty while there is none."""
    said = (node for node in upwards(tree) if node.role in ("user", "assistant"))
    return next((node.turn for node in said), "")


def turns_apart(conversation: Conversation, tree: ConversationTree) -> frozenset[str]:
    """The turns whose answers differ from column to column.

    Whoever knows who gave the answers of one of them knows whose column it is, as long as they
    stand there: where each model keeps its own thread, with later prompts too.
    """
    slots = conversation.board.slots
    counts = Counter(id_ for slot in slots for id_ in path_of(conversation, tree, Column(slot)))
    apart = (tree[id_] for id_, count in counts.items() if count < len(slots))
    return frozenset(node.turn for node in apart if node.role == "assistant")
