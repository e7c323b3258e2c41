"""What is known of conversations beside their messages: changed here, open or not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chat_tui.core.asides import aside, ask_for_title
from chat_tui.core.clock import Clock
from chat_tui.core.parameters import check_parameters
from chat_tui.core.ports import ClientSource
from chat_tui.core.shelf import Shelf, switched, with_target
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class Filing:
    """Changes it, here and where it is kept; nothing is sent but for a title.

    Args:
        shelf: the conversations.
        clients: gives the client for a target.
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(
        self, shelf: Shelf, clients: ClientSource, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._shelf = shelf
        self._clients = clients
        self._clock = clock
        self._new_id = new_id

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
