"""Runs conversations: what is sent, what comes back, what is kept.

It knows neither screen nor database nor HTTP; the ports stand for them. Several conversations
may stream at once, each in the task that consumes its generator.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import cached_property, partial
from typing import TYPE_CHECKING

from chat_tui.core.answering import Answering
from chat_tui.core.asking import Question
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.branching import Branching
from chat_tui.core.clock import Clock
from chat_tui.core.context.estimating import EstimatingCounter, UnknownModels
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.events import TurnEvent
from chat_tui.core.filing import Filing
from chat_tui.core.ids import new_id as _new_id
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.ports import ClientSource, ConversationStore
from chat_tui.core.questions import Questions
from chat_tui.core.shelf import Shelf
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

if TYPE_CHECKING:  # 2 ms that a first prompt need not pay
    from chat_tui.core.compacting import Compacting
    from chat_tui.core.side_by_side.merges import Merging
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
        self.conversations = Filing(self._shelf, clients, clock, new_id)
        """Changes of what is known of conversations: titles, pins, parameters, where they are."""

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

    # Turns

    def send(
        self,
        chat: OpenConversation,
        prompt: Prompt | str,
        *,
        stream: bool = True,
        anyway: bool = False,
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
            prompt: words, and what is attached to them; its bytes are in `chat.store` already.
            stream: ask for the reply as it is made.
            anyway: send all, also where it is known not to fit.

        Raises:
            UsageError: an answer is on its way already, nothing is to be sent, or the provider
                is not usable; nothing was stored.
            PlanRefusedError: what must be sent does not fit; nothing was stored.
            StorageError: the conversation cannot be read.
        """
        ask = partial(self._questions.prompt, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, prompt))

    def edit(
        self,
        chat: OpenConversation,
        prompt_id: str,
        prompt: Prompt | str,
        *,
        target: Target | None = None,
        stream: bool = True,
        anyway: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Send another version of a prompt; the first one stays as a sibling. Else as `send`.

        Args:
            chat: the conversation.
            prompt_id: the prompt so far.
            prompt: what is sent in its place; with words alone what is attached to the prompt so
                far stays attached.
            target: another model; by default the conversation's.
            stream: ask for the reply as it is made.
            anyway: send all, also where it is known not to fit.
        """
        ask = partial(self._questions.other_prompt, target=target, stream=stream, anyway=anyway)
        return self._turn(chat, partial(ask, chat, prompt_id, prompt))

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
        again = self._asks_for(chat, reply_id).again
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
        go_on = self._asks_for(chat, reply_id).continuation
        ask = partial(go_on, stream=stream, anyway=anyway)
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

    def _asks_for(self, chat: OpenConversation, reply_id: str) -> "Questions | Merging":
        """Who knows what an answer was made of."""
        merged = reply_id in chat.tree and chat.tree[reply_id].slot == MERGED
        return self.merging if merged else self._questions

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
            if turn.incoming is not None and not turn.stopping and self._compacts(chat):
                reply = turn.incoming.snapshot()
                async with aclosing(self._compacting.after(chat, reply)) as events:
                    async for event in events:
                        yield event
        finally:
            chat.turn = None

    async def sum_up_if_due(self, chat: OpenConversation) -> AsyncGenerator[TurnEvent, None]:
        """Sum up the oldest turns after a round, where the policy wants it; else without events.

        The events are those of one turn, as after an answer in `send`. Where each model has its own
        thread nothing is summed up.

        Raises:
            UsageError: an answer is on its way.
            StorageError: the conversation cannot be read.
        """
        shared = chat.conversation.board.sharing != "own"
        if not (shared and chat.tree.head is not None and self._compacts(chat)):
            return
        chat.begin()
        try:
            newest = await chat.messages([chat.tree.head])
            if newest:
                async with aclosing(self._compacting.after(chat, newest[0])) as events:
                    async for event in events:
                        yield event
        finally:
            chat.turn = None

    def _compacts(self, chat: OpenConversation) -> bool:
        return self.context.policy(chat).overflow == "compact"

    @cached_property
    def _compacting(self) -> "Compacting":
        from chat_tui.core.compacting import Compacting  # 2 ms that a first prompt need not pay

        return Compacting(self.context, self._answering, self._new_id)

    @cached_property
    def merging(self) -> "Merging":
        """One answer made of several to the same prompt."""
        from chat_tui.core.side_by_side.merges import Merging  # not before answers are merged

        return Merging(self.context, self._turn, self._new_id)

    @cached_property
    def sides(self) -> "SideBySide":
        """Several models in one conversation, and rounds of them."""
        # Whoever never goes side by side need not wait for it.
        from chat_tui.core.side_by_side.plans import Means
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

    async def settled(self) -> None:
        """Wait until all messages that have ended are counted, as far as they are to be.

        Nobody need do so but who is about to end: what was not counted is counted another time.
        """
        await self._answering.settled()

    async def aclose(self) -> None:
        """End what goes on in the background, the planner's counting too; twice is safe."""
        await self._answering.aclose()
        await self.context.aclose()
