"""Ready-made providers, the user's own, and the environment's."""

from dataclasses import replace
from typing import Any

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import DEMO, ProviderProfile, Quirks
from chat_tui.providers.catalogue import ADDRESS_VARIABLES, FOR_MORE, KEY_VARIABLES
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.profiles import (
    BUILT_IN,
    LOCAL,
    address_hint,
    built_in,
    detect_environment,
    has_key_source,
    inherited,
    merge_profiles,
    problems_of_environment,
    profile_for_url,
)


@pytest.mark.parametrize("profile", BUILT_IN.values(), ids=lambda p: p.name)
def test_every_built_in_profile_is_whole(profile: ProviderProfile) -> None:
    endpoint = parse_base_url(profile.base_url)
    assert profile.label
    assert endpoint.is_loopback == (not profile.key_env)
    assert endpoint.scheme == ("https" if profile.key_env else "http")
    assert profile.default_model or endpoint.is_loopback


def test_all_known_endpoints_are_there() -> None:
    assert set(BUILT_IN) >= {
        *("openai", "openrouter", "anthropic", "gemini", "deepseek", "groq", "mistral"),
        *("together", "perplexity", "xai", "cerebras", "fireworks", "zai", "moonshot", "venice"),
        *("huggingface", "github", "nvidia", "sambanova", "rainboxs"),
        *("litellm", "ollama", "lmstudio", "llamacpp", "vllm", "demo"),
    }
    assert len({profile.base_url for profile in BUILT_IN.values()}) == len(BUILT_IN)
    assert next(iter(BUILT_IN)) == "openai"
    assert [profile.name for profile in LOCAL] == ["ollama", "lmstudio", "llamacpp", "vllm"]


def test_the_environment_is_searched_in_a_fixed_order() -> None:
    everything = {profile.key_env: "x" * 9 for profile in BUILT_IN.values() if profile.key_env}
    order = []
    while (found := detect_environment(everything)) is not None:
        order.append(found.name)
        del everything[found.key_env]
    assert order[:2] == ["openai", "openrouter"]
    searched = {each.key_env for each in BUILT_IN.values() if each.key_env} - FOR_MORE
    assert len(order) == len(searched)


@pytest.mark.parametrize("variable", sorted(FOR_MORE))
def test_a_variable_that_serves_other_purposes_decides_nothing(variable: str) -> None:
    environ = {variable: "x" * 9}
    assert detect_environment(environ) is None
    named = {"mine": ProviderProfile("mine", "https://a.test", variable)}
    found = detect_environment(environ, merge_profiles(named, environ))
    assert found == named["mine"]


@pytest.mark.parametrize(
    ("name", "variable"),
    [(name, variable) for name, variables in KEY_VARIABLES.items() for variable in variables],
)
def test_other_variables_are_looked_at_where_the_first_is_not_set(name: str, variable: str) -> None:
    first = BUILT_IN[name].key_env
    assert built_in({variable: "x"})[name].key_env == variable
    assert built_in({variable: "x", first: "y"})[name].key_env == (first or variable)
    assert built_in({})[name] == BUILT_IN[name]


@pytest.mark.parametrize(
    ("endpoint", "base_url"),
    [
        ("https://team.openai.azure.com/", "https://team.openai.azure.com/openai/v1"),
        ("https://gw.example/openai/v1", "https://gw.example/openai/v1"),
        ("https://gw.example/openai/deployments/d", "https://gw.example/openai/deployments/d"),
    ],
)
def test_azure_is_where_the_environment_says(endpoint: str, base_url: str) -> None:
    environ = {"AZURE_OPENAI_ENDPOINT": endpoint, "AZURE_OPENAI_API_KEY": "x" * 9}

    azure = built_in(environ)["azure"]

    assert (azure.base_url, azure.key_env) == (base_url, "AZURE_OPENAI_API_KEY")
    assert azure.quirks == Quirks(auth="api-key")
    assert detect_environment(environ) == azure
    named = built_in(environ | {"AZURE_OPENAI_DEPLOYMENT": "mine"})["azure"]
    assert named.default_model == "mine"
    own = merge_profiles({"azure": ProviderProfile("azure", "", default_model="d")}, environ)
    assert (own["azure"].base_url, own["azure"].key_env) == (base_url, azure.key_env)
    assert "azure" not in built_in({})


def test_a_key_goes_to_the_address_beside_it() -> None:
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "x" * 9}

    openai = built_in(environ)["openai"]

    assert (openai.base_url, openai.default_model) == ("http://127.0.0.1:9/v1", "")
    assert next(iter(built_in(environ))) == "openai"
    same = {"OPENAI_BASE_URL": "https://api.openai.com/v1/"}
    assert built_in(same)["openai"].default_model == BUILT_IN["openai"].default_model


