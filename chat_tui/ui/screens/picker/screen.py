"""The one picker for models: type to find, mark several to have them side by side."""

import asyncio
import gc
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from chat_tui.core.model_choices import ModelChoices, Place
from chat_tui.core.picking.kinds import Task
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.board import MOST
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.picker.view import ModelSource, PickerView
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.model_table import ModelTable

_REST = 0.25
"""Seconds on a provider after which its list is asked for, where nothing of it is kept."""

_MANY = 2_000
"""Rows from which on to look through all objects takes longer than a key may take."""

_SLOW = 2.0
"""Seconds after which a list that was still on its way is looked for again."""


class Picked(NamedTuple):
    """What was taken."""

    targets: tuple[Target, ...]
    """One, or those that go side by side, in the order in which they were marked."""


class ModelPicker(PickerView[Picked | None]):
    """Asks for a model, or for several that go side by side; gives None where none was taken.

    Args:
        current: the one in use; what is taken has its parameters.
        source: knows the models.
        choices: keeps the favourites.
        several: whether more than one may be taken.
        provider: the one whose models are shown at first; empty for all.
        title: what it is for; clean.
        marked: are marked at first, and given as they are.
        answered: who has answered the newest prompt, which others do as soon as they are taken
            beside each other; each as `str(target)`; None where there is no prompt.
    """

    SCOPE = "models"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("models")]

    def __init__(
        self,
        current: Target,
        source: ModelSource,
        choices: ModelChoices,
        *,
        several: bool = True,
        provider: str = "",
        title: str = "",
        marked: Sequence[Target] = (),
        answered: Collection[str] | None = None,
    ) -> None:
        super().__init__(
            *(current, source), provider=provider, title=title, marked=marked, answered=answered
        )
        self._choices = choices
        self._known = (*marked, current)
        """Are given as they are."""
        self.several = several
        """Whether more than one may be taken."""
        self._asked: set[str] = set()
        """The providers whose lists were asked for."""
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Show what is known, and read the rest."""
        self.filter.focus()
        # Not `Input.Changed`, which comes a frame after the letter: a key is drawn once.
        self.watch(self.filter, "value", self.find, init=False)
        self._take_rows(())
        self._ask_for(self._list.provider or self._current.provider)

    # What there is

    def _ask_for(self, provider: str, *, refresh: bool = False) -> None:
        """Read the models; a provider is asked where nothing of its list is kept."""
        self._asked.add(provider)
        self._loading = provider
        self._say_trouble("")
        self._tell()
        self._load(provider, refresh)

    @work(name="models", group="models", exclusive=True, exit_on_error=False)
    async def _load(self, provider: str, refresh: bool) -> None:
        found = await self._source.model_rows(provider, refresh=refresh)
        self._loading = ""
        if found.trouble is not None:
            self._say_trouble(
                text("picker.failed", reason=clean_line(found.trouble.told, code=True))
            )
        self._take_rows(found.rows)
        self._read_ahead()
        if found.asking:
            self._loading = provider
            self._tell()
            self._look_again(_SLOW, provider)
        elif self._takes_first:
            self.action_take()

    @work(name="facts", group="facts", exclusive=True, exit_on_error=False)
    async def _read_ahead(self) -> None:
        """Read what is known of all models, so that a condition that is typed finds it read."""
        while self._list.finder.read_ahead():  # noqa: ASYNC110 - work in slices, no waiting
            await asyncio.sleep(0)
        if len(self._list.rows) >= _MANY:
            # Python would look through all of them within a key, some letters later.
            gc.collect()

    @on(Worker.StateChanged)
    def tell_that_there_is_no_list(self, event: Worker.StateChanged) -> None:
        """Say what can be done without the list; the app tells why there is none."""
        if event.state is WorkerState.ERROR and event.worker.name == "models":
            self._loading = ""
            self._say_trouble(text("picker.no-list"))
            self._tell()

    def _look_again(self, seconds: float, provider: str) -> None:
        """Read the models once more after a while, unless something else is asked for by then."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, partial(self._ask_for, provider))

    def _take_rows(self, rows: Sequence[ModelRow]) -> None:
        """Show models; the one in use is there whatever lists say."""
        here = Place(self._current.provider, self._current.model)
        if here.model and all(row.place != here for row in rows):
            rows = [ModelRow(here, self._source.label(here.provider)), *rows]
        mark = self._place if self._moved else here if not self._list.words else None
        self._list.take(rows)
        self._show(mark)

    # What is listed

    def find(self, words: str) -> None:
        """Show what was typed for, the best marked."""
        self._list.words = words
        self._takes_first = self._moved = False
        self._show(None)

    # Narrowing

    @property
    def for_task(self) -> Task | None:
        """What models are looked for; None for anything."""
        return self._list.task

    def action_next_task(self, step: int) -> None:
        """Show what suits the next task, or all models again."""
        self._list.next_task(step)
        self._narrowed()
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    def action_next_effort(self, step: int) -> None:
        """Show what suits the task where it is worth more effort, or less."""
        if self._list.task is None:
            self.filter.action_end()
            return
        self._list.next_effort(step)
        self._narrowed()

    def action_next_ability(self, step: int) -> None:
        """Show only models that can do the next thing, or all again."""
        self._list.next_ability(step)
        self._narrowed()

    def action_next_provider(self, step: int) -> None:
        """Show only models of the next provider, or of all again."""
        near = self._place.provider if self._place is not None else self._current.provider
        self._list.next_provider(near, step)
        self._narrowed()
        if self._timer is not None:
            self._timer.stop()
        if self._list.provider and self._list.provider not in self._asked:
            self._look_again(_REST, self._list.provider)

    def action_next_order(self, step: int) -> None:
        """Show them in another order."""
        self._list.next_order(step)
        self._narrowed()

    def _narrowed(self) -> None:
        self._moved = False
        self._show(None)

    # What else can be done

    def action_refresh_list(self) -> None:
        """Ask the server anew: of the provider that is shown, else of the marked model's."""
        near = self._place.provider if self._place is not None else self._current.provider
        self._ask_for(self._list.provider or near, refresh=True)

    @work(name="favourite", exit_on_error=False)
    async def action_toggle_favourite(self) -> None:
        """Make the marked model a favourite, or one no longer."""
        listed = self.table.marked
        if listed is None:
            return
        row = listed.row or ModelRow(listed.place, self._source.label(listed.place.provider))
        favourite = not row.use.favourite
        await self._choices.set_favourite(row.place, favourite)
        self._list.set_favourite(row, favourite)
        self._show(self._place)

    # Taking

    def action_mark(self) -> None:
        """Mark the model under the cursor to go side by side with others, or mark it no longer."""
        place = self._place
        if place is None:
            return
        if not self.several:
            self.app.notify(text("picker.one-only"), timeout=4, markup=False)
            return
        left = [each for each in self._marked if (each.provider, each.model) != place]
        if len(left) == len(self._marked):
            if len(left) >= MOST:
                self.app.notify(text("picker.most", count=MOST), timeout=4, markup=False)
                return
            left.append(self._target(place))
        self._marked = left
        # What is typed next looks for another one.
        self.filter.select_all()
        self._show_signs()
        self._tell()

    def _target(self, place: Place) -> Target:
        known = (each for each in self._known if (each.provider, each.model) == place)
        return next(known, replace(self._current, **place._asdict(), system_prompt=None))

    @on(Input.Submitted)
    def action_take(self) -> None:
        """Take the models that were marked, else the one under the cursor.

        While the list is being read, what was typed may mean one that is not there yet: it is
        taken as soon as it is, or with another Enter.
        """
        if self._marked:
            self.dismiss(Picked(tuple(self._marked)))
        elif self._loading and self._list.words and not self._moved and not self._takes_first:
            self._takes_first = True
            self._tell()
        elif self._place is not None:
            self.dismiss(Picked((self._target(self._place),)))

    @on(ModelTable.Chosen)
    def take_clicked(self, event: ModelTable.Chosen) -> None:
        """Take the model that was clicked twice."""
        event.stop()
        self._moved = True
        self.action_take()

    def action_leave(self) -> None:
        """Take none."""
        self.dismiss(None)
