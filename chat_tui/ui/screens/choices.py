"""A dialog with numbered rows, of which one is chosen for one of several purposes."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of

_AROUND = 4
"""Lines besides the rows: the border, the keys, and one above these."""


class Choice(NamedTuple):
    """What was chosen."""

    row: int
    """Counted from 0."""
    purpose: str


class ChoiceDialog(ActionDialog[Choice | None]):
    """Rows with numbers; a digit takes one at once. Gives None where none was taken.

    Args:
        title: clean.
        rows: what there is to choose from, clean, one line each.
        purpose: what a row is taken for where no other purpose is named.
        at: the row to begin at.
    """

    DEFAULT_CSS: ClassVar[str] = """
    ChoiceDialog {
        align: center middle;
        & > Vertical {
            width: 90; max-width: 100%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & OptionList {
            height: auto; border: none; background: $surface; padding: 0;
            text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
            &:focus { border: none; }
        }
        & ActionHints { margin: 1 0 0 0; }
    }
    """

    rows = query_one(OptionList)

    def __init__(self, title: str, rows: Sequence[Content], purpose: str, *, at: int = 0) -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._purpose = purpose
        self._at = at

    def compose(self) -> ComposeResult:
        """The rows and the keys."""
        width = len(str(len(self._rows)))
        with Vertical() as box:
            box.border_title = Content(self._title)
            options = [
                Option(Content.assemble((f"{number:>{width}}  ", "$accent"), row))
                for number, row in enumerate(self._rows, 1)
            ]
            yield OptionList(*options, markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Begin at a row."""
        self.rows.highlighted = self._at
        self.rows.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Keep room for what stands below the rows."""
        self.rows.styles.max_height = max(event.size.height * 9 // 10 - _AROUND, 1)

    def on_key(self, event: events.Key) -> None:
        """Take the row with that number."""
        if event.key.isascii() and event.key.isdigit() and 0 < int(event.key) <= len(self._rows):
            event.stop()
            self.dismiss(Choice(int(event.key) - 1, self._purpose))

    @on(OptionList.OptionSelected)
    def take_clicked(self, event: OptionList.OptionSelected) -> None:
        """Take a row that was clicked."""
        self.dismiss(Choice(event.option_index, self._purpose))

    def action_take(self, purpose: str = "") -> None:
        """Take the marked row."""
        if self.rows.highlighted is not None:
            self.dismiss(Choice(self.rows.highlighted, purpose or self._purpose))

    def action_move(self, step: int) -> None:
        """Move through the rows."""
        self.rows.highlighted = ((self.rows.highlighted or 0) + step) % len(self._rows)
