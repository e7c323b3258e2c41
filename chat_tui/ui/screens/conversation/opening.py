"""What comes after the first frame: the other parts of the screen, storage and providers."""

from typing import TYPE_CHECKING

from chat_tui.core.errors import ChatError, StorageError
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.backend import FoundServer
from chat_tui.ui.markdown import warm_up
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
from chat_tui.ui.screens.conversation.commands.reading import ReadingCommands, options_from
from chat_tui.ui.screens.conversation.commands.scrolling import ScrollCommands
from chat_tui.ui.screens.conversation.commands.sides import SideCommands
from chat_tui.ui.screens.conversation.commands.workbench import WorkbenchCommands
from chat_tui.ui.screens.conversation.commands.writing import WritingCommands
from chat_tui.ui.screens.conversation.listing import ListKeeper
from chat_tui.ui.screens.conversation.pane_row import new_transcript
from chat_tui.ui.screens.conversation.panes import Panes
from chat_tui.ui.screens.conversation.pictures import PictureSupply
from chat_tui.ui.screens.conversation.stage import Stage
from chat_tui.ui.screens.conversation.submitting import Submissions
from chat_tui.ui.screens.conversation.turns import TurnRunner
from chat_tui.ui.screens.conversation.windows import OtherWindows
from chat_tui.ui.widgets.conversation_list import ConversationList, ListLegend

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


async def open_up(screen: "ConversationView") -> None:
    """Add the other parts, open the backend, and show the conversation to begin with."""
    await _add_parts(screen)
    session = screen.session
    try:
        await session.open(lambda trouble: _show_trouble(screen, trouble), screen.warn)
    except ChatError as error:
        screen.banner.show(clean(error.told), warning=True)
        return
    try:
        chat = await session.begin()
    except ChatError as error:
        screen.show_error(error.info)
        chat = await session.ready()
    await screen.show_chat(chat)
    await screen.reload_list()
    screen.run_worker(_warm_up, thread=True, name="warm up", exit_on_error=False)
    screen.windows.watch()
    screen.found = await session.backend.discover()
    if screen.found is not None and not len(chat.tree):
        _offer(screen, screen.found)


async def _add_parts(screen: "ConversationView") -> None:
    options = options_from(screen.session.settings)
    screen.transcript = new_transcript(screen, options, id="transcript")
    screen.list_of_conversations = ConversationList(id="list")
    legend = ListLegend()
    screen.turns = TurnRunner(screen)
    screen.stage = Stage(screen.session, screen.transcript, screen.welcome)
    screen.panes = Panes(screen, screen.stage)
    screen.pictures = PictureSupply(screen)
    screen.keeper = ListKeeper(screen.session, screen.list_of_conversations, legend, screen.clock)
    screen.windows = OtherWindows(screen)
    screen.submitting = Submissions(screen)
    _add_commands(screen)
    screen.complete = True
    with screen.app.batch_update():
        await screen.query_one("#stage").mount(screen.transcript, before=0)
        side = screen.query_one("#side")
        await side.mount(screen.list_of_conversations, legend, before="#side-hint")
        await screen.query_one("#main").mount(screen.writing.popup, before="#prompt")
    screen.prompt.helper = screen.writing


def _add_commands(screen: "ConversationView") -> None:
    screen.answering = AnsweringCommands(screen)
    screen.branches = BranchCommands(screen)
    screen.favourites = FavouriteCommands(screen)
    screen.context = ContextCommands(screen)
    screen.reading = ReadingCommands(screen)
    screen.code = CodeCommands(screen)
    screen.links = LinkCommands(screen)
    screen.attachments = AttachmentCommands(screen)
    screen.finding = FindCommands(screen)
    screen.copying = CopyCommands(screen)
    screen.outside = OutsideCommands(screen)
    screen.attaching = AttachCommands(screen)
    screen.writing = WritingCommands(screen)
    screen.queueing = QueueCommands(screen)
    screen.chats = ChatCommands(screen)
    screen.preferences = PreferenceCommands(screen)
    screen.scrolling = ScrollCommands(screen)
    screen.workbench = WorkbenchCommands(screen)
    screen.sides = SideCommands(screen)
    screen.columns = ColumnCommands(screen)
    screen.comparing = CompareCommands(screen)


def _offer(screen: "ConversationView", found: FoundServer) -> None:
    words = text(
        "banner.found",
        label=clean_line(found.label),
        model=clean_line(found.target.model),
        key=active_keys(screen).shown("use-found"),
    )
    screen.banner.show(words)


def _show_trouble(screen: "ConversationView", trouble: StorageError | None) -> None:
    if trouble is None:
        screen.banner.show("")
        screen.reload_later()
    else:
        words = text("banner.storage", message=clean_line(trouble.told))
        screen.banner.show(words, warning=True)


def _warm_up() -> None:
    """Load what the first answer is drawn with, and all texts; in a thread: it takes 100 ms."""
    warm_up()
    text("find.close")
