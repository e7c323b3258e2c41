"""The messages of a request as a table: what each weighs, whether it is sent, and why not."""

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from chat_tui.core.context.plan import DRAFT, ContextPlan, PlannedMessage, weight_of
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.widgets.marked_rows import MarkedRows, cut

CUT = "cut"
"""The id of the line where the sent part begins."""

_SIGNS = {"sent": "●", "shortened": "◐", "left-out": "○"}

_EIGHTHS = " ▏▎▍▌▋▊▉█"

Kind = Literal["system", "user", "model", "tool", "summary", "draft"]


class MessageFacts(NamedTuple):
    """What a row tells of its message; clean, on one line."""

    kind: Kind
    who: str
    """The model's name, You, …"""
    words: str
    """The first ones."""
    pinned: bool = False
    excluded: bool = False
    unended: bool = False
    """Whether it is a summary that did not come to its end."""
    attached: tuple[ImagePart | FilePart, ...] = ()
    """Its pictures and documents, raw."""


class ContextRow(NamedTuple):
    """A message, or the line where the sent part begins."""

    id: str
    message: PlannedMessage | None = None
    """None for the line."""
    words: str = ""
    """Of the line, clean; of a message what it says in place of what becomes of it and why."""


class Columns(NamedTuple):
    """How wide the columns are, in cells; 0 where there is no room for one."""

    who: int
    bar: int
    tokens: int
    decision: int

    @classmethod
    def within(cls, width: int) -> "Columns":
        """The columns of a table of some width."""
        if width >= 100:
            return cls(18, 10, 9, 26)
        if width >= 70:
            return cls(9, 4, 8, 22)
        if width >= 50:
            return cls(9, 0, 8, 13)
        return cls(5, 0, 8, 0)

    def words(self, width: int) -> int:
        """What is left for the first words."""
        others = (self.who, self.bar, self.tokens, self.decision)
        return max(width - 4 - sum(each + 1 for each in others if each), 0)


def context_rows(plan: ContextPlan, *, by_weight: bool = False) -> list[ContextRow]:
    """The rows of a plan, in its order, or the heaviest first."""
    if by_weight:
        heaviest = sorted(plan.messages, key=lambda each: -each.full)
        return [ContextRow(each.id, each) for each in heaviest]
    rows = [ContextRow(each.id, each) for each in plan.messages]
    if begins := plan.begins:
        place = next(at for at, row in enumerate(rows) if row.id == begins)
        rows.insert(place, ContextRow(CUT, None, _cut_words(plan.trimmed)))
    return rows


def _cut_words(trimmed: Sequence[PlannedMessage]) -> str:
    tokens = f"{weight_of(trimmed):,}"
    if len(trimmed) == 1:
        return text("context.cut-one", tokens=tokens)
    return text("context.cut", count=f"{len(trimmed):,}", tokens=tokens)


