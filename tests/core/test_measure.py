"""The size of a text, roughly and fast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.measure import Extent, measure


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("", (0, 0)),
        ("abc", (1, 3)),
        ("abc\n", (2, 3)),
        ("\n\n", (3, 0)),
        ("ab\ncde", (2, 5)),
        ("中文 ok", (1, 7)),
        ("한국어\nかな", (2, 10)),
        ("\uff21\uff0c", (1, 4)),
        ("😀🚀", (1, 4)),
        ("naïve – «ß»", (1, 11)),
        ("\U00020000", (1, 2)),
    ],
)
def test_measure_counts_lines_and_cells(text: str, extent: tuple[int, int]) -> None:
    assert measure(text) == Extent(*extent)


@given(st.text(), st.text())
def test_measure_adds_up_over_lines(first: str, second: str) -> None:
    together = measure(f"{first}\n{second}")

    assert together.lines == max(measure(first).lines, 1) + max(measure(second).lines, 1)
    assert together.cells == measure(first).cells + measure(second).cells


@given(st.text(min_size=1))
def test_measure_is_never_more_than_two_cells_a_character(text: str) -> None:
    characters = len(text) - text.count("\n")

    assert characters <= measure(text).cells <= 2 * characters
