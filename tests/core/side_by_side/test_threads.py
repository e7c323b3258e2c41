"""Paths of columns, and of what models are told."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings

from chat_tui.core.conversation import Conversation, ConversationTree, Node
from chat_tui.core.messages import Role
from chat_tui.core.side_by_side.answers import answers, turn_of
from chat_tui.core.side_by_side.board import MERGED, Board, Sharing
from chat_tui.core.side_by_side.threads import (
    Column,
    chosen,
    columns,
    path_of,
    told_to,
    turns_apart,
)
from chat_tui.core.targets import Target
from tests.core.side_by_side.trees import SHARINGS, Case, cases

TARGETS = tuple(Target("p", f"m{slot}") for slot in range(4))


def tree_of(rows: str, head: str | None = None) -> ConversationTree:
    """A tree from rows: id, parent, turn, and the slot of an answer; "q" begins a prompt's id."""
    nodes = []
    for row in rows.split("\n"):
        if not row.strip():
            continue
        id_, parent, turn, *slot = row.split()
        role: Role = {"q": "user", "t": "tool", "s": "system"}.get(id_[0], "assistant")  # type: ignore[assignment]
        above = None if parent == "-" else parent
        nodes.append(Node(id_, above, turn, role, int(slot[0]) if slot else 0))
    return ConversationTree(nodes, head)


def about(
    *slots: int, sharing: Sharing = "one", heads: dict[int, str] | None = None
) -> Conversation:
    """A conversation with a board."""
    return Conversation("c", targets=TARGETS, board=Board(slots, sharing), heads=heads or {})


SHARED = """
    q1 -  1
    a1 q1 1 0
    b1 q1 1 1
    q2 a1 2
    a2 q2 2 0
    b2 q2 2 1
    c2 q2 2 2
"""


def test_columns_show_their_own_answers_in_the_places_of_the_chosen_ones() -> None:
    tree = tree_of(SHARED, "a2")
    one = about(0, 1, 2)

    assert columns(one, tree) == [Column(0), Column(1), Column(2)]
    assert [path_of(one, tree, each) for each in columns(one, tree)] == [
        ["q1", "a1", "q2", "a2"],
        ["q1", "b1", "q2", "b2"],
        ["q1", "a1", "q2", "c2"],  # it was not there yet at the first prompt
    ]
    assert {told for slot in (0, 1, 2) for told in [tuple(told_to(one, tree, slot))]} == {
        ("q1", "a1", "q2", "a2")
    }
    assert chosen(one, tree) == {"a1": True, "a2": True, "b1": False, "b2": False, "c2": False}
    assert columns(about(), tree) == ()
    assert path_of(about(), tree, Column(1)) == tree.path()


def test_several_are_told_in_a_row_as_the_columns_show_them() -> None:
    tree = tree_of(SHARED + "b3 q2 2 1", "b2")
    several = about(2, 0, 1, sharing="several", heads={1: "b3"})

    assert told_to(several, tree, 0) == ["q1", "a1", "b1", "q2", "a2", "b2", "c2"]
    tree.select("a2")
    assert told_to(several, tree, 0) == ["q1", "a1", "b1", "q2", "a2", "c2", "b3"]
    assert all(chosen(several, tree).values())


OWN = """
    q1 -  1
    a1 q1 1 0
    b1 q1 1 1
    q2 a1 2
    r2 b1 2 1
    a2 q2 2 0
    b2 r2 2 1
"""


@pytest.mark.parametrize("sharing", SHARINGS)
def test_own_threads_stay_as_they_are_when_sharing_is_switched(sharing: Sharing) -> None:
    tree = tree_of(OWN.replace("r2", "q3"), "a2")
    board = about(0, 1, sharing=sharing, heads={0: "a2", 1: "b2"})

    shown = [path_of(board, tree, each) for each in columns(board, tree)]

    second = "q3" if sharing == "own" else "q2"
    assert shown == [["q1", "a1", "q2", "a2"], ["q1", "b1", second, "b2"]]


