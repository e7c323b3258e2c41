"""Which servers and models want what: data, so that no code asks who somebody is.

What is not known here is learnt from a refusal, once (see `core.memory`). Free of httpx.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from fnmatch import fnmatchcase

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import ProviderProfile, Quirks
from chat_tui.providers.endpoints import parse_base_url

_AZURE = Quirks(auth="api-key")
# Unknown fields are a 422 there; usage comes without being asked for.
_MISTRAL = Quirks(max_tokens="max_tokens", stream_options=False, null_content=False)
# A tool turn without its reasoning is a 400 there.
_REASONING_BACK = Quirks(reasoning_back=True)
# "After the (optional) system message(s), user and assistant roles should be alternating."
_PERPLEXITY = Quirks(alternate=True)

BY_HOST: Mapping[str, Quirks] = {
    "*.openai.azure.com": _AZURE,
    "*.services.ai.azure.com": _AZURE,
    "*.cognitiveservices.azure.com": _AZURE,
    "*.mistral.ai": _MISTRAL,
    "api.deepseek.com": _REASONING_BACK,
    "api.moonshot.ai": _REASONING_BACK,
    "api.moonshot.cn": _REASONING_BACK,
    "api.kimi.com": _REASONING_BACK,
    "api.perplexity.ai": _PERPLEXITY,
}
"""Pattern of host names → what servers there want."""

MAX_TOKENS_BY_MODEL: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?:.*/|ft:)?(?:o[1-9]|gpt-[5-9])(?:[-.:@].*)?", re.IGNORECASE),
        "max_completion_tokens",
    ),
)
"""Pattern of whole model names, at whatever provider → how `max_tokens` is spelt."""


def quirks_for(profile: ProviderProfile) -> Quirks:
    """The quirks of a provider: its own where they differ from the defaults, else by its host."""
    known = _by_host(profile.base_url)
    default = Quirks()
    own = {
        field.name: value
        for field in fields(Quirks)
        if (value := getattr(profile.quirks, field.name)) != getattr(default, field.name)
    }
    return replace(known, **own)


def spelling_of_max_tokens(model: str) -> str:
    """How a model that is not known better wants the limit of its reply spelt."""
    for pattern, spelling in MAX_TOKENS_BY_MODEL:
        if pattern.fullmatch(model):
            return spelling
    return "max_tokens"


def _by_host(base_url: str) -> Quirks:
    try:
        host = parse_base_url(base_url).host
    except UsageError:
        # Said by whoever is about to use the address.
        return Quirks()
    for pattern, quirks in BY_HOST.items():
        if fnmatchcase(host, pattern):
            return quirks
    return Quirks()
