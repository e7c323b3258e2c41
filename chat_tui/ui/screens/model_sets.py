"""Sets of models that go side by side again and again: use one, save one, delete one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.core.model_choices import ModelChoices, ModelSet
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.dialogs import ConfirmDialog, LineDialog
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of

_LONGEST = 60
"""Characters of a set's name."""


async def choose_set(
    app: App[Any], choices: ModelChoices, current: ModelSet | None
) -> ModelSet | None:
    """Show the saved sets; gives the one to go side by side with. Runs in a worker.

    Args:
        app: shows them.
        choices: keeps them.
        current: the models that are side by side now, which can be saved; None where none are.
    """
    return await app.push_screen_wait(ModelSetsScreen(choices, current))


class ModelSetsScreen(ActionDialog[ModelSet | None]):
    """Lists the sets; gives the one that is used, None where none is.

    Args:
        choices: keeps them.
        current: the models that are side by side now; None where none are.
    """

    SCOPE = "model-sets"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("model-sets")]
    DEFAULT_CSS: ClassVar[str] = """
    ModelSetsScreen {
        align: center middle;
        & > Vertical {
            width: 90; max-width: 100%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & OptionList {
            height: auto; max-height: 1fr; border: none; background: $surface; padding: 0;
            text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
            &:focus { border: none; }
        }
        & #none { display: none; height: auto; color: $text-muted; }
        & ActionHints { margin: 1 0 0 0; }
        &.-none OptionList { display: none; }
        &.-none #none { display: block; }
    }
    """

    rows = query_one(OptionList)

    def __init__(self, choices: ModelChoices, current: ModelSet | None) -> None:
        super().__init__()
        self._choices = choices
        self._current = current
        self._sets: Sequence[ModelSet] = ()

    @property
    def can_save(self) -> bool:
        """Whether there are models side by side that make a set."""
        return self._current is not None

    def compose(self) -> ComposeResult:
        """The sets, or how to save one, and the keys."""
        with Vertical() as box:
            box.border_title = Content(text("model-sets.title"))
            yield OptionList(markup=False)
            yield Static("", id="none", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Read them."""
        self.rows.focus()
        self._reload("")

    @work(name="sets", exclusive=True, group="sets", exit_on_error=False)
    async def _reload(self, mark: str) -> None:
        await self._show(mark)

    async def _show(self, mark: str) -> None:
        """Show them; mark one by its name, else the first."""
        self._sets = await self._choices.sets()
        self.rows.set_options(Option(_row(each)) for each in self._sets)
        names = [each.name for each in self._sets]
        if names:
            self.rows.highlighted = names.index(mark) if mark in names else 0
        self.set_class(not names, "-none")
        key = active_keys(self).shown("model-set-save")
        words = text("model-sets.empty-here" if self.can_save else "model-sets.empty", key=key)
        self.query_one("#none", Static).update(words)
        if not names:
            self.set_focus(None)
        elif self.focused is None:
            self.rows.focus()

    @property
    def _marked(self) -> ModelSet | None:
        at = self.rows.highlighted
        return self._sets[at] if at is not None and at < len(self._sets) else None

    def action_move(self, step: int) -> None:
        """Mark another one."""
        if self._sets:
            self.rows.highlighted = ((self.rows.highlighted or 0) + step) % len(self._sets)

    @on(OptionList.OptionSelected)
    def action_use(self) -> None:
        """Go side by side with the marked one."""
        if self._marked is not None:
            self.dismiss(self._marked)

    @work(name="save", exit_on_error=False)
    async def action_save(self) -> None:
        """Save the models that are side by side now, under a name."""
        current = self._current
        if current is None:
            self.app.notify(text("model-sets.nothing-to-save"), timeout=4, markup=False)
            return
        asks = LineDialog(
            text("model-sets.name"),
            clean_line(current.name),
            text("model-sets.name-hint"),
            longest=_LONGEST,
        )
        written = await self.app.push_screen_wait(asks)
        name = clean_line(written or "")
        if not name or not await self._may_replace(name):
            return
        await self._choices.save_set(replace(current, name=name))
        await self._show(name)
        told = text("model-sets.saved", name=clean_line(name, code=True))
        self.app.notify(told, timeout=4, markup=False)

    async def _may_replace(self, name: str) -> bool:
        """Whether there is no set of a name yet, or the user wants another one in its place."""
        there = next((each for each in self._sets if each.name == name), None)
        if there is None:
            return True
        more = text("model-sets.overwrite-more", models=_models(there))
        asked = ConfirmDialog(text("model-sets.overwrite", name=_name(there)), more)
        return await self.app.push_screen_wait(asked)

    @work(name="delete", exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete the marked one, after a question."""
        marked = self._marked
        if marked is None:
            return
        question = text("model-sets.delete", name=_name(marked))
        if await self.app.push_screen_wait(ConfirmDialog(question, text("model-sets.delete-more"))):
            await self._choices.delete_set(marked.name)
            await self._show("")


def _row(models: ModelSet) -> Content:
    """A set: its name and what the models are told of each other; below it the models."""
    return Content.assemble(
        (_name(models), "bold"),
        (f"  {text(f'model-sets.sharing.{models.sharing}')}", "$foreground 60%"),
        (f"\n  {_models(models)}", "$foreground 80%"),
    )


def _name(models: ModelSet) -> str:
    return clean_line(models.name, code=True)


def _models(models: ModelSet) -> str:
    return " · ".join(map(_told, models.targets))


def _told(target: Target) -> str:
    """A model, and which parameters it has."""
    names = ", ".join(f"{name} {value}" for name, value in target.parameters.items())
    words = f"{target.model} ({names})" if names else target.model
    return clean_line(words, code=True)
