"""The structure of a document, line by line, as CommonMark's reference algorithm finds it.

Each line is looked at once: it is matched against the containers that are open, may open new
ones, and goes to the text block at the end. So the work for a growing text is that of its new
lines, however deep they are nested; markdown-it would have to parse an open list or quotation
anew with every line.
"""

from typing import NamedTuple

from chat_tui.ui.markdown import scan
from chat_tui.ui.markdown.code import Fence, IndentedCode
from chat_tui.ui.markdown.containers import (
    Container,
    Item,
    ListBlock,
    Quote,
    begin_item,
    enter_quote,
)
from chat_tui.ui.markdown.leaves import (
    LONG,
    Leaf,
    MathBlock,
    Paragraph,
    define_references,
    put_heading,
    put_rule,
)
from chat_tui.ui.markdown.lines import Content
from chat_tui.ui.markdown.output import Output
from chat_tui.ui.markdown.scan import CODE_INDENT, Cursor
from chat_tui.ui.markdown.tables import Table

MAX_NESTING = 24
"""Containers inside of each other (a list and its item are two); what is deeper is text."""


class _Matched(NamedTuple):
    """How far a line goes along with the containers that are open."""

    depth: int
    whole: bool
    """Whether it went along with all of them, and so reaches the text block."""


class BlockParser:
    """Takes lines, keeps the blocks that are open, and puts out those that are complete."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.leaf: Leaf | None = None
        """The text block that is open."""
        self._blank_from: int | None = None
        """Of the line before, if it was blank: the first container that saw it so. A line `>`
        is blank inside the quotation only."""

    @property
    def idle(self) -> bool:
        """Whether nothing is open: a line fed now begins a block of the document."""
        return self.leaf is None and len(self._out.spine) == 1

    def branch(self, out: Output) -> "BlockParser":
        """A copy that goes on by itself and puts its lines into `out`."""
        other = BlockParser(out)
        other.leaf = self.leaf.branch() if self.leaf else None
        other._blank_from = self._blank_from
        return other

    def feed(self, line: str) -> None:
        """Take a line, or the first part of a long one."""
        cursor = Cursor(line)
        matched = self._match(cursor)
        if matched.whole and self._feed_verbatim(cursor):
            self._blank_from = None
            return
        opened = self._open_blocks(cursor, matched)
        if opened is None:
            return
        if cursor.blank:
            self._feed_blank(matched, opened)
            return
        if not opened and not matched.whole and not isinstance(self.leaf, Paragraph):
            self._close_to(matched.depth)
        text = cursor.rest()
        leaf = self.leaf
        if not isinstance(leaf, Paragraph) and (not isinstance(leaf, Table) or len(text) > LONG):
            self._close_leaf()
            self._add_leaf(leaf := Paragraph())
        self._blank_from = None
        leaf.add(text, self._out)

    def feed_more(self, text: str) -> None:
        """Take more of a long line."""
        if self.leaf is not None:
            self.leaf.extend(text, self._out)

    def takes_long(self, line: str) -> bool:
        """Whether a line that has not ended is surely text, so that its start can be fed."""
        return len(line) > LONG and len(line.lstrip(" \t>*+-0123456789.)")) > LONG

    def close(self) -> None:
        """Close everything: the text has ended."""
        self._close_to(1)
        self._close_leaf()

    def _match(self, cursor: Cursor) -> _Matched:
        spine = self._out.spine
        for depth, container in enumerate(spine):
            if isinstance(container, Quote):
                if cursor.blank or cursor.indent >= CODE_INDENT:
                    return _Matched(depth, False)
                if cursor.line[cursor.content] != ">":
                    return _Matched(depth, False)
                enter_quote(cursor)
            elif isinstance(container, Item):
                if cursor.blank:
                    if not container.has_children:
                        return _Matched(depth, False)
                elif cursor.indent < container.indent:
                    return _Matched(depth, False)
                cursor.skip_columns(container.indent)
        return _Matched(len(spine), not isinstance(spine[-1], ListBlock))

    def _feed_verbatim(self, cursor: Cursor) -> bool:
        """Give a line to a block that takes it as it is, or let it end that block."""
        leaf = self.leaf
        if isinstance(leaf, Fence):
            if (
                cursor.indent < CODE_INDENT
                and not cursor.blank
                and scan.closes_fence(cursor.line[cursor.content :], leaf.marks)
            ):
                self._close_leaf()
            else:
                cursor.skip_columns(min(leaf.indent, cursor.indent))
                leaf.add(cursor.rest(), self._out)
            return True
        if isinstance(leaf, MathBlock) and not cursor.blank and len(cursor.rest()) <= LONG:
            leaf.add(cursor.rest(), self._out)
            if leaf.complete:
                self._close_leaf()
            return True
        if isinstance(leaf, IndentedCode) and (cursor.blank or cursor.indent >= CODE_INDENT):
            cursor.skip_columns(CODE_INDENT)
            leaf.add(cursor.rest(), self._out)
            if not cursor.blank:
                return True
        return False

    def _feed_blank(self, matched: _Matched, opened: bool) -> None:
        spine = self._out.spine
        if opened:
            # The line of a marker with nothing after it is no blank line, but for a quotation.
            self._blank_from = len(spine) - 1 if isinstance(spine[-1], Quote) else None
            return
        if not isinstance(self.leaf, IndentedCode) or not matched.whole:
            self._close_leaf()
        self._close_to(matched.depth)
        quotes = [depth for depth, holder in enumerate(spine) if isinstance(holder, Quote)]
        self._blank_from = quotes[-1] if quotes else 0

    def _open_blocks(self, cursor: Cursor, matched: _Matched) -> bool | None:
        """Open what the line begins.

        Returns:
            Whether containers were opened; None if the line is used up.
        """
        opened = False
        while not cursor.blank:
            context = matched if not opened else _Matched(len(self._out.spine), True)
            if cursor.indent >= CODE_INDENT:
                return None if self._open_code(cursor, context) else opened
            text = cursor.line[cursor.content :]
            if self._open_container(cursor, text, context):
                opened = True
            elif len(text) <= LONG and self._open_leaf(cursor, text, context):
                return None
            else:
                return opened
        return opened

    def _open_code(self, cursor: Cursor, matched: _Matched) -> bool:
        if isinstance(self.leaf, Paragraph):
            return False
        self._make_room(matched)
        cursor.skip_columns(CODE_INDENT)
        leaf = IndentedCode()
        self._add_leaf(leaf)
        leaf.add(cursor.rest(), self._out)
        return True

    def _open_container(self, cursor: Cursor, text: str, matched: _Matched) -> bool:
        if len(self._out.spine) >= MAX_NESTING:
            return False
        if text[0] == ">":
            self._make_room(matched)
            enter_quote(cursor)
            self._add_container(Quote())
            return True
        marker = scan.marker(text)
        if marker is None or (len(text) <= LONG and scan.is_rule(text)):
            return False
        if matched.whole and isinstance(self.leaf, Paragraph):
            rest = text[marker.width :]
            if not rest.strip(" \t") or marker.number not in (None, 1):
                return False
        self._open_item(cursor, marker, matched)
        return True

    def _open_item(self, cursor: Cursor, marker: scan.Marker, matched: _Matched) -> None:
        spine = self._out.spine
        self._make_room(matched)
        block = spine[-1]
        if not isinstance(block, ListBlock) or not block.continued_by(marker):
            if isinstance(block, ListBlock):
                self._close_to(len(spine) - 1)
            bullets = sum(
                isinstance(container, ListBlock) and container.next_number is None
                for container in spine
            )
            block = ListBlock(kind=marker.kind, next_number=marker.number, depth=bullets)
            self._add_container(block)
        elif self._blank_before(len(spine) - 1):
            self._out.loosen(block)
        spine.append(begin_item(cursor, marker, block, self._out.styles))

    def _open_leaf(self, cursor: Cursor, text: str, matched: _Matched) -> bool:
        out = self._out
        if matched.whole and isinstance(self.leaf, Paragraph) and self._convert(text, self.leaf):
            return True
        if scan.is_rule(text):
            self._make_room(matched)
            self._add_leaf(None)
            put_rule(out)
        elif heading := scan.heading(text):
            self._make_room(matched)
            self._add_leaf(None)
            put_heading(heading.level, heading.text, out)
        elif opening := scan.fence(text):
            self._make_room(matched)
            self._add_leaf(Fence(opening, cursor.indent))
        elif scan.math_end(text):
            self._make_room(matched)
            self._add_leaf(math := MathBlock(text))
            math.add(text, out)
        else:
            return False
        self._blank_from = None
        return True

    def _convert(self, text: str, paragraph: Paragraph) -> bool:
        """Make a heading or the head of a table of the paragraph above a line."""
        out = self._out
        header = paragraph.last_line()
        alignments = scan.table_alignments(header, text)
        if alignments and len(header) <= LONG:
            paragraph.drop_last_line()
            self._close_leaf()
            self.leaf = Table(header, alignments, text)
            return True
        level = scan.underline(text)
        if not level or not paragraph.whole:
            return False
        rest = scan.split_references(paragraph.text)[1].strip()
        if not rest:
            return False
        self.leaf = None
        put_heading(level, define_references(paragraph.text, out).strip(), out)
        return True

    def _make_room(self, matched: _Matched) -> None:
        """Close what a new block follows."""
        self._close_to(matched.depth)
        self._close_leaf()

    def _add_leaf(self, leaf: Leaf | None) -> None:
        """Begin a text block; None for one that is complete with its first line."""
        self._drop_list()
        self._note_child()
        self.leaf = leaf

    def _add_container(self, container: Container) -> None:
        if not isinstance(container, ListBlock):
            self._drop_list()
        self._note_child()
        self._out.spine.append(container)

    def _drop_list(self) -> None:
        """A list holds nothing but items: anything else ends it."""
        if isinstance(self._out.spine[-1], ListBlock):
            self._close_to(len(self._out.spine) - 1)

    def _note_child(self) -> None:
        """The innermost container gets another child: a blank line before it loosens its list."""
        spine = self._out.spine
        item = spine[-1]
        if not isinstance(item, Item):
            return
        block = spine[-2]
        blank = self._blank_before(len(spine) - 1)
        if item.has_children and blank and isinstance(block, ListBlock):
            self._out.loosen(block)
        item.has_children = True

    def _blank_before(self, depth: int) -> bool:
        return self._blank_from is not None and depth >= self._blank_from

    def _close_leaf(self) -> None:
        leaf, self.leaf = self.leaf, None
        if leaf is not None:
            leaf.finish(self._out)

    def _close_to(self, depth: int) -> None:
        """Close containers until so many are left, and the text block if it was in one of them."""
        out = self._out
        if len(out.spine) > depth:
            self._close_leaf()
        while len(out.spine) > depth:
            container = out.spine[-1]
            if isinstance(container, Item) and container.pending:
                out.begin()
                out.put([Content([], 0, "")])
            out.spine.pop()
