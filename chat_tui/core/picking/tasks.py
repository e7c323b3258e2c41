"""What for: the guide's selection of models by task and effort, as data.

The guide names models of its time. Where they are no longer to be had, those stand in for them
that took their places: the same class of the same maker, and then of others.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, overload

from chat_tui.core.picking.kinds import Effort, Task
from chat_tui.core.picking.rows import ModelRow

DOCUMENT_WINDOW = 100_000
"""Tokens that a document wants at the least, with room for questions and answers."""

GUIDE: Mapping[Task, Mapping[Effort, str]] = {
    "text": {"low": "gpt-3.5-turbo", "medium": "gpt-4o-mini", "high": "gpt-4o"},
    "image": {"low": "gemini-pro-vision", "medium": "gpt-4o", "high": "gemini-2.5-flash-all"},
    "code": {"low": "gpt-3.5-turbo", "medium": "gpt-4o-mini", "high": "gpt-4o"},
    "document": {"low": "gpt-3.5-turbo", "medium": "claude-3-sonnet", "high": "claude-3-opus"},
}
"""The guide's own names."""

_N = r"\d+(?:-\d)?"
"""A number of a generation: `5`, `2-5`."""

SUCCESSORS: Mapping[str, tuple[str, ...]] = {
    "gpt-3.5-turbo": (
        r"gpt-(?:[5-9]|\d\d)(?:-\d)?-nano",
        r"gpt-4-1-nano",
        r"gpt-4o-mini",
        rf"gemini-{_N}-flash-lite",
        rf"claude-haiku-{_N}",
        r"claude-3-5-haiku|claude-3-haiku",
        rf"mistral-small(?:-{_N})?",
    ),
    "gpt-4o-mini": (
        r"gpt-(?:[5-9]|\d\d)(?:-\d)?-mini",
        r"gpt-4-1-mini",
        rf"gemini-{_N}-flash",
        rf"claude-haiku-{_N}",
        r"deepseek-chat|deepseek-v\d+(?:-\d)?",
        rf"mistral-medium(?:-{_N})?",
    ),
    "gpt-4o": (
        r"gpt-(?:[5-9]|\d\d)(?:-\d)?",
        r"gpt-4-1",
        rf"claude-sonnet-{_N}",
        rf"gemini-{_N}-pro",
        rf"grok-{_N}",
    ),
    "gemini-pro-vision": (
        rf"gemini-{_N}-flash-lite",
        r"gpt-(?:[5-9]|\d\d)(?:-\d)?-nano",
        r"gpt-4-1-nano|gpt-4o-mini",
        rf"claude-haiku-{_N}",
    ),
    "gemini-2.5-flash-all": (
        r"gemini-(?:2-5|[3-9](?:-\d)?)-flash",
        r"gemini-(?:2-5|[3-9](?:-\d)?)-pro",
        r"gpt-(?:[5-9]|\d\d)(?:-\d)?",
        rf"claude-sonnet-{_N}",
    ),
    "claude-3-sonnet": (
        rf"claude-sonnet-{_N}",
        r"claude-3-7-sonnet|claude-3-5-sonnet",
        rf"gemini-{_N}-flash",
        r"gpt-4-1",
    ),
    "claude-3-opus": (
        rf"claude-opus-{_N}",
        rf"gemini-{_N}-pro",
        r"gpt-(?:[5-9]|\d\d)(?:-\d)?",
    ),
}
"""For each of them what took its place, the nearest first; dots are written as hyphens."""

_BEHIND = re.compile(
    r"(?:[-@](?:20\d{6}|20\d\d-\d\d-\d\d|\d\d-20\d\d|\d\d-\d\d|\d{3,4}|latest|preview|exp|16k))+\Z"
)
"""What stands behind a name and is the same model: dates, versions, states."""
_STATES = ("latest", "preview", "exp", "16k")
_FOR_CODE = re.compile(r"code|coder|codex|codestral|devstral")
_NUMBERS = re.compile(r"\d+")
_LONGEST_NAME = 120

_Key = tuple[int, tuple[int, ...], tuple[bool, float, int], int]
"""What the guide's models are ordered by: place, generation, what the user likes, row."""


class Reason(NamedTuple):
    """Why a model suits."""

    kind: Literal["guide", "successor", "code", "fits"]
    """The guide names it; it took the place of one that it names; it was made for code; it can do
    the task."""
    instead: str = ""
    """The model that the guide names, for a successor."""


class Suited(NamedTuple):
    """A model that suits, and why."""

    row: ModelRow
    reason: Reason


class Selection(Sequence[Suited]):
    """What suits, best first; each is made when it is looked at."""

    def __init__(self, rows: Sequence[ModelRow], reasons: Sequence[Reason]) -> None:
        self._rows = rows
        self._reasons = reasons

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Suited: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Suited]: ...

    def __getitem__(self, index: int | slice) -> Suited | Sequence[Suited]:
        if isinstance(index, slice):
            return Selection(self._rows[index], self._reasons[index])
        return Suited(self._rows[index], self._reasons[index])


