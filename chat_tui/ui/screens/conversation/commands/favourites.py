"""The favourite path of a conversation."""

from typing import TYPE_CHECKING

from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:
    from chat_tui.core.branching import Branching
    from chat_tui.ui.screens.conversation.view import ConversationView


class FavouriteCommands(CommandGroup):
    """Marks a path through the tree as the favourite one, and goes back to it.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._state: tuple[object, ...] = ()
        """For what it was found out last whether the favourite path is shown."""
        self._shown = False

    @property
    def _tree(self) -> "Branching":
        return self._screen.session.manager.branches

    def leaf(self, chat: OpenConversation) -> str | None:
        """The last message of the favourite path; None where there is none."""
        return self._tree.favourite_leaf(chat)

    @property
    def shown(self) -> bool:
        """Whether the path on the screen is the favourite one."""
        chat = self._screen.session.chat
        if chat is None or chat.conversation.favourite is None:
            return False
        tree = chat.tree
        state = (chat.id, chat.conversation.favourite, tree.head, len(tree), tree.shown)
        if state != self._state:
            # The way to its end takes 6 ms where 10,000 messages follow: too long for each key.
            self._state, self._shown = state, self.leaf(chat) == tree.head
        return self._shown

    async def toggle(self) -> None:
        """Mark the path on the screen as the favourite one, or unmark it."""
        chat = await self._ready()
        if chat.tree.head is None:
            self._tell("branches.none", timeout=3)
        else:
            await self.toggle_through(chat, chat.tree.head)

    async def toggle_through(self, chat: OpenConversation, id_: str) -> None:
        """Mark the path through a message as the favourite one, or unmark it, and tell of it."""
        leaf = chat.tree.leaf_below(id_)
        on = leaf != self.leaf(chat)
        await self._tree.set_favourite(chat, on, leaf=leaf)
        self._screen.update_status()
        if on:
            self._tell("branches.favourite", key=self._key_here("go-favourite"))
        else:
            self._tell("branches.no-favourite-more")

    async def go(self) -> None:
        """Show the favourite path."""
        chat = await self._ready()
        leaf = self.leaf(chat)
        if leaf is None:
            self._tell("branches.no-favourite", key=self._key_here("favourite"))
        elif leaf == chat.tree.head:
            self._tell("branches.on-favourite", timeout=3)
        elif chat.streaming:
            self._tell("notice.busy", timeout=5)
        else:
            await self._tree.select(chat, leaf)
            await self._screen.branches.follow(chat)
            self._tell("branches.went-to-favourite", timeout=3)