@pytest.mark.parametrize(
    "own",
    [
        {"key_file": "~/key"},
        {"key_command": ("pass", "x")},
        {"keyring": True},
        {"key_env": "MY_KEY"},
    ],
)
def test_a_key_of_another_source_does_not_go_to_the_address_in_the_environment(
    own: dict[str, Any],
) -> None:
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "x" * 9}
    profile = ProviderProfile("openai", "", **own)

    merged = merge_profiles({"openai": profile}, environ)["openai"]

    assert merged.base_url == BUILT_IN["openai"].base_url
    assert merged.default_model == BUILT_IN["openai"].default_model
    # One that is meant for the address in the environment has it written beside its key.
    meant = replace(profile, base_url=environ["OPENAI_BASE_URL"])
    assert merge_profiles({"openai": meant}, environ)["openai"].base_url == meant.base_url
    base = inherited(meant, environ)
    assert base is not None
    assert base.base_url != meant.base_url
    beside = replace(profile, key_env="OPENAI_API_KEY", key_file="", key_command=(), keyring=False)
    assert merge_profiles({"openai": beside}, environ)["openai"].base_url == meant.base_url


def test_an_address_that_cannot_be_read_is_told_and_nothing_goes_elsewhere() -> None:
    for each in ADDRESS_VARIABLES:
        environ = {each.variable: "nonsense", "OPENAI_API_KEY": "x", "AZURE_OPENAI_API_KEY": "x"}
        assert each.provider not in built_in(environ)
        assert problems_of_environment(environ)[0].startswith(f"{each.variable}: The base URL")
        assert each.variable in address_hint(each.provider)
    assert problems_of_environment({}) == []
    assert address_hint("groq") == ""


def test_an_empty_variable_is_none() -> None:
    assert detect_environment({"OPENAI_API_KEY": " "}) is None


def test_own_profiles_come_first() -> None:
    own = {"mine": ProviderProfile("mine", "https://a.test", "MY_KEY")}
    environ = {"MY_KEY": "x" * 9, "OPENAI_API_KEY": "y" * 9}
    found = detect_environment(environ, merge_profiles(own))
    assert found == own["mine"]


def test_own_fields_lie_over_the_built_in_ones() -> None:
    merged = merge_profiles({"openai": ProviderProfile("openai", "", default_model="gpt-x")})
    assert merged["openai"].base_url == BUILT_IN["openai"].base_url
    assert merged["openai"].key_env == "OPENAI_API_KEY"
    assert merged["openai"].default_model == "gpt-x"
    assert merged["groq"] == BUILT_IN["groq"]


def test_a_key_stays_with_its_origin() -> None:
    merged = merge_profiles({"openai": ProviderProfile("openai", "https://proxy.test/v1")})
    assert merged["openai"].key_env == ""


def test_a_key_source_of_ones_own_replaces_the_built_in_one() -> None:
    own = ProviderProfile("openai", "", key_file="/keys/openai", headers={"X": "1"})

    merged = merge_profiles({"openai": own})["openai"]

    assert (merged.key_env, merged.key_file) == ("", "/keys/openai")
    assert (merged.label, merged.headers) == ("OpenAI", {"X": "1"})


def test_what_differs_from_the_inherited_is_all_that_must_be_written() -> None:
    openai = BUILT_IN["openai"]
    assert inherited(openai, {}) == openai
    moved = inherited(ProviderProfile("openai", "https://proxy.test/v1", "KEY"), {})
    assert moved is not None
    assert (moved.base_url, moved.key_env, moved.default_model) == (openai.base_url, "", "")
    assert inherited(ProviderProfile("mine", "https://a.test"), {}) is None


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        (ProviderProfile("a", "https://a.test"), True),
        (ProviderProfile("a", "https://a.test", "SET"), True),
        (ProviderProfile("a", "https://a.test", "EMPTY"), False),
        (ProviderProfile("a", "https://a.test", "UNSET"), False),
        (ProviderProfile("a", "https://a.test", "UNSET", key_command=("x",)), True),
        (ProviderProfile("a", "https://a.test", key_file="/nowhere"), True),
        (ProviderProfile("a", "https://a.test", keyring=True), True),
    ],
)
def test_a_source_counts_where_a_key_may_be(profile: ProviderProfile, found: bool) -> None:
    assert has_key_source(profile, {"SET": "x", "EMPTY": " "}) is found


def test_a_profile_for_a_url_sends_no_key_unless_named() -> None:
    profile = profile_for_url("http://127.0.0.1:9/v1")
    assert (profile.name, profile.key_env) == ("127.0.0.1:9", "")
    assert profile_for_url("https://a.test", "MY_KEY", "m").key_env == "MY_KEY"
    with pytest.raises(UsageError):
        profile_for_url("nonsense")


def test_the_demo_is_a_profile_like_others() -> None:
    assert BUILT_IN[DEMO].default_model == "demo"
