"""Comparing blind: who answers what is hidden behind letters until somebody has voted."""

from collections.abc import Callable
from dataclasses import replace

from chat_tui.core.conversation import ConversationTree
from chat_tui.core.side_by_side.answers import upwards
from chat_tui.core.side_by_side.board import Board

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
