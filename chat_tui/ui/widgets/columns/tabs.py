"""All columns in one line, where not all of them have room beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chat_tui.ui.widgets.columns.facts import HeadFacts
from chat_tui.ui.widgets.columns.words import STATE_STYLES, tab_width, tab_words

_LEAST = 5
"""Cells of a tab: number and state."""

_READABLE = 13
"""Cells of a tab from which on a name that is cut tells something."""


class Tab(NamedTuple):
    """One of them."""

    facts: HeadFacts
    seen: bool
    """Whether its column is on the screen."""
    marked: bool


class ColumnTabs(Static):
    """A line that tells of each column its number, name and state; a click leads to it."""

    DEFAULT_CSS: ClassVar[str] = """
    ColumnTabs {
        display: none;
        height: 1;
        background: $background;
        color: $foreground 60%;
        text-wrap: nowrap;
        text-overflow: clip;
        &.-shown { display: block; }
    }
    """

    @dataclass
    class Taken(Message):
        """A tab was clicked."""

        index: int
        """Which, counted from 0."""

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._tabs: tuple[Tab, ...] = ()
        self._told: tuple[str, ...] = ()
        self._ends: list[int] = []

    def show(self, tabs: Sequence[Tab], *told: str) -> None:
        """Show columns, and on the right which part of them is seen; nothing hides the line.

        Args:
            tabs: from left to right.
            told: forms of what stands on the right, the widest first; clean.
        """
        now = tuple(tabs), told
        if now != (self._tabs, self._told):
            self._tabs, self._told = now
            self.set_class(bool(self._tabs), "-shown")
            self._draw()

    def on_resize(self) -> None:
        """Fit the tabs to the new width."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Go to a column."""
        found = next((at for at, end in enumerate(self._ends) if event.x < end), None)
        if found is not None:
            self.post_message(self.Taken(found))

    def _draw(self) -> None:
        width = self.content_size.width
        if not self._tabs or width <= 0:
            return
        wanted = [tab_width(tab.facts) for tab in self._tabs]
        right = self._fitting_end(wanted, width)
        widths = tab_widths(self._tabs, width - (cell_len(right) + 2 if right else 0))
        line, self._ends = Content(""), []
        for tab, cells in zip(self._tabs, widths, strict=True):
            line += Content.styled(tab_words(tab.facts, cells), _style(tab))
            self._ends.append(line.cell_length)
        gap = width - line.cell_length - cell_len(right)
        line += " " * max(gap, 0) + Content.styled(right, "$foreground 60%")
        # The line has a fixed size: laying out the screen for it would cost 50 ms and more.
        self.update(line, layout=False)

    def _fitting_end(self, wanted: Sequence[int], width: int) -> str:
        """What stands on the right: whole names come before it, unless it is short."""
        free = width - sum(wanted) - 2
        told = next((each for each in self._told if cell_len(each) <= free), "")
        shortest = self._told[-1] if self._told else ""
        enough = width - len(wanted) * 2 * _LEAST - 2
        return told or (shortest if cell_len(shortest) <= enough else "")


def tab_widths(tabs: Sequence[Tab], room: int) -> list[int]:
    """Share cells out: the marked tab has its whole name, the others a readable part of theirs.

    Where there is not room for that, the others have number and state alone; with 0 cells these
    stand close together.
    """
    wanted = [tab_width(tab.facts) for tab in tabs]
    if sum(wanted) <= room:
        return wanted
    at = next((place for place, tab in enumerate(tabs) if tab.marked), 0)
    others = [place for place in range(len(tabs)) if place != at]
    bare = least = 0
    for bare in (_LEAST, 0):
        least = sum(cell_len(tab_words(tabs[place].facts, bare)) for place in others)
        if wanted[at] + least <= room:
            break
    widths = [bare] * len(tabs)
    widths[at] = min(wanted[at], max(room - least, _LEAST))
    parts = shared([wanted[place] for place in others], room - widths[at])
    given = dict(zip(others, parts, strict=True))
    if all(part >= min(wanted[place], _READABLE) for place, part in given.items()):
        for place, part in given.items():
            widths[place] = part
    return widths


def shared(wanted: Sequence[int], room: int) -> list[int]:
    """Share cells out: who wants little gets it, the others get the same of what is left."""
    widths = [0] * len(wanted)
    left = room
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for place, index in enumerate(order):
        fair = max(left // (len(order) - place), _LEAST)
        widths[index] = min(wanted[index], fair)
        left -= widths[index]
    return widths


def _style(tab: Tab) -> str:
    """Marked, seen, or elsewhere; the state's colour where it has one to look at."""
    if tab.marked:
        return "bold reverse $accent"
    if tab.seen:
        return "bold $foreground on $panel"
    return STATE_STYLES[tab.facts.state] or "$foreground 60%"
