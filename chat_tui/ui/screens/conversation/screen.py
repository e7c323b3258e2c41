"""The conversation screen's commands: what its keys and its palette entries do."""

from functools import partial
from inspect import isawaitable
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType

from chat_tui.core.errors import ChatError
from chat_tui.core.texts import text
from chat_tui.ui.actions import action_called, active_keys, bindings_for
from chat_tui.ui.screens.conversation.view import ConversationView
from chat_tui.ui.widgets.prompt import PromptInput

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.ui.widgets.columns import ColumnRow
    from chat_tui.ui.widgets.conversation_list import ConversationList
    from chat_tui.ui.widgets.transcript import Transcript

_BEFORE_OPEN = frozenset({"send", "new_line", "stop_or_leave"})
"""What can be done while storage and providers are still being opened."""

_AWAITED = frozenset({"start", "may send", "command", "history"})
"""The workers that do something to the prompt or with what was sent from it."""


class ConversationScreen(ConversationView):
    """Where one talks: full-screen chat by keyboard."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("conversation")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be run now."""
        return self.session.is_open or action in _BEFORE_OPEN

    def is_busy(self, *, letter: bool) -> bool:
        """Whether the next key is meant for after what is done now: a letter, or another one."""
        if not self.session.is_open:
            return False
        if letter and self.chats.opening:
            return True
        return any(worker.name in _AWAITED and not worker.is_finished for worker in self.workers)

    async def action_do(self, command: str, *values: object) -> None:
        """Run a command of a group: `branches.undo`; one that would tell a secret asks first."""
        run = partial(self.run_command, command, *values)
        if not self.complete or not self.comparing.asks_first(command, run):
            await run()

    async def run_command(self, command: str, *values: object) -> None:
        """The same without a question."""
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
        self._start_turn(event)

    @work(name="start", exit_on_error=False)
    async def _start_turn(self, sent: PromptInput.Submitted) -> None:
        try:
            chat = await self.session.ready()
        except ChatError:
            sent.source.give_back(sent.draft)
            raise
        await self.submitting.take(chat, sent)

    @on(PromptInput.Changed, "#prompt")
    def follow_prompt(self) -> None:
        """Keep what is written, and tell how long it is."""
        if self.complete:
            self.writing.drafts.changed()
            self.context.draft_changed()
            self.update_status()

    # Stopping and leaving

    def action_stop_or_leave(self) -> None:
        """Close what is open over the rest, else stop, else leave the prompt or come back."""
        if self.prompt.close_popup():
            return
        if self.selections:
            self.clear_selection()
        elif self.has_class("-list-over"):
            self.remove_class("-list-over")
            self.set_focus(self.prompt)
        elif self.complete and self.focused is self.queueing.bar:
            self.set_focus(self.prompt)
        elif self._leave_finding() or self._stop_reading() or self._leave_editing() or self._stop():
            return
        elif self.focused is self.prompt and not self.has_class("-empty"):
            self.set_focus(self.transcript)
        elif not self._stays_in_reading():
            self.set_focus(self.prompt)

    def _stays_in_reading(self) -> bool:
        """Whether one reads, and goes to the prompt with other keys than the one that stops."""
        reads = self.complete and self.panes.is_transcript(self.focused)
        return reads and not self.reading.leaves_at_stop

    def _leave_finding(self) -> bool:
        """Leave what is looked for, a step at a time; tells whether there was something."""
        return self.complete and self.finding.leave()

    def _stop_reading(self) -> bool:
        """Read no further what is to be attached; tells whether something was being read."""
        return self.complete and self.attaching.stop()

    async def action_copy_or_stop(self) -> None:
        """Copy what is selected, else stop, else say how to quit."""
        selected = self.prompt.selected_text or self.get_selected_text()
        if selected:
            await self.copy(selected)
        elif not self._stop(all_of_them=True):
            told = text("notice.quit-hint", key=active_keys(self).shown("quit"))
            self.app.notify(told, timeout=3, markup=False)

    def _leave_editing(self) -> bool:
        """Leave off editing an earlier message; tells whether one was being edited here."""
        return self.complete and self.focused is self.prompt and self.branches.edits.leave()

    def _stop(self, *, all_of_them: bool = False) -> bool:
        """Stop the answer, or the wait before one; tells whether there was something to stop.

        In a column it is that of its model, unless all are meant.
        """
        chat = self.session.chat
        if chat is None:
            return False
        return self.turns.interrupt(chat, None if all_of_them else self.sides.column_in_use)

    # What list and transcript ask for

    def on_conversation_list_opened(self, event: "ConversationList.Opened") -> None:
        """Open a conversation of the list."""
        self.chats.open(event.id)

    def on_conversation_list_more_wanted(self, event: "ConversationList.MoreWanted") -> None:
        """Load the next page of the list."""
        page = self.keeper.load_page(event.after)
        self.run_worker(page, name="page", exit_on_error=False)

    def on_transcript_texts_wanted(self, event: "Transcript.TextsWanted") -> None:
        """Load texts that come into view."""
        if self.session.chat is not None:
            stage = self.panes.stage_of(event.transcript)
            texts = stage.supply(self.session.chat, event.ids)
            self.run_worker(texts, name="texts", group="texts", exit_on_error=False)

    def on_transcript_pictures_wanted(self) -> None:
        """Load pictures that come into view."""
        self.pictures.look()

    def on_transcript_attachment_chosen(self, event: "Transcript.AttachmentChosen") -> None:
        """Open a picture that was clicked."""
        self.attachments.open_chosen(event)

    def on_transcript_scrolled(self, event: "Transcript.Scrolled") -> None:
        """Have the other columns go along."""
        self.panes.lead(event.transcript)

    def on_column_row_taken(self, event: "ColumnRow.Taken") -> None:
        """Mean the column that was clicked."""
        self.panes.mark(event.index)

    def on_column_row_rearranged(self) -> None:
        """Other columns came on the screen: they go where the marked one is."""
        self.panes.rearranged()

    def on_transcript_link_activated(self, event: "Transcript.LinkActivated") -> None:
        """Open a link that was clicked."""
        self.links.follow(event)

    def on_transcript_letter_typed(self) -> None:
        """Say how to write, to somebody who types while reading."""
        self.reading.tell_how_to_write()

    def on_transcript_offer_taken(self, event: "Transcript.OfferTaken") -> None:
        """Do what was clicked, with the message on which it stands."""
        action = "regenerate-message" if event.action == "regenerate" else event.action
        run = self.app.run_action(action_called(action).run, self)
        self.run_worker(run, name="offer", exit_on_error=False)

    async def action_use_found_server(self) -> None:
        """Send new prompts to the server that was found on this machine."""
        if self.found is None:
            self.app.notify(text("notice.no-server"), timeout=4, markup=False)
            return
        found, self.found = self.found, None
        self.banner.show("")
        await self.answering.switch_to(found.target)
