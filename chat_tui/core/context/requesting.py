"""One request on its way to its plan: what it is made of, its texts, and why it is refused."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import NamedTuple

from chat_tui.core.context.ahead import Weighed
from chat_tui.core.context.budget import Window, budget_for
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.joining import join_items, joined_of
from chat_tui.core.context.ledger import PAGE, Ledger
from chat_tui.core.context.plan import ContextPlan, Reason
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.errors import PlanRefusedError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class Terms(NamedTuple):
    """What a plan depends on besides messages."""

    window: Window
    policy: ContextPolicy
    cut: Cut
    calibration: Calibration
    system_prompt: str


async def weigh(
    ledger: Ledger, target: Target, items: tuple[ContextItem, ...], terms: Terms
) -> Weighed:
    """Put together what a plan is made of."""
    system = await ledger.system(terms.system_prompt, target.model)
    overhead = await ledger.overhead(target)
    calibrated = ceil(overhead * terms.calibration.ratio)
    budget = budget_for(terms.window, target.parameters, calibrated)
    return Weighed(items, system, overhead, budget, terms.policy, terms.cut, terms.calibration)


class Request:
    """The messages of one request; nothing that is read for it is read twice.

    Args:
        ledger: of the conversation.
        chat: the conversation.
        target: whom it goes to.
        path: stored messages, from the root on.
        more: what follows them.
    """

    def __init__(
        self,
        ledger: Ledger,
        chat: OpenConversation,
        target: Target,
        path: Sequence[str],
        more: Sequence[ChatMessage],
    ) -> None:
        self._ledger = ledger
        self._chat = chat
        self._target = target
        self._path = path
        self._more = {message.id: message for message in more}
        self._read: dict[str, ChatMessage] = {}
        self._items: tuple[ContextItem, ...] = ()
        self.joined = joined_of(chat.conversation, chat.tree, path)
        """The answers that go together with others."""
        self._version = -1
        """The version of the ledger that the items are of."""

    @property
    def texts(self) -> dict[str, ChatMessage]:
        """All messages that were read, by their ids, and those that are not stored."""
        return {**self._read, **self._more}

    async def weigh(self, terms: Terms) -> Weighed:
        """What the plan is made of, as far as it is known now.

        Raises:
            StorageError: the messages cannot be read.
        """
        model = self._target.model
        if self._version != self._ledger.version:
            self._version = self._ledger.version
            stored = await self._ledger.items(self._chat, model, self._path, self._read)
            self._items = tuple(join_items(stored, self.joined))
        new = [self._ledger.item(message, model) for message in self._more.values()]
        return await weigh(self._ledger, self._target, (*self._items, *new), terms)

    async def read(self, plan: ContextPlan) -> bool:
        """Read what a plan sends; tells whether any of it is other than the plan took it for.

        Another window may have marked it, or removed it for good.

        Raises:
            StorageError: it cannot be read.
        """
        known = self.texts
        missing = [each.id for each in plan.sent if each.id and each.id not in known]
        before = self._ledger.version
        for start in range(0, len(missing), PAGE):
            page = missing[start : start + PAGE]
            messages = await self._ledger.read(self._chat, page)
            for message in messages:
                self._read[message.id] = message
                self._ledger.take(message, self._target.model)
            for gone in {*page} - {message.id for message in messages}:
                self._ledger.lose(gone)
        return self._ledger.version != before

    async def count(self, ids: Sequence[str]) -> None:
        """Count some of its messages, all of which were read.

        Raises:
            UsageError: nothing can be counted.
        """
        model = self._target.model
        early = [self._more[id_] for id_ in ids if id_ in self._more]
        if early:
            await self._ledger.count_early(early, model)
        stored = [
            self._read[id_]
            for id_ in ids
            if id_ in self._read and id_ not in self._more and self._read[id_].status != "streaming"
        ]
        await self._ledger.count(self._chat, stored, model)

    async def count_short(self, plan: ContextPlan) -> None:
        """Count what a plan shortens as it is then; all of it was read.

        Raises:
            UsageError: nothing can be counted.
        """
        short = [
            self._read[each.id]
            for each in plan.sent
            if each.decision == "shortened" and not each.exact and each.id in self._read
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
