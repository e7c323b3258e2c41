"""The chips of pictures and documents: their labels, and what they leave in the words.

Imported with the first of them: 2 ms that who attaches nothing need not pay.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.attachments.cuts import is_cut
from chat_tui.core.estimate import PER_PICTURE, estimate_tokens
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.attached_words import lines_of, shown_name

if TYPE_CHECKING:
    from chat_tui.ui.widgets.chips import Chips, Span

_LONGEST_NAME = 40
"""Characters of a name in a label."""


def part_label(number: int | str, part: ImagePart | FilePart) -> str:
    """The label of a picture or a document."""
    name = shown_name(part, _LONGEST_NAME)
    if isinstance(part, FilePart):
        lines = lines_of(part)
        key = "prompt.chip-of-a-document" if lines != 1 else "prompt.chip-of-a-short-document"
        if is_cut(part.text):
            long = "prompt.chip-of-a-cut-document"
            key = long if lines != 1 else "prompt.chip-of-a-short-cut-document"
        return text(key, number=number, name=name, lines=f"{lines:,}")
    if not part.width or not part.height:
        return text("prompt.chip-of-an-address", number=number, name=name)
    size = f"{part.width:,}×{part.height:,}"
    return text("prompt.chip-of-a-picture", number=number, name=name, size=size)


def part_tokens(part: ImagePart | FilePart) -> int:
    """About how many tokens it has; of a picture a guess, until it is counted for a model."""
    if isinstance(part, ImagePart):
        return PER_PICTURE
    return estimate_tokens(f"{part.name}{part.text}")


def part_pattern(part: ImagePart | FilePart) -> str:
    """What looks like the label of a part, with whatever number."""
    # No name has this character: it is cleaned.
    before, _, after = part_label("\0", part).partition("\0")
    return rf"{re.escape(before)}\d+{re.escape(after)}"


def words_of(chips: "Chips", written: str) -> str:
    """The words of a text with chips, pastes and all. See `Chips.prompt`."""
    lines = [_Line(line, _attached_in(chips, line)) for line in written.split("\n")]
    said = [at for at, line in enumerate(lines) if line.says]
    if not said:
        return ""
    first, last = said[0], said[-1]
    # Where chips alone go from an edge, the empty lines beside them do too.
    start = first if any(line.spans for line in lines[:first]) else 0
    end = last if any(line.spans for line in lines[last + 1 :]) else len(lines) - 1
    kept: list[str] = []
    for at in range(start, end + 1):
        line = lines[at]
        if line.spans and not line.says:
            if kept and not kept[-1].strip() and not lines[at + 1].text.strip():
                kept.pop()
            continue
        kept.append(_told(chips, line, is_first=at == first, is_last=at == last))
    return "\n".join(kept)


def folded(chips: "Chips", words: str, shortest: int) -> str:
    """A long text folded, but for what is attached to it, and for short pieces beside that."""
    pieces, at = list[str](), 0
    for span in _attached_in(chips, words):
        pieces += [words[at : span.start], words[span.start : span.end]]
        at = span.end
    pieces.append(words[at:])
    return "".join(chips.add(each) if len(each) > shortest else each for each in pieces)


class _Line(NamedTuple):
    """A line of a text, and where something attached stands in it."""

    text: str
    spans: "list[Span]"

    @property
    def between(self) -> str:
        """What stands between one and the next."""
        gaps = zip(self.spans, self.spans[1:], strict=False)
        return "".join(self.text[one.end : then.start] for one, then in gaps)

    @property
    def says(self) -> bool:
        """Whether there are words beside them."""
        if not self.spans:
            return bool(self.text.strip())
        ends = self.text[: self.spans[0].start], self.text[self.spans[-1].end :]
        return bool("".join([*ends, self.between]).strip())


def _attached_in(chips: "Chips", line: str) -> "list[Span]":
    return [span for span in chips.spans(line) if chips.part(line[span.start : span.end])]


def _told(chips: "Chips", line: _Line, *, is_first: bool, is_last: bool) -> str:
    """A line without the chips at an edge of the text, or with the names of all of them."""
    words, spans = line
    if spans and not line.between.strip():
        before, after = words[: spans[0].start], words[spans[-1].end :]
        if is_first and not before.strip():
            return chips.unfold(after.lstrip())
        if is_last and not after.strip():
            return chips.unfold(before.rstrip())
    return _with_names(chips, words, spans)


def _with_names(chips: "Chips", words: str, spans: "Sequence[Span]") -> str:
    told, at = [], 0
    for span in spans:
        told.append(chips.unfold(words[at : span.start]))
        if part := chips.part(words[span.start : span.end]):
            told.append(f"[{shown_name(part)}]")
        at = span.end
    return "".join([*told, chips.unfold(words[at:])])
