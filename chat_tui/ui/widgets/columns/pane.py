"""One column: its heading and what was said in it."""

from chat_tui.ui.widgets.columns.facts import HeadFacts
from chat_tui.ui.widgets.columns.header import ColumnHeader
from chat_tui.ui.widgets.transcript import Transcript


class ColumnPane:
    """A column. While it is not seen nothing of it is drawn, however much comes.

    It is no widget: one around each column would be drawn below it with every frame, which takes a
    quarter of the time of a frame in which six columns stream.

    Args:
        transcript: shows what was said in it.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.header = ColumnHeader()
        """Tells who answers, and how."""
        self.transcript = transcript
        """What was said."""
        self._head = HeadFacts()
        self.seen = False
        """Whether it is on the screen."""

    @property
    def head(self) -> HeadFacts:
        """What the heading tells."""
        return self._head

    def show_head(self, facts: HeadFacts) -> None:
        """Tell other things in the heading."""
        self._head = facts
        if self.seen:
            self.header.show(facts)

    @property
    def left(self) -> int:
        """The cell of the screen at which it begins; known when it is laid out."""
        part = self.header if self.header.display else self.transcript
        return part.region.x

    def appear(self, *, bare: bool = False, empty: bool = False) -> None:
        """Be on the screen.

        Args:
            bare: without a heading.
            empty: with nothing but that.
        """
        self.seen = True
        self.header.display = not bare
        self.transcript.display = not empty
        self.header.show(self._head)
        self.transcript.wake()

    def vanish(self) -> None:
        """Leave the screen; what comes meanwhile is drawn when it comes back."""
        self.seen = False
        self.header.display = self.transcript.display = False
        self.transcript.asleep = True
