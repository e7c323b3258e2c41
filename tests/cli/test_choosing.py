"""Whom to talk to: a table of cases."""

import pytest

from chat_tui.cli.choosing import choose
from chat_tui.cli.options import TargetOptions
from chat_tui.core.errors import UsageError
from chat_tui.core.settings import Settings
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.profiles import BUILT_IN, merge_profiles

OPENAI = {"OPENAI_API_KEY": "sk-1"}
LOCAL = ProviderProfile("local", "http://127.0.0.1:9/v1", default_model="tiny")
HOSTED = ProviderProfile("hosted", "https://h.example/v1", key_env="HOSTED_KEY")
OWN = {"local": LOCAL, "hosted": HOSTED}


@pytest.mark.parametrize(
    ("options", "settings", "environ", "expected"),
    [
        (TargetOptions(), Settings(), {}, ("demo", "demo", "nothing")),
        (TargetOptions(), Settings(), OPENAI, ("openai", "gpt-4o-mini", "environment")),
        (TargetOptions(demo=True), Settings(), OPENAI, ("demo", "demo", "options")),
        (TargetOptions(model="m"), Settings(), OPENAI, ("openai", "m", "environment")),
        (TargetOptions(), Settings(model="m"), OPENAI, ("openai", "m", "environment")),
        (TargetOptions(), Settings(model="m"), {}, ("demo", "demo", "nothing")),
        (TargetOptions(demo=True), Settings(model="m"), {}, ("demo", "demo", "options")),
        (TargetOptions(), Settings(provider="groq", model="m"), OPENAI, ("groq", "m", "settings")),
        (
            TargetOptions(provider="groq"),
            Settings(provider="groq", model="m"),
            {},
            ("groq", "m", "options"),
        ),
        (
            TargetOptions(provider="openai"),
            Settings(provider="groq", model="m"),
            {},
            ("openai", "gpt-4o-mini", "options"),
        ),
        (
            TargetOptions(base_url="http://127.0.0.1:9/v1"),
            Settings(provider="groq", model="m"),
            OPENAI,
            ("127.0.0.1:9", "", "options"),
        ),
        (TargetOptions(), Settings(providers=OWN), OPENAI, ("local", "tiny", "settings")),
        (
            TargetOptions(),
            Settings(providers={"ollama": ProviderProfile("ollama", "", windows={"m": 4096})}),
            OPENAI,
            ("openai", "gpt-4o-mini", "environment"),
        ),
        (
            TargetOptions(),
            Settings(providers={"hosted": HOSTED}),
            OPENAI,
            ("openai", "gpt-4o-mini", "environment"),
        ),
        (
            TargetOptions(),
            Settings(providers={"hosted": HOSTED}),
            {**OPENAI, "HOSTED_KEY": "k"},
            ("hosted", "", "settings"),
        ),
    ],
)
def test_order_is_options_settings_environment_demo(
    options: TargetOptions,
    settings: Settings,
    environ: dict[str, str],
    expected: tuple[str, str, str],
) -> None:
    choice = choose(options, settings, merge_profiles(settings.providers), environ)

    assert (choice.target.provider, choice.target.model, choice.by) == expected


def test_key_variable_belongs_to_the_named_provider() -> None:
    options = TargetOptions(base_url="https://x.example/v1", api_key_env="MINE")

    assert choose(options, Settings(), BUILT_IN, {}).profile.key_env == "MINE"
    options = TargetOptions(base_url="https://x.example/v1")
    assert choose(options, Settings(), BUILT_IN, OPENAI).profile.key_env == ""


def test_key_variable_is_not_for_a_provider_that_nobody_named() -> None:
    with pytest.raises(UsageError, match="whom it is for"):
        choose(TargetOptions(api_key_env="MINE"), Settings(providers=OWN), merge_profiles(OWN), {})


@pytest.mark.parametrize("environ", [{}, OPENAI])
def test_key_variable_without_a_provider_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="whom it is for"):
        choose(TargetOptions(api_key_env="MINE"), Settings(), BUILT_IN, environ)


def test_a_named_key_variable_is_the_only_source() -> None:
    own = {"mine": ProviderProfile("mine", "https://m.example", key_command=("x",), key_file="/k")}
    options = TargetOptions(provider="mine", api_key_env="MINE")

    profile = choose(options, Settings(providers=own), merge_profiles(own), {}).profile

    assert (profile.key_env, profile.key_command, profile.key_file) == ("MINE", (), "")


def test_new_conversations_begin_with_the_parameters_of_the_settings() -> None:
    settings = Settings(parameters={"temperature": 0.5})

    choice = choose(TargetOptions(demo=True), settings, BUILT_IN, {})

    assert choice.target == Target("demo", "demo", {"temperature": 0.5})


def test_a_provider_without_an_address_is_told_how_to_get_one() -> None:
    with pytest.raises(UsageError) as caught:
        choose(TargetOptions(provider="azure"), Settings(), BUILT_IN, {})

    assert caught.value.message == "The address of azure is not known."
    assert "AZURE_OPENAI_ENDPOINT" in caught.value.hint


def test_a_provider_with_a_program_for_its_key_is_ready() -> None:
    own = {"mine": ProviderProfile("mine", "https://m.example", key_command=("pass", "mine"))}

    choice = choose(TargetOptions(), Settings(providers=own), merge_profiles(own), OPENAI)

    assert (choice.profile.name, choice.by) == ("mine", "settings")


def test_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        choose(TargetOptions(provider="opnai"), Settings(), merge_profiles(OWN), {})

    assert caught.value.message == "There is no provider named opnai."
    assert caught.value.hint.startswith("There are openai, local, hosted, ")
    assert caught.value.hint.count(",") == 4
