"""The conversation screen's commands: what its keys and its palette entries do."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType

from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.errors import ChatError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for, show_key
from chat_tui.ui.screens.conversation.view import ConversationView
from chat_tui.ui.widgets.prompt import PromptInput

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.manager import OpenConversation
    from chat_tui.ui.widgets.conversation_list import ConversationList
    from chat_tui.ui.widgets.transcript import Transcript

_BEFORE_OPEN = frozenset({"send", "new_line", "stop_or_leave", "focus_prompt"})
"""What can be done while storage and providers are still being opened."""


class ConversationScreen(ConversationView):
    """Where one talks: full-screen chat by keyboard."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("conversation", "transcript", "list")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be run now."""
        if action == "use_found_server":
            return self.found is not None
        return self.is_open or action in _BEFORE_OPEN

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
        # Taken at once, so that what is typed while the app opens its storage is not mixed in.
        prompt.put("")
        try:
            chat = await self.ready()
        except ChatError:
            prompt.put(words)
            raise
        if chat.streaming:
            if not prompt.text:
                prompt.put(words)
            self.app.notify(text("notice.busy"), timeout=5, markup=False)
            return
        if self.found is not None and not len(chat.tree):
            self.banner.show("")
            self.found = None
        self.turns.start(chat, self.manager.send(chat, words), words)

    # Stopping and leaving

    def action_stop_or_leave(self) -> None:
        """Stop the answer on the screen; else move between prompt and transcript."""
        if self.chat is not None and self.manager.stop(self.chat):
            return
        if self.has_class("-list-over"):
            self.remove_class("-list-over")
            self.prompt.focus()
        elif self.selections:
            self.clear_selection()
        elif self.focused is self.prompt and not self.has_class("-empty"):
            self.transcript.focus()
        else:
            self.prompt.focus()

    async def action_copy_or_stop(self) -> None:
        """Copy what is selected, else stop, else say how to quit."""
        selected = self.prompt.selected_text or self.get_selected_text()
        if selected:
            await self.copy(selected)
        elif self.chat is None or not self.manager.stop(self.chat):
            self.app.notify(
                text("notice.quit-hint", key=show_key("ctrl+q")), timeout=3, markup=False
            )

    # Conversations

    async def action_new_conversation(self) -> None:
        """Begin a new conversation."""
        await self.ready()
        self.remove_class("-list-over")
        await self.show_chat(self.new_chat())
        self.prompt.focus()

    def action_focus_list(self) -> None:
        """Go to the list of conversations, over the rest where there is no room beside it."""
        self.remove_class("-no-list")
        if self.has_class("-narrow"):
            self.add_class("-list-over")
        self.list_of_conversations.focus()

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        if self.has_class("-narrow"):
            shown = not self.has_class("-list-over")
            self.set_class(shown, "-list-over")
            (self.list_of_conversations if shown else self.prompt).focus()
        else:
            self.toggle_class("-no-list")
            if self.has_class("-no-list") and self.focused is self.list_of_conversations:
                self.prompt.focus()

    def on_conversation_list_opened(self, event: "ConversationList.Opened") -> None:
        """Open a conversation of the list."""
        self.remove_class("-list-over")
        self.prompt.focus()
        self._open_conversation(event.id)

    @work(name="open", group="show", exclusive=True, exit_on_error=False)
    async def _open_conversation(self, id_: str) -> None:
        chat = await self.open_chat(id_)
        await self.manager.refresh(chat)
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
            await self.manager.rename(row.id, title)
            await self.reload_list()

    async def action_delete(self) -> None:
        """Delete a conversation; it can be brought back."""
        row = await self._meant()
        if row is None:
            return
        await self.manager.delete(row.id)
        self._deleted.append(row)
        if self.chat is not None and self.chat.id == row.id:
            await self.show_chat(self.new_chat())
        await self.reload_list()
        title = clean_line(row.title) or text("list.untitled")
        self.app.notify(text("notice.deleted", title=title, key="^g u"), timeout=8, markup=False)

    async def action_undo_delete(self) -> None:
        """Bring back the conversation that was deleted last."""
        if not self._deleted:
            self.app.notify(text("notice.nothing-to-undo"), timeout=3, markup=False)
            return
        row = self._deleted.pop()
        await self.manager.restore(row.id)
        await self.reload_list()
        await self.show_chat(await self.open_chat(row.id))
        title = clean_line(row.title) or text("list.untitled")
        self.app.notify(text("notice.restored", title=title), timeout=4, markup=False)

    async def _meant(self) -> ConversationSummary | None:
        """The conversation that a command means: the marked row of the list, or the open one."""
        chat = await self.ready()
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

    @work(name="model", exit_on_error=False)
    async def action_switch_model(self) -> None:
        """Choose where the next prompts go."""
        # 4 ms that only who switches need pay.
        from chat_tui.ui.screens.models import ModelDialog

        chat = await self.ready()
        load = partial(self.backend.targets, chat.target.provider)
        target = await self.app.push_screen_wait(ModelDialog(chat.target, load, self.backend.label))
        if target is not None:
            await self._switch_to(target)

    async def _switch_to(self, target: Target) -> None:
        """Send the next prompts here, and those of new conversations, to a model."""
        await self.manager.switch_target(await self.ready(), target)
        self.backend.target = target
        told = text(
            "notice.switched",
            model=clean_line(target.model, code=True),
            provider=clean_line(self.backend.label(target.provider)),
        )
        self.app.notify(told, timeout=5, markup=False)
        self.show_emptiness()
        self.update_status()

    # Answers

    async def action_regenerate(self) -> None:
        """Answer the last prompt again."""
        chat = await self.ready()
        self._regenerate(chat, chat.tree.head)

    async def action_regenerate_message(self) -> None:
        """Answer again from the marked message on."""
        chat = await self.ready()
        index = self.transcript.current
        self._regenerate(chat, chat.tree.head if index is None else self._id_at(index))

    def _regenerate(self, chat: "OpenConversation", id_: str | None) -> None:
        if chat.streaming:
            self.app.notify(text("notice.busy"), timeout=5, markup=False)
        elif id_ is None:
            self.app.notify(text("notice.nothing-to-regenerate"), timeout=3, markup=False)
        else:
            self.turns.start(chat, self.manager.regenerate(chat, id_))

    async def action_show_sibling(self, step: int) -> None:
        """Show another version of the marked message and what followed it."""
        chat, index = await self.ready(), self.transcript.current
        path = chat.tree.path()
        at = len(path) - 1 if index is None else index
        siblings = chat.tree.siblings(path[at]) if path else ()
        if len(siblings) < 2 or chat.streaming:
            self.app.notify(text("notice.no-sibling"), timeout=3, markup=False)
            return
        place = (siblings.index(path[at]) + step) % len(siblings)
        await self.manager.select(chat, siblings[place])
        await self.show_chat(chat)
        self.transcript.move_to(at)

    # Copying

    async def action_copy_answer(self) -> None:
        """Copy the last answer as it was written."""
        chat = await self.ready()
        answers = [id_ for id_ in chat.tree.path() if chat.tree[id_].role == "assistant"]
        messages = await self.manager.messages(chat, answers[-1:])
        await self._copy_message(messages[0] if messages else None)

    async def action_copy_message(self) -> None:
        """Copy what is selected, else the marked message."""
        selected = self.get_selected_text()
        index = self.transcript.current
        if selected:
            await self.copy(selected)
            self.clear_selection()
        elif index is None:
            await self.action_copy_answer()
        else:
            chat = await self.ready()
            messages = await self.manager.messages(chat, [self._id_at(index)])
            await self._copy_message(messages[0] if messages else None)

    async def _copy_message(self, message: ChatMessage | None) -> None:
        if message is None or not message.text:
            self.app.notify(text("notice.nothing-to-copy"), timeout=3, markup=False)
        else:
            await self.copy(clean(message.text))

    # Reading

    def action_focus_transcript(self) -> None:
        """Go to the messages."""
        if not self.has_class("-empty"):
            self.transcript.focus()

    def action_focus_prompt(self) -> None:
        """Go to the prompt."""
        self.prompt.focus()

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll the transcript by pages."""
        self.transcript.scroll_pages(pages)

    def action_move_message(self, steps: int) -> None:
        """Put the mark on another message."""
        self.transcript.move_by(steps)

    def action_jump_to_start(self) -> None:
        """Show the beginning."""
        self.transcript.jump_to_start()

    def action_jump_to_end(self) -> None:
        """Show the end and follow what comes."""
        self.transcript.jump_to_end()

    def action_toggle_fold(self) -> None:
        """Fold or unfold the reasoning of the marked message, else of the last one."""
        count = len(self.transcript.column)
        if count:
            index = self.transcript.current
            self.transcript.toggle_fold(count - 1 if index is None else index)

    def action_scroll_wide(self, cells: int) -> None:
        """Move wide tables sideways."""
        self.transcript.scroll_wide(cells)

    def action_select_lines(self, step: int) -> None:
        """Grow or shrink the selection by a line."""
        self.transcript.select_by(step)

    def on_transcript_link_activated(self, event: "Transcript.LinkActivated") -> None:
        """Show where a link leads: nothing is opened on its own."""
        self.app.notify(
            clean(event.url, code=True), title=text("notice.link-title"), timeout=10, markup=False
        )

    def _id_at(self, index: int) -> str:
        return self.transcript.column.id_at(index)
