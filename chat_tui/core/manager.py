"""Runs conversations: what is sent, what comes back, what is kept.

It knows neither screen nor database nor HTTP; the ports stand for them. Several conversations
may stream at once, each in the task that consumes its generator.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from chat_tui.core.clock import Clock
from chat_tui.core.context import ContextPlan, plan_context
from chat_tui.core.conversation import Conversation, ConversationTree, node_of
from chat_tui.core.errors import (
    ChatError,
    ErrorInfo,
    FilteredError,
    InterruptedReplyError,
    UsageError,
)
from chat_tui.core.events import ReplyFinished, TextDelta, TurnEvent, TurnFinished, TurnStarted
from chat_tui.core.ids import new_id as _new_id
from chat_tui.core.messages import ChatMessage, Status, TextPart, text_parts
from chat_tui.core.ports import ChatClient, ClientSource, ConversationStore
from chat_tui.core.reply import IncomingReply, Journal
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.core.titles import TITLE_REQUEST, title_from
from chat_tui.core.turns import RunningTurn


@dataclass(slots=True, eq=False)
class OpenConversation:
    """A conversation that is being worked on. Its state changes through the manager only."""

    conversation: Conversation
    tree: ConversationTree
    turn: RunningTurn | None = None
    """The turn that is being answered."""

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.conversation.id

    @property
    def target(self) -> Target:
        """Where the next prompt goes."""
        return self.conversation.targets[0]

    @property
    def streaming(self) -> bool:
        """Whether an answer is on its way."""
        return self.turn is not None


class ConversationManager:
    """The one place that knows how a turn goes.

    Args:
        store: keeps what is said.
        clients: gives the client for a target.
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self,
        store: ConversationStore,
        clients: ClientSource,
        *,
        clock: Clock,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self._store = store
        self._clients = clients
        self._clock = clock
        self._new_id = new_id
        self._open: dict[str, OpenConversation] = {}

    # Conversations

    def start(self, target: Target, *, system_prompt: str = "") -> OpenConversation:
        """Begin a conversation. It is stored with its first prompt, not before."""
        now = self._clock.now()
        conversation = Conversation(
            self._new_id(),
            created=now,
            updated=now,
            system_prompt=system_prompt,
            targets=(target,),
        )
        return self._remember(OpenConversation(conversation, ConversationTree()))

    async def open(self, id_: str, *, target: Target | None = None) -> OpenConversation:
        """Open a stored conversation; the same object as long as it is open.

        Args:
            id_: the conversation.
            target: where prompts go if the conversation names no model, as an imported one may.

        Raises:
            UsageError: there is none with this id, or no model to talk to.
            StorageError: it cannot be read.
        """
        if id_ in self._open:
            return self._open[id_]
        conversation = await self._store.conversation(id_)
        if conversation is None:
            raise UsageError(
                f"There is no conversation {id_}.", hint="Run `chat-tui list` to see them all."
            )
        if not conversation.targets:
            if target is None:
                raise UsageError(f"The conversation {id_} names no model.", hint="Name one.")
            conversation = replace(conversation, targets=(target,))
        tree = ConversationTree(await self._store.nodes(id_), conversation.head)
        # Two callers may have waited for the disk; the first one's object stays.
        return self._open.get(id_) or self._remember(OpenConversation(conversation, tree))

    def close(self, chat: OpenConversation) -> None:
        """Forget an open conversation, unless an answer is on its way to it."""
        if not chat.streaming:
            self._open.pop(chat.id, None)

    def streaming(self) -> tuple[OpenConversation, ...]:
        """The conversations that are being answered."""
        return tuple(chat for chat in self._open.values() if chat.streaming)

    async def messages(self, chat: OpenConversation, ids: Sequence[str]) -> list[ChatMessage]:
        """Messages whole, in the order asked for; a running reply as far as it has come."""
        live = chat.turn.incoming if chat.turn else None
        messages = await self._store.messages(ids)
        if live is None:
            return messages
        return [
            live.snapshot() if message.id == live.message_id else message for message in messages
        ]

    async def refresh(self, chat: OpenConversation) -> bool:
        """Take over what another window added to a conversation; tells whether it was anything."""
        stored = await self._store.conversation(chat.id)
        if stored is None:
            return False
        changed = stored.title != chat.conversation.title
        chat.conversation = replace(
            chat.conversation, title=stored.title, title_by_hand=stored.title_by_hand
        )
        added = chat.tree.merge(await self._store.nodes(chat.id))
        if added and chat.tree.head is not None and not chat.streaming:
            # The other window went on from where this one stands: follow it.
            chat.tree.select(chat.tree.head)
        return bool(added) or changed

    async def switch_target(self, chat: OpenConversation, target: Target) -> None:
        """Send the next prompts of a conversation elsewhere; all that was said stays."""
        chat.conversation = replace(chat.conversation, targets=(target,))
        if len(chat.tree):
            await self._store.update_conversation(chat.id, {"targets": (target,)})

    async def select(self, chat: OpenConversation, id_: str) -> None:
        """Make the path through a message the active one."""
        chat.tree.select(id_)
        chat.conversation = replace(chat.conversation, head=chat.tree.head)
        await self._store.update_conversation(chat.id, {"head": chat.tree.head})

    async def rename(self, id_: str, title: str, *, by_hand: bool = True) -> None:
        """Give a conversation another title."""
        if chat := self._open.get(id_):
            chat.conversation = replace(chat.conversation, title=title, title_by_hand=by_hand)
            if not len(chat.tree):
                return
        await self._store.update_conversation(id_, {"title": title, "title_by_hand": by_hand})

    async def delete(self, id_: str) -> None:
        """Take a conversation out of the list; `restore` brings it back. A running answer stops."""
        if chat := self._open.pop(id_, None):
            self.stop(chat)
        await self._store.update_conversation(id_, {"deleted": self._clock.now()})

    async def restore(self, id_: str) -> None:
        """Bring a deleted conversation back."""
        await self._store.update_conversation(id_, {"deleted": None})

    # Turns

    async def send(
        self, chat: OpenConversation, text: str, *, stream: bool = True
    ) -> AsyncGenerator[TurnEvent, None]:
        """Send a prompt and yield what happens, `TurnFinished` last.

        Consume it under `contextlib.aclosing`, best without awaiting anything else between two
        events: `stop` interrupts the consumer where it waits for the next one, and otherwise
        takes effect when it comes back for it. Closing it early keeps the text as `stopped`.

        Raises:
            UsageError: an answer is on its way already, nothing is to be sent, or the provider
                is not usable; nothing was stored.
            StorageError: the conversation cannot be read.
        """
        turn = self._begin(chat)
        try:
            id_ = self._new_id()
            prompt = ChatMessage(
                id_,
                "user",
                text_parts(text),
                parent=chat.tree.head,
                turn=id_,
                created=self._clock.now(),
            )
            path = await self._store.messages(chat.tree.path())
            plan = plan_context([*path, prompt], chat.conversation.system_prompt)
            async with aclosing(self._answer(chat, turn, plan, prompt, stream)) as events:
                async for event in events:
                    yield event
        finally:
            chat.turn = None

    async def regenerate(
        self,
        chat: OpenConversation,
        reply_id: str,
        *,
        target: Target | None = None,
        stream: bool = True,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Answer a prompt again; the earlier answer stays as a sibling. Else as `send`.

        Args:
            chat: the conversation.
            reply_id: the answer to be made anew, or the prompt that has none.
            target: another model; by default the conversation's.
            stream: ask for the reply as it is made.
        """
        turn = self._begin(chat)
        try:
            node = chat.tree[reply_id]
            above = reply_id if node.role == "user" else node.parent
            path = await self._store.messages(chat.tree.path(above)) if above else []
            plan = plan_context(path, chat.conversation.system_prompt)
            async with aclosing(
                self._answer(chat, turn, plan, path[-1], stream, target, again=True)
            ) as events:
                async for event in events:
                    yield event
        finally:
            chat.turn = None

    def stop(self, chat: OpenConversation) -> bool:
        """Stop the running answer; its text stays. Tells whether there was one."""
        if chat.turn is None:
            return False
        chat.turn.stop()
        return True

    async def suggest_title(self, chat: OpenConversation) -> str:
        """Ask the conversation's model for a title; empty where it has none to give.

        Raises:
            ChatError: the request failed.
        """
        path = await self._store.messages(chat.tree.path()[:2])
        ask = ChatMessage(self._new_id(), "user", (TextPart(TITLE_REQUEST),))
        request = ChatRequest(chat.target, plan_context([*path, ask]).messages)
        async with aclosing(self._clients.client_for(chat.target).stream(request)) as events:
            text = [event.text async for event in events if isinstance(event, TextDelta)]
        return title_from("".join(text))

    # Inside

    def _remember(self, chat: OpenConversation) -> OpenConversation:
        self._open[chat.id] = chat
        return chat

    def _begin(self, chat: OpenConversation) -> RunningTurn:
        if chat.turn is not None:
            raise busy()
        chat.turn = RunningTurn()
        return chat.turn

    async def _answer(
        self,
        chat: OpenConversation,
        turn: RunningTurn,
        plan: ContextPlan,
        prompt: ChatMessage,
        stream: bool,
        target: Target | None = None,
        *,
        again: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Store, send, pass on, fold: the way of every turn."""
        target = target or chat.target
        client = self._clients.client_for(target)
        reply = ChatMessage(
            self._new_id(),
            "assistant",
            parent=prompt.id,
            turn=prompt.turn,
            created=self._clock.now(),
            status="streaming",
            model=target.model,
            provider=target.provider,
        )
        await self._add(chat, [reply] if again else [prompt, reply])
        journal = Journal(lambda text, more: self._store.append_chunk(reply.id, text, more))
        turn.incoming = IncomingReply(reply, self._clock.now(), journal)
        yield TurnStarted(chat.id, None if again else prompt, (reply,), plan)
        request = ChatRequest(target, plan.messages, stream)
        async with aclosing(self._receive(chat, turn, turn.incoming, client, request)) as events:
            async for event in events:
                yield event

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
                        incoming.take(event, self._clock.now())
                        if not isinstance(event, ReplyFinished):
                            yield event
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
            reply = await self._finish(chat, incoming, status, error)
        yield TurnFinished(reply)

    async def _add(self, chat: OpenConversation, messages: Sequence[ChatMessage]) -> None:
        before, is_new = chat.conversation, not len(chat.tree)
        conversation = replace(
            before,
            title=_title_of(before, prompt=messages[0].text),
            head=messages[-1].id,
            updated=self._clock.now(),
        )
        await self._store.add_messages(conversation, messages)
        chat.conversation = conversation
        _grow(chat.tree, messages)
        if conversation.title != before.title and not is_new:
            # Of a conversation that is there already `add_messages` writes no title.
            await self.rename(chat.id, conversation.title, by_hand=False)

    async def _finish(
        self,
        chat: OpenConversation,
        incoming: IncomingReply,
        status: Status | None,
        error: ErrorInfo | None,
    ) -> ChatMessage:
        reply, *others = incoming.end(self._clock.now(), self._new_id, status, error)
        chat.tree.update(node_of(reply))
        if others:
            await self._store.add_messages(chat.conversation, others)
            chat.tree.merge(map(node_of, others))
        await self._store.save_message(reply)
        title = _title_of(chat.conversation, answer=reply.text)
        if title != chat.conversation.title:
            await self.rename(chat.id, title, by_hand=False)
        return reply


def busy() -> UsageError:
    """What a second turn in a conversation is told while the first is running."""
    return UsageError(
        "An answer is still on its way here.", hint="Stop it with Esc, or wait for its end."
    )


def _grow(tree: ConversationTree, messages: Iterable[ChatMessage]) -> None:
    for message in messages:
        tree.add(node_of(message))


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
