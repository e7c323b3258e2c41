"""What stands in the provider form, and what it is read as."""

from dataclasses import replace
from typing import Any

import pytest

from chat_tui.core.targets import ProviderProfile, Quirks, TimeLimits
from chat_tui.core.texts import has_text
from chat_tui.ui.screens.providers.fields import (
    FIELDS,
    KEPT,
    field_named,
    moves_key,
    name_from,
    read_form,
    shown_values,
    without_secret,
)

EMPTY = ProviderProfile("", "")
FULL = ProviderProfile(
    "work",
    "https://gateway.example.com/v1?api-version=3",
    "WORK_KEY",
    "gpt-5-mini",
    "Work",
    {"X-Team": "blue", "X-Token": "canary-secret"},
    ("pass", "show", "my key"),
    "/keys/work",
    True,
    "http://me:canary-secret@proxy.example.com:3128",
    "/etc/ca.pem",
    True,
    TimeLimits(5, 60.5, 30),
    4,
    Quirks("api-key", "max_tokens", False, "developer", False, True, frozenset({"seed", "n"})),
    {},
)


def _read(**values: str) -> tuple[ProviderProfile | None, dict[str, str]]:
    return read_form({"base_url": "https://api.example.com/v1", **values}, EMPTY)


@pytest.mark.parametrize("profile", [FULL, ProviderProfile("a", "http://localhost:8080")])
def test_provider_that_is_shown_and_read_again_is_the_same(profile: ProviderProfile) -> None:
    assert read_form(shown_values(profile), profile) == (profile, {})


def test_secrets_are_not_shown() -> None:
    values = shown_values(FULL)
    assert "canary-secret" not in str(values)
    assert values["headers"] == f"X-Team: blue\nX-Token: {KEPT}"
    assert values["proxy"] == f"http://{KEPT}@proxy.example.com:3128"


def test_every_field_has_its_words() -> None:
    assert {each.name for each in FIELDS} == set(shown_values(EMPTY))
    for each in FIELDS:
        for table in ("field", "field-help", "field-example"):
            assert has_text(f"{table}.{each.name}")


def test_all_that_is_wrong_is_told_at_once() -> None:
    profile, errors = _read(
        name="two words",
        key_env="sk-abcdefghijklmnopqrstuvwxyz0123456789",
        headers="X-Title: chat\nnonsense",
        key_command='pass "show',
        proxy="proxy:3128",
        allow_http="perhaps",
        max_concurrency="-1",
        connect="soon",
        stall="0",
        auth="basic",
        left_out="sede",
    )
    assert profile is None
    assert set(errors) == {
        "name",
        "key_env",
        "headers",
        "key_command",
        "proxy",
        "allow_http",
        "max_concurrency",
        "connect",
        "stall",
        "auth",
        "left_out",
    }
    assert "abcdefghijklmnop" not in str(errors)
    assert "Line 2" in errors["headers"]
    assert "Did you mean seed?" in errors["left_out"]


@pytest.mark.parametrize(
    "url",
    [
        "https://sk-abcdefghijklmnopqrstuvwxyz0123456789@api.example.com/v1",
        "https://me:secret@api.example.com/v1",
        "https://api.example.com/v1?api_key=abc",
        "https://api.example.com/v1?key=abc",
        "https://api.example.com/v1?x=sk-abcdefghijklmnopqrstuvwxyz0123456789",
        "https://api.example.com/sk-abcdefghijklmnopqrstuvwxyz0123456789/v1",
    ],
)
def test_address_with_a_key_in_it_is_refused_and_not_repeated(url: str) -> None:
    profile, errors = _read(base_url=url)
    assert profile is None
    assert errors == {
        "base_url": "There is a key or a password in this address. Take it out; the key goes into"
        " the field below."
    }


