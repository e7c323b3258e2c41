"""A row of a form: a name, a field to write in, and what its value may be."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Static

from chat_tui.ui.widgets.clean_input import CleanInput


class CyclingInput(CleanInput):
    """An input that goes through some words with the space bar.

    Args:
        words: in their order; an empty text comes before the first.
        value: what stands in it at first.
        placeholder: shown while it is empty.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "cycle", show=False, priority=True)]

    def __init__(self, words: Sequence[str], value: str = "", *, placeholder: str = "") -> None:
        super().__init__(value, placeholder=placeholder)
        self._words = ("", *words)

    def action_cycle(self) -> None:
        """Take the next word; where something else is written, it is a space as any other."""
        now = self.value.strip()
        if now in self._words:
            self.value = self._words[(self._words.index(now) + 1) % len(self._words)]
            self.cursor_position = len(self.value)
        else:
            self.insert_text_at_cursor(" ")


class FieldRow(Horizontal):
    """One row: what is written in it is read by `read`, which each kind of row defines.

    Args:
        title: its name.
        written: what stands in it at first, clean.
        words: what it takes, where that is a choice.
        placeholder: shown while it is empty.
        replaced: whether what is typed replaces what stands there, as in short values.
    """

    DEFAULT_CSS: ClassVar[str] = """
    FieldRow {
        height: 1; padding: 0 1;
        & > .name { width: 21; color: $text-muted; }
        & > .state { width: 1fr; padding: 0 0 0 1; color: $text-muted; text-wrap: nowrap;
            text-overflow: ellipsis; }
        & > Input { width: 1fr; background: $panel; padding: 0 1; }
        &.-set > .name { color: $foreground; text-style: bold; }
        &.-left-out > .state { color: $warning; }
        &.-wrong > .state { color: $error; }
        &:focus-within { background: $boost; }
        &:focus-within > .name { color: $accent; }
    }
    """

    field = query_one(Input)

    def __init__(
        self,
        title: str,
        written: str,
        *,
        words: Sequence[str] = (),
        placeholder: str = "",
        replaced: bool = False,
    ) -> None:
        super().__init__()
        self._title = title
        self._written = written
        self._words = words
        self._placeholder = placeholder
        self._replaced = replaced

    def compose(self) -> ComposeResult:
        """Name, field, and what goes into it."""
        yield Static(self._title, classes="name", markup=False)
        words, placeholder = self._words, self._placeholder
        field = (
            CyclingInput(words, self._written, placeholder=placeholder)
            if words
            else CleanInput(self._written, placeholder=placeholder)
        )
        field.select_on_focus = self._replaced
        yield field
        yield Static("", classes="state", markup=False)

    def on_mount(self) -> None:
        """Show how it stands."""
        self.show_state()

    def put(self, words: str) -> None:
        """Write something else."""
        self.field.value = words
        self.field.cursor_position = len(words)

    def read(self) -> None:
        """Take over what is written, if it is a value."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Tell how it stands; see `_show`."""
        raise NotImplementedError

    def _show(self, sign: str, words: str, *, wrong: bool) -> None:
        """Show a sign of one cell, and what the value may be or what is wrong with it."""
        self.set_class(bool(self.field.value), "-set")
        self.set_class(wrong, "-wrong")
        self.query_one(".state", Static).update(Content(f"{sign} {words}"), layout=False)
