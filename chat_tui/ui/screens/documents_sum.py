"""Which files are to be attached, how the long ones are cut, and what it comes to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from textual.content import Content

from chat_tui.core.attachments.fitting import most_each
from chat_tui.core.attachments.limits import MOST_FILES
from chat_tui.core.attachments.media import DocumentWish, ListedFile, Rule
from chat_tui.core.figures import money
from chat_tui.core.texts import text
from chat_tui.ui.widgets.file_rows import FileFacts

USUAL_LIMIT = 400_000
"""Characters of all documents that are cut where nobody knows how much room there is, …"""

MUCH = 100_000
"""… and the tokens from which on they are cut there unless the user wants them whole."""

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
        if self.own_limit:
            return self.own_limit
        facts = [self.facts[at] for at in self.marked if at in self.facts]
        texts = [each for each in facts if each.characters]
        if not texts:
            return USUAL_LIMIT
        if self.room.free is None:
            return most_each([each.characters for each in texts], USUAL_LIMIT)
        pictures = sum(each.tokens for each in facts if not each.characters)
        free = max(self.room.free - pictures, 0) * _SLACK
        lengths, tokens = [each.characters for each in texts], sum(each.tokens for each in texts)
        return max(most_each(lengths, int(sum(lengths) * free / max(tokens, 1))) // 100 * 100, 100)

    def fails(self, at: int) -> bool:
        """Whether a file cannot be read, as far as that is known."""
        return at in self.facts and bool(self.facts[at].failed)

    def mark_first(self) -> None:
        """Mark as many as may be attached at once, none with warnings; one alone in any case."""
        alone = len(self.files) == 1
        can = (at for at, file in enumerate(self.files) if alone or not file.warnings)
        self.marked = set(islice(can, MOST_FILES))

    def mark_all(self, places: Iterable[int]) -> None:
        """Mark those at some places that can be read, as many as may be; none where all are."""
        can = [at for at in places if not self.fails(at)]
        room = MOST_FILES - len(self.marked.difference(can))
        wanted = set(can[: max(room, 0)])
        if self.marked.issuperset(wanted):
            self.marked.difference_update(can)
        else:
            self.marked.update(wanted)
            self.marked.difference_update(can[max(room, 0) :])

    def next_rule(self) -> None:
        """Cut in another way, or not at all."""
        self.chose = True
        self.rule = _RULES[(_RULES.index(self.rule) + 1) % len(_RULES)]

    def fit(self) -> None:
        """Cut what does not fit, unless the user said how it is to be."""
        free = MUCH if self.room.free is None else self.room.free
        if not self.chose and self.totals().tokens > free:
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


def total_words(choosing: Choosing, totals: Totals, unknown: str) -> Content:
    """How many files, characters and tokens, what they cost, and whether there is room.

    Args:
        choosing: what is chosen.
        totals: of it.
        unknown: what is said where nobody knows how much room there is.
    """
    limited = len(choosing.files) > MOST_FILES
    told = text(
        "documents.total",
        limit=text("documents.most", most=f"{MOST_FILES:,}") if limited else "",
        count=f"{totals.files:,}",
        of=f"{len(choosing.files):,}",
        characters=f"{totals.kept:,}",
        tokens=f"{totals.tokens:,}",
    )
    if choosing.room.price is not None:
        told += f" · ≈{money(totals.tokens * choosing.room.price / 1_000_000)}"
    return Content("\n").join(
        [Content(told if totals.exact else f"{told} …"), _fit_words(choosing.room, totals, unknown)]
    )


def _fit_words(room: Room, totals: Totals, unknown: str) -> Content:
    if room.free is None or room.most is None:
        return Content.styled(unknown, "$warning" if totals.tokens > MUCH else "$foreground 60%")
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
