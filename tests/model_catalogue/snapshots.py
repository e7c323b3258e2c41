"""Reads the snapshots of models.dev and of LiteLLM: all but names and prices comes from them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chat_tui.core.models import Ability
from tests.model_catalogue.saying import Prices, Saying

Snapshot = Mapping[str, Mapping[str, Saying]]
"""Provider, by the snapshot's name for it → id in small letters → model."""

_PREFIXED = {"cohere_chat": "cohere"}
"""LiteLLM's providers whose models carry another prefix."""

_LITELLM_ABILITIES: Mapping[Ability, str] = {
    "vision": "supports_vision",
    "tools": "supports_function_calling",
    "json": "supports_response_schema",
    "reasoning": "supports_reasoning",
}


def read_models_dev(data: Mapping[str, Any]) -> Snapshot:
    """What models.dev says. It says of each model whether it can, save for structured output."""
    return {
        provider: {id_.lower(): _models_dev(id_, model) for id_, model in entry["models"].items()}
        for provider, entry in data.items()
    }


def _models_dev(id_: str, model: Mapping[str, Any]) -> Saying:
    given, made = model["modalities"]["input"], model["modalities"]["output"]
    abilities: dict[Ability, bool] = {
        "vision": "image" in given,
        "tools": model["tool_call"],
        "reasoning": model["reasoning"],
    }
    if model.get("structured_output") is True:  # False may mean: only plain JSON mode
        abilities["json"] = True
    cost, limit = model.get("cost") or {}, model["limit"]
    return Saying(
        id_,
        limit.get("context") or None,
        limit.get("output") or None,
        (cost.get("input"), cost.get("output"), cost.get("cache_read")),
        abilities,
        model["release_date"],
        model.get("status") == "deprecated",
        "text" in made,
    )


def newest(data: Mapping[str, Any]) -> str:
    """The day of models.dev's last change."""
    models = (model for entry in data.values() for model in entry["models"].values())
    return max(str(model["last_updated"]) for model in models)


def read_litellm(data: Mapping[str, Any], today: date) -> Snapshot:
    """What LiteLLM says; models that end up to a day are gone."""
    found: dict[str, dict[str, Saying]] = {}
    for key, model in data.items():
        provider = model.get("litellm_provider", "")
        if model.get("mode") not in ("chat", "responses") or key.startswith("ft:"):
            continue
        prefix = _PREFIXED.get(provider, provider)
        id_ = key.removeprefix(f"{prefix}/")
        there = found.setdefault(provider, {})
        there.setdefault(id_.lower(), _litellm(id_, model, today))
    return found


def _litellm(id_: str, model: Mapping[str, Any], today: date) -> Saying:
    abilities = {
        ability: model[name]
        for ability, name in _LITELLM_ABILITIES.items()
        if isinstance(model.get(name), bool)
    }
    ends = model.get("deprecation_date") or "9"
    endpoints = model.get("supported_endpoints") or ["/v1/chat/completions"]
    return Saying(
        id_,
        _count(model.get("max_input_tokens")),
        _count(model.get("max_output_tokens")),
        _litellm_prices(model),
        abilities,
        "",
        ends <= today.isoformat(),
        model["mode"] == "chat" or "/v1/chat/completions" in endpoints,
    )


def _litellm_prices(model: Mapping[str, Any]) -> Prices:
    def price(name: str) -> float | None:
        amount = model.get(name)
        return round(float(amount) * 1_000_000, 6) if amount is not None else None

    cached = price("cache_read_input_token_cost")
    return price("input_cost_per_token"), price("output_cost_per_token"), cached


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and value > 0 else None
