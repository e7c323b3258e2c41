"""A prompt as it was written: no markdown, every blank and every sign kept."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.ui.markdown import CodeBlock, Line
from chat_tui.ui.markdown.wrap import cut_words

_TAB = 4


class PlainDocument:
    """Text as lines, with the interface of `MarkdownDocument`.

    Args:
        style: of all of it.
        width: cells of a line.
    """

    def __init__(self, style: Style, width: int) -> None:
        self._style = style
        self._width = width
        self._pieces: list[str] = []
        self._changed = False
        self._lines: list[Line] = []

    @property
    def lines(self) -> Sequence[Line]:
        """The lines as of the last refresh."""
        return self._lines

    @property
    def source(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    @property
    def code_blocks(self) -> Sequence[CodeBlock]:
        """None: nothing is interpreted."""
        return ()

    @property
    def code_starts(self) -> list[int]:
        """None either."""
        return []

    def append(self, text: str) -> None:
        """Take more text, clean already."""
        if text:
            self._pieces.append(text)
            self._changed = True

    def close(self) -> None:
        """The text is whole; nothing is to be done."""

    def refresh(self) -> int:
        """Lay out what changed; gives the first line that is another than before."""
        if not self._changed:
            return len(self._lines)
        self._changed = False
        self._lines = [
            line for row in self.source.rstrip("\n").split("\n") for line in self._wrap(row)
        ]
        return 0

    def _wrap(self, row: str) -> list[Line]:
        row = row.expandtabs(_TAB).rstrip()
        lines: list[Line] = []
        end = 0
        for cut in cut_words(row, self._width):
            text = row[cut.start : cut.end]
            joint = row[end : cut.start] if lines else "\n"
            end = cut.end
            drawn = set_cell_size(text, self._width) if cell_len(text) != self._width else text
            lines.append(Line(Strip([Segment(drawn, self._style)]), text, 0, joint))
        return lines
