"""Runs conversations: what is sent, what comes back, what is kept.

It knows neither screen nor database nor HTTP; the ports stand for them. Several conversations
may stream at once, each in the task that consumes its generator.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from chat_tui.core.answering import Answering, Question
from chat_tui.core.branching import Branching
from chat_tui.core.clock import Clock
from chat_tui.core.context import plan_context
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import UsageError
from chat_tui.core.events import TextDelta, TurnEvent
from chat_tui.core.ids import new_id as _new_id
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.parameters import check_parameters
from chat_tui.core.ports import ClientSource, ConversationStore
from chat_tui.core.questions import Questions
from chat_tui.core.requests import ChatRequest
from chat_tui.core.shelf import Shelf
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
        temporary: keeps temporary conversations, in memory alone; None where there are none.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self,
        store: ConversationStore,
        clients: ClientSource,
        *,
        clock: Clock,
        temporary: ConversationStore | None = None,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._new_id = new_id
        self._shelf = Shelf(store, temporary)
        self._questions = Questions(clock, new_id)
        self._answering = Answering(clients, clock, new_id)
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
        if chat := self._shelf.get(id_):
            return chat
        await self._shelf.drop_left()
        store = self._shelf.store_of(id_)
        conversation = await store.conversation(id_)
        if conversation is None:
            raise UsageError(
                f"There is no conversation {id_}.", hint="Run `chat-tui list` to see them all."
            )
        if not conversation.targets:
            if target is None:
                raise UsageError(f"The conversation {id_} names no model.", hint="Name one.")
            conversation = replace(conversation, targets=(target,))
        tree = ConversationTree(await store.nodes(id_), conversation.head)
        # Two callers may have waited for the disk; the first one's object stays.
        return self._shelf.get(id_) or self._shelf.put(conversation, tree)

    def close(self, chat: OpenConversation) -> None:
        """Forget an open conversation, unless an answer is on its way to it.

        Of a temporary one nothing is left then.
        """
        if not chat.streaming and self._shelf.get(chat.id) is chat:
            self._shelf.close(chat)

    def streaming(self) -> tuple[OpenConversation, ...]:
        """The conversations that are being answered."""
        return tuple(chat for chat in self._shelf.opened() if chat.streaming)

    async def refresh(self, chat: OpenConversation) -> bool:
        """Take over what another window did in a conversation; tells whether it was anything.

        Its messages, what it deleted, its title, system prompt, pin and favourite path. The path
        on this window's screen stays as far as it can, and so does the model.
        """
        return await self._shelf.refresh(chat)

    async def switch_target(self, chat: OpenConversation, target: Target) -> None:
        """Send the next prompts of a conversation elsewhere; all else of it stays as it is.

        Its parameters stay too, in place of those of the target.
        """
        target = replace(target, parameters=chat.target.parameters)
        await self._shelf.update(chat.id, {"targets": (target,)})

    async def set_parameters(self, chat: OpenConversation, parameters: Mapping[str, Any]) -> None:
        """Send other request parameters with the next prompts of a conversation.

        Args:
            chat: the conversation.
            parameters: all of them, by their names; those of None are left out.

        Raises:
            UsageError: one of them may not be sent, or not beside the others.
        """
        target = replace(chat.target, parameters=check_parameters(parameters))
        await self._shelf.update(chat.id, {"targets": (target,)})

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
        return self._turn(chat, partial(self._questions.prompt, chat, text, stream=stream))

    def edit(
        self,
        chat: OpenConversation,
        prompt_id: str,
        text: str,
        *,
        target: Target | None = None,
        stream: bool = True,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Send another version of a prompt; the first one stays as a sibling. Else as `send`.

        Args:
            chat: the conversation.
            prompt_id: the prompt so far; what is attached to it is sent with the new one too.
            text: its new text.
            target: another model; by default the conversation's.
            stream: ask for the reply as it is made.
        """
        ask = partial(self._questions.other_prompt, target=target, stream=stream)
        return self._turn(chat, partial(ask, chat, prompt_id, text))

    def regenerate(
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
        ask = partial(self._questions.again, target=target, stream=stream)
        return self._turn(chat, partial(ask, chat, reply_id))

    def continue_reply(
        self, chat: OpenConversation, reply_id: str, *, stream: bool = True
    ) -> AsyncGenerator[TurnEvent, None]:
        """Go on with a reply that was cut. Else as `send`.

        The cut reply stays; a sibling begins with its text and goes on from there, without what
        the model says again (see `core.continuing`). The events bring what is added only.

        Raises:
            UsageError: the reply was not cut, or has no text.
        """
        ask = partial(self._questions.continuation, chat, reply_id, stream=stream)
        return self._turn(chat, ask)

    async def _turn(
        self, chat: OpenConversation, ask: Callable[[], Awaitable[Question]]
    ) -> AsyncGenerator[TurnEvent, None]:
        turn = chat.begin()
        try:
            question = await ask()
            async with aclosing(self._answering.run(chat, turn, question)) as events:
                async for event in events:
                    yield event
        finally:
            chat.turn = None

    def stop(self, chat: OpenConversation) -> bool:
        """Stop the running answer; its text stays. Tells whether there was one."""
        return chat.stop()

    def retry_now(self, chat: OpenConversation) -> bool:
        """Let a request go at once that waits to be sent again; tells whether there may be one."""
        if chat.turn is None:
            return False
        chat.turn.gate.open()
        return True

    async def suggest_title(self, chat: OpenConversation, target: Target | None = None) -> str:
        """Ask a model for a title; empty where it has none to give.

        Args:
            chat: the conversation, of which it is told the first exchange.
            target: the model; by default the conversation's.

        Raises:
            ChatError: the request failed.
        """
        path = await chat.store.messages(chat.tree.path()[:2])
        ask = ChatMessage(self._new_id(), "user", (TextPart(TITLE_REQUEST),))
        # What shapes an answer (a schema, tools, several choices) is not meant for its title.
        kept = {
            name: chat.target.parameters[name]
            for name in _OF_EVERY_REQUEST & {*chat.target.parameters}
        }
        asked = target or chat.target
        same = asked.provider == chat.target.provider
        target = replace(asked, parameters=kept if same else {})
        request = ChatRequest(target, plan_context([*path, ask]).messages)
        async with aclosing(self._clients.client_for(target).stream(request)) as events:
            text = [event.text async for event in events if isinstance(event, TextDelta)]
        return title_from("".join(text))
