"""A row of the settings form."""

from collections.abc import Sequence
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.core.settings import SettingDefinition
from chat_tui.core.texts import text
from chat_tui.ui.widgets.field_row import FieldRow

YES_NO = ("yes", "no")


class SettingRow(FieldRow):
    """One setting; an empty field stands for its default.

    Args:
        definition: of the setting.
        value: what it is now.
        words: the values that there are, where the definition does not name them.
    """

    def __init__(
        self, definition: SettingDefinition, value: Any, words: Sequence[str] = ()
    ) -> None:
        self.definition = definition
        self.error = ""
        """Why what is written is no value, in a sentence."""
        self.value = value
        """The last value that was right."""
        self.words = YES_NO if definition.type is bool else tuple(words) or definition.choices
        """The values that there are; none where any will do."""
        self._given, self._given_as = value, self._form_text(value)
        super().__init__(
            text(f"setting.{definition.name}"),
            self._given_as,
            words=self.words,
            placeholder=_shown(definition.default),
            replaced=definition.type is not str or bool(self.words),
        )

    @property
    def expected(self) -> str:
        """What the value may be, in words."""
        what = self.definition
        if self.words:
            return " · ".join(map(clean_line, self.words))
        if what.type is int:
            return text("settings.number", least=what.least, most=what.most)
        return text("settings.lines") if what.several_lines else ""

    @property
    def is_default(self) -> bool:
        """Whether the value is the one that nobody chose."""
        return bool(self.value == self.definition.default)

    def put_value(self, value: Any) -> None:
        """Take another value, of which the field may show a part only."""
        self._given, self._given_as = value, self._form_text(value)
        if self.field.value == self._given_as:
            self.read()
        else:
            self.put(self._given_as)

    def read(self) -> None:
        """Take over what is written, if it is a value."""
        words, self.error = self.field.value, ""
        try:
            # What was shown on one line goes back as it was.
            self.value = self._given if words == self._given_as else self._parse(words.strip())
        except UsageError as error:
            self.error = error.message
        self.show_state()

    def show_state(self) -> None:
        """Tell what is wrong, else what the value may be."""
        words = clean_line(self.error) or self.expected
        self._show("✗" if self.error else " ", words, wrong=bool(self.error))
        self.set_class(not self.is_default, "-set")

    def _parse(self, words: str) -> Any:
        what = self.definition
        if not words:
            return what.default
        if self.words and words not in self.words:
            raise UsageError(text("settings.no-choice", choices=", ".join(self.words)))
        if what.type is bool:
            return words == YES_NO[0]
        if what.type is not int:
            return words
        number = int(words) if words.isascii() and words.isdigit() else None
        least, most = what.least or 0, what.most
        if number is None or number < least or (most is not None and number > most):
            raise UsageError(text("settings.number", least=least, most=most))
        return number

    def _form_text(self, value: Any) -> str:
        return "" if value == self.definition.default else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return YES_NO[not value]
    return clean_line(str(value), code=True)
