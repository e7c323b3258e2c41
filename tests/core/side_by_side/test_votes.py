"""Standings: who won how often."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.side_by_side.votes import (
    Standing,
    Verdict,
    Vote,
    standings,
    standings_markdown,
    tags_of,
)
from tests.examples import examples

MODELS = ("p/a", "p/b", "p/c", "q/a")


def vote(
    *models: str, verdict: Verdict = "win", winner: str = "", tags: tuple[str, ...] = ()
) -> Vote:
    winner = winner or (models[0] if verdict == "win" else "")
    return Vote("turn", "conversation", 1.0, models, verdict, winner, tags)


@st.composite
def votes(draw: st.DrawFn) -> Vote:
    models = tuple(draw(st.lists(st.sampled_from(MODELS), min_size=1, max_size=4)))
    verdict: Verdict = draw(st.sampled_from(("win", "tie", "bad")))
    tags = tuple(draw(st.lists(st.sampled_from(("code", "prose")), max_size=2)))
    winner = draw(st.sampled_from(models)) if verdict == "win" else ""
    return Vote("turn", "conversation", 1.0, models, verdict, winner, tags)


@settings(max_examples=examples(200))
@given(st.lists(votes(), max_size=20), st.sampled_from(("", "code", "nothing")))
def test_sums_are_those_of_the_votes(given_votes: list[Vote], tag: str) -> None:
    rows = standings(given_votes, tag)

    counted = [
        each for each in given_votes if len({*each.models}) > 1 and (not tag or tag in each.tags)
    ]
    assert sum(row.wins for row in rows) == sum(each.verdict == "win" for each in counted)
    assert sum(row.votes for row in rows) == sum(len({*each.models}) for each in counted)
    for row in rows:
        assert row.votes == row.wins + row.losses + row.ties + row.bad
        assert 0 <= row.share <= 1
    assert [row.share for row in rows] == sorted((row.share for row in rows), reverse=True)
    assert len({row.model for row in rows}) == len(rows)


def test_winner_wins_and_all_others_lose() -> None:
    rows = standings([vote("p/a", "p/b", "p/c", winner="p/b")])

    assert rows == [
        Standing("p/b", 1, 1, 0, 0, 0),
        Standing("p/a", 1, 0, 1, 0, 0),
        Standing("p/c", 1, 0, 1, 0, 0),
    ]


def test_of_equal_shares_more_votes_come_first_then_the_name() -> None:
    rows = standings(
        [
            vote("p/b", "p/x"),
            vote("p/b", "p/x"),
            vote("p/c", "p/x"),
            vote("p/a", "p/x"),
        ]
    )

    assert [row.model for row in rows] == ["p/b", "p/a", "p/c", "p/x"]


def test_a_tie_is_half_a_win_and_all_bad_is_none() -> None:
    rows = standings([vote("p/a", "p/b", verdict="tie"), vote("p/a", "p/b", verdict="bad")])

    assert [(row.ties, row.bad, row.share) for row in rows] == [(1, 1, 0.25)] * 2


def test_one_model_with_two_temperatures_is_no_contest_and_counts_once_beside_others() -> None:
    assert standings([vote("p/a", "p/a")]) == []
    assert standings([vote("p/a", "p/a", "p/b")])[0] == Standing("p/a", 1, 1, 0, 0, 0)


def test_tags_come_by_how_often_they_are_there() -> None:
    tagged = [
        vote("p/a", "p/b", tags=("prose",)),
        vote("p/a", "p/b", tags=("code", "code")),
        vote("p/a", "p/b", tags=("code", "art")),
    ]

    assert tags_of(tagged) == ["code", "art", "prose"]
    assert tags_of([]) == []


def test_table_shows_shares_and_lets_no_name_out_of_its_cell() -> None:
    hostile = "p/a|b`*\n\x1b[31m"
    tie = replace(vote(hostile, "p/c"), verdict="tie", winner="")
    rows = standings([vote(hostile, "p/c"), tie])

    lines = standings_markdown(rows).splitlines()

    assert len(lines) == 4
    assert "75 %" in lines[2]
    assert "p/a\\|b\\`\\*" in lines[2]
    assert "\x1b" not in lines[2]
    assert lines[1].startswith("| ---")
