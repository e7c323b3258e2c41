"""What a plan costs. CPU, against the start of a bare Textual app in the same run."""

import gc
import sys
import time
from pathlib import Path

import pytest

from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.planning import plan_context
from chat_tui.core.context.policy import ContextPolicy
from tests.benchmarks.bench_app import HERE, _first_key

pytestmark = pytest.mark.benchmark

BARE = 0.42
"""Seconds of the bare start on the machine for which the limit was set."""

LIMIT = 0.020
"""Seconds of CPU on that machine: the promise of issue 5."""

RUNS = 20


def _path(count: int) -> list[ContextItem]:
    """A conversation whose counts are known; every third turn has a tool, some have a picture."""
    path: list[ContextItem] = []
    while len(path) < count - 1:
        at = len(path)
        picture = at % 40 == 0
        tokens = 1_265 if picture else 120
        images = 1_105 if picture else 0
        path += [
            ContextItem(f"u{at}", "user", tokens, images, pictures=int(picture), exact=True),
            ContextItem(f"c{at}", "assistant", 60, calls=(f"call{at}",), empty=True, exact=True),
            ContextItem(f"r{at}", "tool", 900, answers=f"call{at}", letters=3_600, exact=True),
            ContextItem(f"a{at}", "assistant", 300, exact=True),
            ContextItem(f"v{at}", "user", 120, exact=True),
            ContextItem(f"b{at}", "assistant", 300, exact=True),
            ContextItem(f"w{at}", "user", 120, exact=True),
            ContextItem(f"d{at}", "assistant", 300, exact=True),
        ]
    return [*path[: count - 1], ContextItem("new", "user", 50)]


@pytest.mark.parametrize("what", ["all fits", "first overflow", "a cut is kept", "summed up"])
def test_plan_of_10000_messages(what: str, tmp_path: Path) -> None:
    path = _path(10_000)
    budget = Budget(Window(10_000_000 if what == "all fits" else 128_000, "catalogue"))
    policy = ContextPolicy(max_history=2_000 if what == "summed up" else 0)
    cut = Cut()
    if what == "summed up":
        covers = (path[0].id, path[7_999].id)
        path[9_000] = ContextItem("s", "system", 900, covers=covers, summary=True)
    if what == "a cut is kept":
        cut = plan_context(path, system=100, budget=budget, scale=1.3).cut
        assert cut.first
    costs = []
    # As the app does after its imports: what they leave behind is never looked through again.
    gc.freeze()
    for _ in range(RUNS):
        began = time.process_time()
        plan = plan_context(path, system=100, budget=budget, policy=policy, cut=cut, scale=1.3)
        assert plan.tokens
        costs.append(time.process_time() - began)
    gc.unfreeze()
    bare = _first_key([sys.executable, str(HERE / "bare_app.py")], tmp_path).cpu
    limit = LIMIT * bare / BARE
    print(
        f"\n{what}: median {sorted(costs)[RUNS // 2] * 1000:.1f} ms, worst "
        f"{max(costs) * 1000:.1f} ms; the limit here is {limit * 1000:.1f} ms"
    )
    assert sorted(costs)[RUNS // 2] <= limit
