"""Where the reader is: the words at the top of the view, to be found again at another width."""

from collections.abc import Iterable
from typing import NamedTuple

from chat_tui.core.searchable import SectionName
from chat_tui.ui.markdown import Line
from chat_tui.ui.widgets.transcript.layout import LaidOutPath
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

_PARTS: tuple[SectionName, ...] = ("text", "reasoning", "calls")


class ReadingPlace(NamedTuple):
    """A line of a message, in words that hold at any width."""

    message: str
    """Its id."""
    share: float
    """How much of the message is above: for messages of which no lines are there."""
    section: SectionName | None = None
    """The part of the message; None above and below these."""
    at: int = 0
    """The characters of that part above the line, blanks not counted; outside of the parts the
    lines of the message above it, or, negative, from its end."""
    blank: bool = False
    """Whether the line was a blank one, above the words at `at`."""


def place_of(column: LaidOutPath, line: int) -> ReadingPlace:
    """Where a line of a column (that has messages) stands, before it is laid out anew."""
    index, within = column.at(line)
    height, id_ = column.span(index)[1], column.id_at(index)
    share = within / max(height, 1)
    rendered = column.rendered(index)
    if rendered is None:
        return ReadingPlace(id_, share)
    for section in _PARTS:
        first, lines = rendered.stretch(section)
        if first <= within < first + len(lines):
            above = lines[: within - first]
            blank = not lines[within - first].text.strip()
            return ReadingPlace(id_, share, section, sum(_sizes(above)), blank)
    return ReadingPlace(
        id_, share, at=within if within < rendered.body_start else within - rendered.height
    )


def line_of(column: LaidOutPath, place: ReadingPlace, view: int) -> int:
    """The line of a column at which a place stands now; a view from there on is made exact.

    Args:
        column: still has that message.
        place: where to look.
        view: the view's height in lines.
    """
    index = column.index_of(place.message) or 0
    column.settle(column.span(index)[0], view, following=False)
    start, height = column.span(index)
    rendered = column.rendered(index)
    within = round(place.share * height) if rendered is None else _within(rendered, place)
    top = start + min(within, height - 1)
    column.settle(top, view, following=False)
    return top


def _within(rendered: RenderedMessage, place: ReadingPlace) -> int:
    """The line of a message at which a place stands."""
    if place.section is None:
        return max(place.at if place.at >= 0 else rendered.height + place.at, 0)
    first, lines = rendered.stretch(place.section)
    passed, found = 0, max(len(lines) - 1, 0)
    for number, size in enumerate(_sizes(lines)):
        passed += size
        if passed > place.at:
            found = number
            break
    if place.blank and found and not lines[found - 1].text.strip():
        found -= 1
    return first + found


def _sizes(lines: Iterable[Line]) -> Iterable[int]:
    """The characters of lines, without blanks: these come and go as lines are broken."""
    return (len("".join(line.text.split())) for line in lines)
