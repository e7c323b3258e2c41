"""Rounds: one prompt, asked of several models at once, each answer in a generator of its own."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from chat_tui.core.asking import Question
from chat_tui.core.context.items import came_to_nothing
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.errors import ChatError
from chat_tui.core.events import Notice, TurnEvent, TurnFinished
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ChatClient
from chat_tui.core.reply import IncomingReply
from chat_tui.core.side_by_side.places import Places
from chat_tui.core.side_by_side.plans import (
    Means,
    Plan,
    Wish,
    least_refusal,
    plan_round,
    refused_reply,
)
from chat_tui.core.turns import OpenConversation, RunningTurn

_SLICE = 32
"""Events of one answer after which the others have their turn: what has come of one of them may
never pause."""


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
    """Slot → what is sent, of those that are asked: whose events are to be consumed."""


class _Asked(NamedTuple):
    """One slot on its way."""

    question: Question
    turn: RunningTurn
    incoming: IncomingReply
    client: ChatClient


class Round:
    """One prompt on its way to several models.

    `begin` first, once; then `events` of every slot that is asked, each consumed by a task of its
    own under `contextlib.aclosing`. Slots are independent: one that fails, is stopped or is retried
    leaves the others alone. A round whose events are not consumed must be given up with `aclose`.

    Args:
        means: what it is made with.
        chat: the conversation.
        slots: those that are asked.
        wish: what it is to be.
        places: of the answers that may come at the same time.
    """

    def __init__(
        self,
        means: Means,
        chat: OpenConversation,
        slots: Sequence[int],
        wish: Wish,
        places: Places,
    ) -> None:
        self.slots = tuple(slots)
        """Those that are asked."""
        self._means = means
        self._chat = chat
        self._wish = wish
        self.refusals: Mapping[int, ChatError] = {}
        """Slot → why it cannot be asked; known when `begin` has come to its end."""
        self.moved: tuple[int, int] | None = None
        """Slots: whose answer was to be gone on with and came to nothing, and whose is instead;
        known when the last one has ended."""
        self._asked: dict[int, _Asked] = {}
        """Those whose events nobody consumes yet."""
        self._replies: dict[int, ChatMessage] = {}
        """As they ended."""
        self._left: set[int] = set()
        """The slots whose answers have not ended."""
        self._places = places

    async def begin(self) -> RoundStarted | None:
        """Plan for each slot, then store prompts and empty replies in one durable step.

        A slot that cannot be asked gets a reply with the error, and the others go on. None where it
        was stopped while it was planned: nothing is stored then.

        Raises:
            UsageError, PlanRefusedError: none can be asked; nothing was stored.
            StorageError: the conversation cannot be read or written.
        """
        chat = self._chat
        # An answer that is made anew goes beside others that are on their way.
        chat.begin_slots(self.slots, beside=self._wish.kind in ("regenerate", "continue"))
        turns = {slot: chat.rounds[slot] for slot in self.slots}
        try:
            return await self._begin(turns)
        finally:
            for slot in turns.keys() - self._asked.keys():
                del chat.rounds[slot]

    async def events(self, slot: int) -> AsyncGenerator[TurnEvent, None]:
        """What happens in one slot, up to its `TurnFinished`; each event carries the slot.

        There is no `TurnStarted`: `begin` told it. While the slot waits for others to end
        (`Board.at_once`) a `Notice("queued", …)` tells so. Of one that could not be asked there is
        only the end, and nothing of one that was stopped while it was planned.
        """
        if (asked := self._asked.pop(slot, None)) is None:
            if (reply := self._replies.get(slot)) is not None:
                yield TurnFinished(reply, slot)
            return
        chat, places, held, received = self._chat, self._places, False, False
        try:
            if places.full and (told := self._queued(asked, slot)) is not None:
                yield told
            held = await _wait(asked.turn, places)
            received, count = True, 0
            async with aclosing(self._receive(asked)) as events:
                async for event in events:
                    if isinstance(event, TurnFinished):
                        await self._note(slot, event.reply)
                    yield event
                    count += 1
                    if count % _SLICE == 0 and len(chat.rounds) > 1:
                        await asyncio.sleep(0)
        finally:
            if held:
                places.give_back()
            await self._leave(slot, asked, drop=not received)

    async def aclose(self) -> None:
        """End what was begun and nobody consumes: those replies are stored as stopped."""
        async with AsyncExitStack() as left:
            for slot, asked in self._asked.items():
                left.push_async_callback(self._leave, slot, asked, drop=True)
            self._asked.clear()

    # The beginning

    async def _begin(self, turns: Mapping[int, RunningTurn]) -> RoundStarted | None:
        means, chat = self._means, self._chat
        plans = await plan_round(means, chat, self._wish, turns)
        asks, planned, self.refusals = plans
        if not planned:
            if self.refusals:
                raise least_refusal(self.refusals.values())
            return None
        replies = {
            slot: means.answering.empty_reply(planned[slot].question)
            if slot in planned
            else refused_reply(means, chat, asks[slot], self.refusals[slot])
            for slot in asks
            if slot in planned or slot in self.refusals
        }
        prompts = {slot: prompt for slot in replies if (prompt := asks[slot].prompt) is not None}
        await self._store(turns, prompts, replies, planned)
        sent = {slot: plan.question.planned.plan for slot, plan in planned.items()}
        return RoundStarted(chat.id, prompts, replies, sent)

    async def _store(
        self,
        turns: Mapping[int, RunningTurn],
        prompts: Mapping[int, ChatMessage],
        replies: Mapping[int, ChatMessage],
        planned: Mapping[int, Plan],
    ) -> None:
        answering, chat = self._means.answering, self._chat
        new = {prompt.id: prompt for prompt in prompts.values()}
        change = await answering.add(
            chat, self._wish.kind, list(new.values()), list(replies.values())
        )
        for slot, reply in replies.items():
            if slot not in planned:
                self._replies[slot] = reply
                continue
            question, client = planned[slot]
            turn = turns[slot]
            turn.change = change
            incoming = answering.expect(chat, turn, question, reply)
            self._asked[slot] = _Asked(question, turn, incoming, client)
        self._left = {*self._asked}

    # The answers

    def _receive(self, asked: _Asked) -> AsyncGenerator[TurnEvent, None]:
        return self._means.answering.receive(
            self._chat, asked.turn, asked.incoming, asked.question, asked.client
        )

    def _queued(self, asked: _Asked, slot: int) -> TurnEvent | None:
        told = Notice("queued", "It waits until another answer has ended.", slot)
        return asked.incoming.take(told, self._means.clock.now())

    async def _leave(self, slot: int, asked: _Asked, *, drop: bool) -> None:
        """Let go of a slot; what nobody was asked for is stored as stopped, if that is wanted."""
        rounds = self._chat.rounds
        try:
            if drop:
                asked.turn.stop()
                async with aclosing(self._receive(asked)) as events:
                    async for _ in events:
                        pass
        finally:
            if rounds.get(slot) is asked.turn:
                del rounds[slot]
            await self._note(slot, asked.incoming.snapshot())

    async def _note(self, slot: int, reply: ChatMessage) -> None:
        """Note how an answer ended; with the last one, go on with one that came to something."""
        if slot not in self._left:
            return
        self._left.discard(slot)
        self._replies[slot] = reply
        if not self._left:
            with suppress(ChatError):  # the answers are stored, whichever is gone on with
                await self._go_on()

    async def _go_on(self) -> None:
        """Go on with the first good answer where the one to go on with came to nothing."""
        chat = self._chat
        replies = [self._replies[slot] for slot in self.slots if slot in self._replies]
        chosen = next((each for each in replies if each.id == chat.tree.head), None)
        good = next((each for each in replies if not each.empty), None)
        if chosen is None or good is None or not came_to_nothing(chosen):
            return
        if chat.conversation.board.sharing == "own":
            return
        chat.tree.select(good.id)
        self.moved = chosen.slot, good.slot
        chat.conversation = replace(chat.conversation, head=chat.tree.head)
        change = chat.undo_stack.undoable
        if change is not None and change.after.head == chosen.id:
            after = replace(change.after, head=good.id)
            chat.undo_stack.replace(change, replace(change, after=after))
        await chat.store.update_conversation(chat.id, {"head": chat.tree.head})


async def _wait(turn: RunningTurn, places: Places) -> bool:
    """Wait for a place; tells whether it has one: a turn that was stopped need not have any."""
    held = False

    async def take() -> None:
        nonlocal held
        await places.take()
        held = True

    await turn.prepare(take)
    return held
