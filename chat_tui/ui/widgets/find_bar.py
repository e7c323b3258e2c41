"""The line in which one writes what is to be found, and reads how much of it there is."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Static

from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for
from chat_tui.ui.widgets.action_hints import ClickableLine, Hint, clickable
from chat_tui.ui.widgets.clean_input import CleanInput

_LONGEST = 1_000
"""Characters of what is looked for."""


class FindInput(CleanInput):
    """Where the words are written."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("find")]

    def __init__(self) -> None:
        super().__init__(placeholder=text("find.placeholder"), max_length=_LONGEST)
        self.id = "find-field"


class FindFacts(ClickableLine):
    """How much was found, and as many hints as there is room for; the last one comes first."""

    def __init__(self) -> None:
        super().__init__(id="find-facts")
        self._facts = ""
        self._found = True
        self._hints: tuple[Hint, ...] = ()

    def show(self, facts: str, hints: Sequence[Hint], *, found: bool) -> None:
        """Show how much was found; `found`: whether that is anything."""
        if (facts, tuple(hints), found) != (self._facts, self._hints, self._found):
            self._facts, self._hints, self._found = facts, tuple(hints), found
            self._draw()

    def on_resize(self) -> None:
        """Show as many hints as fit now."""
        self._draw()

    def _draw(self) -> None:
        room = self.content_size.width - cell_len(self._facts)
        fitting: set[Hint] = set()
        for hint in (*self._hints[-1:], *self._hints[:-1]):
            room -= cell_len(hint.key) + cell_len(hint.label) + 3
            if room < 0:
                break
            fitting.add(hint)
        style = "$foreground" if self._found else "$warning"
        pieces = [Content.styled(self._facts, style)] if self._facts else []
        pieces += [
            clickable(Content.assemble((hint.key, "$accent"), f" {hint.label}"), hint.action)
            for hint in self._hints
            if hint in fitting
        ]
        # The line has a fixed size: nothing is laid out for it.
        self.update(Content("  ").join(pieces), layout=False)


class FindBar(Horizontal):
    """A line over the prompt.

    Args:
        changed: called with the words whenever they were changed by hand.
    """

    DEFAULT_CSS: ClassVar[str] = """
    FindBar {
        height: 1;
        padding: 0 2;
        background: $surface;
        #find-label { width: auto; height: 1; padding-right: 1; color: $accent; }
        FindInput { width: 2fr; min-width: 8; height: 1; background: $surface; }
        FindFacts { width: 3fr; min-width: 12; padding-left: 2; text-align: right; }
    }
    """

    field = query_one(FindInput)
    _line = query_one(FindFacts)

    def __init__(self, changed: Callable[[str], None]) -> None:
        super().__init__(id="find-bar")
        self._changed = changed

    def compose(self) -> ComposeResult:
        """A label, the field, what was found."""
        yield Static(text("scope.find"), id="find-label", markup=False)
        yield FindInput()
        yield FindFacts()

    def write(self, words: str) -> None:
        """Put words into the field that are replaced by what is typed."""
        if self.field.value != words:
            with self.prevent(Input.Changed):
                self.field.value = words
        self.field.select_all()

    def tell(self, facts: str, hints: Sequence[Hint], *, found: bool) -> None:
        """Tell what was found."""
        self._line.show(facts, hints, found=found)

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        event.stop()
        self._changed(event.value)

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        # Enter goes on to the next place; rebound, it does nothing.
        event.stop()