def test_own_answers_are_told_also_from_before_the_threads_parted() -> None:
    tree = tree_of(SHARED, "a2")
    own = about(0, 1, 2, sharing="own", heads={0: "a2", 1: "b2"})

    assert told_to(own, tree, 0) == ["q1", "a1", "q2", "a2"]
    assert told_to(own, tree, 1) == ["q1", "b1", "q2", "b2"]
    # One without a thread of its own begins with the active path.
    assert told_to(own, tree, 2) == ["q1", "a1", "q2", "c2"]


def test_thread_ends_before_what_was_deleted_of_it() -> None:
    tree = tree_of(OWN.replace("r2", "q3") + "b4 q3 2 1", "a2")
    own = about(0, 1, sharing="own", heads={0: "a2", 1: "b4"})

    tree.mark({"b4": "branch"})
    assert path_of(own, tree, Column(1)) == ["q1", "b1", "q3", "b2"]
    tree.mark({"q3": "branch"})
    assert path_of(own, tree, Column(1)) == ["q1", "b1"]
    tree.mark({"q1": "branch"})
    assert path_of(own, tree, Column(1)) == []


def test_answer_looked_at_last_is_shown_and_the_head_of_the_slot_first() -> None:
    tree = tree_of(SHARED + "b3 q2 2 1\nb4 q1 1 1", "a2")

    assert path_of(about(0, 1), tree, Column(1)) == ["q1", "b4", "q2", "b3"]
    tree.look_at("b1")
    assert path_of(about(0, 1, heads={1: "b2"}), tree, Column(1)) == ["q1", "b1", "q2", "b2"]
    assert answers(tree, "b1") == answers(tree, "q1") == ["a1", "b1", "b4"]


def test_answers_of_a_single_slot_are_its_columns() -> None:
    tree = tree_of("q1 - 1\na1 q1 1\na2 q1 1\na3 q1 1\nq2 a2 2\na4 q2 2", "a4")
    single = about(0)

    assert columns(single, tree) == [Column(0, 0), Column(0, 1), Column(0, 2)]
    assert [path_of(single, tree, each)[1] for each in columns(single, tree)] == ["a1", "a2", "a3"]
    assert columns(single, ConversationTree()) == [Column(0)]
    several = about(0, sharing="several")
    assert told_to(several, tree, 0) == ["q1", "a1", "a2", "a3", "q2", "a4"]


@pytest.mark.parametrize("sharing", SHARINGS)
def test_merged_answer_has_a_column_of_its_own_while_it_is_chosen(sharing: Sharing) -> None:
    tree = tree_of(SHARED + f"m2 q2 2 {MERGED}", "m2")
    heads = {0: "a2", 1: "b2", 2: "c2"}
    board = about(0, 1, 2, sharing=sharing, heads=heads)

    assert columns(board, tree)[3:] == [Column(MERGED)]
    assert path_of(board, tree, Column(MERGED)) == ["q1", "a1", "q2", "m2"]
    assert path_of(board, tree, Column(1)) == ["q1", "b1", "q2", "b2"]
    tree.select("a2")
    assert columns(board, tree) == [Column(0), Column(1), Column(2)]


def test_chosen_answer_of_a_model_that_was_taken_away_stands_last() -> None:
    tree = tree_of(SHARED, "c2")

    assert columns(about(0, 1), tree) == [Column(0), Column(1), Column(2)]
    # To one that was added later the others are told what was chosen: there it stands.
    assert columns(about(0, 3), tree) == [Column(0), Column(3)]


def test_calls_and_results_belong_to_their_answer() -> None:
    tree = tree_of(
        """
        q1 -  1
        a1 q1 1 0
        t1 a1 1 0
        a2 t1 1 0
        b1 q1 1 1
        t2 b1 1 1
        b2 t2 1 1
        q2 a2 2
        """,
        "q2",
    )
    assert path_of(about(0, 1), tree, Column(0)) == ["q1", "a1", "t1", "a2", "q2"]
    assert path_of(about(0, 1), tree, Column(1)) == ["q1", "b1", "t2", "b2", "q2"]
    several = about(0, 1, sharing="several")
    assert told_to(several, tree, 1) == ["q1", "a1", "t1", "a2", "b2", "q2"]


