"""About how many tokens a text has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.estimate import estimate_tokens


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 12),
        ("def add(a: int, b: int) -> int:\n    return a + b\n", 11, 18),
        ("你好，世界。今天天气很好。", 9, 14),
        ("Привет, как дела?", 6, 12),
        ("👍🎉", 2, 4),
    ],
)
def test_estimate_is_near_what_vocabularies_say(words: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(words) <= most


@settings(max_examples=50, derandomize=True)
@given(st.text(), st.text())
def test_longer_texts_have_more_tokens_and_halves_add_up(one: str, other: str) -> None:
    both = estimate_tokens(one + other)
    assert max(estimate_tokens(one), estimate_tokens(other)) <= both
    assert abs(estimate_tokens(one) + estimate_tokens(other) - both) <= 2


def test_half_of_a_pair_is_counted() -> None:
    assert estimate_tokens("\ud83d") == 1
