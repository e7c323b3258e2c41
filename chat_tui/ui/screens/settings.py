"""The settings as a form made from their definitions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.getters import query_one
from textual.widgets import Input, Static

from chat_tui.core.safety import clean, clean_line
from chat_tui.core.settings import SETTINGS, Settings
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.desk import SettingsDesk
from chat_tui.ui.screens.dialogs import ConfirmDialog, leave_question
from chat_tui.ui.screens.lines_editor import LinesEditor
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.form_scroll import FormScroll
from chat_tui.ui.widgets.setting_row import SettingRow

_GROUPS = {
    "talking": ("provider", "model", "system_prompt", "title_by_model", "title_model"),
    "attaching": ("pictures", "picture_detail", "picture_side"),
    "looking": ("theme", "sidebar", "timestamps", "fold_reasoning", "fold_lines", "column_width"),
    "keys": ("keymap", "send_key"),
    "telling": ("notify", "notify_after"),
    "keeping": ("keep_deleted_days",),
}
"""Headings of the form and what stands below them; what stands nowhere comes last."""


_WIDTHS = [(0, "-narrow"), (70, "-wide")]
"""Under 70 columns a row has a sign only in place of what its value may be."""

_HEIGHTS = [(0, "-low"), (18, "-high")]


class SettingsScreen(ActionDialog[None]):
    """Changes the settings; they are in force as soon as they are saved.

    Args:
        desk: the settings file.
        choices: the values that there are of settings that do not name them: keymaps, providers.
        apply: puts settings in force.
        edit: opens a file in the user's editor and comes back when it is closed; tells whether
            that ended well.
    """

    SCOPE = "settings"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    AUTO_FOCUS = "SettingRow Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        *screen_bindings("settings"),
        # At once: what follows is meant for the row that comes then.
        Binding("tab,down", "app.focus_next", show=False, priority=True),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    SettingsScreen {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 100%; height: 32; max-height: 100%;
            background: $surface; border: round $primary;
        }
        & FormScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & .heading { height: 1; padding: 0 1; margin: 1 0 0 0; color: $accent; text-style: bold; }
        & .heading.-first { margin: 0; }
        & FieldRow > .name { width: 26; }
        & FieldRow > Input { width: 28; }
        & #details { height: 2; padding: 0 1; margin: 1 0 0 0; }
        & #kept { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; }
        & ActionHints { padding: 0 1; }
        &.-narrow FieldRow > .name { width: 20; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-narrow FieldRow > Input { width: 1fr; }
        &.-narrow FieldRow > .state { width: 2; padding: 0; text-overflow: clip; }
        &.-low #details { margin: 0; }
        &.-low #kept { display: none; }
    }
    """

    details = query_one("#details", Static)

    def __init__(
        self,
        desk: SettingsDesk,
        choices: Mapping[str, Sequence[str]],
        apply: Callable[[Settings], Awaitable[None]],
        edit: Callable[[str], Awaitable[bool]],
    ) -> None:
        super().__init__()
        self._desk = desk
        self._apply = apply
        self._edit = edit
        self._words = dict(choices)
        self._rows: dict[str, SettingRow] = {}
        self._before = desk.settings()
        self._theme = ""
        """The one in force; another one is looked at while it is chosen."""

    def compose(self) -> ComposeResult:
        """A row a setting below its heading, what it means, what is kept, and the keys."""
        self._theme = self.app.theme
        self._words["theme"] = tuple(sorted(self.app.available_themes))
        for what in SETTINGS:
            value = getattr(self._before, what.name)
            self._rows[what.name] = SettingRow(what, value, self._words.get(what.name, ()))
        with Vertical() as box:
            box.border_title = Content(text("settings.title"))
            box.border_subtitle = Content(clean_line(self._desk.path, code=True))
            with FormScroll():
                for group, names in _in_groups():
                    first = " -first" if group == next(iter(_GROUPS)) else ""
                    heading = text(f"settings.group.{group}")
                    yield Static(heading, classes=f"heading{first}", markup=False)
                    yield from (self._rows[name] for name in names)
            yield Static("", id="details", markup=False)
            yield Static("", id="kept", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Count what waits to be removed."""
        self._count_deleted()

    @work(name="count", exit_on_error=False)
    async def _count_deleted(self) -> None:
        waiting = await self._desk.deleted()
        told = text(
            "settings.deleted", conversations=waiting.conversations, messages=waiting.messages
        )
        self.query_one("#kept", Static).update(Content(told), layout=False)

    # The row with the focus

    @property
    def _current(self) -> SettingRow | None:
        parent = self.focused.parent if self.focused is not None else None
        return parent if isinstance(parent, SettingRow) else None

    @on(DescendantFocus)
    def show_details(self) -> None:
        """Tell of the row that has the focus."""
        if (row := self._current) is None:
            return
        if row.error:
            lines = [Content.styled(clean(row.error, code=True), "$error")]
        else:
            lines = [Content(row.definition.doc)]
            told = text("settings.is-default" if row.is_default else "settings.is-set")
            if row.words:
                told += " " + text("parameters.space-cycles")
            lines.append(Content.styled(told, "$foreground 60%"))
        self.details.update(Content("\n").join(lines), layout=False)

    @on(Input.Changed)
    def read_row(self, event: Input.Changed) -> None:
        """Check what is written while it is written; a theme is shown at once."""
        row = event.input.parent
        if not isinstance(row, SettingRow):
            return
        row.read()
        if row.definition.name == "theme":
            self._show_theme()
        if row is self._current:
            self.show_details()

    @on(Input.Submitted)
    def submit(self) -> None:
        """Save, or edit what is written better in lines."""
        if self._current is not None and self._current.definition.several_lines:
            self.action_edit_in_lines()
        else:
            self.action_save()

    def _show_theme(self) -> None:
        row = self._rows["theme"]
        if not row.error and row.value in self.app.available_themes:
            self.app.theme = row.value

    def action_reset_row(self) -> None:
        """Take the default."""
        if self._current is not None:
            self._current.put_value(self._current.definition.default)

    @work(name="edit", exit_on_error=False)
    async def action_edit_in_lines(self) -> None:
        """Write the value in several lines."""
        row = self._current
        if row is not None and row.definition.several_lines:
            title, about = text(f"setting.{row.definition.name}"), row.definition.doc
            value = await self.app.push_screen_wait(LinesEditor(title, row.value, about))
            if value is not None:
                row.put_value(value)

    # The end

    @property
    def _changes(self) -> Mapping[str, Any]:
        return {
            name: row.value
            for name, row in self._rows.items()
            if row.value != getattr(self._before, name)
        }

    @property
    def _unsaved(self) -> set[str]:
        """The settings that were changed, be it to what is no value."""
        return {*self._changes, *(name for name, row in self._rows.items() if row.error)}

    @work(name="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save what was changed, put it in force, and close."""
        wrong = next((row for row in self._rows.values() if row.error), None)
        if wrong is not None:
            wrong.field.focus()
            return
        if changes := self._changes:
            settings = await self._desk.save(changes)
            names = ", ".join(text(f"setting.{name}") for name in changes)
            self.app.notify(text("settings.saved", names=names), timeout=4, markup=False)
            await self._apply(settings)
        self.dismiss(None)

    @work(name="leave", exit_on_error=False)
    async def action_leave(self) -> None:
        """Leave the settings as they are; ask where something was changed."""
        if self._unsaved and not await self.app.push_screen_wait(leave_question()):
            return
        self.app.theme = self._theme
        self.dismiss(None)

    @work(name="file", exit_on_error=False)
    async def action_edit_file(self) -> None:
        """Open the file in the user's editor; what is written there is in force afterwards.

        What was changed in the form and is not saved yet stays as it is.
        """
        unsaved = self._unsaved
        if not await self._edit(self._desk.path):
            return
        if problems := await self._desk.read():
            self.app.notify(
                clean("\n".join(problems)),
                title=text("notice.settings"),
                severity="warning",
                timeout=15,
                markup=False,
            )
        self._before = self._desk.settings()
        await self._apply(self._before)
        self._theme = self.app.theme
        for name in self._rows.keys() - unsaved:
            self._rows[name].put_value(getattr(self._before, name))
        self._show_theme()

    @work(name="purge", exit_on_error=False)
    async def action_purge(self) -> None:
        """Remove for good what is deleted."""
        waiting = await self._desk.deleted()
        counts = {"conversations": waiting.conversations, "messages": waiting.messages}
        if not any(waiting):
            self.app.notify(text("settings.nothing-deleted"), timeout=4, markup=False)
            return
        question = ConfirmDialog(text("settings.purge"), text("settings.purge-more", **counts))
        if await self.app.push_screen_wait(question):
            gone = await self._desk.purge()
            told = text("settings.purged", conversations=gone.conversations, messages=gone.messages)
            self.app.notify(told, timeout=5, markup=False)
            self._count_deleted()


def _in_groups() -> list[tuple[str, list[str]]]:
    """The names of all settings below their headings."""
    named = {name for names in _GROUPS.values() for name in names}
    rest = [what.name for what in SETTINGS if what.name not in named]
    groups = [(group, list(names)) for group, names in _GROUPS.items()]
    groups[-1][1].extend(rest)
    return groups