def test_answers_without_turns_belong_together_below_their_prompt() -> None:
    nodes = [
        Node("q1", None, "", "user"),
        Node("a1", "q1", "", "assistant", 0),
        Node("b1", "q1", "", "assistant", 1),
        Node("q2", "a1", "", "user"),
        Node("a2", "q2", "", "assistant", 0),
    ]
    tree = ConversationTree(nodes, "a2")

    assert path_of(about(0, 1), tree, Column(1)) == ["q1", "b1", "q2", "a2"]


def _check(case: Case) -> None:
    board, tree = case.conversation.board, case.tree
    shown = columns(case.conversation, tree)
    assert len({*shown}) == len(shown) >= len(board.slots)
    told = {id_ for slot in board.slots for id_ in told_to(case.conversation, tree, slot)}
    marks = chosen(case.conversation, tree)
    for column in shown:
        path = path_of(case.conversation, tree, column)
        _check_path(case, path)
        for id_ in path:
            if tree[id_].role == "assistant":
                assert marks[id_] == (id_ in told)
        # The end of one whose calls were deleted is no answer of anybody's.
        own = any(tree[id_].slot == column.slot for id_ in answers(tree, path[-1])) if path else 0
        if own and column.slot in board.slots and len(board.slots) > 1:
            assert tree[path[-1]].slot == column.slot
    for slot in board.slots:
        path = told_to(case.conversation, tree, slot)
        assert {*path} <= {node.id for node in tree}
        assert len({*path}) == len(path)
        if board.sharing != "several":
            _check_path(case, path)


def _check_path(case: Case, path: Sequence[str]) -> None:
    """It is visible, in order, and has no two answers to one prompt."""
    tree = case.tree
    assert all(map(tree.visible, path))
    assert len({*path}) == len(path)
    turns = [turn_of(tree, tree[id_]) for id_ in path if tree[id_].role == "user"]
    assert len({*turns}) == len(turns)
    begun = [
        turn_of(tree, tree[id_])
        for id_ in path
        if tree[id_].role == "assistant" and id_ in answers(tree, id_)
    ]
    assert len({*begun}) == len(begun)


@settings(max_examples=60)
@given(cases())
def test_every_path_is_whole_and_ends_with_an_answer_of_its_own(case: Case) -> None:
    _check(case)


@pytest.mark.slow
@settings(max_examples=2_000)
@given(cases())
def test_many_paths_are_whole_and_end_with_an_answer_of_their_own(case: Case) -> None:
    _check(case)


@settings(max_examples=40)
@given(cases(deleting=False))
def test_columns_end_with_the_same_answers_whatever_is_shared(case: Case) -> None:
    tree, board = case.tree, case.conversation.board
    ends = []
    for sharing in ("one", "several"):
        now = replace(case.conversation, board=replace(board, sharing=sharing))
        ends.append([path_of(now, tree, each)[-1] for each in columns(now, tree)])
    assert ends[0] == ends[1]


OWN = """
    q1 -  1
    a1 q1 1 0
    b1 q1 1 1
    q2 a1 2
    a2 q2 2 0
    q3 b1 2
    b2 q3 2 1
"""


def test_turns_are_apart_where_the_columns_show_different_answers() -> None:
    tree = tree_of(OWN, "a2")
    own = about(0, 1, sharing="own", heads={0: "a2", 1: "b2"})
    assert turns_apart(own, tree) == {"1", "2"}
    # Blind, only the newest turn is, where all go on with one answer.
    tree = tree_of(SHARED, "a2")
    one = about(0, 1, 2)
    blind = replace(one, board=replace(one.board, blind=(2, 0, 1)))
    assert turns_apart(one, tree) == {"1", "2"}
    assert turns_apart(blind, tree) == {"2"}
    assert turns_apart(about(0, 1), ConversationTree()) == set()
    assert turns_apart(about(), tree) == set()
