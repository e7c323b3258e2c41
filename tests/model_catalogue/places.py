"""Whom the catalogue holds, where they answer, and what the snapshots call them."""

from collections.abc import Mapping
from typing import NamedTuple


class PlaceSource(NamedTuple):
    """One provider of the catalogue."""

    hosts: tuple[str, ...]
    """Where it answers."""
    maker: bool = True
    """Whether it makes its models; the others run them."""
    models_dev: str = ""
    """What models.dev calls it; empty where it does not have it."""
    litellm: str = ""
    """What LiteLLM calls it; likewise."""
    free: bool = False
    """Whether what is free there is only a trial: it says nothing about a price."""
    added: tuple[str, ...] = ("m", "l")
    """The snapshots that may add models which `genai-prices` does not have: m for models.dev, l for
    LiteLLM. The latter keeps what has been gone for years at some places."""


PLACES: Mapping[str, PlaceSource] = {  # by the names of `genai-prices`
    "openai": PlaceSource(("api.openai.com",), models_dev="openai", litellm="openai"),
    "anthropic": PlaceSource(("api.anthropic.com",), models_dev="anthropic", litellm="anthropic"),
    "google": PlaceSource(("*.googleapis.com",), models_dev="google", litellm="gemini"),
    "x-ai": PlaceSource(("api.x.ai",), models_dev="xai", litellm="xai"),
    "mistral": PlaceSource(("api.mistral.ai",), models_dev="mistral", litellm="mistral"),
    "deepseek": PlaceSource(("api.deepseek.com",), models_dev="deepseek", litellm="deepseek"),
    "moonshotai": PlaceSource(
        ("api.moonshot.ai", "api.moonshot.cn"), models_dev="moonshotai", litellm="moonshot"
    ),
    "zai": PlaceSource(("api.z.ai",), models_dev="zai", litellm="zai"),
    "zhipuai": PlaceSource(("open.bigmodel.cn",), models_dev="zhipuai"),
    "minimax": PlaceSource(
        ("api.minimax.io", "api.minimaxi.com", "api.minimax.chat"),
        models_dev="minimax",
        litellm="minimax",
    ),
    "cohere": PlaceSource(
        ("api.cohere.ai", "api.cohere.com"), models_dev="cohere", litellm="cohere_chat"
    ),
    "perplexity": PlaceSource(
        ("api.perplexity.ai",), models_dev="perplexity", litellm="perplexity", added=("m",)
    ),
    "meta": PlaceSource(("api.meta.ai",), litellm="meta"),
    "alibaba": PlaceSource(
        ("dashscope-intl.aliyuncs.com", "dashscope.aliyuncs.com"),
        models_dev="alibaba",
        litellm="dashscope",
        added=("m",),
    ),
    "azure": PlaceSource(
        ("*.openai.azure.com", "*.services.ai.azure.com", "*.cognitiveservices.azure.com"),
        maker=False,
        models_dev="azure",
        litellm="azure",
        added=(),
    ),
    "groq": PlaceSource(("api.groq.com",), maker=False, models_dev="groq", litellm="groq"),
    "cerebras": PlaceSource(
        ("api.cerebras.ai",), maker=False, models_dev="cerebras", litellm="cerebras", added=("m",)
    ),
    "together": PlaceSource(
        ("api.together.xyz", "api.together.ai"),
        maker=False,
        models_dev="togetherai",
        litellm="together_ai",
        added=("m",),
    ),
    "fireworks": PlaceSource(
        ("api.fireworks.ai",),
        maker=False,
        models_dev="fireworks-ai",
        litellm="fireworks_ai",
        added=("m",),
    ),
    "novita": PlaceSource(
        ("api.novita.ai",), maker=False, models_dev="novita-ai", litellm="novita", added=("m",)
    ),
    "baseten": PlaceSource(
        ("inference.baseten.co",), maker=False, models_dev="baseten", litellm="baseten"
    ),
    "ovhcloud": PlaceSource(
        ("*.ai.cloud.ovh.net",),
        maker=False,
        models_dev="ovhcloud",
        litellm="ovhcloud",
        added=("m",),
    ),
    "sambanova": PlaceSource(("api.sambanova.ai",), maker=False, litellm="sambanova"),
    "nvidia": PlaceSource(
        ("integrate.api.nvidia.com",), maker=False, models_dev="nvidia", free=True
    ),
    "github": PlaceSource(
        ("models.github.ai",), maker=False, models_dev="github-models", free=True
    ),
}
"""Gateways that list windows and prices of thousands themselves (OpenRouter, Hugging Face) need no
catalogue."""
