"""What for: the guide's selection, and what took the places of its models."""

import re
from collections.abc import Sequence

import pytest

from chat_tui.core.model_choices import ModelUse
from chat_tui.core.picking.kinds import EFFORTS, TASKS, Effort, Task
from chat_tui.core.picking.tasks import GUIDE, SUCCESSORS, Reason, Suited, advised, suited
from chat_tui.core.picking.wording import price_words, reason_words
from tests.core.picking.catalogue import ROWS, row


def names(found: Sequence[Suited]) -> list[str]:
    return [each.row.place.model for each in found]


@pytest.mark.parametrize(
    ("task", "effort", "first"),
    [
        (
            "text",
            "low",
            ["gpt-3.5-turbo", "gpt-5-nano", "gpt-4o-mini", "models/gemini-2.5-flash-lite"],
        ),
        ("text", "medium", ["gpt-4o-mini", "models/gemini-2.5-flash"]),
        ("code", "high", ["gpt-4o", "openai/gpt-4o", "gpt-5", "claude-sonnet-4-5"]),
        ("image", "low", ["models/gemini-2.5-flash-lite", "gpt-5-nano", "gpt-4o-mini"]),
        ("image", "high", ["models/gemini-2.5-flash", "gpt-5", "claude-sonnet-4-5"]),
        ("document", "low", ["gpt-3.5-turbo", "gpt-5-nano", "gpt-4o-mini"]),
        ("document", "medium", ["claude-sonnet-4-5", "claude-3-5-sonnet-20241022"]),
        ("document", "high", ["claude-3-opus-20240229", "claude-opus-4-1", "gpt-5"]),
    ],
)
def test_the_guides_models_come_first_and_then_their_successors(
    task: Task, effort: Effort, first: list[str]
) -> None:
    found = suited(ROWS, task, effort)
    assert names(found)[: len(first)] == first
    kinds = [each.reason.kind for each in found]
    assert kinds == sorted(kinds, key=["guide", "successor", "code", "fits"].index)


def test_all_that_can_do_a_task_is_there_once_and_nothing_else() -> None:
    there = {each.place for each in ROWS if not each.last}
    for task in TASKS:
        for effort in EFFORTS:
            found = [each.row.place for each in suited(ROWS, task, effort)]
            assert len(found) == len(set(found))
            if task in ("text", "code"):
                assert set(found) == there
    seeing = {each.row.place.model for each in suited(ROWS, "image", "medium")}
    assert "gpt-3.5-turbo" not in seeing
    assert "llama-3.2-vision" not in seeing  # nobody says that it can
    large = {each.row.place.model for each in suited(ROWS, "document", "high")}
    assert "deepseek/deepseek-r1:free" not in large
    assert "qwen/qwen3-coder" in large


def test_prices_follow_the_effort() -> None:
    rows = [
        row("p:cheap", price=0.1),
        row("p:cheaper", price=0.05),
        row("p:middle", price=1.0, released="2024-01-01"),
        row("p:middle-new", price=2.0, released="2025-01-01"),
        row("p:dear", price=10.0, released="2023-01-01"),
        row("p:dear-new", price=20.0, released="2025-06"),
        row("p:unknown"),
        row("p:my-coder", price=5.0),
    ]
    low, medium, high = (names(suited(rows, "text", effort)) for effort in EFFORTS)
    cheap, middle = ["cheaper", "cheap"], ["middle", "middle-new"]
    assert low == [*cheap, *middle, "my-coder", "dear", "dear-new", "unknown"]
    assert medium[:2] == middle[::-1]
    assert set(medium[2:4]) == set(cheap)
    assert high == ["dear-new", "dear", "my-coder", *middle[::-1], *cheap, "unknown"]
    assert names(suited(rows, "code", "low"))[0] == "my-coder"


def test_of_one_model_the_newest_and_the_favourite_come_first() -> None:
    rows = [
        row("a:gpt-5"),
        row("a:gpt-5.4"),
        row("b:openai/gpt-5.4-2026-01-01", use=ModelUse(favourite=True)),
        row("a:claude-sonnet-4.5"),
        row("a:claude-sonnet-4-20250514"),
    ]
    assert names(suited(rows, "text", "high")) == [
        "openai/gpt-5.4-2026-01-01",
        "gpt-5.4",
        "gpt-5",
        "claude-sonnet-4.5",
        "claude-sonnet-4-20250514",
    ]


def test_each_model_of_the_guide_has_successors_that_are_no_models_of_it() -> None:
    named = {name for efforts in GUIDE.values() for name in efforts.values()}
    assert set(SUCCESSORS) == named
    for name, patterns in SUCCESSORS.items():
        assert not any(re.fullmatch(each, name.replace(".", "-")) for each in patterns)


def test_what_the_guide_advises_is_told_of_a_model() -> None:
    assert advised(row("p:gpt-4o")) == [("text", "high"), ("image", "medium"), ("code", "high")]
    assert advised(row("p:anthropic/claude-opus-4.5")) == [("document", "high")]
    assert advised(row("p:my-model")) == []
    assert advised(row("p:gpt-4o-mini", can="")) == [
        ("text", "low"),
        ("text", "medium"),
        ("code", "low"),
        ("code", "medium"),
        ("document", "low"),
    ]


def test_reasons_are_told_in_a_few_words() -> None:
    def told(task: Task, reason: Reason, **facts: float) -> str:
        window = int(facts["window"]) if "window" in facts else None
        made = row("p:m", price=facts.get("price"), window=window)
        return reason_words(Suited(made, reason), task)

    fits = Reason("fits")
    assert told("text", Reason("guide")) == "named by the guide"
    assert told("text", Reason("successor", "gpt-4o")) == "in place of gpt-4o"
    assert told("image", fits, price=0.15) == "sees pictures, $0.15 a million tokens in"
    assert told("document", fits, window=200_000) == "a window of 200k"
    assert told("code", Reason("code"), price=3) == "made for code, $3.00 a million tokens in"
    assert told("text", fits) == "nothing speaks against it"


@pytest.mark.parametrize(
    ("dollars", "words"),
    [
        (0, "0"),
        (0.00001, "<0.0001"),
        (0.0375, "0.0375"),
        (0.15, "0.15"),
        (0.1, "0.10"),
        (2.5, "2.50"),
        (150, "150"),
    ],
)
def test_prices_are_short(dollars: float, words: str) -> None:
    assert price_words(dollars) == words
