"""What is learnt from the usage that servers report."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.context.calibration import (
    LEAST,
    MOST,
    Calibration,
    learnt,
    missed,
    refused,
    was_cut,
)


def _talk(
    server: Callable[[int], int], counts: list[int], *, anchored: bool
) -> tuple[Calibration, list[float]]:
    """Send prompts of so many tokens to a server, and tell how far each figure was off."""
    known, since, off = Calibration(), (0, 0), []
    for counted in counts:
        expected = since[1] + round(known.ratio * (counted - since[0]))
        reported = server(counted)
        off.append(abs(expected - reported) / reported)
        known = learnt(known, counted=counted, expected=expected, reported=reported, since=since)
        if anchored:
            since = (counted, reported)
    return known, off


TURNS = [[60 + turn * size for turn in range(8)] for size in (40, 200, 700, 3_000)]


@pytest.mark.parametrize("counts", TURNS)
@pytest.mark.parametrize("anchored", [True, False])
def test_another_tokenizer_is_learnt_from_its_first_answer(
    counts: list[int], anchored: bool
) -> None:
    known, off = _talk(lambda counted: round(counted * 1.3), counts, anchored=anchored)

    assert max(off[1:]) < 0.01
    assert known.ratio == pytest.approx(1.3, rel=0.02)
    assert known.error is not None
    assert known.error < 0.01


@pytest.mark.parametrize("more", [100, 300, 800])
@pytest.mark.parametrize("first", [20, 300, 1_000])
@pytest.mark.parametrize("turn", [40, 200, 700])
def test_what_a_server_adds_to_each_request_does_not_spoil_the_ratio(
    more: int, first: int, turn: int
) -> None:
    counts = [first + turn * place for place in range(8)]

    known, off = _talk(lambda counted: round(counted * 1.3) + more, counts, anchored=True)

    assert max(off[3:]) < 0.03
    assert known.error is not None
    assert known.error < 0.03
    if turn > 40:
        assert known.ratio == pytest.approx(1.3, rel=0.05)


def test_first_sample_sets_the_ratio_and_later_ones_move_it() -> None:
    first = learnt(Calibration(), counted=1_000, expected=1_000, reported=1_200)
    second = learnt(first, counted=1_000, expected=1_200, reported=1_400)
    third = learnt(second, counted=1_000, expected=1_300, reported=1_300)

    assert (first.ratio, first.samples) == (1.2, 1)
    # The first figure was shown before anything was known.
    assert first.error is None
    assert second.ratio == pytest.approx(1.3)
    assert second.error == pytest.approx(200 / 1_400)
    assert third.error == pytest.approx(100 / 1_400)
    assert third.samples == 3


@pytest.mark.parametrize("reported", [499, 2_001, 40_000])
def test_ratio_outside_of_what_tokenizers_have_is_not_learnt(reported: int) -> None:
    known = learnt(Calibration(), counted=1_000, expected=1_000, reported=reported)

    assert known == Calibration()


@pytest.mark.parametrize(
    ("counted", "expected", "reported"),
    [(160_689, 160_689, 16_387), (3_000, 3_000, 1_700), (0, 10, 10), (10, 0, 10), (10, 10, 0)],
)
def test_cut_prompts_and_impossible_figures_teach_nothing(
    counted: int, expected: int, reported: int
) -> None:
    known = Calibration(1.1, 0.02, 5)

    assert learnt(known, counted=counted, expected=expected, reported=reported) == known


def test_too_little_that_is_new_moves_no_ratio_that_is_known() -> None:
    known = Calibration(1.1, 0.02, 5)

    after = learnt(known, counted=1_010, expected=1_110, reported=1_115, since=(1_000, 1_100))

    assert (after.ratio, after.samples) == (1.1, 5)
    assert after.error == pytest.approx((0.02 + 5 / 1_115) / 2)


def test_figure_without_the_ratio_of_the_model_is_no_error_of_it() -> None:
    estimated = Calibration(0.7, 0.18, 3, vague=True)

    counted = learnt(estimated, counted=1_000, expected=1_000, reported=1_200)
    assert counted == Calibration(1.2, None, 1)
    assert learnt(counted, counted=2_000, expected=2_400, reported=2_400).error == 0
    assert missed(Calibration(), expected=1_000, reported=1_200) == Calibration()


def test_error_that_is_not_made_again_is_soon_forgotten() -> None:
    known = Calibration(1.2, 0.18, 3)
    for _ in range(5):
        known = missed(known, expected=1_003, reported=1_000)

    assert known.error is not None
    assert known.error < 0.01
    assert known == Calibration(1.2, known.error, 3)


@pytest.mark.parametrize(("expected", "reported"), [(3_000, 1_700), (0, 10), (10, 0)])
def test_cut_prompts_and_impossible_figures_are_no_errors(expected: int, reported: int) -> None:
    known = Calibration(1.2, 0.18, 3)

    assert missed(known, expected=expected, reported=reported) == known


@pytest.mark.parametrize(
    ("ratio", "least", "told", "after"),
    [
        (1.0, 1_400, True, 1.4),
        (1.0, 1_400, False, 1.4),
        (1.0, 1_900, True, 1.9),
        (1.0, 1_900, False, 1.5),
        (1.0, 9_000, True, MOST),
        (1.6, 9_000, False, MOST),
        (1.2, 1_100, True, 1.2),
        (1.0, 0, False, 1.0),
    ],
)
def test_refusal_teaches_a_ratio_that_is_no_smaller_and_no_impossible_one(
    ratio: float, least: int, after: float, *, told: bool
) -> None:
    known = Calibration(ratio, 0.02, 5)

    assert refused(known, counted=1_000, least=least, told=told) == replace(known, ratio=after)
    assert refused(known, counted=0, least=least, told=told) == known


def test_refusal_that_contradicts_what_estimates_taught_replaces_it() -> None:
    known = Calibration(0.7, 0.02, 3, vague=True)

    after = refused(known, counted=1_000, least=1_400, told=True)

    assert (after.ratio, after.samples, after.vague) == (1.4, 0, False)


def test_answer_after_a_refusal_that_told_no_count_never_looks_cut() -> None:
    known = refused(Calibration(), counted=4_000, least=400_000)

    assert not was_cut(expected=round(3_000 * known.ratio), reported=3_000)


@pytest.mark.parametrize(
    ("expected", "reported", "cut"),
    [(160_689, 16_387, True), (2_001, 1_200, True), (2_000, 10, False), (3_000, 1_800, False)],
)
def test_server_has_cut_a_large_prompt_where_it_read_less_than_most_of_it(
    expected: int, reported: int, cut: bool
) -> None:
    assert was_cut(expected=expected, reported=reported) is cut


_figures = st.integers(-10, 5_000)


@given(st.lists(st.tuples(_figures, _figures, _figures, _figures, _figures), max_size=9))
def test_ratio_stays_within_its_bounds_whatever_is_reported(
    reports: list[tuple[int, int, int, int, int]],
) -> None:
    known = Calibration()
    for counted, expected, reported, *since in reports:
        known = learnt(
            known,
            counted=counted,
            expected=expected,
            reported=reported,
            since=(since[0], since[1]),
        )
    assert LEAST <= known.ratio <= MOST
    assert known.error is None or known.error >= 0
