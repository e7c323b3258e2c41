"""Figures for people."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size, money, percent, read_count, short_count


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


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (4_096, "4.1 KB"),
        (99_960, "100 KB"),
        (999_499, "999 KB"),
        (999_500, "1 MB"),
        (20_000_000, "20 MB"),
        (999_500_000, "1 GB"),
        (1 << 40, "1100 GB"),
    ],
)
def test_size_is_short_and_in_the_unit_that_suits_it(count: int, shown: str) -> None:
    assert data_size(count) == shown


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("8192", 8_192),
        (" 8,192 ", 8_192),
        ("8.192", 8_192),
        ("8 192", 8_192),
        ("1'048'576", 1_048_576),
        ("128k", 128_000),
        ("1.05M", 1_050_000),
        ("0", 0),
    ],
)
def test_number_is_read_as_people_write_it(written: str, count: int) -> None:
    assert read_count(written) == count


@pytest.mark.parametrize(
    "written",
    ["", "many", "-3", "1k2", "٣", "9" * 40, "12 tokens", "1.5", "1,5M", "1.2.3k", "1'0k", "k"],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(UsageError):
        read_count(written)


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
