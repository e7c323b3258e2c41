"""An outline of messages, drawn row by row: ten thousand open as fast as ten."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chat_tui.core.messages import Role
from chat_tui.core.outline import OutlineRow
from chat_tui.core.texts import text

_AROUND = 20
"""Rows above and below the view whose facts are asked for with those in it."""

_ROOM_FOR_TIMES = 64
"""Columns from which on each row tells when it was written."""

_WHO = 24
"""Cells of a name at most."""

_STYLES = ("plain", "you", "muted", "deleted", "favourite", "marked")


class RowFacts(NamedTuple):
    """What a row tells of its message; all of it clean, on one line."""

    role: Role
    who: str
    """The model's name, or You."""
    words: str
    """The first ones."""
    when: str = ""


class OutlineView(ScrollView):
    """Rows of an outline with one marked; facts are asked for as rows come into view."""

    can_focus = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"outline-view--{name}" for name in _STYLES}
    DEFAULT_CSS: ClassVar[str] = """
    OutlineView {
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: auto;
        scrollbar-color: $panel; scrollbar-background: $background;
        & .outline-view--plain { color: $foreground; background: $background; }
        & .outline-view--you { color: $accent; background: $background; text-style: bold; }
        & .outline-view--muted { color: $text-muted; background: $background; }
        & .outline-view--deleted {
            color: $text-muted; background: $background; text-style: strike;
        }
        & .outline-view--favourite { color: $warning; background: $background; }
        & .outline-view--marked { background: $primary 40%; }
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
        self._rows: Sequence[OutlineRow] = ()
        self._facts: dict[str, RowFacts] = {}
        self._asked: set[str] = set()
        self._excerpt: Callable[[str], str] | None = None
        self.at = 0
        """The place of the marked row."""
        self.favourite: str | None = None
        """The message that carries the star."""

    # What is shown

    @property
    def rows(self) -> Sequence[OutlineRow]:
        """What is shown, to look at."""
        return self._rows

    @property
    def marked(self) -> OutlineRow | None:
        """The row that the keyboard is on."""
        return self._rows[self.at] if self.at < len(self._rows) else None

    def show(
        self,
        rows: Sequence[OutlineRow],
        at: int,
        excerpt: Callable[[str], str] | None = None,
        *,
        keep_place: bool = False,
    ) -> None:
        """Show other rows.

        Args:
            rows: all of them.
            at: the one to mark.
            excerpt: gives the words to show of a message in place of its first ones; clean.
            keep_place: leave the view where it is, as far as the mark stays in it.
        """
        self._rows, self._excerpt = rows, excerpt
        self.virtual_size = Size(self.size.width, len(rows))
        self.at = min(max(at, 0), max(len(rows) - 1, 0))
        if keep_place:
            self.move_to(self.at)
        else:
            self._scroll_to_line(self.at - self.size.height // 2)
            self.refresh()

    def supply(self, facts: Mapping[str, RowFacts]) -> None:
        """Take facts that were asked for."""
        self._facts.update(facts)
        self.refresh()

    def forget(self) -> None:
        """Ask for facts again that did not come."""
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

    def move_to_branch(self, step: int) -> None:
        """Mark the next row, or the one before, that has other versions."""
        steps = range(self.at + 1, len(self._rows)) if step > 0 else range(self.at - 1, -1, -1)
        found = next((at for at in steps if self._rows[at].versions > 1), None)
        if found is not None:
            self.move_to(found)

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

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a row that is in view."""
        at, width = y + round(self.scroll_y), self.scrollable_content_region.width
        plain = self._style("plain")
        if at >= len(self._rows):
            return Strip.blank(width, plain)
        row = self._rows[at]
        facts = self._facts.get(row.id)
        if facts is None:
            self._ask(at)
        strip = Strip(self._segments(row, facts, width)).adjust_cell_length(width, plain)
        if at != self.at:
            return strip
        marked = Style(bgcolor=self._style("marked").bgcolor)
        return Strip([Segment(s.text, (s.style or plain) + marked) for s in strip], width)

    def _segments(self, row: OutlineRow, facts: RowFacts | None, width: int) -> list[Segment]:
        starred = row.id == self.favourite
        sign = "✕" if row.deleted else "●" if row.active else "○"
        left = _guides(row, width)
        right = _right_side(row, facts, width)
        room = max(width - cell_len(left) - 2 - 2 * starred - cell_len(right) - 1, 0)
        who, words = self._told(row, facts, room)
        gap = max(room - cell_len(who) - cell_len(words), 0)
        body = self._style("deleted" if row.deleted else "plain" if row.active else "muted")
        name = "you" if facts is not None and facts.role == "user" else "plain"
        return [
            Segment(left, self._style("muted")),
            Segment(f"{sign} ", self._style("you" if row.active else "muted")),
            Segment("★ " if starred else "", self._style("favourite")),
            Segment(who, self._style("muted" if row.deleted else name)),
            Segment(words, body),
            Segment(" " * (gap + 1), self._style("plain")),
            Segment(right, self._style("muted")),
        ]

    def _told(self, row: OutlineRow, facts: RowFacts | None, room: int) -> tuple[str, str]:
        """The name with a gap after it, and the words for which there is room."""
        if facts is None:
            return "", "…"[:room]
        who = _cut(facts.who, min(_WHO, room // 3)) + "  " if room > 12 else ""
        words = self._excerpt(row.id) if self._excerpt is not None else facts.words
        return who, _cut(words, room - cell_len(who))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"outline-view--{name}")

    def _ask(self, at: int) -> None:
        """Ask for what is near a row, all at once."""
        top, height = round(self.scroll_y), self.size.height
        near = range(max(top - _AROUND, 0), min(top + height + _AROUND, len(self._rows)))
        ids = (self._rows[index].id for index in near)
        wanted = tuple(id_ for id_ in ids if id_ not in self._facts and id_ not in self._asked)
        if wanted:
            self._asked.update(wanted)
            self.post_message(self.FactsWanted(wanted))


def _guides(row: OutlineRow, width: int) -> str:
    """The lines of the side branches that a row stands in, the innermost ones where many are."""
    levels = max(width // 8, 1)
    inner = min(row.depth, levels)
    more = "⋯ " if row.depth > levels else ""
    if not row.depth:
        return ""
    return more + "│ " * (inner - 1) + ("├ " if row.opens else "│ ")


def _right_side(row: OutlineRow, facts: RowFacts | None, width: int) -> str:
    version = (
        text("transcript.sibling", position=row.version, count=row.versions)
        if row.versions > 1
        else ""
    )
    if width < _ROOM_FOR_TIMES:
        return version
    when = facts.when if facts is not None else ""
    return f"{version}  {when:>10}"


def _cut(words: str, room: int) -> str:
    """As much as there is room for."""
    if cell_len(words) <= room:
        return words
    return set_cell_size(words, max(room - 1, 0)).rstrip() + "…" if room > 0 else ""
