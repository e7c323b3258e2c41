"""The request parameters of a conversation, as a form made from their definitions."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.getters import query_one
from textual.widgets import Input, Static

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import (
    PARAMETERS,
    ParameterDefinition,
    check_parameters,
    definition,
    parse_parameter,
)
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.desk import ProviderDesk
from chat_tui.ui.screens.lines_editor import LinesEditor
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.form_scroll import FormScroll
from chat_tui.ui.widgets.parameter_row import ParameterRow, json_text

_WIDTHS = [(0, "-narrow"), (70, "-wide")]
"""Under 70 columns a row has a sign only in place of what its value may be."""

_HEIGHTS = [(0, "-low"), (18, "-high")]

_IN_LINES = ("object", "list", "stop", "tool_choice")
"""Kinds of values that may be written in several lines."""


class ParametersScreen(ActionDialog[Mapping[str, Any] | None]):
    """Asks for parameters; gives None where they are to stay.

    Args:
        target: the model that they are for, and what is set.
        desk: knows what the model refuses, and keeps defaults.
    """

    SCOPE = "parameters"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    AUTO_FOCUS = "ParameterRow Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        *screen_bindings("parameters"),
        # At once: what follows is meant for the row that comes then.
        Binding("tab,down", "app.focus_next", show=False, priority=True),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ParametersScreen {
        align: center middle;
        & > Vertical {
            width: 110; max-width: 100%; height: 29; max-height: 100%;
            background: $surface; border: round $primary;
        }
        & FormScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & #details { height: 3; padding: 0 1; margin: 1 0 0 0; }
        & ActionHints { padding: 0 1; }
        &.-narrow ParameterRow > .name { width: 20; }
        &.-narrow ParameterRow > .state { width: 2; padding: 0; text-overflow: clip; }
        &.-low #details { height: 2; margin: 0; }
    }
    """

    details = query_one("#details", Static)

    def __init__(self, target: Target, desk: ProviderDesk) -> None:
        super().__init__()
        self._target = target
        self._desk = desk
        self._rows = [ParameterRow(each, _value(target, each)) for each in PARAMETERS]

    def compose(self) -> ComposeResult:
        """A row a parameter, what is to be known of the one with the focus, and the keys."""
        with Vertical() as box:
            model = clean_line(self._target.model, code=True)
            box.border_title = Content(text("parameters.title", model=model))
            with FormScroll():
                yield from self._rows
            yield Static("", id="details", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Tell what the model is known to want otherwise."""
        for row in self._rows:
            self._tell_learnt(row)

    def _tell_learnt(self, row: ParameterRow) -> None:
        learnt, name = self._desk.learnt(self._target), row.definition.name
        spelling = learnt.spellings.get(name, "")
        row.tell_learnt(left_out=name in learnt.left_out, spelling=spelling)

    # The row with the focus

    @property
    def _current(self) -> ParameterRow | None:
        parent = self.focused.parent if self.focused is not None else None
        return parent if isinstance(parent, ParameterRow) else None

    @on(DescendantFocus)
    def show_details(self) -> None:
        """Tell of the row that has the focus."""
        if self._current is not None:
            self._show_details(self._current)
        self._show_hints()

    def _show_hints(self) -> None:
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    @property
    def on_left_out(self) -> bool:
        """Whether the row with the focus is of a parameter that the model refused."""
        return self._current is not None and self._current.left_out

    @on(Input.Changed)
    def read_row(self, event: Input.Changed) -> None:
        """Check what is written while it is written."""
        row = event.input.parent
        if isinstance(row, ParameterRow):
            row.read()
            if row is self._current:
                self._show_details(row)

    def _show_details(self, row: ParameterRow) -> None:
        what = row.definition
        if row.error is not None:
            self._show_error(row.error)
            return
        lines = [Content(what.help)]
        if row.left_out:
            model = clean_line(self._target.model, code=True)
            key = active_keys(self).shown("parameters-send-again")
            told = text("parameters.refused", model=model, name=what.name, key=key)
            lines.append(Content.styled(told, "$warning"))
        else:
            told = text("parameters.takes", expected=what.expected)
            if what.default:
                told += " " + text("parameters.default", value=what.default)
            if row.in_lines:
                told += " " + text("parameters.enter-edits")
            elif what.choices or what.kind == "boolean":
                told += " " + text("parameters.space-cycles")
            lines.append(Content.styled(told, "$foreground 60%"))
        self.details.update(Content("\n").join(lines), layout=False)

    def _show_error(self, error: UsageError) -> None:
        self.details.update(
            Content.assemble(
                (clean(error.message, code=True), "$error"), "\n", clean(error.hint, code=True)
            ),
            layout=False,
        )

    def action_clear_row(self) -> None:
        """Leave the parameter out of this conversation."""
        if self._current is not None:
            self._current.put("")

    def action_send_again(self) -> None:
        """Forget that the model refused the parameter."""
        row = self._current
        if row is not None and row.left_out:
            self._desk.leave_out(self._target, row.definition.name, left_out=False)
            self._tell_learnt(row)
            self._show_details(row)
            self._show_hints()

    @work(name="edit", exit_on_error=False)
    async def action_edit_in_lines(self) -> None:
        """Write the value in several lines."""
        row = self._current
        if row is not None and row.definition.kind in _IN_LINES:
            what = row.definition
            problem = partial(_problem, what.name)
            editor = LinesEditor(what.name, _spread(row.field.value), what.help, problem)
            value = await self.app.push_screen_wait(editor)
            if value is not None:
                # Right or not: the row says what is wrong.
                row.put(_folded(value))

    # The end

    @on(Input.Submitted)
    def submit(self) -> None:
        """Apply, or edit what is written better in lines."""
        if self._current is not None and self._current.in_lines:
            self.action_edit_in_lines()
        else:
            self.action_apply()

    def action_apply(self) -> None:
        """Set the parameters for this conversation."""
        if (values := self._values()) is not None:
            self.dismiss(values)

    @work(name="defaults", exit_on_error=False)
    async def action_apply_as_default(self) -> None:
        """Set them for this conversation, and for those that are begun from now on."""
        if (values := self._values()) is not None:
            await self._desk.save_parameters(values)
            self.app.notify(text("notice.parameters-default"), timeout=4, markup=False)
            self.dismiss(values)

    def action_leave(self) -> None:
        """Leave them as they are."""
        if any(row.changed for row in self._rows):
            self.app.notify(text("notice.parameters-kept"), timeout=4, markup=False)
        self.dismiss(None)

    def _values(self) -> dict[str, Any] | None:
        """What is written; None where it cannot be sent, which is told."""
        wrong = next((row for row in self._rows if row.error is not None), None)
        if wrong is not None:
            wrong.field.focus()
            self._show_details(wrong)
            return None
        try:
            return check_parameters({row.definition.name: row.value for row in self._rows})
        except UsageError as error:
            self._show_error(error)
            return None


def _value(target: Target, what: ParameterDefinition) -> Any:
    """What is set for a parameter, under its name or an alias; None where nothing is."""
    for name, value in target.parameters.items():
        try:
            if definition(name) is what:
                return value
        except UsageError:
            continue
    return None


def _problem(name: str, words: str) -> str:
    """What is wrong with a value as it is written; empty where nothing is."""
    try:
        parse_parameter(name, words)
    except UsageError as error:
        return clean_line(error.told, code=True)
    return ""


def _spread(value: str) -> str:
    """JSON over several lines; anything else as it is."""
    try:
        return json_text(json.loads(value), indent=2)
    except (ValueError, RecursionError):
        return value


def _folded(value: str) -> str:
    """JSON on one line; of anything else, its lines after another."""
    try:
        return json_text(json.loads(value))
    except (ValueError, RecursionError):
        return clean_line(value, code=True)
