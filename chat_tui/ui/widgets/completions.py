"""The popup above the prompt: what can be completed."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

_ROWS = 8
"""Rows shown at once at the most; the marked one is always among them."""

_NAME_WIDTH = 28
"""Cells for names at the most, where there is something beside them."""

Row = tuple[str, str, str]
"""A name, what it is, and its key; clean."""


class Completions(Static):
    """Some rows over the transcript, one of them marked; it never has the focus."""

    DEFAULT_CSS: ClassVar[str] = """
    Completions {
        display: none;
        overlay: screen; constrain: inside inside; offset: 0 -100%;
        width: auto; max-width: 100%; height: auto; min-width: 24;
        margin: 0 2; padding: 0 1;
        background: $panel; color: $foreground; text-wrap: nowrap; text-overflow: ellipsis;
        &.-open { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", id="completions", markup=False)
        self._rows: Sequence[Row] = ()
        self._top = 0
        self.marked = 0
        """The index of the marked row."""
        self.on_taken: Callable[[int], None] | None = None
        """Called with the index of a row that is clicked."""

    def show(self, rows: Sequence[Row]) -> None:
        """Show rows, the first one marked."""
        self._rows, self._top, self.marked = rows, 0, 0
        self._draw()
        self.add_class("-open")

    def hide(self) -> None:
        """Show nothing."""
        self.remove_class("-open")

    def move(self, step: int) -> None:
        """Mark another row; after the last one comes the first."""
        self.marked = (self.marked + step) % len(self._rows)
        self._top = min(max(self._top, self.marked - self._height + 1), self.marked)
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Take the row that is clicked."""
        index = event.style.meta.get("row")
        if isinstance(index, int) and self.on_taken is not None:
            event.stop()
            self.on_taken(index)

    @property
    def _height(self) -> int:
        return min(_ROWS, max(self.app.size.height // 2 - 2, 2))

    def _draw(self) -> None:
        shown = self._rows[self._top : self._top + self._height]
        room = max(self.app.size.width - 8, 16)
        widest = max((cell_len(name) for name, _, _ in self._rows), default=0)
        width = min(widest, room, _NAME_WIDTH if any(about for _, about, _ in self._rows) else room)
        lines = [self._line(at, row, width, room) for at, row in enumerate(shown, start=self._top)]
        if more := len(self._rows) - len(shown):
            lines[-1] = lines[-1].append(Content.styled(f"  +{more}", "$foreground 50%"))
        self.update(Content("\n").join(lines))

    def _line(self, index: int, row: Row, width: int, room: int) -> Content:
        name, about, key = row
        line = Content(name).truncate(width, ellipsis=True, pad=True)
        left = room - width - (cell_len(key) + 2 if key else 0) - 2
        if about and left > 8:
            line += Content.styled("  ", "") + Content.styled(about, "$foreground 70%").truncate(
                left, ellipsis=True
            )
        if key and room - line.cell_length >= cell_len(key) + 2:
            line += Content.styled(f"  {key}", "$accent")
        sign = "› " if index == self.marked else "  "
        line = Content.styled(sign, "$accent") + line
        if index == self.marked:
            line = line.stylize("bold")
        return line.stylize(Style.from_meta({"row": index}))
