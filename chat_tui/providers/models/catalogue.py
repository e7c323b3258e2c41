"""Windows and prices of models as they were when the app was made: the last one to be asked.

The data is from `genai-prices` (see LICENSE.genai-prices beside it) and has a date in it; it is
made anew by `python -m tests.model_catalogue`.
"""

import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from chat_tui.core.targets import Prices

DATA = Path(__file__).with_name("catalogue.json.gz")

_MOST_KEPT = 500
"""Answers that are kept."""

_LONGEST_NAME = 200
_LATER = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d|latest)\Z")
"""What stands behind a name and is no other model."""
_FINE_TUNED = re.compile(r"ft:([^:]+)")


class Entry(NamedTuple):
    """What the catalogue says of a model."""

    window: int | None = None
    """Tokens."""
    prices: Prices | None = None


class Name(NamedTuple):
    """A way to write a model's name."""

    text: str
    same_price: bool = True
    """Whether what is called so costs the same."""


def names_of(model: str) -> Sequence[Name]:
    """The names under which a model may be known, the nearest first.

    Without a vendor before it (`openai/gpt-4o`, `models/gemini-2.5-pro`) or a date behind it; and,
    where only the window is the same, without a variant (`:free`), or the model that was tuned.
    """
    whole = model.strip().lower()
    if len(whole) > _LONGEST_NAME:
        return ()
    found = dict.fromkeys(_shorter(whole), True)
    if tuned := _FINE_TUNED.match(whole):
        others: Iterable[str] = _shorter(tuned[1])
    else:
        others = _shorter(whole.rsplit("/", 1)[-1].split(":")[0])
    for name in others:
        found.setdefault(name, False)
    return [Name(text, same) for text, same in found.items() if text]


def _shorter(name: str) -> list[str]:
    last = name.rsplit("/", 1)[-1]
    return [name, _LATER.sub("", name), last, _LATER.sub("", last)]


class Catalogue:
    """The models of all providers; read when first asked, in some milliseconds.

    Args:
        path: of the data.
    """

    def __init__(self, path: Path = DATA) -> None:
        self._path = path
        self._places: Sequence[_Place] = ()
        self._found: dict[tuple[str, str], Entry] = {}

    def find(self, host: str, model: str) -> Entry:
        """What is known of a model.

        Args:
            host: where it is asked. At one that is not in the catalogue, as a gateway, it is known
                by its name alone: by what its makers say, unless they, or others about its prices,
                disagree.
            model: its name there.
        """
        key = (host, model)
        if key not in self._found:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[key] = self._look_up(host, names_of(model))
        return self._found[key]

    def _look_up(self, host: str, names: Sequence[Name]) -> Entry:
        if not self._places:
            data = json.loads(gzip.decompress(self._path.read_bytes()))
            self._places = [_Place(each) for each in data["providers"]]
        for place in self._places:
            if any(fnmatchcase(host, pattern) for pattern in place.hosts):
                return self._at(place, names)
        # Whoever only runs a model may give it less room, and has a price of its own.
        makers = [place.find(names) for place in self._places if place.maker]
        others = [place.find(names) for place in self._places if not place.maker]
        windows = {each.window for each in makers if each.window}
        window = windows.pop() if len(windows) == 1 else None
        return Entry(window, _agreed(makers, others))

    def _at(self, place: "_Place", names: Sequence[Name]) -> Entry:
        there = [place, *(each for each in self._places if each.name in place.also)]
        found = [each.find(names) for each in there]
        window = next((each.window for each in found if each.window), None)
        return Entry(window, next((each.prices for each in found if each.prices), None))


class _Place:
    """The models of one provider."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.name: str = data["name"]
        self.hosts: Sequence[str] = data["hosts"]
        self.maker: bool = data["maker"]
        """Whether it makes its models; others run them."""
        self.also: Sequence[str] = data["also"]
        """Providers whose models it has, too."""
        self._names: dict[str, Entry] = {}
        beginnings: dict[str, Entry] = {}
        for names, starts, window, *prices in data["models"]:
            known = any(price is not None for price in prices)
            entry = Entry(window, Prices(*prices) if known else None)
            self._names |= dict.fromkeys(names, entry)
            beginnings |= dict.fromkeys(starts, entry)
        self._beginnings = sorted(beginnings.items(), key=lambda each: -len(each[0]))
        """How names begin, the longest first."""

    def find(self, names: Sequence[Name]) -> Entry:
        """The first window and the first prices that a model has under its names."""
        window: int | None = None
        prices: Prices | None = None
        for name in names:
            found = self._entry(name.text)
            window = window or found.window
            if name.same_price:
                prices = prices or found.prices
        return Entry(window, prices)

    def _entry(self, name: str) -> Entry:
        if (found := self._names.get(name)) is not None:
            return found
        fitting = (entry for start, entry in self._beginnings if name.startswith(start))
        return next(fitting, Entry())


def _agreed(makers: Sequence[Entry], others: Sequence[Entry]) -> Prices | None:
    """The prices of makers, where nobody has others."""
    said = [entry.prices for entry in (*makers, *others) if entry.prices is not None]
    made = any(entry.prices is not None for entry in makers)
    if not made or len({(each.input, each.output) for each in said}) != 1:
        return None
    return next((each for each in said if each.cached is not None), said[0])
