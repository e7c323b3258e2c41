"""How much of each of several texts has room together."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.attachments.fitting import most_each


def test_short_texts_leave_their_room_to_long_ones() -> None:
    assert most_each([10, 1_000, 1_000], 210) == 100
    assert most_each([10, 20], 100) == 20
    assert most_each([50, 50], 0) == 0
    assert most_each([], 10) == 0


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.integers(0, 10_000), max_size=12), st.integers(-5, 30_000))
def test_all_fit_and_as_little_as_possible_is_cut(lengths: list[int], room: int) -> None:
    most = most_each(lengths, room)
    kept = sum(min(length, most) for length in lengths)
    assert kept <= max(room, 0)
    if kept < sum(lengths):
        # One character more of each that is cut would be too much.
        assert sum(min(length, most + 1) for length in lengths) > max(room, 0)
