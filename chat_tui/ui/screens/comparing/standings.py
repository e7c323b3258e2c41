"""Which models won how often in the user's votes."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.votes import Standing, Vote, standings, standings_markdown, tags_of
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.comparing.table import Heading, TableRow
from chat_tui.ui.screens.comparing.table_screen import CopyText, TableScreen

_COLUMNS = ("model", "votes", "wins", "losses", "ties", "bad", "share")
_RANKS = {"bad": 4, "ties": 3, "losses": 2, "votes": 1}


class StandingsScreen(TableScreen):
    """Shows who won how often, of all votes or of those about one kind of task.

    Args:
        votes: all of them.
        copy: copies the table.
        how: how one votes, told where there are none; clean.
    """

    SCOPE = "standings"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("standings")]

    def __init__(self, votes: Sequence[Vote], copy: CopyText, how: str) -> None:
        super().__init__(copy)
        self._votes = votes
        self._how = how
        self._tags = ["", *tags_of(votes)]
        self._tag = ""
        self._standings: Sequence[Standing] = ()

    def on_mount(self) -> None:
        """Show those of all votes."""
        self.table.focus()
        self._show()

    def _show(self) -> None:
        self._standings = standings(self._votes, self._tag)
        headings = [
            Heading(text(f"comparison.standing.{name}"), _RANKS.get(name, 0)) for name in _COLUMNS
        ]
        self.table.show(headings, [_row(each) for each in self._standings], 0)
        tag = clean_line(self._tag)
        counted = sum(not self._tag or self._tag in vote.tags for vote in self._votes)
        one = "standings.vote" if counted == 1 else "standings.count"
        told = [text(one, count=f"{counted:,}")]
        if len(self._tags) > 1:
            told.append(text("standings.tag", tag=tag) if tag else text("standings.all-tags"))
        self._show_title(text("standings.title"), " · ".join(told))
        self._show_empty("" if self._standings else self._how)
        self._show_heading()
        self.show_details()

    def action_next_tag(self, step: int) -> None:
        """Count only the votes with the next tag; after the last one all."""
        self._tag = self._tags[(self._tags.index(self._tag) + step) % len(self._tags)]
        if len(self._tags) == 1:
            self.app.notify(text("standings.no-tags"), timeout=4, markup=False)
        self._show()

    def markdown(self) -> str:
        """See `TableScreen.markdown`."""
        return standings_markdown(self._standings) if self._standings else ""


def _row(standing: Standing) -> TableRow:
    name, *counts = standing
    share = text("comparison.percent", share=round(standing.share * 100))
    model = clean_line(name, code=True)
    return TableRow(name, [model, *(f"{count:,}" for count in counts), share])
