"""Merging answers: which ones, into what, and by which model."""

import asyncio
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.merging import RECIPES, Recipe
from chat_tui.core.side_by_side.orders import Order
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.comparing.answers import Answers
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput

_LONGEST = 4_000
"""Characters of the user's own words."""

_REST = 0.2
"""Seconds without a key after which a request is weighed with the words that were written."""

_HEIGHTS = [(0, "-low"), (20, "")]


class MergeWork(Protocol):
    """What the dialog asks of others."""

    async def told_size(self, order: Order) -> str:
        """How large the request would be and what it would cost, in clean words."""
        ...

    async def choose_model(self, current: Target) -> Target | None:
        """Let the user choose a model; None where it is to stay."""
        ...


class MergeDialog(ActionDialog[Order | None]):
    """Asks how answers are merged; gives None where they are not.

    Args:
        answers: two or more, with their texts.
        target: who merges, unless another one is chosen.
        work: weighs the request, and chooses a model.
    """

    SCOPE = "merge"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("merge")]
    DEFAULT_CSS: ClassVar[str] = """
    MergeDialog {
        align: center middle;
        & > Vertical {
            width: 90; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & OptionList {
            height: auto; max-height: 1fr; border: none; background: $surface; padding: 0;
            text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
            &:focus { border: none; }
        }
        & CleanInput { display: none; background: $panel; padding: 0 1; }
        & .-own CleanInput { display: block; }
        & #merge-size { height: auto; color: $text-muted; }
        & #merge-trouble { height: auto; color: $warning; display: none; }
        &.-low > Vertical { height: 100%; }
        &.-low OptionList { height: 1fr; }
    }
    """
    VERTICAL_BREAKPOINTS = _HEIGHTS

    rows = query_one(OptionList)
    line = query_one(CleanInput)

    def __init__(self, answers: Answers, target: Target, work: MergeWork) -> None:
        super().__init__()
        self._answers = answers
        self._target = target
        self._work = work
        self._recipe: Recipe = RECIPES[0]
        self._marked = set(range(len(answers.replies)))

    def compose(self) -> ComposeResult:
        """The recipes, the answers, who merges, and the keys."""
        with Vertical() as box:
            box.border_title = Content(text("merging.title"))
            recipes = [Option(self._recipe_row(recipe)) for recipe in RECIPES]
            answers = [Option(self._answer_row(at)) for at in range(len(self._answers.replies))]
            yield OptionList(*recipes, None, *answers, markup=False)
            yield CleanInput(placeholder=text("merging.own-words"), max_length=_LONGEST)
            yield Static("", id="merge-size", markup=False)
            yield Static("", id="merge-trouble", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Begin at the first recipe."""
        self.rows.highlighted = 0
        self.rows.focus()
        self._weigh()

    # What is shown

    def _recipe_row(self, recipe: Recipe) -> Content:
        sign = "(•) " if recipe == self._recipe else "( ) "
        name, about = text(f"merging.recipe.{recipe}"), text(f"merging.about.{recipe}")
        return Content.assemble(
            (sign, "$accent"), (name, "bold"), (f"  {about}", "$foreground 60%")
        )

    def _answer_row(self, at: int) -> Content:
        reply, name = self._answers.replies[at], self._answers.names[at]
        sign = "[x] " if at in self._marked else "[ ] "
        size = text("merging.characters", count=f"{len(reply.text):,}")
        return Content.assemble((sign, "$accent"), (name, "bold"), (f"  {size}", "$foreground 60%"))

    def _draw(self) -> None:
        rows = [*map(self._recipe_row, RECIPES)]
        rows += [self._answer_row(at) for at in range(len(self._answers.replies))]
        for at, row in enumerate(rows):
            self.rows.replace_option_prompt_at_index(at, row)
        self.query_one(Vertical).set_class(self._recipe == "own", "-own")
        self._tell_trouble("")
        self._weigh()

    @work(name="size", group="size", exclusive=True, exit_on_error=False)
    async def _weigh(self, *, rest: float = 0.0) -> None:
        """Tell who merges, and how much that is, unless it changes within so many seconds."""
        await asyncio.sleep(rest)
        model = clean_line(self._target.model, code=True)
        told = [text("merging.by", model=model)]
        line = self.query_one("#merge-size", Static)
        if not str(line.content).startswith(told[0]):
            line.update(told[0])
        order = self._order()
        if order is not None and (size := await self._work.told_size(order)):
            told.append(size)
        line.update(" · ".join(told))

    def _tell_trouble(self, words: str) -> None:
        told = self.query_one("#merge-trouble", Static)
        told.display = bool(words)
        told.update(words)

    def _order(self) -> Order | None:
        """What would be merged now; None while something is missing."""
        words = self.line.value.strip() if self._recipe == "own" else ""
        if len(self._marked) < 2 or (self._recipe == "own" and not words):
            return None
        replies = tuple(self._answers.replies[at].id for at in sorted(self._marked))
        return Order(replies, self._recipe, words, self._target)

    # What can be done

    def action_move(self, step: int) -> None:
        """Go to the next row (1) or to the one before (-1)."""
        self.rows.focus()
        if step > 0:
            self.rows.action_cursor_down()
        else:
            self.rows.action_cursor_up()

    def action_mark(self) -> None:
        """Choose the recipe that the mark is on, or take an answer in or out."""
        if (at := self.rows.highlighted) is not None:
            self._mark(at)

    @on(OptionList.OptionSelected)
    def mark_chosen(self, event: OptionList.OptionSelected) -> None:
        """The same for a row that was clicked, or taken with Enter."""
        self._mark(event.option_index)

    def _mark(self, at: int) -> None:
        if at < len(RECIPES):
            self._recipe = RECIPES[at]
        else:
            self._marked ^= {at - len(RECIPES)}
        self._draw()
        if at < len(RECIPES) and self._recipe == "own":
            self.line.focus()

    @on(Input.Changed)
    def weigh_words(self) -> None:
        """Tell how much it is with the words as they are."""
        self._weigh(rest=_REST)

    @on(Input.Submitted)
    def merge_written(self) -> None:
        """Merge by the words that were written."""
        self.action_take()

    def action_take(self) -> None:
        """Have them merged."""
        order = self._order()
        if order is not None:
            self.dismiss(order)
        elif len(self._marked) < 2:
            self._tell_trouble(text("merging.too-few"))
        else:
            self._tell_trouble(text("merging.no-words"))
            self.line.focus()

    @work(name="model", exclusive=True, exit_on_error=False)
    async def action_choose_model(self) -> None:
        """Have another model merge."""
        target = await self._work.choose_model(self._target)
        if target is not None:
            self._target = target
            self._weigh()
