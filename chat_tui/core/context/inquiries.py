"""Finds out what makes figures better: exact counts and windows, with time limits or unseen."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from chat_tui.core.context.ahead import Ahead, Weighed
from chat_tui.core.context.background import Background
from chat_tui.core.context.items import Weight
from chat_tui.core.context.ledger import PAGE, Ledger
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.reports import Outgoing
from chat_tui.core.context.requesting import Request
from chat_tui.core.context.terms import Terms
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ModelFacts, TokenCounter
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

_COUNTING_LIMIT = 2.0
"""Seconds that a prompt waits at most for exact counts."""

_COUNTS = 3
"""How often it is counted at most what a plan sends: each time another plan may come of it."""

_LOOK_UP_LIMIT = 4.0
"""Seconds that a prompt waits at most for the size of a window."""

_MATTERS_FROM = 1000
"""Estimated tokens from which on a window that nobody knows may be too small."""

_SCARCE = 0.5
"""The share of the budget from which on estimates are not good enough."""

_AT_ONCE = 50_000
"""Tokens that are counted without need where the counter is ready."""


class Inquiries:
    """Asks counter and facts for what is worth asking for.

    Args:
        counter: counts tokens.
        facts: windows and prices of models.
        found: called when something was found out that nobody waited for.
    """

    def __init__(self, counter: TokenCounter, facts: ModelFacts, found: Callable[[], None]) -> None:
        self._counter = counter
        self._facts = facts
        self._found = found
        self._background = Background()
        self._uncountable = False
        """Whether the counter has said that it cannot count."""

    async def aclose(self) -> None:
        """End what goes on in the background. Twice is safe."""
        await self._background.aclose()

    # Counts

    async def decide(
        self, request: Request, terms: Callable[[], Terms]
    ) -> tuple[ContextPlan, Outgoing, bool]:
        """Plan a request; all that it sends is read then, and counted where that is worth it.

        Args:
            request: what it may send.
            terms: gives what else the plan depends on, as it is known by then.

        Returns:
            The plan, what it sends, and whether that takes so much of the room that estimates are
            not good enough.

        Raises:
            UsageError: there is nothing to answer.
            StorageError: the messages cannot be read.
        """
        deadline, counts = asyncio.get_running_loop().time() + _COUNTING_LIMIT, _COUNTS
        while True:
            async with request.reading.step():
                weighed = await request.weigh(terms())
                plan = weighed.plan()
            async with request.reading.step():
                if await request.read(plan):
                    continue
                outgoing = weighed.outgoing(plan)
            counts -= 1
            if counts < 0 or not await self._count(request, weighed, plan, outgoing, deadline):
                return plan, outgoing, self._is_scarce(weighed, outgoing.expected(None))

    async def count_draft(self, message: ChatMessage, model: str) -> Weight:
        """What a draft weighs, not calibrated; the counter begins to get ready if it is not."""
        if self._counter.ready:
            with suppress(UsageError):
                return Weight((await self._counter.count([message], model))[0], exact=True)
        elif not self._uncountable:
            self._background.once("counter", partial(self._wake, model))
        return self._counter.weigh(message, model)

    async def settle(
        self,
        chat: OpenConversation,
        ledger: Ledger,
        ids: Sequence[str],
        models: Sequence[str],
        *,
        scarce: bool,
    ) -> None:
        """Count messages that have ended, if the counter is ready or the room scarce.

        Raises:
            StorageError: they cannot be read.
        """
        counts = (self._counter.ready or scarce) and not self._uncountable
        read = await ledger.read(chat, ids)
        messages = [message for message in read if message.status != "streaming"]
        try:
            for model in dict.fromkeys(models):
                await ledger.settle(chat, messages, model, count=counts)
        except UsageError:
            self._uncountable = True

    def improve(
        self,
        chat: OpenConversation,
        ledger: Ledger,
        target: Target,
        ahead: Ahead,
        tokens: int,
        *,
        asks: bool,
    ) -> None:
        """Begin to find out what makes an outlook better, once for each.

        Args:
            chat: the conversation.
            ledger: its ledger.
            target: whose window it is.
            ahead: the outlook.
            tokens: all that would be sent, with the draft.
            asks: whether the target's provider may be asked for what is not known.
        """
        if tokens > ahead.weighed.overhead and (ahead.asked is None or asks > ahead.asked):
            ahead.asked = asks
            self._begin_look_up(target, ask=asks)
        if not ahead.counting and self._is_worth(ahead.weighed, ahead.estimated, tokens):
            ahead.counting = True
            work = partial(self._catch_up, chat, ledger, target.model, ahead.uncounted)
            self._background.once(("count", chat.id), work)

    # Windows

    async def find_window(self, target: Target, estimate: int) -> None:
        """Look a window up, and wait for it where nobody knows it and it may be too small.

        Args:
            target: whose window.
            estimate: tokens that there are to be sent.
        """
        source = self._facts.window(target).source
        if estimate < _MATTERS_FROM or source == "settings":
            return
        task = self._begin_look_up(target, ask=True)
        if task is not None and source in ("", "error"):
            await asyncio.wait({task}, timeout=_LOOK_UP_LIMIT)

    # Steps

    async def _count(
        self,
        request: Request,
        weighed: Weighed,
        plan: ContextPlan,
        outgoing: Outgoing,
        deadline: float,
    ) -> bool:
        """Count what was never counted of a request, if it is worth it; tells whether it tried.

        Args:
            request: its texts were read.
            weighed: what it is made of.
            plan: of it; all that it sends was read.
            outgoing: what it sends.
            deadline: when it is given up, by the event loop's clock.
        """
        uncounted = [row.id for row in reversed(outgoing.rows) if row.estimated]
        worth = self._is_worth(weighed, outgoing.estimated, outgoing.expected(None))
        if not uncounted or not worth:
            return False
        try:
            async with asyncio.timeout_at(deadline):
                await request.count(uncounted)
                await request.count_short(plan)
        except UsageError:
            self._uncountable = True
        except TimeoutError:
            # The estimates have to do; what was counted until now holds.
            pass
        return True

    def _is_scarce(self, weighed: Weighed, tokens: int) -> bool:
        """Whether so much is sent that estimates are not good enough."""
        room = weighed.budget.tokens
        return room is not None and tokens > _SCARCE * (room + weighed.budget.overhead)

    def _is_worth(self, weighed: Weighed, estimated: int, tokens: int) -> bool:
        """Whether what is only estimated of a request is to be counted.

        Args:
            weighed: the request.
            estimated: tokens that nobody counted.
            tokens: all that is sent.
        """
        if self._uncountable or not estimated:
            return False
        if self._counter.ready and (weighed.budget.tokens is not None or estimated <= _AT_ONCE):
            return True
        return self._is_scarce(weighed, tokens)

    def _begin_look_up(self, target: Target, *, ask: bool) -> "asyncio.Task[None] | None":
        work = partial(self._look_up, target, ask=ask)
        return self._background.once(("facts", str(target), ask), work)

    async def _look_up(self, target: Target, *, ask: bool) -> None:
        before = self._facts.window(target), self._facts.prices(target)
        await self._facts.look_up(target, ask=ask)
        if before != (self._facts.window(target), self._facts.prices(target)):
            self._found()

    async def _wake(self, model: str) -> None:
        try:
            await self._counter.count_text(".", model)
        except UsageError:
            self._uncountable = True
        if self._counter.ready:
            self._found()

    async def _catch_up(
        self, chat: OpenConversation, ledger: Ledger, model: str, ids: Sequence[str]
    ) -> None:
        """Count messages of a conversation, the newest first."""
        try:
            for end in range(len(ids), 0, -PAGE):
                read = await ledger.read(chat, ids[max(end - PAGE, 0) : end])
                ended = [message for message in read if message.status != "streaming"]
                await ledger.count(chat, ended, model)
        except UsageError:
            self._uncountable = True
        except StorageError:
            # What is wrong with the disk is told where something is lost by it.
            return
        self._found()
