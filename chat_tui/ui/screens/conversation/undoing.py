"""Undo and redo, of conversations and of what is done within them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.drafts import draft_of
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.core.undo import Change
from chat_tui.ui.actions import active_keys, keyed_app
from chat_tui.ui.screens.conversation.commands.group import told_title

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class Undoing:
    """Takes changes back and does them again, and tells which.

    Args:
        screen: where they are seen.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._deleted: list[tuple[float, ConversationSummary]] = []
        """The conversations that were deleted here, each with the time."""
        self._forked_from: dict[str, str] = {}
        """Fork → the conversation that it was made from."""

    def remember_deleted(self, row: ConversationSummary) -> None:
        """Note that a conversation was deleted."""
        self._deleted.append((self._screen.clock.now(), row))

    def remember_fork(self, fork: str, source: str) -> None:
        """Note where a fork was made, so that it can be taken back in it too."""
        self._forked_from[fork] = source

    async def undo(self, chat: OpenConversation) -> None:
        """Take back the latest change: of the conversation, or the deletion of a whole one."""
        last = chat.undo_stack.undoable
        if self._deleted and (last is None or self._deleted[-1][0] >= last.at):
            await self._screen.chats.leave(self._bring_back)
        elif last is None and chat.id in self._forked_from:
            await self._undo_fork(self._forked_from[chat.id], chat.id)
        else:
            await self.undo_here(chat)

    async def undo_here(self, chat: OpenConversation) -> None:
        """Take back the last change of a conversation."""
        change = await self._screen.session.manager.branches.undo(chat)
        if change is None:
            self._tell(text("branches.nothing-to-undo"))
            return
        await self._show_changed(chat, change)
        seen = chat is self._screen.session.chat
        if seen and change.prompt and not self._screen.prompt.text:
            self._screen.prompt.put(draft_of(_cleaned(change.prompt)))
        words = text("branches.undone", what=_named(change))
        if seen and self._screen.stage.empty:
            # Nothing is left to be seen that would say that there was something.
            key = active_keys(self._screen).shown("redo")
            words = text("branches.undone-all", what=_named(change), key=key)
        self._tell(words)

    async def redo_here(self, chat: OpenConversation) -> None:
        """Do again what was undone last in a conversation."""
        change = await self._screen.session.manager.branches.redo(chat)
        if change is None:
            self._tell(text("branches.nothing-to-redo"))
            return
        if change.prompt and self._screen.prompt.written == _cleaned(change.prompt):
            self._screen.prompt.put("")
        if change.made:
            await self._screen.show_chat(await self._screen.session.open_chat(change.made))
            await self._screen.reload_list()
        else:
            await self._show_changed(chat, change)
        self._tell(text("branches.redone", what=_named(change)))

    async def _bring_back(self) -> None:
        """Bring the conversation back that was deleted last, and open it."""
        row = self._deleted.pop()[1]
        await self._screen.session.manager.conversations.restore(row.id)
        await self._screen.reload_list()
        self._screen.list_of_conversations.mark_something(row.id)
        await self._screen.show_chat(await self._screen.session.open_chat(row.id))
        title = told_title(row.title)
        self._tell(text("notice.restored", title=title))

    async def _undo_fork(self, source: str, fork: str) -> None:
        """Go back to where a fork was made from, and take the fork back."""
        chat = await self._screen.session.open_chat(source)
        last = chat.undo_stack.undoable
        if last is None or last.made != fork:
            self._tell(text("branches.nothing-to-undo"))
            return
        await self._screen.show_chat(chat)
        await self.undo_here(chat)

    async def _show_changed(self, chat: OpenConversation, change: Change) -> None:
        await self._screen.branches.follow(chat, reveal=True)
        if change.made:
            await self._screen.reload_list()

    def _tell(self, words: str) -> None:
        # What could be undone, by the toasts before this one, has changed.
        keyed_app(self._screen).forget_information()
        self._screen.app.notify(words, timeout=4, markup=False)


def _cleaned(prompt: Prompt) -> Prompt:
    return replace(prompt, text=clean(prompt.text))


def counted(count: int) -> str:
    """A number of messages in words."""
    return text("change.message") if count == 1 else text("change.messages", count=count)


def _named(change: Change) -> str:
    """A change in words."""
    if change.kind in ("delete", "delete-branch"):
        return text("change.deletion", what=counted(change.count))
    if change.kind == "restore":
        return text("change.restoring", what=counted(change.count))
    return text(f"change.kind.{change.kind}")
