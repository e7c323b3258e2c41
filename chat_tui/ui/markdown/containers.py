"""The blocks that hold other blocks, and the indentation that they give to what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from chat_tui.ui.markdown.lines import Line
from chat_tui.ui.markdown.scan import CODE_INDENT, Cursor, Marker, task
from chat_tui.ui.markdown.styles import MarkdownStyles, laid_over

BULLETS = "•◦▪"
_QUOTE_BAR = "▌ "


@dataclass(slots=True)
class Container:
    """The document itself, and what all containers share."""

    has_output: bool = False
    """Whether a line of it was made: what follows needs a distance to it."""


@dataclass(slots=True)
class Quote(Container):
    """A quotation."""


class Gap(NamedTuple):
    """A place in a tight list that gets a blank line if the list turns out to be loose."""

    at: int
    line: Line


@dataclass(slots=True)
class ListBlock(Container):
    """A list."""

    kind: str = ""
    """The bullet or the character after the number."""
    next_number: int | None = None
    depth: int = 0
    """How many bullet lists it is in."""
    loose: bool = False
    """Whether a blank line stands between its items or inside of one."""
    gaps: list[Gap] = field(default_factory=list)

    def continued_by(self, marker: Marker) -> bool:
        """Whether an item with this marker belongs to the list."""
        return marker.kind == self.kind and (marker.number is None) == (self.next_number is None)


@dataclass(slots=True)
class Item(Container):
    """An item of a list."""

    indent: int = 0
    """Columns that a line must be indented by to belong to it."""
    label: str = ""
    """The marker as it is shown, with the blanks around it."""
    style: Style = field(default_factory=Style.null)
    pending: bool = True
    """Whether the marker has still to be shown."""
    has_children: bool = False


class Prefix(NamedTuple):
    """What stands before a line of a block inside containers."""

    segments: list[Segment]
    cells: int
    plain_start: int
    """The cell after the last bar: where the text of a line with a marker begins."""
    plain: str
    """Indentation and markers from there on, as text."""
    marked: bool
    """Whether a marker is among it."""


def inner_width(spine: Sequence[Container], width: int) -> int:
    """Cells that are left for the innermost block."""
    return width - sum(cells for _, cells in _shown(spine, width))


def _shown(spine: Sequence[Container], width: int) -> list[tuple[Quote | Item, int]]:
    """The containers that indent, with their cells, as far as half of the width allows it."""
    room = width // 2
    shown: list[tuple[Quote | Item, int]] = []
    for container in spine:
        cells = 0
        if isinstance(container, Quote):
            cells = len(_QUOTE_BAR)
        elif isinstance(container, Item):
            cells = len(container.label)
        if not cells or cells > room or not isinstance(container, Quote | Item):
            continue
        room -= cells
        shown.append((container, cells))
    return shown


def prefix(spine: Sequence[Container], width: int, styles: MarkdownStyles) -> Prefix:
    """Make the indentation of the next line, with the markers that were not shown yet."""
    segments: list[Segment] = []
    cells = plain_start = 0
    plain = ""
    marked = False
    for container, size in _shown(spine, width):
        if isinstance(container, Quote):
            segments.append(Segment(_QUOTE_BAR, laid_over(styles.text, styles.quote_bar)))
            plain_start, plain = cells + size, ""
        elif container.pending:
            segments.append(Segment(container.label, laid_over(styles.text, container.style)))
            plain += container.label
            marked = True
        else:
            segments.append(Segment(" " * size, styles.text))
            plain += " " * size
        cells += size
    if plain.startswith(" "):
        plain_start, plain = plain_start + 1, plain[1:]
    return Prefix(segments, cells, plain_start, plain, marked)


def enter_quote(cursor: Cursor) -> None:
    """Go past a quotation's mark and the blank after it."""
    cursor.skip_blanks()
    cursor.skip(1)
    if cursor.indent:
        cursor.skip_columns(1)


def begin_item(cursor: Cursor, marker: Marker, block: ListBlock, styles: MarkdownStyles) -> Item:
    """Go past an item's marker, and a task's box, and make the item."""
    indent = cursor.indent
    cursor.skip_blanks()
    cursor.skip(marker.width)
    gap = cursor.indent
    if cursor.blank or gap > CODE_INDENT:
        gap = 1
    cursor.skip_columns(gap)
    item = Item(indent=indent + marker.width + gap, style=styles.marker)
    if block.next_number is None:
        item.label = f" {BULLETS[min(block.depth, len(BULLETS) - 1)]} "
    else:
        item.label = f"{block.next_number:>2}{block.kind} "
        block.next_number += 1
    done = None
    if not cursor.blank and cursor.indent < CODE_INDENT:
        done = task(cursor.line[cursor.content :])
    if done is not None:
        box = "☑ " if done else "☐ "
        item.label = f" {box}" if block.next_number is None else item.label + box
        item.style = styles.task_done if done else styles.task_open
        cursor.skip_blanks()
        cursor.skip(4)
    return item
