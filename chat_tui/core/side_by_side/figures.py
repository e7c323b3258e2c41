"""The figures of answers beside each other: how fast, how long, how dear."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.figures import money
from chat_tui.core.messages import ChatMessage, Status, Usage
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.tables import markdown_table
from chat_tui.core.side_by_side.words import words_in
from chat_tui.core.texts import text

Column = Literal[
    "model",
    "provider",
    "status",
    "first_token",
    "total",
    "rate",
    "prompt",
    "completion",
    "reasoning",
    "words",
    "cost",
    "finish",
]
"""A figure, as a column of a table."""

COLUMNS: tuple[Column, ...] = get_args(Column)

_SHORTEST = 0.05
"""Seconds of writing below which a rate says nothing: the answer came whole."""


class AnswerFigures(NamedTuple):
    """What is known of one answer; None where it is not."""

    model: str
    provider: str
    status: Status
    first_token_s: float | None = None
    total_s: float | None = None
    rate: float | None = None
    """Completion tokens a second, from the first one on; reasoning counts."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    words: int = 0
    cost: float | None = None
    """US dollars."""
    finish_reason: str = ""
    estimated: bool = False
    """Whether the completion tokens, and so the rate, are estimated: nobody told them."""


class Best(NamedTuple):
    """Places of the best of several; None where fewer than two have the figure, or all the same."""

    fastest: int | None = None
    """By the whole time."""
    first: int | None = None
    """By the first token."""
    cheapest: int | None = None


def figures_of(reply: ChatMessage, *, of_several: bool = False) -> AnswerFigures:
    """The figures of an answer that has ended.

    Args:
        reply: the answer.
        of_several: it is one of several answers to one request: what the server counted, and its
            price, is that of all.
    """
    usage = Usage() if reply.usage is None or of_several else reply.usage
    completion = _written(usage)
    estimated = completion is None and bool(reply.text or reply.reasoning)
    if estimated:
        completion = estimate_tokens(reply.text) + estimate_tokens(reply.reasoning)
    first = total = rate = None
    if (timings := reply.timings) is not None:
        first = _since(timings.sent, timings.first_token)
        total = _since(timings.sent, timings.ended)
        if completion and first is not None and total is not None and total - first >= _SHORTEST:
            rate = completion / (total - first)
    return AnswerFigures(
        reply.model,
        reply.provider,
        reply.status,
        first,
        total,
        rate,
        reply.usage.prompt_tokens if reply.usage is not None else None,
        completion,
        usage.reasoning_tokens,
        words_in(reply.text),
        reply.cost.amount if reply.cost is not None and not of_several else None,
        reply.finish_reason,
        estimated,
    )


def figures_of_all(replies: Sequence[ChatMessage]) -> list[AnswerFigures]:
    """The figures of answers that stand beside each other."""
    requests = Counter(map(_request_of, replies))
    return [figures_of(reply, of_several=requests[_request_of(reply)] > 1) for reply in replies]


def best_of(answers: Sequence[AnswerFigures]) -> Best:
    """Who was the fastest and the cheapest; answers that failed or were cut off do not count."""
    return Best(
        _lowest([each.total_s if each.status == "complete" else None for each in answers]),
        _lowest([each.first_token_s if each.status == "complete" else None for each in answers]),
        _lowest([each.cost if each.status == "complete" else None for each in answers]),
    )


def cell(figures: AnswerFigures, column: Column) -> str:
    """A figure as it is shown; empty where it is not known."""
    return _CELLS[column](figures)


def column_label(column: Column) -> str:
    """What a column is called."""
    return text(f"comparison.column.{column.replace('_', '-')}")


def order_of(answers: Sequence[AnswerFigures], column: Column) -> list[int]:
    """The places of answers sorted by a figure, the best first, those without it last.

    Low times and costs are good and high rates, long answers come before short ones; words are
    sorted by the alphabet.
    """
    sign = -1 if column in _HIGH_FIRST else 1

    def key(place: int) -> tuple[bool, float, str]:
        value = getattr(answers[place], _FIELDS[column])
        if isinstance(value, str):
            return not value, 0.0, value.casefold()
        return value is None, sign * (value or 0.0), ""

    return sorted(range(len(answers)), key=key)


