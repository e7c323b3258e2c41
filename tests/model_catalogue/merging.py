"""Joins what the snapshots say, each fact from the first that says it."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chat_tui.core.models import ABILITIES, ModelInfo
from chat_tui.providers.listing.chat_models import is_chat_model
from chat_tui.tokens.images import image_rule
from chat_tui.tokens.models import encoding_name, own_encoding, parse_name
from tests.model_catalogue.genai_prices import Node, Priced, models_of, windows_of
from tests.model_catalogue.places import PLACES, PlaceSource
from tests.model_catalogue.saying import NO_PRICES, Prices, Saying, undated
from tests.model_catalogue.snapshots import Snapshot

_IN_NAMES = re.compile(r"(20[12]\d)-?(\d\d)-?(\d\d)(?:\Z|-)")
_YEAR_AND_MONTH = re.compile(r"-(2[3-9])(0[1-9]|1[0-2])\Z")
"""How Mistral dates its models."""
_OUTDATED = 1.1
"""By how much a window may differ between snapshots that agree."""


@dataclass(frozen=True, slots=True)
class Sources:
    """All that the catalogue is made of."""

    prices: Mapping[str, Node]
    """Of `genai-prices`; its letter in the data is g."""
    models_dev: Snapshot
    """Its letter is m."""
    litellm: Snapshot
    """Its letter is l. Dates in names have n."""


def catalogue_of(sources: Sources, today: date, named: Sequence[str]) -> dict[str, Any]:
    """What the app's file holds.

    Args:
        sources: what to join.
        today: prices hold, and models are there, on this day.
        named: the sources with their versions, dates and licences.
    """
    gateway = sources.prices.get("openrouter")
    elsewhere = windows_of(gateway) if gateway else {}
    return {
        "date": today.isoformat(),
        "sources": list(named),
        "providers": [
            {
                "name": name,
                "hosts": place.hosts,
                "maker": place.maker,
                "also": _also(sources.prices.get(name)),
                "models": list(
                    _rows(_Place(name, place, sources, today), elsewhere if place.maker else {})
                ),
            }
            for name, place in PLACES.items()
        ],
    }


def _also(provider: Node | None) -> list[str]:
    others = (provider or {}).get("fallback_model_providers") or ()
    return [each for each in others if each in PLACES]


class _Place:
    """What is said of the models of one provider."""

    def __init__(self, name: str, place: PlaceSource, sources: Sources, today: date) -> None:
        self.place = place
        node = sources.prices.get(name)
        self.priced = models_of(node, today) if node else []
        self._snapshots = {
            "m": dict(sources.models_dev.get(place.models_dev, {})),
            "l": dict(sources.litellm.get(place.litellm, {})),
        }
        self._undated: dict[str, dict[str, Saying]] = {}
        for letter, models in self._snapshots.items():
            short = self._undated[letter] = {}
            for id_ in sorted(models):
                short[undated(id_)] = models[id_]  # the newest

    def sayings(self, names: Iterable[str]) -> dict[str, Saying]:
        """What each snapshot says of a model under the first of its names that it has."""
        names = list(names)
        found = {}
        for letter, models in self._snapshots.items():
            short = self._undated[letter]
            hits = [models[name] for name in names if name in models]
            hits += [short[undated(name)] for name in names if undated(name) in short]
            if hits:
                found[letter] = hits[0]
        return found

    def others(self, known: frozenset[str]) -> Iterator[Saying]:
        """The models that snapshots add to those that are known."""
        seen = set(known)
        for letter in self.place.added:
            models = self._snapshots[letter]
            for id_ in sorted(models):
                short = undated(id_)
                if id_ in seen or short in seen or (short != id_ and short in models):
                    continue
                seen.add(id_)
                yield models[id_]


def _rows(place: _Place, elsewhere: Mapping[str, int]) -> Iterator[list[Any]]:
    """The rows of a provider's models to talk to; see `chat_tui.providers.models.catalogue`."""
    known: set[str] = set()
    for model in place.priced:
        known |= model.names
        known |= {undated(name) for name in model.names}
        # The id's own facts before those of other names.
        names = [model.id.lower(), *sorted(model.names), *sorted(model.beginnings)]
        yield from _row(place, model, place.sayings(dict.fromkeys(names)), elsewhere)
    for said in place.others(frozenset(known)):
        id_ = said.id.lower()
        model = Priced(said.id, frozenset({id_}), frozenset(), None, NO_PRICES, False)
        yield from _row(place, model, place.sayings([id_]), {})


