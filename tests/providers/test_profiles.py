"""Ready-made providers, the user's own, and the environment's."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import DEMO, ProviderProfile
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.profiles import (
    BUILT_IN,
    LOCAL,
    detect_environment,
    merge_profiles,
    profile_for_url,
)


@pytest.mark.parametrize("profile", BUILT_IN.values(), ids=lambda p: p.name)
def test_every_built_in_profile_is_whole(profile: ProviderProfile) -> None:
    endpoint = parse_base_url(profile.base_url)
    assert profile.label
    assert endpoint.is_loopback == (not profile.key_env)
    assert endpoint.scheme == ("https" if profile.key_env else "http")
    assert profile.default_model or profile in LOCAL


def test_the_environment_is_searched_in_a_fixed_order() -> None:
    everything = {profile.key_env: "x" * 9 for profile in BUILT_IN.values() if profile.key_env}
    order = []
    while (found := detect_environment(everything)) is not None:
        order.append(found.name)
        del everything[found.key_env]
    assert order[:2] == ["openai", "openrouter"]
    assert len(order) == sum(bool(profile.key_env) for profile in BUILT_IN.values())


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


def test_a_profile_for_a_url_sends_no_key_unless_named() -> None:
    profile = profile_for_url("http://127.0.0.1:9/v1")
    assert (profile.name, profile.key_env) == ("127.0.0.1:9", "")
    assert profile_for_url("https://a.test", "MY_KEY", "m").key_env == "MY_KEY"
    with pytest.raises(UsageError):
        profile_for_url("nonsense")


def test_the_demo_is_a_profile_like_others() -> None:
    assert BUILT_IN[DEMO].default_model == "demo"
