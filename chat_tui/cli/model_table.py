"""Models as `chat-tui models` prints them: a table, or JSON with all that is known.

The JSON is an array, in the order of the table::

    [{"provider": …, "model": …, "name": how it is called for people, else "",
      "chat": whether it is one to talk to, "active": false where it was taken away,
      "listed": whether its provider's list has it,
      "favourite": bool, "used": when it was last, in seconds since 1970, or null, "times": …,
      "window", "max_output": tokens,
      "input_price", "output_price", "cached_price": US dollars for a million tokens,
      "tokenizer", "image_rule": names, "released": an ISO date,
      "abilities": {"vision", "tools", "json", "reasoning": bool},
      "catalogue_date": of what the source "catalogue" says, an ISO date,
      "reason": with --for {"kind": "guide" | "successor" | "code" | "fits",
                            "instead": what a successor stands for, else ""}}, …]

Each fact, from the window to the abilities, is `{"value": …, "source": "settings" | "server" |
"list" | "catalogue" | "error"}`, or null where nobody says. Later versions only add fields.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chat_tui.core.figures import short_count
from chat_tui.core.models import ABILITIES, Fact, ModelCard
from chat_tui.core.picking.kinds import Task
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.tasks import Reason, Suited
from chat_tui.core.picking.wording import price_words
from chat_tui.core.picking.wording import reason_words as words_of
from chat_tui.core.safety import clean_line
from chat_tui.storage.encoding import dump, escape_hidden

_TITLES = ("MODEL", "PROVIDER", "WINDOW", "$ IN", "$ OUT", "CAN")
_RIGHT = range(2, 5)
"""The columns of figures."""

_WIDEST = 64
"""Cells of a column that others are aligned to; what is longer stands out."""

_FACTS = (
    "window",
    "max_output",
    "input_price",
    "output_price",
    "cached_price",
    "tokenizer",
    "image_rule",
    "released",
)


class Line(NamedTuple):
    """A model that is printed."""

    row: ModelRow
    reason: Reason | None = None
    """Why it suits the task that was named."""


def as_json(lines: Sequence[Line]) -> str:
    """An array with all that is known of the models, each value with its source."""
    return escape_hidden(dump([_object(line) for line in lines], indent=1)) + "\n"


def _object(line: Line) -> dict[str, Any]:
    row, card = line.row, line.row.card
    values: dict[str, Any] = {
        "provider": row.place.provider,
        "model": row.place.model,
        "name": card.name,
        "chat": row.chat,
        "active": row.active and card.active,
        "listed": row.listed,
        "favourite": row.use.favourite,
        "used": row.use.used or None,
        "times": row.use.times,
    }
    values |= {name: _fact(getattr(card, name)) for name in _FACTS}
    values["abilities"] = {name: _fact(card.abilities.get(name)) for name in ABILITIES}
    values["catalogue_date"] = card.catalogue_date
    if line.reason is not None:
        values["reason"] = line.reason._asdict()
    return values


def _fact(fact: "Fact[Any] | None") -> dict[str, Any] | None:
    return None if fact is None else fact._asdict()


def as_table(lines: Sequence[Line], task: Task | None = None) -> str:
    """A line for each model; empty where there is none.

    Args:
        lines: of the models.
        task: what they are to suit.
    """
    if not lines:
        return ""
    rows = [("", *_TITLES, *(["WHY"] if task is not None else []))]
    rows += [_cells(line, task) for line in lines]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    return "".join(_joined(cells, widths) for cells in rows)


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (
        cell.rjust(width) if at - 1 in _RIGHT else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(aligned).rstrip() + "\n"


def _cells(line: Line, task: Task | None) -> tuple[str, ...]:
    row, card = line.row, line.row.card
    cells = (
        _mark(row, card),
        clean_line(row.place.model, code=True),
        clean_line(row.place.provider, code=True),
        short_count(card.window.value) if card.window is not None else "",
        _price(card.input_price),
        _price(card.output_price),
        " ".join(ability for ability in ABILITIES if card.can(ability)),
    )
    if task is None or line.reason is None:
        return cells
    return (*cells, words_of(Suited(row, line.reason), task))


def _mark(row: ModelRow, card: ModelCard) -> str:
    if row.use.favourite:
        return "*"
    if not (row.active and card.active):
        return "-"
    if not row.chat:
        return "x"
    return "" if row.listed else "?"


def _price(price: Fact[float] | None) -> str:
    return "" if price is None else price_words(price.value)
