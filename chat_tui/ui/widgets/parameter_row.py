"""A row of the parameters form: a name, a value to write, and what it may be."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Static

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import ParameterDefinition, parse_parameter, written
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.clean_input import CleanInput

_BOOLEANS = ("true", "false")
_SHORT = ("number", "integer", "boolean", "choice")
"""Kinds of values that are replaced by what is typed over them."""


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


class ParameterRow(Horizontal):
    """One parameter.

    Args:
        definition: of the parameter.
        value: what it is now; None where it is not set.
    """

    DEFAULT_CSS: ClassVar[str] = """
    ParameterRow {
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

    def __init__(self, definition: ParameterDefinition, value: Any) -> None:
        super().__init__()
        self.definition = definition
        self.error: UsageError | None = None
        """Why what is written is no value."""
        self.value: Any = value
        """The last value that was right; None where it is not set."""
        self._given, self._given_as = value, form_text(definition, value)
        self._left_out = False
        self._spelling = ""

    def compose(self) -> ComposeResult:
        """Name, field, and what goes into it."""
        what = self.definition
        words = _BOOLEANS if what.kind == "boolean" else what.choices
        yield Static(what.name, classes="name", markup=False)
        field = (
            CyclingInput(words, self._given_as, placeholder=what.default)
            if words
            else CleanInput(self._given_as, placeholder=what.default)
        )
        field.select_on_focus = what.kind in _SHORT
        yield field
        yield Static("", classes="state", markup=False)

    def on_mount(self) -> None:
        """Show how it stands."""
        self._show()

    @property
    def in_lines(self) -> bool:
        """Whether it is better written in several lines."""
        return self.definition.kind in ("object", "list")

    @property
    def left_out(self) -> bool:
        """Whether it is never sent to the model."""
        return self._left_out

    @property
    def changed(self) -> bool:
        """Whether something else is written than at first."""
        return self.field.value != self._given_as

    def tell_learnt(self, *, left_out: bool, spelling: str = "") -> None:
        """Tell what is known of the model: whether it refuses it, and how it wants it spelt."""
        self._left_out, self._spelling = left_out, spelling
        if self.is_mounted:
            self._show()

    def put(self, words: str) -> None:
        """Write something else."""
        self.field.value = words
        self.field.cursor_position = len(words)

    def read(self) -> None:
        """Take over what is written, if it is a value."""
        words = self.field.value
        self.error = None
        try:
            # What was shown cleaned goes back as it was.
            same = words == self._given_as
            self.value = self._given if same else parse_parameter(self.definition.name, words)
        except UsageError as error:
            self.error = error
        self._show()

    def _show(self) -> None:
        self.set_class(bool(self.field.value), "-set")
        self.set_class(self.error is not None, "-wrong")
        self.set_class(self._left_out, "-left-out")
        sign, words = " ", self.definition.expected
        if self.error is not None:
            sign = "✗"
        elif self._left_out:
            sign, words = "–", text("parameters.left-out")
        elif self._spelling:
            words = text("parameters.spelt", name=clean_line(self._spelling, code=True))
        self.query_one(".state", Static).update(Content(f"{sign} {words}"), layout=False)


def form_text(definition: ParameterDefinition, value: Any) -> str:
    """A value as it stands in a field: on one line, clean, and read as the same value again.

    Where that cannot be (a text with controls in it), it is shown clean.
    """
    if value is None:
        return ""
    shown = written(value)
    if isinstance(value, str) and definition.kind == "stop":
        plain = clean_line(shown, code=True) == shown and not _reads_as_json(shown)
        return shown if plain else json.dumps(value)
    return clean_line(shown, code=True) if isinstance(value, str) else json_text(value)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON that is clean and reads as the same value: what is not is escaped."""
    plain = json.dumps(value, ensure_ascii=False, indent=indent)
    return plain if clean(plain, code=True) == plain else json.dumps(value, indent=indent)


def _reads_as_json(words: str) -> bool:
    try:
        return isinstance(json.loads(words), str | list) or words == "null"
    except (ValueError, RecursionError):
        return False
