"""The plan: one pure function from path, budget, policy and cut to what is sent and why not."""

from collections.abc import Sequence
from itertools import islice
from math import ceil
from typing import NamedTuple

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.form import ALWAYS, Form, form_of
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import ContextPlan, PlannedMessage
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.wording import (
    FILLER_TOKENS,
    SUMMARY_TOKENS,
    may_shorten,
    shortened_tokens,
    whole_tokens,
)

REFILL = 0.75
"""On overflow as much is cut that this share of the budget is left, so that the cut can stay where
it is for some turns."""

_WASTED = REFILL / 2
"""Where a cut leaves less than this share of the budget to be sent, a wider one is looked for."""


def plan_context(
    path: Sequence[ContextItem],
    *,
    system: int = 0,
    budget: Budget = Budget(),
    policy: ContextPolicy = ContextPolicy(),
    cut: Cut = Cut(),
    scale: float = 1.0,
    system_exact: bool = False,
) -> ContextPlan:
    """Plan a request. Nothing is read, stored or changed; same input, same plan.

    What must go: the system prompt, what is pinned, the newest turn of the user, the summary that
    stands for a part of the path. If this does not fit, the plan is refused. All else goes while it
    fits, and what is cut, is cut so (policies `trim` and `compact`; `warn` and `off` send all):

    - A cut of a plan before is kept exactly while what is sent with it fits: each request then
      begins as the one before, which is what providers' prompt caches need.
    - On overflow so much is cut anew that `REFILL` of the budget is left: first, oldest first, old
      tool results are shortened and old pictures become words, as far as the policy allows it and
      as it helps; then the oldest turns are left out, whole ones. Nothing of the newest turn is
      ever touched.
    - A cut is dropped when all fits into `REFILL` of the budget again, and widened when it leaves
      less than half of that although more could be sent: the window has grown, or something was
      excluded or summed up. A cut at a message that is not on the path is none.

    Args:
        path: the active path from the root to the newest message, which is the user's or a tool's
            result.
        system: tokens of the system prompt; 0 where there is none.
        budget: the room that there is.
        policy: what to do where it is not enough.
        cut: where the plan before had to cut.
        scale: what our tokens are to be multiplied with (see `calibration`).
        system_exact: whether the system prompt was counted, not estimated.

    Raises:
        UsageError: there is nothing to answer.
    """
    form = form_of(path)
    begin = _keep_newest(form, policy.max_history - bool(system)) if policy.max_history else 0
    _drop_leading(path, form, begin)
    sizes = _Sizes(path, form, policy, scale, system)
    chosen = _choose(sizes, budget.tokens, policy, cut)
    messages = _planned(sizes, chosen)
    if system:
        tokens = sizes.system
        first = PlannedMessage("", "system", "sent", "system", tokens, tokens, system_exact)
        messages.insert(0, first)
    stands = form.summary >= 0
    return ContextPlan(
        tuple(messages),
        budget,
        policy,
        chosen.cut,
        summary=path[form.summary].id if stands else "",
        before=path[form.before].id if stands else "",
        filler=sizes.filler(chosen.first),
        refused=chosen.refused,
    )


def _keep_newest(form: Form, count: int) -> int:
    """Leave out what is beyond so many messages, counted from the newest; what must go, goes.

    Tells the place where those begin that stay. What is left there of calls with their results
    comes before any prompt, and is not sent either.
    """
    room = count - len(form.must_go())
    begin = form.newest
    for place in range(form.newest - 1, -1, -1):
        if not form.reasons[place]:
            if room <= 0:
                break
            room -= 1
            begin = place
    else:
        return 0
    form.leave_out("history", 0, begin)
    return begin


def _drop_leading(path: Sequence[ContextItem], form: Form, begin: int) -> None:
    """Leave out answers before the first prompt, or before the summary, which goes as one."""
    for place in range(begin, form.newest):
        if place == form.before or (path[place].role == "user" and form.may_go(place)):
            return
        if not form.reasons[place]:
            form.reasons[place] = "leading"


class _Sizes:
    """What the messages of a path weigh, and what is sent of them with a given cut."""

    def __init__(
        self,
        path: Sequence[ContextItem],
        form: Form,
        policy: ContextPolicy,
        scale: float,
        system: int,
    ) -> None:
        self.path = path
        self.form = form
        self.system = ceil(system * scale)
        self._policy = policy
        self._scale = scale
        self.whole = [
            ceil((whole_tokens(each) if each.pictures else each.tokens) * scale) for each in path
        ]
        """Tokens of each message, calibrated."""
        if form.summary >= 0:
            said = path[form.summary].tokens + SUMMARY_TOKENS
            self.whole[form.summary] = ceil(said * scale)
        self.must = self.system + sum(self.whole[place] for place in form.must_go())
        """Tokens of what goes in any case."""
        self._filler, self._last_before = self._about_filler()

    def _about_filler(self) -> tuple[int, int]:
        """What a filler weighs if there is one, and the last message that makes it needless."""
        form = self.form
        spoken = (place for place in form.fixed if self.path[place].role != "system")
        first = min(next(spoken, form.newest), form.newest)
        if 0 <= form.before <= first or self.path[first].role == "user":
            return 0, -1
        before = (place for place in range(first - 1, -1, -1) if not form.reasons[place])
        return ceil(FILLER_TOKENS * self._scale), next(before, -1)

    def filler(self, first: int) -> int:
        """Tokens of the line that comes first where an answer would, with such a first message."""
        return self._filler if first > self._last_before else 0

    def short(self, place: int) -> int:
        """The tokens of a message as it is shortened, or whole where that is not less."""
        item, policy, whole = self.path[place], self._policy, self.whole[place]
        if (policy.shorten_results and may_shorten(item)) or (
            policy.drop_images and item.pictures and item.role == "user"
        ):
            return min(ceil(shortened_tokens(item) * self._scale), whole)
        return whole

    def shortened(self, first: int, whole: int) -> dict[int, int]:
        """The tokens of all messages that a cut shortens, by their places."""
        return {
            place: size
            for place in range(first, whole)
            if not self.form.reasons[place] and (size := self.short(place)) < self.whole[place]
        }

    def total(self, first: int, whole: int) -> int:
        """All that is sent.

        Args:
            first: the place of the oldest message that goes, besides those that must.
            whole: the place from which on messages go whole.
        """
        end = self.form.newest
        rows = zip(self.whole[first:end], self.form.reasons[first:end], strict=True)
        total = self.must + self.filler(first) + sum([size for size, why in rows if not why])
        for place, size in self.shortened(first, whole).items():
            total -= self.whole[place] - size
        return total


