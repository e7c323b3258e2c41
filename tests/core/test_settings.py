"""The settings are defined once."""

from dataclasses import FrozenInstanceError, fields

import pytest

from chat_tui.core.settings import SETTINGS, SettingDefinition, Settings
from chat_tui.core.targets import ProviderProfile, Target

TABLES = {"providers", "parameters", "keys"}


def test_every_setting_but_the_tables_has_a_definition() -> None:
    names = [entry.name for entry in fields(Settings) if entry.name not in TABLES]

    assert [definition.name for definition in SETTINGS] == names


@pytest.mark.parametrize("definition", SETTINGS, ids=lambda definition: definition.name)
def test_definition_has_the_default_its_type_and_a_sentence(
    definition: SettingDefinition,
) -> None:
    assert definition.default == getattr(Settings(), definition.name)
    assert type(definition.default) is definition.type
    assert definition.type in (str, bool, int, float)
    assert definition.doc[0].isupper()
    assert definition.doc.endswith(".")


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().model = "other"  # type: ignore[misc]  # that it is refused is the point


def test_tables_are_empty_by_default() -> None:
    assert [getattr(Settings(), name) for name in sorted(TABLES)] == [{}, {}, {}]


def test_target_is_shown_with_its_provider() -> None:
    assert str(Target("openrouter", "openai/gpt-4o")) == "openrouter/openai/gpt-4o"


def test_profile_holds_no_key() -> None:
    assert {entry.name for entry in fields(ProviderProfile)} == {
        *("name", "base_url", "default_model", "label", "headers"),
        # Where a key is, never the key.
        *("key_env", "key_command", "key_file", "keyring"),
        *("proxy", "ca_file", "allow_http", "limits", "max_concurrency", "quirks", "prices"),
        *("windows", "max_outputs", "abilities"),
    }
