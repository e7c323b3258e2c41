"""The tree as it is drawn: folders, pictures, which of them are marked."""

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment

from chat_tui.core.figures import data_size
from chat_tui.ui.screens.attach.tree import PARENT, TreeRow
from chat_tui.ui.widgets.marked_rows import MarkedRows, cut
from chat_tui.ui.widgets.transcript.attached import shortened

_SIGNS = 2
"""Cells at the left for the number of a marked picture."""

_SIZE = 8
"""Cells at the right for the size of a file."""

_LEAST_NAME = 18
"""Cells of a name under which there is no room for the size."""


class PictureTree(MarkedRows[TreeRow, None]):
    """Folders and pictures, one row under the cursor."""

    can_focus = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"picture-tree--chosen"}
    DEFAULT_CSS: ClassVar[str] = """
    PictureTree {
        background: $surface; scrollbar-background: $surface;
        & .picture-tree--chosen { color: $success; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[str, int] = {}

    def set_marks(self, marks: Mapping[str, object]) -> None:
        """Say which pictures were marked, in their order."""
        self._chosen = {id_: at for at, id_ in enumerate(marks, 1)}
        self.refresh()

    def segments(self, row: TreeRow, facts: None, width: int) -> list[Segment]:
        """Its number, how deep it is, whether it is open, its name and size."""
        plain, muted = self.style_of("plain"), self.style_of("muted")
        indent = "  " * row.depth
        if row.note:
            return [Segment(cut(" " * _SIGNS + indent + "  " + row.note, width), muted)]
        number = self._chosen.get(row.entry.path, 0)
        chosen = self.get_component_rich_style("picture-tree--chosen")
        sign = Segment(f"{number or '':<{_SIGNS}}", chosen)
        if row.entry.is_folder:
            arrow = "↑ " if row.entry.name == PARENT else "▾ " if row.opened else "▸ "
            room = width - _SIGNS - len(indent) - 2
            return [
                sign,
                Segment(indent + arrow, muted),
                Segment(cut(row.shown, room), self.style_of("strong")),
            ]
        size = "" if row.kept else data_size(row.entry.size)
        room = width - _SIGNS - len(indent) - 2
        if room - _SIZE - 1 < _LEAST_NAME:
            size = ""
        name = shortened(row.shown, room - (_SIZE + 1 if size else 0))
        gap = " " * (room - cell_len(name) - cell_len(size) - 1) if size else ""
        return [sign, Segment(f"{indent}  {name}", plain), Segment(gap + size, muted)]

    def _ask(self, at: int) -> None:
        """All that a row shows is in it: nothing is asked for."""
