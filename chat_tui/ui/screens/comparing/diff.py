"""Two answers beside each other, word by word: what they share and where they differ."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.getters import query_one
from textual.theme import Theme
from textual.widgets import Static

from chat_tui.core.safety import clean
from chat_tui.core.side_by_side.diff import Piece, in_common, word_diff
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.comparing.answers import Answers
from chat_tui.ui.screens.comparing.diff_layout import GUTTER, lay_out
from chat_tui.ui.screens.comparing.diff_view import DiffView
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.marked_rows import cut

_WIDE = 100
"""Cells from which on two columns are shown unasked."""

_TAB = 4
"""Cells of a tab at most."""


class DiffScreen(ActionDialog[None]):
    """Compares two of several answers; which two can be changed.

    Args:
        answers: two or more.
    """

    SCOPE = "diff"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("diff")]
    DEFAULT_CSS: ClassVar[str] = """
    DiffScreen {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #diff-title { background: $surface; text-style: bold; }
        & > #diff-names { background: $panel; }
        & > DiffView { padding: 0 1; }
        & > ActionHints { padding: 0 1; background: $surface; }
    }
    """

    view = query_one(DiffView)

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers
        other = answers.at + 1 if answers.at + 1 < len(answers.replies) else answers.at - 1
        self._shown = [min(answers.at, other), max(answers.at, other)]
        self._pieces: Sequence[Piece] | None = None
        self._share = 0.0
        """Of the words, those that both have."""
        self._columns: bool | None = None
        """Whether two columns are shown, once that was chosen."""

    def compose(self) -> ComposeResult:
        """How much differs, whose answers they are, the diff, and the keys."""
        yield Static("", id="diff-title", markup=False)
        yield Static("", id="diff-names", markup=False)
        yield DiffView()
        yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Compare the first two."""
        self.view.focus()
        self.app.theme_changed_signal.subscribe(self, self._restyle)
        self._compare()

    def on_resize(self, event: Resize) -> None:
        """Lay it out anew for the new width; a change that was gone to stays in view."""
        if self._pieces is not None and event.size.width:
            self._lay_out()

    # Comparing

    @work(name="diff", group="diff", exclusive=True, exit_on_error=False)
    async def _compare(self) -> None:
        self._pieces = None
        self._tell()
        texts = [self._answers.replies[at].text for at in self._shown]
        # A megabyte takes a second.
        self._pieces, self._share = await asyncio.to_thread(_compared, *texts)
        self._lay_out(anew=True)

    @work(name="lines", group="lines", exclusive=True, exit_on_error=False)
    async def _lay_out(self, *, anew: bool = False) -> None:
        pieces, view = self._pieces, self.view
        width = view.scrollable_content_region.width
        if pieces is None or width < 1:
            return
        laid = await asyncio.to_thread(
            lay_out, pieces, width, columns=self._in_columns, marks=self._is_colourless
        )
        if pieces is self._pieces:
            if anew:
                view.show(laid)
            else:
                view.show_anew(laid)
            self._tell()

    @property
    def _in_columns(self) -> bool:
        """Whether two columns are wanted."""
        return self.size.width >= _WIDE if self._columns is None else self._columns

    @property
    def _is_colourless(self) -> bool:
        """Whether colours cannot be told apart, or may mean anything."""
        return self.app.no_color or self.app.current_theme.ansi

    def _restyle(self, _theme: Theme) -> None:
        self._lay_out()

    # What is told

    def _tell(self) -> None:
        view, pieces, told = self.view, self._pieces, list[str]()
        if pieces is None:
            told.append(text("diff.comparing"))
        elif not view.changes:
            equal = all(piece.change == "same" for piece in pieces)
            told.append(text("diff.same") if equal else text("diff.only-space"))
        else:
            at, of = f"{view.marked + 1:,}", f"{view.changes:,}"
            one = "diff.change" if view.changes == 1 else "diff.changes"
            told.append(text(one, of=of) if view.marked < 0 else text("diff.at", at=at, of=of))
            told.append(text("diff.share", share=round(self._share * 100)))
        title = Content.assemble(
            text("diff.title"), (f"  {' · '.join(told)}", "$foreground 60% not bold")
        )
        self.query_one("#diff-title", Static).update(title, layout=False)
        self.query_one("#diff-names", Static).update(self._names(), layout=False)

    def _names(self) -> Content:
        """Whose answers they are: above the columns, or one after the other."""
        left, right = (self._answers.names[at] for at in self._shown)
        width = self.view.scrollable_content_region.width
        room = (width - GUTTER) // 2 - 2
        signs = ("- ", "$text-error"), ("+ ", "$text-success")
        if not self.view.in_columns or room < 1:
            names = [cut(name, max(width // 2 - GUTTER, 1)) for name in (left, right)]
            return Content.assemble(signs[0], names[0], "   ", signs[1], names[1])
        left = cut(left, room)
        gap = " " * (room - cell_len(left) + GUTTER)
        return Content.assemble(signs[0], left, gap, signs[1], cut(right, room))

    # What can be done

    def action_toggle_view(self) -> None:
        """Show two columns, or one text."""
        self._columns = not self._in_columns
        self._lay_out()

    def action_move_to_change(self, step: int) -> None:
        """Go to the next change (1) or the one before (-1); behind the last comes the first."""
        view = self.view
        if not view.changes:
            self.app.notify(text("diff.none"), timeout=3, markup=False)
            return
        at = view.marked + step if view.marked >= 0 or step > 0 else -1
        view.go_to(at % view.changes)
        self._tell()

    def action_other(self, side: int) -> None:
        """Take the next answer on the left (0) or on the right (1); two of them change places."""
        count, shown = len(self._answers.replies), self._shown
        at = (shown[side] + 1) % count
        if at == shown[1 - side]:
            at = (at + 1) % count
        self._shown = shown[::-1] if count == 2 else [at, shown[1]] if side == 0 else [shown[0], at]
        self._compare()


def _compared(left: str, right: str) -> tuple[Sequence[Piece], float]:
    """What two texts have in common: piece by piece, and as a share."""
    pieces = word_diff(shown_text(left), shown_text(right))
    return pieces, in_common(pieces)


def shown_text(words: str) -> str:
    """A text as it is compared: clean, without tabs."""
    return clean(words).expandtabs(_TAB)
