"""A conversation is a tree of messages with one active path; nothing in it is overwritten."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chat_tui.core.context.cut import Cut
from chat_tui.core.measure import measure
from chat_tui.core.messages import ChatMessage, Role
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Target

Extent = Literal["", "message", "branch"]
"""How much was deleted at a place of the tree: nothing, that message alone (what follows moves up
to the message before it), or it and all below. Deleted messages stay stored until they are purged.
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is known of a conversation besides its messages."""

    id: str
    """UUIDv7."""
    title: str = ""
    """Empty until the first exchange gives one."""
    title_by_hand: bool = False
    """Set by the user: never changed automatically again."""
    created: float = 0.0
    updated: float = 0.0
    """Seconds since 1970; of the last message or edit."""
    system_prompt: str = ""
    targets: tuple[Target, ...] = ()
    """The model set: one for a chat, several side by side."""
    policy: str = ""
    """How its context is chosen, as far as it differs from the settings (`context.policy`)."""
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    """Where its requests were trimmed last, by `str(target)`: each model has its own window."""
    tags: tuple[str, ...] = ()
    folder: str = ""
    pinned: bool = False
    archived: bool = False
    head: str | None = None
    """The leaf of the active path; None while empty."""
    heads: Mapping[int, str] = field(default_factory=dict)
    """Slot → its newest message: where each model's own thread ends."""
    board: Board = field(default_factory=Board)
    """How it is asked and shown side by side."""
    favourite: str | None = None
    """The leaf of the path that the user marked as the favourite one."""
    deleted: float | None = None
    """When it was deleted; it can be had back until it is purged."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of an import that this app does not know."""

    @property
    def target(self) -> Target:
        """Whom prompts go to that are asked of one model alone; there must be `targets`."""
        alone = self.board.alone
        return self.targets[alone if alone < len(self.targets) else 0]


class ConversationSummary(NamedTuple):
    """A row of the list of conversations."""

    id: str
    title: str
    updated: float
    pinned: bool
    model: str
    """Of the target that is asked alone; empty while unknown."""


class Node(NamedTuple):
    """A message's place in the tree and its size: all that is read to open a conversation."""

    id: str
    parent: str | None
    turn: str
    role: Role
    slot: int = 0
    lines: int = 0
    cells: int = 0
    deleted: Extent = ""


def node_of(message: ChatMessage) -> Node:
    """The node of a message, with its text measured."""
    lines, cells = measure(message.text)
    return Node(message.id, message.parent, message.turn, message.role, message.slot, lines, cells)


