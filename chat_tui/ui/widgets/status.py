"""Lines of a fixed height that tell how things are."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static


class StatusLine(Static):
    """Model and state on the left, figures on the right; what does not fit is left out."""

    DEFAULT_CSS: ClassVar[str] = """
    StatusLine {
        height: 1;
        padding: 0 2;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)
        self._left: tuple[tuple[str, str], ...] = ()
        self._right = ""

    def show(self, *left: tuple[str, str], right: str = "") -> None:
        """Show pieces of text with a style each (`$primary`, `bold`, or empty), clean already."""
        if left != self._left or right != self._right:
            self._left, self._right = left, right
            self._draw()

    def on_resize(self) -> None:
        """Fit the right side to the new width."""
        self._draw()

    def _draw(self) -> None:
        pieces: list[str | tuple[str, str]] = []
        used = 0
        for words, style in self._left:
            if not words:
                continue
            piece = f" · {words}" if pieces else words
            used += cell_len(piece)
            pieces.append((piece, style) if style else piece)
        gap = self.content_size.width - used - cell_len(self._right)
        if self._right and gap > 1:
            pieces.append(" " * gap + self._right)
        # The line has a fixed size: laying out the screen for it would cost 50 ms and more.
        self.update(Content.assemble(*pieces), layout=False)


class KeyHints(Static):
    """Keys and what they do here, as many as fit."""

    DEFAULT_CSS: ClassVar[str] = """
    KeyHints {
        height: 1;
        padding: 0 2;
        color: $text-muted;
        text-wrap: nowrap;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)
        self._hints: tuple[tuple[str, str], ...] = ()

    def show(self, hints: tuple[tuple[str, str], ...]) -> None:
        """Show keys with their labels."""
        if hints != self._hints:
            self._hints = hints
            self._draw()

    def on_resize(self) -> None:
        """Show as many as fit into the new width."""
        self._draw()

    def _draw(self) -> None:
        room = self.content_size.width
        pieces: list[str | tuple[str, str]] = []
        for key, label in self._hints:
            cells = cell_len(key) + cell_len(label) + 3
            if cells > room + 2:
                break
            room -= cells
            pieces += [(key, "$accent"), f" {label}  "]
        self.update(Content.assemble(*pieces), layout=False)


class Banner(Static):
    """A line above the prompt for what stays true until it is mended; hidden while empty."""

    DEFAULT_CSS: ClassVar[str] = """
    Banner {
        display: none;
        height: auto;
        max-height: 4;
        padding: 0 2;
        background: $surface;
        color: $foreground;
        border-left: outer $accent;
        &.-shown { display: block; }
        &.-warning { border-left: outer $warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)

    def show(self, words: str, *, warning: bool = False) -> None:
        """Show a clean text; an empty one hides the banner."""
        self.update(Content(words))
        self.set_class(bool(words), "-shown")
        self.set_class(warning, "-warning")
