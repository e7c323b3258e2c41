"""Keys are checked and never shown."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.providers.keys import Key, key_from_environment

CANARY = "sk-canary-0123456789"


def test_a_key_shows_its_source_only() -> None:
    key = Key(f"  {CANARY}\n", "TEST_KEY")
    assert key.reveal() == CANARY
    assert CANARY not in f"{key} {key!r} {[key]}"


@pytest.mark.parametrize("bad", ["", "   ", "sk-ab c-12345678", "sk-ключ-12345", "x" * 8193])
def test_what_cannot_be_a_key_is_refused_without_showing_it(bad: str) -> None:
    with pytest.raises(UsageError) as caught:
        Key(bad, "TEST_KEY")
    assert "TEST_KEY" in caught.value.message
    assert not bad.strip() or bad not in f"{caught.value.info}"


def test_the_position_of_a_bad_character_is_named() -> None:
    with pytest.raises(UsageError, match="position 4 "):
        Key("sk-\u00e9abcdefg", "TEST_KEY")


def test_short_placeholders_are_not_taken_out_of_texts() -> None:
    assert Key("EMPTY", "K").redact("EMPTY answer") == "EMPTY answer"
    assert Key(CANARY, "K").redact(f"<{CANARY}>") == "<[key]>"


def test_the_environment_gives_a_key_or_none() -> None:
    found = key_from_environment("TEST_KEY", {"TEST_KEY": CANARY})
    assert found is not None
    assert found.source == "TEST_KEY"
    assert key_from_environment("TEST_KEY", {"TEST_KEY": " "}) is None
    assert key_from_environment("", {"": CANARY}) is None
