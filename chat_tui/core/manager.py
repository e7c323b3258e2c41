"""Runs conversations: what is sent, what comes back, what is kept.

It knows neither screen nor database nor HTTP; the ports stand for them. Several conversations
may stream at once, each in the task that consumes its generator.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from chat_tui.core.answering import Answering, Question
from chat_tui.core.clock import Clock
from chat_tui.core.context import plan_context
from chat_tui.core.continuing import CONTINUE_REQUEST, can_continue
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import UsageError
from chat_tui.core.events import TextDelta, TurnEvent
from chat_tui.core.ids import new_id as _new_id
from chat_tui.core.messages import ChatMessage, TextPart, text_parts
from chat_tui.core.parameters import check_parameters
from chat_tui.core.ports import ClientSource, ConversationStore
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.core.titles import TITLE_REQUEST, title_from
from chat_tui.core.turns import OpenConversation

_OF_EVERY_REQUEST = frozenset({"extra", "user"})
"""Parameters that have nothing to do with what is asked."""


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
        self._answering = Answering(store, clients, clock, new_id)
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
        """Send the next prompts of a conversation elsewhere; all else of it stays as it is.

        Its parameters stay too, in place of those of the target.
        """
        await self._set_target(chat, replace(target, parameters=chat.target.parameters))

    async def set_parameters(self, chat: OpenConversation, parameters: Mapping[str, Any]) -> None:
        """Send other request parameters with the next prompts of a conversation.

        Args:
            chat: the conversation.
            parameters: all of them, by their names; those of None are left out.

        Raises:
            UsageError: one of them may not be sent, or not beside the others.
        """
        await self._set_target(chat, replace(chat.target, parameters=check_parameters(parameters)))

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
        turn = chat.begin()
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
            question = Question(plan, chat.target, id_, id_, prompt, stream=stream)
            async with aclosing(self._answering.run(chat, turn, question)) as events:
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
        turn = chat.begin()
        try:
            node = chat.tree[reply_id]
            above = reply_id if node.role == "user" else node.parent
            path = await self._store.messages(chat.tree.path(above)) if above else []
            plan = plan_context(path, chat.conversation.system_prompt)
            question = Question(plan, target or chat.target, above, path[-1].turn, stream=stream)
            async with aclosing(self._answering.run(chat, turn, question)) as events:
                async for event in events:
                    yield event
        finally:
            chat.turn = None

    async def continue_reply(
        self, chat: OpenConversation, reply_id: str, *, stream: bool = True
    ) -> AsyncGenerator[TurnEvent, None]:
        """Go on with a reply that was cut. Else as `send`.

        The cut reply stays; a sibling begins with its text and goes on from there, without what
        the model says again (see `core.continuing`). The events bring what is added only.

        Raises:
            UsageError: the reply was not cut, or has no text.
        """
        turn = chat.begin()
        try:
            path = await self._store.messages(chat.tree.path(reply_id))
            cut = replace(path[-1], excluded=False)
            if not can_continue(cut):
                raise UsageError(
                    "This reply was not cut off.", hint="Ask for more in a new message."
                )
            ask = ChatMessage(self._new_id(), "user", (TextPart(CONTINUE_REQUEST),))
            plan = plan_context([*path[:-1], cut, ask], chat.conversation.system_prompt)
            # Of several answers none could be joined to the one that there is.
            one = {name: value for name, value in chat.target.parameters.items() if name != "n"}
            target = replace(chat.target, parameters=one)
            question = Question(plan, target, cut.parent, cut.turn, cut=cut, stream=stream)
            async with aclosing(self._answering.run(chat, turn, question)) as events:
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

    def retry_now(self, chat: OpenConversation) -> bool:
        """Let a request go at once that waits to be sent again; tells whether there may be one."""
        if chat.turn is None:
            return False
        chat.turn.gate.open()
        return True

    async def suggest_title(self, chat: OpenConversation) -> str:
        """Ask the conversation's model for a title; empty where it has none to give.

        Raises:
            ChatError: the request failed.
        """
        path = await self._store.messages(chat.tree.path()[:2])
        ask = ChatMessage(self._new_id(), "user", (TextPart(TITLE_REQUEST),))
        # What shapes an answer (a schema, tools, several choices) is not meant for its title.
        kept = {
            name: chat.target.parameters[name]
            for name in _OF_EVERY_REQUEST & {*chat.target.parameters}
        }
        target = replace(chat.target, parameters=kept)
        request = ChatRequest(target, plan_context([*path, ask]).messages)
        async with aclosing(self._clients.client_for(chat.target).stream(request)) as events:
            text = [event.text async for event in events if isinstance(event, TextDelta)]
        return title_from("".join(text))

    # Inside

    def _remember(self, chat: OpenConversation) -> OpenConversation:
        self._open[chat.id] = chat
        return chat

    async def _set_target(self, chat: OpenConversation, target: Target) -> None:
        chat.conversation = replace(chat.conversation, targets=(target,))
        if len(chat.tree):
            await self._store.update_conversation(chat.id, {"targets": (target,)})
