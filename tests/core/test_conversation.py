"""The tree of a conversation: nothing is lost from it, whatever is done to it."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat_tui.core.conversation import ConversationTree, Extent, Node, node_of
from chat_tui.core.messages import ChatMessage, text_parts
from tests.examples import examples

EXTENTS = st.sampled_from(("", "", "message", "branch"))
"""What is deleted at a message: mostly nothing."""


def node(id_: str, parent: str | None = None, lines: int = 1) -> Node:
    return Node(id_, parent, "turn", "user", 0, lines, 10)


def tree(*links: str) -> ConversationTree:
    """A tree from links, such as `a`, `a>b`."""
    made = ConversationTree()
    for link in links:
        parent, _, id_ = link.rpartition(">")
        made.add(node(id_, parent or None))
    return made


class Reference:
    """What a tree should look like, worked out anew from all nodes, however long it takes."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = {made.id: made for made in nodes}

    def above(self, id_: str) -> list[str]:
        """All messages above one, the nearest first."""
        parent = self._nodes[id_].parent
        return [] if parent is None else [parent, *self.above(parent)]

    def visible(self, id_: str) -> bool:
        cut = any(self._nodes[above].deleted == "branch" for above in self.above(id_))
        return not cut and not self._nodes[id_].deleted

    def parent(self, id_: str) -> str | None:
        return next(filter(self.visible, self.above(id_)), None)

    def nearest(self, id_: str | None) -> str | None:
        return id_ if id_ is None or self.visible(id_) else self.parent(id_)

    def shown(self) -> list[Node]:
        return [made for made in self._nodes.values() if self.visible(made.id)]

    def children(self, id_: str | None) -> tuple[str, ...]:
        return tuple(made.id for made in self.shown() if self.parent(made.id) == id_)

    def leaf_below(self, id_: str | None, looked_at: dict[str, int]) -> str | None:
        order = list(self._nodes)
        at = self.nearest(id_)
        while following := self.children(at):
            at = max(following, key=lambda each: (looked_at.get(each, 0), order.index(each)))
        return at


