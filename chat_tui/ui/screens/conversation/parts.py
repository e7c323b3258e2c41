"""The parts of the conversation screen; what they show is in view.py."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

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
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.prompt import PromptInput
from chat_tui.ui.widgets.status import Banner, KeyHints, StatusLine

if TYPE_CHECKING:  # transcript, list and the ways of a turn come after the first frame: 40 ms
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
    from chat_tui.ui.widgets.transcript import Transcript, TranscriptLook

_Part = TypeVar("_Part")

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
        self.session = Session(backend, settings, resume)
        self.clock = clock
        self._report = report
        self._pacer = pacer
        self._turns: TurnRunner | None = None
        self._transcript: Transcript | None = None
        self._list: ConversationList | None = None
        self._stage: Stage | None = None
        self._remedies: Remedies | None = None
        self._keeper: ListKeeper | None = None
        self._branches: BranchCommands | None = None
        self._reading: ReadingCommands | None = None
        self._finding: FindCommands | None = None
        self._copying: CopyCommands | None = None
        self._outside: OutsideCommands | None = None
        self._writing: WritingCommands | None = None
        self._queueing: QueueCommands | None = None
        self._chats: ChatCommands | None = None

    def compose(self) -> ComposeResult:
        """The parts that take a key; list and transcript are added after the first frame."""
        keys = active_keys(self)
        hint = text(
            "list.hint",
            rename=keys.shown("list-rename"),
            delete=keys.shown("list-delete"),
            stop=keys.shown("stop"),
        )
        with Vertical(id="side"):
            yield Static(text("list.title"), id="side-title", markup=False)
            yield Static(hint, id="side-hint", markup=False)
        with Vertical(id="main"):
            with Vertical(id="stage"):
                yield Static("", id="welcome", markup=False)
            yield Banner(id="banner")
            yield PromptInput(id="prompt")
            yield StatusLine(id="status")
            yield KeyHints(id="hints")

    # What others read

    @property
    def transcript(self) -> "Transcript":
        """What was said; there once the backend is open."""
        return _there(self._transcript)

    @property
    def list_of_conversations(self) -> "ConversationList":
        """The list; there once the backend is open."""
        return _there(self._list)

    @property
    def stage(self) -> "Stage":
        """Shows conversations; there once the backend is open."""
        return _there(self._stage)

    @property
    def keeper(self) -> "ListKeeper":
        """Fills the list; there once the backend is open."""
        return _there(self._keeper)

    @property
    def turns(self) -> "TurnRunner":
        """Runs the turns; there once the backend is open."""
        return _there(self._turns)

    @property
    def remedies(self) -> "Remedies":
        """What can be done about failed replies; there once the backend is open."""
        return _there(self._remedies)

    @property
    def branches(self) -> "BranchCommands":
        """Versions, branches, deleting, undo and redo."""
        return _there(self._branches)

    @property
    def reading(self) -> "ReadingCommands":
        """Moving about, folding, code blocks, links."""
        return _there(self._reading)

    @property
    def finding(self) -> "FindCommands":
        """Finding words in the open conversation."""
        return _there(self._finding)

    @property
    def copying(self) -> "CopyCommands":
        """Copying, and saying how."""
        return _there(self._copying)

    @property
    def outside(self) -> "OutsideCommands":
        """The pager and the editor of the user."""
        return _there(self._outside)

    @property
    def writing(self) -> "WritingCommands":
        """Earlier prompts, long pastes, the library of prompts, drafts."""
        return _there(self._writing)

    @property
    def queueing(self) -> "QueueCommands":
        """The prompts that wait for the end of the answer."""
        return _there(self._queueing)

    @property
    def chats(self) -> "ChatCommands":
        """Conversations as a whole: temporary, pinned, system prompt, settings."""
        return _there(self._chats)

    def _look(self) -> "TranscriptLook":
        from chat_tui.ui.widgets.transcript import look_from_theme

        return look_from_theme(self.app.theme_variables, dark=self.app.current_theme.dark)

    def _restyle(self, _theme: object) -> None:
        if self._transcript is not None:
            self._transcript.restyle(self._look())


def _there(part: _Part | None) -> _Part:
    """A part of the screen that is added after the first frame."""
    if part is None:
        raise RuntimeError("the backend is not open yet")
    return part
