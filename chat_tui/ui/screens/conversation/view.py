"""The conversation screen's parts and what they show; the commands are in screen.py."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.getters import query_one
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from chat_tui.core.clock import Clock
from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.errors import ChatError, ErrorInfo, StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.settings import Settings
from chat_tui.core.targets import DEMO, Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import Scope, in_scope
from chat_tui.ui.backend import Backend, FoundServer, Opened
from chat_tui.ui.clipboard import clipboard_command, copy_with
from chat_tui.ui.screens.conversation.welcome import welcome_text
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.prompt import PromptInput
from chat_tui.ui.widgets.status import Banner, KeyHints, StatusLine

if TYPE_CHECKING:  # transcript, list and the ways of a turn come after the first frame: 40 ms
    from chat_tui.core.events import TurnStarted
    from chat_tui.core.manager import ConversationManager, OpenConversation
    from chat_tui.core.ports import ConversationStore
    from chat_tui.ui.screens.conversation.turns import TurnRunner
    from chat_tui.ui.widgets.conversation_list import ConversationList
    from chat_tui.ui.widgets.transcript import Transcript, TranscriptLook

PAGE = 50
"""Conversations that are read for the list at once."""

_TICK = 0.25
"""Seconds between two updates of the status line while an answer is on its way."""

_OPEN_DELAY = 0.1
"""Seconds between the first frame and opening the backend: a key typed at once is heard first."""

_LOOK_INTERVAL = 3.0
"""Seconds between two looks whether another window wrote something."""

_WIDTHS = [(0, "-narrow"), (90, "-wide")]
"""From 90 columns on there is room for the list beside the conversation."""

_HEIGHTS = [(0, "-low"), (18, "-high")]
"""Under 18 rows the frame of the prompt and the hints make room for text."""


class ConversationView(Screen[None]):
    """List of conversations, transcript, prompt, status line, and what they show.

    Args:
        backend: storage and providers; opened after the first frame.
        settings: the user's.
        clock: the time that is shown.
        pacer: draws streaming text.
        report: tells of an unforeseen error.
        resume: the conversation to open; "" for the newest, None for a new one.
    """

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    AUTO_FOCUS = "#prompt"

    prompt = query_one("#prompt", PromptInput)
    status = query_one("#status", StatusLine)
    hints = query_one("#hints", KeyHints)
    banner = query_one("#banner", Banner)
    welcome = query_one("#welcome", Static)

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        clock: Clock,
        pacer: FramePacer,
        *,
        report: Callable[[Exception], Awaitable[None]],
        resume: str | None = None,
    ) -> None:
        super().__init__()
        self._report = report
        self.backend = backend
        self.clock = clock
        self.found: FoundServer | None = None
        self._settings = settings
        self._pacer = pacer
        self._resume = resume
        self._opened: Opened | None = None
        self._turns: TurnRunner | None = None
        self._transcript: Transcript | None = None
        self._list: ConversationList | None = None
        self._not_opened: ChatError | None = None
        self._ready = asyncio.Event()
        self._chat: OpenConversation | None = None
        self._ticker: Timer | None = None
        self._trouble: StorageError | None = None
        self._deleted: list[ConversationSummary] = []

    def compose(self) -> ComposeResult:
        """The parts that take a key; list and transcript are added after the first frame."""
        with Vertical(id="side"):
            yield Static(text("list.title"), id="side-title", markup=False)
            yield Static(text("list.hint"), id="side-hint", markup=False)
        with Vertical(id="main"):
            with Vertical(id="stage"):
                yield Static("", id="welcome", markup=False)
            yield Banner(id="banner")
            yield PromptInput(id="prompt")
            yield StatusLine(id="status")
            yield KeyHints(id="hints")

    def on_mount(self) -> None:
        """Show the empty screen at once; open storage and providers after that."""
        self.set_class(not self._settings.sidebar, "-no-list")
        self.add_class("-empty")
        self.update_status()
        self._show_hints("prompt")
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self.call_after_refresh(self.set_timer, _OPEN_DELAY, self._open_backend)

    # What others read

    @property
    def manager(self) -> "ConversationManager":
        """Runs the conversations; there once the backend is open."""
        return self._backend_open().manager

    @property
    def store(self) -> "ConversationStore":
        """Lists the conversations; there once the backend is open."""
        return self._backend_open().store

    @property
    def turns(self) -> "TurnRunner":
        """Runs the turns; there once the backend is open."""
        if self._turns is None:
            raise RuntimeError("the backend is not open yet")
        return self._turns

    @property
    def is_open(self) -> bool:
        """Whether storage and providers are there."""
        return self._opened is not None

    def _backend_open(self) -> Opened:
        if self._opened is None:
            raise RuntimeError("the backend is not open yet")
        return self._opened

    @property
    def chat(self) -> "OpenConversation | None":
        """The conversation on the screen; None until the backend is open."""
        return self._chat

    @property
    def transcript(self) -> "Transcript":
        """What was said; there once the backend is open."""
        if self._transcript is None:
            raise RuntimeError("the transcript is not there yet")
        return self._transcript

    @property
    def list_of_conversations(self) -> "ConversationList":
        """The list; there once the backend is open."""
        if self._list is None:
            raise RuntimeError("the list is not there yet")
        return self._list

    def transcript_of(self, chat: "OpenConversation") -> "Transcript | None":
        """The transcript that shows a conversation, if one does."""
        return self.transcript if chat is self._chat else None

    # Opening

    @work(name="open", exit_on_error=False)
    async def _open_backend(self) -> None:
        await self._add_parts()
        try:
            self._opened = await self.backend.open(self._show_trouble, self._show_notice)
        except ChatError as error:
            self._not_opened = error
            self._ready.set()
            self.banner.show(clean(f"{error.message} {error.hint}"), warning=True)
            return
        chat = await self._first_chat()
        self._ready.set()
        await self.show_chat(chat)
        await self.reload_list()
        self.run_worker(_warm_up, thread=True, name="warm up", exit_on_error=False)
        self.watch(self.app, "app_focus", self._focus_changed, init=False)
        self.set_interval(_LOOK_INTERVAL, self._look_for_changes)
        self.found = await self.backend.discover()
        if self.found is not None and not len(chat.tree):
            self._offer(self.found)

    async def _add_parts(self) -> None:
        # Here, because they cost 40 ms that the first frame need not pay.
        from chat_tui.ui.screens.conversation.turns import TurnRunner
        from chat_tui.ui.widgets.conversation_list import ConversationList
        from chat_tui.ui.widgets.transcript import Transcript

        self._turns = TurnRunner(self)
        self._transcript = Transcript(self._look(), self._pacer, id="transcript")
        self._list = ConversationList(id="list")
        with self.app.batch_update():
            await self.query_one("#stage").mount(self._transcript, before=0)
            await self.query_one("#side").mount(self._list, before="#side-hint")

    def _look(self) -> "TranscriptLook":
        from chat_tui.ui.widgets.transcript import look_from_theme

        return look_from_theme(self.app.theme_variables, dark=self.app.current_theme.dark)

    async def _first_chat(self) -> "OpenConversation":
        if self._resume is not None:
            try:
                wanted = self._resume or await self.backend.newest()
                if wanted:
                    chat = await self.open_chat(wanted)
                    if self.backend.target_is_asked_for:
                        await self.manager.switch_target(chat, self.backend.target)
                    return chat
            except ChatError as error:
                self.show_error(error.info)
        return self.new_chat()

    def new_chat(self) -> "OpenConversation":
        """Begin a conversation with the backend's target."""
        return self.manager.start(self.backend.target, system_prompt=self._settings.system_prompt)

    async def open_chat(self, id_: str) -> "OpenConversation":
        """Open a stored conversation; one that names no target (imported) gets the backend's."""
        return await self.manager.open(id_, target=self.backend.target)

    async def ready(self) -> "OpenConversation":
        """Wait for the backend; gives the conversation on the screen.

        Raises:
            ChatError: the backend could not be opened.
        """
        await self._ready.wait()
        if self._not_opened is not None:
            raise self._not_opened
        if self._chat is None:
            self._chat = self.new_chat()
        return self._chat

    def _focus_changed(self) -> None:
        self._look_for_changes()

    @work(name="changes", group="changes", exclusive=True, exit_on_error=False)
    async def _look_for_changes(self) -> None:
        """Take over what another window wrote."""
        if not await self.store.changed_elsewhere():
            return
        await self.reload_list()
        chat = self._chat
        if chat is not None and len(chat.tree) and not chat.streaming:
            head = chat.tree.head
            if await self.manager.refresh(chat) and chat.tree.head != head:
                await self.show_chat(chat)

    def _offer(self, found: FoundServer) -> None:
        self.banner.show(
            text(
                "banner.found",
                label=clean_line(found.label),
                model=clean_line(found.target.model),
                key="^g l",
            )
        )

    def _show_notice(self, notice: str) -> None:
        self.app.notify(clean(notice), severity="warning", timeout=12, markup=False)

    def _show_trouble(self, trouble: StorageError | None) -> None:
        self._trouble = trouble
        if trouble is None:
            self.banner.show("")
        else:
            words = text("banner.storage", message=clean_line(trouble.message))
            self.banner.show(f"{words} {clean_line(trouble.hint)}", warning=True)

    # Showing conversations

    async def show_chat(self, chat: "OpenConversation") -> None:
        """Show a conversation's active path with its end in view."""
        nodes = [chat.tree[id_] for id_ in chat.tree.path()]
        on_screen: list[str] = []
        room = self.size.height
        for node in reversed(nodes):
            if room <= 0:
                break
            room -= 3 + node.lines
            on_screen.append(node.id)
        self._chat = chat
        self.transcript.show_path([])
        messages = await self.manager.messages(chat, on_screen)
        if self._chat is not chat:
            return
        # No await from here on: text that streams in meanwhile would come twice.
        marks = {node.id: mark for node in nodes if (mark := self._sibling_mark(chat, node.id))}
        self.transcript.show_path(nodes, messages, marks)
        self.show_emptiness()
        self.mark_list()
        self.update_status()

    def show_started(self, chat: "OpenConversation", event: "TurnStarted") -> None:
        """Show the prompt and the empty reply of a turn."""
        self.run_worker(self.reload_list(), group="list", exclusive=True, exit_on_error=False)
        if chat is not self._chat:
            return
        messages = [message for message in (event.prompt, *event.replies) if message is not None]
        if event.prompt is None:
            for sibling in chat.tree.siblings(messages[0].id):
                self.transcript.cut(sibling)
        marks = {
            message.id: mark
            for message in messages
            if (mark := self._sibling_mark(chat, message.id))
        }
        self.transcript.extend([chat.tree[message.id] for message in messages], messages, marks)
        self.transcript.jump_to_end()
        self.show_emptiness()

    def show_finished(self, chat: "OpenConversation", reply: ChatMessage) -> None:
        """Show that a reply has ended."""
        self.run_worker(self.reload_list(), group="list", exclusive=True, exit_on_error=False)
        if self._settings.title_by_model and len(chat.tree) == 2 and reply.status == "complete":
            self.run_worker(self._ask_for_title(chat), group="title", exit_on_error=False)

    async def _ask_for_title(self, chat: "OpenConversation") -> None:
        title = await self.manager.suggest_title(chat)
        if title and not chat.conversation.title_by_hand:
            await self.manager.rename(chat.id, title, by_hand=False)
            await self.reload_list()

    def _sibling_mark(self, chat: "OpenConversation", id_: str) -> str:
        siblings = chat.tree.siblings(id_)
        if len(siblings) < 2:
            return ""
        return text("transcript.sibling", position=siblings.index(id_) + 1, count=len(siblings))

    def show_emptiness(self) -> None:
        """Show the welcome where nothing was said yet, else the transcript."""
        empty = self._chat is None or not len(self._chat.tree)
        self.set_class(empty, "-empty")
        if empty and self._chat is not None:
            target = self._chat.target
            self.welcome.update(welcome_text(target, self.backend.label(target.provider)))

    def on_transcript_texts_wanted(self, event: "Transcript.TextsWanted") -> None:
        """Load texts that come into view."""
        chat = self._chat
        if chat is not None:
            self.run_worker(
                self._supply(chat, event.ids), group="texts", exit_on_error=False, name="texts"
            )

    async def _supply(self, chat: "OpenConversation", ids: tuple[str, ...]) -> None:
        messages = await self.manager.messages(chat, ids)
        if chat is self._chat:
            self.transcript.supply(messages)

    # The list

    async def reload_list(self) -> None:
        """Read the newest rows of the list again."""
        rows = await self.store.summaries(limit=PAGE)
        self.list_of_conversations.show(rows, self.clock.now(), complete=len(rows) < PAGE)
        self.mark_list()

    def mark_list(self) -> None:
        """Mark the open conversation and the running ones."""
        open_id = self._chat.id if self._chat else ""
        self.list_of_conversations.mark(open_id, self.turns.running)

    def on_conversation_list_more_wanted(self, event: "ConversationList.MoreWanted") -> None:
        """Load the next page of the list."""
        self._load_page(event.after)

    @work(name="page", exit_on_error=False)
    async def _load_page(self, after: ConversationSummary) -> None:
        rows = await self.store.summaries(limit=PAGE, after=after)
        self.list_of_conversations.add_page(rows, complete=len(rows) < PAGE)

    # Status

    def answering_changed(self) -> None:
        """An answer began or ended somewhere."""
        if not self.is_running or not self.is_open:
            return
        if self._ticker is None:
            self._ticker = self.set_interval(_TICK, self.update_status, pause=True)
        if self.turns.running:
            self._ticker.resume()
        else:
            self._ticker.pause()
        self.mark_list()
        self.update_status()

    def on_transcript_following_changed(self) -> None:
        """Tell where the reader stands."""
        self.update_status()

    def update_status(self) -> None:
        """Tell model, state and figures."""
        chat = self._chat
        if chat is None:
            self.status.show((text("status.starting"), ""))
            return
        target = chat.target
        progress = self.turns.progress(chat.id)
        state = progress.describe(self.clock.monotonic()) if progress else text("status.ready")
        others = len(self.turns.running - {chat.id})
        self.status.show(
            (clean_line(target.model, code=True), "bold $accent"),
            self._provider(target),
            (state, "$success" if progress else ""),
            (text("status.running", count=others) if others else "", "$success"),
            right=self._position(),
        )

    def _provider(self, target: Target) -> tuple[str, str]:
        if target.provider == DEMO:
            return text("status.offline"), "$warning"
        return clean_line(self.backend.label(target.provider)), "$primary"

    def _position(self) -> str:
        if self.transcript.unseen:
            return text("status.below")
        return "" if self.transcript.following else text("status.up")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the keys of the part that has the focus."""
        scopes: dict[object, Scope] = {
            self.prompt: "prompt",
            self._transcript: "transcript",
            self._list: "list",
        }
        self._show_hints(scopes.get(event.widget, "conversation"))

    def _show_hints(self, scope: Scope) -> None:
        actions = [action for action in in_scope(scope, "conversation", "app") if action.hint]
        actions.sort(key=lambda action: action.scope != scope)
        self.hints.show(tuple((action.shown_keys, action.label) for action in actions))

    # Errors

    def show_error(self, error: ErrorInfo) -> None:
        """Tell of an error that belongs to no message."""
        words = clean(" ".join(filter(None, (error.message, error.hint))))
        self.app.notify(
            words, title=text("notice.failed"), severity="error", timeout=10, markup=False
        )

    def refuse(self, chat: "OpenConversation", prompt: str, error: ErrorInfo) -> None:
        """Tell that a prompt was not taken, and give it back."""
        self.show_error(error)
        if prompt and chat is self._chat and not self.prompt.text:
            self.prompt.put(prompt)

    async def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell of work in the background that failed; the app goes on."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, Exception):
            await self._report(error)

    async def recover(self, chat: "OpenConversation") -> None:
        """Show what is stored, after an answer failed in a way that nobody foresaw."""
        if chat is self._chat:
            await self.show_chat(chat)

    async def copy(self, words: str) -> None:
        """Put a clean text on the clipboard and say so."""
        command = clipboard_command(os.environ)
        if command and await copy_with(command, words):
            told = text("notice.copied-to", count=len(words), way=command[0])
        else:
            self.app.copy_to_clipboard(words)
            told = text("notice.copied", count=len(words))
        self.app.notify(told, timeout=3, markup=False)

    def _restyle(self, _theme: object) -> None:
        if self._transcript is not None:
            self._transcript.restyle(self._look())


def _warm_up() -> None:
    """Load what the first answer is drawn with; in a thread, since it takes 80 ms."""
    from chat_tui.ui.markdown import warm_up

    warm_up()
