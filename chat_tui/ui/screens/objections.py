"""What speaks against sending a prompt with pictures and documents, and the ways out."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.attachments.objections import Objection
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of

WayOn = Literal["send", "model", "take-out"]
"""Send it as it is, after another model was chosen, or without what was objected to."""

_DEAF = 0.4
"""Seconds after it opens in which no key leads on: who was typing has not read it."""


class ObjectionsDialog(ActionDialog[WayOn | None]):
    """Says it, and gives the way on; None for going back to the prompt. Enter sends nothing.

    Args:
        found: what speaks against it.
        can_take_out: whether sending it without some of what is attached would help.
        monotonic: the time in seconds.
    """

    SCOPE = "objections"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("objections")]
    DEFAULT_CSS: ClassVar[str] = """
    ObjectionsDialog {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $warning; padding: 0 1;
        }
        & VerticalScroll { height: auto; max-height: 60vh; scrollbar-size-vertical: 1; }
        & Static { height: auto; }
        & ActionHints { margin: 1 0 0 0; height: 1; }
    }
    """

    def __init__(
        self, found: Sequence[Objection], monotonic: Callable[[], float], *, can_take_out: bool
    ) -> None:
        super().__init__()
        self._found = found
        self.can_take_out = can_take_out
        """Whether sending it without some of what is attached would help."""
        self._monotonic = monotonic
        self._opened = monotonic()

    def compose(self) -> ComposeResult:
        """Each with what can be done about it, and the keys."""
        lines = []
        for each in self._found:
            line = Content.assemble(("! ", "$warning"), clean(each.words, code=True))
            if each.hint:
                line += Content.styled(f" {clean(each.hint, code=True)}", "$foreground 60%")
            lines.append(line)
        with Vertical() as box:
            box.border_title = Content(text("objections.title"))
            with VerticalScroll(can_focus=False):
                yield Static(Content("\n").join(lines), markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def action_go(self, way: WayOn) -> None:
        """Go on, unless the key was meant for what was on the screen before."""
        if self._monotonic() - self._opened >= _DEAF:
            self.dismiss(way)
