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
        self._where: tuple[str, ...] = ()

    def show(
        self, facts: str, hints: Sequence[Hint], where: Sequence[str] = (), *, found: bool
    ) -> None:
        """Show how much was found, and in what; `found`: whether that is anything."""
        now = facts, tuple(hints), tuple(where), found
        if now != (self._facts, self._hints, self._where, self._found):
            self._facts, self._hints, self._where, self._found = now
            self._draw()

    def on_resize(self) -> None:
        """Show as many hints as fit now."""
        self._draw()

    def _draw(self) -> None:
        facts = self._told()
        room = self.content_size.width - cell_len(facts)
        fitting: set[Hint] = set()
        for hint in (*self._hints[-1:], *self._hints[:-1]):
            room -= _cells(hint)
            if room < 0:
                break
            fitting.add(hint)
        style = "$foreground" if self._found else "$warning"
        pieces = [Content.styled(facts, style)] if facts else []
        pieces += [
            clickable(Content.assemble((hint.key, "$accent"), f" {hint.label}"), hint.action)
            for hint in self._hints
            if hint in fitting
        ]
        # The line has a fixed size: nothing is laid out for it.
        self.update(Content("  ").join(pieces), layout=False)

    def _told(self) -> str:
        """How much was found, with the widest form of in what that leaves room for a hint."""
        room = self.content_size.width - sum(map(_cells, self._hints[-1:]))
        forms = (" · ".join(filter(None, (self._facts, form))) for form in self._where)
        return next((form for form in forms if cell_len(form) <= room), self._facts)


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

    def tell(
        self, facts: str, hints: Sequence[Hint], where: Sequence[str] = (), *, found: bool
    ) -> None:
        """Tell what was found.

        Args:
            facts: how much.
            hints: the keys.
            where: in what, where that is not all that is seen: its forms, the widest first; clean.
            found: whether there is anything.
        """
        self._line.show(facts, hints, where, found=found)

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        event.stop()
        self._changed(event.value)

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        # Enter goes on to the next place; rebound, it does nothing.
        event.stop()


def _cells(hint: Hint) -> int:
    """Those that a hint takes, with the blanks before it."""
    return cell_len(hint.key) + cell_len(hint.label) + 3
