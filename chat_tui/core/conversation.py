"""A conversation is a tree of messages with one active path; nothing in it is overwritten."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chat_tui.core.measure import measure
from chat_tui.core.messages import ChatMessage, Role
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
    """What to do when the context overflows; empty for the default."""
    tags: tuple[str, ...] = ()
    folder: str = ""
    pinned: bool = False
    archived: bool = False
    head: str | None = None
    """The leaf of the active path; None while empty."""
    heads: Mapping[int, str] = field(default_factory=dict)
    """Slot → message, where each model keeps its own thread."""
    favourite: str | None = None
    """The leaf of the path that the user marked as the favourite one."""
    deleted: float | None = None
    """When it was deleted; it can be had back until it is purged."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields of an import that this app does not know."""


class ConversationSummary(NamedTuple):
    """A row of the list of conversations."""

    id: str
    title: str
    updated: float
    pinned: bool
    model: str
    """Of the first target; empty while unknown."""


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

    Args:
        nodes: in an order in which parents come before their children.
        head: the leaf of the active path; None, or one that is lost, takes the newest leaf.

    Raises:
        ValueError: an id comes twice, or a parent is missing.
    """

    def __init__(self, nodes: Iterable[Node] = (), head: str | None = None) -> None:
        self._nodes: dict[str, Node] = {}
        self._children: dict[str | None, list[str]] = {}
        self._chosen: dict[str | None, str] = {}
        self._head: str | None = None
        for node in nodes:
            self._insert(node)
        if head is not None and head in self._nodes:
            self._move_to(head)
        elif self._nodes:
            self._move_to(next(reversed(self._nodes)))

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._nodes

    def __getitem__(self, id_: str) -> Node:
        return self._nodes[id_]

    def __iter__(self) -> Iterator[Node]:
        """All nodes, parents before children."""
        return iter(self._nodes.values())

    @property
    def head(self) -> str | None:
        """The leaf of the active path."""
        return self._head

    def add(self, node: Node) -> None:
        """Add a message and make it the head."""
        self._insert(node)
        self._move_to(node.id)

    def merge(self, nodes: Iterable[Node]) -> int:
        """Take over nodes that another window added; the active path stays. Gives how many."""
        added = 0
        for node in nodes:
            if node.id not in self._nodes:
                self._insert(node)
                added += 1
        return added

    def update(self, node: Node) -> None:
        """Replace a node by one with another size; its place is fixed.

        Raises:
            ValueError: it stands elsewhere than before.
        """
        if self._nodes[node.id].parent != node.parent:
            raise ValueError(f"message {node.id} cannot move in the tree")
        self._nodes[node.id] = node

    def path(self, leaf: str | None = None) -> list[str]:
        """The ids from the root to a leaf, by default the head."""
        path: list[str] = []
        at = self._head if leaf is None else leaf
        while at is not None:
            path.append(at)
            at = self._nodes[at].parent
        path.reverse()
        return path

    def children(self, id_: str | None) -> tuple[str, ...]:
        """What follows a message directly, oldest first; of None: the roots."""
        return tuple(self._children.get(id_, ()))

    def siblings(self, id_: str) -> tuple[str, ...]:
        """All that stand at the same place as a message, itself among them, oldest first."""
        return self.children(self._nodes[id_].parent)

    def leaf_below(self, id_: str) -> str:
        """The leaf one comes to from a message, by the branches that were looked at last."""
        while following := self._children.get(id_):
            id_ = self._chosen.get(id_, following[-1])
        return id_

    def select(self, id_: str) -> None:
        """Make the path through a message the active one."""
        self._move_to(self.leaf_below(id_))

    def rewind(self, id_: str | None) -> None:
        """Make a message the head itself, so that the next one starts a branch below it."""
        if id_ is not None:
            self._move_to(id_)
        else:
            self._head = None

    def _insert(self, node: Node) -> None:
        if node.id in self._nodes:
            raise ValueError(f"message {node.id} is in the tree already")
        if node.parent is not None and node.parent not in self._nodes:
            raise ValueError(f"message {node.id} follows {node.parent}, which is not there")
        self._nodes[node.id] = node
        self._children.setdefault(node.parent, []).append(node.id)

    def _move_to(self, id_: str) -> None:
        parent = self._nodes[id_].parent
        appended = parent is not None and parent == self._head
        self._head = id_
        self._chosen[parent] = id_
        if appended:
            # The choices above were made when the parent became the head.
            return
        while parent is not None:
            above = self._nodes[parent].parent
            self._chosen[above] = parent
            parent = above
