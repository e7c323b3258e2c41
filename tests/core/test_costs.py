"""What answers cost."""

import pytest

from chat_tui.core.costs import cost_of, cost_told
from chat_tui.core.messages import Cost, Usage
from chat_tui.core.targets import Prices

PRICES = Prices(input=2.0, output=8.0, cached=0.5)


@pytest.mark.parametrize(
    ("usage", "prices", "amount"),
    [
        (Usage(1_000, 500, 1_500), PRICES, 0.006),
        (Usage(1_000, 500, cached_tokens=600), PRICES, 0.0008 + 0.0003 + 0.004),
        (Usage(1_000, 500, cached_tokens=600), Prices(2.0, 8.0), 0.006),
        (Usage(1_000, 500, cached_tokens=9_000), PRICES, 0.0005 + 0.004),
        (Usage(1_000, 500, reasoning_tokens=400), PRICES, 0.006),
        (Usage(1_000, None, 1_500), PRICES, 0.006),
        (Usage(1_000, 0), Prices(2.0, None), 0.002),
        (Usage(1_000, 500), Prices(0.0, 0.0), 0.0),
    ],
)
def test_cost_is_tokens_at_their_price(usage: Usage, prices: Prices, amount: float) -> None:
    cost = cost_of(usage, prices)

    assert cost is not None
    assert cost.amount == pytest.approx(amount)
    assert cost.currency == "USD"


@pytest.mark.parametrize(
    ("usage", "prices"),
    [
        (None, PRICES),
        (Usage(1_000, 500), None),
        (Usage(1_000, 500), Prices()),
        (Usage(1_000, 500), Prices(2.0, None)),
        (Usage(None, 500), PRICES),
        (Usage(1_000, None), PRICES),
        (Usage(1_000, -5_000), PRICES),
        (Usage(1_000, 500), Prices(float("inf"), 1.0)),
    ],
)
def test_cost_is_unknown_where_a_figure_is_missing_or_makes_no_sense(
    usage: Usage | None, prices: Prices | None
) -> None:
    assert cost_of(usage, prices) is None


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        (0.25, Cost(0.25)),
        (0, Cost(0)),
        (None, None),
        (True, None),
        ("0.25", None),
        (-1.0, None),
        (float("nan"), None),
        ({"input": 1}, None),
    ],
)
def test_cost_that_a_provider_tells_is_taken_where_it_is_one(
    told: object, cost: Cost | None
) -> None:
    assert cost_told({"cost": told}) == cost
