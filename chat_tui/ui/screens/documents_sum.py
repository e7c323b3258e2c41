"""Which files are to be attached, how the long ones are cut, and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from textual.content import Content

from chat_tui.core.attachments.fitting import most_each
from chat_tui.core.attachments.media import DocumentWish, ListedFile, Rule
from chat_tui.core.figures import money
from chat_tui.core.texts import text
from chat_tui.ui.widgets.file_rows import FileFacts

USUAL_LIMIT = 50_000
"""Characters of a document that is cut where nobody knows how much room there is."""

_RULES: tuple[Rule, ...] = ("whole", "head", "head-and-tail")

_SLACK = 0.95
"""A little less than there is: the lines that say what is missing have tokens too."""


class Room(NamedTuple):
    """What there is for documents, in tokens; None where nobody knows how much."""

    free: int | None
    """Besides the conversation and what is written."""
    most: int | None
    """With nothing else: older messages may stay behind."""
    price: float | None
    """US dollars for a million tokens of prompt."""


class Selection(NamedTuple):
    """What is to be attached, and how."""

    files: tuple[ListedFile, ...]
    wish: DocumentWish


class Totals(NamedTuple):
    """Of the marked files."""

    files: int = 0
    characters: int = 0
    """Of the documents, as they are."""
    kept: int = 0
    """The same after they are cut."""
    tokens: int = 0
    """Of documents and pictures, cut as the rule says."""
    exact: bool = True
    """Whether all were read by now."""


@dataclass(slots=True)
class Choosing:
    """What is chosen so far.

    Args:
        files: all that there are.
        room: what there is for them.
    """

    files: Sequence[ListedFile]
    room: Room
    marked: set[int] = field(default_factory=set)
    """Places of the files that are to be attached."""
    facts: dict[int, FileFacts] = field(default_factory=dict)
    """Of those that were read by now."""
    rule: Rule = "whole"
    chose: bool = False
    """Whether the user chose the rule."""
    own_limit: int = 0
    """Characters that the user wants of each at most; 0: as many as there is room for."""

    @property
    def cuts(self) -> bool:
        """Whether long documents are cut."""
        return self.rule != "whole"

    @property
    def wish(self) -> DocumentWish:
        """How documents are read."""
        return DocumentWish(self.rule, self.limit) if self.cuts else DocumentWish()

    @property
    def limit(self) -> int:
        """Characters of each document at the most: the user's, else what there is room for."""
        if self.own_limit or self.room.free is None:
            return self.own_limit or USUAL_LIMIT
        facts = [self.facts[at] for at in self.marked if at in self.facts]
        texts = [each for each in facts if each.characters]
        if not texts:
            return USUAL_LIMIT
        pictures = sum(each.tokens for each in facts if not each.characters)
        free = max(self.room.free - pictures, 0) * _SLACK
        lengths, tokens = [each.characters for each in texts], sum(each.tokens for each in texts)
        return max(most_each(lengths, int(sum(lengths) * free / max(tokens, 1))) // 100 * 100, 100)

    def fails(self, at: int) -> bool:
        """Whether a file cannot be read, as far as that is known."""
        return at in self.facts and bool(self.facts[at].failed)

    def mark_all(self) -> None:
        """Mark all that can be read; where all are marked, none."""
        can = {at for at in range(len(self.files)) if not self.fails(at)}
        self.marked = set() if self.marked >= can else can

    def next_rule(self) -> None:
        """Cut in another way, or not at all."""
        self.chose = True
        self.rule = _RULES[(_RULES.index(self.rule) + 1) % len(_RULES)]

    def fit(self) -> None:
        """Cut what does not fit, unless the user said how it is to be."""
        free = self.room.free
        if not self.chose and free is not None and self.totals().tokens > free:
            self.rule = "head-and-tail"

    def totals(self) -> Totals:
        """What is marked comes to; by the size of the files until they are read."""
        limit, total = self.limit if self.cuts else 0, Totals()
        for at in self.marked:
            file, facts = self.files[at], self.facts.get(at)
            size = file.size if file.kind == "document" else 0
            characters, tokens = (size, -(-size // 4)) if facts is None else facts[:2]
            kept = min(characters, limit) if self.cuts else characters
            total = Totals(
                total.files + 1,
                total.characters + characters,
                total.kept + kept,
                total.tokens + (round(tokens * kept / characters) if characters else tokens),
                total.exact and facts is not None,
            )
        return total


# In words


def total_words(choosing: Choosing, totals: Totals) -> Content:
    """How many files, characters and tokens, what they cost, and whether there is room."""
    told = text(
        "documents.total",
        count=f"{totals.files:,}",
        of=f"{len(choosing.files):,}",
        characters=f"{totals.kept:,}",
        tokens=f"{totals.tokens:,}",
    )
    if choosing.room.price is not None:
        told += f" · ≈{money(totals.tokens * choosing.room.price / 1_000_000)}"
    return Content("\n").join(
        [Content(told if totals.exact else f"{told} …"), _fit_words(choosing.room, totals)]
    )


def _fit_words(room: Room, totals: Totals) -> Content:
    if room.free is None or room.most is None:
        return Content.styled(text("documents.room-unknown"), "$foreground 60%")
    if totals.tokens > room.most:
        over = f"{totals.tokens - room.most:,}"
        return Content.styled(text("documents.too-much", over=over), "bold $error")
    if totals.tokens > room.free:
        over = f"{totals.tokens - room.free:,}"
        return Content.styled(text("documents.over", over=over), "$warning")
    return Content.styled(text("documents.fits", free=f"{room.free:,}"), "$success")


def rule_words(choosing: Choosing, totals: Totals) -> str:
    """What becomes of long ones, before and after."""
    if not choosing.cuts:
        return text("documents.whole")
    key = "documents.head" if choosing.rule == "head" else "documents.head-and-tail"
    told = text(key, limit=f"{choosing.limit:,}")
    if totals.kept < totals.characters:
        before, after = f"{totals.characters:,}", f"{totals.kept:,}"
        told += " " + text("documents.cut", before=before, after=after)
    return told
