"""The context in the status line: how much of the window the next request takes."""

from collections.abc import Iterator

from chat_tui.core.context.planner import Outlook
from chat_tui.core.figures import money, percent, short_count
from chat_tui.core.texts import text
from chat_tui.ui.widgets.status import Piece

CELLS = 8
"""Of the bar."""

WARN_FROM, ALARM_FROM = 0.7, 0.9
"""Shares of the budget from which on the colours change."""

_GROUP = "context"


def context_pieces(
    outlook: Outlook | None, draft: int, *, empty: bool, several: bool = False
) -> list[Piece]:
    """What the next request weighs, for the status line: `▰▰▰▱▱▱▱╌ 12.4k+310 / 128k`.

    Args:
        outlook: of the conversation; None while it is not known.
        draft: tokens of what is written.
        empty: whether nothing was said yet.
        several: whether models are asked side by side: then it is what all of them cost.
    """
    share = None if outlook is None else outlook.share
    if outlook is None:
        return [Piece(_draft_words(draft), rank=5)]
    cost = _cost(outlook, several=several)
    if empty and (share is None or share < WARN_FROM):
        pieces = [Piece(_draft_words(draft), rank=5)] if share is None else []
        if share is not None and outlook.draft:
            pieces += _figures(outlook, whole=True)
        return [*pieces, *(cost if several and outlook.draft else [])]
    return [*_bar_pieces(outlook), *_figures(outlook), *_remarks(outlook), *cost]


def level_style(share: float | None) -> str:
    """The colour of a share of the budget; none where nobody knows it."""
    if share is None:
        return ""
    if share < WARN_FROM:
        return "$success"
    return "$warning" if share < ALARM_FROM else "$error"


def bar_cells(outlook: Outlook, cells: int) -> tuple[int, int, int, int]:
    """How many cells are used, the draft's, free, and kept for the reply; together all of them.

    Args:
        outlook: with a window that is known.
        cells: of the whole bar.
    """
    budget = outlook.budget
    window = max(budget.window.tokens or 0, 1)

    def up_to(tokens: int) -> int:
        return min(round(cells * tokens / window), cells)

    used = max(up_to(outlook.used), 1 if outlook.used else 0)
    draft = max(up_to(outlook.used + outlook.draft) - used, 0)
    kept = min(up_to(budget.reserve + budget.margin), cells - used - draft)
    return used, draft, cells - used - draft - kept, kept


def _bar_pieces(outlook: Outlook) -> Iterator[Piece]:
    if outlook.budget.window.tokens is None:
        return
    used, draft, free, kept = bar_cells(outlook, CELLS)
    words = "▰" * (used + draft) + "▱" * free + "╌" * kept
    spans = ((used, level_style(outlook.share)), (draft, "$accent"))
    yield Piece(words, rank=8, group=_GROUP, spans=spans)


def _figures(outlook: Outlook, *, whole: bool = False) -> Iterator[Piece]:
    """What of how much, in the order in which it is read; `whole` has the draft in it."""
    share, window = outlook.share, outlook.budget.window.tokens
    style = level_style(share) if share is not None and share >= WARN_FROM else ""
    about = "≈" if outlook.approximate else ""
    rank = 5 if window is None else 1
    used = outlook.used + (outlook.draft if whole else 0)
    yield Piece(f"{about}{short_count(used)}", style, rank, group=_GROUP, lead=" ")
    if outlook.draft and not whole:
        words = f"+{short_count(outlook.draft)}"
        yield Piece(words, "$accent", rank + 4, group=_GROUP)
    error = outlook.calibration.error
    if outlook.approximate and error is not None:
        yield Piece(f"±{percent(error)}", rank=9, group=_GROUP, lead=" ")
    if window is not None:
        yield Piece(f"/ {short_count(window)}", style, rank=2, group=_GROUP, lead=" ")
    else:
        yield Piece(text("meter.unknown"), rank=9)


def _remarks(outlook: Outlook) -> Iterator[Piece]:
    """What follows from it."""
    plan = outlook.plan
    if plan.refused:
        yield Piece(text("meter.refused", count=short_count(plan.over)), "$error", rank=3)
    elif plan.lost:
        # As the transcript counts them; where summaries stand for all of them, none is missed.
        count = f"{len(plan.trimmed):,}"
        yield Piece(text("meter.not-sent", count=count), "$warning", rank=7)
    elif plan.over and plan.policy.overflow == "warn":
        yield Piece(text("meter.over", count=short_count(plan.over)), "$error", rank=3)


def _cost(outlook: Outlook, *, several: bool) -> list[Piece]:
    """What the next prompt costs; said of all models where several are asked."""
    if not outlook.cost:
        return []
    told = f"≈{money(outlook.cost)}"
    return [Piece(text("sides.cost", cost=told), rank=4) if several else Piece(told, rank=9)]


def _draft_words(tokens: int) -> str:
    if tokens == 1:
        return text("status.draft-of-one")
    return text("status.draft", count=f"{tokens:,}") if tokens else ""
