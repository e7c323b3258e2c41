"""Summaries of the oldest turns: how a model is asked for one, and when that is done by itself."""

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from chat_tui.core.answering import Answering
from chat_tui.core.asides import aside
from chat_tui.core.asking import Question
from chat_tui.core.context.budget import DEFAULT_RESERVE, Budget, budget_for
from chat_tui.core.context.outlook import Outlook
from chat_tui.core.context.plan import ContextPlan, PlannedMessage
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.reports import Outgoing, Row
from chat_tui.core.context.summaries import (
    SUMMARY_REQUEST,
    choose_part,
    request_text,
    words_wanted,
)
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.events import Notice, TurnEvent, TurnFinished
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation, RunningTurn

_TOLD = 0.9
"""The share of a budget that is used to tell what is to be summed up: it is weighed for another
model."""

_PAUSE = 6
"""Messages by which a path must be longer (or another one shorter) before a summary that failed is
tried again."""


class Compacting:
    """Has the oldest turns summed up.

    Args:
        planner: knows policies, and how full conversations are.
        answering: gets the summary.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self, planner: ContextPlanner, answering: Answering, new_id: Callable[[], str]
    ) -> None:
        self._planner = planner
        self._answering = answering
        self._new_id = new_id
        self._failed: dict[str, int] = {}
        """Conversation → how long its path was when a summary failed."""

    # The request

    async def question(
        self,
        chat: OpenConversation,
        *,
        target: Target | None = None,
        stream: bool = True,
        by_itself: bool = False,
    ) -> Question:
        """What is asked for a summary of the oldest turns of the active path.

        Args:
            chat: the conversation.
            target: who sums up; by default the model that the policy names, else the
                conversation's own.
            stream: ask for it as it is made.
            by_itself: whether nobody asked for it; see `choose_part`.

        Raises:
            UsageError: there is too little to be summed up.
            StorageError: the conversation cannot be read.
        """
        model = self._planner.policy(chat).summary_model
        named = replace(chat.target, model=model) if model else None
        target = aside(chat.target, target or named)
        head, active = chat.tree.head, {*chat.tree.path()}
        asked, outlook = await self._fullest(chat)
        path = [message for message in outlook.plan.messages if message.id]
        holds = outlook.plan.summary
        previous = next(iter(await chat.store.messages([holds] if holds else [])), None)
        budget = await self._budget(target)
        target = _limited(target, budget)
        room = None if budget.tokens is None else self._room(budget.tokens, target)
        there = outlook.budget.tokens
        part = choose_part(path, previous=previous, budget=there, room=room, by_itself=by_itself)
        same = (target.provider, target.model) == (asked.provider, asked.model)
        messages = await chat.store.messages(part.ids)
        words = request_text(part, messages, previous, words=words_wanted(there))
        ask = ChatMessage(self._new_id(), "user", (TextPart(words),))
        return Question(
            "compact",
            self._planned(ask, target, budget, outlook.calibration.ratio if same else 1.0),
            target,
            head,
            self._new_id(),
            covers=_on_path(part.covers, path, active),
            stream=stream,
        )

    async def _fullest(self, chat: OpenConversation) -> tuple[Target, Outlook]:
        """The next request of the conversation; of several models' the one that leaves the least.

        Of those that keep threads of their own it is the one of the active path.

        Raises:
            StorageError: the conversation cannot be read.
        """
        about = chat.conversation
        if not about.board or about.board.sharing == "own":
            return chat.target, await self._planner.outlook(chat)
        from chat_tui.core.side_by_side.threads import told_along  # only side by side

        path = told_along(about, chat.tree, chat.tree.path())
        looks = [
            (target, await self._planner.outlook(chat, 0, target, path, slot))
            for slot, target in enumerate(about.targets)
            if slot in about.board.slots
        ]
        return max(looks, key=lambda look: look[1].share or 0.0)

    async def _budget(self, target: Target) -> Budget:
        """What there is for the request of a summary."""
        facts = self._planner.facts
        if facts.window(target).tokens is None:
            # It may be another model than that of the conversation, which was looked up.
            await facts.look_up(target)
        overhead = await self._planner.counter.overhead(target)
        return budget_for(facts.window(target), target.parameters, overhead)

    def _room(self, budget: int, target: Target) -> int:
        """Tokens for what is to be summed up, beside the words that ask for it."""
        ask = ChatMessage("", "user", (TextPart(SUMMARY_REQUEST),))
        return max(int(budget * _TOLD) - self._planner.counter.weigh(ask, target.model).tokens, 0)

    def _planned(self, ask: ChatMessage, target: Target, budget: Budget, scale: float) -> Planned:
        """One message as a plan: nothing can be left out of it."""
        weight = self._planner.counter.weigh(ask, target.model)
        estimated = 0 if weight.exact else weight.text
        row = Row(ask.id, "sent", weight.tokens, estimated)
        outgoing = Outgoing((row,), overhead=budget.overhead, scale=scale)
        expected = outgoing.expected(None)
        tokens = expected - budget.overhead
        told = PlannedMessage(ask.id, "user", "sent", "newest", tokens, tokens, weight.exact)
        plan = ContextPlan((told,), budget, ContextPolicy("off"))
        return Planned(plan, (ask,), expected, outgoing)

    # By itself

    async def after(
        self, chat: OpenConversation, reply: ChatMessage
    ) -> AsyncGenerator[TurnEvent, None]:
        """Sum up if it is due after an answer; the events of the turn that does it, or none.

        It takes the place of the turn that is running in the conversation.

        No failure leaves this: the answer before it has ended well.
        """
        if not self._may_follow(chat, reply):
            return
        following = chat.turn = RunningTurn()
        try:
            question = await following.prepare(partial(self._due, chat))
            if question is not None:
                async with aclosing(self._run(chat, following, question)) as events:
                    async for event in events:
                        yield event
        except UsageError:
            pass  # There is nothing yet that could be summed up.
        except ChatError as failure:
            self._failed[chat.id] = len(chat.tree.path())
            told = f"The oldest turns could not be summed up: {failure.told}"
            yield Notice("compact", told)

    async def _run(
        self, chat: OpenConversation, turn: RunningTurn, question: Question
    ) -> AsyncGenerator[TurnEvent, None]:
        try:
            async with aclosing(self._answering.run(chat, turn, question)) as events:
                async for event in events:
                    if isinstance(event, TurnFinished):
                        self._note(chat, event.reply)
                    yield event
        except ChatError as failure:
            if turn.incoming is None:
                raise
            summary = replace(turn.incoming.snapshot(), status="error", error=failure.info)
            self._note(chat, summary)
            yield TurnFinished(summary)

    def _may_follow(self, chat: OpenConversation, reply: ChatMessage) -> bool:
        """Whether an answer has ended so that a summary may come after it."""
        if reply.status != "complete" or reply.covers or reply.tool_calls:
            return False
        failed = self._failed.get(chat.id)
        return failed is None or abs(len(chat.tree.path()) - failed) >= _PAUSE

    async def _due(self, chat: OpenConversation) -> Question | None:
        """What is asked, if it is time for a summary."""
        return await self.question(chat, by_itself=True) if await self._is_due(chat) else None

    async def _is_due(self, chat: OpenConversation) -> bool:
        """Whether the next request would fill so much of the budget, or leave something out."""
        outlook = (await self._fullest(chat))[1]
        share = outlook.share
        if share is None:
            return False
        lost = any(each.reason == "too-large" for each in outlook.plan.left_out)
        return lost or share >= self._planner.policy(chat).compact_at / 100

    def _note(self, chat: OpenConversation, summary: ChatMessage) -> None:
        if summary.status in ("complete", "length") and not summary.empty:
            self._failed.pop(chat.id, None)
        else:
            self._failed[chat.id] = len(chat.tree.path())


def _on_path(
    covers: tuple[str, str], path: Sequence[PlannedMessage], active: Collection[str]
) -> tuple[str, str]:
    """What a summary covers, up to a message of the active path.

    Where several answers to a prompt are told the last one may be another; they go together.
    """
    ids = [message.id for message in path]
    told = ids[: ids.index(covers[1]) + 1]
    return covers[0], next((id_ for id_ in reversed(told) if id_ in active), covers[1])


def _limited(target: Target, budget: Budget) -> Target:
    """Who sums up, with a limit where the window is small: no more than is kept free for a reply.

    A large window needs none, and the limit might be more than a model allows.
    """
    window = budget.window.tokens
    if window is None or window // 4 > DEFAULT_RESERVE:
        return target
    return replace(target, parameters={**target.parameters, "max_tokens": budget.reserve})
