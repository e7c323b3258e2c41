"""The known endpoints: data. What servers at a host want differently stands in `quirks`."""

from collections.abc import Mapping
from typing import NamedTuple

from chat_tui.core.targets import DEMO, ProviderProfile, Quirks

DEMO_BASE_URL = "http://demo.localhost/v1"
"""Nothing listens there: the demo provider's transport answers without a network."""

DEMO_WINDOW = 8192
"""Tokens of prompt and reply together that the demo's models take."""

_HOSTED = (
    ("openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4o-mini"),
    (
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        "openrouter/auto",
    ),
    (
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        "claude-sonnet-4-5",
    ),
    (
        "gemini",
        "Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        "gemini-2.5-flash",
    ),
    ("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "deepseek-chat"),
    ("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "llama-3.3-70b-versatile"),
    ("mistral", "Mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral-small-latest"),
    (
        "together",
        "Together",
        "https://api.together.xyz/v1",
        "TOGETHER_API_KEY",
        "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    ),
    ("perplexity", "Perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", "sonar"),
    ("xai", "xAI", "https://api.x.ai/v1", "XAI_API_KEY", "grok-3-mini"),
    ("cerebras", "Cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", "gpt-oss-120b"),
    (
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        "accounts/fireworks/models/gpt-oss-120b",
    ),
    ("zai", "Z.ai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY", "glm-4.5-flash"),
    ("moonshot", "Moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", "kimi-latest"),
    ("venice", "Venice", "https://api.venice.ai/api/v1", "VENICE_API_KEY", "llama-3.3-70b"),
    (
        "nvidia",
        "NVIDIA",
        "https://integrate.api.nvidia.com/v1",
        "NVIDIA_API_KEY",
        "meta/llama-3.3-70b-instruct",
    ),
    (
        "sambanova",
        "SambaNova",
        "https://api.sambanova.ai/v1",
        "SAMBANOVA_API_KEY",
        "Meta-Llama-3.3-70B-Instruct",
    ),
    ("rainboxs", "Rainboxs", "https://api.rainboxs.com/v1", "RAINBOXS_API_KEY", "gpt-4o"),
    (
        "huggingface",
        "Hugging Face",
        "https://router.huggingface.co/v1",
        "HF_TOKEN",
        "openai/gpt-oss-120b",
    ),
    (
        "github",
        "GitHub Models",
        "https://models.github.ai/inference",
        "GITHUB_TOKEN",
        "openai/gpt-4o-mini",
    ),
)
_LOCAL = (
    ("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
    ("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
    ("llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1"),
    ("vllm", "vLLM", "http://127.0.0.1:8000/v1"),
    ("litellm", "LiteLLM", "http://127.0.0.1:4000/v1"),
)
_STRICT = frozenset({"lmstudio", "llamacpp", "vllm"})
"""They run the templates that come with models, and those of Gemma and Mistral refuse two
neighbours of one role."""

PROFILES: tuple[ProviderProfile, ...] = (
    *(
        ProviderProfile(name, url, key_env, model, label)
        for name, label, url, key_env, model in _HOSTED
    ),
    *(
        ProviderProfile(name, url, label=label, quirks=Quirks(alternate=name in _STRICT))
        for name, label, url in _LOCAL
    ),
    ProviderProfile(DEMO, DEMO_BASE_URL, default_model="demo", label="Demo"),
)
"""In the order in which the environment is searched."""

SEARCHED = ("ollama", "lmstudio", "llamacpp", "vllm")
"""The local servers that are looked for when nothing is configured."""

GATEWAYS = frozenset({"litellm"})
"""Servers of one's own that hand prompts on to others: their models are known by their names."""

KEY_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "gemini": ("GOOGLE_API_KEY",),
    "huggingface": ("HUGGINGFACE_API_KEY",),
    "nvidia": ("NVIDIA_NIM_API_KEY",),
    "vllm": ("VLLM_API_KEY",),
    "litellm": ("LITELLM_API_KEY", "LITELLM_MASTER_KEY"),
}
"""Other variables that hold a provider's key, looked at where the first one is not set. A local
server takes a key only where there is one."""

FOR_MORE = frozenset({"HF_TOKEN", "GITHUB_TOKEN"})
"""Variables that are set for other purposes, too: used where their provider is named, but no
reason to begin with it."""


class AddressVariable(NamedTuple):
    """Where the environment says the address of a provider."""

    provider: str
    variable: str
    example: str
    suffix: str = ""
    """What is put behind the address where it is not there."""
    model_variable: str = ""
    """The variable that names the model."""


ADDRESS_VARIABLES = (
    AddressVariable("openai", "OPENAI_BASE_URL", "https://api.example.com/v1"),
    AddressVariable(
        "azure",
        "AZURE_OPENAI_ENDPOINT",
        "https://NAME.openai.azure.com",
        "/openai/v1",
        "AZURE_OPENAI_DEPLOYMENT",
    ),
)
"""A key in the environment belongs to the address beside it."""

AZURE = ProviderProfile(
    "azure",
    "",
    "AZURE_OPENAI_API_KEY",
    "gpt-4o-mini",
    "Azure OpenAI",
    # By name, too: a gateway of one's own has a host that says nothing.
    quirks=Quirks(auth="api-key"),
)
"""Only there where the environment says its address; everybody has another one."""

ALL_KEY_VARIABLES = frozenset(
    variable
    for variables in (
        (profile.key_env for profile in (*PROFILES, AZURE)),
        *KEY_VARIABLES.values(),
    )
    for variable in variables
    if variable
)
"""Every variable that is known to hold a key."""
