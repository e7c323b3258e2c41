"""Prefix sums against plain ones."""

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.ui.widgets.transcript.heights import Heights

HEIGHTS = st.lists(st.integers(0, 50), max_size=60)


@given(HEIGHTS, st.lists(st.tuples(st.integers(0, 59), st.integers(0, 50)), max_size=20))
def test_sums_follow_every_change(start: list[int], changes: list[tuple[int, int]]) -> None:
    heights, plain = Heights(start[:30]), start[:30]
    for height in start[30:]:
        heights.append(height)
        plain.append(height)
    for index, height in changes:
        if index < len(plain):
            assert heights.set(index, height) == height - plain[index]
            plain[index] = height
    assert heights.total == sum(plain)
    assert [heights.start_of(i) for i in range(len(plain) + 1)] == [
        sum(plain[:i]) for i in range(len(plain) + 1)
    ]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(-5, 400))
def test_line_is_found_in_its_thing(plain: list[int], line: int) -> None:
    index, within = Heights(plain).at(line)
    clamped = max(line, 0)
    if clamped < sum(plain):
        assert sum(plain[:index]) + within == clamped
        assert within < plain[index]
    else:
        assert index == len(plain) - 1


@given(HEIGHTS, st.integers(0, 60), HEIGHTS)
def test_truncated_column_grows_again(start: list[int], length: int, more: list[int]) -> None:
    heights = Heights(start)
    length = min(length, len(start))
    heights.truncate(length)
    for height in more:
        heights.append(height)
    plain = start[:length] + more
    assert [heights.start_of(i) for i in range(len(plain) + 1)] == [
        sum(plain[:i]) for i in range(len(plain) + 1)
    ]
