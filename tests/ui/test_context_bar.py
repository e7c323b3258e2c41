"""The context in the status line: what stays in narrow terminals, and what the bar shows."""

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.plan import ContextPlan, PlannedMessage
from chat_tui.core.context.planner import Outlook
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.ui.screens.conversation.context_bar import bar_cells, context_pieces, level_style
from chat_tui.ui.widgets.status import Piece, StatusLine

WHOM = "some-model · Provider"
BUDGET = Budget(Window(128_000, "list"), reserve=4_096, overhead=3, margin=6_400)
LEFT_OUT = PlannedMessage("a", "user", "left-out", "too-large", 0, 700)
SENT = PlannedMessage("b", "user", "sent", "newest", 12_400, 12_400)


def _outlook(
    used: int = 12_400,
    draft: int = 0,
    budget: Budget = BUDGET,
    *,
    cost: float | None = None,
    error: float | None = None,
    messages: tuple[PlannedMessage, ...] = (SENT,),
    refused: bool = False,
    policy: ContextPolicy = ContextPolicy(),
) -> Outlook:
    plan = ContextPlan(messages, budget, policy, refused=refused)
    approximate = error is not None
    return Outlook(plan, used, draft, approximate, Calibration(1.0, error, 3), cost)


class _Line(App[None]):
    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")

    def show(self, outlook: Outlook, *, empty: bool = False) -> str:
        line = self.query_one(StatusLine)
        line.show(
            Piece("some-model", rank=4, name=True),
            Piece("Provider", rank=6),
            *context_pieces(outlook, outlook.draft, empty=empty),
            Piece("Ready"),
        )
        return str(line.render()).rstrip()


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (120, f"{WHOM} · ▰▱▱▱▱▱▱╌ ≈12.4k+310 ±2 % / 128k · 1 not sent · ≈$0.031 · Ready"),
        (86, f"{WHOM} · ▰▱▱▱▱▱▱╌ ≈12.4k+310 ±2 % / 128k · 1 not sent · Ready"),
        (80, f"{WHOM} · ▰▱▱▱▱▱▱╌ ≈12.4k+310 ±2 % / 128k · 1 not sent · Ready"),
        (72, f"{WHOM} · ≈12.4k+310 / 128k · 1 not sent · Ready"),
        (60, "some-model · Provider · ≈12.4k+310 / 128k · Ready"),
        (44, "some-model · ≈12.4k+310 / 128k · Ready"),
        (40, "some-model · ≈12.4k / 128k · Ready"),
        (34, "some-… · ≈12.4k / 128k · Ready"),
        (28, "≈12.4k / 128k · Ready"),
        (20, "≈12.4k · Ready"),
    ],
)
async def test_figures_stay_longest_and_the_bar_as_long_as_it_goes(width: int, shown: str) -> None:
    outlook = _outlook(draft=310, cost=0.031, error=0.02, messages=(LEFT_OUT, SENT))
    app = _Line()
    async with app.run_test(size=(width, 4)):
        assert app.show(outlook) == shown


async def test_what_is_not_known_is_not_made_up() -> None:
    unknown = Budget()
    app = _Line()
    async with app.run_test(size=(120, 4)) as pilot:
        line = "some-model · Provider · "
        assert app.show(_outlook(budget=unknown)) == f"{line}12.4k · window unknown · Ready"
        # While nothing was said, the draft alone counts, unless it is about to be too large.
        assert app.show(_outlook(0, 310), empty=True) == f"{line}310 / 128k · Ready"
        assert app.show(_outlook(3, 0), empty=True) == f"{line}Ready"
        nobody = _outlook(3, 1, unknown)
        assert app.show(nobody, empty=True) == f"{line}≈ 1 token · Ready"
        assert app.show(replace(nobody, draft=310), empty=True) == f"{line}≈ 310 tokens · Ready"
        full = app.show(_outlook(3, 90_000), empty=True)
        assert full == f"{line}▰▰▰▰▰▰▱╌ 3+90k / 128k · Ready"
        heavy = (replace_tokens(SENT, 130_000),)
        refused = app.show(_outlook(130_000, messages=heavy, refused=True))
        assert refused.endswith("130k / 128k · too large by 12.5k · Ready")
        warned = _outlook(
            120_000,
            messages=(replace_tokens(SENT, 120_000),),
            policy=ContextPolicy("warn"),
        )
        assert app.show(warned).endswith("120k / 128k · 2.5k too many · Ready")
        # What a summary stands for is not lost.
        summed = LEFT_OUT._replace(reason="summarised")
        assert app.show(_outlook(messages=(summed, SENT))).endswith("12.4k / 128k · Ready")
        await pilot.pause()


def replace_tokens(message: PlannedMessage, tokens: int) -> PlannedMessage:
    return message._replace(tokens=tokens, full=tokens)


@pytest.mark.parametrize(
    ("used", "draft", "cells"),
    [
        (0, 0, (0, 0, 7, 1)),
        (100, 0, (1, 0, 6, 1)),
        (64_000, 32_000, (4, 2, 1, 1)),
        (112_000, 4_000, (7, 0, 0, 1)),
        (200_000, 5_000, (8, 0, 0, 0)),
    ],
)
def test_bar_has_used_draft_free_and_reserve(
    used: int, draft: int, cells: tuple[int, int, int, int]
) -> None:
    assert bar_cells(_outlook(used, draft), 8) == cells


def test_colours_change_at_70_and_90_per_cent_of_the_budget() -> None:
    assert [level_style(share) for share in (None, 0.0, 0.69, 0.7, 0.89, 0.9, 2.0)] == [
        "",
        "$success",
        "$success",
        "$warning",
        "$warning",
        "$error",
        "$error",
    ]
    room = (BUDGET.tokens or 0) + BUDGET.overhead
    outlook = _outlook(int(room * 0.6), int(room * 0.15))
    bar, used, draft, window = context_pieces(outlook, outlook.draft, empty=False)
    # The draft counts for the colour, and has another shade itself.
    assert [piece.style for piece in (used, draft, window)] == ["$warning", "$accent", "$warning"]
    assert [style for _, style in bar.spans] == ["$warning", "$accent"]
    calm = context_pieces(replace(outlook, used=100, draft=0), 0, empty=False)
    assert [piece.style for piece in calm[1:]] == ["", ""]
