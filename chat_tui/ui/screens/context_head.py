"""What the context inspector tells above its table: model, window, a bar, figures, policy."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

from chat_tui.core.context.planner import Outlook
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.figures import money, percent, short_count
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Prices, Target
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.context_bar import level_style
from chat_tui.ui.screens.policy import policy_about
from chat_tui.ui.widgets.marked_rows import cut

_WIDE = 60
"""Columns from which on figures are written out."""

_LEAST_NAME = 6
"""Cells of a model's name that are left beside the figures; else these are left out."""


class HeadFacts(NamedTuple):
    """What is told of a request; `label` is clean."""

    target: Target
    label: str
    """How the provider is shown."""
    outlook: Outlook
    prices: Prices | None = None
    window_key: str = ""
    """The key that sets the window."""


class Piece(NamedTuple):
    """A part of the window: its name, sign and style."""

    name: str
    sign: str
    style: str
    tokens: int


def head_lines(facts: HeadFacts, width: int, rows: int) -> list[Content]:
    """The lines, the most important ones where there is little room.

    Args:
        facts: what is told.
        width: cells of a line.
        rows: lines at most.
    """
    pieces = window_pieces(facts.outlook)
    lines = [_model_line(facts, width)]
    if pieces:
        lines += [_bar(pieces, width), _legend(pieces, width)]
    else:
        unknown = text("context.unknown", key=facts.window_key)
        lines.append(Content.styled(cut(unknown, width), "$warning"))
    lines.append(_expected_line(facts, width))
    for words in (_calibration_words(facts.outlook), policy_words(facts.outlook.plan.policy)):
        lines.append(Content.styled(cut(words, width), "$foreground 60%"))
    return lines[:rows]


def window_pieces(outlook: Outlook) -> list[Piece]:
    """How the window is shared out, in the order of the bar; none where it is not known."""
    budget = outlook.budget
    if budget.window.tokens is None:
        return []
    taken = outlook.used + outlook.draft + budget.reserve + budget.margin
    free = budget.window.tokens - taken
    pieces = [
        Piece("used", "█", level_style(outlook.share), outlook.used),
        Piece("draft", "▓", "$accent", outlook.draft),
        Piece("free", "░", "$foreground 40%", max(free, 0)),
        Piece("reserve", "▒", "$primary", budget.reserve),
        Piece("margin", "╌", "$foreground 40%", budget.margin),
    ]
    if over := outlook.plan.over or max(-free, 0):
        pieces.append(Piece("over", "!", "bold $error", over))
    return [piece for piece in pieces if piece.tokens]


def _bar(pieces: Sequence[Piece], width: int) -> Content:
    """All of the window as one line; what there is of has a cell at least."""
    parts = [piece for piece in pieces if piece.name != "over"]
    cells = shared([piece.tokens for piece in parts], width)
    bars = zip(parts, cells, strict=True)
    return Content.assemble(*((piece.sign * count, piece.style) for piece, count in bars))


def shared(amounts: Sequence[int], cells: int) -> list[int]:
    """Share out cells by amounts, all of them, at least one for each as far as they go."""
    whole = sum(amounts) or 1
    exact = [amount * cells / whole for amount in amounts]
    given = [max(int(each), 1) for each in exact]
    while sum(given) > cells and max(given) > 1:
        given[given.index(max(given))] -= 1
    while sum(given) < cells:
        missed = [each - got for each, got in zip(exact, given, strict=True)]
        given[missed.index(max(missed))] += 1
    return given


def _legend(pieces: Sequence[Piece], width: int) -> Content:
    """What the signs of the bar mean, with figures; the last ones go where there is no room."""
    wide = width >= _WIDE
    told: list[Content] = []
    room = width
    urgent = sorted(pieces, key=lambda piece: piece.name != "over")
    for piece in urgent:
        figure = f"{piece.tokens:,}" if wide else short_count(piece.tokens)
        name = text(f"context.piece.{piece.name}")
        words = Content.assemble((piece.sign, piece.style), f" {name} {figure}")
        room -= words.cell_length + (2 if told else 0)
        if room < 0:
            break
        told.append(words)
    return Content("  ").join(told)


def _model_line(facts: HeadFacts, width: int) -> Content:
    window, wide = facts.outlook.budget.window, width >= _WIDE
    model = clean_line(facts.target.model, code=True) or facts.label
    told = ""
    if window.tokens is not None:
        size = f"{window.tokens:,}" if wide else short_count(window.tokens)
        source = text(f"context.source.{window.source}") if window.source and wide else ""
        told = ", ".join(filter(None, (text("context.window", tokens=size), source)))
    if wide and facts.label and facts.label != model:
        model = f"{model} · {facts.label}"
    room = width - cell_len(told) - 3
    if not told or room < _LEAST_NAME:
        return Content.styled(cut(model, width), "bold $accent")
    # The figures count more than the end of a long name.
    return Content.assemble((cut(model, room), "bold $accent"), f"   {told}")


def _expected_line(facts: HeadFacts, width: int) -> Content:
    """What the next request weighs and costs; the last words go where there is no room."""
    outlook = facts.outlook
    about = "≈" if outlook.approximate else ""
    error = outlook.calibration.error
    off = f" ±{percent(error)}" if outlook.approximate and error is not None else ""
    tokens = f"{about}{outlook.used + outlook.draft:,}{off}"
    pieces = [text("context.expected", tokens=tokens)]
    if outlook.share is not None:
        pieces.append(text("context.share", share=f"{outlook.share * 100:.0f}"))
    if outlook.cost is not None:
        pieces.append(text("context.cost", cost=f"{about}{money(outlook.cost)}"))
        price = facts.prices.input if facts.prices is not None else None
        if price is not None:
            pieces.append(text("context.price", price=money(price)))
    line = ""
    for piece in pieces:
        if line and cell_len(line + piece) > width:
            break
        line += piece
    return Content(cut(line, width))


def _calibration_words(outlook: Outlook) -> str:
    """How our count compares with the model's own."""
    known = outlook.calibration
    if outlook.doubted:
        return text("context.doubted")
    if not outlook.approximate:
        return text("context.exact")
    if not known.samples:
        return text("context.not-calibrated")
    key = "context.calibrated-one" if known.samples == 1 else "context.calibrated"
    return text(key, ratio=f"{known.ratio:.2f}", count=known.samples)


def policy_words(policy: ContextPolicy) -> str:
    """What is done where it does not fit, in words."""
    told = text("context.policy", policy=policy.overflow, about=policy_about(policy.overflow))
    if policy.max_history:
        told += " " + text("context.policy-history", count=f"{policy.max_history:,}")
    return told
