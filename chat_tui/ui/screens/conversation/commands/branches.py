"""Versions, branches, deleting, undo and redo."""

from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt, prompt_in
from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.commands.group import CommandGroup, told_title
from chat_tui.ui.screens.conversation.editing import Editing
from chat_tui.ui.screens.conversation.undoing import Undoing, counted

if TYPE_CHECKING:
    from chat_tui.core.branching import Branching
    from chat_tui.ui.screens.conversation.view import ConversationView


class BranchCommands(CommandGroup):
    """Versions, branches, deleting, undo and redo.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self.edits = Editing(screen)
        """What is being written anew."""
        self._undoing = Undoing(screen)

    @property
    def _tree(self) -> "Branching":
        return self._screen.session.manager.branches

    # Other versions

    @property
    def editing(self) -> str | None:
        """The message whose other version stands in the prompt; None while it is a new prompt."""
        return self.edits.message

    @editing.setter
    def editing(self, message: str | None) -> None:
        self.edits.resume(message)

    async def edit(self) -> None:
        """Write another version of the marked message, else of the last prompt."""
        chat = await self._ready()
        reading = self._screen.reading
        path = self._screen.stage.path(chat)
        id_ = reading.meant_id
        if reading.marked is None:
            id_ = next((id_ for id_ in reversed(path) if chat.tree[id_].role == "user"), None)
        messages = await chat.messages([] if id_ is None else [id_])
        if messages:
            # Of an answer the words alone: what came with it stays with every version.
            is_prompt = messages[0].role == "user"
            said = prompt_in(messages[0]) if is_prompt else Prompt(messages[0].text)
            self.edits.begin(messages[0].id, said)
        else:
            self._tell("editing.nothing")

    async def edit_with(self, id_: str, words: str) -> None:
        """Write another version of a message, beginning with some words."""
        chat = await self._ready()
        prompts = [each for each in await chat.messages([id_]) if each.role == "user"]
        attached = prompt_in(prompts[0]).attached if prompts else ()
        self.edits.begin(id_, Prompt(words, attached))

    async def show_sibling(self, step: int) -> None:
        """Show another version of the marked message, else of the last one that has some.

        Where the marked one has none, the nearest one above it that is seen and has some is meant.
        """
        chat, at = await self._ready(), self._screen.reading.marked
        stage = self._screen.stage
        path = stage.path(chat)
        end = 0 if at is None else self._screen.transcript.line_at(0)[0]
        places = range(len(path) - 1 if at is None else at, end - 1, -1)
        place = next((at for at in places if len(stage.siblings(chat, path[at])) > 1), None)
        if place is None:
            self._tell("branches.no-sibling", timeout=3)
        elif chat.streaming:
            self._tell("notice.busy", timeout=5)
        else:
            siblings = stage.siblings(chat, path[place])
            to = siblings[(siblings.index(path[place]) + step) % len(siblings)]
            line = stage.line_of(place)
            await self._select(chat, to)
            await self.follow(chat, at=place, line=line if line >= 0 else None)

    async def _select(self, chat: OpenConversation, to: str) -> None:
        """Show another version; side by side in the marked column alone, as far as it can be."""
        marked = self._screen.panes.marked
        if marked is None:
            await self._tree.select(chat, to)
        else:
            await self._screen.session.manager.sides.show(chat, marked.column, to)

    # Deleting and forking

    async def delete_message(self) -> None:
        """Delete the marked message alone."""
        await self._delete_marked(branch=False)

    async def delete_branch(self) -> None:
        """Delete the marked message and all that follows."""
        await self._delete_marked(branch=True)

    async def _delete_marked(self, *, branch: bool) -> None:
        chat, id_ = await self._ready(), self._screen.reading.meant_id
        if id_ is None:
            self._tell("branches.nothing-to-delete", timeout=3)
            return
        await self.delete(chat, id_, branch=branch)

    async def delete(self, chat: OpenConversation, id_: str, *, branch: bool) -> None:
        """Delete a message, or it and all that follows, and tell of it."""
        path = self._screen.stage.path(chat)
        # In the outline it may stand on another branch, which is not seen: then nothing moves.
        at = path.index(id_) if id_ in path else None
        gone = await self._tree.delete_messages(chat, id_, branch=branch)
        if chat.id in self._screen.turns.waits:
            # What waits to be answered again may be gone.
            self._screen.turns.waits.cancel(chat.id)
        await self.follow(chat, at=at)
        if not gone:
            # Another window was first.
            self._tell("branches.nothing-to-delete", timeout=3)
            return
        key = self._key_here("undo")
        self._tell("branches.deleted-messages", timeout=8, what=counted(gone), key=key)

    async def restore(self, chat: OpenConversation, id_: str) -> None:
        """Bring a deleted message back, with all that was deleted with it."""
        back = await self._tree.restore_messages(chat, id_)
        await self.follow(chat)
        self._tell("branches.restored-messages", what=counted(back))

    async def fork(self) -> None:
        """Go on from the marked message in a new conversation."""
        chat, id_ = await self._ready(), self._screen.reading.meant_id
        if id_ is None:
            self._tell("branches.nothing-to-fork", timeout=3)
            return
        await self._screen.chats.leave(partial(self._fork, chat, id_))

    async def _fork(self, chat: OpenConversation, id_: str) -> None:
        new = await self._tree.fork(chat, id_)
        if not new.temporary:
            self._undoing.remember_fork(new.id, chat.id)
        await self._screen.show_chat(new)
        await self._screen.reload_list()
        self._screen.set_focus(self._screen.prompt)
        title = told_title(new.conversation.title)
        key = self._key_here("undo")
        self._tell("branches.forked", timeout=8, title=title, key=key)

    # The outline

    def show(self) -> None:
        """Show all branches as an outline."""
        self._in_background(self._show(), "branches")

    async def _show(self) -> None:
        # 8 ms that only who looks at branches need pay.
        from chat_tui.ui.screens.branches import BranchesScreen

        chat, reading = await self._ready(), self._screen.reading
        if not len(chat.tree):
            self._tell("branches.none", timeout=3)
            return
        marked = reading.meant_id
        screen = BranchesScreen(
            chat, self, self._screen.favourites, self._screen.clock.now(), marked
        )
        id_ = await self._screen.app.push_screen_wait(screen)
        if id_ is not None and chat is self._screen.session.chat:
            await self._jump(chat, id_)

    async def _jump(self, chat: OpenConversation, id_: str) -> None:
        """Show the path through a message, with the mark on it."""
        self._screen.panes.mark_with(chat, id_)
        if id_ not in self._screen.stage.path(chat):
            if chat.streaming:
                self._tell("notice.busy", timeout=5)
                return
            await self._tree.select(chat, id_)
        path = self._screen.stage.path(chat)
        await self.follow(chat, at=path.index(id_) if id_ in path else None)
        self._screen.set_focus(self._screen.transcript)

    # Back and forth

    async def undo(self) -> None:
        """Take back the latest change: of the conversation, or the deletion of a whole one."""
        await self._undoing.undo(await self._ready())

    async def redo(self) -> None:
        """Do again what was undone."""
        await self._undoing.redo_here(await self._ready())

    async def undo_here(self, chat: OpenConversation) -> None:
        """Take back the last change of a conversation."""
        await self._undoing.undo_here(chat)

    async def redo_here(self, chat: OpenConversation) -> None:
        """Do again what was undone last in a conversation."""
        await self._undoing.redo_here(chat)

    def remember_deleted(self, row: ConversationSummary) -> None:
        """Note that a conversation was deleted, so that `undo` can bring it back."""
        self._undoing.remember_deleted(row)

    # Inside

    async def follow(
        self,
        chat: OpenConversation,
        *,
        at: int | None = None,
        line: int | None = None,
        reveal: bool = False,
    ) -> None:
        """Show the tree as it is now, if its conversation is on the screen. See `Panes.follow`."""
        if chat is not self._screen.session.chat:
            return
        await self._screen.panes.follow(chat, at=at, line=line, reveal=reveal)
        self._screen.finding.shown(chat)
        self._screen.context.refresh()
        self.edits.show()
        self._screen.update_status()
        if self._screen.stage.empty and self._screen.focused is self._screen.transcript:
            self._screen.set_focus(self._screen.prompt)