def _row(
    place: _Place, model: Priced, said: Mapping[str, Saying], elsewhere: Mapping[str, int]
) -> Iterator[list[Any]]:
    spelt = next((each.id for each in said.values() if each.id.lower() in model.names), "")
    id_ = spelt or model.id
    if not is_chat_model(ModelInfo(id_)) or (said and not any(s.chat for s in said.values())):
        return
    window, window_from = _window(model, said, elsewhere)
    prices, prices_from = _prices(model.prices, said, free=place.place.free)
    output, output_from = _first(said, lambda each: each.max_output)
    abilities, abilities_from = _abilities(said)
    released, released_from = _released(id_, said.get("m"))
    if window is None and prices == NO_PRICES:
        return
    gone = model.gone or any(each.gone for each in said.values()) or _GONE.fullmatch(id_)
    current = bool(spelt) and not gone and all(each.chat for each in said.values())
    tokenizer, rule = vocabulary_of(id_), image_rule(id_) if "v" not in abilities else ""
    yield [
        id_,
        sorted(model.names - {id_.lower()}),
        sorted(model.beginnings),
        window,
        *prices,
        output,
        abilities,
        tokenizer,
        rule,
        released,
        int(current),
        window_from + prices_from + output_from + abilities_from + released_from,
    ]


def _window(
    model: Priced, said: Mapping[str, Saying], elsewhere: Mapping[str, int]
) -> tuple[int | None, str]:
    """`genai-prices`' window, unless both others agree that it has become much larger."""
    others = [each.window for each in said.values() if each.window]
    window = model.window
    if window is not None:
        if len(others) == len(said) == 2:
            low, high = min(others), max(others)
            if window * _OUTDATED < low and high <= low * _OUTDATED:
                return _first(said, lambda each: each.window)
        return window, "g"
    if others:
        return _first(said, lambda each: each.window)
    found = next((elsewhere[name] for name in sorted(model.names) if name in elsewhere), None)
    return found, "g" if found else "-"


def _prices(own: Prices, said: Mapping[str, Saying], *, free: bool) -> tuple[Prices, str]:
    if own[0] is not None or own[1] is not None:
        return own, "g"
    for letter, each in said.items():
        given = each.prices[0] is not None and each.prices[1] is not None
        if given and not (free and not any(each.prices)):
            return each.prices, letter
    return NO_PRICES, "-"


def _first(
    said: Mapping[str, Saying], get: Callable[[Saying], int | None]
) -> tuple[int | None, str]:
    found = ((get(each), letter) for letter, each in said.items() if get(each))
    return next(found, (None, "-"))


def _abilities(said: Mapping[str, Saying]) -> tuple[str, str]:
    """Their first letters, large for what it can and small for what it cannot; and who says it."""
    letters = sources = ""
    for ability in ABILITIES:
        found = (
            (each.abilities[ability], s) for s, each in said.items() if ability in each.abilities
        )
        can, source = next(found, (None, "-"))
        sources += source
        if can is not None:
            letters += ability[0].upper() if can else ability[0]
    return letters, sources


def _released(id_: str, said: Saying | None) -> tuple[str, str]:
    if said is not None and said.released:
        return said.released, "m"
    if found := _IN_NAMES.search(id_):
        try:
            return date(*map(int, found.groups())).isoformat(), "n"
        except ValueError:
            return "", "-"
    if found := _YEAR_AND_MONTH.search(id_):
        return f"20{found[1]}-{found[2]}", "n"
    return "", "-"


def vocabulary_of(model: str) -> str:
    """The vocabulary that a model counts with, or the family of it; empty where nobody says."""
    if own_encoding(model):
        return encoding_name(model)
    name = parse_name(model).name
    return next((family for family, names in _FAMILIES if names.match(name)), "")


_READ = tomllib.loads(Path(__file__).with_name("facts.toml").read_text("utf-8"))
_GONE = re.compile("|".join(_READ["gone"]))
_FAMILIES = [(each["name"], re.compile(f"(?:{each['models']})")) for each in _READ["tokenizers"]]
