"""What is known of models as it was when the app was made: the last one to be asked.

The data is from `genai-prices`, models.dev and LiteLLM (see the LICENSE files beside it) and has
their dates in it; it is made anew by `python -m tests.model_catalogue`.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from chat_tui.core.models import ABILITIES, Ability
from chat_tui.core.targets import Prices
from chat_tui.providers.models.names import Name, names_of

DATA = Path(__file__).with_name("catalogue.json.gz")

_MOST_KEPT = 20_000
"""Answers that are kept, some 300 bytes each."""

_CUT = 2
"""Letters by which beginnings of names are sorted; none is shorter."""

_NO_ABILITIES: Mapping[Ability, bool] = {}


class Entry(NamedTuple):
    """What the catalogue says of a model; None, or missing, where it does not know."""

    window: int | None = None
    """Tokens."""
    prices: Prices | None = None
    max_output: int | None = None
    """Tokens of a reply."""
    abilities: Mapping[Ability, bool] = _NO_ABILITIES
    tokenizer: str = ""
    """The vocabulary, or its family."""
    image_rule: str = ""
    """How pictures are counted, as `tokens.images` calls it."""
    released: str = ""
    """ISO date, or its year and month."""


class Catalogue:
    """The models of all providers; read when first asked, in some milliseconds.

    Args:
        path: of the data.
    """

    def __init__(self, path: Path = DATA) -> None:
        self._path = path
        self._hosts: dict[str, _Place | None] = {}
        self._found: dict[tuple[str, str], Entry] = {}

    @property
    def date(self) -> str:
        """The day of which the data is, in ISO form."""
        return self._data.date

    @cached_property
    def _data(self) -> "_Data":
        # Whole, or not at all: threads ask, too.
        return _read_data(self._path)

    def find(self, host: str, model: str) -> Entry:
        """What is known of a model.

        Args:
            host: where it is asked. At one that is not in the catalogue, as a gateway, it is known
                by its name alone: by what its makers say, unless they, or others about its prices,
                disagree. What it can, and when it came out, is told by its name everywhere.
            model: its name there.
        """
        key = (host, model)
        if (found := self._found.get(key)) is None:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            found = self._found[key] = self._look_up(host, names_of(model))
        return found

    def current(self, host: str) -> Sequence[str]:
        """The models of a host that were there to talk to, the newest first; their API's names."""
        place = self._place_at(host)
        return place.current if place is not None else ()

    def _place_at(self, host: str) -> "_Place | None":
        if host not in self._hosts:
            fitting = (each for each in self._data.places if each.is_at(host))
            self._hosts[host] = next(fitting, None)
        return self._hosts[host]

    def _look_up(self, host: str, names: Sequence[Name]) -> Entry:
        place = self._place_at(host)
        found = self._gather(names)
        if not found:
            return Entry()
        places = self._data.places
        makers = [entry for at, entry in found.items() if places[at].maker]
        others = [entry for at, entry in found.items() if not places[at].maker]
        if place is None:
            # Whoever only runs a model may give it less room, and has a price of its own.
            window, output = _only(makers, "window"), _only(makers, "max_output")
            prices, here = _agreed(makers, others), []
        else:
            also = [each.number for each in places if each.name in place.also]
            here = [found[at] for at in (place.number, *also) if at in found]
            window, prices = _first(here, "window"), _first(here, "prices")
            output = _first(here, "max_output")
        everywhere = [*here, *makers, *others]
        return Entry(
            window,
            prices,
            output,
            _able(here[:1], makers, others),
            _first(everywhere, "tokenizer") or "",
            _first(everywhere, "image_rule") or "",
            _first(here, "released") or _earliest(makers) or _earliest(others),
        )

    def _gather(self, names: Sequence[Name]) -> Mapping[int, Entry]:
        """What each place says: the nearest name's facts, and of others what is missing there."""
        found: dict[int, Entry] = {}
        data = self._data
        for name in names:
            there = data.names.get(name.text, {})
            hits = list(there.items())
            seen = set(there)
            for start, number, entry in data.beginnings.get(name.text[:_CUT], ()):
                if number not in seen and name.text.startswith(start):
                    seen.add(number)
                    hits.append((number, entry))
            for number, entry in hits:
                new = entry if name.same_price else entry._replace(prices=None)
                known = found.get(number)
                found[number] = new if known is None else _filled(known, new)
        return found


