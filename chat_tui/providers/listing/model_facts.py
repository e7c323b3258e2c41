"""What providers' lists say about their models, in all the shapes in which they say it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chat_tui.core.models import ModelInfo
from chat_tui.providers.fields import as_count, as_dict, as_list
from chat_tui.providers.listing.dates import has_ended, released_on
from chat_tui.providers.listing.prices import COSTS, prices_of
from chat_tui.providers.listing.words import Words

LONGEST_ID = 500
"""Characters of a model's id; real ones have fewer than 120."""

_LISTS = ("data", "models", "result", "items")
_IDS = ("id", "model", "name", "key", "model_group", "model_name")
_NAMES = ("display_name", "displayName", "name", "label")

_COUNTS = {
    "window": (
        "context_length",
        "context_window",
        "max_context_length",
        "max_model_len",
        "max_context_window_tokens",
        "max_input_tokens",
        "inputTokenLimit",
        "availableContextTokens",
        "context_size",
        "n_ctx",
        "n_ctx_train",
    ),
    "max_output": (
        "max_completion_tokens",
        "maxCompletionTokens",
        "max_output_tokens",
        "max_output_length",
        "outputTokenLimit",
        "max_tokens",
    ),
}
"""What counts of tokens are called; the first that is there is meant."""

_INSIDE = (
    "top_provider",
    "meta",
    "metadata",
    "limits",
    "model_spec",
    "architecture",
    "model_info",
)
_MODALITIES = ("input_modalities", "supported_input_modalities", "modality", "modalities")
_FEATURES = ("supported_parameters", "supported_features", "features", "tags", "type")

_FIELDS: Mapping[str, tuple[str, int]] = {
    name: (kind, rank)
    for kind, names in {
        **_COUNTS,
        "place": _INSIDE,
        "modalities": _MODALITIES,
        "features": _FEATURES,
        "capabilities": ("capabilities",),
        "pricing": ("pricing",),
        "cost": COSTS,
        "providers": ("providers",),
    }.items()
    for rank, name in enumerate(names)
}
"""Field → what it holds, and how far back it stands among its likes."""


def entries_of(value: object) -> list[Any] | None:
    """The entries of a parsed list; None where it is none.

    Read are `{data: […]}`, `{models: […]}`, both, a bare list, and tables by id.
    """
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    names = [name for name in _LISTS if name in value]
    for name in names:
        if isinstance(entries := value[name], list) and entries:
            return entries
        if isinstance(entries, dict) and entries:
            if (inner := entries_of(entries)) is not None:
                return inner
            return [{"id": key, **as_dict(facts)} for key, facts in entries.items()]
    return [] if names else None


def model_infos(entries: Iterable[object], now: float) -> list[ModelInfo]:
    """The models of a list's entries, in their order, each once.

    Left out is what cannot be chosen: entries without an id, and ids that are overlong or hold
    what cannot be shown (controls, lone surrogates, changes of direction).

    Args:
        entries: see `entries_of`.
        now: seconds since 1970, for models that are to be taken away some day.
    """
    found: dict[str, ModelInfo] = {}
    for value in entries:
        entry: dict[str, Any] = value if isinstance(value, dict) else {"id": value}
        id_ = _id(entry)
        if id_ and id_ not in found and id_.isprintable() and len(id_) <= LONGEST_ID:
            found[id_] = _info(id_, entry, now)
    return _without_shared_dates(list(found.values()))


def _without_shared_dates(models: list[ModelInfo]) -> list[ModelInfo]:
    """Without the day that most models of a list share: it is the list's own."""
    days = Counter(each.released for each in models if each.released)
    day, count = days.most_common(1)[0] if days else ("", 0)
    if count < _SHARED or 2 * count <= len(models):
        return models
    return [replace(each, released="") if each.released == day else each for each in models]


_SHARED = 3


def stated(info: ModelInfo) -> tuple[int | None, bool]:
    """The window that a list states, and whether it is what the model was loaded with.

    What a model was trained for says nothing: None.
    """
    meta = as_dict(info.raw.get("meta"))
    for place in (info.raw, meta):
        for name in ("max_model_len", "loaded_context_length", "n_ctx"):
            if count := as_count(place.get(name)):
                return count, True
    trained = as_count(meta.get("n_ctx_train")) or as_count(info.raw.get("n_ctx_train"))
    return (None if info.window == trained else info.window), False


