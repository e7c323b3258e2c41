"""The form in which a provider is added or edited."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Collapsible, Input, Static, TextArea

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.targets import ProviderProfile
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.desk import ProviderDesk
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.screens.providers.connection import ConnectionTest
from chat_tui.ui.screens.providers.fields import (
    FIELDS,
    FormField,
    field_named,
    moves_key,
    origin,
    read_form,
    shown_values,
)
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput, CleanTextArea
from chat_tui.ui.widgets.field_row import CyclingInput
from chat_tui.ui.widgets.form_scroll import FormScroll

_WIDTHS = [(0, "-narrow"), (70, "-wide")]
_HEIGHTS = [(0, "-low"), (18, "-high")]


class FieldRow(Vertical):
    """A label, a field, and under them what is wrong with it.

    Args:
        what: the field.
        value: what stands in it at first; clean.
        placeholder: shown while it is empty.
    """

    DEFAULT_CSS: ClassVar[str] = """
    FieldRow {
        height: auto; padding: 0 1;
        & > Horizontal { height: auto; }
        & .label { width: 17; color: $text-muted; }
        & Input { width: 1fr; background: $panel; }
        & TextArea { width: 1fr; height: 3; background: $panel; padding: 0;
            scrollbar-size-vertical: 1; }
        & > .error { display: none; height: auto; margin: 0 0 0 17; color: $error; }
        &.-wrong > .error { display: block; }
        &.-wrong .label { color: $error; }
        &:focus-within .label { color: $accent; }
    }
    """

    def __init__(self, what: FormField, value: str, placeholder: str = "") -> None:
        super().__init__()
        self.what = what
        if what.name == "headers":
            self.field: CleanInput | CleanTextArea = CleanTextArea(value, placeholder=placeholder)
        elif what.words:
            self.field = CyclingInput(what.words, value, placeholder=placeholder)
        else:
            self.field = CleanInput(value, placeholder=placeholder)
            self.field.password = what.name == "key"
        if isinstance(self.field, CleanInput):
            self.field.select_on_focus = False

    def compose(self) -> ComposeResult:
        """The label beside the field."""
        with Horizontal():
            yield Static(text(f"field.{self.what.name}"), classes="label", markup=False)
            yield self.field
        yield Static("", classes="error", markup=False)

    @property
    def value(self) -> str:
        """What is written."""
        return self.field.text if isinstance(self.field, TextArea) else self.field.value

    def tell(self, error: str) -> None:
        """Tell what is wrong; nothing, where the text is empty."""
        self.query_one(".error", Static).update(Content(clean_line(error, code=True)))
        self.set_class(bool(error), "-wrong")


class ProviderForm(ActionDialog[ProviderProfile | None]):
    """Asks for a provider and saves it; gives what was saved, None where nothing was.

    Args:
        profile: the provider to edit; an empty one for a new one.
        desk: saves and tests it.
    """

    SCOPE = "form"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    AUTO_FOCUS = "FieldRow Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        *screen_bindings("form"),
        # At once: what follows, a pasted key above all, is meant for the field that comes then.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("enter", "screen.go_on", show=False, priority=True),
        Binding("down", "screen.go(1)", show=False, priority=True),
        Binding("up", "screen.go(-1)", show=False, priority=True),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ProviderForm {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 100%; height: 26; max-height: 100%;
            background: $surface; border: round $primary;
        }
        & FormScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & Collapsible { background: $surface; border: none; padding: 0; height: auto; }
        & Collapsible:focus-within { background-tint: $foreground 0%; }
        & CollapsibleTitle { padding: 0 1; color: $text-muted; background: $surface; }
        & CollapsibleTitle:focus { color: $accent; background: $surface; text-style: bold; }
        & Contents { padding: 0; }
        & #details { height: 3; padding: 0 1; color: $text-muted; margin: 1 0 0 0; }
        & ActionHints { padding: 0 1; }
        &.-low #details { height: 2; margin: 0; }
    }
    """

    details = query_one("#details", Static)

    def __init__(self, profile: ProviderProfile, desk: ProviderDesk) -> None:
        super().__init__()
        self._was = profile.name
        self._before = profile
        self._desk = desk
        values = shown_values(profile)
        self._rows = {
            each.name: FieldRow(each, _clean_value(each, values), self._placeholder(each))
            for each in FIELDS
        }
        others = {row.profile.name for row in desk.providers()} - {profile.name}
        self._taken = frozenset(others)
        self._allowed = ""
        """Where the user was told that the old key goes."""

    def _placeholder(self, what: FormField) -> str:
        if what.name == "key" and self._before.key_file:
            return text("provider-form.key-kept")
        return text(f"field-example.{what.name}")

    def compose(self) -> ComposeResult:
        """The fields, those that few need folded away; the help of one of them; the keys."""
        with Vertical() as box:
            name = clean_line(self._was, code=True)
            box.border_title = Content(
                text("provider-form.edit", name=name) if name else text("provider-form.add")
            )
            with FormScroll():
                yield from (row for row in self._rows.values() if not row.what.more)
                folded = [row for row in self._rows.values() if row.what.more]
                yield Collapsible(*folded, title=text("provider-form.more"), collapsed=True)
            yield Static("", id="details", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    @on(DescendantFocus)
    def show_help(self, event: DescendantFocus) -> None:
        """Tell what the field with the focus is for."""
        row = _row_of(event.widget)
        told = text(f"field-help.{row.what.name}") if row is not None else ""
        self.details.update(Content(told), layout=False)

    @on(Input.Changed)
    @on(TextArea.Changed)
    def forget_error(self, event: Input.Changed | TextArea.Changed) -> None:
        """What is wrong is told again when it is saved."""
        if (row := _row_of(event.control)) is not None:
            row.tell("")

    # Moving

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be run now: fields of several lines need these keys themselves."""
        if action == "go":
            return not isinstance(self.focused, TextArea)
        if action == "go_on":
            return isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    def action_go(self, step: int) -> None:
        """Go to the field below or above."""
        (self.focus_next if step > 0 else self.focus_previous)()

    def action_go_on(self) -> None:
        """Go to the next field: one writes down the form with Enter."""
        if not (isinstance(self.focused, CleanInput) and self.focused.just_pasted):
            self.focus_next()

    # Saving

    @work(name="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Save the provider, and the key that was pasted."""
        profile = await self._complete()
        if profile is None:
            return
        try:
            await self._desk.save_provider(profile, was=self._was)
        except UsageError as error:
            self._tell_usage(error)
            return
        self.dismiss(profile)

    @work(name="test", exclusive=True, exit_on_error=False)
    async def action_test(self) -> None:
        """Test what is written, before it is saved."""
        profile = await self._complete()
        if profile is not None:
            await self.app.push_screen_wait(ConnectionTest(profile, self._desk))

    async def _complete(self) -> ProviderProfile | None:
        """What is written, with a pasted key in the desk's hands; None where something is wrong."""
        profile, errors = read_form(
            {name: row.value for name, row in self._rows.items()}, self._before, self._taken
        )
        self._tell(errors)
        if profile is None:
            return None
        pasted = self._rows["key"].field
        value = self._rows["key"].value.strip()
        if not value or not isinstance(pasted, Input):
            return profile if self._may_go_there(profile) else None
        try:
            profile = await self._desk.save_key(profile, value)
        except UsageError as error:
            self._tell({"key": error.told})
            return None
        # The desk has it now: nothing on the screen keeps it.
        pasted.value = ""
        key = active_keys(self).shown("form-save")
        pasted.placeholder = text("provider-form.key-pasted", key=key)
        self._before = replace(self._before, key_file=profile.key_file)
        return profile

    def _may_go_there(self, profile: ProviderProfile) -> bool:
        """Whether the old key may go to the address: where it is another server, that is asked."""
        place = origin(profile.base_url)
        if not moves_key(self._before, profile) or place == self._allowed:
            return True
        self._allowed = place
        key = active_keys(self).shown("form-save")
        told = text("provider-form.other-server", place=clean_line(place, code=True), key=key)
        self._tell({"key_env" if profile.key_env else "key": told})
        return False

    def _tell(self, errors: Mapping[str, str]) -> None:
        for name, row in self._rows.items():
            row.tell(errors.get(name, ""))
        first = next((self._rows[name] for name in self._rows if name in errors), None)
        if first is not None:
            if first.what.more:
                self.query_one(Collapsible).collapsed = False
            self.call_after_refresh(first.field.focus)

    def _tell_usage(self, error: UsageError) -> None:
        """Tell what the settings do not take, at the field that is named, else at the bottom."""
        words = clean(error.told, code=True)
        named = field_named(error.message)
        self._tell({named: words} if named else {})
        self.details.update(Content.styled(words, "$error"), layout=False)

    def action_leave(self) -> None:
        """Leave it as it is."""
        pasted = self._rows["key"].field
        if isinstance(pasted, Input):
            pasted.value = ""
        self.dismiss(None)


def _row_of(widget: Widget | None) -> FieldRow | None:
    node = widget
    while node is not None and not isinstance(node, FieldRow):
        parent = node.parent
        node = parent if isinstance(parent, Widget) else None
    return node


def _clean_value(what: FormField, values: Mapping[str, str]) -> str:
    value = values[what.name]
    return clean(value, code=True) if what.name == "headers" else clean_line(value, code=True)
