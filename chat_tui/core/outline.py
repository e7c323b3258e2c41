"""A conversation's tree as an outline: one row a message, indented only where it branches."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chat_tui.core.conversation import ConversationTree
from chat_tui.core.safety import clean_line
from chat_tui.core.searchable import fold

_SEARCHED = 20_000
"""Characters of a message that are looked through."""

_BEFORE_MATCH = 30
"""Characters before what was found that stand in a row with it at the most."""

_EXCERPT = 300
"""Characters of a row; no terminal is wider."""

Children = Callable[[str | None], Sequence[str]]
"""What follows a message directly; of None: the roots."""


class OutlineRow(NamedTuple):
    """A message's place in the outline."""

    id: str
    depth: int = 0
    """How many side branches it is in."""
    opens: bool = False
    """Whether a side branch begins with it."""
    version: int = 1
    """Which of those that stand at its place it is, from 1 on."""
    versions: int = 1
    active: bool = False
    """Whether it is on the active path."""
    deleted: bool = False
    """Whether it cannot be seen: deleted itself, or with a branch above it."""


def outline(tree: ConversationTree, *, with_deleted: bool = False) -> list[OutlineRow]:
    """The rows of a tree, from the top on.

    Of several versions at one place the one on the active path (else the newest) goes on straight
    below; the others stand before it as side branches, a step further in. So the active path is
    one straight column, however often an answer was made anew.

    Args:
        tree: of the conversation.
        with_deleted: also what was deleted, at the place where it was said.
    """
    active = set(tree.path())
    if not with_deleted:
        return _rows(tree, tree.children, active, active)
    below: dict[str | None, list[str]] = {}
    for node in tree.stored():
        below.setdefault(node.parent, []).append(node.id)
    straight: set[str] = set()
    for id_ in active:
        at: str | None = id_
        while at is not None and at not in straight:
            straight.add(at)
            at = tree[at].parent
    return _rows(tree, lambda id_: below.get(id_, ()), active, straight)


def _rows(
    tree: ConversationTree, children: Children, active: set[str], straight: set[str]
) -> list[OutlineRow]:
    rows: list[OutlineRow] = []
    waiting: list[OutlineRow] = []

    def wait(parent: str | None, depth: int) -> None:
        """Put what follows a message on the stack, so that the straight way comes last."""
        following = children(parent)
        if not following:
            return
        on = next((id_ for id_ in following if id_ in straight), following[-1])
        placed = [
            OutlineRow(
                id_,
                depth + (id_ != on),
                opens=id_ != on,
                version=version,
                versions=len(following),
                active=id_ in active,
                deleted=not tree.visible(id_),
            )
            for version, id_ in enumerate(following, 1)
        ]
        placed.sort(key=lambda row: row.id == on)
        waiting.extend(reversed(placed))

    wait(None, 0)
    while waiting:
        row = waiting.pop()
        rows.append(row)
        wait(row.id, row.depth)
    return rows


class OutlineTexts:
    """The texts of messages, to find rows by any of their words."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._folded: dict[str, str] = {}

    def __contains__(self, id_: object) -> bool:
        return id_ in self._texts

    def add(self, id_: str, text: str) -> None:
        """Take the text of a message, raw."""
        line = clean_line(text[:_SEARCHED])
        self._texts[id_], self._folded[id_] = line, fold(line)

    def matching(self, rows: Sequence[OutlineRow], words: str) -> list[OutlineRow]:
        """The rows whose messages hold all of the words, in whatever case, without their guides."""
        wanted, texts = fold(words).split(), self._folded
        return [
            row._replace(depth=0, opens=False)
            for row in rows
            if all(word in texts.get(row.id, "") for word in wanted)
        ]

    def excerpt(self, id_: str, words: str) -> str:
        """The part of a message, clean and on one line, in which the first of the words stands."""
        line, folded = self._texts.get(id_, ""), self._folded.get(id_, "")
        places = [at for word in fold(words).split() if (at := folded.find(word)) >= 0]
        at = min(places, default=0)
        begin = line.find(" ", at - _BEFORE_MATCH, at) + 1 if at > _BEFORE_MATCH else 0
        return ("…" if begin else "") + line[begin : begin + _EXCERPT]
