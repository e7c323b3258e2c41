"""Summaries that are made by themselves, after an answer, where the policy wants them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from chat_tui.core.answering import Answering
from chat_tui.core.asking import Question
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.events import Notice, TurnEvent, TurnFinished
from chat_tui.core.messages import ChatMessage
from chat_tui.core.questions import Questions
from chat_tui.core.turns import OpenConversation, RunningTurn

_PAUSE = 6
"""Messages by which a path has grown before a summary that failed is tried again."""


class Compacting:
    """Goes on after an answer with a summary, where it is due.

    Args:
        planner: knows policies, and how full conversations are.
        questions: makes the request.
        answering: gets the summary.
    """

    def __init__(self, planner: ContextPlanner, questions: Questions, answering: Answering) -> None:
        self._planner = planner
        self._questions = questions
        self._answering = answering
        self._failed: dict[str, int] = {}
        """Conversation → how long its path was when a summary failed."""

    async def after(
        self, chat: OpenConversation, turn: RunningTurn
    ) -> AsyncGenerator[TurnEvent, None]:
        """Sum up if it is due after a turn of a conversation; the events of that turn, or none.

        No failure leaves this: the answer before it has ended well.
        """
        if not self._may_follow(chat, turn):
            return
        following = chat.turn = RunningTurn()
        try:
            if await self._is_due(chat):
                question = await self._questions.summary(chat, stream=True)
                if not following.stopping:
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

    def _may_follow(self, chat: OpenConversation, turn: RunningTurn) -> bool:
        """Whether an answer has ended so that a summary may come after it."""
        if turn.stopping or turn.incoming is None:
            return False
        reply = turn.incoming.snapshot()
        if reply.status != "complete" or reply.covers or reply.tool_calls:
            return False
        if self._planner.policy(chat).overflow != "compact":
            return False
        failed = self._failed.get(chat.id)
        return failed is None or len(chat.tree.path()) >= failed + _PAUSE

    async def _is_due(self, chat: OpenConversation) -> bool:
        """Whether the next request would fill so much of the budget, or leave something out."""
        outlook = await self._planner.outlook(chat)
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
