"""How a reply comes about: it is stored, asked for, passed on as it comes, and folded at its end.

The one stream loop, of every turn there is; who asks, and what for, is up to the manager.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from chat_tui.core.asking import Asking, Question
from chat_tui.core.clock import Clock
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.continuing import ContinuedReply
from chat_tui.core.conversation import Conversation, Extent, node_of
from chat_tui.core.errors import ChatError, ErrorInfo, FilteredError, InterruptedReplyError
from chat_tui.core.events import Notice, TurnEvent, TurnFinished, TurnStarted
from chat_tui.core.messages import ChatMessage, Status
from chat_tui.core.ports import ClientSource, ConversationChanges
from chat_tui.core.reply import IncomingReply, Journal
from chat_tui.core.titles import title_from
from chat_tui.core.turns import OpenConversation, RunningTurn
from chat_tui.core.undo import Change, Kind, Side


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
        client = self._clients.client_for(question.target)
        reply = self._empty_reply(question)
        prompts = [question.prompt] if question.prompt is not None else []
        turn.change = await self._add(chat, question.kind, [*prompts, reply])
        journal = Journal(lambda text, more: chat.store.append_chunk(reply.id, text, more))
        gather = IncomingReply if question.cut is None else ContinuedReply
        turn.incoming = gather(reply, self._clock.now(), journal)
        yield TurnStarted(chat.id, question.prompt, (reply,), question.planned.plan)
        asking = Asking(question, reply.id, turn, client, self._planner)
        async with aclosing(self._receive(chat, turn, turn.incoming, asking, question)) as events:
            async for event in events:
                yield event

    def _empty_reply(self, question: Question) -> ChatMessage:
        reply = ChatMessage(
            self._new_id(),
            "assistant" if question.covers is None else "system",
            parent=question.parent,
            turn=question.turn,
            created=self._clock.now(),
            status="streaming",
            model=question.target.model,
            provider=question.target.provider,
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

    async def _receive(
        self,
        chat: OpenConversation,
        turn: RunningTurn,
        incoming: IncomingReply,
        asking: Asking,
        question: Question,
    ) -> AsyncGenerator[TurnEvent, None]:
        """The one stream loop. However it is left, what came is stored."""
        status: Status | None = "stopped"
        error: ErrorInfo | None = None
        try:
            if turn.wait():
                async with aclosing(asking.events()) as events:
                    async for event in events:
                        turn.go_on()
                        added = incoming.take(event, self._clock.now())
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
            reply = await self._finish(chat, turn.change, incoming, question, (status, error))
        if rest is not None:
            yield rest
        if learnt is not None:
            yield learnt
        sent = asking.planned
        yield TurnFinished(reply, plan=sent.plan, expected=sent.expected)

    def _learn(
        self, question: Question, asking: Asking, incoming: IncomingReply
    ) -> TurnEvent | None:
        """Learn from what the server reports; gives what there is to be told of it."""
        told = self._planner.learn(question.target, asking.planned, incoming.usage)
        if told is None:
            return None
        return incoming.take(Notice(told.kind, told.message), self._clock.now())

    async def _add(
        self, chat: OpenConversation, kind: Kind, messages: Sequence[ChatMessage]
    ) -> Change:
        """Store a prompt and its reply, or a reply alone; gives it as a change that was noted."""
        before, is_new = chat.conversation, not chat.stored
        prompt = messages[0].text if messages[0].role == "user" else ""
        written = replace(
            before,
            title=_title_of(before, prompt=prompt),
            head=messages[-1].id,
            updated=self._clock.now(),
        )
        await chat.store.add_messages(written, messages)
        chat.stored = True
        # What the user changed while this was stored stays.
        now = chat.conversation
        title = _title_of(now, prompt=prompt)
        chat.conversation = replace(now, title=title, head=written.head, updated=written.updated)
        change = _addition(chat, kind, messages, self._clock.now())
        for message in messages:
            chat.tree.add(node_of(message))
        chat.undo_stack.record(change)
        if is_new and now is not before:
            await chat.store.update_conversation(chat.id, _settings(chat.conversation))
        elif title != before.title and not is_new:
            # Of a conversation that is there already `add_messages` writes no title.
            await self._give_title(chat, title)
        return change

    async def _finish(
        self,
        chat: OpenConversation,
        change: Change | None,
        incoming: IncomingReply,
        question: Question,
        end: tuple[Status | None, ErrorInfo | None],
    ) -> ChatMessage:
        prices = self._planner.facts.prices(question.target)
        reply, *others = incoming.end(self._clock.now(), self._new_id, *end, prices)
        chat.tree.update(node_of(reply))
        if others:
            await chat.store.add_messages(chat.conversation, others)
            chat.tree.merge(map(node_of, others))
            if change is not None:
                chat.undo_stack.replace(change, _extended(change, others))
        await chat.store.save_message(reply)
        answer = "" if reply.covers else reply.text
        title = _title_of(chat.conversation, answer=answer)
        if title != chat.conversation.title:
            await self._give_title(chat, title)
        self._settle(chat, [message for message in (question.prompt, reply, *others) if message])
        return reply

    def _settle(self, chat: OpenConversation, messages: Sequence[ChatMessage]) -> None:
        """Have messages that have ended counted; nobody waits for it."""
        settling = self._planner.settle(chat, [message.id for message in messages])
        task = asyncio.create_task(settling, name=f"settle {chat.id}")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _give_title(self, chat: OpenConversation, title: str) -> None:
        chat.conversation = replace(chat.conversation, title=title, title_by_hand=False)
        await chat.store.update_conversation(chat.id, {"title": title, "title_by_hand": False})


def _settings(conversation: Conversation) -> ConversationChanges:
    """What the user may change of a conversation at any time."""
    return {
        "title": conversation.title,
        "title_by_hand": conversation.title_by_hand,
        "system_prompt": conversation.system_prompt,
        "targets": conversation.targets,
        "pinned": conversation.pinned,
    }


def _addition(
    chat: OpenConversation, kind: Kind, messages: Sequence[ChatMessage], at: float
) -> Change:
    """Messages that are about to be added to a tree as a change; the first is their top."""
    first, favourite = messages[0], chat.conversation.favourite
    return Change(
        kind,
        Side(chat.tree.head, favourite, {first.id: "branch"}),
        Side(messages[-1].id, favourite, {first.id: ""}),
        at,
        prompt=first.text if first.role == "user" else "",
    )


def _extended(change: Change, others: Sequence[ChatMessage]) -> Change:
    """A turn whose reply turned out to have siblings: they come and go with it."""
    if change.kind in ("send", "edit"):
        return change  # They hang below the prompt.
    ids = [message.id for message in others]
    gone: dict[str, Extent] = dict.fromkeys(ids, "branch")
    back: dict[str, Extent] = dict.fromkeys(ids, "")
    return replace(
        change,
        before=replace(change.before, marks={**change.before.marks, **gone}),
        after=replace(change.after, marks={**change.after.marks, **back}),
    )


def _title_of(conversation: Conversation, *, prompt: str = "", answer: str = "") -> str:
    if conversation.title or conversation.title_by_hand:
        return conversation.title
    return title_from(prompt, answer)


def _status_of(failure: ChatError, incoming: IncomingReply) -> Status:
    if isinstance(failure, FilteredError):
        return "filtered"
    if incoming.has_content or isinstance(failure, InterruptedReplyError):
        return "interrupted"
    return "error"
