"""One request on its way to its plan: what it is made of, its texts, and why it is refused."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from math import ceil

from chat_tui.core.context.ahead import Weighed
from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.budget import budget_for
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem, with_pictures_of
from chat_tui.core.context.joining import Joined, join_items
from chat_tui.core.context.ledger import PAGE, Ledger
from chat_tui.core.context.plan import ContextPlan, Reason
from chat_tui.core.context.terms import Terms
from chat_tui.core.errors import PlanRefusedError, StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


async def weigh(
    ledger: Ledger, target: Target, items: tuple[ContextItem, ...], terms: Terms
) -> Weighed:
    """Put together what a plan is made of."""
    system = await ledger.system_prompts.weigh(terms.system_prompt, target.model)
    overhead = await ledger.overhead(target)
    calibrated = ceil(overhead * terms.calibration.ratio)
    budget = budget_for(terms.window, target.parameters, calibrated)
    items = with_pictures_of(items, terms.calibration.pictures)
    return Weighed(items, system, overhead, budget, terms.policy, terms.cut, terms.calibration)


class Reading:
    """What the requests of a round share while they are planned.

    What is read for one of them is not read for the others, and one works at a time, with a pause
    after each step: six long ones at once would keep keys waiting.
    """

    def __init__(self) -> None:
        self.texts: dict[str, ChatMessage] = {}
        """The messages that were read, by their ids."""
        self._followed = False
        self.as_one: dict[tuple[str, ...], ChatMessage] = {}
        """Answers that go together → the one message that they became."""
        self.changed = 0
        """How often something was found other than it was planned."""
        self._working = asyncio.Lock()
        self._steps = 0
        """How many are at work, or wait to be."""

    async def follow(self, chat: OpenConversation, ledger: Ledger) -> None:
        """Take over what another window did to messages, once; what is known holds otherwise."""
        if chat.stored and not self._followed:
            self._followed = True
            with suppress(StorageError):  # what is sent is read in any case
                await ledger.follow(chat)

    @asynccontextmanager
    async def step(self) -> AsyncGenerator[None, None]:
        """Wait until no other request works; where others do, all else has its turn at the end."""
        self._steps += 1
        try:
            async with self._working:
                yield
                if self._steps > 1:
                    await asyncio.sleep(0)
        finally:
            self._steps -= 1


class Request:
    """The messages of one request; nothing that is read for it is read twice.

    Args:
        ledger: of the conversation.
        chat: the conversation.
        target: whom it goes to.
        path: stored messages, from the root on.
        more: what follows them.
        joined: the answers of the path that go together with others.
        reading: what it shares with others.
    """

    def __init__(
        self,
        ledger: Ledger,
        chat: OpenConversation,
        target: Target,
        path: Sequence[str],
        more: Sequence[ChatMessage],
        joined: Mapping[str, Joined],
        reading: Reading,
    ) -> None:
        self._ledger = ledger
        self._chat = chat
        self._target = target
        self._path = path
        self._more = {message.id: message for message in more}
        self._items: tuple[ContextItem, ...] = ()
        self._version = -1
        """The version of the ledger that the items are of."""
        self._seen = 0
        """How often what was read had been found otherwise by then."""
        self._joined = joined
        self.reading = reading
        """What it shares with others."""

    def messages(self, plan: ContextPlan, system_prompt: str) -> tuple[ChatMessage, ...]:
        """What is sent by a plan; all of it was read."""
        texts = {**self.reading.texts, **self._more}
        return assemble(plan, texts, system_prompt, self._joined, self.reading.as_one)

    async def weigh(self, terms: Terms) -> Weighed:
        """What the plan is made of, as far as it is known now.

        Raises:
            StorageError: the messages cannot be read.
        """
        model, read = self._target.model, self.reading.texts
        self._seen = self.reading.changed
        if self._version != self._ledger.version:
            self._version = self._ledger.version
            stored = await self._ledger.items(self._chat, model, self._path, read)
            self._items = tuple(join_items(stored, self._joined))
        new = [self._ledger.item(message, model) for message in self._more.values()]
        return await weigh(self._ledger, self._target, (*self._items, *new), terms)

    async def read(self, plan: ContextPlan) -> bool:
        """Read what a plan sends; tells whether any of it is other than the plan took it for.

        Another window may have marked it, or removed it for good.

        Raises:
            StorageError: it cannot be read.
        """
        read, more = self.reading.texts, self._more
        sent = [each.id for each in plan.sent if each.id]
        missing = [id_ for id_ in sent if id_ not in read and id_ not in more]
        before = self._ledger.version
        for start in range(0, len(missing), PAGE):
            page = missing[start : start + PAGE]
            messages = await self._ledger.read(self._chat, page)
            for message in messages:
                read[message.id] = message
                self._ledger.take(message, self._target.model)
            for gone in {*page} - {message.id for message in messages}:
                self._ledger.lose(gone)
        self.reading.changed += self._ledger.version != before
        return self.reading.changed != self._seen

    async def count(self, ids: Sequence[str]) -> None:
        """Count some of its messages, all of which were read.

        Raises:
            UsageError: nothing can be counted.
        """
        model = self._target.model
        early = [self._more[id_] for id_ in ids if id_ in self._more]
        if early:
            await self._ledger.count_early(early, model)
        read = (self.reading.texts.get(id_) for id_ in ids if id_ not in self._more)
        stored = [each for each in read if each is not None and each.status != "streaming"]
        await self._ledger.count(self._chat, stored, model)

    async def count_short(self, plan: ContextPlan) -> None:
        """Count what a plan shortens as it is then; all of it was read.

        Raises:
            UsageError: nothing can be counted.
        """
        read = self.reading.texts
        short = [
            read[each.id]
            for each in plan.sent
            if each.decision == "shortened" and not each.exact and each.id in read
        ]
        if short:
            await self._ledger.count_short(short, self._target.model)


async def keep_cut(chat: OpenConversation, key: str, plan: ContextPlan) -> None:
    """Keep where a plan has cut, here and where the conversation is kept.

    One that would not have cut in any case says nothing about that.

    Args:
        chat: the conversation.
        key: by what it is kept, see `thread_key`.
        plan: the plan.
    """
    limited = plan.budget.tokens is not None and plan.policy.overflow in ("trim", "compact")
    cuts = dict(chat.conversation.cuts)
    if not limited or cuts.pop(key, Cut()) == plan.cut:
        return
    if plan.cut != Cut():
        cuts[key] = plan.cut
    chat.conversation = replace(chat.conversation, cuts=cuts)
    if chat.stored:
        await chat.store.update_conversation(chat.id, {"cuts": cuts})


def refusal(plan: ContextPlan) -> PlanRefusedError:
    """What is said of a plan that is refused: what does not fit, and the next step."""
    budget, needed = plan.budget, plan.tokens
    parts = _parts(plan)
    told = f"{', '.join(parts[:-1])} and {parts[-1]}" if parts[1:] else parts[0]
    verb = "need" if parts[1:] else "needs"
    steps = ["Shorten the prompt"]
    if any(each.reason == "pinned" for each in plan.sent):
        steps.append("unpin a message")
    if needed <= (budget.tokens or 0) + budget.reserve:
        steps.append(f"lower max_tokens ({budget.reserve:,} are kept for the answer)")
    steps.append("choose a model with a larger window")
    return PlanRefusedError(
        f"{told[0].upper()}{told[1:]} {verb} {needed:,} tokens, and there is room for "
        f"{budget.tokens or 0:,}.",
        plan,
        hint=f"{', '.join(steps[:-1])}, or {steps[-1]}.",
    )


def _parts(plan: ContextPlan) -> list[str]:
    def count(reason: Reason) -> int:
        return sum(each.reason == reason and bool(each.id) for each in plan.sent)

    parts = ["the system prompt"] if any(not each.id for each in plan.sent) else []
    if pinned := count("pinned"):
        parts.append("a pinned message" if pinned == 1 else f"{pinned:,} pinned messages")
    if count("summary"):
        parts.append("the summary")
    return [*parts, "the newest prompt" if count("newest") == 1 else "the newest turn"]
