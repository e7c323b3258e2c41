"""Selected text of a transcript: clean, as it was written, not as it was drawn.

A position is a line of a message and a character in its strip. Textual compares positions by
their `y`; here that is the message's index and the line within it in one number, so that a
selection stays where it is when heights above it change.
"""

from collections.abc import Callable

from rich.cells import cell_len
from textual.geometry import Offset
from textual.selection import Selection

from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

_LINE_BITS = 24
_LINE_MASK = (1 << _LINE_BITS) - 1


def position(index: int, line: int) -> int:
    """A message's index and a line within it as one number that sorts."""
    return index << _LINE_BITS | line


def place(position_: int) -> tuple[int, int]:
    """The message's index and the line within it."""
    return position_ >> _LINE_BITS, position_ & _LINE_MASK


def selected_text(
    selection: Selection, count: int, rendered: Callable[[int], RenderedMessage | None]
) -> str:
    """The text under a selection.

    Args:
        selection: with positions as `y`; an open end means from the first or to the last line.
        count: how many messages there are.
        rendered: gives a message's lines, or None where its text is not loaded.
    """
    start = selection.start or Offset(0, 0)
    first, first_line = place(start.y)
    last, last_line = place(selection.end.y) if selection.end else (count - 1, _LINE_MASK)
    pieces: list[str] = []
    for index in range(first, min(last, count - 1) + 1):
        message = rendered(index)
        if message is None:
            continue
        begin = first_line if index == first else 0
        end = min(last_line if index == last else _LINE_MASK, message.height - 1)
        for number in range(begin, end + 1):
            span = selection.get_span(position(index, number)) or (0, -1)
            line, drawn = message.line(number), message.strip(number).text
            offset = _characters(drawn, message.text_start(number))
            taken = _cut(line.text, drawn, offset, *span)
            if taken is not None:
                # The heading above a text, and the message above that, are paragraphs of their own.
                joint = "\n" if number in (0, message.body_start) else line.joint
                pieces.append((joint if pieces else "") + taken)
    return "".join(pieces).strip("\n")


def _cut(text: str, drawn: str, offset: int, start: int, end: int) -> str | None:
    """What of a line lies between two characters of its strip; None where that is nothing."""
    if not text:
        return "" if start == 0 and end == -1 else None
    if start <= offset and (end == -1 or end >= offset + len(text)):
        return text
    # What is drawn after the text (the number of a code block) is none of it.
    stop = offset + len(text) if end == -1 else min(end, offset + len(text))
    return drawn[max(start, offset) : max(stop, 0)].rstrip() or None


def _characters(drawn: str, cells: int) -> int:
    """How many characters of a text stand in its first cells."""
    count = 0
    while cells > 0 and count < len(drawn):
        cells -= cell_len(drawn[count])
        count += 1
    return count
