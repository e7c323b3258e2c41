"""Rows of which one is marked, drawn one by one: ten thousand open as fast as ten."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

_AROUND = 20
"""Rows above and below the view whose facts are asked for with those in it."""


class Row(Protocol):
    """A row of the list."""

    @property
    def id(self) -> str:
        """Of the message that it tells of."""
        ...


R = TypeVar("R", bound=Row)
F = TypeVar("F")


class MarkedRows(ScrollView, Generic[R, F]):
    """Rows with one marked; facts about them are asked for as they come into view.

    A subclass draws a row (`segments`).
    """

    can_focus = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "marked-rows--plain",
        "marked-rows--strong",
        "marked-rows--muted",
        "marked-rows--marked",
    }
    DEFAULT_CSS: ClassVar[str] = """
    MarkedRows {
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: auto;
        scrollbar-color: $panel; scrollbar-background: $background;
        & .marked-rows--plain { color: $foreground; }
        & .marked-rows--strong { color: $accent; text-style: bold; }
        & .marked-rows--muted { color: $text-muted; }
        & .marked-rows--marked { background: $primary 40%; }
    }
    """

    @dataclass
    class FactsWanted(Message):
        """Rows came near the view whose facts are not known; answer with `supply`."""

        ids: tuple[str, ...]

    @dataclass
    class Chosen(Message):
        """A row was clicked that was marked already."""

        id: str

    class Moved(Message):
        """Another row is marked."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[R] = ()
        self._facts: dict[str, F] = {}
        self._asked: set[str] = set()
        self.at = 0
        """The place of the marked row."""

    # What is shown

    @property
    def rows(self) -> Sequence[R]:
        """What is shown, to look at."""
        return self._rows

    @property
    def marked(self) -> R | None:
        """The row that the keyboard is on."""
        return self._rows[self.at] if self.at < len(self._rows) else None

    def show_rows(self, rows: Sequence[R], at: int, *, keep_place: bool = False) -> None:
        """Show other rows.

        Args:
            rows: all of them.
            at: the one to mark.
            keep_place: leave the view where it is, as far as the mark stays in it.
        """
        self._rows = rows
        self.virtual_size = Size(self.size.width, len(rows))
        self.at = min(max(at, 0), max(len(rows) - 1, 0))
        if keep_place:
            self.move_to(self.at)
        else:
            self._scroll_to_line(self.at - self.size.height // 2)
            self.refresh()

    def supply(self, facts: Mapping[str, F]) -> None:
        """Take facts that were asked for."""
        self._facts.update(facts)
        self.refresh()

    def facts_of(self, id_: str) -> F | None:
        """What is known of a row; None while it is not."""
        return self._facts.get(id_)

    def forget(self, ids: Iterable[str] = ()) -> None:
        """Ask again for facts that did not come, and for those of some rows that changed."""
        for id_ in ids:
            self._facts.pop(id_, None)
        self._asked.clear()

    # Moving

    def move_to(self, index: int) -> None:
        """Mark a row and bring it into view."""
        self.at = min(max(index, 0), max(len(self._rows) - 1, 0))
        self.post_message(self.Moved())
        top, height = round(self.scroll_y), self.size.height
        if not top <= self.at < top + height:
            self._scroll_to_line(self.at if self.at < top else self.at - height + 1)
        self.refresh()

    def move_by(self, step: int) -> None:
        """Mark a row some rows further on."""
        self.move_to(self.at + step)

    def move_pages(self, pages: int) -> None:
        """Mark a row some pages further on."""
        self.move_by(pages * max(self.size.height - 1, 1))

    def move_to_end(self, end: int) -> None:
        """Mark the first row (0) or the last one (1)."""
        self.move_to(end * len(self._rows))

    def on_resize(self) -> None:
        """Keep the mark in view."""
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.move_to(self.at)

    def on_click(self, event: events.Click) -> None:
        """Mark a row; a click on the marked one chooses it."""
        at = event.y + round(self.scroll_y)
        if at >= len(self._rows):
            return
        if at == self.at:
            self.post_message(self.Chosen(self._rows[at].id))
        self.move_to(at)

    def _scroll_to_line(self, line: int) -> None:
        self.scroll_to(0, max(line, 0), animate=False, immediate=True)

    # Drawing

    def segments(self, row: R, facts: F | None, width: int) -> list[Segment]:
        """A row in so many cells; what is missing at its right is filled up.

        Args:
            row: what is drawn.
            facts: what is known of it; None while that is asked for.
            width: cells.
        """
        raise NotImplementedError

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a row that is in view."""
        at, width = y + round(self.scroll_y), self.scrollable_content_region.width
        plain = self.style_of("plain")
        if at >= len(self._rows):
            return Strip.blank(width, plain)
        row = self._rows[at]
        facts = self._facts.get(row.id)
        if facts is None:
            self._ask(at)
        strip = Strip(self.segments(row, facts, width)).adjust_cell_length(width, plain)
        if at != self.at:
            return strip
        marked = Style(bgcolor=self.style_of("marked").bgcolor)
        return Strip([Segment(s.text, (s.style or plain) + marked) for s in strip], width)

    def style_of(self, name: str) -> Style:
        """One of the styles that all such lists have: plain, strong, muted, marked."""
        return self.get_component_rich_style(f"marked-rows--{name}")

    def _ask(self, at: int) -> None:
        """Ask for what is near a row, all at once."""
        top, height = round(self.scroll_y), self.size.height
        near = range(max(top - _AROUND, 0), min(top + height + _AROUND, len(self._rows)))
        ids = (self._rows[index].id for index in near)
        wanted = tuple(id_ for id_ in ids if id_ not in self._facts and id_ not in self._asked)
        if wanted:
            self._asked.update(wanted)
            self.post_message(self.FactsWanted(wanted))


def cut(words: str, room: int) -> str:
    """As much of a line as there is room for."""
    if cell_len(words) <= room:
        return words
    return set_cell_size(words, max(room - 1, 0)).rstrip() + "…" if room > 0 else ""
