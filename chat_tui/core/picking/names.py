"""Names of models as they are looked for, and how well a typed word fits one.

Case and separators do not count: `gpt-4o`, `gpt 4o` and `GPT_4o` are the same. What stands before
the last `/` of a name (`openai/gpt-4o`) counts as a provider does.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}

WHOLE, BEGINNING, WITHIN, PROVIDER, LETTERS = 0, 1, 2, 3, 6
"""What a fit costs: a whole word of the name, the beginning of one, some letters in a row; the
same in the provider or vendor (from `PROVIDER` on); letters in order that begin a word, with one
more for each letter that is skipped."""

_MOST_SKIPPED = 24
"""Letters in between that are counted; all further ones are the same."""

_LONGEST = 48
"""Letters of a word that may stand apart from each other."""


def spread(name: str) -> str:
    """A name in lower case, with a space for each separator and one more at either end.

    Each character of the name stands where it stood, one further to the right.
    """
    lower = name.lower()
    if len(lower) != len(name):  # some letters have two in lower case
        lower = "".join(low if len(low := letter.lower()) == 1 else letter for letter in name)
    return f" {lower.translate(_SPACES)} "


class Search(Protocol):
    """Looks for something in a text."""

    def __call__(self, text: str, start: int = 0, /) -> re.Match[str] | None:
        """Where it stands first; None where it does not."""
        ...


class Word(NamedTuple):
    """A word that is looked for, in the forms in which names are searched."""

    plain: str
    """Spread, without the spaces around it."""
    begins: str
    whole: str
    first: str
    """The beginning of a word: what else fits begins so."""
    search: "Search | None"
    """Finds its letters in order; None where it has only one, or very many."""


def word_of(typed: str) -> Word | None:
    """A word as it is searched for; None where it is made of separators alone."""
    plain = " ".join(spread(typed).split())
    if not plain:
        return None
    letters = [re.escape(letter) for letter in plain if letter != " "]
    search = None
    if 1 < len(letters) <= _LONGEST:
        # Possessive: a letter is taken where it stands first, and never looked for again.
        rest = "".join(f"[^{letter}]*+{letter}" for letter in letters[1:])
        search = re.compile(f" {letters[0]}{rest}").search
    return Word(plain, f" {plain}", f" {plain} ", f" {plain[0]}", search)


def letters_cost(word: Word, found: re.Match[str]) -> int:
    """What it costs that letters stand in between."""
    skipped = found.end() - found.start() - len(word.plain)
    return LETTERS + min(max(skipped, 0), _MOST_SKIPPED)


def tail_of(name: str) -> str:
    """A name without a vendor before it."""
    return name.rpartition("/")[2]


def vendor_of(name: str) -> str:
    """The vendor before a name; empty where there is none."""
    return name.rpartition("/")[0]


def provider_cost(word: Word, names: Iterable[str]) -> int | None:
    """What a fit in one of the names of a provider costs, spread; None where there is none."""
    costs = [
        PROVIDER + (WHOLE if word.whole in name else BEGINNING if word.begins in name else WITHIN)
        for name in names
        if word.plain in name
    ]
    return min(costs, default=None)


def marks(words: Iterable[Word], name: str) -> list[int]:
    """The characters of a name that were typed, in order; words that stand in none leave none."""
    there, tail = spread(name), name.rfind("/") + 1
    found: set[int] = set()
    for word in words:
        found.update(_places(word, there, tail))
    return sorted(place - 1 for place in found)


def _places(word: Word, name: str, tail: int) -> Iterator[int]:
    for form, before in ((word.whole, 1), (word.begins, 1), (word.plain, 0)):
        if (start := name.find(form, tail)) >= 0:
            at = start + before
            yield from range(at, at + len(word.plain))
            return
    if word.search is None or (found := word.search(name, tail)) is None:
        if tail:
            yield from _places(word, name[: tail + 1], 0)
        return
    at = found.start()
    for letter in word.plain.replace(" ", ""):
        at = name.index(letter, at)
        yield at
        at += 1
