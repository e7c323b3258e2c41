"""Prices as lists write them: for a token or for a million, as texts or numbers. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from chat_tui.core.targets import Prices

_INPUT = ("prompt", "input", "input_tokens", "input_cost_per_token")
_OUTPUT = ("completion", "output", "output_tokens", "output_cost_per_token")
_CACHED = (
    "input_cache_read",
    "cached_input",
    "cache_input",
    "cache_read",
    "cache_read_tokens",
    "cached",
    "cache_read_input_token_cost",
)

COSTS = (_INPUT[-1], _OUTPUT[-1], _CACHED[-1])
"""Those that need no table of their own."""

_PER_TOKEN = 0.001
"""Smaller prices are for one token, others for a million: no token costs a tenth of a cent, and
no million tokens cost less."""

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,20})?([eE]-?\d{1,2})?")

_NONE = Prices()


def prices_of(table: Mapping[str, Any]) -> Prices:
    """The prices in a table, in US dollars for a million tokens."""
    if not table:
        return _NONE
    return Prices(_price(table, _INPUT), _price(table, _OUTPUT), _price(table, _CACHED))


def _price(prices: Mapping[str, Any], names: Iterable[str]) -> float | None:
    """One price; None where it is unknown (also "-1")."""
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
