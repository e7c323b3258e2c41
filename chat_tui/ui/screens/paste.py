"""A folded paste: to be read, changed, or unfolded into the prompt."""

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanTextArea
from chat_tui.ui.widgets.text_lines import Line, TextLines

_LONGEST = 100_000
"""Characters that can be changed here; with more of them a key takes too long."""

_LONGEST_LINE = 5_000


class OpenedPaste(NamedTuple):
    """What came of a paste that was opened."""

    words: str
    unfolded: bool
    """Whether it is to stand in the prompt as it is."""


class PasteScreen(ActionDialog[OpenedPaste | None]):
    """Shows a paste; gives None where it is to stay.

    Args:
        words: the paste; clean.
        tokens: what it weighs.
    """

    SCOPE = "paste"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("paste")]
    DEFAULT_CSS: ClassVar[str] = """
    PasteScreen {
        align: center middle;
        & > Vertical {
            width: 110; max-width: 100%; height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & TextArea { height: 1fr; background: $panel; scrollbar-size-vertical: 1; }
        & #details { height: auto; color: $text-muted; }
    }
    """

    def __init__(self, words: str, tokens: int) -> None:
        super().__init__()
        self._words = words
        self._tokens = tokens
        longest = max(map(len, words.split("\n")))
        self._area: CleanTextArea | None = None
        if len(words) <= _LONGEST and longest <= _LONGEST_LINE:
            self._area = CleanTextArea(words)

    @property
    def editable(self) -> bool:
        """Whether it can be changed here."""
        return self._area is not None

    def compose(self) -> ComposeResult:
        """The text, how long it is, and the keys."""
        with Vertical() as box:
            box.border_title = Content(text("paste.title"))
            yield self._area or TextLines()
            yield Static(self._details(), id="details", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Show what is too long to be changed."""
        if self._area is None:
            self.query_one(TextLines).show([Line(line) for line in self._words.split("\n")])

    def _details(self) -> str:
        figures = text(
            "paste.figures",
            characters=f"{len(self._words):,}",
            lines=f"{self._words.count(chr(10)) + 1:,}",
            tokens=f"{self._tokens:,}",
        )
        return figures if self.editable else f"{figures} · {text('paste.read-only')}"

    def action_keep(self) -> None:
        """Keep it as it is written here."""
        self.dismiss(OpenedPaste(self._now, unfolded=False) if self.editable else None)

    def action_unfold(self) -> None:
        """Write it into the prompt."""
        self.dismiss(OpenedPaste(self._now, unfolded=True))

    @property
    def _now(self) -> str:
        return self._area.text if self._area is not None else self._words
