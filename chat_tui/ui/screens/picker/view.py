"""How the picker looks: the line to type in, the models, all that is known of one, the keys."""

from collections.abc import Collection, Sequence
from typing import ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from chat_tui.core.model_choices import Place
from chat_tui.core.picking.rows import Listing
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.screens.modal import ActionDialog, T
from chat_tui.ui.screens.picker.details import details_of
from chat_tui.ui.screens.picker.listing import Listed, ModelList
from chat_tui.ui.screens.picker.told import Standing, told, why_none
from chat_tui.ui.widgets.action_hints import ActionHints, ClickableLine, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput
from chat_tui.ui.widgets.model_table import ModelTable
from chat_tui.ui.widgets.text_lines import TextLines

_WIDTHS = [(0, "-narrow"), (110, "-wide")]
"""From 110 columns on the details stand at the right of the list, unless they are hidden."""

_HEIGHTS = [(0, "-low"), (30, "-high")]
"""Under 30 rows they take its place where there is no room at the right."""


class ModelSource(Protocol):
    """Knows the models (the backend of the app)."""

    def label(self, provider: str) -> str:
        """See `Backend.label`."""
        ...

    async def model_rows(self, provider: str, *, refresh: bool = False) -> Listing:
        """See `Backend.model_rows`."""
        ...


class PickerView(ActionDialog[T]):
    """What is seen of the picker, and moving through it.

    Args:
        current: the model in use.
        source: knows the models.
        provider: the one whose models are shown at first; empty for all.
        title: what it is for; clean.
        marked: are marked at first.
        answered: who has answered the newest prompt; None where there is none.
    """

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    DEFAULT_CSS: ClassVar[str] = """
    PickerView {
        background: $background;
        & > Vertical {
            margin: 1 3; background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; }
        & #told, & #trouble, & #columns, & #legend {
            height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
        }
        & #trouble { display: none; height: auto; color: $error; text-wrap: wrap; }
        & #trouble.-shown { display: block; }
        & #columns { margin: 1 0 0 0; }
        & Horizontal { height: 1fr; margin: 0 0 1 0; }
        & TextLines {
            width: 44; display: none; margin: 0 0 0 1; padding: 0 1; scrollbar-gutter: stable;
        }
        &.-details TextLines { display: block; }
        &.-narrow > Vertical { margin: 0; }
        &.-narrow #columns { margin: 0; }
        &.-narrow Horizontal { layout: vertical; margin: 0; }
        &.-narrow TextLines { width: 1fr; height: 1fr; margin: 0; }
        &.-low.-narrow.-details ModelTable, &.-low.-narrow.-details #columns { display: none; }
        &.-low #legend { display: none; }
    }
    """

    filter = query_one(CleanInput)
    table = query_one(ModelTable)
    details = query_one(TextLines)

    def __init__(
        self,
        current: Target,
        source: ModelSource,
        *,
        provider: str,
        title: str,
        marked: Sequence[Target],
        answered: Collection[str] | None = None,
    ) -> None:
        super().__init__()
        self._current = current
        self._source = source
        self._title = title
        in_use = {current.provider, *(each.provider for each in marked)}
        self._list = ModelList(source.label, provider, in_use)
        self._marked = list(marked)
        self._answered = answered
        self._loading = ""
        """The provider whose list is being read."""
        self._trouble = ""
        self._moved = False
        """Whether the cursor was put where it is by the user."""
        self._takes_first = False
        """Whether Enter was pressed while the list was being read."""
        self._details: bool | None = None
        """Whether details are shown; None: where there is room."""

    def compose(self) -> ComposeResult:
        """A line to type in, what is listed, the models, the marked one's details, the keys."""
        with Vertical() as box:
            box.border_title = Content(self._title or text("picker.title"))
            yield CleanInput(placeholder=text("picker.filter"))
            yield ClickableLine(id="told")
            yield Static("", id="trouble", markup=False)
            yield Static("", id="columns", markup=False)
            with Horizontal():
                yield ModelTable()
                details = TextLines()
                details.can_focus = False
                yield details
            yield Static(text("picker.legend"), id="legend", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_resize(self, event: events.Resize) -> None:
        """Fit the columns to the new width."""
        self._show_details()
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        self.query_one("#columns", Static).update(self.table.heading(), layout=False)
        self._tell()
        self._describe()

    # What is seen

    def _show(self, mark: Place | None) -> None:
        """List what is asked for; mark a model, or the first one."""
        listed = self._list.find(self._current.provider)
        at = listed.place_of(mark) if mark is not None else None
        self.table.remark = "" if self._loading else why_none(self._list, listed)
        self.table.show_rows(listed, at or 0, keep_place=mark is not None)
        self._show_signs()
        self._tell()
        self._describe()

    def _show_signs(self) -> None:
        places = dict.fromkeys(Place(each.provider, each.model) for each in self._marked)
        self.table.set_signs(Place(self._current.provider, self._current.model), tuple(places))

    @property
    def _listed(self) -> Listed | None:
        rows = self.table.rows
        return rows if isinstance(rows, Listed) else None

    @property
    def _place(self) -> Place | None:
        return self.table.marked.place if self.table.marked is not None else None

    @property
    def _asks_new_ones(self) -> bool:
        """Whether one of those that are marked has not answered the newest prompt."""
        known = self._answered
        return known is not None and any(str(each) not in known for each in self._marked)

    def _tell(self) -> None:
        """Say what is listed, and how many."""
        listed = self._listed
        label = self._source.label(self._loading) if self._loading else ""
        standing = Standing(
            listed.size if listed is not None else 0,
            len(self._marked),
            clean_line(label, code=True),
            self._takes_first,
            listed.query.wrong if listed is not None else (),
            answers=self._asks_new_ones,
            hidden=listed.hidden if listed is not None else 0,
        )
        line = told(self, self._list, standing, self.query_one("#told").size.width)
        self.query_one("#told", ClickableLine).update(line, layout=False)

    def _say_trouble(self, words: str) -> None:
        line = self.query_one("#trouble", Static)
        if words != self._trouble:
            self._trouble = words
            line.update(words)
            line.set_class(bool(words), "-shown")

    @on(ModelTable.Moved)
    def _describe(self) -> None:
        """Show all that is known of the model under the cursor."""
        if not self.details.display:
            return
        width = self.details.scrollable_content_region.width
        marked = self.table.marked
        self.details.show(details_of(marked, width) if marked is not None else [])

    # Moving

    def action_move(self, step: int) -> None:
        """Move through what was found, from the line that is typed in."""
        count = len(self.table.rows)
        if not count:
            return
        if abs(step) > 1 and not self.table.display:
            # A page of theirs: where there are few rows, ten lines are more than are seen.
            page = max(self.details.size.height - 1, 1)
            self.details.scroll_relative(y=page if step > 0 else -page, animate=False)
            return
        self._moved = True
        at = self.table.at + step
        self.table.move_to(at % count if abs(step) == 1 else at)

    # Details

    def action_toggle_details(self) -> None:
        """Show all that is known of the marked model, or hide it."""
        self._details = not self.has_class("-details")
        self._show_details()
        self.call_after_refresh(self._fit)

    def _show_details(self) -> None:
        shown = self.app.size.width >= _WIDTHS[1][0] if self._details is None else self._details
        self.set_class(shown, "-details")
