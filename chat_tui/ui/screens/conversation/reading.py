"""The commands for reading: moving about, versions, copying, answering again."""

from typing import TYPE_CHECKING

from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.view import ConversationView

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.widgets.transcript import Transcript


class ReadingCommands(ConversationView):
    """What the keys of the transcript do."""

    # Answers

    async def action_regenerate(self) -> None:
        """Answer the last prompt again."""
        chat = await self.session.ready()
        self._regenerate(chat, chat.tree.head)

    async def action_regenerate_message(self) -> None:
        """Answer again from the marked message on."""
        chat = await self.session.ready()
        index = self.transcript.current
        self._regenerate(chat, chat.tree.head if index is None else self._id_at(index))

    def _regenerate(self, chat: "OpenConversation", id_: str | None) -> None:
        if chat.streaming:
            self.app.notify(text("notice.busy"), timeout=5, markup=False)
        elif id_ is None:
            self.app.notify(text("notice.nothing-to-regenerate"), timeout=3, markup=False)
        else:
            self.turns.start(chat, self.session.manager.regenerate(chat, id_))

    async def action_show_sibling(self, step: int) -> None:
        """Show another version of the marked message and what followed it."""
        chat, index = await self.session.ready(), self.transcript.current
        path = chat.tree.path()
        at = len(path) - 1 if index is None else index
        siblings = chat.tree.siblings(path[at]) if path else ()
        if len(siblings) < 2 or chat.streaming:
            self.app.notify(text("notice.no-sibling"), timeout=3, markup=False)
            return
        place = (siblings.index(path[at]) + step) % len(siblings)
        await self.session.manager.select(chat, siblings[place])
        await self.show_chat(chat)
        self.transcript.move_to(at)

    # Copying

    async def action_copy_answer(self) -> None:
        """Copy the last answer as it was written."""
        chat = await self.session.ready()
        answers = [id_ for id_ in chat.tree.path() if chat.tree[id_].role == "assistant"]
        messages = await self.session.manager.messages(chat, answers[-1:])
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
            chat = await self.session.ready()
            messages = await self.session.manager.messages(chat, [self._id_at(index)])
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
            self.set_focus(self.transcript)

    def action_focus_prompt(self) -> None:
        """Go to the prompt."""
        self.set_focus(self.prompt)

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
