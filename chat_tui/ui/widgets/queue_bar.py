"""The prompts that wait for the end of the answer, above the one that is being written."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import bindings_for
from chat_tui.ui.attached_words import counted

_ROWS = 3
"""Prompts that are shown at once."""

_LOW = 18
"""Lines of a terminal under which one is shown."""

_LOOKED_AT = 400
"""Characters of a prompt that are looked at; no terminal is wider."""


class QueueBar(Static, can_focus=True):
    """Lists what waits, the next one first; hidden while nothing does."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("queue")]

    DEFAULT_CSS: ClassVar[str] = """
    QueueBar {
        display: none;
        height: auto;
        margin: 0 1;
        padding: 0 1;
        background: $surface;
        color: $foreground;
        border-left: outer $border-blurred;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-shown { display: block; }
        &.-held { border-left: outer $warning; }
        &:focus { border-left: outer $primary; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._prompts: tuple[Prompt, ...] = ()
        self._title = ""
        self._held = False
        self._lines = 0
        self.marked = 0
        """The prompt that the keyboard is on, counted from 0."""

    def show(self, prompts: Sequence[Prompt], title: str, *, held: bool) -> None:
        """Show what waits.

        Args:
            prompts: all of them, raw; none hide the bar.
            title: how many there are and what can be done, clean.
            held: whether none of them goes out by itself.
        """
        now = (tuple(prompts), title, held)
        if now == (self._prompts, self._title, self._held):
            return
        self._prompts, self._title, self._held = now
        self.set_class(bool(prompts), "-shown")
        self.set_class(held, "-held")
        self.mark(self.marked)

    def mark(self, at: int) -> None:
        """Put the keyboard on a prompt, or on the one that is nearest to its place."""
        self.marked = max(min(at, len(self._prompts) - 1), 0)
        self._draw()

    def on_focus(self) -> None:
        """Show which one is marked."""
        self._draw()

    def on_blur(self) -> None:
        """Show none as marked."""
        self._draw()

    def on_resize(self) -> None:
        """Show as many as there is room for."""
        self._draw()

    @property
    def _focused(self) -> bool:
        # `has_focus` follows only after `on_focus`.
        return self.screen.focused is self

    def _draw(self) -> None:
        count = len(self._prompts)
        rows = 1 if self.screen.size.height < _LOW else _ROWS
        marked = self.marked if self._focused else 0
        first = max(min(marked - rows + 1, count - rows), 0)
        last = min(first + rows, count)
        lines = [Content.styled(self._title, "$warning" if self._held else "$foreground 60%")]
        lines += [self._row(at) for at in range(first, last)]
        if rest := count - (last - first):
            lines.append(Content.styled(text("queue.more", count=rest), "$foreground 60%"))
        layout = self._lines != len(lines)
        self._lines = len(lines)
        self.update(Content("\n").join(lines), layout=layout)

    def _row(self, at: int) -> Content:
        prompt = self._prompts[at]
        # What is attached comes first: the end of a long line is not seen.
        pieces = [(counted(prompt.attached), "$accent"), (clean_line(prompt.text[:_LOOKED_AT]), "")]
        told = Content(" · ").join(Content.styled(*piece) for piece in pieces if piece[0])
        row = Content.assemble((f"{at + 1:>2}  ", "$accent"), told)
        if not self._focused or at != self.marked:
            return row
        cursor = "$block-cursor-foreground on $block-cursor-background"
        return row.pad_right(max(self.content_size.width - row.cell_length, 0)).stylize(cursor)
