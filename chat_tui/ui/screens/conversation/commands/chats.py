"""Conversations as a whole: new, opened, renamed, deleted, pinned, temporary, system prompt."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content

from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.safety import clean
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup, told_title

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class ChatCommands(CommandGroup):
    """Conversations as a whole, and the list of them.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self.opening = ""
        """The conversation that is about to be shown; empty while none is."""
        self._asking = False

    # Beginning and leaving

    async def new(self) -> None:
        """Begin a new conversation."""
        await self._ready()
        await self.leave(self._new)

    async def start_temporary(self) -> None:
        """Begin a conversation that is never written."""
        await self._ready()
        await self.leave(partial(self._new, temporary=True))

    async def _new(self, *, temporary: bool = False) -> None:
        # What was to be opened would come over the new one.
        self._screen.workers.cancel_group(self._screen, "show")
        self._screen.remove_class("-list-over")
        await self._screen.show_chat(self._screen.session.new_chat(temporary=temporary))
        self._screen.set_focus(self._screen.prompt)

    async def leave(self, go: Callable[[], Awaitable[None]]) -> None:
        """Go elsewhere; after a question where what was said is temporary and would be lost.

        Args:
            go: does it. It is not called where the user stays.
        """
        chat = self._screen.session.chat
        if chat is None or not self._would_be_lost(chat):
            await go()
        elif not self._asking:
            self._asking = True
            self._in_background(self._ask_and_leave(chat, go), "leave")

    def _would_be_lost(self, chat: OpenConversation) -> bool:
        said = bool(len(chat.tree)) or self._screen.turns.holds(chat.id)
        return chat.temporary and (said or bool(self._screen.prompt.text.strip()))

    async def _ask_and_leave(
        self, chat: OpenConversation, go: Callable[[], Awaitable[None]]
    ) -> None:
        # 3 ms that only who leaves a temporary conversation need pay.
        from chat_tui.ui.screens.question import Answer, QuestionDialog

        answers = [
            Answer("y", text("temporary.leave"), "leave"),
            Answer("k", text("temporary.keep"), "keep"),
            Answer("n", text("temporary.stay"), ""),
        ]
        question = QuestionDialog(text("temporary.question"), text("temporary.more"), answers)
        try:
            fate = await self._screen.app.push_screen_wait(question)
        finally:
            self._asking = False
            self.opening = ""
        if fate == "keep":
            await self._keep(chat)
        elif fate == "leave":
            self._screen.turns.waits.cancel(chat.id)
            self._screen.queueing.queues.drop(chat)
            self._screen.session.manager.stop(chat)
        if fate:
            await go()

    async def _keep(self, chat: OpenConversation) -> None:
        """Write a temporary conversation; from now on it is like the others."""
        # What is attached to its draft goes along.
        self._screen.writing.drafts.save()
        await self._screen.session.manager.conversations.keep(chat)
        self._screen.writing.drafts.moved(chat)
        self.show_kind()
        self._screen.update_status()
        await self._screen.reload_list()
        self._tell("temporary.kept")

    def show_kind(self) -> None:
        """Mark the prompt of a temporary conversation."""
        chat = self._screen.session.chat
        temporary = chat is not None and chat.temporary
        title = Content(text("status.temporary")) if temporary else None
        self._screen.prompt.border_title = title
        self._screen.prompt.set_class(temporary, "-temporary")

    # The list

    def focus_list(self) -> None:
        """Go to the list of conversations, over the rest where there is no room beside it."""
        screen = self._screen
        screen.remove_class("-no-list")
        if screen.has_class("-narrow"):
            screen.add_class("-list-over")
        open_ = screen.session.chat.id if screen.session.chat is not None else ""
        screen.list_of_conversations.mark_something(open_)
        screen.set_focus(screen.list_of_conversations)

    def toggle_list(self) -> None:
        """Show or hide the list."""
        screen = self._screen
        if screen.has_class("-narrow"):
            shown = not screen.has_class("-list-over")
            screen.set_class(shown, "-list-over")
            screen.set_focus(screen.list_of_conversations if shown else screen.prompt)
        else:
            screen.toggle_class("-no-list")
            if screen.has_class("-no-list") and screen.focused is screen.list_of_conversations:
                screen.set_focus(screen.prompt)

    def move_row(self, step: int) -> None:
        """Move through the list."""
        rows = self._screen.list_of_conversations
        (rows.action_cursor_down if step > 0 else rows.action_cursor_up)()

    async def step(self, step: int) -> None:
        """Open the next conversation of the list, or the one before."""
        chat = await self._ready()
        id_ = self._screen.list_of_conversations.beside(self.opening or chat.id, step)
        if id_:
            self.open(id_)
        else:
            self._tell("chats.no-later" if step > 0 else "chats.no-earlier", timeout=2)

    def open(self, id_: str) -> None:
        """Open a conversation of the list; answers that are on their way elsewhere go on."""
        self.opening = id_
        self._screen.run_worker(
            self.leave(partial(self._open, id_)),
            name="open",
            group="show",
            exclusive=True,
            exit_on_error=False,
        )

    async def _open(self, id_: str) -> None:
        screen = self._screen
        self.opening = id_
        screen.remove_class("-list-over")
        screen.set_focus(screen.prompt)
        chat: OpenConversation | None = None
        try:
            chat = await screen.session.open_chat(id_)
            await screen.session.manager.refresh(chat)
            await screen.show_chat(chat)
        finally:
            if self.opening == id_:
                self.opening = ""
            if chat is not None:
                self.close_unless_needed(chat)

    def close_unless_needed(self, chat: OpenConversation) -> None:
        """Let go of a conversation that is neither shown nor answered."""
        screen = self._screen
        needed = chat is screen.session.chat or chat.id == self.opening
        if not needed and not screen.turns.holds(chat.id):
            screen.queueing.queues.forget(chat)
            screen.session.manager.close(chat)

    # One of them

    def rename(self) -> None:
        """Ask for another title."""
        self._in_background(self._rename(), "rename")

    async def _rename(self) -> None:
        row = await self._meant()
        if row is None:
            return
        # 3 ms that only who renames need pay.
        from chat_tui.ui.screens.dialogs import RenameDialog

        title = await self._screen.app.push_screen_wait(RenameDialog(row.title))
        if title:
            await self._screen.session.manager.conversations.rename(row.id, title)
            await self._screen.reload_list()

    async def delete(self) -> None:
        """Delete a conversation; it can be brought back, unless it was temporary."""
        row = await self._meant()
        if row is None:
            return
        screen = self._screen
        chat = screen.session.chat
        is_open = chat is not None and chat.id == row.id
        if is_open and chat is not None and chat.temporary:
            await self.leave(self._new)
            return
        screen.turns.waits.cancel(row.id)
        await screen.session.manager.conversations.delete(row.id)
        screen.branches.remember_deleted(row)
        if is_open and screen.session.chat is chat:
            await screen.show_chat(screen.session.new_chat())
            if screen.focused is not screen.list_of_conversations:
                screen.set_focus(screen.prompt)
        await screen.reload_list()
        title = told_title(row.title)
        self._tell("notice.deleted", title=title, key=active_keys(screen).shown("undo"), timeout=8)

    async def pin(self) -> None:
        """Pin a conversation, or let it go."""
        row = await self._meant()
        chat = self._screen.session.chat
        if row is None:
            return
        if chat is not None and chat.id == row.id and chat.temporary:
            self._tell("temporary.no-pin")
            return
        await self._screen.session.manager.conversations.pin(row.id, not row.pinned)
        await self._screen.reload_list()
        title = told_title(row.title)
        self._tell("chats.unpinned" if row.pinned else "chats.pinned", title=title, timeout=3)

    async def _meant(self) -> ConversationSummary | None:
        """The conversation that a command means: the marked row of the list, or the open one.

        Says so where there is none: what was never said is not stored.
        """
        chat = await self._ready()
        row: ConversationSummary | None = None
        if self._screen.focused is self._screen.list_of_conversations:
            row = self._screen.list_of_conversations.marked
        elif len(chat.tree):
            of = chat.conversation
            row = ConversationSummary(chat.id, of.title, of.updated, of.pinned, "")
        if row is None:
            self._tell("notice.nothing-said", timeout=3)
        return row

    # The system prompt and the title

    def edit_system_prompt(self, words: str = "") -> None:
        """Write the system prompt; `words` take its place at once."""
        self._in_background(self._edit_system_prompt(words), "system prompt")

    async def _edit_system_prompt(self, words: str) -> None:
        # 4 ms that only who writes one need pay.
        from chat_tui.ui.screens.system_prompt import SystemPromptScreen

        chat, screen = await self._ready(), self._screen
        before = chat.conversation.system_prompt
        written: str | None = clean(words).strip()
        if not written:
            usual = screen.session.settings.system_prompt
            written = await screen.app.push_screen_wait(SystemPromptScreen(before, usual))
        if written is None or written == before:
            return
        await screen.session.manager.conversations.set_system_prompt(chat, written)
        screen.stage.show_welcome()
        screen.update_status()
        self._tell("system-prompt.set" if written else "system-prompt.none")

    async def name_by_model(self, chat: OpenConversation) -> None:
        """Give a conversation the title that a model makes for it."""
        session = self._screen.session
        title = await session.manager.conversations.suggest_title(chat, self._title_target(chat))
        if title and not chat.conversation.title_by_hand:
            await session.manager.conversations.rename(chat.id, title, by_hand=False)
            await self._screen.reload_list()

    def _title_target(self, chat: OpenConversation) -> Target | None:
        """The model of the settings: one of the conversation's provider, or `provider/model`."""
        asked = self._screen.session.settings.title_model.strip()
        provider, slash, model = asked.partition("/")
        ready = {row.profile.name for row in self._screen.session.desk.providers() if row.ready}
        if slash and model and provider in ready:
            return Target(provider, model)
        return Target(chat.target.provider, asked) if asked else None
