"""Joins what the snapshots say: which of their entries are one model, and its row in the data.

Names that `genai-prices` gives to one model, of which another snapshot says other things, are
models of their own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chat_tui.core.models import ModelInfo
from chat_tui.providers.listing.chat_models import is_chat_model
from chat_tui.tokens.images import image_rule
from tests.model_catalogue.choosing import (
    abilities_of,
    agreed_window,
    first_of,
    is_gone,
    is_outdated,
    prices_of,
    released_of,
    vocabulary_of,
    window_of,
)
from tests.model_catalogue.genai_prices import Node, Priced, models_of, windows_of
from tests.model_catalogue.places import PLACES, PlaceSource
from tests.model_catalogue.saying import NO_PRICES, Saying, undated
from tests.model_catalogue.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Sources:
    """All that the catalogue is made of."""

    prices: Mapping[str, Node]
    """Of `genai-prices`; its letter in the data is g."""
    models_dev: Snapshot
    """Its letter is m."""
    litellm: Snapshot
    """Its letter is l. Dates in names have n, those of `facts.toml` f."""


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

    def sayings(self, names: Iterable[str], others: Iterable[str] = ()) -> dict[str, Saying]:
        """What each snapshot says of a model under the first of its names that it has.

        Args:
            names: the nearest first.
            others: names of models that are not meant, though only a date sets them apart.
        """
        names, others = list(names), set(others)
        found = {}
        for letter, models in self._snapshots.items():
            short = self._undated[letter]
            hits = [models[name] for name in names if name in models]
            dated = (short[undated(name)] for name in names if undated(name) in short)
            hits += [each for each in dated if each.id.lower() not in others]
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
        for part, said in _parts(place, model):
            yield from _row(place, part, said, elsewhere)
    for added in place.others(frozenset(known)):
        id_ = added.id.lower()
        model = Priced(added.id, frozenset({id_}), frozenset(), None, NO_PRICES, False)
        yield from _row(place, model, place.sayings([id_]), {})


def _parts(place: _Place, model: Priced) -> Iterator[tuple[Priced, Mapping[str, Saying]]]:
    """A model, after those of its names that are known as models of their own."""
    id_ = model.id.lower()
    # The id's own facts before those of other names.
    names = dict.fromkeys([id_, *sorted(model.names), *sorted(model.beginnings)])
    all_said = place.sayings(names)
    apart = []
    for name in sorted(model.names - {id_}):
        own = place.sayings([name])
        if any(not each.same_facts(all_said[letter]) for letter, each in own.items()):
            apart.append(name)
            part = model._replace(names=frozenset({name}), beginnings=frozenset())
            window = None if agreed_window(own) else model.window
            yield part._replace(id=name, window=window), own
    left = model._replace(names=model.names.difference(apart))
    said = place.sayings([name for name in names if name not in apart], apart)
    if is_outdated(model.window, said):
        # Only what it is called now stands for the new one.
        if older := [*sorted(left.names - {id_}), *sorted(left.beginnings)]:
            yield left._replace(id=older[0], names=left.names - {id_}), {}
        left = left._replace(names=frozenset({id_}), beginnings=frozenset())
    yield left, said


def _row(
    place: _Place, model: Priced, said: Mapping[str, Saying], elsewhere: Mapping[str, int]
) -> Iterator[list[Any]]:
    spelt = next((each.id for each in said.values() if each.id.lower() in model.names), "")
    id_ = spelt or model.id
    if not is_chat_model(ModelInfo(id_)) or (said and not any(s.chat for s in said.values())):
        return
    window, window_from = window_of(model, said, elsewhere)
    prices, prices_from = prices_of(model, said, free=place.place.free)
    output, output_from = first_of(said, lambda each: each.max_output)
    if output and window:
        output = min(output, window)
    abilities, abilities_from = abilities_of(said)
    released, released_from = released_of(id_, said.get("m"))
    if window is None and prices == NO_PRICES:
        return
    gone = model.gone or any(each.gone for each in said.values()) or is_gone(id_)
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
