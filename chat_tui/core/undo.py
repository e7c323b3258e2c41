"""What was changed in a conversation, so that it can be taken back and done again.

Nothing is ever overwritten: taking back marks messages as deleted, doing again brings them back.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import Extent

Kind = Literal[
    "send",
    "edit",
    "regenerate",
    "continue",
    "revise",
    "compact",
    "delete",
    "delete-branch",
    "restore",
    "fork",
    "select",
    "favourite",
    "merge",
]

MAX_CHANGES = 100
"""Changes of one conversation that can be taken back."""


@dataclass(frozen=True, slots=True)
class Side:
    """How a conversation stands on one side of a change, as far as the change is about it."""

    head: str | None
    favourite: str | None
    marks: Mapping[str, Extent] = field(default_factory=dict)
    """Message → what is deleted there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a conversation, with what it takes to go back and forth."""

    kind: Kind
    before: Side
    after: Side
    at: float
    """When, in seconds since 1970."""
    count: int = 0
    """How many messages went out of sight with it; of `restore`, how many came back."""
    made: str = ""
    """Of `fork`: the new conversation."""
    prompt: Prompt = field(default_factory=Prompt)
    """Of `send` and `edit`: the prompt that is gone when it is taken back."""


class UndoStack:
    """The changes that can be taken back, and those that can be done again."""

    def __init__(self) -> None:
        self._done: deque[Change] = deque(maxlen=MAX_CHANGES)
        self._undone: list[Change] = []

    @property
    def undoable(self) -> Change | None:
        """The change that would be taken back next."""
        return self._done[-1] if self._done else None

    @property
    def redoable(self) -> Change | None:
        """The change that would be done again next."""
        return self._undone[-1] if self._undone else None

    def record(self, change: Change) -> None:
        """Note a change; what was taken back before cannot be done again from here on.

        Looking at several branches one after the other is one change.
        """
        self._undone.clear()
        last = self.undoable
        if last is not None and last.kind == change.kind == "select":
            self._done.pop()
            change = replace(change, before=last.before)
            if change.before.head == change.after.head:
                return
        self._done.append(change)

    def replace(self, change: Change, by: Change) -> None:
        """Put another change in the place of one that turned out to be more than was known."""
        if change in self._done:
            self._done[self._done.index(change)] = by

    def step(self, *, back: bool) -> None:
        """Note that the last change was taken back, or that it was done again."""
        if back:
            self._undone.append(self._done.pop())
        else:
            self._done.append(self._undone.pop())

    def drop(self, change: Change) -> None:
        """Forget a change that can neither be taken back nor done again any more."""
        for changes in (self._done, self._undone):
            if change in changes:
                changes.remove(change)
