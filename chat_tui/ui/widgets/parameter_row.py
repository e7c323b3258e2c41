"""A row of the parameters form: a name, a value to write, and what it may be."""

import json
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import ParameterDefinition, parse_parameter, written
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.field_row import FieldRow

_BOOLEANS = ("true", "false")
_SHORT = ("number", "integer", "boolean", "choice")
"""Kinds of values that are replaced by what is typed over them."""


class ParameterRow(FieldRow):
    """One parameter.

    Args:
        definition: of the parameter.
        value: what it is now; None where it is not set.
    """

    def __init__(self, definition: ParameterDefinition, value: Any) -> None:
        self.definition = definition
        self.error: UsageError | None = None
        """Why what is written is no value."""
        self.value: Any = value
        """The last value that was right; None where it is not set."""
        self._given, self._given_as = value, form_text(definition, value)
        self._left_out = False
        self._spelling = ""
        super().__init__(
            definition.name,
            self._given_as,
            words=_BOOLEANS if definition.kind == "boolean" else definition.choices,
            placeholder=definition.default,
            replaced=definition.kind in _SHORT,
        )

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
            self.show_state()

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
        self.show_state()

    def show_state(self) -> None:
        """Tell what is wrong, else what is known of the model, else what the value may be."""
        self.set_class(self._left_out, "-left-out")
        sign, words = " ", self.definition.expected
        if self.error is not None:
            sign = "✗"
        elif self._left_out:
            sign, words = "–", text("parameters.left-out")
        elif self._spelling:
            words = text("parameters.spelt", name=clean_line(self._spelling, code=True))
        self._show(sign, words, wrong=self.error is not None)


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
