"""The columns as widgets: made, held, placed; the list of conversations makes room for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.core.dates import local_time
from chat_tui.ui.actions import active_keys
from chat_tui.ui.widgets.transcript import Transcript, TranscriptOptions

if TYPE_CHECKING:  # most conversations have one column
    from chat_tui.core.side_by_side.threads import Column
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.stage import Stage
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.widgets.columns import ColumnPane, ColumnRow, HeadFacts


_EDGES = 2
"""Cells of the screen that columns do not get: Textual counts the margin of the prompt for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Pane:
    """One column on the screen, or on another page of it."""

    column: "Column"
    stage: "Stage"
    """Shows its path."""
    widget: "ColumnPane"
    row: "ColumnRow"

    @property
    def transcript(self) -> Transcript:
        """What was said in it."""
        return self.widget.transcript

    @property
    def head(self) -> "HeadFacts":
        """What its heading tells."""
        return self.widget.head

    def show_head(self, facts: "HeadFacts") -> None:
        """Tell other things in its heading; nothing is drawn where they are the same."""
        if facts != self.widget.head:
            self.widget.show_head(facts)
            self.row.tell()


class PaneRow:
    """Puts columns in the place of the one transcript, and that back in theirs.

    Args:
        screen: where they stand.
        single: the one transcript.
    """

    def __init__(self, screen: "ConversationView", single: Transcript) -> None:
        self._screen = screen
        self._single = single
        self._row: ColumnRow | None = None
        self._put_list_aside = False

    async def open(self) -> "ColumnRow":
        """Have the row, in the place of the one transcript."""
        # 20 ms that only who goes side by side need pay.
        from chat_tui.ui.widgets.columns import ColumnRow

        screen = self._screen
        if self._row is None:
            self._row = ColumnRow(screen.session.settings.column_width)
            await screen.query_one("#stage").mount(self._row, before=0)
            screen.watch(screen, "focused", screen.panes.focused, init=False)
        self._row.display = True
        self._single.display = False
        self._single.asleep = True
        return self._row

    async def close(self) -> None:
        """Show the one transcript again."""
        if self._row is None:
            return
        # What the style sheet says of it counts again.
        self._single.styles.clear_rule("display")
        self._single.wake()
        self._row.display = False
        self._keep_clear(0)
        if self._put_list_aside:
            self._put_list_aside = False
            self._screen.remove_class("-no-list")
        await self._row.hold(())

    def make(self, column: "Column", row: "ColumnRow") -> Pane:
        """A new column, still empty."""
        from chat_tui.ui.screens.conversation.column_stage import ColumnStage
        from chat_tui.ui.widgets.columns import ColumnPane

        screen = self._screen
        transcript = new_transcript(screen, self._single.column.folds.options)
        transcript.tells_scrolling = True
        stage = ColumnStage(screen.session, transcript, screen.welcome, column)
        return Pane(column, stage, ColumnPane(transcript), row)

    def place(self, chat: "OpenConversation", panes: Sequence[Pane], marked: int) -> None:
        """Bring the marked column on the screen, with the others that have room."""
        if self._row is None or not panes:
            return
        slots = [pane.column.slot for pane in panes]
        self._row.least = self._screen.session.settings.column_width
        self._row.place(
            marked,
            zoomed=chat.conversation.board.zoomed in slots and len(slots) > 1,
            told=active_keys(self._screen).shown("zoom-column"),
            empty=chat.tree.head is None,
        )
        self.keep_clear()

    def keep_clear(self) -> None:
        """Have toasts stand below the headings, whose figures are looked at."""
        if self._row is not None:
            self._keep_clear(self._row.heading_lines)

    def _keep_clear(self, lines: int) -> None:
        for toasts in self._screen.query("ToastRack"):
            toasts.styles.margin = (lines, 0, 0, 0)

    def make_room(self, count: int) -> None:
        """Hide the list of conversations where more columns fit then; who wants it brings it back.

        It comes back by itself with the one transcript.
        """
        from chat_tui.ui.widgets.columns.row import fitting

        screen = self._screen
        if self._row is None or self._put_list_aside or screen.has_class("-no-list", "-narrow"):
            return
        # What they will measure: the list may have come back just now.
        whole, least = screen.size.width - _EDGES, self._row.least
        listed = screen.query_one("#side").styles.width
        beside = whole - int(listed.value if listed is not None else 0)
        if min(fitting(whole, least), count) > min(fitting(beside, least), count):
            screen.add_class("-no-list")
            self._put_list_aside = True
            self._row.expect(whole)


def new_transcript(
    screen: "ConversationView",
    options: TranscriptOptions,
    *,
    id: str | None = None,  # noqa: A002 - Textual's name for it
) -> Transcript:
    """A transcript in the colours, with the keys and the time of the screen."""
    return Transcript(
        screen.look(),
        screen.pacer,
        active_keys(screen),
        options,
        lambda: local_time(screen.clock.now()).date(),
        id=id,
    )
