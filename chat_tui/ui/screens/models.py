"""A small choice of models: type to find one, or give a name that is not listed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.screens.modal import Dialog
from chat_tui.ui.widgets.clean_input import CleanInput

_SHOWN = 200
"""Rows at most; typing finds the others."""


class ModelDialog(Dialog[Target | None]):
    """Asks for a model; gives None where it is to stay.

    Args:
        current: the one in use.
        load: gives the targets that there are; may take some seconds.
        label: how a provider is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]

    DEFAULT_CSS: ClassVar[str] = """
    ModelDialog {
        align: center middle;
        & > Vertical {
            width: 70; max-width: 100%; height: 20; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; }
        & OptionList { height: 1fr; border: none; background: $surface; margin: 1 0 0 0; }
        & Static { color: $text-muted; height: 1; }
    }
    """

    found = query_one(OptionList)

    def __init__(
        self,
        current: Target,
        load: Callable[[], Awaitable[Sequence[Target]]],
        label: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._current = current
        self._load = load
        self._label = label
        self._targets: Sequence[Target] = (current,)
        self._rows: list[Target] = []

    def compose(self) -> ComposeResult:
        """A line to type in, and what it finds."""
        with Vertical() as box:
            box.border_title = Content(text("dialog.models"))
            yield CleanInput(placeholder=text("dialog.models-filter"))
            yield OptionList(markup=False)
            yield Static(text("dialog.models-loading"), markup=False)

    def on_mount(self) -> None:
        """Show what is known, and ask for the rest."""
        self.query_one(Input).focus()
        self._find("")
        self._load_targets()

    @work(name="models", exit_on_error=False)
    async def _load_targets(self) -> None:
        self._targets = await self._load()
        self.query_one(Static).update(text("dialog.models-hint"))
        self._find(self.query_one(Input).value)

    @on(Worker.StateChanged)
    def tell_that_there_is_no_list(self, event: Worker.StateChanged) -> None:
        """Say what can be done without the list; the app tells why there is none."""
        if event.state is WorkerState.ERROR:
            self.query_one(Static).update(text("dialog.models-failed"))

    @on(Input.Changed)
    def find(self, event: Input.Changed) -> None:
        """Show the models that hold all of the words."""
        self._find(event.value)

    def _find(self, words: str) -> None:
        wanted = words.lower().split()
        self._rows = [
            target
            for target in self._targets
            if all(word in f"{target.model} {target.provider}".lower() for word in wanted)
        ][:_SHOWN]
        options = [Option(self._row(target)) for target in self._rows]
        name = words.strip()
        if name and all(target.model != name for target in self._rows):
            self._rows.append(Target(self._current.provider, name))
            options.append(Option(Content(text("dialog.models-typed", model=clean_line(name)))))
        self.found.set_options(options)
        self.found.highlighted = 0 if options else None

    def _row(self, target: Target) -> Content:
        sign = "› " if str(target) == str(self._current) else "  "
        model = clean_line(target.model, code=True)
        provider = clean_line(self._label(target.provider))
        return Content.assemble((sign, "$accent"), model, (f"  {provider}", "$foreground 60%"))

    def action_move(self, step: int) -> None:
        """Move through what was found, from the line that is typed in."""
        if self.found.option_count:
            now = self.found.highlighted or 0
            self.found.highlighted = (now + step) % self.found.option_count

    @on(Input.Submitted)
    def take_marked(self) -> None:
        """Take the marked row."""
        if self.found.highlighted is not None:
            self.dismiss(self._rows[self.found.highlighted])

    @on(OptionList.OptionSelected)
    def take(self, event: OptionList.OptionSelected) -> None:
        """Take a row that was clicked."""
        self.dismiss(self._rows[event.option_index])
