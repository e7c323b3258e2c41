"""The conversation screen's commands: what its keys and its palette entries do."""

from inspect import isawaitable
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.reactive import var

from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.errors import ChatError
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, bindings_for
from chat_tui.ui.screens.conversation.answering import AnsweringCommands
from chat_tui.ui.widgets.prompt import PromptInput

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.ui.widgets.conversation_list import ConversationList

_BEFORE_OPEN = frozenset({"send", "new_line", "stop_or_leave", "focus_prompt"})
"""What can be done while storage and providers are still being opened."""


class ConversationScreen(AnsweringCommands):
    """Where one talks: full-screen chat by keyboard."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("conversation")]

    _deleted: var[list[ConversationSummary]] = var(list)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be run now."""
        return self.session.is_open or action in _BEFORE_OPEN

    async def action_do(self, command: str, *values: object) -> None:
        """Run a command of a group: `branches.undo`."""
        done = attrgetter(command)(self)(*values)
        if isawaitable(done):
            await done

    # Writing

    def action_send(self) -> None:
        """Send what is written."""
        self.prompt.submit()

    def action_new_line(self) -> None:
        """Start a new line."""
        self.prompt.new_line()

    @on(PromptInput.Submitted)
    def start_turn(self, event: PromptInput.Submitted) -> None:
        """Send a prompt to the conversation on the screen."""
        self._start_turn(event.prompt, event.text)

    @work(name="start", exit_on_error=False)
    async def _start_turn(self, prompt: PromptInput, words: str) -> None:
        if not words.strip():
            self.app.notify(text("notice.nothing-to-send"), timeout=3, markup=False)
            return
        try:
            chat = await self.session.ready()
        except ChatError:
            prompt.give_back(words)
            raise
        if chat.streaming:
            prompt.give_back(words)
            self.app.notify(text("notice.busy"), timeout=5, markup=False)
            return
        if self.found is not None and not len(chat.tree):
            self.banner.show("")
            self.found = None
        self.turns.start(chat, self.session.manager.send(chat, words), words)

    # Stopping and leaving

    def action_stop_or_leave(self) -> None:
        """Close the list over the rest, else stop, else leave the prompt or come back."""
        if self.has_class("-list-over"):
            self.remove_class("-list-over")
            self.set_focus(self.prompt)
        elif self._stop():
            return
        elif self.selections:
            self.clear_selection()
        elif self.focused is self.prompt and not self.has_class("-empty"):
            self.set_focus(self.transcript)
        else:
            self.set_focus(self.prompt)

    async def action_copy_or_stop(self) -> None:
        """Copy what is selected, else stop, else say how to quit."""
        selected = self.prompt.selected_text or self.get_selected_text()
        if selected:
            await self.copy(selected)
        elif not self._stop():
            told = text("notice.quit-hint", key=active_keys(self).shown("quit"))
            self.app.notify(told, timeout=3, markup=False)

    def _stop(self) -> bool:
        """Stop the answer, or the wait before one; tells whether there was something to stop."""
        chat = self.session.chat
        if chat is None:
            return False
        return self.turns.waits.cancel(chat.id) or self.session.manager.stop(chat)

    # Conversations

    async def action_new_conversation(self) -> None:
        """Begin a new conversation."""
        await self.session.ready()
        self.remove_class("-list-over")
        await self.show_chat(self.session.new_chat())
        self.set_focus(self.prompt)

    def action_focus_list(self) -> None:
        """Go to the list of conversations, over the rest where there is no room beside it."""
        self.remove_class("-no-list")
        if self.has_class("-narrow"):
            self.add_class("-list-over")
        open_ = self.session.chat.id if self.session.chat is not None else ""
        self.list_of_conversations.mark_something(open_)
        self.set_focus(self.list_of_conversations)

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        if self.has_class("-narrow"):
            shown = not self.has_class("-list-over")
            self.set_class(shown, "-list-over")
            self.set_focus(self.list_of_conversations if shown else self.prompt)
        else:
            self.toggle_class("-no-list")
            if self.has_class("-no-list") and self.focused is self.list_of_conversations:
                self.set_focus(self.prompt)

    def on_conversation_list_opened(self, event: "ConversationList.Opened") -> None:
        """Open a conversation of the list."""
        self.remove_class("-list-over")
        self.set_focus(self.prompt)
        self._open_conversation(event.id)

    @work(name="open", group="show", exclusive=True, exit_on_error=False)
    async def _open_conversation(self, id_: str) -> None:
        chat = await self.session.open_chat(id_)
        await self.session.manager.refresh(chat)
        await self.show_chat(chat)

    @work(name="rename", exit_on_error=False)
    async def action_rename(self) -> None:
        """Ask for another title."""
        row = await self._meant()
        if row is None:
            return
        # 3 ms that only who renames need pay.
        from chat_tui.ui.screens.dialogs import RenameDialog

        title = await self.app.push_screen_wait(RenameDialog(row.title))
        if title:
            await self.session.manager.rename(row.id, title)
            await self.reload_list()

    def action_move_row(self, step: int) -> None:
        """Move through the list."""
        rows = self.list_of_conversations
        (rows.action_cursor_down if step > 0 else rows.action_cursor_up)()

    async def action_delete(self) -> None:
        """Delete a conversation; it can be brought back."""
        row = await self._meant()
        if row is None:
            return
        self.turns.waits.cancel(row.id)
        await self.session.manager.delete(row.id)
        self._deleted.append(row)
        if self.session.chat is not None and self.session.chat.id == row.id:
            await self.show_chat(self.session.new_chat())
        await self.reload_list()
        title = clean_line(row.title) or text("list.untitled")
        key = active_keys(self).shown("undo-delete")
        self.app.notify(text("notice.deleted", title=title, key=key), timeout=8, markup=False)

    async def action_undo_delete(self) -> None:
        """Bring back the conversation that was deleted last."""
        if not self._deleted:
            self.app.notify(text("notice.nothing-to-undo"), timeout=3, markup=False)
            return
        row = self._deleted.pop()
        await self.session.manager.restore(row.id)
        await self.reload_list()
        self.list_of_conversations.mark_something(row.id)
        await self.show_chat(await self.session.open_chat(row.id))
        title = clean_line(row.title) or text("list.untitled")
        self.app.notify(text("notice.restored", title=title), timeout=4, markup=False)

    async def _meant(self) -> ConversationSummary | None:
        """The conversation that a command means: the marked row of the list, or the open one."""
        chat = await self.session.ready()
        if self.focused is self.list_of_conversations:
            return self.list_of_conversations.marked
        if not len(chat.tree):
            return None
        conversation = chat.conversation
        return ConversationSummary(
            chat.id, conversation.title, conversation.updated, conversation.pinned, ""
        )

    async def action_use_found_server(self) -> None:
        """Send new prompts to the server that was found on this machine."""
        if self.found is None:
            self.app.notify(text("notice.no-server"), timeout=4, markup=False)
            return
        found, self.found = self.found, None
        self.banner.show("")
        await self._switch_to(found.target)
