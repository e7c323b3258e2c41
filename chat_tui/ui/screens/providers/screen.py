"""The Providers screen: who can be talked to, how each stands, and what can be done about it."""

from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.core.model_choices import ModelChoices
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.desk import ProviderDesk, ProviderRow
from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.screens.picker.view import ModelSource
from chat_tui.ui.screens.providers.connection import ConnectionTest
from chat_tui.ui.screens.providers.details import provider_details
from chat_tui.ui.screens.providers.form import ProviderForm
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of

_WIDTHS = [(0, "-narrow"), (70, "-wide")]
"""Under 70 columns the details stand under the list."""

_GROUPS = ("providers.own", "providers.with-key", "providers.keyless", "providers.without-key")
"""The text keys of the groups, in their order."""


class ProvidersScreen(ActionDialog[Target | None]):
    """Shows the providers; gives where the next prompts go, None where that stays.

    Args:
        current: where they go now.
        desk: knows the providers.
        source: knows their models.
        choices: keeps the favourites among these.
    """

    SCOPE = "providers"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("providers")]
    DEFAULT_CSS: ClassVar[str] = """
    ProvidersScreen {
        background: $background;
        & > #title { height: 1; padding: 0 1; background: $surface; color: $text-muted;
            text-style: bold; }
        & > Horizontal { height: 1fr; margin: 1 0; }
        & OptionList {
            width: 32; height: 1fr; border: none; background: $background; padding: 0 1;
            text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
        }
        & OptionList:focus { border: none; background-tint: $foreground 0%; }
        & OptionList > .option-list--option-disabled { color: $text-muted; }
        & VerticalScroll {
            width: 1fr; height: 1fr; padding: 0 2; scrollbar-size-vertical: 1;
            border-left: solid $panel;
        }
        & #details { height: auto; }
        & > ActionHints { padding: 0 1; background: $surface; }
        &.-narrow > Horizontal { layout: vertical; margin: 0; }
        &.-narrow OptionList { width: 1fr; }
        &.-narrow VerticalScroll { border-left: none; border-top: solid $panel; padding: 0 1; }
    }
    """

    rows = query_one(OptionList)

    def __init__(
        self, current: Target, desk: ProviderDesk, source: ModelSource, choices: ModelChoices
    ) -> None:
        super().__init__()
        self._given = self._current = current
        self._desk = desk
        self._source = source
        self._choices = choices
        self._rows: list[ProviderRow] = []

    def compose(self) -> ComposeResult:
        """The list, the details of the marked one, and the keys."""
        yield Static(text("providers.title"), id="title", markup=False)
        with Horizontal():
            yield OptionList(markup=False)
            with VerticalScroll(can_focus=False):
                yield Static("", id="details", markup=False)
        yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Show them, the one in use marked."""
        self._fill(self._current.provider)

    def _fill(self, mark: str) -> None:
        """Show the providers; mark one by its name, else the first."""
        self._rows = sorted(self._desk.providers(), key=lambda row: _GROUPS.index(_group(row)))
        options: list[Option] = []
        group = ""
        for row in self._rows:
            if (now_in := _group(row)) != group:
                title = Content.styled(("\n" if group else "") + text(now_in), "bold $accent")
                options.append(Option(title, disabled=True))
                group = now_in
            options.append(Option(self._prompt(row), id=row.profile.name))
        self.rows.set_options(options)
        names = [option.id for option in options]
        first = next((at for at, name in enumerate(names) if name), None)
        self.rows.highlighted = names.index(mark) if mark in names else first
        self._show_details()

    def _prompt(self, row: ProviderRow) -> Content:
        sign, style = ("✓", "$success") if row.profile.wants_key else ("·", "$foreground 50%")
        sign = sign if row.ready else " "
        name = clean_line(row.profile.label or row.profile.name, code=True)
        used = self._uses(row)
        return Content.assemble(
            ("› " if used else "  ", "$accent"),
            (sign, style),
            (f" {name}", "bold" if used else "" if row.ready else "$foreground 70%"),
        )

    def _uses(self, row: ProviderRow) -> bool:
        return row.profile.name == self._current.provider

    @property
    def _marked(self) -> ProviderRow | None:
        if self.rows.highlighted is None:
            return None
        name = self.rows.get_option_at_index(self.rows.highlighted).id
        return next((row for row in self._rows if row.profile.name == name), None)

    @on(OptionList.OptionHighlighted)
    def _show_details(self) -> None:
        row = self._marked
        width = self.query_one(VerticalScroll).scrollable_content_region.width
        used = self._current if row is not None and self._uses(row) else None
        told = provider_details(row, width, used) if row is not None else Content("")
        if row is not None and not row.ready:
            how = text("providers.how-to-key", key=self._key("provider-edit"))
            told = Content.assemble(told, "\n\n", (how, "$foreground 60%"))
        self.query_one("#details", Static).update(told)

    def _key(self, action: str) -> str:
        return active_keys(self).shown(action)

    def on_resize(self) -> None:
        """Fold the details at the new width, and keep the marked row in view."""
        self.call_after_refresh(self._show_details)
        self.call_after_refresh(self.rows.scroll_to_highlight)

    # What can be done

    def action_back(self) -> None:
        """Go back; where the one in use has another name now, prompts follow it."""
        self.dismiss(None if self._current == self._given else self._current)

    def action_move(self, step: int) -> None:
        """Move through the list."""
        (self.rows.action_cursor_down if step > 0 else self.rows.action_cursor_up)()

    @on(OptionList.OptionSelected)
    @work(name="use", exclusive=True, exit_on_error=False)
    async def action_use(self) -> None:
        """Send the next prompts to the marked provider."""
        row = self._marked
        if row is None:
            return
        profile = row.profile
        if not row.ready:
            name = clean_line(profile.label or profile.name, code=True)
            told = text("providers.not-ready", name=name, key=self._key("provider-edit"))
            self.app.notify(told, severity="warning", timeout=6, markup=False)
        elif self._uses(row) and self._current.model:
            self.dismiss(Target(profile.name, self._current.model))
        elif profile.default_model:
            self.dismiss(Target(profile.name, profile.default_model))
        else:
            await self._choose_model(profile)

    @work(name="list", exclusive=True, exit_on_error=False)
    async def action_list_models(self) -> None:
        """Show what the marked provider has; one of them may be taken."""
        if self._marked is not None:
            await self._choose_model(self._marked.profile)

    async def _choose_model(self, profile: ProviderProfile) -> None:
        picker = ModelPicker(
            self._current,
            self._source,
            self._choices,
            several=False,
            provider=profile.name,
        )
        picked = await self.app.push_screen_wait(picker)
        if picked is not None:
            (target,) = picked.targets
            self.dismiss(Target(target.provider, target.model))

    @work(name="form", exclusive=True, exit_on_error=False)
    async def action_add(self) -> None:
        """Add a provider."""
        await self._open_form(ProviderProfile("", ""))

    @work(name="form", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Edit the marked one."""
        row = self._marked
        if row is None:
            return
        if row.profile.name == DEMO:
            self.app.notify(text("providers.demo-stays"), timeout=4, markup=False)
        else:
            await self._open_form(row.profile)

    async def _open_form(self, profile: ProviderProfile) -> None:
        saved = await self.app.push_screen_wait(ProviderForm(profile, self._desk))
        if saved is not None:
            if profile.name == self._current.provider:
                self._current = replace(self._current, provider=saved.name)
            self._fill(saved.name)
            name = clean_line(saved.label or saved.name, code=True)
            test, use = self._key("provider-test"), self._key("provider-use")
            told = text("providers.saved", name=name, test=test, use=use)
            self.app.notify(told, timeout=5, markup=False)

    @work(name="test", exclusive=True, exit_on_error=False)
    async def action_test(self) -> None:
        """Test the connection of the marked one."""
        row = self._marked
        if row is not None:
            model = self._current.model if self._uses(row) else ""
            await self.app.push_screen_wait(ConnectionTest(row.profile, self._desk, model))

    @work(name="delete", exclusive=True, exit_on_error=False)
    async def action_delete(self) -> None:
        """Take the marked one out of the settings, where it stands there."""
        row = self._marked
        if row is None:
            return
        name = clean_line(row.profile.label or row.profile.name, code=True)
        if not row.own:
            told = text("providers.not-own", name=name)
            self.app.notify(told, timeout=4, markup=False)
            return
        more = text("providers.delete-more")
        if row.built_in:
            more += " " + text("providers.delete-built-in")
        asked = ConfirmDialog(text("providers.delete", name=name), more)
        if await self.app.push_screen_wait(asked):
            await self._desk.delete_provider(row.profile.name)
            self._fill(row.profile.name)
            self.app.notify(text("providers.deleted", name=name), timeout=4, markup=False)


def _group(row: ProviderRow) -> str:
    """The text key of the group that a provider belongs to."""
    if row.own:
        return "providers.own"
    if not row.ready:
        return "providers.without-key"
    return "providers.with-key" if row.profile.wants_key else "providers.keyless"
