"""How a reply comes about: it is stored, asked for, passed on as it comes, and folded at its end.

The one stream loop, of every turn there is; who asks, and what for, is up to the manager.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace

from chat_tui.core.adding import add_choices, add_messages, give_title
from chat_tui.core.asking import Asking, Question
from chat_tui.core.clock import Clock
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.continuing import ContinuedReply
from chat_tui.core.conversation import node_of
from chat_tui.core.errors import (
    ChatError,
    ErrorInfo,
    FilteredError,
    InterruptedReplyError,
    StorageError,
)
from chat_tui.core.events import (
    ChoiceFinished,
    ChoiceStarted,
    Notice,
    TurnEvent,
    TurnFinished,
    TurnStarted,
)
from chat_tui.core.extras import images_of
from chat_tui.core.journal import Journal
from chat_tui.core.messages import ChatMessage, Status
from chat_tui.core.ports import ChatClient, ClientSource
from chat_tui.core.reply import IncomingReply
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation, RunningTurn
from chat_tui.core.undo import Change, Kind


class Answering:
    """Gets answers.

    Args:
        clients: gives the client for a target.
        planner: learns from what servers report, and knows windows and prices.
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self,
        clients: ClientSource,
        planner: ContextPlanner,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._clients = clients
        self._planner = planner
        self._clock = clock
        self._new_id = new_id
        self._settling: set[asyncio.Task[None]] = set()

    async def settled(self) -> None:
        """Wait until what has ended is counted."""
        if self._settling:
            await asyncio.wait(set(self._settling))

    async def aclose(self) -> None:
        """End what goes on in the background; twice is safe."""
        settling = [*self._settling]
        for task in settling:
            task.cancel()
        await asyncio.gather(*settling, return_exceptions=True)

    async def run(
        self, chat: OpenConversation, turn: RunningTurn, question: Question
    ) -> AsyncGenerator[TurnEvent, None]:
        """Run a turn that has begun; yields what happens, `TurnFinished` last.

        Raises:
            UsageError: the provider is not usable; nothing was stored.
        """
        client = self.client_for(question.target)
        reply = self.empty_reply(question)
        prompts = [question.prompt] if question.prompt is not None else []
        turn.change = await self.add(chat, question.kind, prompts, [reply])
        incoming = self.expect(chat, turn, question, reply)
        yield TurnStarted(chat.id, question.prompt, (reply,), question.planned.plan)
        async with aclosing(self.receive(chat, turn, incoming, question, client)) as events:
            async for event in events:
                yield event

    # Steps of a turn, for those that run several at once

    def client_for(self, target: Target) -> ChatClient:
        """Give the client for a target.

        Raises:
            UsageError: the provider is not usable.
        """
        return self._clients.client_for(target)

    def empty_reply(self, question: Question) -> ChatMessage:
        """The reply to a question as it is stored before it is asked."""
        reply = ChatMessage(
            self._new_id(),
            "assistant" if question.covers is None else "system",
            parent=question.parent,
            turn=question.turn,
            created=self._clock.now(),
            status="streaming",
            model=question.target.model,
            provider=question.target.provider,
            slot=question.slot,
            notices=question.notices,
            raw=question.raw,
            covers=question.covers,
        )
        if (cut := question.cut) is None:
            return reply
        return replace(
            reply,
            parts=cut.parts,
            reasoning=cut.reasoning,
            annotations=cut.annotations,
            raw=cut.raw,
        )

    def expect(
        self, chat: OpenConversation, turn: RunningTurn, question: Question, reply: ChatMessage
    ) -> IncomingReply:
        """Have what comes of a reply that is stored gathered from here on."""
        gather = IncomingReply if question.cut is None else ContinuedReply
        asked = question.target.parameters.get("n")
        turn.incoming = incoming = gather(
            reply,
            self._clock.now(),
            _journal(chat, reply.id),
            asked if isinstance(asked, int) else 1,
        )
        return incoming

    async def receive(
        self,
        chat: OpenConversation,
        turn: RunningTurn,
        incoming: IncomingReply,
        question: Question,
        client: ChatClient,
    ) -> AsyncGenerator[TurnEvent, None]:
        """The one stream loop, of a turn whose reply is expected.

        However it is left, what came is stored.
        """
        incoming.send(self._clock.now())
        asking = Asking(question, incoming.message_id, turn, client, self._planner)
        status: Status | None = "stopped"
        error: ErrorInfo | None = None
        try:
            if turn.wait():
                async with aclosing(asking.events()) as events:
                    async for event in events:
                        turn.go_on()
                        added = incoming.take(event, self._clock.now())
                        if incoming.has_begun:
                            for choice in await self._begin_choices(chat, turn, incoming):
                                yield ChoiceStarted(choice, choice.slot)
                        if added is not None:
                            yield added
                        if not turn.wait():
                            break
                    else:
                        status = None
        except ChatError as failure:
            error = failure.info
            status = _status_of(failure, incoming)
        except asyncio.CancelledError:
            if not turn.take_back():
                raise
        except Exception:
            status = "interrupted" if incoming.has_content else "error"
            error = ErrorInfo("protocol", "The app failed while it read this reply.")
            raise
        finally:
            turn.go_on()
            rest = incoming.close(self._clock.now())
            learnt = self._learn(question, asking, incoming)
            reply, *others = await self._finish(chat, turn, incoming, question, (status, error))
        for each in _last_events(rest, learnt, others):
            yield each
        sent = asking.planned
        yield TurnFinished(reply, reply.slot, sent.plan, sent.expected)

    def _learn(
        self, question: Question, asking: Asking, incoming: IncomingReply
    ) -> TurnEvent | None:
        """Learn from what the server reports; gives what there is to be told of it."""
        told = self._planner.learn(question.target, asking.planned, incoming.usage)
        if told is None:
            return None
        return incoming.take(Notice(told.kind, told.message), self._clock.now())

    async def add(
        self,
        chat: OpenConversation,
        kind: Kind,
        prompts: Sequence[ChatMessage],
        replies: Sequence[ChatMessage],
    ) -> Change:
        """Store prompts and their replies, or replies alone, in one durable step.

        Gives it as a change that was noted.
        """
        async with chat.storing:
            return await add_messages(chat, kind, prompts, replies, self._clock.now())

    async def _begin_choices(
        self, chat: OpenConversation, turn: RunningTurn, incoming: IncomingReply
    ) -> list[ChatMessage]:
        """Store further choices as they begin; gives those that are stored now."""
        choices = incoming.begin_choices(self._new_id)
        try:
            await add_choices(chat, turn, choices)
        except StorageError:
            return []  # They are stored when they have ended, or that is told.
        for each in choices:
            incoming.keep(each.id, _journal(chat, each.id))
        return choices

    async def _finish(
        self,
        chat: OpenConversation,
        turn: RunningTurn,
        incoming: IncomingReply,
        question: Question,
        end: tuple[Status | None, ErrorInfo | None],
    ) -> Sequence[ChatMessage]:
        """Store the reply and its further choices as they ended; gives them, the reply first."""
        prices, begun = self._planner.facts.prices(question.target), {*incoming.ids}
        ended = incoming.end(self._clock.now(), self._new_id, *end, prices)
        try:
            messages = await _with_pictures(chat, incoming, ended)
        except asyncio.CancelledError:
            # The app ends while pictures are read: they stay among the fields of the reply.
            await self._keep(chat, turn, question, ended, begun)
            raise
        return await self._keep(chat, turn, question, messages, begun)

    async def _keep(
        self,
        chat: OpenConversation,
        turn: RunningTurn,
        question: Question,
        messages: Sequence[ChatMessage],
        begun: Collection[str],
    ) -> Sequence[ChatMessage]:
        """Store messages that have ended; those that have begun are stored already."""
        if new := [each for each in messages if each.id not in chat.tree]:
            await add_choices(chat, turn, new)
        reply, *others = messages
        for message in (*(each for each in others if each.id in begun), reply):
            chat.tree.update(node_of(message))
            await chat.store.save_message(message)
        await give_title(chat, "" if reply.covers else reply.text)
        self._settle(chat, [message for message in (question.prompt, *messages) if message])
        return messages

    def _settle(self, chat: OpenConversation, messages: Sequence[ChatMessage]) -> None:
        """Have messages that have ended counted; nobody waits for it."""
        settling = self._planner.settle(chat, [message.id for message in messages])
        task = asyncio.create_task(settling, name=f"settle {chat.id}")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)


async def _with_pictures(
    chat: OpenConversation, incoming: IncomingReply, ended: Sequence[ChatMessage]
) -> Sequence[ChatMessage]:
    """Messages as they ended, with the pictures that came with them as parts."""
    if not any(map(images_of, ended)):
        return ended
    # 3 ms that only a reply with pictures need pay.
    from chat_tui.core.attachments.replies import keep_pictures

    messages = await keep_pictures(chat.store, ended)
    incoming.change(messages)
    return messages


def _journal(chat: OpenConversation, id_: str) -> Journal:
    return Journal(lambda text, more: chat.store.append_chunk(id_, text, more))


def _last_events(
    rest: TurnEvent | None, learnt: TurnEvent | None, others: Sequence[ChatMessage]
) -> list[TurnEvent]:
    """What follows the end of a reply: what was held back, and learnt, and its other choices."""
    ended = (ChoiceFinished(choice, choice.slot) for choice in others)
    return [each for each in (rest, learnt, *ended) if each is not None]


def _status_of(failure: ChatError, incoming: IncomingReply) -> Status:
    if isinstance(failure, FilteredError):
        return "filtered"
    if incoming.has_content or isinstance(failure, InterruptedReplyError):
        return "interrupted"
    return "error"
