"""What providers' lists say about their models, in all the shapes in which they say it. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from chat_tui.core.models import ModelInfo
from chat_tui.providers.fields import as_count, as_dict, as_list

LONGEST_ID = 500
"""Characters of a model's id; real ones have fewer than 120."""

_LISTS = ("data", "models", "result", "items")
_IDS = ("id", "model", "name", "key")
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
        "n_ctx",
        "n_ctx_train",
    ),
    "max_output": (
        "max_completion_tokens",
        "max_output_tokens",
        "max_output_length",
        "outputTokenLimit",
        "max_tokens",
    ),
}
"""What counts of tokens are called; the first that is there is meant."""

_INPUT_PRICES = ("prompt", "input", "input_tokens")
_OUTPUT_PRICES = ("completion", "output", "output_tokens")
_CACHED_PRICES = ("input_cache_read", "cached_input", "cache_input", "cache_read", "cached")
_PER_TOKEN = 0.001
"""Smaller prices are for one token, others for a million: no token costs a tenth of a cent, and
no million tokens cost less."""

_INSIDE = ("top_provider", "meta", "metadata", "limits", "model_spec", "architecture")
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
    }.items()
    for rank, name in enumerate(names)
}
"""Field → what it holds, and how far back it stands among its likes."""

_ABILITIES = {
    "vision": ("vision", "imageinput", "imageunderstanding", "multimodal", "vlm"),
    "tools": ("tools", "tool", "tooluse", "toolcalling", "toolcalls", "functioncalling"),
    "json": ("json", "jsonmode", "responseformat", "responseschema", "jsonschema"),
    "reasoning": ("reasoning", "thinking", "includereasoning", "reasoningeffort"),
}
_BY_WORD = {word: ability for ability, words in _ABILITIES.items() for word in words} | {
    "structuredoutput": "json",
    "structuredoutputs": "json",
}

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?([eE]-?\d{1,2})?")
_SIGNS = re.compile(r"[^a-z]")


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
    return list(found.values())


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
        return ModelInfo(id_, raw={name: entry[name] for name in entry if name in _KEPT})
    facts = _Facts()
    facts.read(entry)
    name = next((text for each in _NAMES if (text := entry.get(each))), "")
    prices = facts.prices
    return ModelInfo(
        id_,
        name=name if isinstance(name, str) and name != id_ else "",
        window=facts.counts.get("window"),
        max_output=facts.counts.get("max_output"),
        input_price=_price(prices, _INPUT_PRICES) if prices else None,
        output_price=_price(prices, _OUTPUT_PRICES) if prices else None,
        cached_price=_price(prices, _CACHED_PRICES) if prices else None,
        abilities=frozenset(filter(None, map(_ability, facts.words))),
        active=_is_active(entry, now),
        raw={name: value for name, value in entry.items() if name not in ("id", "object")},
    )


_KEPT = ("created", "owned_by")
_PLAIN = {"id", "object", *_KEPT}


class _Facts:
    """What one entry says, gathered field by field: most lists are long, most fields unknown."""

    __slots__ = ("_ranks", "counts", "prices", "words")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.prices: Mapping[str, Any] = {}
        self.words: list[str] = []
        """What stands for abilities, among other words."""
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
                elif self._is_place(kind, value):
                    inner.append(value)
            elif value is True:
                self.words.append(name)
        if depth < _DEEPEST:
            for table in inner:
                self.read(table, depth + 1)

    def _is_place(self, kind: str, value: object) -> bool:
        """Read a field that is no count; gives whether there may be more facts in it."""
        match kind:
            case "features" | "capabilities":
                self.words += _words(value)
            case "modalities":
                self._modalities(value)
            case "pricing":
                self.prices = self.prices or as_dict(value)
        return kind in ("place", "capabilities") and isinstance(value, dict)

    def _count(self, kind: str, rank: int, value: object) -> None:
        if rank >= self._ranks.get(kind, _LAST):
            return
        if isinstance(value, str) and value.isdecimal() and len(value) < 12:
            value = int(value)
        if count := as_count(value):
            self.counts[kind] = count
            self._ranks[kind] = rank

    def _modalities(self, value: object) -> None:
        # "text+image->text": what goes in stands before the arrow.
        given = value.split("->")[0].split("+") if isinstance(value, str) else as_list(value)
        if "image" in given:
            self.words.append("vision")


_LAST = 1000
_DEEPEST = 2
"""Tables in tables of an entry that are looked into."""


def _price(prices: Mapping[str, Any], names: Iterable[str]) -> float | None:
    """A price in US dollars for a million tokens; None where it is unknown (also "-1")."""
    for name in names:
        value = prices.get(name)
        if value is None:
            continue
        if isinstance(value, dict):
            value = value.get("usd")
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value < _PER_TOKEN:
            return round(value * 1_000_000, 6)
        return float(value) if 0 <= value < 1_000_000 else None
    return None


def _words(value: object) -> list[str]:
    """What a list names, or what a table says is true."""
    if isinstance(value, list):
        return [word for word in value if isinstance(word, str)]
    if isinstance(value, str):
        return [value]
    words: list[str] = []
    for name, says in as_dict(value).items():
        if says is True or as_dict(says).get("supported") is True:
            words.append(name)
        elif isinstance(says, dict):
            words += [inner for inner, yes in says.items() if yes is True]
    return words


@lru_cache(maxsize=1024)
def _ability(word: str) -> str:
    """The ability that a word stands for, however it is spelt; empty for none."""
    return _BY_WORD.get(_SIGNS.sub("", word[:40].lower()).removeprefix("supports"), "")


def _is_active(entry: Mapping[str, Any], now: float) -> bool:
    if entry.get("active") is False or entry.get("archived") is True:
        return False
    for name in ("deprecation", "deprecation_date", "expiration_date"):
        value = entry.get(name)
        if isinstance(value, str) and value:
            try:
                date = datetime.fromisoformat(value)
                if date.replace(tzinfo=date.tzinfo or UTC).timestamp() <= now:
                    return False
            except (ValueError, OverflowError):
                continue
    return True
