"""What stands in the prompt as a few words each: long pastes, pictures, documents."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.drafts import Draft
from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.texts import text

if TYPE_CHECKING:  # 7 ms that the first frame need not pay
    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.messages import FilePart, ImagePart

_LONGEST = 20_000
"""Characters that a paste may have before it is folded into a chip: a text area would lay all of
them out anew with each key."""

_MOST_LINES = 400

_LONGEST_TEXT = 100_000
"""Characters that the text and a paste may have together."""


_SHORT = 500
"""Characters of a piece between two attachments that is not folded."""


class Span(NamedTuple):
    """Where a chip stands in a line: its first column, and the one after its last."""

    start: int
    end: int


class _Chip(NamedTuple):
    number: int
    words: str
    """Of a paste."""
    tokens: int
    part: "ImagePart | FilePart | None" = None


class Chips:
    """The chips of one prompt, by their labels: `[Paste 1: 34,210 characters, 812 lines]`.

    A label stands for a paste, a picture or a document. What is no label of one is text, whatever
    it looks like.
    """

    def __init__(self) -> None:
        self._chips: dict[str, _Chip] = {}
        self._labels: dict[ImagePart | FilePart, str] = {}
        """The labels of what is attached."""
        self._pattern: re.Pattern[str] | None = None
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._chips)

    def clear(self) -> None:
        """Forget all of them; the next one is the first again."""
        self._chips.clear()
        self._labels.clear()
        self._pattern = None
        self._number = 0

    def settle(self, written: str) -> None:
        """Number the next chip after those that stand in a text, and not after what is gone.

        What is gone keeps its label: it may come back by undo.
        """
        if self._pattern is None:
            return
        standing = {label: self._chips[label] for label in self._pattern.findall(written)}
        self._number = max((chip.number for chip in standing.values()), default=0)
        self._labels = {
            chip.part: label for label, chip in standing.items() if chip.part is not None
        }

    # Making them

    def add(self, words: str) -> str:
        """Fold a text; gives the label that stands for it."""
        while True:
            self._number += 1
            known = self._chips.get(_paste_label(self._number, words))
            if known is None or (known.part is None and known.words == words):
                return self._fold(self._number, words)

    def change(self, label: str, words: str) -> str:
        """Fold another text in place of a chip's; gives the new label, with the same number.

        Raises:
            KeyError: it is the label of no paste.
        """
        return self._fold(self._paste(label).number, words)

    def attach(self, part: "ImagePart | FilePart") -> str:
        """Attach a picture or a document; gives the label that stands for it.

        The same one again has the label that it has, and is sent once.
        """
        label = self._labels.get(part)
        if label is None:
            from chat_tui.ui.widgets.attached_chips import part_label, part_tokens

            known: _Chip | None = None
            while label is None or (known is not None and known.part != part):
                self._number += 1
                label = part_label(self._number, part)
                known = self._chips.get(label)
            self._labels[part] = label
            self._keep(label, _Chip(self._number, "", part_tokens(part), part))
        return label

    def folded(self, words: str) -> str:
        """A long text folded; what is attached to it stays beside the chips of the rest."""
        if not self.attached(words):
            return self.add(words)
        from chat_tui.ui.widgets.attached_chips import folded

        return folded(self, words, _SHORT)

    def _fold(self, number: int, words: str) -> str:
        label = _paste_label(number, words)
        self._keep(label, _Chip(number, words, estimate_tokens(words)))
        return label

    def _keep(self, label: str, chip: _Chip) -> None:
        self._chips[label] = chip
        self._pattern = re.compile("|".join(map(re.escape, self._chips)))

    # What they stand for

    def words(self, label: str) -> str:
        """What the label of a paste stands for.

        Raises:
            KeyError: it is the label of none.
        """
        return self._paste(label).words

    def _paste(self, label: str) -> _Chip:
        chip = self._chips[label]
        if chip.part is not None:
            raise KeyError(label)
        return chip

    def labels_of(self, part: "ImagePart | FilePart") -> list[str]:
        """The labels that stand, or stood, for a picture or a document."""
        return [label for label, chip in self._chips.items() if chip.part == part]

    def part(self, label: str) -> "ImagePart | FilePart | None":
        """The picture or document of a label; None where it stands for none."""
        chip = self._chips.get(label)
        return None if chip is None else chip.part

    def spans(self, line: str) -> list[Span]:
        """Where the chips of a line stand, from left to right."""
        if self._pattern is None:
            return []
        return [Span(*found.span()) for found in self._pattern.finditer(line)]

    def around(self, line: str, column: int) -> Span | None:
        """The chip with a column within it, neither at its beginning nor at its end."""
        return next((span for span in self.spans(line) if span.start < column < span.end), None)

    def unfold(self, written: str) -> str:
        """A text with the pastes in place of their labels; what is attached keeps its label."""
        if self._pattern is None:
            return written
        return self._pattern.sub(self._unfolded, written)

    def _unfolded(self, found: re.Match[str]) -> str:
        chip = self._chips[found[0]]
        return chip.words if chip.part is None else found[0]

    def attached(self, written: str) -> "tuple[ImagePart | FilePart, ...]":
        """What is attached to a text, in the order of its chips, each once."""
        if self._pattern is None:
            return ()
        parts = map(self.part, self._pattern.findall(written))
        return tuple(dict.fromkeys(part for part in parts if part is not None))

    def tokens(self, written: str) -> int:
        """About how many tokens a text has, chips and all; their own counts are kept."""
        count = estimate_tokens(written)
        if self._pattern is not None:
            for found in self._pattern.finditer(written):
                count += self._chips[found[0]].tokens - estimate_tokens(found[0])
        return count

    # As a prompt

    def prompt(self, written: str) -> "Prompt":
        """A text as it is sent: its words with the pastes, and what is attached to them.

        The chip of something attached is gone where it stands alone in its line, or at the
        beginning or the end of the text; elsewhere it leaves the name: what is said of several
        pictures stays a sentence.
        """
        from chat_tui.core.attachments.prompts import Prompt

        parts = self.attached(written)
        if not parts:
            return Prompt(self.unfold(written))
        from chat_tui.ui.widgets.attached_chips import words_of

        return Prompt(words_of(self, written), parts)

    # As a draft

    def draft(self, written: str) -> Draft:
        """A text with what its chips stand for."""
        if self._pattern is None:
            return Draft(written)
        chips = [self._chips[label] for label in self._pattern.findall(written)]
        pastes = tuple(chip.words for chip in chips if chip.part is None)
        return Draft(written, pastes, self.attached(written))

    def take(self, draft: Draft, *, fold: bool = False) -> str:
        """Make the chips of a draft those of this prompt; gives its text with their new labels.

        What is attached and has no chip in the text gets one at its end: nothing is lost.

        Args:
            draft: its text may be another one by now, its chips elsewhere, twice or gone.
            fold: make a text without chips one itself where it is long.
        """
        pastes, made = list(draft.pastes), dict[str, str]()
        parts = self._wanted(draft.attached)
        a_paste = re.compile(_any_paste())

        def relabelled(found: re.Match[str]) -> str:
            old = found[0]
            if a_paste.fullmatch(old):
                # The same again stands for the same paste; another's figures are just text.
                if pastes and _figures(old) == _figures(_paste_label(0, pastes[0])):
                    words = pastes.pop(0)
                    made[old] = made.get(old) or self.add(words)
            elif old not in made:
                fits = (at for at, (pattern, _) in enumerate(parts) if pattern.fullmatch(old))
                if (at := next(fits, None)) is not None:
                    made[old] = self.attach(parts.pop(at)[1])
            return made.get(old, old)

        written = draft.text
        if pastes or parts:
            # One that is taken already is looked for too: it may stand there twice.
            patterns = [_any_paste(), *(pattern.pattern for pattern, _ in parts)]
            written = re.sub("|".join(patterns), relabelled, written)
        if fold and not made and is_long(written):
            written = self.add(written)
        rest = " ".join(self.attach(part) for _, part in parts)
        return "\n".join(filter(None, (written, rest)))

    def _wanted(
        self, attached: "Sequence[ImagePart | FilePart]"
    ) -> "list[tuple[re.Pattern[str], ImagePart | FilePart]]":
        """What is attached, each with what looks like its label."""
        if not attached:
            return []
        from chat_tui.ui.widgets.attached_chips import part_pattern

        return [(re.compile(part_pattern(part)), part) for part in attached]


def is_long(words: str, beside: int = 0, line: int = 0) -> bool:
    """Whether a text is to be folded.

    Args:
        words: the text.
        beside: characters of what is written already.
        line: characters of the line into which it goes.
    """
    lines = words.count("\n")
    one = len(words) + (0 if lines else line)
    return one > _LONGEST or lines >= _MOST_LINES or len(words) + beside > _LONGEST_TEXT


def _paste_label(number: int, words: str) -> str:
    lines = words.count("\n") + 1
    key = "prompt.chip" if lines > 1 else "prompt.chip-of-a-line"
    return text(key, number=number, characters=f"{len(words):,}", lines=f"{lines:,}")


def _figures(label: str) -> Sequence[str]:
    """The figures of a paste's label but its number."""
    return re.findall(r"[\d,]+", label)[1:]


@cache
def _any_paste() -> str:
    """What looks like the label of a paste."""
    zero = [_paste_label(0, words) for words in ("", "\n")]
    return "|".join(re.sub(r"\d+", r"[\\d,]+", re.escape(each)) for each in zero)