def _id(entry: Mapping[str, Any]) -> str:
    for name in _IDS:
        if (value := entry.get(name)) and isinstance(value, str):
            return value
    return ""


def _info(id_: str, entry: Mapping[str, Any], now: float) -> ModelInfo:
    if len(entry) <= 4 and entry.keys() <= _PLAIN:
        # OpenAI's own entries say nothing more: most of a long list.
        raw = {name: entry[name] for name in entry if name in _KEPT}
        return ModelInfo(id_, raw=raw, released=released_on(entry, now))
    facts = _Facts()
    facts.read(entry)
    facts.read_providers()
    name = next((text for each in _NAMES if (text := entry.get(each))), "")
    prices = prices_of(facts.prices or facts.costs)
    abilities = facts.words.abilities()
    return ModelInfo(
        id_,
        name=name if isinstance(name, str) and name != id_ else "",
        window=facts.counts.get("window"),
        max_output=facts.counts.get("max_output"),
        input_price=prices.input,
        output_price=prices.output,
        cached_price=prices.cached,
        abilities=abilities,
        active=not has_ended(entry, now),
        raw={name: value for name, value in entry.items() if name not in ("id", "object")},
        lacks=facts.words.denied() - abilities,
        released=released_on(entry, now),
    )


_KEPT = ("created", "owned_by")
_PLAIN = {"id", "object", *_KEPT}


class _Facts:
    """What one entry says, gathered field by field: most lists are long, most fields unknown."""

    __slots__ = ("_ranks", "costs", "counts", "prices", "providers", "words")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.prices: Mapping[str, Any] = {}
        self.costs: dict[str, Any] = {}
        """Prices that stand beside other facts."""
        self.words = Words()
        self.providers: list[dict[str, Any]] = []
        """Those who run the model, where a gateway lists them."""
        self._ranks: dict[str, int] = {}

    def read(self, place: Mapping[str, Any], depth: int = 0) -> None:
        """Read an entry, or a table in it that holds facts as the entry itself does."""
        inner = []
        for name, value in place.items():
            if (field := _FIELDS.get(name)) is not None:
                kind, rank = field
                if kind in _COUNTS:
                    # The entry's own counts come before those of its tables.
                    self._count(kind, rank + 100 * depth, value)
                elif self._is_place(kind, name, value):
                    inner.append(value)
            elif value is True or value is False:
                self.words.say(name, value)
        if depth < _DEEPEST:
            for table in inner:
                self.read(table, depth + 1)

    def _is_place(self, kind: str, name: str, value: object) -> bool:
        """Read a field that is no count; gives whether there may be more facts in it."""
        match kind:
            case "features" | "capabilities":
                self.words.read(value, whole=name == "supported_parameters")
            case "modalities":
                self.words.read_modalities(value)
            case "pricing":
                self.prices = self.prices or as_dict(value)
            case "cost":
                self.costs.setdefault(name, value)
            case "providers":
                self.providers = [each for each in as_list(value) if isinstance(each, dict)]
        return kind in ("place", "capabilities") and isinstance(value, dict)

    def read_providers(self) -> None:
        """Read what those who run the model say: what holds whoever of them answers.

        The smallest window, prices on which they agree, abilities that any of them has: a gateway
        sends requests to those who can.
        """
        live = [each for each in self.providers if each.get("status", "live") == "live"]
        windows = [count for each in live if (count := as_count(each.get("context_length")))]
        if windows and "window" not in self.counts:
            self.counts["window"] = min(windows)
        prices = [as_dict(each.get("pricing")) for each in live]
        if prices and not self.prices and all(each == prices[0] for each in prices):
            self.prices = prices[0]
        for each in live:
            for name, value in each.items():
                if value is True or value is False:
                    self.words.say(name, value)

    def _count(self, kind: str, rank: int, value: object) -> None:
        if rank >= self._ranks.get(kind, _LAST):
            return
        if isinstance(value, str) and value.isdecimal() and len(value) < 12:
            value = int(value)
        if count := as_count(value):
            self.counts[kind] = count
            self._ranks[kind] = rank


_LAST = 1000
_DEEPEST = 2
"""Tables in tables of an entry that are looked into."""