class ConversationTree:
    """The messages of one conversation as a tree: who follows whom, and which path is active.

    Deleted messages are in it too (`len`, `in`, `[]` and `stored` know them), but out of sight:
    all else sees the visible tree alone. There what followed a message that was deleted alone
    follows the message before it.

    Args:
        nodes: in an order in which parents come before their children.
        head: the leaf of the active path. None, or one that is lost, takes the newest message;
            one that is deleted, the leaf below the message before it.

    Raises:
        ValueError: an id comes twice, or a parent is missing.
    """

    def __init__(self, nodes: Iterable[Node] = (), head: str | None = None) -> None:
        self._nodes: dict[str, Node] = {}
        self._above: dict[str, str | None] = {}
        """Each message → the visible one nearest above it."""
        self._children: dict[str | None, list[str]] = {}
        """Visible messages, below the visible one that they follow."""
        self._hidden: set[str] = set()
        self._cut: set[str] = set()
        """Those of the hidden ones that are deleted with a branch."""
        self._looked: dict[str, int] = {}
        """When a message was on the active path last, counted in moves of the head."""
        self.moves = 0
        """How often the head was set or something looked at: with another active path, or other
        messages out of sight, comes another number."""
        self._head: str | None = None
        for node in nodes:
            self._insert(node)
        if head is None or head not in self._nodes:
            self._head = next(filter(self.visible, reversed(self._nodes)), None)
        elif self.visible(head):
            self._head = head
        else:
            self._head = self.leaf_below(head)
        self._look()

    def __len__(self) -> int:
        """How many are stored, the deleted ones among them."""
        return len(self._nodes)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._nodes

    def __getitem__(self, id_: str) -> Node:
        """A message's place as it is stored; see `parent` for the visible one."""
        return self._nodes[id_]

    def __iter__(self) -> Iterator[Node]:
        """The visible nodes, parents before children."""
        return (node for node in self._nodes.values() if node.id not in self._hidden)

    def stored(self) -> Iterator[Node]:
        """All nodes, the deleted ones among them, parents before children."""
        return iter(self._nodes.values())

    @property
    def head(self) -> str | None:
        """The leaf of the active path; None while there is nothing to see."""
        return self._head

    @property
    def shown(self) -> int:
        """How many messages are visible."""
        return len(self._nodes) - len(self._hidden)

    def visible(self, id_: str | None) -> bool:
        """Whether a message is there and not deleted."""
        return id_ in self._nodes and id_ not in self._hidden

    def nearest(self, id_: str | None) -> str | None:
        """A message itself if it is visible, else the visible one nearest above it."""
        return self._above[id_] if id_ in self._hidden else id_

    def parent(self, id_: str) -> str | None:
        """The visible message before a message."""
        return self._above[id_]

    def children(self, id_: str | None) -> tuple[str, ...]:
        """What follows a message directly, oldest first; of None: the roots."""
        return tuple(self._children.get(id_, ()))

    def siblings(self, id_: str) -> tuple[str, ...]:
        """All that stand at the same place as a message, itself among them, oldest first."""
        return self.children(self._above[id_])

    def path(self, leaf: str | None = None) -> list[str]:
        """The ids from the root to a leaf, by default the head."""
        path: list[str] = []
        at = self.nearest(self._head if leaf is None else leaf)
        while at is not None:
            path.append(at)
            at = self._above[at]
        path.reverse()
        return path

    def leaf_below(self, id_: str | None) -> str | None:
        """The leaf one comes to from a message, by the branches that were looked at last.

        From a deleted one it goes on from the visible one above; from None it begins at the roots.
        None only where nothing is visible.
        """
        at = self.nearest(id_)
        while following := self._children.get(at):
            at = self.latest(following)
        return at

    def latest(self, ids: Sequence[str]) -> str:
        """Of several messages, oldest first, the one that was looked at last; else the newest."""
        return max(reversed(ids), key=lambda each: self._looked.get(each, 0))

    def add(self, node: Node) -> None:
        """Add a message and make it the head."""
        self._insert(node)
        self.select(node.id)

    def add_beside(self, nodes: Iterable[Node], head: str | None) -> None:
        """Add messages that are looked at beside the active path, and make that lead to a message.

        Args:
            nodes: parents before their children.
            head: one of them, or the head that there is.
        """
        for node in nodes:
            self._insert(node)
            self.look_at(node.id)
        self.select(head)

    def look_at(self, id_: str) -> None:
        """Note that a message is looked at, though it is not on the active path."""
        self.moves += 1
        self._looked[id_] = self.moves

    def update(self, node: Node) -> None:
        """Replace a node by one with another size; its place is fixed, and what is deleted.

        Raises:
            ValueError: it stands elsewhere than before.
        """
        known = self._nodes[node.id]
        if known.parent != node.parent:
            raise ValueError(f"message {node.id} cannot move in the tree")
        self._nodes[node.id] = node._replace(deleted=known.deleted)

    def select(self, id_: str | None) -> None:
        """Make the path through a message the active one.

        Through the visible one above it, if it is deleted; any path, if it is None.
        """
        self._move_to(self.leaf_below(id_))

    def mark(self, marks: Mapping[str, Extent]) -> int:
        """Delete messages or bring them back; the head moves where it must.

        Args:
            marks: message → what is deleted there from now on; unknown ones are passed over.

        Returns:
            How many more messages are visible now; negative where some went out of sight.
        """
        before = self.shown
        if self._set_marks(marks):
            self.select(self._head)
        return self.shown - before

    def merge(self, nodes: Iterable[Node]) -> int:
        """Take over what another window added, deleted and brought back.

        The active path stays, as far as it is not deleted.

        Returns:
            How many nodes are new or marked otherwise.
        """
        added, marks = 0, dict[str, Extent]()
        for node in nodes:
            known = self._nodes.get(node.id)
            if known is None:
                self._insert(node)
                added += 1
            elif known.deleted != node.deleted:
                marks[node.id] = node.deleted
        if self._set_marks(marks) or self._head is None:
            self._move_to(self._head if self.visible(self._head) else self.leaf_below(self._head))
        return added + len(marks)

    def _insert(self, node: Node) -> None:
        if node.id in self._nodes:
            raise ValueError(f"message {node.id} is in the tree already")
        if node.parent is not None and node.parent not in self._nodes:
            raise ValueError(f"message {node.id} follows {node.parent}, which is not there")
        self._nodes[node.id] = node
        self._place(node)

    def _place(self, node: Node) -> None:
        """Note where a node stands in the visible tree; those above it are placed already."""
        above = self._above[node.id] = self.nearest(node.parent)
        if node.deleted == "branch" or node.parent in self._cut:
            self._cut.add(node.id)
        elif not node.deleted:
            self._children.setdefault(above, []).append(node.id)
            return
        self._hidden.add(node.id)

    def _set_marks(self, marks: Mapping[str, Extent]) -> bool:
        """Mark nodes and place all anew; tells whether anything changed."""
        known = {id_: extent for id_, extent in marks.items() if id_ in self._nodes}
        changed = {id_: to for id_, to in known.items() if self._nodes[id_].deleted != to}
        for id_, extent in changed.items():
            self._nodes[id_] = self._nodes[id_]._replace(deleted=extent)
        if changed:
            self._children.clear()
            self._hidden.clear()
            self._cut.clear()
            for node in self._nodes.values():
                self._place(node)
        return bool(changed)

    def _move_to(self, id_: str | None) -> None:
        appended = id_ is not None and self._above[id_] == self._head is not None
        self._head = id_
        self._look(alone=appended)

    def _look(self, *, alone: bool = False) -> None:
        """Note that the active path is looked at; `alone`: all but its end was noted before."""
        self.moves += 1
        at = self._head
        while at is not None:
            self._looked[at] = self.moves
            at = None if alone else self._above[at]