class ContextTable(MarkedRows[ContextRow, MessageFacts]):
    """Rows of a plan, with the line where the sent part begins."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "context-table--bar",
        "context-table--cut",
        "context-table--summary",
    }
    DEFAULT_CSS: ClassVar[str] = """
    ContextTable {
        & .context-table--bar { color: $primary; }
        & .context-table--cut { color: $warning; }
        & .context-table--summary { color: $secondary; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._most = 1

    def show(self, rows: Sequence[ContextRow], at: int, *, keep_place: bool = False) -> None:
        """Show other rows, see `show_rows`."""
        self._most = max((row.message.full for row in rows if row.message is not None), default=1)
        self.show_rows(rows, at, keep_place=keep_place)

    @property
    def message(self) -> PlannedMessage | None:
        """The marked message."""
        return self.marked.message if self.marked is not None else None

    def move_to(self, index: int) -> None:
        """Mark a row; the line where the sent part begins is passed over."""
        if 0 < index < len(self.rows) and self.rows[index].message is None:
            index += 1 if index >= self.at else -1
        super().move_to(index)

    def heading(self, *, approximate: bool, by_weight: bool) -> Content:
        """The names of the columns, in their places."""
        width = self.scrollable_content_region.width
        columns = Columns.within(width)
        tokens = text("context.tokens-about") if approximate else text("context.tokens")
        line = " " * 4 + _left(text("context.message"), columns.who + 1 + columns.words(width))
        line += " " * (columns.bar + 2 if columns.bar else 1)
        line += _right(f"▾{tokens}" if by_weight else tokens, columns.tokens)
        if columns.decision:
            line += _gapped(text("context.decision"), columns.decision)
        return Content(cut(line, width))

    # Drawing

    def segments(self, row: ContextRow, facts: MessageFacts | None, width: int) -> list[Segment]:
        """Sign, mark, name, first words, bar, tokens, decision."""
        if row.message is None:
            line = f"── {row.words} "
            line += "─" * max(width - cell_len(line), 0)
            return [Segment(cut(line, width), self._own("cut"))]
        columns, message = Columns.within(width), row.message
        gone = message.decision == "left-out"
        plain, strong, muted = (self.style_of(name) for name in ("plain", "strong", "muted"))
        body = muted if gone else plain
        who = words = ""
        if facts is not None:
            who, words = facts.who, facts.words
        name = muted if gone else self._name_style(facts, plain, strong)
        room = columns.words(width)
        tokens = message.full if gone else message.tokens
        return [
            Segment(f"{_SIGNS[message.decision]} ", self._sign_style(message, strong, muted)),
            Segment(f"{_mark(message, facts)} ", self._own("summary")),
            Segment(_left(who, columns.who) + " ", name),
            Segment(_left(words if facts is not None else "…", room) + " ", body),
            Segment(self._bar(message, columns.bar), muted if gone else self._own("bar")),
            Segment(_right(f"{tokens:,}", columns.tokens), body),
            Segment(_decision(row, facts, columns.decision), muted if gone else plain),
        ]

    def _bar(self, message: PlannedMessage, cells: int) -> str:
        """How heavy a message is beside the heaviest one, with a gap after it."""
        if not cells:
            return ""
        eighths = round(message.full / max(self._most, 1) * cells * 8)
        eighths = max(eighths, 1) if message.full else 0
        filled = _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        return _left(filled, cells) + " "

    def _name_style(self, facts: MessageFacts | None, plain: Style, strong: Style) -> Style:
        if facts is None or facts.kind in ("model", "tool"):
            return plain
        return self._own("summary") if facts.kind in ("summary", "system") else strong

    def _sign_style(self, message: PlannedMessage, strong: Style, muted: Style) -> Style:
        if message.decision == "shortened":
            return self._own("cut")
        return strong if message.decision == "sent" else muted

    def _own(self, name: str) -> Style:
        return self.get_component_rich_style(f"context-table--{name}")


def _mark(message: PlannedMessage, facts: MessageFacts | None) -> str:
    """What the user or the app has made of a message."""
    if message.reason == "pinned" or (facts is not None and facts.pinned):
        return "▪"
    if message.reason == "excluded" or (facts is not None and facts.excluded):
        return "▫"
    return "Σ" if facts is not None and facts.kind == "summary" else " "


def _decision(row: ContextRow, facts: MessageFacts | None, cells: int) -> str:
    """What becomes of a message and why, after a gap; only why where there is little room."""
    if not cells or (message := row.message) is None:
        return ""
    decision = text(
        "context.decided.not-sent" if message.trimmed else f"context.decided.{message.decision}"
    )
    why = text(f"context.why.{message.reason}") if message.reason else ""
    if message.reason == "superseded" and facts is not None and facts.unended:
        why = text("context.why.unended")
    told = row.words or (f"{decision} · {why}" if why else decision)
    if cell_len(told) > cells and why:
        told = why
    return _gapped(told, cells)


def _gapped(words: str, cells: int) -> str:
    """A column at the right of another one, whose end is near."""
    return "  " + cut(words, cells - 1)


def _left(words: str, cells: int) -> str:
    fitting = cut(words, cells)
    return fitting + " " * (cells - cell_len(fitting))


def _right(words: str, cells: int) -> str:
    return " " * max(cells - cell_len(words), 0) + words


def is_message(message: PlannedMessage) -> bool:
    """Whether a row is a message that can be pinned or left out: stored, no system prompt."""
    return message.id not in ("", DRAFT)
