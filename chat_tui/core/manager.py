"""Runs conversations: what is sent, what comes back, what is kept.

It knows neither screen nor database nor HTTP; the ports stand for them. Several conversations
may stream at once, each in the task that consumes its generator.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chat_tui.core.answering import Answering
from chat_tui.core.asides import aside, ask_for_title
from chat_tui.core.asking import Question
from chat_tui.core.branching import Branching
from chat_tui.core.clock import Clock
from chat_tui.core.context.estimating import EstimatingCounter, UnknownModels
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.events import TurnEvent
from chat_tui.core.ids import new_id as _new_id
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.parameters import check_parameters
from chat_tui.core.ports import ClientSource, ConversationStore
from chat_tui.core.questions import Questions
from chat_tui.core.shelf import Shelf, switched, with_target
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

if TYPE_CHECKING:  # 2 ms that a first prompt need not pay
    from chat_tui.core.compacting import Compacting
    from chat_tui.core.side_by_side.merges import MergeSize, Merging
    from chat_tui.core.side_by_side.merging import Recipe
    from chat_tui.core.side_by_side.sides import SideBySide


class ConversationManager:
    """The one place that knows how a turn goes.

    Args:
        store: keeps what is said.
        clients: gives the client for a target.
        clock: the time that is stored.
        temporary: keeps temporary conversations, in memory alone; None where there are none.
        planner: plans what is sent; by default one that estimates, and knows no windows. It is
            closed with the manager.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self,
        store: ConversationStore,
        clients: ClientSource,
        *,
        clock: Clock,
        temporary: ConversationStore | None = None,
        planner: ContextPlanner | None = None,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        if planner is None:
            planner = ContextPlanner(EstimatingCounter(), UnknownModels(), ForgetfulMemory())
        self.context = planner
        """Plans what is sent, and knows how full conversations are."""
        self._clients = clients
        self._clock = clock
        self._new_id = new_id
        self._shelf = Shelf(store, temporary)
        self._questions = Questions(planner, clock, new_id)
        self._answering = Answering(clients, planner, clock, new_id)
        self.branches = Branching(self._shelf, clock, new_id)
        """Changes of the tree without a request; undo and redo of all changes."""

    # Conversations

    def start(
        self, target: Target, *, system_prompt: str = "", temporary: bool = False
    ) -> OpenConversation:
        """Begin a conversation. It is stored with its first prompt, not before.

        Args:
            target: where its prompts go.
            system_prompt: what the model is told first.
            temporary: it is kept in memory until it is closed, and never written.

        Raises:
            UsageError: there is no place for temporary ones.
        """
        now = self._clock.now()
        conversation = Conversation(
            self._new_id(),
            created=now,
            updated=now,
            system_prompt=system_prompt,
            targets=(target,),
        )
        return self._shelf.put(conversation, ConversationTree(), temporary=temporary, stored=False)

    async def open(self, id_: str, *, target: Target | None = None) -> OpenConversation:
        """Open a stored conversation; the same object as long as it is open.

        Args:
            id_: the conversation.
            target: where prompts go if the conversation names no model, as an imported one may.

        Raises:
            UsageError: there is none with this id, or no model to talk to.
            StorageError: it cannot be read.
        """
        return await self._shelf.open(id_, target)

    def close(self, chat: OpenConversation) -> None:
        """Forget an open conversation, unless an answer is on its way to it.

        Of a temporary one nothing is left then.
        """
        if not chat.streaming and self._shelf.get(chat.id) is chat:
            self._shelf.close(chat)

    async def refresh(self, chat: OpenConversation) -> bool:
        """Take over what another window did in a conversation; tells whether it was anything.

        Its messages, what it deleted, pinned or excluded of them, its title, system prompt, pin and
        favourite path. The path on this window's screen stays as far as it can, and so does the
        model.
        """
        changed = await self._shelf.refresh(chat)
        return await self.context.refresh(chat) or changed

    async def switch_target(self, chat: OpenConversation, target: Target) -> None:
        """Send the next prompts of a conversation elsewhere; all else of it stays as it is.

        Its parameters stay too, in place of those of the target. It is meant for a conversation
        that is not side by side: where others have answered there, they keep their slots.
        """
        target = replace(target, parameters=chat.target.parameters)
        await self._shelf.update(chat.id, switched(chat.conversation, target))

    async def set_parameters(self, chat: OpenConversation, parameters: Mapping[str, Any]) -> None:
        """Send other request parameters with the next prompts of a conversation.

        Args:
            chat: the conversation.
            parameters: all of them, by their names; those of None are left out.

        Raises:
            UsageError: one of them may not be sent, or not beside the others.
        """
        target = replace(chat.target, parameters=check_parameters(parameters))
        await self._shelf.update(chat.id, {"targets": with_target(chat.conversation, target)})

    async def set_system_prompt(self, chat: OpenConversation, text: str) -> None:
        """Tell the model something else first, from the next prompt on."""
        await self._shelf.update(chat.id, {"system_prompt": text})

    async def rename(self, id_: str, title: str, *, by_hand: bool = True) -> None:
        """Give a conversation another title."""
        await self._shelf.update(id_, {"title": title, "title_by_hand": by_hand})

    async def pin(self, id_: str, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or let it go."""
        await self._shelf.update(id_, {"pinned": pinned})

    async def delete(self, id_: str) -> None:
        """Take a conversation out of the list; `restore` brings it back. A running answer stops.

        A temporary one is gone for good.
        """
        await self._shelf.delete(id_, self._clock.now())

    async def restore(self, id_: str) -> None:
        """Bring a deleted conversation back.

        Raises:
            UsageError: it was removed for good meanwhile.
        """
        await self._shelf.show(id_)

    async def keep(self, chat: OpenConversation) -> None:
        """Write a temporary conversation, with all that was said in it; it is none any more then.

        Raises:
            UsageError: an answer is on its way.
            StorageError: it cannot be written; it stays temporary.
        """
        await self._shelf.keep(chat, self._clock.now())

    # Turns

    def send(
        self, chat: OpenConversation, text: str, *, stream: bool = True, anyway: bool = False
    ) -> AsyncGenerator[TurnEvent, None]:
        """Send a prompt and yield what happens, up to the `TurnFinished` of its reply.

        Where the policy wants it the oldest turns are summed up after the answer: then the events
        of that follow, from a `TurnStarted` on whose reply `covers` something.

        Consume it under `contextlib.aclosing`, best without awaiting anything else between two
        events: `stop` interrupts the consumer where it waits for the next one, and otherwise
        takes effect when it comes back for it. Closing it early keeps the text as `stopped`. A
        turn that is stopped while it is planned has no events, and nothing is stored.

        Args:
            chat: the conversation.
            text: the prompt.
            stream: ask for the reply as it is made.
            anyway: send all, also where it is known not to fit.

        Raises:
            UsageError: an answer is on its way already, nothing is to be sent, or the provider
                is not usable; nothing was stored.
            PlanRefusedError: what must be sent does not fit; nothing was stored.
            StorageError: the conversation cannot be read.
        """
        ask = partial(self._questions.prompt, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, text))

    def edit(
        self,
        chat: OpenConversation,
        prompt_id: str,
        text: str,
        *,
        target: Target | None = None,
        stream: bool = True,
        anyway: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Send another version of a prompt; the first one stays as a sibling. Else as `send`.

        Args:
            chat: the conversation.
            prompt_id: the prompt so far; what is attached to it is sent with the new one too.
            text: its new text.
            target: another model; by default the conversation's.
            stream: ask for the reply as it is made.
            anyway: send all, also where it is known not to fit.
        """
        ask = partial(self._questions.other_prompt, target=target, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, prompt_id, text))

    def regenerate(
        self,
        chat: OpenConversation,
        reply_id: str,
        *,
        target: Target | None = None,
        stream: bool = True,
        anyway: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Answer a prompt again; the earlier answer stays as a sibling. Else as `send`.

        One that was merged is merged again, from the same answers.

        Args:
            chat: the conversation.
            reply_id: the answer to be made anew, or the prompt that has none.
            target: another model; by default the conversation's, or who merged.
            stream: ask for the reply as it is made.
            anyway: send all, also where it is known not to fit.
        """
        merged = reply_id in chat.tree and chat.tree[reply_id].slot == MERGED
        again = self._merging.again if merged else self._questions.again
        ask = partial(again, target=target, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, reply_id))

    def continue_reply(
        self, chat: OpenConversation, reply_id: str, *, stream: bool = True, anyway: bool = False
    ) -> AsyncGenerator[TurnEvent, None]:
        """Go on with a reply that was cut. Else as `send`.

        The cut reply stays; a sibling begins with its text and goes on from there, without what
        the model says again (see `core.continuing`). The events bring what is added only.

        Raises:
            UsageError: the reply was not cut, or has no text.
        """
        ask = partial(self._questions.continuation, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, reply_id))

    def compact(
        self, chat: OpenConversation, *, target: Target | None = None, stream: bool = True
    ) -> AsyncGenerator[TurnEvent, None]:
        """Have a model sum up the oldest turns. Else as `send`.

        The summary is a message at the end of the path that `covers` what it stands for, and is
        sent in the place of that from then on; one that failed stands for nothing.

        Args:
            chat: the conversation.
            target: who sums up; by default the model of the policy, else the conversation's.
            stream: ask for it as it is made.

        Raises:
            UsageError: there is too little to be summed up, or an answer is on its way.
        """
        ask = partial(self._compacting.question, target=target, stream=stream)
        return self._turn(chat, partial(ask, chat))

    def merge(
        self,
        chat: OpenConversation,
        replies: Sequence[str],
        recipe: "Recipe",
        *,
        target: Target | None = None,
        words: str = "",
        stream: bool = True,
        anyway: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Have a model make one answer of several to the same prompt, beside them. Else as `send`.

        Args:
            chat: the conversation.
            replies: the answers, in the order in which the model is told them.
            recipe: what is made of them.
            target: who merges; by default the conversation's.
            words: the user's own, for the recipe `own`.
            stream: ask for it as it is made.
            anyway: send all, also where it is known not to fit.

        Raises:
            UsageError: there are fewer than two answers with text, they are not to one prompt, or
                an answer is on its way.
        """
        from chat_tui.core.side_by_side.merges import Order  # as `_merging`

        order = Order(tuple(replies), recipe, words, target)
        ask = partial(self._merging.question, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, order))

    async def merge_size(
        self,
        chat: OpenConversation,
        replies: Sequence[str],
        recipe: "Recipe",
        *,
        target: Target | None = None,
        words: str = "",
    ) -> "MergeSize":
        """How large the request of a merge would be; nothing is sent, and nothing kept.

        Raises:
            UsageError: as `merge` does.
            StorageError: the answers cannot be read.
        """
        from chat_tui.core.side_by_side.merges import Order  # as `_merging`

        return await self._merging.size(chat, Order(tuple(replies), recipe, words, target))

    async def _turn(
        self, chat: OpenConversation, ask: Callable[[], Awaitable[Question]]
    ) -> AsyncGenerator[TurnEvent, None]:
        turn = chat.begin()
        try:
            question = await turn.prepare(ask)
            if question is None:
                return
            async with aclosing(self._answering.run(chat, turn, question)) as events:
                async for event in events:
                    yield event
            if self.context.policy(chat).overflow == "compact":
                async with aclosing(self._compacting.after(chat, turn)) as events:
                    async for event in events:
                        yield event
        finally:
            chat.turn = None

    @cached_property
    def _compacting(self) -> "Compacting":
        from chat_tui.core.compacting import Compacting  # 2 ms that a first prompt need not pay

        return Compacting(self.context, self._answering, self._new_id)

    @cached_property
    def _merging(self) -> "Merging":
        from chat_tui.core.side_by_side.merges import Merging  # not before answers are merged

        return Merging(self.context)

    @cached_property
    def sides(self) -> "SideBySide":
        """Several models in one conversation, and rounds of them."""
        # Whoever never goes side by side need not wait for it.
        from chat_tui.core.side_by_side.rounds import Means
        from chat_tui.core.side_by_side.sides import SideBySide

        means = Means(self._answering, self.context, self._clock, self._new_id)
        return SideBySide(means, self._questions, self.branches, self._shelf)

    def stop(self, chat: OpenConversation, slot: int | None = None) -> bool:
        """Stop what is being answered; its text stays. Tells whether there was anything.

        Args:
            chat: the conversation.
            slot: only this one of several side by side; None for all.
        """
        return chat.stop(slot)

    def retry_now(self, chat: OpenConversation, slot: int | None = None) -> bool:
        """Let requests go at once that wait to be sent again; tells whether there may be any.

        Args:
            chat: the conversation.
            slot: only this one of several side by side; None for all.
        """
        turns = [*chat.running()] if slot is None else [*filter(None, [chat.rounds.get(slot)])]
        for turn in turns:
            turn.gate.open()
        return bool(turns)

    async def suggest_title(self, chat: OpenConversation, target: Target | None = None) -> str:
        """Ask a model for a title; empty where it has none to give.

        Args:
            chat: the conversation, of which it is told the first exchange.
            target: the model; by default the conversation's.

        Raises:
            ChatError: the request failed.
        """
        exchange = await chat.store.messages(chat.tree.path()[:2])
        target = aside(chat.target, target)
        return await ask_for_title(self._clients, target, exchange, self._new_id())

    async def settled(self) -> None:
        """Wait until all messages that have ended are counted, as far as they are to be.

        Nobody need do so but who is about to end: what was not counted is counted another time.
        """
        await self._answering.settled()

    async def aclose(self) -> None:
        """End what goes on in the background, the planner's counting too; twice is safe."""
        await self._answering.aclose()
        await self.context.aclose()
