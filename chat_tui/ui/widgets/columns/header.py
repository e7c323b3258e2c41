"""The heading of a column: who answers, and how."""

from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chat_tui.ui.widgets.columns.facts import HeadFacts
from chat_tui.ui.widgets.columns.words import first_line, second_line


class ColumnHeader(Static):
    """Two lines of a fixed height, or one where there is little room."""

    DEFAULT_CSS: ClassVar[str] = """
    ColumnHeader {
        height: 2;
        padding: 0 1 0 0;
        background: $surface;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: clip;
        &.-marked { background: $panel; }
        &.-low { height: 1; }
    }
    """

    @dataclass
    class Taken(Message):
        """The heading was clicked."""

        header: "ColumnHeader"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._facts = HeadFacts()
        self._marked = False
        self._low = False

    def show(self, facts: HeadFacts) -> None:
        """Tell other things; nothing is drawn where they are the same."""
        if facts != self._facts:
            self._facts = facts
            self._draw()

    def mark(self, marked: bool) -> None:
        """Show whether the keyboard means this column."""
        if marked != self._marked:
            self._marked = marked
            self.set_class(marked, "-marked")
            self._draw()

    def fold(self, low: bool) -> None:
        """Take one line, or two."""
        if low != self._low:
            self._low = low
            self.set_class(low, "-low")
            self._draw()

    def on_resize(self) -> None:
        """Fit the words to the new width."""
        self._draw()

    def on_click(self) -> None:
        """Mark the column."""
        self.post_message(self.Taken(self))

    def _draw(self) -> None:
        width = self.content_size.width
        if width <= 0 or not self.display:
            return
        line = first_line(self._facts, width, marked=self._marked, alone=self._low)
        if not self._low:
            line = Content("\n").join([line, Content(" ") + second_line(self._facts, width - 1)])
        # The heading has a fixed size: laying out the screen for it would cost 50 ms and more.
        self.update(line, layout=False)
