"""Files as rows: a mark, the name, what each weighs, and whether there is something about it."""

from collections.abc import Callable
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment

from chat_tui.core.attachments.media import ListedFile
from chat_tui.core.figures import data_size
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.marked_rows import MarkedRows, cut
from chat_tui.ui.widgets.text_lines import padded

_SIZE, _TOKENS, _ABOUT = 9, 15, 20
"""Cells of the columns."""

_WIDE, _MIDDLE = 70, 44
"""From so many cells on there are all columns, and two of them."""


class FileFacts(NamedTuple):
    """What is known of a file that was read."""

    characters: int
    """Of a document's text."""
    tokens: int
    about: str = ""
    """Its lines, pages, or pixels, in words; clean."""
    warnings: tuple[str, ...] = ()
    """Sentences; clean."""
    failed: str = ""
    """Why it cannot be read; clean."""


class FileRow(NamedTuple):
    """A row."""

    id: str
    """Its place, counted from 0."""
    file: ListedFile


class FileRows(MarkedRows[FileRow, FileFacts], inherit_bindings=False):
    """The files of a list; its screen moves the mark, no key scrolls past it."""

    on_marked: Callable[[int], bool] = staticmethod(lambda _at: False)
    """Tells whether the file at a place is to be attached."""

    def segments(self, row: FileRow, facts: FileFacts | None, width: int) -> list[Segment]:
        """See `MarkedRows.segments`."""
        plain, muted = self.style_of("plain"), self.style_of("muted")
        on = self.on_marked(int(row.id))
        columns = [data_size(row.file.size).rjust(_SIZE)]
        if width >= _MIDDLE:
            tokens = "" if facts is None else text("documents.tokens", count=f"{facts.tokens:,}")
            columns.append((text("documents.reading") if facts is None else tokens).rjust(_TOKENS))
        if width >= _WIDE:
            columns.append(f"  {padded(cut(facts.about if facts else '', _ABOUT - 2), _ABOUT - 2)}")
        if facts is not None and facts.failed:
            columns = [f"  {text('documents.failed')}"]
        doubtful = bool(row.file.warnings or (facts is not None and facts.warnings))
        right = "".join(columns)
        room = max(width - 6 - cell_len(right), 0)
        name = padded(cut(clean_line(row.file.name, code=True), room), room)
        strong = self.style_of("strong")
        return [
            Segment("[x] " if on else "[ ] ", strong if on else muted),
            Segment(name, plain if on else muted),
            Segment(right, muted),
            Segment(" !" if doubtful else "  ", strong),
        ]
