"""The tree of a conversation: nothing is lost from it, whatever is done to it."""

import random
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat_tui.core.conversation import ConversationTree, Node, node_of
from chat_tui.core.messages import ChatMessage, text_parts


def node(id_: str, parent: str | None = None, lines: int = 1) -> Node:
    return Node(id_, parent, "turn", "user", 0, lines, 10)


def tree(*links: str) -> ConversationTree:
    """A tree from links, such as `a`, `a>b`."""
    made = ConversationTree()
    for link in links:
        parent, _, id_ = link.rpartition(">")
        made.add(node(id_, parent or None))
    return made


class TreeMachine(RuleBasedStateMachine):
    """Any sequence of operations, compared with a model: a plain list of what was added."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = ConversationTree()
        self.added: list[Node] = []
        self.looked_at: dict[str | None, str] = {}
        """Under each message the child that was on the active path last."""
        self.count = 0

    def _made(self, parent: str | None) -> Node:
        self.count += 1
        made = node(f"m{self.count}", parent)
        self.added.append(made)
        return made

    def _any(self, pick: int) -> str:
        return self.added[pick % len(self.added)].id

    def _look(self) -> None:
        above: str | None = None
        for id_ in self.tree.path():
            self.looked_at[above] = id_
            above = id_

    @initialize(links=st.lists(st.integers(-1, 20), max_size=6), pick=st.none() | st.integers(0, 9))
    def open(self, links: list[int], pick: int | None) -> None:
        for link in links:
            self._made(self._any(link) if self.added and link >= 0 else None)
        head = self._any(pick) if self.added and pick is not None else None
        self.tree = ConversationTree(self.added, head)
        if self.added:
            assert self.tree.head == (head or self.added[-1].id)
        self._look()

    @rule()
    def add_at_the_head(self) -> None:
        made = self._made(self.tree.head)
        self.tree.add(made)
        assert self.tree.head == made.id
        self._look()

    @precondition(lambda self: self.added)
    @rule(pick=st.integers(0, 99))
    def add_a_branch(self, pick: int) -> None:
        made = self._made(self._any(pick))
        self.tree.add(made)
        assert self.tree.head == made.id
        self._look()

    @precondition(lambda self: self.added)
    @rule(pick=st.integers(0, 99))
    def select(self, pick: int) -> None:
        id_ = self._any(pick)
        self.tree.select(id_)
        path = self.tree.path()
        assert id_ in path
        assert self.tree.children(self.tree.head) == ()
        for above, below in pairwise(path):
            if path.index(above) >= path.index(id_):
                newest = self.tree.children(above)[-1]
                assert below == self.looked_at.get(above, newest)
        self._look()

    @precondition(lambda self: self.added)
    @rule(pick=st.integers(0, 99))
    def rewind(self, pick: int) -> None:
        id_ = self._any(pick)
        self.tree.rewind(id_)
        assert self.tree.head == id_
        self._look()

    @rule()
    def rewind_to_the_start(self) -> None:
        self.tree.rewind(None)
        assert self.tree.path() == []

    @precondition(lambda self: self.added)
    @rule(picks=st.lists(st.integers(0, 99), max_size=4))
    def merge(self, picks: list[int]) -> None:
        head, path, before = self.tree.head, self.tree.path(), len(self.added)
        for pick in picks:
            self._made(self._any(pick))
        assert self.tree.merge(self.added) == len(self.added) - before
        assert (self.tree.head, self.tree.path()) == (head, path)

    @precondition(lambda self: self.added)
    @rule(pick=st.integers(0, 99), lines=st.integers(0, 50))
    def update(self, pick: int, lines: int) -> None:
        place = pick % len(self.added)
        self.added[place] = self.added[place]._replace(lines=lines)
        self.tree.update(self.added[place])

    @precondition(lambda self: self.added)
    @rule(pick=st.integers(0, 99))
    def refuse_what_would_break_it(self, pick: int) -> None:
        known = self.added[pick % len(self.added)]
        with pytest.raises(ValueError, match="already"):
            self.tree.add(known)
        with pytest.raises(ValueError, match="not there"):
            self.tree.add(node("orphan", "nobody"))
        with pytest.raises(ValueError, match="cannot move"):
            self.tree.update(known._replace(parent="nobody"))

    @invariant()
    def nothing_is_lost(self) -> None:
        assert len(self.tree) == len(self.added)
        assert list(self.tree) == self.added
        assert all(made.id in self.tree and self.tree[made.id] == made for made in self.added)

    @invariant()
    def parents_come_first(self) -> None:
        seen: set[str | None] = {None}
        for made in self.tree:
            assert made.parent in seen
            seen.add(made.id)

    @invariant()
    def children_keep_their_order(self) -> None:
        for parent in (None, *(made.id for made in self.added)):
            expected = tuple(made.id for made in self.added if made.parent == parent)
            assert self.tree.children(parent) == expected
            for id_ in expected:
                assert self.tree.siblings(id_) == expected

    @invariant()
    def path_ends_at_the_head(self) -> None:
        path = self.tree.path()
        assert path[-1:] == ([self.tree.head] if self.tree.head else [])
        for above, below in zip([None, *path], path, strict=False):
            assert self.tree[below].parent == above

    @invariant()
    def it_can_be_opened_again(self) -> None:
        if self.tree.head is None:
            return
        opened = ConversationTree(self.tree, self.tree.head)
        assert list(opened) == list(self.tree)
        assert opened.path() == self.tree.path()


TreeMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=30)
TestAnyOperations = TreeMachine.TestCase


def test_head_is_the_newest_leaf_when_none_is_named() -> None:
    nodes = [node("a"), node("b", "a"), node("c", "a")]

    assert ConversationTree(nodes).path() == ["a", "c"]


def test_head_is_the_newest_leaf_when_the_stored_one_is_lost() -> None:
    assert ConversationTree([node("a"), node("b", "a")], "gone").path() == ["a", "b"]


def test_empty_tree_has_no_path() -> None:
    made = ConversationTree()

    assert (made.head, made.path(), made.children(None), len(made)) == (None, [], (), 0)


def test_edit_of_the_first_message_becomes_its_sibling() -> None:
    made = tree("a", "a>b")

    made.rewind(None)
    made.add(node("a2"))

    assert made.siblings("a") == ("a", "a2")
    assert made.path() == ["a2"]


def test_select_comes_back_to_the_branch_that_was_looked_at_last() -> None:
    made = tree("a", "a>b", "b>c", "b>d", "d>e", "a>x", "x>y")
    made.select("c")

    made.select("x")
    assert made.path() == ["a", "x", "y"]
    made.select("b")
    assert made.path() == ["a", "b", "c"]


def test_merged_answer_does_not_change_what_is_looked_at() -> None:
    made = tree("a", "a>b")

    assert made.merge([node("a"), node("b", "a"), node("other", "a"), node("more", "other")]) == 2

    assert made.path() == ["a", "b"]
    assert made.siblings("b") == ("b", "other")


def test_path_to_any_leaf_can_be_asked_for() -> None:
    assert tree("a", "a>b", "a>c").path("b") == ["a", "b"]


def test_ten_thousand_messages_are_walked_without_recursion() -> None:
    nodes = [node("0")] + [node(str(i), str(i - 1)) for i in range(1, 10_000)]

    made = ConversationTree(nodes, "0")
    made.select("0")

    assert len(made.path()) == 10_000


def test_random_trees_list_every_message_under_exactly_one_parent() -> None:
    hand = random.Random(7)
    made = ConversationTree()
    for number in range(300):
        parent = str(hand.randrange(number)) if number and hand.random() < 0.9 else None
        made.add(node(str(number), parent))

    listed = [id_ for parent in (None, *(n.id for n in made)) for id_ in made.children(parent)]

    assert sorted(listed, key=int) == [str(number) for number in range(300)]


def test_node_holds_place_and_size_of_a_message() -> None:
    message = ChatMessage("b", "assistant", text_parts("one\n二"), "a", "turn", slot=2)

    assert node_of(message) == Node("b", "a", "turn", "assistant", 2, 2, 5)
