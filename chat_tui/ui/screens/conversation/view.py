"""What the parts of the conversation screen show; the commands are in screen.py."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work
from textual.events import DescendantFocus
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from chat_tui.core.errors import ChatError, ErrorInfo
from chat_tui.core.safety import clean
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import Scope, active_keys, keyed_app
from chat_tui.ui.backend import FoundServer
from chat_tui.ui.screens.conversation.foot import show_hints, show_status
from chat_tui.ui.screens.conversation.parts import ConversationParts

if TYPE_CHECKING:  # transcript, list and the ways of a turn come after the first frame: 40 ms
    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.events import TurnStarted
    from chat_tui.core.messages import ChatMessage
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.widgets.transcript import Transcript

_TICK = 0.25
"""Seconds between two updates of the status line while an answer is on its way."""

_OPEN_DELAY = 0.1
"""Seconds between the first frame and opening the backend: a key typed at once is heard first."""

_WIND_UP = 6.0
"""Seconds that storing may take when the app is left; a locked database is given up after 5."""


class ConversationView(ConversationParts):
    """What the parts show, as conversations and answers come and go."""

    found: FoundServer | None = None
    """A server on this machine that can be used."""
    _ticker: Timer | None = None

    def on_mount(self) -> None:
        """Show the empty screen at once; open storage and providers after that."""
        show_status(self)
        show_hints(self, "prompt")
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        keyed_app(self).keys_changed.subscribe(self, self._show_keys)
        self.call_after_refresh(self.set_timer, _OPEN_DELAY, self._open_up)

    def transcripts_of(self, chat: "OpenConversation") -> "Sequence[Transcript]":
        """All transcripts that show a conversation: one a column, none where it is not shown."""
        return self.panes.transcripts if chat is self.session.chat else ()

    @work(name="open", exit_on_error=False)
    async def _open_up(self) -> None:
        # 40 ms that the first frame need not pay.
        from chat_tui.ui.screens.conversation.opening import open_up

        await open_up(self)

    # Showing conversations

    async def show_chat(self, chat: "OpenConversation") -> None:
        """Show a conversation's active path with its end in view."""
        left = self.session.chat
        self.context.shown()
        self.comparing.shown(chat)
        self.writing.drafts.leave_for(chat)
        if left is not None:
            self.reading.leave(left)
        try:
            shown = await self.panes.show(chat)
        finally:
            await self.writing.drafts.show(chat)
            if left is not None:
                self.chats.close_unless_needed(left)
        if shown:
            self.chats.show_kind()
            self.queueing.show()
            self.reading.arrive(chat)
            self.turns.holding.tell(chat, anew=True)
            self.mark_list()
            self.update_status()
            self.finding.shown(chat)

    def show_started(self, chat: "OpenConversation", event: "TurnStarted") -> None:
        """Show the prompt and the empty reply of a turn, or of a summary."""
        summary = event.replies[0].covers is not None
        waited = False
        if not summary:
            self.writing.drafts.sent(chat)
            waited = self.queueing.queues.started(chat)
            asked = event.replies[0]
            self.answering.note_used(chat, [Target(asked.provider, asked.model)])
        self.reload_later()
        if chat is self.session.chat:
            begun = [each for each in (event.prompt, *event.replies) if each is not None]
            self.panes.started(chat, begun, calm=waited or summary)
            self.context.started(event)
            self.finding.shown(chat)

    def show_finished(self, chat: "OpenConversation", reply: "ChatMessage") -> None:
        """Show that a reply has ended."""
        self.reload_later()
        if chat is self.session.chat:
            self.panes.finish(chat, reply)
            self.context.refresh()
            self.finding.ended(reply.id)
        first = len(chat.tree) == 2 and reply.status == "complete" and not chat.temporary
        if first and self.session.settings.title_by_model:
            self.run_worker(self.chats.name_by_model(chat), group="title", exit_on_error=False)

    # The list

    async def reload_list(self) -> None:
        """Read the newest rows of the list again."""
        await self.keeper.reload()
        self.mark_list()

    def reload_later(self) -> None:
        """The same in the background."""
        if self.session.is_open:
            # Not the coroutine itself: one that is cancelled before it begins is never awaited.
            self.run_worker(
                self.reload_list,  # type: ignore[arg-type] # its result is taken for Never
                group="list",
                exclusive=True,
                exit_on_error=False,
            )

    def mark_list(self) -> None:
        """Mark the open conversation, and how things stand in the others."""
        self.keeper.mark(self.turns.running, self.queueing.queues)

    # Status

    def answering_changed(self) -> None:
        """An answer began or ended somewhere."""
        if not self.is_running or not self.session.is_open:
            return
        if self._ticker is None:
            self._ticker = self.set_interval(_TICK, self._tick, pause=True)
        if self.turns.moving:
            self._ticker.resume()
        else:
            self._ticker.pause()
            self.windows.look()
        self.queueing.show()
        self.mark_list()
        self.update_status()

    def _tick(self) -> None:
        if self.session.chat is not None:
            self.turns.holding.tell(self.session.chat)
        self.update_status()

    def on_transcript_following_changed(self) -> None:
        """Tell where the reader stands."""
        self.update_status()

    def update_status(self) -> None:
        """Tell model, state and figures, and what the keys do now."""
        if self.complete:
            self.context.look()
        show_status(self)
        show_hints(self, self._scope_of(self.focused))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the keys of the part that has the focus."""
        scope = self._scope_of(event.widget)
        show_hints(self, scope)
        if self.complete:
            self.reading.focus_changed(scope)

    def _scope_of(self, widget: Widget | None) -> Scope:
        if widget is self.prompt:
            return "prompt"
        if not self.complete:
            return "conversation"
        if self.panes.is_transcript(widget):
            return "transcript"
        scopes: dict[object, Scope] = {
            self.list_of_conversations: "list",
            self.queueing.bar: "queue",
        }
        return scopes.get(widget, "conversation")

    def _restyle(self, _theme: object) -> None:
        if self.complete:
            look = self.look()
            for transcript in self.panes.every:
                transcript.restyle(look)

    def _show_keys(self, _nothing: None) -> None:
        """Show other keys wherever some are told."""
        self.query_one("#side-hint", Static).update(self._side_hint())
        self.update_status()
        if self.session.is_open:
            self.stage.show_welcome()
            self.panes.rearrange()
            self.queueing.show()
            self.context.refresh()
            self._restyle(None)

    # What went wrong

    def warn(self, words: str) -> None:
        """Tell of something that is to be looked after."""
        self.app.notify(clean(words), severity="warning", timeout=12, markup=False)

    def show_error(self, error: ErrorInfo) -> None:
        """Tell of an error that belongs to no message."""
        self.app.notify(
            clean(error.told),
            title=text("notice.failed"),
            severity="error",
            timeout=10,
            markup=False,
        )

    def refuse(self, chat: "OpenConversation", prompt: "Prompt | str", error: ErrorInfo) -> None:
        """Tell that a prompt was not taken, and give it back to its conversation."""
        if error.kind == "usage":
            way = text("notice.other-model", key=active_keys(self).shown("switch-model"))
            error = replace(error, hint=f"{error.hint} {way}".strip())
        self.show_error(error)
        if prompt:
            self.writing.drafts.give_back(chat, prompt)

    async def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell of work in the background that failed; the app goes on."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, Exception):
            await self._report(error)

    async def recover(self, chat: "OpenConversation") -> None:
        """Show what is stored, after an answer failed in a way that nobody foresaw."""
        if chat is self.session.chat:
            await self.show_chat(chat)

    async def wind_up(self) -> None:
        """Stop what is running and wait until it is stored."""
        async with asyncio.timeout(_WIND_UP):
            if not self.complete and not await self._opens_for_words():
                return
            # A prompt that was sent while the backend opens becomes a turn first.
            self.writing.drafts.save()
            self.queueing.queues.hold_all()
            await self._wait_for("start")
            self.turns.stop_all()
            await self._wait_for("turn ")
            self.writing.drafts.save()

    async def _opens_for_words(self) -> bool:
        """Wait until all is open where somebody wrote already; tells whether it is."""
        sends = any(worker.name == "start" for worker in self.workers)
        if sends or self.prompt.text:
            with suppress(ChatError):  # the words stay where they are
                await self.session.ready()
            await self._wait_for("open")
        return self.complete

    async def _wait_for(self, name: str) -> None:
        while True:
            named = [worker for worker in self.workers if worker.name.startswith(name)]
            workers = [worker for worker in named if not worker.is_finished]
            if not workers:
                return
            # What begins a round is followed by what runs it.
            await asyncio.gather(*(worker.wait() for worker in workers), return_exceptions=True)

    async def copy(self, words: str) -> None:
        """Put a text on the clipboard and say so."""
        await self.copying.copy(words)