class _Place:
    """A provider."""

    def __init__(self, number: int, data: Mapping[str, Any]) -> None:
        self.number = number
        self.name: str = data["name"]
        self.maker: bool = data["maker"]
        """Whether it makes its models; others run them."""
        self.also: Sequence[str] = data["also"]
        """Providers whose models it has, too."""
        self._hosts: Sequence[str] = data["hosts"]
        there = [(row[11], row[0]) for row in data["models"] if row[12]]
        there.sort(key=lambda each: each[1])
        # Those without a date are the newest that the data holds: dates come from another source.
        there.sort(key=lambda each: each[0] or "9", reverse=True)
        self.current: Sequence[str] = list(dict.fromkeys(id_ for _, id_ in there))

    def is_at(self, host: str) -> bool:
        """Whether it answers at a host."""
        return any(fnmatchcase(host, pattern) for pattern in self._hosts)


class _Data(NamedTuple):
    """All that the file holds."""

    date: str
    places: Sequence[_Place]
    names: dict[str, dict[int, Entry]]
    """Name → the place's number → the model there."""
    beginnings: dict[str, list[tuple[str, int, Entry]]]
    """The first letters → beginnings of names, the longest first."""


def _read_data(path: Path) -> _Data:
    providers = json.loads(gzip.decompress(path.read_bytes()))
    places = [_Place(at, each) for at, each in enumerate(providers["providers"])]
    data = _Data(providers["date"], places, {}, {})
    for place, each in zip(places, providers["providers"], strict=True):
        for row in each["models"]:
            _add(data, place.number, row)
    for there in data.beginnings.values():
        there.sort(key=lambda each: -len(each[0]))
    return data


def _add(data: _Data, number: int, row: Sequence[Any]) -> None:
    id_, names, beginnings, window, *prices, output, letters, vocabulary, rule, when = row[:12]
    known = any(price is not None for price in prices)
    entry = Entry(
        window,
        Prices(*prices) if known else None,
        output,
        _read_abilities(letters),
        vocabulary,
        rule,
        when,
    )
    for name in (id_.lower(), *names):
        data.names.setdefault(name, {})[number] = entry
    for start in beginnings:
        data.beginnings.setdefault(start[:_CUT], []).append((start, number, entry))


def _read_abilities(letters: str) -> Mapping[Ability, bool]:
    """Abilities of their first letters, large for what a model can and small for what it cannot."""
    if (found := _READ.get(letters)) is None:
        found = {
            ability: ability[0].upper() in letters
            for ability in ABILITIES
            if ability[0] in letters.lower()
        }
        _READ[letters] = found
    return found


_READ: dict[str, Mapping[Ability, bool]] = {}
"""There are 81 of them at the most."""


def _filled(known: Entry, further: Entry) -> Entry:
    """What is known, and where that is nothing what is known of a name further away."""
    if known is further or all(known):
        return known
    return Entry._make(mine or other for mine, other in zip(known, further, strict=True))


def _first(entries: Sequence[Entry], name: str) -> Any:
    return next((value for each in entries if (value := getattr(each, name))), None)


def _only(entries: Sequence[Entry], name: str) -> Any:
    """What all say that say anything; None where they disagree."""
    values = {value for value in map(attrgetter(name), entries) if value}
    return values.pop() if len(values) == 1 else None


def _able(*circles: Sequence[Entry]) -> Mapping[Ability, bool]:
    """What a model can: by the first circle that says anything, and there by the most."""
    said = [each for each in circles if each]
    if len(said) == 1 and len(said[0]) == 1:
        return said[0][0].abilities
    able: dict[Ability, bool] = {}
    for ability in ABILITIES:
        for circle in said:
            words = [each.abilities[ability] for each in circle if ability in each.abilities]
            if 2 * sum(words) != len(words):
                able[ability] = 2 * sum(words) > len(words)
                break
    return able


def _earliest(entries: Sequence[Entry]) -> str:
    return min((each.released for each in entries if each.released), default="")


def _agreed(makers: Sequence[Entry], others: Sequence[Entry]) -> Prices | None:
    """The prices of makers, where nobody has others."""
    said = [entry.prices for entry in (*makers, *others) if entry.prices is not None]
    made = any(entry.prices is not None for entry in makers)
    if not made or len({(each.input, each.output) for each in said}) != 1:
        return None
    return next((each for each in said if each.cached is not None), said[0])
