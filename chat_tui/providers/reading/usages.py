"""What a reply cost in tokens and money, under every name that servers give it."""

from typing import Any

from chat_tui.core.messages import Usage
from chat_tui.providers.reading.fields import as_count, as_dict, as_number


def read_usage(data: dict[str, Any]) -> Usage | None:
    """Read a usage object, OpenAI's names and DeepSeek's and Anthropic's; None if it is empty."""
    prompt = as_dict(data.get("prompt_tokens_details")) or as_dict(data.get("input_tokens_details"))
    completion = as_dict(data.get("completion_tokens_details")) or as_dict(
        data.get("output_tokens_details")
    )
    usage = Usage(
        _first(data.get("prompt_tokens"), data.get("input_tokens")),
        _first(data.get("completion_tokens"), data.get("output_tokens")),
        as_count(data.get("total_tokens")),
        _first(
            prompt.get("cached_tokens"),
            data.get("prompt_cache_hit_tokens"),
            data.get("cache_read_input_tokens"),
            data.get("cached_tokens"),
        ),
        _first(completion.get("reasoning_tokens"), data.get("reasoning_tokens")),
    )
    return None if usage == Usage() else usage


def read_cost(value: object) -> float | None:
    """Read what a reply cost, in US dollars: a number, or an object with a total."""
    if isinstance(value, dict):
        named = (value.get(name) for name in ("total_cost", "total", "usd", "amount"))
        value = next((entry for entry in named if entry is not None), None)
    cost = as_number(value)
    return cost if cost is not None and cost >= 0 else None


def _first(*values: object) -> int | None:
    return next((count for value in values if (count := as_count(value)) is not None), None)
