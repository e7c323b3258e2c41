"""The messages of a path as they are known: their places, their texts, what is told of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from chat_tui.core.conversation import Node
from chat_tui.core.messages import ChatMessage
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.transcript.around import Around
from chat_tui.ui.widgets.transcript.cache import MissingTexts
from chat_tui.ui.widgets.transcript.folds import Folding, Folds
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.sending import Sending

_NEARBY = 20
"""Messages on either side of a missing one that are asked for with it."""

_ABOUT = 200
"""Messages before and after the place of one in another column among which its like stands."""


class ShownPath:
    """Messages in their order; of those far from the view only the nodes are known.

    Args:
        keys: those in force.
        options: as the user set them.
        today: tells the day, for times.
    """

    def __init__(
        self, keys: ActiveKeys, options: TranscriptOptions, today: Callable[[], date]
    ) -> None:
        self._keys = keys
        self._today = today
        self._nodes: list[Node] = []
        self._index: dict[str, int] = {}
        self._messages: dict[str, ChatMessage] = {}
        self._mark_of: Callable[[str], str] = unmarked
        self._notes: dict[str, tuple[str, Sequence[str]]] = {}
        self._new = ""
        self._sending = Sending()
        self._alias: Callable[[Node], str] | None = None
        self.missing = MissingTexts()
        """What is near the view and not loaded."""
        self.folds = Folds(options)
        """What is folded; the column's `refold` makes it seen."""

    def __len__(self) -> int:
        return len(self._nodes)

    def id_at(self, index: int) -> str:
        """The id of a message by its place."""
        return self._nodes[index].id

    def node(self, index: int) -> Node:
        """The node of a message by its place."""
        return self._nodes[index]

    def index_of(self, id_: str) -> int | None:
        """The place of a message by its id; None where it is not on this path."""
        return self._index.get(id_)

    def index_like(self, node: Node, about: int) -> int | None:
        """The place of a message, else of the one that stands for it here: of its turn and role.

        Args:
            node: of a message of another column.
            about: its place there, near which it is looked for.
        """
        if (same := self._index.get(node.id)) is not None:
            return same
        like, count = (node.turn, node.role), len(self._nodes)
        # The paths of columns differ by the calls of tools and by summaries: not by much.
        places = (about + away * side for away in range(_ABOUT) for side in (-1, 1))
        inside = (self._nodes[at] for at in places if 0 <= at < count)
        return next(
            (self._index[each.id] for each in inside if (each.turn, each.role) == like), None
        )

    def same_as(self, path: Sequence[str]) -> int:
        """How many messages of a path stand here, from the first one on."""
        both = enumerate(zip(self._nodes, path, strict=False))
        other = (at for at, (node, id_) in both if node.id != id_)
        return next(other, min(len(self._nodes), len(path)))

    def message(self, index: int) -> ChatMessage | None:
        """A message by its place, as it came or ended; None where it is not loaded."""
        return self._messages.get(self._nodes[index].id)

    def unfinished(self) -> tuple[str, ...]:
        """The loaded messages that are still streaming."""
        return tuple(
            id_ for id_, message in self._messages.items() if message.status == "streaming"
        )

    @property
    def new(self) -> int | None:
        """The first message that was marked as not seen yet."""
        return self._index.get(self._new)

    # For the column

    def _begin(self, nodes: Sequence[Node], mark_of: Callable[[str], str]) -> None:
        self._messages.clear()
        self._notes.clear()
        self.missing.clear()
        self.folds.clear()
        self._new = ""
        self._sending = Sending()
        self._mark_of = mark_of
        self._nodes = list(nodes)
        self._index = {node.id: index for index, node in enumerate(self._nodes)}

    def _add(self, node: Node) -> None:
        self._index[node.id] = len(self._nodes)
        self._nodes.append(node)

    def _cut(self, index: int) -> list[str]:
        """Take messages away from a place on; gives their ids."""
        gone = [node.id for node in self._nodes[index:]]
        for id_ in gone:
            self._messages.pop(id_, None)
            del self._index[id_]
        del self._nodes[index:]
        return gone

    def _around(self, index: int) -> Around:
        """What is told around a message."""
        id_ = self._nodes[index].id
        return Around(
            mark=self._mark_of(id_),
            keys=self._keys if index == len(self._nodes) - 1 else None,
            fold_key=self._keys.shown("fold"),
            today=self._today() if self.folds.options.timestamps else None,
            new=id_ == self._new,
            sending=self._sending,
            covered=self._covered(id_),
            alias=self._alias(self._nodes[index]) if self._alias is not None else "",
        )

    def _covered(self, id_: str) -> int:
        """How many messages of this path a summary stands for."""
        message = self._messages.get(id_)
        if message is None or message.covers is None:
            return 0
        first, last = map(self._index.get, message.covers)
        if first is None or last is None:
            return 0
        # Earlier summaries among them stand for others of them.
        return sum(node.role != "system" for node in self._nodes[first : last + 1])

    def _folding(self, index: int) -> Folding:
        node = self._nodes[index]
        return self.folds.of(node.id, node.role)

    def _miss(self, index: int) -> None:
        near = range(max(index - _NEARBY, 0), min(index + _NEARBY, len(self._nodes)))
        self.missing.want(id_ for at in near if (id_ := self._nodes[at].id) not in self._messages)

    def _loaded(self, messages: Iterable[ChatMessage]) -> Iterable[ChatMessage]:
        """Of messages that came, those that are on this path."""
        for message in messages:
            self.missing.forget_asked([message.id])
            if message.id in self._index:
                yield message


def unmarked(_id: str) -> str:
    """Nothing to be shown in a heading."""
    return ""
