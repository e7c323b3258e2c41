"""The columns beside each other: as many as have room, the others on further pages or in tabs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.core.texts import text
from chat_tui.ui.widgets.columns.header import ColumnHeader
from chat_tui.ui.widgets.columns.pane import ColumnPane
from chat_tui.ui.widgets.columns.tabs import ColumnTabs, Tab

_LINE = "│"
"""Between two columns."""

_LOW = 16
"""Under so many lines headings take one line."""


class ColumnRow(Widget):
    """Shows columns, with one of them marked: a grid of headings, with transcripts below them.

    Args:
        least: cells that a column has at least.
    """

    DEFAULT_CSS: ClassVar[str] = """
    ColumnRow {
        layout: grid;
        grid-gutter: 0 1;
        height: 1fr;
        color: $foreground 25%;
        & > Transcript { height: 1fr; }
        &.-empty { height: auto; }
    }
    """

    @dataclass
    class Taken(Message):
        """A column was clicked: its heading or its tab."""

        index: int
        """Which, counted from 0."""

    @dataclass
    class Rearranged(Message):
        """Others of the columns are on the screen, or they have another size."""

        row: "ColumnRow"

    def __init__(self, least: int) -> None:
        self._tabs = ColumnTabs()
        super().__init__(self._tabs, id="columns")
        self.least = least
        """Cells that a column has at least; seen with the next `place`."""
        self.panes: tuple[ColumnPane, ...] = ()
        """From left to right; set it with `hold`."""
        self._marked = 0
        self._zoomed = ""
        self._is_zoomed = False
        self._expected = (0, 0)
        """Cells that it has, and those that it will have instead."""
        self._first = 0
        self._count = 0
        self._empty = False
        self._heading_rows: list[int] = []
        self._grid: tuple[int, str] = (0, "")

    # What there is

    async def hold(self, panes: Sequence[ColumnPane]) -> None:
        """Show these columns: new ones come, others go, those that stay keep their state."""
        gone = [pane for pane in self.panes if pane not in panes]
        new = [pane for pane in panes if pane not in self.panes]
        for pane in (*new, *gone):
            pane.vanish()
        if new:
            parts = [part for pane in new for part in (pane.header, pane.transcript)]
            await self.mount(*parts)
        self.panes = tuple(panes)
        for pane in gone:
            await pane.header.remove()
            await pane.transcript.remove()
        order = [*(pane.header for pane in panes), *(pane.transcript for pane in panes)]
        for place, part in enumerate(order, 1):
            if self.children[place] is not part:
                self.move_child(part, before=place)

    def place(self, marked: int, *, zoomed: bool, told: str = "", empty: bool = False) -> None:
        """Bring the marked column on the screen, with as many others as have room.

        Args:
            marked: its place.
            zoomed: whether it is shown alone.
            told: the way back from there, clean.
            empty: whether only headings are shown: nothing was said yet.
        """
        self._marked, self._is_zoomed, self._zoomed = marked, zoomed, told
        self._empty = empty
        self.set_class(empty, "-empty")
        self._lay_out()

    def expect(self, width: int) -> None:
        """Tell that with the next layout it will have so many cells, to lay out but once."""
        self._expected = self.size.width, width

    def shown(self) -> range:
        """The places of the columns on the screen."""
        # Some may have gone, and `place` follow.
        return range(self._first, min(self._first + self._count, len(self.panes)))

    @property
    def heading_lines(self) -> int:
        """The lines that tabs and headings take at the top."""
        return sum(self._heading_rows)

    def on_resize(self) -> None:
        """Show as many columns as have room now."""
        if self.size.width != self._expected[0]:
            self._expected = (0, 0)
        if self.panes:
            self._lay_out()
            self._draw_lines_anew()
            self.post_message(self.Rearranged(self))

    def render_line(self, y: int) -> Strip:
        """Draw the lines between the columns; all else stands over it.

        A border of each column would have to be drawn anew with all of its text.
        """
        style = self.visual_style.rich_style
        strip = Strip.blank(self.size.width, style)
        # There may be fewer already than were laid out last.
        for pane in self.panes[self._first + 1 : self._first + self._count]:
            at = pane.left - self.region.x - 1
            if 0 < at < self.size.width:
                line = Strip([Segment(_LINE, style)], 1)
                strip = Strip.join([strip.crop(0, at), line, strip.crop(at + 1)])
        return strip

    # Telling of them

    def tell(self) -> None:
        """Tell in the tabs how things stand in the columns; cheap where nothing changed."""
        shown, count = self.shown(), len(self.panes)
        if len(shown) >= count:
            self._tabs.show(())
            return
        tabs = [
            Tab(pane.head, place in shown, place == self._marked)
            for place, pane in enumerate(self.panes)
        ]
        self._tabs.show(tabs, *self._part(shown, count))

    def _part(self, shown: range, count: int) -> tuple[str, ...]:
        """Which part of the columns is seen."""
        number = shown.start + 1
        if self._is_zoomed:
            long = text("columns.zoomed", number=number, count=count, key=self._zoomed)
            return long, text("columns.zoomed-short", key=self._zoomed)
        if len(shown) == 1:
            return (text("columns.one-of", number=number, count=count),)
        return (text("columns.some-of", first=number, last=shown.stop, count=count),)

    @on(ColumnHeader.Taken)
    def _take_header(self, event: ColumnHeader.Taken) -> None:
        event.stop()
        for place, pane in enumerate(self.panes):
            if pane.header is event.header:
                self.post_message(self.Taken(place))

    @on(ColumnTabs.Taken)
    def _take_tab(self, event: ColumnTabs.Taken) -> None:
        event.stop()
        self.post_message(self.Taken(event.index))

    # Inside

    def _lay_out(self) -> None:
        width, height = self._room
        count = 1 if self._is_zoomed else min(fitting(width, self.least), len(self.panes))
        self._count = count
        if not self._first <= self._marked < self._first + count:
            # The next page begins with the marked one; the page before ends with it.
            after = self._marked >= self._first
            self._first = self._marked if after else self._marked - count + 1
        self._first = max(min(self._first, len(self.panes) - count), 0)
        shown, low = self.shown(), height < _LOW
        alone = count == 1 < len(self.panes)
        # The tabs tell of the state already.
        bare = low and alone
        for place, pane in enumerate(self.panes):
            pane.header.mark(place == self._marked and len(self.panes) > 1)
            pane.header.fold(low or alone)
            if place in shown:
                pane.appear(bare=bare, empty=self._empty)
        for place, pane in enumerate(self.panes):
            if place not in shown:
                pane.vanish()
        tabs = [1] if count < len(self.panes) else []
        self._heading_rows = [*tabs, *([] if bare else [1 if low or alone else 2])]
        self._set_grid(count)
        self.tell()

    def _set_grid(self, count: int) -> None:
        """Lay columns and rows out; nothing where they are the same."""
        rows = [*map(str, self._heading_rows), *([] if self._empty else ["1fr"])]
        grid = count, " ".join(rows)
        if grid != self._grid:
            self._grid = grid
            self.styles.grid_size_columns = count
            self.styles.grid_rows = grid[1]
            self._tabs.styles.column_span = count
            self._draw_lines_anew()

    def _draw_lines_anew(self) -> None:
        # Where the columns stand is known when they are laid out.
        self.refresh()
        self.call_after_refresh(self.refresh)

    @property
    def _room(self) -> tuple[int, int]:
        """Cells and lines; before the first layout those of what it stands in."""
        parent = self.parent
        size = self.size
        if size.width <= 0 and isinstance(parent, Vertical):
            size = parent.size
        # While only headings are shown, the height is theirs.
        height = parent.size.height if isinstance(parent, Vertical) else size.height
        before, expected = self._expected
        return expected if expected and self.size.width == before else size.width, height


def fitting(width: int, least: int) -> int:
    """How many columns of some cells, with the lines between them, have room."""
    return max(width // (least + 1), 1)