class TreeMachine(RuleBasedStateMachine):
    """Any sequence of operations, compared with a model: a plain list of what was added."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = ConversationTree()
        self.added: list[Node] = []
        self.looked_at: dict[str, int] = {}
        """When each message was on the active path last."""
        self.steps = 0
        self.count = 0

    @property
    def reference(self) -> Reference:
        return Reference(self.added)

    def _made(self, parent: str | None, deleted: Extent = "") -> Node:
        self.count += 1
        made = node(f"m{self.count}", parent)._replace(deleted=deleted)
        self.added.append(made)
        return made

    def _any(self, pick: int) -> str:
        return self.added[pick % len(self.added)].id

    def _marked(self, picks: dict[int, Extent]) -> dict[str, Extent]:
        """Mark some nodes of the model."""
        marks = {self._any(pick): extent for pick, extent in picks.items()}
        self.added = [
            made._replace(deleted=marks.get(made.id, made.deleted)) for made in self.added
        ]
        return marks

    def _look(self) -> None:
        self.steps += 1
        self.looked_at |= dict.fromkeys(self.tree.path(), self.steps)

    @initialize(
        links=st.lists(st.tuples(st.integers(-1, 20), EXTENTS), max_size=6),
        pick=st.none() | st.integers(0, 9),
    )
    def open(self, links: list[tuple[int, Extent]], pick: int | None) -> None:
        for link, extent in links:
            self._made(self._any(link) if self.added and link >= 0 else None, extent)
        head = self._any(pick) if self.added and pick is not None else None
        self.tree = ConversationTree(self.added, head)
        shown = self.reference.shown()
        if head is None:
            assert self.tree.head == (shown[-1].id if shown else None)
        elif self.reference.visible(head):
            assert self.tree.head == head
        else:
            assert self.tree.head == self.reference.leaf_below(head, {})
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
        assert self.tree.head == self.reference.leaf_below(made.id, self.looked_at)
        self._look()

    @precondition(lambda self: self.added)
    @rule(pick=st.none() | st.integers(0, 99))
    def select(self, pick: int | None) -> None:
        id_ = None if pick is None else self._any(pick)
        expected = self.reference.leaf_below(id_, self.looked_at)
        assert self.tree.leaf_below(id_) == expected
        self.tree.select(id_)
        assert self.tree.head == expected
        self._look()

    @precondition(lambda self: self.added)
    @rule(picks=st.dictionaries(st.integers(0, 99), EXTENTS, max_size=3))
    def mark(self, picks: dict[int, Extent]) -> None:
        before, shown, head = self.added, self.tree.shown, self.tree.head
        marks = self._marked(picks)
        assert self.tree.mark({**marks, "nobody": "branch"}) == self.tree.shown - shown
        if before == self.added:
            assert self.tree.head == head
        else:
            assert self.tree.head == self.reference.leaf_below(head, self.looked_at)
        self._look()

    @precondition(lambda self: self.added)
    @rule(
        links=st.lists(st.tuples(st.integers(0, 99), EXTENTS), max_size=4),
        picks=st.dictionaries(st.integers(0, 99), EXTENTS, max_size=2),
    )
    def merge(self, links: list[tuple[int, Extent]], picks: dict[int, Extent]) -> None:
        head, before = self.tree.head, self.added
        self._marked(picks)
        changed = sum(one != other for one, other in zip(before, self.added, strict=True))
        for link, extent in links:
            self._made(self._any(link), extent)
        assert self.tree.merge(self.added) == changed + len(links)
        if head is not None and self.reference.visible(head):
            assert self.tree.head == head
        else:
            assert self.tree.head == self.reference.leaf_below(head, self.looked_at)
        self._look()

    @precondition(lambda self: self.added)
    @rule(pick=st.integers(0, 99), lines=st.integers(0, 50))
    def update(self, pick: int, lines: int) -> None:
        place = pick % len(self.added)
        self.added[place] = self.added[place]._replace(lines=lines)
        self.tree.update(self.added[place]._replace(deleted=""))

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
        assert list(self.tree.stored()) == self.added
        assert all(made.id in self.tree and self.tree[made.id] == made for made in self.added)

    @invariant()
    def it_shows_what_is_not_deleted(self) -> None:
        reference = self.reference
        assert list(self.tree) == reference.shown()
        assert self.tree.shown == len(reference.shown())
        for made in self.added:
            assert self.tree.visible(made.id) == reference.visible(made.id)
            assert self.tree.parent(made.id) == reference.parent(made.id)
            assert self.tree.nearest(made.id) == reference.nearest(made.id)

    @invariant()
    def children_keep_their_order(self) -> None:
        for parent in (None, *(made.id for made in self.added)):
            expected = self.reference.children(parent)
            assert self.tree.children(parent) == expected
            for id_ in expected:
                assert self.tree.siblings(id_) == expected

    @invariant()
    def path_ends_at_the_head(self) -> None:
        path = self.tree.path()
        assert (self.tree.head is None) == (self.tree.shown == 0)
        assert path[-1:] == ([self.tree.head] if self.tree.head else [])
        for above, below in zip([None, *path], path, strict=False):
            assert self.tree.visible(below)
            assert self.tree.parent(below) == above

    @invariant()
    def it_can_be_opened_again(self) -> None:
        opened = ConversationTree(self.tree.stored(), self.tree.head)
        assert list(opened) == list(self.tree)
        assert opened.path() == self.tree.path()


TreeMachine.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=20)
TestAnyOperations = TreeMachine.TestCase


def test_head_is_the_newest_leaf_when_none_is_named() -> None:
    nodes = [node("a"), node("b", "a"), node("c", "a")]

    assert ConversationTree(nodes).path() == ["a", "c"]


def test_head_is_the_newest_leaf_when_the_stored_one_is_lost() -> None:
    assert ConversationTree([node("a"), node("b", "a")], "gone").path() == ["a", "b"]


def test_empty_tree_has_no_path() -> None:
    made = ConversationTree()

    assert (made.head, made.path(), made.children(None), len(made)) == (None, [], (), 0)


def test_other_version_of_the_first_message_becomes_its_sibling() -> None:
    made = tree("a", "a>b")

    made.add(node("a2"))

    assert made.siblings("a") == ("a", "a2")
    assert made.path() == ["a2"]
    made.select("a")
    assert made.path() == ["a", "b"]


def test_message_deleted_alone_leaves_its_place_to_what_follows() -> None:
    made = tree("a", "a>b", "b>c", "c>d", "b>e", "a>f")
    made.select("c")

    assert made.mark({"b": "message"}) == -1

    assert made.path() == ["a", "c", "d"]
    assert made.siblings("c") == ("c", "e", "f")
    assert made["c"].parent == "b", "nothing is stored anew"
    assert made.mark({"b": ""}) == 1
    assert made.path() == ["a", "b", "c", "d"]


def test_deleted_branch_hides_all_below_and_the_head_moves_to_what_is_left() -> None:
    made = tree("a", "a>b", "b>c", "a>x", "x>y", "b>d")

    assert made.mark({"b": "branch"}) == -3

    assert made.path() == ["a", "x", "y"]
    assert made.mark({"a": "branch"}) == -3
    assert (made.head, made.path(), list(made), len(made)) == (None, [], [], 6)


def test_what_is_added_below_a_deleted_branch_stays_out_of_sight() -> None:
    made = tree("a", "a>b")
    made.mark({"b": "branch"})

    assert made.merge([node("a"), node("b", "a")._replace(deleted="branch"), node("c", "b")]) == 1

    assert made.path() == ["a"]
    assert not made.visible("c")


def test_merge_into_a_tree_with_nothing_to_see_shows_what_came() -> None:
    made = tree("a")
    made.mark({"a": "message"})

    made.merge([node("a")._replace(deleted="message"), node("b", "a"), node("c", "b")])

    assert made.path() == ["b", "c"]


def test_reply_of_a_prompt_that_was_deleted_meanwhile_can_still_grow() -> None:
    made = tree("a", "a>b", "b>c")
    made.mark({"b": "message"})

    made.update(node("c", "b", lines=9))

    assert made["c"].lines == 9
    assert made.path() == ["a", "c"]


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
