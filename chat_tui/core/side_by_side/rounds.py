"""Rounds: one prompt, asked of several models at once, each answer in a generator of its own."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.events import TurnEvent
from chat_tui.core.messages import ChatMessage
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

if TYPE_CHECKING:
    from chat_tui.core.manager import ConversationManager


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """The prompt is stored, and so is an empty reply for each slot."""

    conversation: str
    prompts: Mapping[int, ChatMessage]
    """Slot → its prompt; the same one where they share it, none where an answer is made anew."""
    replies: Mapping[int, ChatMessage]
    """Slot → its reply; of one that cannot be asked (no key, too small a window) it has ended with
    its error already."""
    plans: Mapping[int, ContextPlan] = field(default_factory=dict)
    """Slot → what is sent, of those that are asked."""


class Round:
    """One prompt on its way to several models.

    `begin` first, once; then `events` of every slot that is asked, each consumed by a task of its
    own under `contextlib.aclosing`. Slots are independent: one that fails, is stopped or is retried
    leaves the others alone. A round whose events are not consumed must be given up with `aclose`.
    """

    slots: tuple[int, ...]
    """Those that are asked."""

    async def begin(self) -> RoundStarted | None:
        """Plan for each slot, then store prompts and empty replies in one durable step.

        A slot that cannot be asked gets a reply with the error, and the others go on. None where it
        was stopped while it was planned: nothing is stored then.

        Raises:
            UsageError, PlanRefusedError: none can be asked; nothing was stored.
            StorageError: the conversation cannot be read or written.
        """
        raise NotImplementedError

    def events(self, slot: int) -> AsyncGenerator[TurnEvent, None]:
        """What happens in one slot, up to its `TurnFinished`; each event carries the slot.

        There is no `TurnStarted`: `begin` told it. While the slot waits for others to end
        (`Board.at_once`) a `Notice("queued", …)` tells so.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """End what was begun and nobody consumes: those replies are stored as stopped."""
        raise NotImplementedError


class SideBySide:
    """Several models in one conversation: who they are, and rounds of them.

    Args:
        manager: runs single turns, and plans.
    """

    def __init__(self, manager: "ConversationManager") -> None:
        self._manager = manager

    # Who is asked

    async def begin(self, chat: OpenConversation, targets: Sequence[Target]) -> None:
        """Go side by side with these, in this order; the active path stays.

        A target that the conversation has in a slot already keeps it.

        Raises:
            UsageError: there are more than `MOST`, none, or an answer is on its way.
        """
        raise NotImplementedError

    async def end(self, chat: OpenConversation, slot: int | None = None) -> None:
        """Go on with one alone: that slot, its answer chosen; by default whose answer is chosen.

        Raises:
            UsageError: an answer is on its way.
        """
        raise NotImplementedError

    async def add(self, chat: OpenConversation, target: Target) -> int:
        """Add a model while others may run; gives its slot. Ask it with `answer`.

        Raises:
            UsageError: there are `MOST` already.
        """
        raise NotImplementedError

    async def remove(self, chat: OpenConversation, slot: int) -> None:
        """Take a model away; its answer stops, what it said stays in the tree.

        Raises:
            UsageError: it is the last one.
        """
        raise NotImplementedError

    async def change(self, chat: OpenConversation, slot: int, target: Target) -> None:
        """Ask a slot with other parameters, another system prompt, or another model from now on."""
        raise NotImplementedError

    async def set_board(self, chat: OpenConversation, board: Board) -> None:
        """Show or share otherwise (see `Board`); threads are kept in step where sharing changes."""
        raise NotImplementedError

    async def choose(self, chat: OpenConversation, reply: str) -> None:
        """Go on with an answer: the active path goes through it. It can be undone.

        Raises:
            UsageError: it is deleted, or no answer.
        """
        raise NotImplementedError

    # Rounds

    def send(
        self,
        chat: OpenConversation,
        text: str,
        *,
        stream: bool = True,
        anyway: bool = False,
    ) -> Round:
        """A new prompt to all slots of the board."""
        raise NotImplementedError

    def edit(
        self, chat: OpenConversation, prompt_id: str, text: str, *, stream: bool = True
    ) -> Round:
        """Another version of a prompt, to all slots of the board."""
        raise NotImplementedError

    def answer(
        self, chat: OpenConversation, slots: Collection[int], *, stream: bool = True
    ) -> Round:
        """Have the newest prompt answered, or answered anew, by some slots; others may run."""
        raise NotImplementedError

    def stop(self, chat: OpenConversation, slot: int) -> bool:
        """Stop one slot's answer; its text stays. Tells whether there was one."""
        raise NotImplementedError

    def running(self, chat: OpenConversation) -> frozenset[int]:
        """The slots that are being answered."""
        raise NotImplementedError
