"""Figures of answers: what the server told, what is estimated, and who is best."""

from dataclasses import replace

import pytest

from chat_tui.core.messages import ChatMessage, Cost, Timings, Usage, text_parts
from chat_tui.core.side_by_side.figures import (
    COLUMNS,
    AnswerFigures,
    Best,
    best_of,
    cell,
    column_label,
    figures_markdown,
    figures_of,
    figures_of_all,
    order_of,
    table_of,
)

REPLY = ChatMessage(
    "r",
    "assistant",
    text_parts("Six words are in this answer."),
    parent="p",
    turn="t",
    model="m-1",
    provider="p",
    finish_reason="stop",
    usage=Usage(10, 30, 40, 0, 12),
    timings=Timings(100.0, 100.5, 102.5),
    cost=Cost(0.002),
)


def answer(
    model: str,
    *,
    total_s: float | None = None,
    first_token_s: float | None = None,
    rate: float | None = None,
    cost: float | None = None,
) -> AnswerFigures:
    return AnswerFigures(model, "p", "complete", first_token_s, total_s, rate, cost=cost)


def test_figures_are_those_that_were_reported() -> None:
    assert figures_of(REPLY) == AnswerFigures(
        "m-1",
        "p",
        "complete",
        first_token_s=0.5,
        total_s=2.5,
        rate=15.0,
        prompt_tokens=10,
        completion_tokens=30,
        reasoning_tokens=12,
        words=6,
        cost=0.002,
        finish_reason="stop",
    )


def test_reasoning_that_is_told_beside_the_completion_counts_as_written() -> None:
    figures = figures_of(replace(REPLY, usage=Usage(10, 30, 52, None, 12)))

    assert (figures.completion_tokens, figures.rate) == (42, 21.0)


def test_tokens_that_nobody_told_are_estimated_and_marked() -> None:
    figures = figures_of(replace(REPLY, usage=None, reasoning="Well, well."))

    assert figures.estimated
    assert figures.completion_tokens == 11
    assert figures.rate == pytest.approx(5.5)
    assert figures.prompt_tokens is None
    assert cell(figures, "completion") == "≈ 11"
    assert cell(figures, "rate") == "≈ 5.5"


@pytest.mark.parametrize(
    "timings",
    [
        None,
        Timings(100.0),
        Timings(100.0, None, 102.0),
        Timings(100.0, 102.0, 102.001),
        Timings(100.0, 101.0, 99.0),
    ],
    ids=["none", "waiting", "nothing-came", "came-whole", "clock-set-back"],
)
def test_rate_is_unknown_without_time_to_write(timings: Timings | None) -> None:
    figures = figures_of(replace(REPLY, timings=timings))

    assert figures.rate is None
    assert cell(figures, "rate") == ""


def test_answer_that_failed_has_no_figures_made_up_for_it() -> None:
    failed = ChatMessage("r", "assistant", model="m", provider="p", status="error")

    assert figures_of(failed) == AnswerFigures("m", "p", "error")


def test_choices_of_one_request_share_neither_tokens_nor_price() -> None:
    second = replace(REPLY, id="r2", choice=1, usage=None, cost=None, parts=text_parts("Short."))
    alone = replace(REPLY, id="r3", timings=Timings(200.0, 200.5, 201.0))

    first_told, second_told, alone_told = figures_of_all([REPLY, second, alone])

    assert first_told.estimated
    assert second_told.estimated
    assert (first_told.completion_tokens, second_told.completion_tokens) == (8, 2)
    assert (first_told.cost, second_told.cost) == (None, None)
    assert not alone_told.estimated
    assert alone_told.cost == 0.002


def test_best_are_the_fastest_the_first_and_the_cheapest_of_those_that_ended_well() -> None:
    answers = [
        answer("a", total_s=3.0, first_token_s=0.2, cost=0.5),
        answer("b", total_s=2.0, first_token_s=0.9, cost=0.1),
        answer("c", total_s=0.1, first_token_s=0.1, cost=0.0)._replace(status="length"),
        answer("d", total_s=0.1)._replace(status="error"),
    ]

    assert best_of(answers) == Best(fastest=1, first=0, cheapest=1)


def test_nobody_is_best_alone_or_where_all_are_the_same() -> None:
    assert best_of([]) == Best()
    assert best_of([answer("a", total_s=1.0, cost=0.0)]) == Best()
    assert best_of([answer("a", total_s=1.0, cost=0.0), answer("b", cost=0.0)]) == Best()


def test_order_puts_the_best_first_and_the_unknown_last() -> None:
    answers = [
        answer("b", total_s=None, rate=10.0),
        answer("C", total_s=3.0, rate=30.0),
        answer("a", total_s=1.0),
    ]

    assert order_of(answers, "total") == [2, 1, 0]
    assert order_of(answers, "rate") == [1, 0, 2]
    assert order_of(answers, "model") == [2, 0, 1]
    for column in COLUMNS:
        assert sorted(order_of(answers, column)) == [0, 1, 2]
        assert column_label(column)


def test_table_has_the_columns_that_something_is_known_of() -> None:
    table = table_of([answer("a", total_s=12.345, cost=0.03), answer("b", total_s=2.0)], ["A", "B"])

    assert table.columns == ("model", "provider", "status", "total", "words", "cost")
    assert table.rows == (
        ("A", "p", "done", "12.3 s", "0", "$0.030"),
        ("B", "p", "done", "2.00 s", "0", ""),
    )
    assert table.best == {(1, 3)}


def test_markdown_names_the_best_in_bold_and_hostile_names_stay_in_their_cells() -> None:
    lines = figures_markdown(
        [answer("a", total_s=1.0), answer("b", total_s=2.0)], ["x|y\n# <b>", "`z`"]
    ).splitlines()

    assert len(lines) == 4
    assert "**1.00 s**" in lines[2]
    assert "x\\|y # \\<b\\>" in lines[2]
    assert "\\`z\\`" in lines[3]
    assert lines[1].count("|") == lines[0].count("|")
    assert len({len(line) for line in lines}) == 1
