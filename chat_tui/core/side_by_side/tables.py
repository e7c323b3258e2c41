"""Tables in Markdown."""

from collections.abc import Collection, Sequence

from chat_tui.core.safety import clean_line


def markdown_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[bool],
    bold: Collection[tuple[int, int]] = (),
) -> str:
    """A table, aligned as it is read raw; what is in a cell cannot leave it.

    Args:
        headings: one a column.
        rows: a text for each column; cleaned here.
        numbers: of each column whether it is set to the right.
        bold: the cells that stand out, as row and column.
    """
    cells = [[escaped(each) for each in headings]]
    for at, row in enumerate(rows):
        words = (escaped(each) for each in row)
        cells.append(
            [f"**{each}**" if (at, place) in bold else each for place, each in enumerate(words)]
        )
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(headings))]

    def line(row: Sequence[str]) -> str:
        fitted = (
            each.rjust(width) if number else each.ljust(width)
            for each, width, number in zip(row, widths, numbers, strict=True)
        )
        return f"| {' | '.join(fitted)} |"

    rule = [
        "-" * (width - 1) + (":" if number else "-")
        for width, number in zip(widths, numbers, strict=True)
    ]
    return "\n".join([line(cells[0]), f"| {' | '.join(rule)} |", *map(line, cells[1:])])


def escaped(words: str) -> str:
    """A text as the content of one cell, with no markup in it."""
    words = clean_line(words, code=True)
    return "".join(f"\\{each}" if each in "\\|`*_[]<>~" else each for each in words)
