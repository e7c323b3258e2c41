"""A diff drawn line by line: of a megabyte only what is in view."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chat_tui.ui.screens.comparing.diff_layout import GUTTER, Laid, Run

_ABOVE = 4
"""Part of the height that stays above a change that was gone to: one in so many lines."""


class DiffView(ScrollView):
    """What two texts have in common and where they differ; one change may be marked."""

    can_focus = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "diff--same",
        "diff--removed",
        "diff--added",
        "diff--marked",
        "diff--gutter",
    }
    DEFAULT_CSS: ClassVar[str] = """
    DiffView {
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable;
        scrollbar-color: $panel; scrollbar-background: $background;
        & .diff--same { color: $foreground; background: $background; }
        & .diff--removed { color: $text-error; background: $error-muted; text-style: strike; }
        & .diff--added {
            color: $text-success; background: $success-muted; text-style: underline;
        }
        & .diff--marked { text-style: bold reverse; }
        & .diff--gutter { color: $text-muted; background: $background; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._laid = Laid()
        self.marked = -1
        """The change that was gone to; -1 for none."""

    @property
    def changes(self) -> int:
        """How many there are."""
        return len(self._laid.changes)

    @property
    def in_columns(self) -> bool:
        """Whether two columns are shown."""
        return self._laid.column > 0

    def show(self, laid: Laid) -> None:
        """Show another diff, from its beginning."""
        self.marked = -1
        self._take(laid, 0)

    def show_anew(self, laid: Laid) -> None:
        """Show the same one in other lines, at about the same place."""
        share = self.scroll_y / max(len(self._laid.lines), 1)
        self._take(laid, round(share * len(laid.lines)))
        if self.marked >= 0:
            self.go_to(self.marked)

    def _take(self, laid: Laid, top: int) -> None:
        self._laid = laid
        self.virtual_size = Size(self.scrollable_content_region.width, len(laid.lines))
        self.scroll_to(0, top, animate=False, immediate=True)
        self.refresh()

    def go_to(self, change: int) -> None:
        """Mark a change and bring it into view."""
        self.marked = change
        line = self._laid.changes[change]
        top, height = round(self.scroll_y), self.size.height
        if not top <= line < top + height - 1:
            wanted = max(line - height // _ABOVE, 0)
            self.scroll_to(0, wanted, animate=False, immediate=True)
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line that is in view."""
        row, width = y + round(self.scroll_y), self.scrollable_content_region.width
        same = self._style("same")
        if row >= len(self._laid.lines):
            return Strip.blank(width, same)
        line, column = self._laid.lines[row], self._laid.column
        if not column:
            return self._strip(line.left, width)
        sign = " ≠ " if line.differs else " │ "
        gutter = Strip([Segment(sign, self._style("gutter"))], GUTTER)
        sides = (self._strip(line.left, column), gutter, self._strip(line.right, column))
        return Strip.join(sides).adjust_cell_length(width, same)

    def _strip(self, runs: Sequence[Run], width: int) -> Strip:
        styles = {name: self._style(name) for name in ("same", "removed", "added")}
        marked = self._style("marked", partial=True)
        segments = [
            Segment(run.text, styles[run.change] + (marked if run.number == self.marked else None))
            if run.number >= 0
            else Segment(run.text, styles[run.change])
            for run in runs
        ]
        return Strip(segments).adjust_cell_length(width, styles["same"])

    def _style(self, name: str, *, partial: bool = False) -> Style:
        return self.get_component_rich_style(f"diff--{name}", partial=partial)
