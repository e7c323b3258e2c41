"""All models of a provider, with what is known of them; typing finds one among thousands."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.core.errors import ChatError
from chat_tui.core.models import ModelInfo
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import ProviderProfile
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.desk import ProviderDesk
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.screens.providers.details import model_row
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput

_SHOWN = 200
"""Rows at most; typing finds the others."""

_FIGURES_WIDTH = 45
"""Columns beside a model's name."""


class ModelListScreen(ActionDialog[str | None]):
    """Shows the models of a provider; gives the chosen one's id, None where none was chosen.

    Args:
        profile: the provider.
        desk: has the list.
    """

    SCOPE = "models"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("models")]
    DEFAULT_CSS: ClassVar[str] = """
    ModelListScreen {
        align: center middle;
        & > Vertical {
            width: 112; max-width: 100%; height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; }
        & #told { height: 1; color: $text-muted; text-wrap: nowrap;
            text-overflow: ellipsis; }
        & OptionList {
            height: 1fr; border: none; background: $surface; text-wrap: nowrap;
            text-overflow: ellipsis; scrollbar-size-vertical: 1; padding: 0;
        }
        & OptionList:focus { border: none; background-tint: $foreground 0%; }
    }
    """

    found = query_one(OptionList)
    told = query_one("#told", Static)

    def __init__(self, profile: ProviderProfile, desk: ProviderDesk) -> None:
        super().__init__()
        self._profile = profile
        self._desk = desk
        self._models: Sequence[tuple[str, ModelInfo]] = ()
        """With what is searched of each, in small letters."""
        self._rows: list[str] = []

    def compose(self) -> ComposeResult:
        """A line to type in, how many there are, and those that fit."""
        with Vertical() as box:
            name = clean_line(self._profile.label or self._profile.name, code=True)
            box.border_title = Content(text("model-list.title", name=name))
            yield CleanInput(placeholder=text("dialog.models-filter"))
            yield Static("", id="told", markup=False)
            yield OptionList(markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Ask for the list."""
        self.query_one(Input).focus()
        self._load(refresh=False)

    def on_resize(self) -> None:
        """Fit the rows to the new width."""
        self._find(self.query_one(Input).value)

    def action_refresh_list(self) -> None:
        """Ask the server anew."""
        self._load(refresh=True)

    @work(name="models", exclusive=True, exit_on_error=False)
    async def _load(self, *, refresh: bool) -> None:
        self.told.update(Content(text("dialog.models-loading")))
        try:
            models = await self._desk.models(self._profile.name, refresh=refresh)
        except ChatError as error:
            words = clean_line(error.told, code=True)
            self.told.update(Content.styled(words, "$error"))
            return
        self._models = [(_searched(model), model) for model in models]
        self._find(self.query_one(Input).value)

    @on(Input.Changed)
    def find(self, event: Input.Changed) -> None:
        """Show the models that hold all of the words."""
        self._find(event.value)

    def _find(self, words: str) -> None:
        wanted = words.lower().split()
        found = [
            model for searched, model in self._models if all(word in searched for word in wanted)
        ]
        width = max(min(self.size.width, 112), 30) - 6
        name_width = max(width - _FIGURES_WIDTH, min(width - 8, 26))
        self._rows = [model.id for model in found[:_SHOWN]]
        options = [Option(model_row(model, name_width)) for model in found[:_SHOWN]]
        name = words.strip()
        if name and name not in self._rows:
            self._rows.append(name)
            options.append(Option(Content(text("dialog.models-typed", model=clean_line(name)))))
        self.found.set_options(options)
        self.found.highlighted = 0 if options else None
        if self._models:
            self._tell_count(len(found))

    def _tell_count(self, found: int) -> None:
        count = f"{found:,}"
        if found > _SHOWN:
            told = text("model-list.some", count=count, shown=_SHOWN)
        elif found < len(self._models):
            told = text("model-list.found", count=count, total=f"{len(self._models):,}")
        else:
            told = text("model-list.one") if found == 1 else text("model-list.all", count=count)
        self.told.update(Content(told), layout=False)

    def action_move(self, step: int) -> None:
        """Move through what was found, from the line that is typed in."""
        if count := self.found.option_count:
            now = self.found.highlighted or 0
            at = now + step
            around = at % count if abs(step) == 1 else min(max(at, 0), count - 1)
            self.found.highlighted = around

    @on(Input.Submitted)
    def action_take(self) -> None:
        """Take the marked row."""
        if self.found.highlighted is not None:
            self.dismiss(self._rows[self.found.highlighted])

    @on(OptionList.OptionSelected)
    def take(self, event: OptionList.OptionSelected) -> None:
        """Take a row that was clicked."""
        self.dismiss(self._rows[event.option_index])


def _searched(model: ModelInfo) -> str:
    return " ".join((model.id, model.name, *model.abilities)).lower()
