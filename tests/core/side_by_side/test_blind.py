"""Letters in place of names, in an order that is drawn."""

from random import Random

from chat_tui.core.conversation import Conversation, ConversationTree, Node
from chat_tui.core.side_by_side.blind import blind_name, newest_turn, shuffled
from chat_tui.core.side_by_side.board import MERGED, MOST, Board
from chat_tui.core.side_by_side.threads import Column, path_of
from chat_tui.core.targets import Target


def test_letters_follow_the_drawn_order() -> None:
    board = Board(tuple(range(MOST)), zoomed=2)
    assert [blind_name(board, slot) for slot in board.slots] == [""] * MOST
    blind = shuffled(board, Random(3).shuffle)
    assert sorted(blind.blind) == list(board.slots)
    assert blind.blind != board.slots
    assert [blind_name(blind, slot) for slot in blind.shown] == list("ABCDEF")
    assert blind_name(blind, MERGED) == ""
    # A zoomed column would be found again among the others.
    assert blind.zoomed is None
    assert blind == blind.sane()


def _tree() -> ConversationTree:
    nodes = [Node("p", None, "t1", "user")]
    nodes += [Node(f"a{slot}", "p", "t1", "assistant", slot) for slot in (0, 1)]
    nodes += [Node("q", "a1", "t2", "user")]
    nodes += [Node(f"b{slot}", "q", "t2", "assistant", slot) for slot in (0, 1)]
    return ConversationTree(nodes, "b0")


def test_the_newest_turn_is_that_of_the_last_prompt_or_answer() -> None:
    assert newest_turn(ConversationTree()) == ""
    tree = _tree()
    assert newest_turn(tree) == "t2"
    tree.add(Node("s", "b0", "", "system"))
    assert newest_turn(tree) == "t2"


def test_earlier_answers_tell_nothing_of_who_is_who() -> None:
    targets = (Target("one", "sun"), Target("two", "moon"))
    about = Conversation("c", targets=targets, heads={0: "b0", 1: "b1"}, board=Board((0, 1)))
    assert path_of(about, _tree(), Column(0)) == ["p", "a0", "q", "b0"]
    blind = Conversation(
        "c", targets=targets, heads={0: "b0", 1: "b1"}, board=Board((0, 1), blind=(1, 0))
    )
    assert path_of(blind, _tree(), Column(0)) == ["p", "a1", "q", "b0"]
    assert path_of(blind, _tree(), Column(1)) == ["p", "a1", "q", "b1"]
