"""The list of conversations, page by page, grouped by age."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
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


class Marks(NamedTuple):
    """How things stand in conversations, by their ids."""

    running: frozenset[str] = frozenset()
    """They are being answered."""
    new: frozenset[str] = frozenset()
    """They were answered while they were not on the screen."""
    held: frozenset[str] = frozenset()
    """Prompts wait in them to be released."""

    def sign(self, id_: str) -> str:
        """The mark of a conversation; empty where there is nothing to tell."""
        of = ((_RUNNING, self.running), (_HELD, self.held), (_NEW, self.new))
        return next((sign for sign, ids in of if id_ in ids), "")


_RUNNING, _NEW, _HELD = "●", "✓", "‖"


class ListLegend(Static):
    """Says below the list what its marks mean, while there are some."""

    DEFAULT_CSS: ClassVar[str] = """
    ListLegend {
        display: none; height: 1; padding: 0 1; color: $text-muted;
        text-wrap: nowrap; text-overflow: ellipsis;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, marks: Marks) -> None:
        """Explain the marks that are there."""
        signs = {_RUNNING: "running", _NEW: "new", _HELD: "held"}
        ids = (marks.running, marks.new, marks.held)
        there = [pair for pair, some in zip(signs.items(), ids, strict=True) if some]
        self.set_class(bool(there), "-shown")
        words = [
            Content.assemble((sign, "$accent"), " " + text(f"list.mark.{key}"))
            for sign, key in there
        ]
        self.update(Content("  ").join(words), layout=False)


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
        self._marks = Marks()
        self._now = 0.0
        self._asked: ConversationSummary | None = None

    @property
    def marked(self) -> ConversationSummary | None:
        """The row that the keyboard is on."""
        if self.highlighted is None:
            return None
        id_ = self.get_option_at_index(self.highlighted).id
        return next((row for row in self._rows if row.id == id_), None)

    @property
    def count(self) -> int:
        """How many conversations are listed."""
        return len(self._rows)

    def show(self, rows: Sequence[ConversationSummary], now: float, *, complete: bool) -> None:
        """Show rows in place of those that are there.

        Args:
            rows: the first ones of all.
            now: seconds since 1970, for the groups.
            complete: whether there are no more.
        """
        shown = [*rows]
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

    @property
    def marks(self) -> Marks:
        """The marks of the conversations that are listed."""
        listed = {row.id for row in self._rows}
        return Marks(*(ids & listed for ids in self._marks))

    def mark(self, open_id: str, marks: Marks) -> None:
        """Mark the open conversation, and how things stand in the others."""
        if (open_id, marks) == (self._open_id, self._marks):
            return
        changed = {self._open_id, open_id}
        for before, now in zip(self._marks, marks, strict=True):
            changed |= before ^ now
        self._open_id, self._marks = open_id, marks
        for row in self._rows:
            if row.id in changed:
                self.replace_option_prompt(row.id, self._prompt(row))

    def beside(self, id_: str, step: int) -> str:
        """The conversation after (1) or before (-1) another one; empty where there is none.

        Below one that is not listed comes the first one.
        """
        ids = [row.id for row in self._rows]
        at = ids.index(id_) if id_ in ids else -1
        to = at + step
        if not 0 <= to < len(ids):
            return ""
        self._ask_for_more(self.get_option_index(ids[to]))
        return ids[to]

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
        sign = self._marks.sign(row.id) or ("›" if row.id == self._open_id else " ")
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
