"""The plan: one pure function from path, budget, policy and cut to what is sent and why not.

What must go: the system prompt, what is pinned, the newest turn of the user, the summary that
stands for a part of the path. If this does not fit, the plan is refused. All else goes while it
fits, and what is cut, is cut so (policies `trim` and `compact`; `warn` and `off` send all):

- A cut of a plan before is kept exactly while what is sent with it fits: each request then
  begins as the one before, which is what providers' prompt caches need.
- On overflow so much is cut anew that `REFILL` of the budget is left: first, oldest first, old
  tool results are shortened and old pictures become words, as far as the policy allows it and
  as it helps; then the oldest turns are left out, whole ones. Nothing of the newest turn is
  ever touched.
- Where this would leave less than half of the budget used, or nothing at all of what came
  before the newest turn, one turn more is sent if the whole then fits into the budget. So the
  turn that has just ended is sent wherever it fits.
- A cut is dropped when all fits into `REFILL` of the budget again, and made anew when it leaves
  less than half of the budget used, or nothing of what came before: the window has grown, or
  something was excluded, unpinned or summed up. A cut at a message that is not on the path is
  none.

In a conversation that only grows, a cut moves only when it overflows, and only forward (unless
a heavy result of the newest turn may be shortened by then, and lets older turns come back).
"""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.form import ALWAYS, Form, form_of
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import ContextPlan, PlannedMessage
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.sizes import Sizes

REFILL = 0.75
"""On overflow as much is cut that this share of the budget is left, so that the cut can stay where
it is for some turns."""

_LEAST = 0.5
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

    The rules stand at the top of this module.

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
    begin = _keep_newest(path, form, policy.max_history - bool(system)) if policy.max_history else 0
    _drop_leading(path, form, begin)
    sizes = Sizes(path, form, policy, scale, system)
    chosen = _choose(sizes, budget.tokens, policy, cut)
    messages = _planned(sizes, chosen)
    pictures = _pictures(path, messages)
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
        pictures=pictures,
        refused=chosen.refused,
    )


def _pictures(path: Sequence[ContextItem], planned: Sequence[PlannedMessage]) -> int:
    """How many pictures go as such: those of prompts that are sent whole."""
    return sum(
        item.pictures
        for place, item in enumerate(path)
        if item.pictures and item.role == "user" and planned[place].decision == "sent"
    )


def _keep_newest(path: Sequence[ContextItem], form: Form, count: int) -> int:
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
            # What goes as one message is counted with the first of it.
            together = path[place].beside
            room -= not together or together == path[place].id
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


class _Choice(NamedTuple):
    """Where it is cut."""

    cut: Cut = Cut()
    first: int = 0
    """The place of the oldest message that goes, besides those that must."""
    whole: int = 0
    """The place from which on messages go whole."""
    refused: bool = False


def _choose(sizes: Sizes, room: int | None, policy: ContextPolicy, cut: Cut) -> _Choice:
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
    if _LEAST * room <= sent <= room and kept.first < newest:
        return kept
    return _made(sizes, room)


def _kept(sizes: Sizes, cut: Cut) -> _Choice:
    """A cut of a plan before, as far as it is one of this path."""
    path, newest = sizes.path, sizes.form.newest
    first, whole = _place_of(path, cut.first), _place_of(path, cut.whole)
    cut = Cut(cut.first if first >= 0 else "", cut.whole if whole >= 0 else "")
    if cut.first:
        # What it named may be left out by now: it never begins with an answer.
        while first < newest and not sizes.may_begin(first):
            first += 1
    return _Choice(cut, max(first, 0), min(max(whole, 0), newest))


def _place_of(path: Sequence[ContextItem], id_: str) -> int:
    """Where a message stands, looked for from the newest on; -1 where it does not."""
    places = range(len(path) - 1, -1, -1) if id_ else range(0)
    return next((place for place in places if path[place].id == id_), -1)


def _made(sizes: Sizes, room: int) -> _Choice:
    """A new cut: as much goes as fits into `REFILL` of the room, or a turn more; see above."""
    path, newest = sizes.path, sizes.form.newest
    most, least = int(REFILL * room), _LEAST * room
    first, sent = _first(sizes, most, least, room)
    # No more is shortened than needs to be.
    aim = most if sent <= most else room
    whole, left = first, sizes.total(first, 0)
    while left > aim and whole < newest:
        if not sizes.form.reasons[whole]:
            left -= sizes.whole[whole] - sizes.short(whole)
        whole += 1
    if whole == first:
        whole = 0
    cut = Cut(path[first].id if first else "", path[whole].id if whole else "")
    return _Choice(cut, first, whole)


def _first(sizes: Sizes, most: int, least: float, room: int) -> tuple[int, int]:
    """The place of the oldest message that goes, and what is sent then if all is shortened.

    Args:
        sizes: of the path.
        most: what should be sent at the most.
        least: what should be sent at the least; for this it may be more than `most`.
        room: what can be sent at all.
    """
    newest, reasons = sizes.form.newest, sizes.form.reasons
    first, sent = newest, sizes.must + sizes.filler(newest)
    left = sizes.must

    def better(place: int) -> bool:
        """Whether more should be sent, and may be: all from a place on."""
        total = left + sizes.filler(place)
        return total <= most or (total <= room and (first == newest or sent < least))

    # From the newest on, so that no more is looked at than is sent.
    for place in range(newest - 1, -1, -1):
        if not reasons[place]:
            left += sizes.short(place)
            if left > room:
                break
        if sizes.may_begin(place) and better(place):
            first, sent = place, left + sizes.filler(place)
    else:
        # All of a path may also begin with what follows a summary.
        if better(0):
            first, sent = 0, left + sizes.filler(0)
    return first, sent


def _planned(sizes: Sizes, chosen: _Choice) -> list[PlannedMessage]:
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
