"""What the parts of the conversation screen show; the commands are in screen.py."""

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work
from textual.events import DescendantFocus
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from chat_tui.core.errors import ChatError, ErrorInfo, StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import Scope, active_keys
from chat_tui.ui.backend import FoundServer
from chat_tui.ui.clipboard import clipboard_command, copy_with
from chat_tui.ui.screens.conversation.foot import show_hints, show_status
from chat_tui.ui.screens.conversation.parts import ConversationParts

if TYPE_CHECKING:  # transcript, list and the ways of a turn come after the first frame: 40 ms
    from chat_tui.core.events import TurnStarted
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.widgets.conversation_list import ConversationList
    from chat_tui.ui.widgets.transcript import Transcript

_TICK = 0.25
"""Seconds between two updates of the status line while an answer is on its way."""

_OPEN_DELAY = 0.1
"""Seconds between the first frame and opening the backend: a key typed at once is heard first."""

_WIND_UP = 6.0
"""Seconds that storing may take when the app is left; a locked database is given up after 5."""

_LOOK_INTERVAL = 3.0
"""Seconds between two looks whether another window wrote something."""


class ConversationView(ConversationParts):
    """What the parts show, as conversations and answers come and go."""

    found: FoundServer | None = None
    """A server on this machine that can be used."""
    _ticker: Timer | None = None
    _changed = False
    """Whether another window wrote something that is not shown yet."""

    def on_mount(self) -> None:
        """Show the empty screen at once; open storage and providers after that."""
        self.set_class(not self.session.settings.sidebar, "-no-list")
        self.add_class("-empty")
        self.update_status()
        show_hints(self, "prompt")
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self.call_after_refresh(self.set_timer, _OPEN_DELAY, self._open_backend)

    def transcript_of(self, chat: "OpenConversation") -> "Transcript | None":
        """The transcript that shows a conversation, if one does."""
        return self.transcript if chat is self.session.chat else None

    # Opening

    @work(name="open", exit_on_error=False)
    async def _open_backend(self) -> None:
        await self._add_parts()
        try:
            await self.session.open(self._show_trouble, self._show_notice)
        except ChatError as error:
            self.banner.show(clean(error.told), warning=True)
            return
        try:
            chat = await self.session.begin()
        except ChatError as error:
            self.show_error(error.info)
            chat = await self.session.ready()
        await self.show_chat(chat)
        await self.reload_list()
        self.run_worker(_warm_up, thread=True, name="warm up", exit_on_error=False)
        self.watch(self.app, "app_focus", self._focus_changed, init=False)
        self.set_interval(_LOOK_INTERVAL, self._look_for_changes)
        self.found = await self.session.backend.discover()
        if self.found is not None and not len(chat.tree):
            self._offer(self.found)

    async def _add_parts(self) -> None:
        # Here, because they cost 40 ms that the first frame need not pay.
        from chat_tui.ui.screens.conversation.commands.branches import BranchCommands
        from chat_tui.ui.screens.conversation.commands.chats import ChatCommands
        from chat_tui.ui.screens.conversation.commands.copying import CopyCommands
        from chat_tui.ui.screens.conversation.commands.finding import FindCommands
        from chat_tui.ui.screens.conversation.commands.outside import OutsideCommands
        from chat_tui.ui.screens.conversation.commands.queueing import QueueCommands
        from chat_tui.ui.screens.conversation.commands.reading import ReadingCommands
        from chat_tui.ui.screens.conversation.commands.writing import WritingCommands
        from chat_tui.ui.screens.conversation.listing import ListKeeper
        from chat_tui.ui.screens.conversation.remedies import Remedies
        from chat_tui.ui.screens.conversation.stage import Stage
        from chat_tui.ui.screens.conversation.turns import TurnRunner
        from chat_tui.ui.widgets.conversation_list import ConversationList
        from chat_tui.ui.widgets.transcript import Transcript

        keys = active_keys(self)
        self._transcript = Transcript(self._look(), self._pacer, keys, id="transcript")
        self._list = ConversationList(id="list")
        self._turns = TurnRunner(self)
        self._remedies = Remedies(self)
        self._stage = Stage(self.session, self._transcript, self.welcome)
        self._keeper = ListKeeper(self.session, self._list, self.clock)
        self._branches = BranchCommands(self)
        self._reading = ReadingCommands(self)
        self._finding = FindCommands(self)
        self._copying = CopyCommands(self)
        self._outside = OutsideCommands(self)
        self._writing = WritingCommands(self)
        self._queueing = QueueCommands(self)
        self._chats = ChatCommands(self)
        with self.app.batch_update():
            await self.query_one("#stage").mount(self._transcript, before=0)
            await self.query_one("#side").mount(self._list, before="#side-hint")

    def _focus_changed(self) -> None:
        self._look_for_changes()

    @work(name="changes", exit_on_error=False)
    async def _look_for_changes(self) -> None:
        """Take over what another window wrote."""
        # Not exclusive: the store tells of a change once, so that who heard of it must go on.
        self._changed = await self.session.store.changed_elsewhere() or self._changed
        chat = self.session.chat
        if not self._changed or (chat is not None and chat.streaming):
            # While an answer comes here, its path stays as it is; the end of it looks again.
            return
        await self.reload_list()
        if chat is not None and len(chat.tree):
            head = chat.tree.head
            await self.session.manager.refresh(chat)
            if chat.tree.head != head:
                await self.show_chat(chat)
            else:
                await self.stage.follow_others(chat)
        self._changed = False

    def _offer(self, found: FoundServer) -> None:
        self.banner.show(
            text(
                "banner.found",
                label=clean_line(found.label),
                model=clean_line(found.target.model),
                key=active_keys(self).shown("use-found"),
            )
        )

    def _show_notice(self, notice: str) -> None:
        self.app.notify(clean(notice), severity="warning", timeout=12, markup=False)

    def _show_trouble(self, trouble: StorageError | None) -> None:
        if trouble is None:
            self.banner.show("")
            self._reload_later()
        else:
            words = text("banner.storage", message=clean_line(trouble.told))
            self.banner.show(words, warning=True)

    # Showing conversations

    async def show_chat(self, chat: "OpenConversation") -> None:
        """Show a conversation's active path with its end in view."""
        left = self.session.chat
        if left is not None and left is not chat and not self.turns.holds(left.id):
            self.session.manager.close(left)
        if await self.stage.show(chat):
            self.turns.tell(chat, anew=True)
            self.mark_list()
            self.update_status()

    def show_started(self, chat: "OpenConversation", event: "TurnStarted") -> None:
        """Show the prompt and the empty reply of a turn."""
        self._reload_later()
        if chat is self.session.chat:
            self.stage.extend(chat, event)

    def show_finished(self, chat: "OpenConversation", reply: ChatMessage) -> None:
        """Show that a reply has ended."""
        self._reload_later()
        if chat is self.session.chat:
            self.stage.finish(chat, reply)
        first = len(chat.tree) == 2 and reply.status == "complete"
        if first and self.session.settings.title_by_model:
            self.run_worker(self._ask_for_title(chat), group="title", exit_on_error=False)

    async def _ask_for_title(self, chat: "OpenConversation") -> None:
        title = await self.session.manager.suggest_title(chat)
        if title and not chat.conversation.title_by_hand:
            await self.session.manager.rename(chat.id, title, by_hand=False)
            await self.reload_list()

    def on_transcript_texts_wanted(self, event: "Transcript.TextsWanted") -> None:
        """Load texts that come into view."""
        if self.session.chat is not None:
            texts = self.stage.supply(self.session.chat, event.ids)
            self.run_worker(texts, name="texts", group="texts", exit_on_error=False)

    # The list

    async def reload_list(self) -> None:
        """Read the newest rows of the list again."""
        await self.keeper.reload()
        self.mark_list()

    def _reload_later(self) -> None:
        if self.session.is_open:
            self.run_worker(self.reload_list(), group="list", exclusive=True, exit_on_error=False)

    def mark_list(self) -> None:
        """Mark the open conversation and the running ones."""
        self.keeper.mark(self.turns.running)

    def on_conversation_list_more_wanted(self, event: "ConversationList.MoreWanted") -> None:
        """Load the next page of the list."""
        page = self.keeper.load_page(event.after)
        self.run_worker(page, name="page", exit_on_error=False)

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
            self._look_for_changes()
        self.mark_list()
        self.update_status()

    def _tick(self) -> None:
        if self.session.chat is not None:
            self.turns.tell(self.session.chat)
        self.update_status()

    def on_transcript_following_changed(self) -> None:
        """Tell where the reader stands."""
        self.update_status()

    def update_status(self) -> None:
        """Tell model, state and figures."""
        show_status(self)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the keys of the part that has the focus."""
        scopes: dict[object, Scope] = {
            self.prompt: "prompt",
            self._transcript: "transcript",
            self._list: "list",
        }
        show_hints(self, scopes.get(event.widget, "conversation"))

    # Errors

    def show_error(self, error: ErrorInfo) -> None:
        """Tell of an error that belongs to no message."""
        self.app.notify(
            clean(error.told),
            title=text("notice.failed"),
            severity="error",
            timeout=10,
            markup=False,
        )

    def refuse(self, prompt: str, error: ErrorInfo) -> None:
        """Tell that a prompt was not taken, and give it back."""
        if error.kind == "usage":
            way = text("notice.other-model", key=active_keys(self).shown("switch-model"))
            error = replace(error, hint=f"{error.hint} {way}".strip())
        self.show_error(error)
        self.prompt.give_back(prompt)

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
        if self._turns is None:
            return
        async with asyncio.timeout(_WIND_UP):
            # A prompt that was sent while the backend opens becomes a turn first.
            await self._wait_for("start")
            self._turns.stop_all()
            await self._wait_for("turn ")

    async def _wait_for(self, name: str) -> None:
        workers = [worker for worker in self.workers if worker.name.startswith(name)]
        await asyncio.gather(*(worker.wait() for worker in workers), return_exceptions=True)

    async def copy(self, words: str) -> None:
        """Put a clean text on the clipboard and say so."""
        command = clipboard_command(os.environ)
        if command and await copy_with(command, words):
            told = text("notice.copied-to", count=len(words), way=command[0])
        else:
            self.app.copy_to_clipboard(words)
            told = text("notice.copied", count=len(words))
        self.app.notify(told, timeout=3, markup=False)


def _warm_up() -> None:
    """Load what the first answer is drawn with; in a thread, since it takes 80 ms."""
    from chat_tui.ui.markdown import warm_up

    warm_up()
