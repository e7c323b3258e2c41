"""Figures for people."""

import pytest

from chat_tui.core.figures import money, percent, short_count


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (4_096, "4.1k"),
        (12_431, "12.4k"),
        (99_960, "100k"),
        (128_000, "128k"),
        (131_072, "131k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (1_048_576, "1.05M"),
        (10_000_000, "10M"),
        (120_000_000, "120M"),
    ],
)
def test_count_is_short_and_keeps_what_says_something(count: int, shown: str) -> None:
    assert short_count(count) == shown


def test_error_is_never_less_than_one_per_cent() -> None:
    assert [percent(share) for share in (0.0, 0.004, 0.0213, -0.31)] == [
        "1 %",
        "1 %",
        "2 %",
        "31 %",
    ]


def test_small_amounts_have_more_decimals() -> None:
    amounts = [1234.5, 1.2, 0.031, 0.0031, 0.00012, 0.00001, 0.0]
    shown = ["$1,234.50", "$1.20", "$0.031", "$0.0031", "$0.0001", "<$0.0001", "$0.0000"]
    assert [money(amount) for amount in amounts] == shown