class _Choice(NamedTuple):
    """Where it is cut."""

    cut: Cut = Cut()
    first: int = 0
    """The place of the oldest message that goes, besides those that must."""
    whole: int = 0
    """The place from which on messages go whole."""
    refused: bool = False


def _choose(sizes: _Sizes, room: int | None, policy: ContextPolicy, cut: Cut) -> _Choice:
    if room is None or policy.overflow in ("warn", "off"):
        return _Choice()
    newest = sizes.form.newest
    if sizes.must + sizes.filler(newest) > room:
        return _Choice(cut, newest, refused=True)
    uncut = sizes.total(0, 0)
    if uncut <= REFILL * room:
        return _Choice()
    kept = _kept(sizes, cut)
    sent = sizes.total(kept.first, kept.whole) if kept.first or kept.whole else uncut
    if _WASTED * room < sent <= room:
        return kept
    return _made(sizes, int(REFILL * room))


def _kept(sizes: _Sizes, cut: Cut) -> _Choice:
    """A cut of a plan before, as far as it is one of this path."""
    path, newest = sizes.path, sizes.form.newest
    first, whole = _place_of(path, cut.first), _place_of(path, cut.whole)
    cut = Cut(cut.first if first >= 0 else "", cut.whole if whole >= 0 else "")
    if cut.first:
        # What it named may be left out by now: it never begins with an answer.
        while first < newest and (sizes.form.reasons[first] or path[first].role != "user"):
            first += 1
    return _Choice(cut, max(first, 0), min(max(whole, 0), newest))


def _place_of(path: Sequence[ContextItem], id_: str) -> int:
    """Where a message stands, looked for from the newest on; -1 where it does not."""
    places = range(len(path) - 1, -1, -1) if id_ else range(0)
    return next((place for place in places if path[place].id == id_), -1)


def _made(sizes: _Sizes, most: int) -> _Choice:
    """A new cut, after which no more than so much is sent, if it goes."""
    path, reasons, newest = sizes.path, sizes.form.reasons, sizes.form.newest
    first, left = newest, sizes.must
    # From the newest on, so that no more is looked at than is sent.
    for place in range(newest - 1, -1, -1):
        if reasons[place]:
            continue
        left += sizes.short(place)
        if left > most:
            break
        if path[place].role == "user" and left + sizes.filler(place) <= most:
            first = place
    else:
        if left + sizes.filler(0) <= most:
            first = 0
    # No more is shortened than needs to be.
    whole, left = first, sizes.total(first, 0)
    while left > most and whole < newest:
        if not reasons[whole]:
            left -= sizes.whole[whole] - sizes.short(whole)
        whole += 1
    if whole == first:
        whole = 0
    cut = Cut(path[first].id if first else "", path[whole].id if whole else "")
    return _Choice(cut, first, whole)


def _planned(sizes: _Sizes, chosen: _Choice) -> list[PlannedMessage]:
    """What becomes of each message of the path."""
    form, first = sizes.form, chosen.first
    rows = zip(sizes.path, form.reasons, sizes.whole, strict=True)
    new = tuple.__new__  # half the cost of calling the class itself
    planned = [
        new(
            PlannedMessage,
            (item.id, item.role, "left-out", why or "too-large", 0, size, item.exact),
        )
        if not why or why not in ALWAYS
        else new(PlannedMessage, (item.id, item.role, "sent", why, size, size, item.exact))
        for item, why, size in islice(rows, first)
    ]
    planned += [
        new(PlannedMessage, (item.id, item.role, "sent", why, size, size, item.exact))
        if not why or why in ALWAYS
        else new(PlannedMessage, (item.id, item.role, "left-out", why, 0, size, item.exact))
        for item, why, size in rows
    ]
    for place in form.stripped:
        if planned[place].decision == "sent":
            planned[place] = planned[place]._replace(decision="shortened", reason="unanswered")
    for place, size in sizes.shortened(chosen.first, chosen.whole).items():
        planned[place] = planned[place]._replace(
            decision="shortened",
            reason="too-large",
            tokens=size,
            exact=bool(sizes.path[place].short),
        )
    return planned