def suited(rows: Sequence[ModelRow], task: Task, effort: Effort) -> Sequence[Suited]:
    """The models that suit, best first.

    Those that the guide names and their successors, then what can do the task (pictures: vision;
    documents: a large window): for a low effort the cheapest third first, for a medium one the
    middle, for a high one the dearest; prices that nobody says last. What is not to be talked to
    is left out.
    """
    named = GUIDE[task][effort]
    guide: list[tuple[_Key, ModelRow, Reason]] = []
    others: list[ModelRow] = []
    its_own, successor = Reason("guide"), Reason("successor", named)
    for at, row in enumerate(rows):
        if row.last:
            continue
        place = _place(row.place.model, named)
        if place is None:
            if _can(row, task, strict=True):
                others.append(row)
        elif place == 0 or _can(row, task, strict=False):
            newest = _newest(base_of(row.place.model)) if place else ()
            key = (place, newest, _favour(row), at)
            guide.append((key, row, successor if place else its_own))
    guide.sort(key=lambda each: each[0])
    rest, reasons = _by_price(others, task, effort)
    return Selection(
        [*(row for _, row, _ in guide), *rest], [*(reason for *_, reason in guide), *reasons]
    )


def advised(row: ModelRow) -> Sequence[tuple[Task, Effort]]:
    """What a model is for by the guide: itself, or in place of one that it names."""
    return [
        (task, effort)
        for task, names in GUIDE.items()
        for effort, named in names.items()
        if (place := _place(row.place.model, named)) == 0
        or (place and _can(row, task, strict=False))
    ]


@lru_cache(maxsize=65_536)
def _place(model: str, named: str) -> int | None:
    """0 for the model that the guide names, else the place among its successors from 1 on."""
    base = base_of(model)
    if base == _dashed(named):
        return 0
    found = _successors(named).fullmatch(base)
    return found.lastindex if found is not None else None


@lru_cache(maxsize=16)
def _successors(named: str) -> re.Pattern[str]:
    return re.compile("|".join(f"({pattern})" for pattern in SUCCESSORS[named]))


@lru_cache(maxsize=16_384)
def base_of(model: str) -> str:
    """A model's name as the tables have it: without a vendor, a variant, a date; kept."""
    last = model[-_LONGEST_NAME:].lower().rpartition("/")[2].partition(":")[0]
    name = _dashed(last)
    # Looked at first: of 10,000 names it takes a moment to cut something off each.
    dated = name[-2:].isdigit() or name.endswith(_STATES)
    return _BEHIND.sub("", name) if dated else name


def _dashed(name: str) -> str:
    return name.replace(".", "-")


def _newest(base: str) -> tuple[int, ...]:
    """A key that puts later generations before earlier ones."""
    # With a nought behind it "5" comes after "5.5".
    return (*(-int(number) for number in _NUMBERS.findall(base)), 0)


def _favour(row: ModelRow) -> tuple[bool, float, int]:
    """A key of order among rows of the same model."""
    return not row.use.favourite, -row.use.used, len(row.place.model)


def _can(row: ModelRow, task: Task, *, strict: bool) -> bool:
    """Whether a model can do a task; where nobody says, only a `strict` look says no."""
    if task == "image":
        sees = row.card.can("vision")
        return not strict if sees is None else sees
    if task == "document":
        window = row.card.window
        return not strict if window is None else window.value >= DOCUMENT_WINDOW
    return True


def _by_price(
    rows: Sequence[ModelRow], task: Task, effort: Effort
) -> tuple[Sequence[ModelRow], Sequence[Reason]]:
    """Models that can do a task, those of the price that an effort wants first; and why."""
    priced: list[tuple[float, int]] = []
    unknown: list[int] = []
    released: list[str] = []
    for at, row in enumerate(rows):
        card = row.card
        released.append(card.released.value if card.released is not None else "")
        if card.input_price is None:
            unknown.append(at)
        else:
            priced.append((card.input_price.value, at))
    priced.sort()
    count = len(priced)
    low, medium, high = (
        [at for _, at in priced[count * part // 3 : count * (part + 1) // 3]] for part in range(3)
    )
    bands = [low, medium, high]
    if effort != "low":
        # The price is no measure of how good one is: in its band the newest goes first.
        for band in bands:
            band.sort(key=released.__getitem__, reverse=True)
        bands = [medium, low, high] if effort == "medium" else [high, medium, low]
    order = [rows[at] for band in (*bands, unknown) for at in band]
    code: list[ModelRow] = []
    if task == "code":
        others: list[ModelRow] = []
        for row in order:
            (code if _is_for_code(row) else others).append(row)
        order = [*code, *others]
    return order, [*[Reason("code")] * len(code), *[Reason("fits")] * (len(order) - len(code))]


def _is_for_code(row: ModelRow) -> bool:
    return _FOR_CODE.search(base_of(row.place.model)) is not None
