"""The parts of the conversation screen; what they show is in view.py."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Static

from chat_tui.core.clock import Clock
from chat_tui.core.settings import Settings
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.backend import Backend
from chat_tui.ui.layouts import TellingCompositor
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.widgets.action_hints import ActionHints
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.prompt import PromptInput
from chat_tui.ui.widgets.status import Banner, StatusLine

if TYPE_CHECKING:  # transcript, list and the ways of a turn come after the first frame: 40 ms
    from chat_tui.ui.screens.conversation.commands.answering import AnsweringCommands
    from chat_tui.ui.screens.conversation.commands.attaching import AttachCommands
    from chat_tui.ui.screens.conversation.commands.attachments import AttachmentCommands
    from chat_tui.ui.screens.conversation.commands.branches import BranchCommands
    from chat_tui.ui.screens.conversation.commands.chats import ChatCommands
    from chat_tui.ui.screens.conversation.commands.code import CodeCommands
    from chat_tui.ui.screens.conversation.commands.columns import ColumnCommands
    from chat_tui.ui.screens.conversation.commands.comparing import CompareCommands
    from chat_tui.ui.screens.conversation.commands.context import ContextCommands
    from chat_tui.ui.screens.conversation.commands.copying import CopyCommands
    from chat_tui.ui.screens.conversation.commands.favourites import FavouriteCommands
    from chat_tui.ui.screens.conversation.commands.finding import FindCommands
    from chat_tui.ui.screens.conversation.commands.links import LinkCommands
    from chat_tui.ui.screens.conversation.commands.outside import OutsideCommands
    from chat_tui.ui.screens.conversation.commands.preferences import PreferenceCommands
    from chat_tui.ui.screens.conversation.commands.queueing import QueueCommands
    from chat_tui.ui.screens.conversation.commands.reading import ReadingCommands
    from chat_tui.ui.screens.conversation.commands.scrolling import ScrollCommands
    from chat_tui.ui.screens.conversation.commands.sides import SideCommands
    from chat_tui.ui.screens.conversation.commands.workbench import WorkbenchCommands
    from chat_tui.ui.screens.conversation.commands.writing import WritingCommands
    from chat_tui.ui.screens.conversation.listing import ListKeeper
    from chat_tui.ui.screens.conversation.panes import Panes
    from chat_tui.ui.screens.conversation.pictures import PictureSupply
    from chat_tui.ui.screens.conversation.stage import Stage
    from chat_tui.ui.screens.conversation.submitting import Submissions
    from chat_tui.ui.screens.conversation.turns import TurnRunner
    from chat_tui.ui.screens.conversation.windows import OtherWindows
    from chat_tui.ui.widgets.conversation_list import ConversationList
    from chat_tui.ui.widgets.transcript import Transcript, TranscriptLook

_WIDTHS = [(0, "-narrow"), (90, "-wide")]
"""From 90 columns on there is room for the list beside the conversation."""

_HEIGHTS = [(0, "-low"), (18, "-high")]
"""Under 18 rows the frame of the prompt and the hints make room for text."""


class ConversationParts(Screen[None]):
    """List of conversations, transcript, prompt, status line.

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
    hints = query_one("#hints", ActionHints)
    banner = query_one("#banner", Banner)
    welcome = query_one("#welcome", Static)

    # Added after the first frame, by opening.py

    transcript: "Transcript"
    """What was said; side by side that of the marked column."""
    list_of_conversations: "ConversationList"
    """What can be opened."""
    stage: "Stage"
    """Shows conversations in that transcript."""
    panes: "Panes"
    """The columns, and which of them is marked."""
    pictures: "PictureSupply"
    """Gives transcripts the pictures that are in view."""
    keeper: "ListKeeper"
    """Fills the list."""
    windows: "OtherWindows"
    """What other windows write meanwhile."""
    turns: "TurnRunner"
    """Runs the turns."""
    answering: "AnsweringCommands"
    """Answers: anew, by another model, gone on with."""
    branches: "BranchCommands"
    """Versions, branches, deleting, undo and redo."""
    favourites: "FavouriteCommands"
    """The favourite path."""
    reading: "ReadingCommands"
    """Moving about, folding, times."""
    context: "ContextCommands"
    """What the next request weighs."""
    code: "CodeCommands"
    """Code blocks: moving, copying, saving."""
    links: "LinkCommands"
    """Links and sources: listing, opening, copying."""
    attachments: "AttachmentCommands"
    """Pictures and documents of messages: opening, saving."""
    finding: "FindCommands"
    """Finding words in the open conversation."""
    copying: "CopyCommands"
    """Copying, and saying how."""
    outside: "OutsideCommands"
    """The pager and the editor of the user."""
    attaching: "AttachCommands"
    """Pictures and documents that get into the prompt."""
    writing: "WritingCommands"
    """Earlier prompts, long pastes, the library of prompts, drafts."""
    submitting: "Submissions"
    """Decides what becomes of a text that is sent."""
    queueing: "QueueCommands"
    """The prompts that wait for the end of the answer."""
    chats: "ChatCommands"
    """Conversations as a whole, and the list of them."""
    workbench: "WorkbenchCommands"
    """Parameters, providers, what went over the wire."""
    scrolling: "ScrollCommands"
    """Scrolling by lines and pages."""
    preferences: "PreferenceCommands"
    """The settings."""
    sides: "SideCommands"
    """Several models side by side: who is asked, and what they are told."""
    columns: "ColumnCommands"
    """Their columns on the screen."""
    comparing: "CompareCommands"
    """Comparing their answers."""

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
        # Here and not when it is mounted: another class means that all styles are looked up again.
        super().__init__(classes="-empty" if settings.sidebar else "-empty -no-list")
        self._compositor = TellingCompositor()
        self.session = Session(backend, settings, resume)
        self.clock = clock
        self._report = report
        self.pacer = pacer
        """Draws streaming text."""
        self.complete = False
        """Whether the parts are there that come after the first frame."""

    def compose(self) -> ComposeResult:
        """The parts that take a key; list and transcript are added after the first frame."""
        with Vertical(id="side"):
            yield Static(text("list.title"), id="side-title", markup=False)
            yield Static(self._side_hint(), id="side-hint", markup=False)
        with Vertical(id="main"):
            with Vertical(id="stage"):
                yield Static("", id="welcome", markup=False)
            yield Banner(id="banner")
            yield PromptInput(id="prompt")
            yield StatusLine(id="status")
            yield ActionHints(id="hints")

    def _side_hint(self) -> str:
        keys = active_keys(self)
        return text(
            "list.hint",
            rename=keys.shown("list-rename"),
            delete=keys.shown("list-delete"),
            stop=keys.shown("stop"),
        )

    def look(self) -> "TranscriptLook":
        """The colours of the transcript in the theme of the app."""
        from chat_tui.ui.widgets.transcript import look_from_theme

        return look_from_theme(self.app.theme_variables, dark=self.app.current_theme.dark)
