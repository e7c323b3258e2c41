"""What is known of servers by their host, and of models by their name."""

import pytest

from chat_tui.core.targets import ProviderProfile, Quirks
from chat_tui.providers.client import request_headers
from chat_tui.providers.keys import Key
from chat_tui.providers.quirks import quirks_for, spelling_of_max_tokens


@pytest.mark.parametrize(
    "host",
    ["me.openai.azure.com", "me.services.ai.azure.com", "me.cognitiveservices.azure.com"],
)
def test_azure_takes_the_key_in_its_own_header(host: str) -> None:
    profile = ProviderProfile("a", f"https://{host}/openai/v1")
    headers = request_headers(profile, Key("sk-0123456789", "K"))
    assert headers["api-key"] == "sk-0123456789"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    "host", ["api.openai.com", "openai.azure.com.evil.example", "mistral.ai.example"]
)
def test_other_hosts_have_no_quirks(host: str) -> None:
    profile = ProviderProfile("a", f"https://{host}/v1")
    assert quirks_for(profile) == Quirks()
    assert request_headers(profile, Key("sk-0123456789", "K"))["Authorization"] == (
        "Bearer sk-0123456789"
    )


def test_a_profile_s_own_quirks_are_over_those_of_its_host() -> None:
    own = Quirks(reasoning_back=True, max_tokens="max_completion_tokens", system_role="developer")
    got = quirks_for(ProviderProfile("m", "https://api.mistral.ai/v1", quirks=own))
    assert got == Quirks(
        max_tokens="max_completion_tokens",
        stream_options=False,
        system_role="developer",
        null_content=False,
        reasoning_back=True,
    )


@pytest.mark.parametrize("host", ["api.deepseek.com", "api.moonshot.ai"])
def test_some_want_the_reasoning_of_tool_turns_back(host: str) -> None:
    assert quirks_for(ProviderProfile("d", f"https://{host}/v1")).reasoning_back


def test_an_address_that_is_none_has_no_quirks() -> None:
    assert quirks_for(ProviderProfile("x", "nonsense")) == Quirks()


def test_headers_of_the_profile_are_sent_once_whatever_their_case() -> None:
    profile = ProviderProfile("x", "https://e.com/v1", headers={"authorization": "Basic x"})
    headers = request_headers(profile, Key("sk-0123456789", "K"))
    assert {name: value for name, value in headers.items() if name.lower() == "authorization"} == {
        "authorization": "Basic x"
    }


@pytest.mark.parametrize(
    "model",
    [
        "o1",
        "o3-mini",
        "gpt-5",
        "gpt-5.1",
        "gpt-5-nano",
        "openai/gpt-5",
        "OpenAI/o3",
        "ft:o4-mini:x",
    ],
)
def test_reasoning_models_want_the_newer_spelling(model: str) -> None:
    assert spelling_of_max_tokens(model) == "max_completion_tokens"


@pytest.mark.parametrize(
    "model", ["gpt-4o", "gpt-oss-120b", "marco-o1", "o1x", "olmo-2", "gpt-50x", "llama3:8b", ""]
)
def test_all_other_models_get_the_older_spelling(model: str) -> None:
    assert spelling_of_max_tokens(model) == "max_tokens"
