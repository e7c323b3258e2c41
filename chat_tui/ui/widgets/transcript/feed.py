"""What a transcript shows: a path that is handed in and grows as answers come."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from textual.reactive import var

from chat_tui.core.conversation import Node
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage, Flags
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.path import unmarked
from chat_tui.ui.widgets.transcript.scrolling import ColumnView
from chat_tui.ui.widgets.transcript.sending import Sending


class CodePlace(NamedTuple):
    """A code block in a transcript."""

    message: int
    """The index of its message."""
    number: int
    """Which of the message's blocks, counted from 0."""


class TranscriptFeed(ColumnView):
    """The part of `Transcript` that takes what is to be shown."""

    current: var[int | None] = var(None)
    """The index of the message that the keyboard is on."""
    _disguised = False
    """Whether models are named otherwise."""
    code: var[CodePlace | None] = var(None)
    """The code block that the keyboard is on, if it is on one of the current message."""

    def show_path(
        self,
        nodes: Sequence[Node],
        messages: Iterable[ChatMessage] = (),
        mark_of: Callable[[str], str] = unmarked,
    ) -> None:
        """Show a path with its end in view.

        Args:
            nodes: of all messages, in order.
            messages: texts that are there already; the others are asked for when they are near.
            mark_of: gives by id what stands in a message's heading, besides its facts.
        """
        self.column.reset(nodes, messages, mark_of)
        self._painter.scroll_wide(None)
        self._furthest = (-1, 0)
        self._leave_messages()
        self.jump_to_end()

    def extend(self, nodes: Iterable[Node], messages: Iterable[ChatMessage] = ()) -> None:
        """Add messages at the end of the path."""
        self.column.extend(nodes, messages)
        self._settle()
        self.refresh()

    def cut(self, id_: str) -> None:
        """Take a message and all below it away: another version is about to follow."""
        self.column.cut(id_)
        self._furthest = min(self._furthest, (len(self.column) - 1, 0))
        self._leave_messages()

    def mark_headings(self) -> None:
        """Show in headings what is to be shown there now, where that is something else."""
        if self.column.mark_headings():
            self._settle()
            self.refresh()

    def mark_new(self, index: int) -> None:
        """Say above a message that it and what follows was not seen yet."""
        self.column.mark_new(index)
        self._settle()
        self.refresh()

    def mark_sending(self, sending: Sending) -> None:
        """Say above a message that what stands before it is not sent, and how much that is."""
        if self.column.mark_sending(sending):
            self._settle()
            self.refresh()
        if self.column.folds.put_away != sending.replaced:
            self._change_heights(self._kept_place, lambda: self.column.put_away(sending.replaced))

    def flag(self, flags: Mapping[str, Flags]) -> None:
        """Take over which messages are pinned or left out: these, and no others."""
        if self.column.flag(flags):
            self._settle()
            self.refresh()

    def supply(self, messages: Iterable[ChatMessage]) -> None:
        """Hand in texts that were asked for with `TextsWanted`."""
        self.column.supply(messages)
        self._settle()
        self.refresh()

    def replace(self, messages: Iterable[ChatMessage]) -> None:
        """Take messages anew that grew elsewhere."""
        self.column.replace(messages)
        self._settle()
        self.refresh()

    def append(self, id_: str, text: str, reasoning: str = "") -> None:
        """Take more text of a streaming message, raw; it is drawn with the next frame."""
        if self.column.append(id_, text, reasoning) and not self.asleep:
            self._pacer.request(self._draw_frame)

    def append_reasoning(self, id_: str, text: str) -> None:
        """The same for its reasoning."""
        self.append(id_, "", text)

    def note(self, id_: str, words: str, offered: Sequence[str] = ()) -> None:
        """Say something (clean) while a text does not come.

        Args:
            id_: the reply.
            words: why it does not come; empty where it comes again.
            offered: the ids of the actions that help.
        """
        if self.column.note(id_, words, offered) and not self.asleep:
            self._pacer.request(self._draw_frame)

    def finish(self, message: ChatMessage) -> None:
        """Take a message as it ended."""
        if self.column.finish(message):
            self._draw_frame()

    def break_off(self, id_: str, error: ErrorInfo) -> None:
        """Show that a message could not be brought to its end; what has come stays."""
        if self.column.break_off(id_, error):
            self._draw_frame()

    def use(
        self, *, options: TranscriptOptions | None = None, keys: ActiveKeys | None = None
    ) -> None:
        """Take other options or keys; what was folded by hand stays."""
        folds = self.column.folds
        refolds = options is not None and not options.folds_like(folds.options)
        folds.options = options or folds.options
        self._change_heights(self._kept_place, lambda: self.column.dress_all(keys))
        if refolds:
            self._change_heights(self._kept_place, self.column.refold_all)

    def disguise(self, alias: Callable[[Node], str] | None) -> None:
        """Hide who wrote the answers, and their figures, behind other names.

        Args:
            alias: gives the name of a message; empty: as it is called. None: of all.
        """
        if alias is not None or self._disguised:
            self._disguised = alias is not None
            self._change_heights(self._kept_place, lambda: self.column.disguise(alias))

    def keep_mark(self) -> None:
        """Put the mark on what is seen: on the nearest message, else the lowest one.

        While one reads this is done whenever the view has moved, so that nothing is ever meant that
        cannot be seen.
        """
        column, height = self.column, self.size.height
        if not len(column) or height <= 0:
            return
        marked, code = self.current, self.code
        first, within = self.line_at(0)
        last = self.line_at(height - 1)[0]
        if first < last and within == column.span(first)[1] - 1:
            # The blank line below a message bears no mark.
            first += 1
        self.current = last if marked is None else min(max(marked, first), last)
        if code is not None and not (code.message == self.current and self._sees(code)):
            self.code = None
        if (self.current, self.code) != (marked, code):
            self.refresh()

    def _sees(self, code: CodePlace) -> bool:
        """Whether a line of a code block is on the screen."""
        rendered = self.column.rendered(code.message)
        if rendered is None or not code.number < len(rendered.code_blocks):
            return False
        above = self.scroll_offset.y - self.column.span(code.message)[0]
        first, last = rendered.span_of_code(code.number)
        return first < above + self.size.height and last >= above

    def _settle(self) -> None:
        super()._settle()
        if self.has_focus and not self._settling:
            self.keep_mark()

    @property
    def _kept_place(self) -> int:
        """The message that stays where it is: the marked one if it is seen, else the top one."""
        if not len(self.column):
            return 0
        first, last = self.line_at(0)[0], self.line_at(self.size.height - 1)[0]
        marked = self.current
        return marked if marked is not None and first <= marked <= last else first

    def _leave_messages(self) -> None:
        self.current = self.code = None
        self.screen.clear_selection()
