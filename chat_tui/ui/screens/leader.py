"""The keys that may follow the leader or the beginning of a sequence."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from chat_tui.core.texts import text
from chat_tui.ui.actions import Action, Subject, show_key
from chat_tui.ui.screens.modal import Dialog

_COLUMN_GAP = 2
"""Cells between two columns of keys."""

_LEAST_WIDTH = 22
"""Cells of a column in which an entry can be read."""

_WIDEST = 34
"""Cells of a column from which on more would only be empty."""

_SUBJECTS: tuple[Subject, ...] = ("conversation", "columns", "message", "reading", "writing", "app")
"""The headings, in their order."""

_SCROLLING = {"pagedown": 1.0, "pageup": -1.0, "down": 0.2, "up": -0.2}
"""Pages that a key scrolls by."""

_KEYS = "keys"
"""What an entry's keys are called among its meta data."""


class _Entry(NamedTuple):
    """A row: keys with what they do, or a heading, or nothing."""

    keys: str = ""
    label: str = ""

    def drawn(self, width: int, keys_width: int) -> Content:
        if not self.keys:
            words = Content.styled(self.label, "bold $foreground 70%")
        else:
            shown = f"{show_key(self.keys):<{keys_width}}"
            words = Content.assemble((shown, "bold $accent"), f" {self.label}")
            words = words.stylize(Style.from_meta({_KEYS: self.keys}))
        return words.truncate(width, ellipsis=True, pad=True)


class LeaderScreen(Dialog[str | None]):
    """Shows what may be pressed next; which key it is, is seen to by `Sequences`.

    Gives the keys of the entry that is clicked.

    Args:
        entries: what may be pressed → what it does.
        begun: what was pressed already: `leader`, or the keys of a sequence.
    """

    DEFAULT_CSS: ClassVar[str] = """
    LeaderScreen {
        align: right bottom;
        background: transparent;
        & > VerticalScroll {
            width: auto; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $accent; padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        & Static { width: auto; height: auto; text-wrap: nowrap; }
    }
    """

    COVERS = False
    """A toast may tell the key that is to be pressed now."""

    def __init__(self, entries: Mapping[str, Action], begun: str) -> None:
        super().__init__()
        self._entries = entries
        self._begun = begun
        self._list = Static("", markup=False)
        self._box = VerticalScroll(self._list, can_focus=False)

    def compose(self) -> ComposeResult:
        """Columns of keys under headings."""
        yield self._box

    def on_resize(self) -> None:
        """Use as many columns as there is room for."""
        self._draw()

    def show(self, entries: Mapping[str, Action], begun: str) -> None:
        """Show what may follow one key later."""
        self._entries, self._begun = entries, begun
        self._draw()

    def scrolls_with(self, key: str) -> bool:
        """Whether a key moves what does not fit, and so is no mistake."""
        return key in _SCROLLING and self._box.max_scroll_y > 0

    def on_key(self, event: events.Key) -> None:
        """Scroll; any other key that comes here closes it."""
        event.stop()
        event.prevent_default()
        pages = _SCROLLING.get(event.key)
        if pages is None:
            self.dismiss(None)
        else:
            self._box.scroll_relative(y=round(pages * self._box.size.height), animate=False)

    def on_click(self, event: events.Click) -> None:
        """Take the entry that was clicked; a click beside the box closes it."""
        keys = event.style.meta.get(_KEYS)
        if isinstance(keys, str):
            self.dismiss(keys)
        elif event.widget is self:
            self.dismiss(None)

    def _draw(self) -> None:
        begun = self._begun
        self._box.border_title = Content(
            text("dialog.leader") if begun == "leader" else f"{show_key(begun)} …"
        )
        rows = list(self._rows())
        width, height = self.app.size.width - 4, max(self.app.size.height - 2, 1)
        most = max((width + _COLUMN_GAP) // (_LEAST_WIDTH + _COLUMN_GAP), 1)
        columns = _flowed(rows, min(ceil(len(rows) / height), most), height)
        columns = columns if len(columns) <= most else _flowed(rows, most, 0)
        fits = max(map(len, columns)) <= height
        if not fits:
            # The scrollbar.
            width -= 1
        self._box.border_subtitle = Content("" if fits else text("dialog.leader-more"))
        room = min((width + _COLUMN_GAP) // len(columns) - _COLUMN_GAP, _WIDEST)
        keys_width = max((len(show_key(row.keys)) for row in rows), default=1)
        self._list.update(_side_by_side(columns, room, keys_width))

    def _rows(self) -> Sequence[_Entry]:
        """The entries under their headings, with a gap between two groups."""
        if self._begun != "leader":
            return [_Entry(keys, action.label) for keys, action in self._entries.items()]
        rows: list[_Entry] = []
        for subject in _SUBJECTS:
            group = [
                _Entry(keys, action.label)
                for keys, action in self._entries.items()
                if action.subject == subject
            ]
            if group:
                gap = [_Entry()] if rows else []
                rows += [*gap, _Entry(label=text(f"leader-group.{subject}")), *group]
        return rows


def _flowed(rows: Sequence[_Entry], count: int, most: int) -> list[list[_Entry]]:
    """Rows in columns of about the same height; no column ends with a heading.

    Args:
        rows: entries, headings and gaps.
        count: how many columns there are to be; one more where they become too high.
        most: the rows that a column may have.
    """
    height = max(ceil(len(rows) / count), 1)
    while True:
        columns: list[list[_Entry]] = [[]]
        for at, row in enumerate(rows):
            heading = not row.keys and row.label and at + 1 < len(rows)
            if len(columns[-1]) >= height - (1 if heading else 0) and columns[-1]:
                columns.append([])
            if row.keys or row.label or columns[-1]:
                columns[-1].append(row)
        if len(columns) <= count or 0 < most <= height:
            return columns
        height += 1


def _side_by_side(columns: Sequence[Sequence[_Entry]], width: int, keys_width: int) -> Content:
    """Columns of the same width beside one another."""
    blank = _Entry()
    rows = [
        [column[row] if row < len(column) else blank for column in columns]
        for row in range(max(map(len, columns)))
    ]
    gap = Content(" " * _COLUMN_GAP)
    return Content("\n").join(
        gap.join([entry.drawn(width, keys_width) for entry in row]) for row in rows
    )
