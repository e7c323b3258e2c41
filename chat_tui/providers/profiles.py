"""Ready-made providers as data, and which of them the environment offers.

Free of httpx, so that it can be asked before the first frame.
"""

from collections.abc import Mapping
from dataclasses import replace

from chat_tui.core.targets import DEMO, ProviderProfile
from chat_tui.providers.endpoints import parse_base_url

DEMO_BASE_URL = "http://demo.localhost/v1"
"""Nothing listens there: the demo provider's transport answers without a network."""

BUILT_IN: Mapping[str, ProviderProfile] = {
    profile.name: profile
    for profile in (
        ProviderProfile(
            "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4o-mini", "OpenAI"
        ),
        ProviderProfile(
            "openrouter",
            "https://openrouter.ai/api/v1",
            "OPENROUTER_API_KEY",
            "openrouter/auto",
            "OpenRouter",
        ),
        ProviderProfile(
            "anthropic",
            "https://api.anthropic.com/v1",
            "ANTHROPIC_API_KEY",
            "claude-sonnet-4-5",
            "Anthropic",
        ),
        ProviderProfile(
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "GEMINI_API_KEY",
            "gemini-2.5-flash",
            "Gemini",
        ),
        ProviderProfile(
            "deepseek",
            "https://api.deepseek.com/v1",
            "DEEPSEEK_API_KEY",
            "deepseek-chat",
            "DeepSeek",
        ),
        ProviderProfile(
            "groq",
            "https://api.groq.com/openai/v1",
            "GROQ_API_KEY",
            "llama-3.3-70b-versatile",
            "Groq",
        ),
        ProviderProfile(
            "mistral",
            "https://api.mistral.ai/v1",
            "MISTRAL_API_KEY",
            "mistral-small-latest",
            "Mistral",
        ),
        ProviderProfile(
            "together",
            "https://api.together.xyz/v1",
            "TOGETHER_API_KEY",
            "meta-llama/Llama-3.3-70B-Instruct-Turbo",
            "Together",
        ),
        ProviderProfile(
            "perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", "sonar", "Perplexity"
        ),
        ProviderProfile("xai", "https://api.x.ai/v1", "XAI_API_KEY", "grok-3-mini", "xAI"),
        ProviderProfile(
            "rainboxs", "https://api.rainboxs.com/v1", "RAINBOXS_API_KEY", "gpt-4o", "Rainboxs"
        ),
        ProviderProfile("ollama", "http://127.0.0.1:11434/v1", label="Ollama"),
        ProviderProfile("lmstudio", "http://127.0.0.1:1234/v1", label="LM Studio"),
        ProviderProfile("llamacpp", "http://127.0.0.1:8080/v1", label="llama.cpp"),
        ProviderProfile("vllm", "http://127.0.0.1:8000/v1", label="vLLM"),
        ProviderProfile(DEMO, DEMO_BASE_URL, default_model="demo", label="Demo"),
    )
}
"""By name, in the order in which the environment is searched."""

LOCAL = tuple(BUILT_IN[name] for name in ("ollama", "lmstudio", "llamacpp", "vllm"))
"""The local servers that are looked for when nothing is configured."""


def merge_profiles(own: Mapping[str, ProviderProfile]) -> dict[str, ProviderProfile]:
    """The built-in profiles with the user's own over them.

    Fields that the user left empty come from the built-in profile of the same name, but the key
    only while the origin is the same: a key belongs to one origin.
    """
    merged = dict(BUILT_IN)
    for name, profile in own.items():
        merged[name] = _complete(replace(profile, name=name))
    return merged


def _complete(profile: ProviderProfile) -> ProviderProfile:
    base = BUILT_IN.get(profile.name)
    if base is None:
        return profile
    base_url = profile.base_url or base.base_url
    same_origin = parse_base_url(base_url).origin == parse_base_url(base.base_url).origin
    return replace(
        profile,
        base_url=base_url,
        key_env=profile.key_env or (base.key_env if same_origin else ""),
        default_model=profile.default_model or (base.default_model if same_origin else ""),
        label=profile.label or base.label,
    )


def detect_environment(
    environ: Mapping[str, str], profiles: Mapping[str, ProviderProfile] = BUILT_IN
) -> ProviderProfile | None:
    """The first provider whose key is in the environment, the user's own before the built-in."""
    own = [profile for name, profile in profiles.items() if profile != BUILT_IN.get(name)]
    others = [profiles.get(name, profile) for name, profile in BUILT_IN.items()]
    for profile in (*own, *others):
        if profile.key_env and environ.get(profile.key_env, "").strip():
            return profile
    return None


def profile_for_url(base_url: str, key_env: str = "", model: str = "") -> ProviderProfile:
    """A profile for `--base-url`: no key is sent unless the variable that holds it is named.

    Raises:
        UsageError: it is no http(s) address.
    """
    place = parse_base_url(base_url).origin.split("://")[1]
    return ProviderProfile(place, base_url.strip(), key_env, model)
