"""A text area with chips: long pastes, pictures, documents, each one thing to keys and cursor."""

import asyncio
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.document._document import EditResult, Location, Selection

from chat_tui.core.drafts import Draft
from chat_tui.core.safety import Cleaner
from chat_tui.ui.widgets.chips import Chips, is_long
from chat_tui.ui.widgets.paste_guard import PasteGuard
from chat_tui.ui.widgets.steady_area import SteadyTextArea

_SLICE = 64_000
"""Characters that are cleaned in one go."""


class ChipArea(SteadyTextArea):
    """Several lines to write in; Tab leaves it, pastes are cleaned, long ones become chips."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"chip-area--chip"}
    DEFAULT_CSS: ClassVar[str] = """
    ChipArea > .chip-area--chip { color: $accent; text-style: bold; }
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - Textual's name for it
        placeholder: str = "",
        compact: bool = False,
    ) -> None:
        # Before Textual's own, which sets a first text.
        self.chips = Chips()
        self._guard = PasteGuard()
        super().__init__(
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder=placeholder,
            compact=compact,
        )
        self.cursor_blink = False

    # What is written

    @property
    def draft(self) -> Draft:
        """What is written, with what its chips stand for."""
        return self.chips.draft(self.text)

    @property
    def content(self) -> str:
        """What is written, with the pastes in place of their chips; others stay as they are."""
        return self.chips.unfold(self.text)

    @property
    def selected_text(self) -> str:
        """What is selected, with the pastes in place of their chips."""
        return self.chips.unfold(super().selected_text)

    @property
    def just_pasted(self) -> bool:
        """Whether an Enter that comes now may be part of a paste."""
        return self._guard.holds

    @property
    def tokens(self) -> int:
        """About how many tokens are written."""
        return self.chips.tokens(self.text)

    def show(self, draft: Draft) -> None:
        """Write a text in place of all there is, with the cursor at its end; undo is forgotten."""
        self.chips.clear()
        self.text = self.chips.take(draft)
        self.move_cursor(self.document.end)
        self.not_typed()

    def put(self, given: str | Draft) -> None:
        """The same with what has no chips yet; a long text becomes one.

        The cursor is at the end of the words, before the line with what is attached to them.
        """
        self.show(Draft())
        if written := self._taken(Draft(given) if isinstance(given, str) else given):
            self.text = written
            self.move_cursor(_end_of_words(self.chips, written))
            self.not_typed()

    def write(self, draft: Draft | str) -> None:
        """Write a text in place of all there is, as one step that can be undone."""
        self.chips.settle("")
        words = self._folded(draft) if isinstance(draft, str) else self._taken(draft)
        self.replace(words, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)
        self.not_typed()

    def insert_words(self, words: str) -> None:
        """Write a text at the cursor, in place of what is selected; a long one becomes a chip."""
        if self.read_only:
            return
        line = len(self.document.get_line(self.cursor_location[0]))
        self.chips.settle(f"{self.text}\n{words}")
        written = self._folded(words, len(self.text), line)
        if result := self._replace_via_keyboard(written, *self.selection):
            self.move_cursor(result.end_location)

    def not_typed(self) -> None:
        """Called when what is written was put there, and not typed or pasted."""

    def _folded(self, words: str, beside: int = 0, line: int = 0) -> str:
        return self.chips.folded(words) if is_long(words, beside, line) else words

    def _taken(self, draft: Draft) -> str:
        """The text of a draft, with its chips made those of this area."""
        if not (draft.pastes or draft.attached):
            return self._folded(draft.text)
        return self.chips.take(draft, fold=True)

    # Chips

    def chip_at_cursor(self) -> str:
        """The label of the chip at the cursor, else of the only one, else an empty text."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        for span in self.chips.spans(line):
            if span.start <= column <= span.end:
                return line[span.start : span.end]
        labels = {label for line in self.document.lines for label in self._labels(line)}
        return labels.pop() if len(labels) == 1 else ""

    def _labels(self, line: str) -> list[str]:
        return [line[span.start : span.end] for span in self.chips.spans(line)]

    def replace_chip(self, label: str, words: str) -> None:
        """Write something else in place of a chip: a text, or the chip anew; can be undone."""
        for row in range(self.document.line_count):
            line = self.document.get_line(row)
            if (at := line.find(label)) >= 0:
                place = (row, at), (row, at + len(label))
                result = self.replace(words, *place, maintain_selection_offset=False)
                self.move_cursor(result.end_location)
                return

    def validate_selection(self, selection: Selection) -> Selection:
        """Keep the cursor out of chips: it jumps over them."""
        if not self.chips:
            return selection
        old = self.selection
        return Selection(
            self._outside(selection.start, old.start), self._outside(selection.end, old.end)
        )

    def _outside(self, place: Location, before: Location) -> Location:
        row, column = place
        span = self.chips.around(self.document.get_line(row), column)
        if span is None:
            return place
        if before == (row, span.start):
            return row, span.end
        if before == (row, span.end) or column - span.start < span.end - column:
            return row, span.start
        return row, span.end

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        return super()._delete_via_keyboard(*self._widened(start, end))

    def _replace_via_keyboard(
        self, insert: str, start: Location, end: Location
    ) -> EditResult | None:
        return super()._replace_via_keyboard(insert, *self._widened(start, end))

    def _widened(self, start: Location, end: Location) -> tuple[Location, Location]:
        """A range that holds whole chips: part of one cannot be deleted."""
        (top, left), (bottom, right) = sorted((start, end))
        if self.chips:
            if first := self.chips.around(self.document.get_line(top), left):
                left = first.start
            last = None
            if bottom < self.document.line_count:
                last = self.chips.around(self.document.get_line(bottom), right)
            right = last.end if last is not None else right
        return (top, left), (bottom, right)

    def get_line(self, line_index: int) -> Text:
        """A line to be drawn."""
        line = super().get_line(line_index)
        if self.chips:
            style = self.get_component_rich_style("chip-area--chip")
            for span in self.chips.spans(line.plain):
                line.stylize(style, *span)
        return line

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """None: a chip begins with a bracket, and the search goes through all of a long draft."""
        return None

    # Pasting and copying

    async def _on_paste(self, event: events.Paste) -> None:
        # A paste comes from outside: it is cleaned before the text area sees it.
        event.prevent_default()
        event.stop()
        self._guard.pasted()
        if not self.read_only:
            words = await _cleaned(event.text)
            self.insert_words(words)
            self.pasted(event.text, words)

    def pasted(self, raw: str, words: str) -> None:
        """Called when something from outside was pasted.

        Args:
            raw: as it came.
            words: as it stands here.
        """

    def action_paste(self) -> None:
        """Paste what was cut or copied here."""
        self.insert_words(self.app.clipboard)

    def action_cut(self) -> None:
        """Take out what is selected, else the line, and copy it whole."""
        if self.read_only:
            return
        if self.selection.is_empty:
            cut = self._delete_cursor_line()
        else:
            cut = self._delete_via_keyboard(*self.selection)
        if cut is not None and cut.replaced_text:
            self.app.copy_to_clipboard(self.chips.unfold(cut.replaced_text))


def _end_of_words(chips: Chips, written: str) -> Location:
    """The end of a text, but for a last line with nothing but what is attached."""
    lines = written.split("\n")
    if len(lines) > 1 and chips.attached(lines[-1]) and not chips.prompt(lines[-1]).text:
        lines.pop()
    return len(lines) - 1, len(lines[-1])


async def _cleaned(words: str) -> str:
    """A text made safe to show, in slices, between which other things are done."""
    cleaner = Cleaner()
    pieces = []
    for begin in range(0, len(words), _SLICE):
        pieces.append(cleaner.feed(words[begin : begin + _SLICE]))
        await asyncio.sleep(0)
    return "".join(pieces) + cleaner.close()
