"""Which columns there are, and which of them is marked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from chat_tui.ui.screens.conversation.pane_row import Pane
from chat_tui.ui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.stage import Stage


class ShownPanes:
    """What the conversation is shown in.

    Args:
        single: shows it in the one transcript, while it is not side by side.
    """

    def __init__(self, single: "Stage") -> None:
        self._single = single
        self._panes: tuple[Pane, ...] = ()
        self._place = 0

    @property
    def on(self) -> bool:
        """Whether columns stand on the screen."""
        return bool(self._panes)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The columns from left to right, those on other pages too; none while not side by side."""
        return self._panes

    @property
    def marked(self) -> Pane | None:
        """The column that the keyboard means; None while not side by side."""
        return self._panes[self._place] if self._panes else None

    @property
    def marked_slot(self) -> int | None:
        """Whose column that is."""
        return None if (pane := self.marked) is None else pane.column.slot

    @property
    def place(self) -> int:
        """The place of the marked one, counted from 0 at the left."""
        return self._place

    @property
    def transcripts(self) -> Sequence[Transcript]:
        """All that show the conversation on the screen."""
        if not self._panes:
            return (self._single.transcript,)
        return [pane.transcript for pane in self._panes]

    @property
    def every(self) -> Sequence[Transcript]:
        """All that there are, also the one that is not seen while there are columns."""
        return [self._single.transcript, *(pane.transcript for pane in self._panes)]

    def of(self, slot: int, choice: int = 0) -> Pane | None:
        """The column of a model's answers."""
        return next((each for each in self._panes if each.column == (slot, choice)), None)

    def stage_of(self, transcript: Transcript) -> "Stage":
        """What fills a transcript."""
        found = (each.stage for each in self._panes if each.transcript is transcript)
        return next(found, self._single)

    def is_transcript(self, widget: Widget | None) -> bool:
        """Whether a widget shows the conversation."""
        return any(widget is each for each in self.transcripts)
