"""Weighs conversations, plans their requests, and learns from what servers report.

Stateful, but for plans themselves, which are pure (`planning`). It knows neither a tokenizer nor
HTTP; the ports stand for them.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from weakref import WeakKeyDictionary

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.context.book import Book, Thread
from chat_tui.core.context.budget import Window, budget_for
from chat_tui.core.context.cut import thread_key
from chat_tui.core.context.drafting import Drafts
from chat_tui.core.context.inquiries import Inquiries
from chat_tui.core.context.learning import History, Learning
from chat_tui.core.context.ledger import Ledger
from chat_tui.core.context.outlook import Outlook as Outlook
from chat_tui.core.context.outlook import PictureCost as PictureCost
from chat_tui.core.context.outlook import Planned as Planned
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.reports import reported_prompt
from chat_tui.core.context.requesting import Reading, Request, keep_cut, refusal
from chat_tui.core.context.terms import Rules
from chat_tui.core.errors import ContextError, StorageError, UsageError
from chat_tui.core.memory import ModelMemory
from chat_tui.core.messages import ChatMessage, ImagePart, NoticeInfo, Usage
from chat_tui.core.ports import MessageChanges, ModelFacts, TokenCounter
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class ContextPlanner:
    """Plans what is sent; the manager asks it before each request, the screen while one types.

    Args:
        counter: counts tokens.
        facts: windows and prices of models.
        memory: keeps calibrations over restarts.
        default: the policy of conversations that have none of their own, as it is now.
    """

    def __init__(
        self,
        counter: TokenCounter,
        facts: ModelFacts,
        memory: ModelMemory,
        default: Callable[[], ContextPolicy] = ContextPolicy,
    ) -> None:
        self.counter = counter
        self.facts = facts
        self.changed: Callable[[], None] | None = None
        """Called when an outlook may be another although nothing was done: something was counted
        or looked up in the background."""
        self._learning = Learning(memory)
        self._rules = Rules(lambda: self.facts, self._learning, default)
        self._books: WeakKeyDictionary[OpenConversation, Book] = WeakKeyDictionary()
        self._inquiries = Inquiries(counter, facts, self._tell)
        self._drafts = Drafts(counter, self._inquiries, self._learning)

    # What the user decides

    def policy(self, chat: OpenConversation) -> ContextPolicy:
        """What holds for a conversation."""
        return self._rules.policy(chat)

    async def set_policy(self, chat: OpenConversation, policy: ContextPolicy) -> None:
        """Give a conversation a policy of its own; one like the default follows the default.

        Raises:
            StorageError: it cannot be stored.
        """
        await self._rules.set_policy(chat, policy)

    async def mark(
        self,
        chat: OpenConversation,
        ids: Sequence[str],
        *,
        pinned: bool | None = None,
        excluded: bool | None = None,
    ) -> None:
        """Always send messages, or never; None leaves it as it is. One excludes the other.

        Raises:
            UsageError: one of them is still being written, or both are wanted.
            StorageError: it cannot be stored.
        """
        if pinned and excluded:
            raise UsageError("A message cannot be pinned and left out at once.")
        if any(message.status == "streaming" for message in await chat.messages(ids)):
            raise UsageError("This answer is still being written.", hint="Wait for its end.")
        changes = MessageChanges()
        if pinned is not None or excluded:
            changes["pinned"] = bool(pinned)
        if excluded is not None or pinned:
            changes["excluded"] = bool(excluded)
        await chat.store.update_messages(dict.fromkeys(ids, changes))
        self._book(chat).ledger.flag(
            ids, pinned=changes.get("pinned"), excluded=changes.get("excluded")
        )

    # What is sent

    async def plan(
        self,
        chat: OpenConversation,
        target: Target,
        path: Sequence[str],
        more: Sequence[ChatMessage] = (),
        *,
        anyway: bool = False,
        slot: int | None = None,
        reading: Reading | None = None,
    ) -> Planned:
        """Plan a request, and keep where it was cut.

        Texts are read only of what is sent. What was never counted is counted now if the counter
        is ready or the room is getting scarce, else estimated.

        Args:
            chat: the conversation.
            target: whom it goes to: its window, its tokenizer.
            path: stored messages, from the root on; several answers to one prompt go as one.
            more: what follows them and is not stored (yet), or stands in another form.
            anyway: send all, whatever the policy says: the user has seen that it does not fit.
            slot: which of several models side by side it is for; None for one alone.
            reading: what it shares with others that are planned at the same time.

        Raises:
            UsageError: there is nothing to answer.
            PlanRefusedError: what must be sent does not fit; nothing was changed.
            StorageError: the conversation cannot be read.
        """
        book, key = self._book(chat), thread_key(target, slot)
        terms = partial(self._rules.terms, chat, target, slot, anyway=anyway)
        reading, joined = reading or Reading(), book.joined(chat, path)
        request = Request(book.ledger, chat, target, path, more, joined, reading)
        async with reading.step():
            await reading.follow(chat, book.ledger)
            weighed = await request.weigh(terms())
            book.report(target, weighed, key)
        book.talked_to.add(key)
        await self._inquiries.find_window(target, weighed.estimate)
        plan, outgoing, scarce = await self._inquiries.decide(request, terms)
        book.scarce = book.scarce | {key} if scarce else book.scarce - {key}
        if plan.refused:
            raise refusal(plan)
        if not anyway:
            await keep_cut(chat, key, plan)
        async with reading.step():
            messages = request.messages(plan, terms().system_prompt)
            expected = outgoing.expected(book.history.last.get(key))
        return Planned(plan, messages, expected, outgoing, chat, slot)

    async def outlook(
        self,
        chat: OpenConversation,
        draft: int = 0,
        target: Target | None = None,
        path: Sequence[str] | None = None,
        slot: int | None = None,
    ) -> Outlook:
        """What the next request would be.

        Cheap after the first time: nothing is read or counted twice.

        Args:
            chat: the conversation.
            draft: tokens of what is written and not sent, by `draft_tokens`.
            target: by default the conversation's.
            path: stored messages, from the root on; by default the active path. Cheapest if it is
                the same object as long as it is the same path.
            slot: which of several models side by side it is for; None for one alone.

        Raises:
            StorageError: the conversation cannot be read.
        """
        target = target or chat.target
        book = self._book(chat)
        key, terms = thread_key(target, slot), self._rules.terms(chat, target, slot)
        ahead = await book.look_ahead(chat, Thread(target, path, key), terms, self.counter)
        plan, used = ahead.look(draft)
        # Who only reads an old conversation does not want its server to hear of it.
        asks = draft > 0 or key in book.talked_to
        self._inquiries.improve(chat, book.ledger, target, ahead, used + draft, asks=asks)
        prices = self.facts.prices(target)
        price = None if prices is None else prices.input
        cost = None if price is None else price * (used + draft) / 1_000_000
        calibration = ahead.weighed.calibration
        doubted = key in book.history.doubted
        return Outlook(plan, used, draft, ahead.approximate, calibration, cost, doubted)

    async def foresee(
        self,
        chat: OpenConversation,
        path: Sequence[str],
        draft: int | None,
        target: Target | None = None,
        slot: int | None = None,
    ) -> ContextPlan:
        """Plan a request that was refused once more, as things are by now; nothing is kept of it.

        Args:
            chat: the conversation.
            path: the stored messages of the request.
            draft: tokens of what follows them, by `draft_tokens`; None where nothing does.
            target: whom it goes to; by default the conversation's.
            slot: which of several models side by side it is for; None for one alone.

        Raises:
            StorageError: the conversation cannot be read.
        """
        book, target = self._book(chat), target or chat.target
        terms = self._rules.terms(chat, target, slot)
        weighed = await book.weigh(chat, target, path, terms)
        return weighed.plan() if draft is None else weighed.with_draft(draft)

    async def draft_tokens(self, prompt: Prompt | str, target: Target) -> int:
        """What a draft weighs as a message, calibrated; 0 for an empty one.

        What is attached to it is counted in. Counted where the counter is ready, else estimated,
        and the counter begins to get ready.
        """
        return await self._drafts.tokens(prompt, target)

    def picture_cost(self, part: ImagePart, target: Target) -> PictureCost:
        """What a picture takes of a prompt, at the detail that it has; at once."""
        return self._drafts.picture_cost(part, target, self.facts.prices(target))

    def pictures_tokens(self, parts: Sequence[ImagePart], target: Target) -> int:
        """What pictures weigh in a draft, calibrated."""
        return self._drafts.pictures(parts, target)

    def rescaled(self, draft: int, of: Target, to: Target) -> int:
        """What the words of a draft weigh for another target, by what is learnt of both."""
        return self._drafts.rescaled(draft, of, to)

    # What comes back

    async def settle(self, chat: OpenConversation, ids: Sequence[str]) -> None:
        """Count messages that have ended and store the counts; never raises.

        It takes as long as the counter needs: nobody should wait for it but the end of a command.
        A counter that is not ready is left alone while there is room enough.
        """
        book = self._book(chat)
        asked = [chat.conversation.targets[slot].model for slot in chat.conversation.board.slots]
        models = (chat.target.model, *asked, *book.history.models)
        with suppress(StorageError):
            # What is wrong with the disk is told where something is lost by it.
            await self._inquiries.settle(chat, book.ledger, ids, models, scarce=bool(book.scarce))
        self._learning.settle(book.history, book.ledger)
        self._tell()

    def learn(self, target: Target, planned: Planned, usage: Usage | None) -> NoticeInfo | None:
        """Learn from what a server reports; a notice where it has read only a part (`cut`).

        What was only estimated is learnt from in `settle`, if it is counted there.
        """
        if not (reported := reported_prompt(usage)):
            return None
        if planned.chat is None:
            return self._learning.take(target, History(), planned, reported, waits=False)
        history = self._book(planned.chat).history
        return self._learning.take(target, history, planned, reported, waits=self.counter.ready)

    def learn_refusal(self, target: Target, planned: Planned, error: ContextError) -> None:
        """Learn from a refusal how many tokens its prompt has at the least.

        As many as the server has counted; else more than its window has room for.
        """
        window = error.window or self.facts.window(target).tokens or 0
        room = window - budget_for(Window(window), target.parameters).reserve
        least, told = error.prompt or room, error.prompt is not None
        self._learning.refused(target, planned.counted, least, told=told)

    async def refresh(self, chat: OpenConversation) -> bool:
        """Take over what another window pinned or excluded; tells whether it was anything.

        Raises:
            StorageError: it cannot be read.
        """
        return await self._book(chat).ledger.follow(chat)

    async def aclose(self) -> None:
        """End what counts in the background. Twice is safe."""
        await self._inquiries.aclose()
        await self.counter.aclose()

    # Steps

    def _book(self, chat: OpenConversation) -> Book:
        if (book := self._books.get(chat)) is None:
            book = self._books[chat] = Book(Ledger(self.counter))
        return book

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()
