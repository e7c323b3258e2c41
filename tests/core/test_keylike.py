"""Keys are told from names, so that one in the wrong place is not repeated."""

import pytest

from chat_tui.core.keylike import looks_like_key


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-abcdefghijklmnop",
        "sk_live_abcdefghijklmnop",
        "gsk_abcdefghijklmnopqrst",
        "AIzaSyA1234567890abcdefghijklmnop",
        "hf_abcdefghijklmnopqrstuv",
        "ghp_abcdefghijklmnopqrstuv",
        "0123456789abcdef0123456789abcdef",
        "a1B2c3D4e5F6g7H8i9J0k1",
    ],
)
def test_keys_look_like_keys(text: str) -> None:
    assert looks_like_key(text)
    assert looks_like_key(f" {text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OPENAI_API_KEY",
        "MY_COMPANY_GATEWAY_KEY_2025_STAGING",
        "azure_openai_api_key_of_team_b",
        "CompanyGatewayKey",
        "sk-1",
        "a sentence of several words with 12345 in it",
    ],
)
def test_names_do_not(text: str) -> None:
    assert not looks_like_key(text)
