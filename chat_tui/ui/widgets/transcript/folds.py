"""Which messages are folded, and how much of them is shown then."""

from typing import Literal, NamedTuple

from chat_tui.core.conversation import Node
from chat_tui.core.messages import Role
from chat_tui.ui.widgets.transcript.options import TranscriptOptions

_SHOWN_OF_LONG = 10
"""Lines that are shown of a long prompt."""

_LONG_ONES: frozenset[Role] = frozenset({"user", "tool"})
"""Whose long messages are folded unasked: what an answer says is what one came for."""

_FRAME_LINES = 3
"""Lines of a message that are not its text: the heading and the blank below, and one to spare."""

_Body = Literal["auto", "open", "brief"]
"""As the settings have it, whole, or one line."""


class Folding(NamedTuple):
    """How much of a message is shown."""

    details: bool = False
    """Reasoning and tool calls whole."""
    most: int | None = None
    """Lines that are shown of a text that has more than `above`; None: all."""
    above: int = 0
    brief: bool = False
    """Folded by hand: nothing but the beginning is shown."""
    documents: int = 0
    """Documents as a line each, with their beginnings (1), or whole (2)."""
    thumbnails: bool = True
    """Pictures as thumbnails; else as a line each."""

    def shown(self, lines: int) -> int:
        """How many of a text's lines are shown."""
        return lines if self.most is None or lines <= self.above else self.most


class Folds:
    """What is folded in a transcript: by the options, or by hand.

    Args:
        options: as the user set them.
    """

    def __init__(self, options: TranscriptOptions) -> None:
        self.options = options
        """They may change at any time; what was folded by hand stays."""
        self.all_brief = False
        """Whether all messages are folded that were not unfolded since."""
        self.put_away: frozenset[str] = frozenset()
        """Messages that are folded to their first line unless they were unfolded."""
        self._details: dict[str, bool] = {}
        self._bodies: dict[str, _Body] = {}
        self._documents: dict[str, int] = {}

    def of(self, id_: str, role: Role) -> Folding:
        """How much of a message is shown."""
        body, most = self._body(id_), self.options.fold_lines
        if body == "brief":
            return Folding(most=1, above=1, brief=True)
        details = self._details.get(id_, not self.options.fold_reasoning)
        shown = Folding(
            details, documents=self._documents.get(id_, 0), thumbnails=self.options.pictures
        )
        if body == "auto" and most > 0 and role in _LONG_ONES:
            return shown._replace(most=min(most, _SHOWN_OF_LONG), above=most)
        return shown

    @property
    def by_hand(self) -> frozenset[str]:
        """The messages of which other parts are shown than of others of their role."""
        return self.put_away.union(self._bodies)

    def usual(self, role: Role) -> Folding:
        """How much is shown of all others of a role."""
        return self.of("", role)

    def is_long(self, role: Role, lines: int) -> bool:
        """Whether a text is folded unasked."""
        return role in _LONG_ONES and 0 < self.options.fold_lines < lines

    def toggle(self, id_: str, *, folded: bool, long: bool, documents: int = 0) -> None:
        """Unfold a message, or fold it again; of a short one its details.

        Args:
            id_: the message.
            folded: whether a part of its text is hidden now.
            long: whether its text is one that is folded unasked.
            documents: in how many steps its documents are unfolded after its text.
        """
        unfolded = self._documents.pop(id_, 0)
        if folded or self._body(id_) == "brief":
            self._bodies[id_] = "open"
        elif unfolded < documents:
            self._documents[id_] = unfolded + 1
        elif long:
            self._bodies[id_] = "auto"
        elif not documents:
            self._details[id_] = not self._details.get(id_, not self.options.fold_reasoning)

    def toggle_message(self, id_: str, *, folded: bool) -> None:
        """Fold a message to its first line, or show it whole; `folded` as above."""
        whole = folded or self._body(id_) == "brief"
        self._bodies[id_] = "open" if whole else "brief"

    def toggle_all(self) -> None:
        """Fold all messages, or show all as they were at first."""
        self.all_brief = not self.all_brief
        self._bodies.clear()
        self._documents.clear()

    def reveal(self, id_: str, *, details: bool) -> None:
        """Show a message whole, with its reasoning and calls or as those are."""
        self._bodies[id_] = "open"
        if details:
            self._details[id_] = True

    def clear(self) -> None:
        """Begin with other messages."""
        self.all_brief = False
        self.put_away = frozenset()
        self._details.clear()
        self._bodies.clear()
        self._documents.clear()

    def _body(self, id_: str) -> _Body:
        brief = self.all_brief or id_ in self.put_away
        return self._bodies.get(id_, "brief" if brief else "auto")


def estimated(node: Node, width: int, folding: Folding) -> int:
    """The lines that a message takes, guessed from its size.

    Args:
        node: of the message.
        width: cells of a line of its text.
        folding: how much of it is shown.
    """
    lines = node.lines + node.cells // width
    shown = folding.shown(lines)
    return _FRAME_LINES - folding.brief + shown + (shown < lines and folding.brief)
