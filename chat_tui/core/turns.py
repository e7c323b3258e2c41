"""A conversation that is being worked on, and its running turn, which can be stopped."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationStore
from chat_tui.core.reply import IncomingReply
from chat_tui.core.requests import RetryGate
from chat_tui.core.targets import Target
from chat_tui.core.undo import Change, UndoStack

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class RunningTurn:
    """A turn from the moment it is begun until its reply is stored.

    `stop` may come at any time and from any task, also from the one that consumes the turn. The
    consumer is cancelled only while it waits for the server, or for what its request is made of; at
    any other time it is told when it is about to wait again.
    """

    incoming: IncomingReply | None = None
    """None while the turn is being prepared."""
    stopping: bool = False
    """Set by `stop`."""
    gate: RetryGate = field(default_factory=RetryGate)
    """Where it waits before a retry."""
    change: Change | None = None
    """What it adds to the conversation; None until that is stored."""
    _waiting: "asyncio.Task[object] | None" = None
    _interrupted: "asyncio.Task[object] | None" = None
    _cancelling: int = 0
    """The cancellations of the waiting task that are not ours."""

    def wait(self) -> bool:
        """Note that the current task waits for the server from here on.

        False where it need not: the turn was stopped.
        """
        if self.stopping:
            return False
        task = asyncio.current_task()
        self._waiting = task
        self._cancelling = task.cancelling() if task is not None else 0
        return True

    def go_on(self) -> None:
        """Note that it does not wait any more."""
        self._waiting = None

    async def prepare(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Wait for what comes before the request; None, at once, where the turn is stopped.

        Args:
            work: begins it; it may be interrupted anywhere.
        """
        if not self.wait():
            return None
        try:
            done = await work()
        except asyncio.CancelledError:
            if not self.take_back():
                raise
            return None
        finally:
            self.go_on()
        return None if self.stopping else done

    def stop(self) -> None:
        """Stop, and interrupt the consumer if it waits."""
        self.stopping = True
        if self._waiting is not None:
            self._waiting.cancel()
            self._interrupted, self._waiting = self._waiting, None

    def take_back(self) -> bool:
        """Take back the cancellation of `stop`, so that the consumer goes on.

        False where the consumer was cancelled by others (too): then it must end.
        """
        if self._interrupted is None:
            return False
        return self._interrupted.uncancel() <= self._cancelling


@dataclass(slots=True, eq=False, weakref_slot=True)
class OpenConversation:
    """A conversation that is being worked on. Its state changes through the manager only."""

    conversation: Conversation
    tree: ConversationTree
    store: ConversationStore
    """Where all of it is kept: nothing of a temporary conversation goes to another store."""
    temporary: bool = False
    """Whether it is never written."""
    stored: bool = True
    """Whether its store has it: a new one comes there with its first prompt."""
    turn: RunningTurn | None = None
    """The turn that is being answered, where it is one alone."""
    rounds: dict[int, RunningTurn] = field(default_factory=dict)
    """Slot → what is being answered there, side by side."""
    storing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while messages are added."""
    undo_stack: UndoStack = field(default_factory=UndoStack)
    """What can be taken back and done again."""
    queued: list[Prompt] = field(default_factory=list)
    """Prompts that wait for the end of the answer, the next one first; kept by the screen."""

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.conversation.id

    @property
    def target(self) -> Target:
        """Where the next prompt goes that is asked of one model alone."""
        return self.conversation.target

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where the next prompt goes: to those side by side, else to one alone."""
        about = self.conversation
        return tuple(about.targets[slot] for slot in about.board.slots) or (about.target,)

    @property
    def streaming(self) -> bool:
        """Whether an answer is on its way."""
        return self.turn is not None or bool(self.rounds)

    def running(self) -> Iterator[RunningTurn]:
        """All turns that are being answered."""
        if self.turn is not None:
            yield self.turn
        yield from self.rounds.values()

    def live(self, id_: str | None) -> IncomingReply | None:
        """What a reply or a choice of it comes with; None where it is not on its way."""
        for turn in self.running():
            if turn.incoming is not None and id_ in turn.incoming.ids:
                return turn.incoming
        return None

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """Messages whole, in the order asked for; a running reply as far as it has come.

        Raises:
            StorageError: they cannot be read.
        """
        # Those that end while the store is read are told as they ended.
        running = [turn.incoming for turn in self.running() if turn.incoming is not None]
        live = {id_: incoming for incoming in running for id_ in incoming.ids}
        messages = await self.store.messages(ids)
        return [
            live[message.id].snapshot(message.id) if message.id in live else message
            for message in messages
        ]

    def stop(self, slot: int | None = None) -> bool:
        """Stop what is being answered; its text stays. Tells whether there was anything.

        Args:
            slot: only this one of several side by side; None for all.
        """
        turns = [*self.running()] if slot is None else [*filter(None, [self.rounds.get(slot)])]
        for turn in turns:
            turn.stop()
        return bool(turns)

    def begin(self) -> RunningTurn:
        """Begin a turn of one alone.

        Raises:
            UsageError: something is being answered already.
        """
        if self.streaming:
            raise busy()
        self.turn = RunningTurn()
        return self.turn

    def begin_slots(self, slots: Collection[int], *, beside: bool = False) -> None:
        """Begin turns side by side.

        Args:
            slots: where.
            beside: others may be running, but not these.

        Raises:
            UsageError: something is being answered already that may not be.
        """
        if self.turn is not None or (self.rounds and not beside) or self.rounds.keys() & {*slots}:
            raise busy()
        self.rounds.update((slot, RunningTurn()) for slot in slots)


def busy() -> UsageError:
    """What a second turn in a conversation is told while the first is running."""
    return UsageError("An answer is still on its way here.", hint="Stop it, or wait for its end.")
