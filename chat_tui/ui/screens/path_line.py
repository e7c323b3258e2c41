"""Asks for paths in a line, with the names that may follow."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.completion import Offer
from chat_tui.ui.path_completion import PathSource
from chat_tui.ui.screens.dialogs import LineDialog
from chat_tui.ui.widgets.clean_input import CleanInput

_LONGEST = 4_000
"""Characters of a line."""

_COMMAND = "/file "
"""Before what is typed, as the prompt has it: so words are told apart in the same way."""


class PathDialog(LineDialog):
    """Asks for files, folders and patterns; gives the line, None where it was left.

    Args:
        here: the folder to which relative paths belong.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    PathDialog OptionList {
        height: 8; max-height: 40vh; border: none; background: $surface; padding: 0;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis; margin: 0 0 1 0;
    }
    """

    line = query_one(CleanInput)
    names = query_one(OptionList)

    def __init__(self, here: Path) -> None:
        title, hint = text("attaching.path"), text("attaching.path-hint")
        super().__init__(title, "", hint, longest=_LONGEST)
        self._source = PathSource(self.offer, here)
        self._offer: Offer | None = None

    def compose(self) -> ComposeResult:
        """The line, and below it what can be completed."""
        with Vertical() as box:
            box.border_title = Content(self._title)
            yield CleanInput("", max_length=self._longest)
            names = OptionList(markup=False)
            names.can_focus = False
            yield names
            yield Static(self._hint, markup=False)

    def on_mount(self) -> None:
        """Begin with what is here."""
        super().on_mount()
        self.offer()

    @on(Input.Changed)
    def offer(self) -> None:
        """Offer what may stand at the end of the line."""
        if not self.is_attached:
            return
        self._offer = self._source.offer(0, _COMMAND + self.line.value)
        choices = [] if self._offer is None else self._offer.choices
        self.names.set_options(Option(Content(clean_line(each.name))) for each in choices)
        if choices:
            self.names.highlighted = 0

    def action_move(self, step: int) -> None:
        """Mark another name."""
        if self.names.option_count:
            at = ((self.names.highlighted or 0) + step) % self.names.option_count
            self.names.highlighted = at

    def action_complete(self) -> None:
        """Write the marked name."""
        at = self.names.highlighted
        if self._offer is not None and at is not None and at < len(self._offer.choices):
            start = max(self._offer.start - len(_COMMAND), 0)
            self.line.value = self.line.value[:start] + self._offer.choices[at].insert
            self.line.cursor_position = len(self.line.value)

    @on(OptionList.OptionSelected)
    def take_clicked(self, event: OptionList.OptionSelected) -> None:
        """Write a name that was clicked."""
        self.names.highlighted = event.option_index
        self.action_complete()
        self.line.focus()
