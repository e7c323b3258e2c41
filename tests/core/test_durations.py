"""Lengths of time in words."""

import pytest

from chat_tui.core.durations import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (0.2, "1 s"),
        (8, "8 s"),
        (59.01, "1 min"),
        (113.4, "1 min 54 s"),
        (3599.5, "1 h"),
        (7500, "2 h 5 min"),
        (7200.1, "2 h 1 min"),
        (90_000, "25 h"),
    ],
)
def test_duration_has_its_two_largest_units_rounded_up(seconds: float, words: str) -> None:
    assert duration(seconds) == words
