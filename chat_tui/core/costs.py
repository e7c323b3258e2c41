"""What an answer cost: at the prices of its time, or as the provider says."""

import math
from collections.abc import Mapping
from typing import Any

from chat_tui.core.messages import Cost, Usage
from chat_tui.core.targets import Prices

_A_MILLION = 1_000_000


def cost_of(usage: Usage | None, prices: Prices | None) -> Cost | None:
    """The cost of an answer by its usage, in US dollars.

    Cached tokens have their own price, as far as there is one; reasoning is a part of the
    completion. None where a figure or a price is missing that it takes.
    """
    if usage is None or prices is None:
        return None
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    if completion is None and prompt is not None and usage.total_tokens is not None:
        completion = usage.total_tokens - prompt
    if prompt is None or completion is None:
        return None
    cached = 0 if prices.cached is None else min(usage.cached_tokens or 0, prompt)
    parts = (
        _price(prompt - cached, prices.input),
        _price(cached, prices.cached),
        _price(completion, prices.output),
    )
    known = [part for part in parts if part is not None]
    amount = math.fsum(known)
    return Cost(amount) if len(known) == len(parts) and 0 <= amount < math.inf else None


def cost_told(raw: Mapping[str, Any]) -> Cost | None:
    """What a provider says that an answer cost, in US dollars; None where it says nothing.

    Args:
        raw: the fields of the reply that this app does not know (`ChatMessage.raw`).
    """
    amount = raw.get("cost")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return None
    return Cost(amount) if 0 <= amount < math.inf else None


def _price(tokens: int, a_million: float | None) -> float | None:
    """What so many tokens cost; nothing costs nothing, whatever the price."""
    if tokens == 0:
        return 0.0
    return None if a_million is None else tokens * a_million / _A_MILLION
