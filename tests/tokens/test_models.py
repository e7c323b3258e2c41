"""Which vocabulary belongs to which model."""

import pytest

from chat_tui.tokens.models import CL100K, O200K, encoding_name, own_encoding


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        *((model, O200K) for model in ("gpt-4o", "gpt-4o-mini", "gpt-4o-2024-08-06", "GPT-4o")),
        *((model, O200K) for model in ("gpt-4.1-nano", "gpt-4.5-preview", "gpt-5", "gpt-5.1-mini")),
        *((model, O200K) for model in ("o1", "o1-pro", "o3-mini", "o4-mini-2025-04-16")),
        *((model, O200K) for model in ("chatgpt-4o-latest", "gpt-oss-120b", "gpt-oss:20b")),
        *((model, O200K) for model in ("openai/gpt-4o", "openai/gpt-4o:online", "azure/gpt-4o")),
        *((model, O200K) for model in ("unsloth/gpt-oss-20b", "@cf/openai/gpt-oss-20b")),
        ("openrouter/openai/o3", O200K),
        ("accounts/fireworks/models/gpt-oss-120b", O200K),
        ("ft:gpt-4o-mini-2024-07-18:my-org::8Abc", O200K),
        *((model, CL100K) for model in ("gpt-4", "gpt-4-0613", "gpt-4-turbo", "gpt-4-32k")),
        *((model, CL100K) for model in ("gpt-3.5-turbo", "gpt-3.5-turbo-0125", "gpt-35-turbo")),
        *((model, CL100K) for model in ("openai/gpt-4-turbo", "text-embedding-3-small")),
        ("ft:gpt-3.5-turbo:org", CL100K),
    ],
)
def test_models_of_openai_have_a_vocabulary_of_their_own(model: str, encoding: str) -> None:
    assert encoding_name(model) == encoding
    assert own_encoding(model)


@pytest.mark.parametrize(
    "model",
    [
        *("", "claude-sonnet-4-5", "gemini-2.5-flash", "llama-3.3-70b", "my-deployment", "o100"),
        *("mistral-small", "vendor/gpt-4o-like", "somebody/gpt-4-turbo", "gpt-4-x-alpaca", "o2"),
        *("gpt-4all", "olmo", "gpt-50", "phi-4", "openai"),
    ],
)
def test_all_others_are_counted_with_the_newest(model: str) -> None:
    assert encoding_name(model) == O200K
    assert not own_encoding(model)
