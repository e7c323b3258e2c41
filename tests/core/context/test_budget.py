"""How much room a request has."""

from typing import Any

import pytest

from chat_tui.core.context.budget import Budget, Window, budget_for
from chat_tui.core.context.plan import ContextPlan, PlannedMessage


def test_budget_is_window_less_reply_less_tools_less_margin() -> None:
    small, large = Window(8_192, "list"), Window(400_000, "catalogue")
    tools = 300

    # Reserved for the reply: a quarter of a small window …
    assert budget_for(small, {}, tools).tokens == 8_192 - 2_048 - tools - 409
    # … 4,096 of a large one, even if its model can write 128,000 …
    assert budget_for(large, {}, tools).tokens == 400_000 - 4_096 - tools - 20_000
    # … or what the request allows, be it less or more.
    assert budget_for(small, {"max_tokens": 500}, tools).tokens == 8_192 - 500 - tools - 409
    assert budget_for(small, {"max_tokens": 5_000}, tools).tokens == 8_192 - 5_000 - tools - 409


@pytest.mark.parametrize(
    ("window", "parameters", "overhead", "tokens"),
    [
        (128_000, {}, 0, 128_000 - 4_096 - 6_400),
        (4_096, {}, 0, 4_096 - 1_024 - 204),
        (4_096, {}, 300, 4_096 - 1_024 - 300 - 204),
        (128_000, {"max_tokens": 1_000}, 0, 128_000 - 1_000 - 6_400),
        (128_000, {"max_completion_tokens": 50, "max_tokens": 1_000}, 0, 128_000 - 50 - 6_400),
        (8_000, {"max_tokens": 100_000}, 0, 0),
        (100, {}, 5_000, 0),
        (None, {"max_tokens": 100}, 300, None),
    ],
)
def test_budget_is_what_is_left_of_the_window(
    window: int | None, parameters: dict[str, Any], overhead: int, tokens: int | None
) -> None:
    budget = budget_for(Window(window, "list"), parameters, overhead)

    assert budget.tokens == tokens
    assert budget.window == Window(window, "list")
    assert budget.overhead == overhead


def test_plan_tells_what_is_over_and_what_is_heaviest() -> None:
    rows = [
        PlannedMessage("a", "user", "left-out", "too-large", 0, 70),
        PlannedMessage("b", "assistant", "left-out", "empty", 0, 4),
        PlannedMessage("c", "user", "shortened", "too-large", 40, 400),
        PlannedMessage("d", "user", "sent", "newest", 90, 90),
    ]
    plan = ContextPlan(tuple(rows), Budget(Window(100)), filler=10)

    assert (plan.tokens, plan.over) == (140, 40)
    assert [each.id for each in plan.sent] == ["c", "d"]
    assert [each.id for each in plan.left_out] == ["a", "b"]
    assert [each.id for each in plan.trimmed] == ["a"]
    assert plan.begins == "c"
    assert [each.id for each in sorted(plan.sent, key=lambda each: -each.tokens)[:1]] == ["d"]
    assert ContextPlan(tuple(rows)).over == 0
    assert ContextPlan(tuple(rows[1:])).begins == ""
