"""The list of conversations, page by page, grouped by age."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_tui.core.conversation import ConversationSummary
from chat_tui.core.dates import local_time
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for

_NEAR_END = 10
"""Rows before the last one at which more are asked for."""

_TITLE = 200
"""Characters of a title that are looked at; no list is wider."""


class ConversationList(OptionList):
    """Conversations: pinned ones first, then the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("list")]

    DEFAULT_CSS: ClassVar[str] = """
    ConversationList {
        background: $surface;
        border: none;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option-disabled { color: $text-muted; }
        &:focus { border: none; background-tint: $foreground 0%; }
    }
    """

    @dataclass
    class Opened(Message):
        """A conversation was chosen."""

        id: str

    @dataclass
    class MoreWanted(Message):
        """The end of the rows that are there came near."""

        after: ConversationSummary

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, markup=False)
        self._rows: list[ConversationSummary] = []
        self._complete = False
        self._open_id = ""
        self._answering: frozenset[str] = frozenset()
        self._now = 0.0
        self._asked: ConversationSummary | None = None

    @property
    def marked(self) -> ConversationSummary | None:
        """The row that the keyboard is on."""
        if self.highlighted is None:
            return None
        id_ = self.get_option_at_index(self.highlighted).id
        return next((row for row in self._rows if row.id == id_), None)

    def show(self, rows: Sequence[ConversationSummary], now: float, *, complete: bool) -> None:
        """Show the newest rows; those of later pages are kept.

        Args:
            rows: the first page.
            now: seconds since 1970, for the groups.
            complete: whether there is no further page.
        """
        ids = {row.id for row in rows}
        later = [] if complete else self._rows[len(rows) :]
        shown = [*rows, *(row for row in later if row.id not in ids)]
        same = shown == self._rows and local_time(now).date() == local_time(self._now).date()
        self._rows, self._complete, self._now = shown, complete, now
        self._asked = None
        if not same or not self.option_count:
            self._fill()

    def add_page(self, rows: Iterable[ConversationSummary], *, complete: bool) -> None:
        """Add the next page."""
        ids = {row.id for row in self._rows}
        self._complete = complete
        self._rows += [row for row in rows if row.id not in ids]
        self._fill()

    def mark(self, open_id: str, running: frozenset[str]) -> None:
        """Mark the open conversation and those that are being answered."""
        if (open_id, running) == (self._open_id, self._answering):
            return
        changed = {self._open_id, open_id} | (self._answering ^ running)
        self._open_id, self._answering = open_id, running
        for row in self._rows:
            if row.id in changed:
                self.replace_option_prompt(row.id, self._prompt(row))

    def mark_something(self, id_: str = "") -> None:
        """Put the keyboard on a row; where it is on none, by default on the open one."""
        ids = [option.id for option in self.options]
        if id_ in ids:
            self.highlighted = ids.index(id_)
        elif self.highlighted is None and self._rows:
            self.highlighted = ids.index(
                self._open_id if self._open_id in ids else self._rows[0].id
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the chosen conversation."""
        event.stop()
        if event.option_id:
            self.post_message(self.Opened(event.option_id))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Ask for more rows before the last one is reached."""
        event.stop()
        self._ask_for_more(event.option_index)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The same when the wheel gets there."""
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_more(int(new_value) + self.size.height)

    def _ask_for_more(self, row: int) -> None:
        if self._complete or not self._rows or row < self.option_count - _NEAR_END:
            return
        if self._asked is not self._rows[-1]:
            self._asked = self._rows[-1]
            self.post_message(self.MoreWanted(self._rows[-1]))

    def _fill(self) -> None:
        before = self.highlighted
        marked = self.get_option_at_index(before).id if before is not None else None
        options: list[Option] = []
        group = ""
        for row in self._rows:
            if (now_in := _group(row, self._now)) != group:
                above = "\n" if group else ""
                group = now_in
                title = Content.styled(above + text(group), "bold")
                options.append(Option(title, disabled=True))
            options.append(Option(self._prompt(row), id=row.id))
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(options or [Option(text("list.empty"), disabled=True)])
            self.highlighted = _place_of(marked or self._open_id, options, before)

    def _prompt(self, row: ConversationSummary) -> Content:
        title = clean_line(row.title[:_TITLE]) or text("list.untitled")
        sign = "●" if row.id in self._answering else "›" if row.id == self._open_id else " "
        style = "bold $accent" if row.id == self._open_id else ""
        return Content.assemble((sign, "$accent"), f" {title}").stylize(style)


def _place_of(id_: str, options: Sequence[Option], before: int | None) -> int | None:
    """Where a row is now; where it is gone, the row that has come closest to its place."""
    rows = [index for index, option in enumerate(options) if not option.disabled]
    found = next((index for index in rows if options[index].id == id_), None)
    if found is None and before is not None and rows:
        return min(rows, key=lambda index: (abs(index - before), -index))
    return found


def _group(row: ConversationSummary, now: float) -> str:
    """The text key of the group that a row belongs to."""
    if row.pinned:
        return "list.pinned"
    today = local_time(now).date()
    day = local_time(row.updated).date()
    if day >= today:
        return "list.today"
    if day == today - timedelta(days=1):
        return "list.yesterday"
    return "list.week" if day > today - timedelta(days=7) else "list.older"
