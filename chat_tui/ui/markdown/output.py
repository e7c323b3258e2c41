"""Where finished lines go: they get their place, their padding and their distance here."""

from bisect import bisect_left
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style

from chat_tui.ui.markdown.containers import (
    Container,
    Gap,
    Item,
    ListBlock,
    Prefix,
    Quote,
    inner_width,
    prefix,
)
from chat_tui.ui.markdown.inline import InlineRenderer
from chat_tui.ui.markdown.lines import CodeBlock, Content, Line
from chat_tui.ui.markdown.strips import LineStrip
from chat_tui.ui.markdown.styles import MarkdownStyles


class Start(NamedTuple):
    """Where a block began, to begin it once more."""

    at: int
    pending: tuple[Item, ...]


class Output:
    """Takes contents and appends lines.

    Args:
        styles: how it looks.
        width: cells of a line.
        env: markdown-it's environment (link references).
    """

    def __init__(self, styles: MarkdownStyles, width: int, env: MutableMapping[str, Any]) -> None:
        self.styles = styles
        self.width = width
        self.env = env
        self.lines: list[Line] = []
        self.codes: list[CodeBlock] = []
        self.links: list[str] = []
        self.inline = InlineRenderer(styles, env, self.links)
        self.spine: list[Container] = [Container()]
        self.provisional = False
        """Whether what is made now is made again with more of the text: nothing that was made
        for good may be touched then."""
        self.low = 0
        """The lowest index that was touched since this was set."""
        self.replaced: list[Line] = []
        """What stood there from that index on."""
        self.offset = 0
        """Where in the source the line that is worked on begins."""

    def branch(self) -> "Output":
        """One that appends to the same lines, for a while, with a state of its own."""
        other = Output.__new__(Output)
        other.__dict__.update(self.__dict__)
        other.spine = [replace(container) for container in self.spine]
        other.provisional = True
        return other

    @property
    def inner(self) -> int:
        """Cells that are left for the block that is open."""
        return inner_width(self.spine, self.width)

    @property
    def base(self) -> Style:
        """The style of plain text here."""
        quoted = any(isinstance(container, Quote) for container in self.spine)
        return self.styles.quote if quoted else self.styles.text

    def begin(self) -> Start:
        """Begin a block: keep its distance to what came before."""
        spine = self.spine
        depth = len(spine)
        while depth and not spine[depth - 1].has_output:
            depth -= 1
        if depth:
            self._separate(depth)
        for container in spine:
            container.has_output = True
        pending = tuple(item for item in spine if isinstance(item, Item) and item.pending)
        return Start(len(self.lines), pending)

    def _separate(self, depth: int) -> None:
        owner = self.spine[depth - 1]
        if isinstance(owner, Item):
            owner = self.spine[depth - 2]
        if not isinstance(owner, ListBlock) or owner.loose:
            self.lines.append(self._blank(depth))
        elif not self.provisional:
            owner.gaps.append(Gap(len(self.lines), self._blank(depth)))

    def _blank(self, depth: int) -> Line:
        before = prefix(self.spine[:depth], self.width, self.styles)
        return self._line(before, Content([], 0, ""))

    def loosen(self, block: ListBlock) -> None:
        """Turn a tight list into a loose one: blank lines go where there were none."""
        if block.loose:
            return
        block.loose = True
        if self.provisional or not block.gaps:
            return
        indices = [gap.at for gap in block.gaps]
        first = indices[0]
        self.touch(first)
        old, self.lines[first:] = self.lines[first:], []
        for position, gap in enumerate(block.gaps):
            end = indices[position + 1] if position + 1 < len(indices) else first + len(old)
            self.lines.append(gap.line)
            self.lines.extend(old[gap.at - first : end - first])
        self._shift_codes(indices)
        block.gaps.clear()

    def _shift_codes(self, indices: Sequence[int]) -> None:
        """Code blocks move down by the blank lines before them."""
        position = len(self.codes)
        while position and self.codes[position - 1].first_line >= indices[0]:
            position -= 1
            code = self.codes[position]
            shift = bisect_left(indices, code.first_line + 1)
            self.codes[position] = code._replace(
                first_line=code.first_line + shift, last_line=code.last_line + shift
            )

    def touch(self, index: int) -> None:
        """Note that lines from an index on are about to change."""
        if index < self.low:
            self.replaced = self.lines[index : self.low] + self.replaced
            self.low = index

    def restart(self, start: Start) -> None:
        """Drop the lines of a block that was begun, to make them again."""
        self.touch(start.at)
        del self.lines[start.at :]
        for item in start.pending:
            item.pending = True

    def put(self, contents: Iterable[Content]) -> None:
        """Append lines to the block that is open."""
        before: Prefix | None = None
        for content in contents:
            if before is None or before.marked:
                before = prefix(self.spine, self.width, self.styles)
                for container in self.spine:
                    if isinstance(container, Item):
                        container.pending = False
            self.lines.append(self._line(before, content))

    def _line(self, before: Prefix, content: Content) -> Line:
        segments = _joined([*before.segments, *content.segments])
        cells = before.cells + content.cells
        missing = self.width - cells
        if missing > 0:
            fill = self.styles.text if content.fill is None else content.fill
            if segments and segments[-1].style is fill:
                segments[-1] = Segment(segments[-1].text + " " * missing, fill)
            else:
                segments.append(Segment(" " * missing, fill))
            cells = self.width
        text, start = content.text, before.cells + content.offset
        if before.marked and not content.offset:
            text, start = before.plain + text, before.plain_start
        joint = content.joint if self.lines else ""
        return Line(LineStrip(segments, cells), text.rstrip(), start, joint, content.wide)


def _joined(segments: list[Segment]) -> list[Segment]:
    """Neighbours of one style as one segment."""
    if len(segments) < 2:
        return segments
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1].style is segment.style:
            joined[-1] = Segment(joined[-1].text + segment.text, segment.style)
        else:
            joined.append(segment)
    return joined
