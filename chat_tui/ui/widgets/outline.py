"""An outline of messages, drawn row by row: ten thousand open as fast as ten."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chat_tui.core.messages import Role
from chat_tui.core.outline import OutlineRow
from chat_tui.core.texts import text
from chat_tui.ui.widgets.marked_rows import MarkedRows, cut

_ROOM_FOR_TIMES = 64
"""Columns from which on each row tells when it was written."""

_WHO = 24
"""Cells of a name at most."""


class RowFacts(NamedTuple):
    """What a row tells of its message; all of it clean, on one line."""

    role: Role
    who: str
    """The model's name, or You."""
    words: str
    """The first ones."""
    when: str = ""


class OutlineView(MarkedRows[OutlineRow, RowFacts]):
    """Rows of an outline."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"outline-view--deleted", "outline-view--favourite"}
    DEFAULT_CSS: ClassVar[str] = """
    OutlineView {
        & .outline-view--deleted { color: $text-muted; text-style: strike; }
        & .outline-view--favourite { color: $warning; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._excerpt: Callable[[str], str] | None = None
        self.favourite: str | None = None
        """The message that carries the star."""

    def show(
        self,
        rows: Sequence[OutlineRow],
        at: int,
        excerpt: Callable[[str], str] | None = None,
        *,
        keep_place: bool = False,
    ) -> None:
        """Show other rows, see `show_rows`.

        Args:
            rows: all of them.
            at: the one to mark.
            excerpt: gives the words to show of a message in place of its first ones; clean.
            keep_place: leave the view where it is, as far as the mark stays in it.
        """
        self._excerpt = excerpt
        self.show_rows(rows, at, keep_place=keep_place)

    def move_to_branch(self, step: int) -> None:
        """Mark the next row, or the one before, that has other versions."""
        steps = range(self.at + 1, len(self.rows)) if step > 0 else range(self.at - 1, -1, -1)
        found = next((at for at in steps if self.rows[at].versions > 1), None)
        if found is not None:
            self.move_to(found)

    def segments(self, row: OutlineRow, facts: RowFacts | None, width: int) -> list[Segment]:
        """Guides and sign, name, first words, and at the right which version it is, and when."""
        starred = row.id == self.favourite
        sign = "✕" if row.deleted else "●" if row.active else "○"
        left = _guides(row, width)
        right = _right_side(row, facts, width)
        room = max(width - cell_len(left) - 2 - 2 * starred - cell_len(right) - 1, 0)
        who, words = self._told(row, facts, room)
        gap = max(room - cell_len(who) - cell_len(words), 0)
        plain, strong, muted = (self.style_of(name) for name in ("plain", "strong", "muted"))
        body = self._own("deleted") if row.deleted else plain if row.active else muted
        name = strong if facts is not None and facts.role == "user" else plain
        return [
            Segment(left, muted),
            Segment(f"{sign} ", strong if row.active else muted),
            Segment("★ " if starred else "", self._own("favourite")),
            Segment(who, muted if row.deleted else name),
            Segment(words, body),
            Segment(" " * (gap + 1), plain),
            Segment(right, muted),
        ]

    def _told(self, row: OutlineRow, facts: RowFacts | None, room: int) -> tuple[str, str]:
        """The name with a gap after it, and the words for which there is room."""
        if facts is None:
            return "", "…"[:room]
        who = cut(facts.who, min(_WHO, room // 3)) + "  " if room > 12 else ""
        words = self._excerpt(row.id) if self._excerpt is not None else facts.words
        return who, cut(words, room - cell_len(who))

    def _own(self, name: str) -> Style:
        return self.get_component_rich_style(f"outline-view--{name}")


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