class FigureTable(NamedTuple):
    """Figures as they are written down."""

    columns: tuple[Column, ...]
    """Those of which anything is known."""
    rows: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]]
    """The cells that stand out, as row and column."""


def table_of(answers: Sequence[AnswerFigures], names: Sequence[str] | None = None) -> FigureTable:
    """The figures of answers as a table.

    Args:
        answers: in their order.
        names: what they are called in the place of their models.
    """
    cells = {column: [cell(each, column) for each in answers] for column in COLUMNS}
    if names is not None:
        cells["model"] = [*names]
    shown = tuple(column for column in COLUMNS if any(cells[column]) or column == "model")
    best = best_of(answers)
    places: dict[Column, int | None] = {
        "total": best.fastest,
        "first_token": best.first,
        "cost": best.cheapest,
    }
    return FigureTable(
        shown,
        tuple(tuple(cells[column][at] for column in shown) for at in range(len(answers))),
        frozenset((at, shown.index(column)) for column, at in places.items() if at is not None),
    )


def figures_markdown(answers: Sequence[AnswerFigures], names: Sequence[str] | None = None) -> str:
    """The figures as a table in Markdown; see `table_of`."""
    table = table_of(answers, names)
    return markdown_table(
        [column_label(column) for column in table.columns],
        table.rows,
        numbers=[column in NUMBERS for column in table.columns],
        bold=table.best,
    )


def _request_of(reply: ChatMessage) -> tuple[object, ...]:
    """What is the same for all answers to one request, and for those alone."""
    if reply.timings is None:
        return (reply.id,)
    return reply.parent, reply.slot, reply.provider, reply.timings


def _written(usage: Usage) -> int | None:
    """The tokens that a model wrote; some providers do not count its reasoning in."""
    completion, reasoning = usage.completion_tokens, usage.reasoning_tokens
    if completion is None or not reasoning or usage.total_tokens is None:
        return completion
    beside = usage.total_tokens == (usage.prompt_tokens or 0) + completion + reasoning
    return completion + reasoning if beside else completion


def _since(sent: float, then: float | None) -> float | None:
    """Seconds from one time to another; None where clocks were set back between them."""
    return then - sent if then is not None and then >= sent else None


def _lowest(values: Sequence[float | None]) -> int | None:
    """The place of the lowest; None where there is nothing to compare, or they are the same."""
    known = [value for value in values if value is not None]
    return values.index(min(known)) if len({*known}) > 1 else None


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return text("transcript.seconds", seconds=f"{value:.{2 if value < 10 else 1}f}")


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _about(figures: AnswerFigures, words: str) -> str:
    return f"≈ {words}" if words and figures.estimated else words


def _rate(figures: AnswerFigures) -> str:
    rate = figures.rate
    words = "" if rate is None else f"{rate:.{0 if rate >= 10 else 1}f}"
    return _about(figures, words)


_CELLS: Mapping[Column, Callable[[AnswerFigures], str]] = {
    "model": lambda figures: clean_line(figures.model, code=True),
    "provider": lambda figures: clean_line(figures.provider, code=True),
    "status": lambda figures: text(f"comparison.status.{figures.status}"),
    "first_token": lambda figures: _seconds(figures.first_token_s),
    "total": lambda figures: _seconds(figures.total_s),
    "rate": _rate,
    "prompt": lambda figures: _count(figures.prompt_tokens),
    "completion": lambda figures: _about(figures, _count(figures.completion_tokens)),
    "reasoning": lambda figures: _count(figures.reasoning_tokens),
    "words": lambda figures: _count(figures.words),
    "cost": lambda figures: "" if figures.cost is None else money(figures.cost),
    "finish": lambda figures: clean_line(figures.finish_reason, code=True),
}

_FIELDS: Mapping[Column, str] = {
    "model": "model",
    "provider": "provider",
    "status": "status",
    "first_token": "first_token_s",
    "total": "total_s",
    "rate": "rate",
    "prompt": "prompt_tokens",
    "completion": "completion_tokens",
    "reasoning": "reasoning_tokens",
    "words": "words",
    "cost": "cost",
    "finish": "finish_reason",
}
_HIGH_FIRST = frozenset[Column]({"rate", "words"})
NUMBERS = frozenset(COLUMNS) - {"model", "provider", "status", "finish"}
"""Columns that are set to the right."""
