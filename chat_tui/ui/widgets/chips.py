"""Long pastes that stand in the prompt as a few words each."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from chat_tui.core.drafts import Draft
from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.texts import text

_LONGEST = 20_000
"""Characters that a paste may have before it is folded into a chip: a text area would lay all of
them out anew with each key."""

_MOST_LINES = 400

_LONGEST_TEXT = 100_000
"""Characters that the text and a paste may have together."""


class Span(NamedTuple):
    """Where a chip stands in a line: its first column, and the one after its last."""

    start: int
    end: int


class _Paste(NamedTuple):
    number: int
    words: str
    tokens: int


class Chips:
    """The chips of one prompt, by their labels: `[Paste 1: 34,210 characters, 812 lines]`.

    What is no label of one is text, whatever it looks like.
    """

    def __init__(self) -> None:
        self._pastes: dict[str, _Paste] = {}
        self._pattern: re.Pattern[str] | None = None
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._pastes)

    def clear(self) -> None:
        """Forget all of them; the next one is the first again."""
        self._pastes.clear()
        self._pattern = None
        self._number = 0

    def add(self, words: str) -> str:
        """Fold a text; gives the label that stands for it."""
        self._number += 1
        return self._fold(self._number, words)

    def change(self, label: str, words: str) -> str:
        """Fold another text in place of a chip's; gives the new label, with the same number.

        Raises:
            KeyError: it is the label of no chip.
        """
        return self._fold(self._pastes[label].number, words)

    def _fold(self, number: int, words: str) -> str:
        label = _label(number, words)
        self._pastes[label] = _Paste(number, words, estimate_tokens(words))
        self._pattern = re.compile("|".join(map(re.escape, self._pastes)))
        return label

    def words(self, label: str) -> str:
        """What a label stands for.

        Raises:
            KeyError: it is the label of no chip.
        """
        return self._pastes[label].words

    def spans(self, line: str) -> list[Span]:
        """Where the chips of a line stand, from left to right."""
        if self._pattern is None:
            return []
        return [Span(*found.span()) for found in self._pattern.finditer(line)]

    def around(self, line: str, column: int) -> Span | None:
        """The chip with a column within it, neither at its beginning nor at its end."""
        return next((span for span in self.spans(line) if span.start < column < span.end), None)

    def unfold(self, written: str) -> str:
        """A text with the pastes in place of their labels."""
        if self._pattern is None:
            return written
        return self._pattern.sub(lambda found: self._pastes[found[0]].words, written)

    def tokens(self, written: str) -> int:
        """About how many tokens a text has, pastes and all; their own counts are kept."""
        count = estimate_tokens(written)
        if self._pattern is not None:
            for found in self._pattern.finditer(written):
                count += self._pastes[found[0]].tokens - estimate_tokens(found[0])
        return count

    def draft(self, written: str) -> Draft:
        """A text with the pastes that its chips stand for."""
        if self._pattern is None:
            return Draft(written)
        labels = self._pattern.findall(written)
        return Draft(written, tuple(self._pastes[label].words for label in labels))

    def take(self, draft: Draft) -> str:
        """Make the chips of a draft those of this prompt; gives its text with their new labels."""
        if not draft.pastes:
            return draft.text
        pastes, made = list(draft.pastes), dict[str, str]()

        def relabelled(found: re.Match[str]) -> str:
            old = found[0]
            # The same label again stands for the same paste; another's figures are just text.
            if pastes and _figures(old) == _figures(_label(0, pastes[0])):
                words = pastes.pop(0)
                made.setdefault(old, "")
                made[old] = made[old] or self.add(words)
            return made.get(old, old)

        return _any_label().sub(relabelled, draft.text)


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


def _label(number: int, words: str) -> str:
    lines = words.count("\n") + 1
    key = "prompt.chip" if lines > 1 else "prompt.chip-of-a-line"
    return text(key, number=number, characters=f"{len(words):,}", lines=f"{lines:,}")


def _figures(label: str) -> Sequence[str]:
    """The figures of a label but its number."""
    return re.findall(r"[\d,]+", label)[1:]


@cache
def _any_label() -> re.Pattern[str]:
    """What looks like a label."""
    zero = [_label(0, words) for words in ("", "\n")]
    return re.compile("|".join(re.sub(r"\d+", r"[\\d,]+", re.escape(each)) for each in zero))
