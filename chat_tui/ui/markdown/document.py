"""A message's markdown, growing."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from chat_tui.ui.markdown.blocks import BlockParser
from chat_tui.ui.markdown.code import Fence
from chat_tui.ui.markdown.containers import Container
from chat_tui.ui.markdown.lines import CodeBlock, Line
from chat_tui.ui.markdown.output import Output
from chat_tui.ui.markdown.styles import MarkdownStyles

MIN_WIDTH = 8
"""The least cells of a line; a narrower view shows a part of it."""

_MARKS = "-=*_+#`~|:$\\ \t"
_NUMBER = re.compile(r"\d{1,9}[.)]?\Z")

_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\](?!:)")


class _Mark(NamedTuple):
    """A place in the source between two blocks of the document, and in what was made of it."""

    offset: int
    lines: int
    codes: int
    links: int


class MarkdownDocument:
    """Turns markdown that comes in pieces into lines.

    Lines of finished blocks are made once. With each `refresh` only the new lines of the source
    are parsed; the end of the open block is shown as if the text ended there, and made again with
    the next. However a text is split, after `close` the lines are those of the text as a whole.

    Args:
        styles: how it looks.
        width: cells of each line, 8 at least.
        source: text to begin with, cleaned like all that is appended.
    """

    def __init__(self, styles: MarkdownStyles, width: int, *, source: str = "") -> None:
        self._env: dict[str, Any] = {"references": {}}
        self._out = Output(styles, max(width, MIN_WIDTH), self._env)
        self._parser = BlockParser(self._out)
        self._source = [source]
        self._unread = [source] if source else []
        self._partial = ""
        """The last line, as far as it came; empty while it is fed in parts."""
        self._inside_line = False
        self._offset = 0
        """Where in the source the next line to feed begins."""
        self._marks: list[_Mark] = []
        self._frozen = _Mark(0, 0, 0, 0)
        """What was made for good."""
        self._closed = self._complete = False

    def append(self, text: str) -> None:
        """Take more text, cleaned by `core.safety.Cleaner`; nothing is parsed yet.

        Raises:
            RuntimeError: the document was closed.
        """
        if self._closed:
            raise RuntimeError("The document is closed; its text cannot grow any more.")
        if text:
            self._source.append(text)
            self._unread.append(text)

    def close(self) -> None:
        """Say that the text is complete; the next `refresh` finishes what is open."""
        self._closed = True

    @property
    def source(self) -> str:
        """The text so far."""
        if len(self._source) > 1:
            self._source = ["".join(self._source)]
        return self._source[0]

    @property
    def lines(self) -> Sequence[Line]:
        """The lines as of the last refresh; to be read only, and not to be kept over the next."""
        return self._out.lines

    @property
    def code_blocks(self) -> Sequence[CodeBlock]:
        """The blocks of code, in order; one that is still open comes last, as far as it came."""
        leaf = self._parser.leaf
        if not isinstance(leaf, Fence) or leaf.start is None:
            return self._out.codes
        end = len(self._out.lines) - 1
        last = CodeBlock(leaf.language, leaf.source, leaf.start, end, leaf.info)
        return [*self._out.codes, last]

    @property
    def code_starts(self) -> list[int]:
        """The first lines of the code blocks; unlike their texts, cheap while a long one comes."""
        leaf = self._parser.leaf
        starts = [code.first_line for code in self._out.codes]
        if isinstance(leaf, Fence) and leaf.start is not None:
            starts.append(leaf.start)
        return starts

    @property
    def links(self) -> Sequence[str]:
        """Where the links lead to, in order, each destination once."""
        return list(dict.fromkeys(self._out.links))

    def refresh(self) -> int:
        """Make the lines for all that was appended.

        Returns:
            Index of the first line that is new or different; the number of lines if none is.
        """
        out = self._out
        if self._complete or not (self._unread or self._closed):
            return len(out.lines)
        out.replaced = out.lines[self._frozen.lines :]
        self._truncate(self._frozen)
        out.low = len(out.lines)
        self._read()
        if self._closed:
            self._finish()
        else:
            if self._parser.leaf:
                self._parser.leaf.flush(out)
            self._frozen = self._mark()
            self._show_open_end()
        return self._first_change()

    def _mark(self) -> _Mark:
        out = self._out
        return _Mark(self._offset, len(out.lines), len(out.codes), len(out.links))

    def _truncate(self, mark: _Mark) -> None:
        out = self._out
        del out.lines[mark.lines :], out.codes[mark.codes :], out.links[mark.links :]

    def _read(self) -> None:
        """Feed the lines that are complete; of a very long one what there is of it."""
        text = "".join(self._unread)
        self._unread = []
        if self._inside_line:
            rest, ended, text = text.partition("\n")
            self._parser.feed_more(rest)
            self._offset += len(rest) + len(ended)
            if not ended:
                return
            self._inside_line = False
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._feed(line)
            self._offset += 1
        if self._parser.takes_long(self._partial):
            self._feed(self._partial)
            self._partial = ""
            self._inside_line = True

    def _feed(self, line: str) -> None:
        parser = self._parser
        mark = self._mark() if parser.idle else None
        self._out.offset = self._offset
        parser.feed(line)
        self._offset += len(line)
        if mark and not (parser.idle and len(self._out.lines) == mark.lines):
            self._marks.append(mark)

    def _show_open_end(self) -> None:
        """Add the lines of what is not complete, to be made again with the next refresh."""
        parser = self._parser.branch(self._out.branch())
        if not _undecided(self._partial):
            parser.feed(self._partial)
        parser.close()

    def _finish(self) -> None:
        if self._partial:
            self._feed(self._partial)
            self._partial = ""
        self._parser.close()
        mark = self._late_reference()
        if mark:
            self._begin_again(mark)
        self._frozen = self._mark()
        self._complete = True

    def _late_reference(self) -> _Mark | None:
        """The first block with a link whose destination was defined further down."""
        references = self._env["references"]
        if not references:
            return None
        # Loaded with the first reference.
        from markdown_it.common.utils import normalizeReference

        for found in _LABEL.finditer(self.source):
            reference = references.get(normalizeReference(found[1]))
            if reference and found.start() < reference["defined"]:
                return max(mark for mark in self._marks if mark.offset <= found.start())
        return None

    def _begin_again(self, mark: _Mark) -> None:
        """Render once more from a block on, with all references known."""
        out = self._out
        out.touch(mark.lines)
        self._truncate(mark)
        out.spine = [Container(has_output=mark.lines > 0)]
        self._parser = BlockParser(out)
        for line in self.source[mark.offset :].split("\n"):
            self._parser.feed(line)
        self._parser.close()

    def _first_change(self) -> int:
        out = self._out
        lines, low = out.lines, out.low
        for index, (old, new) in enumerate(zip(out.replaced, lines[low:], strict=False), low):
            if old != new:
                return index
        same = len(out.replaced) == len(lines) - low
        return len(lines) if same else low + min(len(out.replaced), len(lines) - low)


def _undecided(line: str) -> bool:
    """Whether a line that has not ended may become a marker.

    It is shown when it is known what it is, so that a list's first dash does not make a heading
    of the paragraph above for a moment.
    """
    text = line.strip(" \t>")
    return not text.strip(_MARKS) or bool(_NUMBER.match(text))


def render(text: str, styles: MarkdownStyles, width: int) -> list[Line]:
    """The lines of a whole text."""
    document = MarkdownDocument(styles, width, source=text)
    document.close()
    document.refresh()
    return list(document.lines)