@pytest.mark.parametrize(
    "url", ["", "ftp://a/b", "https://", "http://a b", "http://[", "http://a:x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    profile, errors = _read(base_url=url)
    assert profile is None
    assert "https://api.example.com/v1" in errors["base_url"]


def test_address_without_a_scheme_is_told_what_to_begin_with() -> None:
    profile, errors = _read(base_url="api.example.com/v1")
    assert profile is None
    assert errors == {"base_url": "Begin it with http:// or https://."}


@pytest.mark.parametrize("name", ["Authorization", "api-key", "X-API-Key"])
def test_header_that_carries_a_key_is_refused_and_not_repeated(name: str) -> None:
    profile, errors = _read(base_url="https://a.example", headers=f"X-Team: a\n{name}: canary")
    assert profile is None
    assert errors["headers"].startswith(f"{name} carries a key.")
    assert "canary" not in errors["headers"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("providers.my-name.base_url has a key in it.", "base_url"),
        ("providers.name.timeouts.first_token is expected to be a number above 0.", "first_token"),
        ("providers.work.quirks.left_out is expected to be a list of texts.", "left_out"),
        ('providers."a.name".headers.X-Key is not a header.', "headers"),
        ("providers.work.model is expected to be a text in quotes.", "default_model"),
        ("There is a provider named key already.", ""),
        ("providers.work is expected to be a table.", ""),
    ],
)
def test_field_is_found_by_its_place_in_the_settings(words: str, field: str) -> None:
    assert field_named(words) == field


def test_address_may_have_a_version_in_its_query() -> None:
    profile, errors = _read(base_url="https://a.openai.azure.com/openai?api-version=2024-10-21")
    assert errors == {}
    assert profile is not None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.example.com/v1", "example"),
        ("https://example.com", "example"),
        ("https://inference.example.co/v1", "example"),
        ("http://localhost:8080/v1", "localhost"),
        ("http://127.0.0.1:8080", "local"),
        ("http://[::1]:8080", "local"),
        ("https://gateway/v1", "gateway"),
    ],
)
def test_name_is_taken_from_the_address(url: str, name: str) -> None:
    assert name_from(url) == name
    profile, _ = _read(base_url=url)
    assert profile is not None
    assert profile.name == name


def test_name_of_another_provider_is_refused() -> None:
    values = {"base_url": "https://api.example.com", "name": "openai"}
    profile, errors = read_form(values, EMPTY, frozenset({"openai"}))
    assert profile is None
    assert "openai already" in errors["name"]


def test_kept_header_that_was_never_there_is_empty_and_a_changed_one_is_new() -> None:
    values = {**shown_values(FULL), "headers": f"X-Token: other\nX-New: {KEPT}"}
    profile, _ = read_form(values, FULL)
    assert profile is not None
    assert profile.headers == {"X-Token": "other", "X-New": ""}


def test_proxy_whose_kept_part_goes_elsewhere_is_refused() -> None:
    values = {**shown_values(FULL), "proxy": f"http://{KEPT}@evil.example.com:3128"}
    profile, errors = read_form(values, FULL)
    assert profile is None
    assert "proxy" in errors


def test_prices_and_key_file_stay_where_the_form_does_not_name_them() -> None:
    profile, _ = read_form({**shown_values(FULL), "label": "New"}, FULL)
    assert profile == replace(FULL, label="New")


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({}, False),
        ({"base_url": "https://gateway.example.com:443/other"}, False),
        ({"base_url": "https://gateway.example.com:8443/v1"}, True),
        ({"base_url": "http://gateway.example.com/v1"}, True),
        ({"base_url": "https://other.example.com", "key_env": "OTHER"}, True),
    ],
)
def test_key_that_would_go_to_another_server_is_seen(changes: Any, moves: bool) -> None:
    assert moves_key(FULL, replace(FULL, **changes)) is moves


def test_other_key_may_go_to_another_server() -> None:
    before = ProviderProfile("a", "https://a.example", "A_KEY")
    assert not moves_key(before, replace(before, base_url="https://b.example", key_env="B_KEY"))
    assert not moves_key(EMPTY, before)


def test_address_without_a_secret_stays() -> None:
    assert without_secret("http://proxy:3128") == "http://proxy:3128"
