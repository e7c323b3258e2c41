"""What is sent to each model of a round: planned at the same time, and refused each for itself."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from chat_tui.core.answering import Answering
from chat_tui.core.asking import Question
from chat_tui.core.clock import Clock
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.requesting import Reading
from chat_tui.core.errors import ChatError, PlanRefusedError, StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ChatClient
from chat_tui.core.questions import target_of, with_one_answer
from chat_tui.core.side_by_side.asks import Ask
from chat_tui.core.turns import OpenConversation, RunningTurn
from chat_tui.core.undo import Kind


class Means(NamedTuple):
    """What rounds are made with."""

    answering: Answering
    planner: ContextPlanner
    clock: Clock
    new_id: Callable[[], str]


class Wish(NamedTuple):
    """What a round is to be."""

    kind: Kind
    ask: Callable[[], Awaitable[Sequence[Ask]]]
    """Tells what each slot is asked, as things are when the round begins."""
    stream: bool
    anyway: bool
    many: bool = False
    """Whether each may be asked for n answers, also where there are several models."""


class Plan(NamedTuple):
    """What a slot is asked, and who sends it."""

    question: Question
    client: ChatClient


class Plans(NamedTuple):
    """What came of the planning of a round."""

    asks: Mapping[int, Ask]
    """Slot → what it was to be asked."""
    planned: Mapping[int, Plan]
    """Those that can be asked; neither these nor refused are those that were stopped meanwhile."""
    refused: Mapping[int, ChatError]


async def plan_round(
    means: Means, chat: OpenConversation, wish: Wish, turns: Mapping[int, RunningTurn]
) -> Plans:
    """Plan for each slot.

    Args:
        means: what it is done with.
        chat: the conversation.
        wish: what the round is to be.
        turns: slot → its turn, which may be stopped meanwhile.

    Raises:
        UsageError: nobody can be asked this.
        StorageError: the conversation cannot be read.
    """
    asks, reading = {ask.slot: ask for ask in await wish.ask()}, Reading()
    found = await asyncio.gather(
        *(_plan(means, chat, wish, ask, turns[slot], reading) for slot, ask in asks.items()),
        return_exceptions=True,
    )
    planned: dict[int, Plan] = {}
    refused: dict[int, ChatError] = {}
    for slot, each in zip(asks, found, strict=True):
        if isinstance(each, ChatError) and not isinstance(each, StorageError):
            refused[slot] = each
        elif isinstance(each, BaseException):
            raise each
        elif each is not None and not turns[slot].stopping:
            planned[slot] = each
    return Plans(asks, planned, refused)


async def _plan(
    means: Means,
    chat: OpenConversation,
    wish: Wish,
    ask: Ask,
    turn: RunningTurn,
    reading: Reading,
) -> Plan | None:
    """What a slot is asked, and by whom; None where it was stopped meanwhile."""
    target = target_of(chat, ask.slot)
    several = len(chat.conversation.board.slots) > 1 and not wish.many
    if several or ask.cut is not None:
        target = with_one_answer(target)
    client = means.answering.client_for(target)
    plan = partial(
        means.planner.plan,
        *(chat, target, ask.path, ask.more),
        anyway=wish.anyway,
        slot=ask.slot,
    )
    planned = await turn.prepare(partial(plan, reading=reading))
    if planned is None:
        return None
    question = Question(
        wish.kind,
        planned,
        target,
        ask.parent,
        ask.turn,
        ask.prompt,
        ask.cut,
        plan_again=plan,
        stream=wish.stream,
        slot=ask.slot,
    )
    return Plan(question, client)


def refused_reply(
    means: Means, chat: OpenConversation, ask: Ask, refusal: ChatError
) -> ChatMessage:
    """The reply of a slot that cannot be asked."""
    target = target_of(chat, ask.slot)
    return ChatMessage(
        means.new_id(),
        "assistant",
        parent=ask.parent,
        turn=ask.turn,
        created=means.clock.now(),
        status="error",
        error=refusal.info,
        model=target.model,
        provider=target.provider,
        slot=ask.slot,
    )


def least_refusal(refusals: Collection[ChatError]) -> ChatError:
    """What is said where none can be asked: the least that is too much, else what came first."""
    plans = [each for each in refusals if isinstance(each, PlanRefusedError)]
    return min(plans, key=lambda each: each.plan.over) if plans else next(iter(refusals))
