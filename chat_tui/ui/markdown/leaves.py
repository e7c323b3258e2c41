"""Blocks of text: paragraphs, headings, rules, math. Each takes lines and puts contents out."""

from copy import copy
from typing import Protocol, Self

from rich.segment import Segment

from chat_tui.ui.markdown.lines import Content, Piece
from chat_tui.ui.markdown.output import Output, Start
from chat_tui.ui.markdown.scan import math_end, split_references
from chat_tui.ui.markdown.styles import laid_over
from chat_tui.ui.markdown.wrap import wrap

LONG = 4_000
"""Characters after which a line is nothing but text (no heading, no table's row), and after which
a paragraph is cut between words: emphasis and links do not reach over the end of a piece. So the
work for a growing paragraph is bounded, and each piece is final."""

PIECE = 1_500
"""Characters after which a paragraph is cut between lines, in the same way."""


class Leaf(Protocol):
    """A block that holds text. All of them may be asked for what they have at any time."""

    def add(self, text: str, out: Output) -> None:
        """Take a line, without its line end and the indentation of the containers."""
        ...

    def extend(self, text: str, out: Output) -> None:
        """Take more of the line that was added last, where it is longer than `LONG`."""
        ...

    def flush(self, out: Output) -> None:
        """Put out what is finished."""
        ...

    def finish(self, out: Output) -> None:
        """Put out everything; the block is complete."""
        ...

    def branch(self) -> Self:
        """A copy that may go another way."""
        ...


class Paragraph:
    """Running text."""

    def __init__(self) -> None:
        self.text = ""
        """What was not rendered yet."""
        self.whole = True
        """Whether nothing was: it may still become a heading."""
        self._last_line = 0
        """Where its last line begins in `text`; negative where a part of that is rendered."""
        self._carry: Content | None = None
        """The last line of the piece before; it may have room for more."""

    def add(self, text: str, out: Output) -> None:
        """See `Leaf.add`."""
        if self.text or not self.whole:
            self.text += "\n"
        self._last_line = len(self.text)
        self.text += text.lstrip(" \t")
        self._cut(out)

    def extend(self, text: str, out: Output) -> None:
        """See `Leaf.extend`."""
        self.text += text
        self._cut(out)

    def last_line(self) -> str:
        """Its last line, if that may be a table's header; else nothing."""
        return self.text[self._last_line :] if self._last_line >= 0 else ""

    def drop_last_line(self) -> None:
        """Give that line away."""
        self.text = self.text[: max(0, self._last_line - 1)]

    def _cut(self, out: Output) -> None:
        while len(self.text) > PIECE:
            break_ = self.text.rfind("\n", 1, PIECE)
            if break_ > 0:
                piece, follow = self.text[:break_], break_ + 1
            elif len(self.text) <= LONG:
                return
            else:
                blank = self.text.rfind(" ", 1, LONG)
                follow = blank + 1 if blank > 0 else LONG
                piece = self.text[:follow]
            self._last_line -= follow
            self.text = self.text[follow:]
            self._render(piece, out, carry=break_ <= 0)

    def _render(self, text: str, out: Output, *, carry: bool = False) -> None:
        if self.whole:
            text = define_references(text, out)
            if not text.strip():
                return
            out.begin()
            self.whole = False
        held, self._carry = self._carry, None
        pieces = out.inline.pieces(text, out.base)
        if held:
            pieces = [Piece(part.text, part.style or out.base) for part in held.segments] + pieces
        contents = wrap(pieces, out.inner)
        if held:
            contents[0] = contents[0]._replace(joint=held.joint)
        if carry:
            self._carry = contents.pop()
        out.put(contents)

    def flush(self, out: Output) -> None:
        """See `Leaf.flush`: an open paragraph may still change its kind."""

    def finish(self, out: Output) -> None:
        """See `Leaf.finish`."""
        text = self.text.rstrip()
        self.text = ""
        if text or self._carry:
            self._render(text, out)

    def branch(self) -> Self:
        """See `Leaf.branch`."""
        return copy(self)


def define_references(text: str, out: Output) -> str:
    """Keep the definitions of links at the beginning of a paragraph; give what follows them."""
    if not text.startswith("["):
        return text
    references, rest = split_references(text)
    if references and not out.provisional:
        # With the parser, which is loaded by now or is about to be: 25 ms.
        from markdown_it.common.utils import normalizeReference

        known = out.env.setdefault("references", {})
        for reference in references:
            definition = {
                "href": reference.destination,
                "title": "",
                "defined": out.offset,
            }
            known.setdefault(normalizeReference(reference.label), definition)
    return rest


def put_heading(level: int, text: str, out: Output) -> None:
    """Put out a heading; the first level has a rule below it."""
    out.begin()
    styles = out.styles
    contents = wrap(out.inline.pieces(text, styles.headings[level - 1]), out.inner)
    out.put(contents)
    if level == 1 and text:
        cells = max(content.cells for content in contents)
        rule = Segment("─" * cells, laid_over(styles.text, styles.heading_rule))
        out.put([Content([rule], cells, "", joint="")])


def put_rule(out: Output) -> None:
    """Put out a horizontal rule."""
    out.begin()
    cells = out.inner
    rule = Segment("─" * cells, laid_over(out.styles.text, out.styles.rule))
    out.put([Content([rule], cells, "")])


class MathBlock:
    """Display math over several lines, kept as source. It ends at its mark or at a blank line."""

    def __init__(self, first: str) -> None:
        self._end = math_end(first)
        self.complete = False
        self.waiting: list[str] = []
        self._start: Start | None = None

    def add(self, text: str, out: Output) -> None:
        """See `Leaf.add`; the first line is added as well."""
        self.waiting.append(text)
        if self._start is not None:
            self.complete = text.rstrip().endswith(self._end)
        self.flush(out)

    def extend(self, text: str, out: Output) -> None:
        """See `Leaf.extend`: a line of it is never that long."""
        self.add(text, out)

    def flush(self, out: Output) -> None:
        """See `Leaf.flush`."""
        if self._start is None:
            self._start = out.begin()
        style = laid_over(out.base, out.styles.math)
        for line in self.waiting:
            shown = line.rstrip().expandtabs(4)
            out.put(wrap([Piece(shown, style)], out.inner))
        self.waiting = []

    def finish(self, out: Output) -> None:
        """See `Leaf.finish`."""
        self.flush(out)

    def branch(self) -> Self:
        """See `Leaf.branch`."""
        other = copy(self)
        other.waiting = list(self.waiting)
        return other
