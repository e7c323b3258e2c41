"""How a reply comes about: it is stored, asked for, passed on as it comes, and folded at its end.

The one stream loop, of every turn there is; who asks, and what for, is up to the manager.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from chat_tui.core.clock import Clock
from chat_tui.core.context import ContextPlan
from chat_tui.core.continuing import ContinuedReply
from chat_tui.core.conversation import Conversation, Extent, node_of
from chat_tui.core.errors import ChatError, ErrorInfo, FilteredError, InterruptedReplyError
from chat_tui.core.events import TurnEvent, TurnFinished, TurnStarted
from chat_tui.core.messages import ChatMessage, Status
from chat_tui.core.ports import ChatClient, ClientSource, ConversationChanges
from chat_tui.core.reply import IncomingReply, Journal
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.core.titles import title_from
from chat_tui.core.turns import OpenConversation, RunningTurn
from chat_tui.core.undo import Change, Kind, Side


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn asks."""

    kind: Kind
    plan: ContextPlan
    target: Target
    parent: str | None
    """The message that is answered."""
    turn: str
    """Its turn."""
    prompt: ChatMessage | None = None
    """That message where it is new; None where it is stored already."""
    cut: ChatMessage | None = None
    """The reply that is gone on with, where one is."""
    stream: bool = True
    """Ask for the reply as it is made."""


class Answering:
    """Gets answers.

    Args:
        clients: gives the client for a target.
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self,
        clients: ClientSource,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._new_id = new_id

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
        yield TurnStarted(chat.id, question.prompt, (reply,), question.plan)
        request = ChatRequest(
            question.target, question.plan.messages, question.stream, reply.id, turn.gate
        )
        async with aclosing(self._receive(chat, turn, turn.incoming, client, request)) as events:
            async for event in events:
                yield event

    def _empty_reply(self, question: Question) -> ChatMessage:
        reply = ChatMessage(
            self._new_id(),
            "assistant",
            parent=question.parent,
            turn=question.turn,
            created=self._clock.now(),
            status="streaming",
            model=question.target.model,
            provider=question.target.provider,
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
        client: ChatClient,
        request: ChatRequest,
    ) -> AsyncGenerator[TurnEvent, None]:
        """The one stream loop. However it is left, what came is stored."""
        status: Status | None = "stopped"
        error: ErrorInfo | None = None
        try:
            if turn.wait():
                async with aclosing(client.stream(request)) as events:
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
            reply = await self._finish(chat, turn.change, incoming, status, error)
        if rest is not None:
            yield rest
        yield TurnFinished(reply)

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
        status: Status | None,
        error: ErrorInfo | None,
    ) -> ChatMessage:
        reply, *others = incoming.end(self._clock.now(), self._new_id, status, error)
        chat.tree.update(node_of(reply))
        if others:
            await chat.store.add_messages(chat.conversation, others)
            chat.tree.merge(map(node_of, others))
            if change is not None:
                chat.undo_stack.replace(change, _extended(change, others))
        await chat.store.save_message(reply)
        title = _title_of(chat.conversation, answer=reply.text)
        if title != chat.conversation.title:
            await self._give_title(chat, title)
        return reply

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
