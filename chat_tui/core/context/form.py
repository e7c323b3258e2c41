"""What may go at all, whatever room there is: the rules of form.

Empty replies are never sent, and a prompt that failed not again with the next one; stopped and
interrupted replies are sent; a tool's result never goes without its call nor a call without its
results.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import Reason
from chat_tui.core.errors import UsageError

ALWAYS: frozenset[Reason] = frozenset({"system", "pinned", "newest", "summary"})
"""The reasons of what is sent whatever it weighs."""


@dataclass(slots=True)
class Form:
    """What may go, what must, and what hangs together; all places are those of the path."""

    reasons: list[Reason]
    """Of each message: empty where it may go, one of `ALWAYS` where it must, else why it may not.
    """
    heads: dict[int, int] = field(default_factory=dict)
    """Result → its calls, with which it goes or stays."""
    ends: dict[int, int] = field(default_factory=dict)
    """Calls → where their results end."""
    stripped: set[int] = field(default_factory=set)
    """Messages that go without their calls, which nobody answered."""
    newest: int = 0
    """Where the newest turn of the user begins: all from there on must go."""
    fixed: list[int] = field(default_factory=list)
    """Messages that must go because they, or what they hang together with, are pinned, and those
    of the system; oldest first."""
    summaries: list[int] = field(default_factory=list)
    summary: int = -1
    """The summary that stands for its range; -1 where none does."""
    before: int = -1
    """The place that it takes: where its range begins."""

    def may_go(self, place: int) -> bool:
        """Whether a message is sent if there is room."""
        return not self.reasons[place] or self.reasons[place] in ALWAYS

    def must_go(self) -> list[int]:
        """The places of all that is sent whatever it weighs."""
        before = [*self.fixed, self.summary] if self.summary >= 0 else self.fixed
        newest = range(self.newest, len(self.reasons))
        return [place for place in before if place < self.newest] + [
            place for place in newest if self.reasons[place] in ALWAYS
        ]

    def leave_out(self, why: Reason, begin: int, end: int) -> None:
        """Leave out what may go, but need not, of a part of the path."""
        self.reasons[begin:end] = [reason or why for reason in self.reasons[begin:end]]

    def piece(self, place: int) -> tuple[int, int]:
        """Where the piece begins and ends that a message is part of: itself, or a call with all."""
        head = self.heads.get(place, place)
        return head, self.ends.get(head, head + 1)


def form_of(path: Sequence[ContextItem]) -> Form:
    """Tell what of a path may be sent, and what must.

    Raises:
        UsageError: there is nothing to answer.
    """
    form = _pieces(path)
    _find_newest(path, form)
    if form.summaries:
        _find_summary(path, form)
    return form


def _pieces(path: Sequence[ContextItem]) -> Form:
    """All rules that need no more than a message and its neighbours.

    Ordinary messages are passed over at once: of 10,000 messages, few are anything else.
    """
    form = Form([""] * len(path))
    reasons = form.reasons
    end = 0
    for place in [
        place
        for place, item in enumerate(path)
        if item.empty
        or item.calls
        or item.excluded
        or item.pinned
        or item.beside
        or item.role not in ("user", "assistant")
    ]:
        if place < end:
            continue
        item = path[place]
        if item.beside:
            _keep_together(path, place, form)
        if item.summary:
            form.summaries.append(place)
        elif item.calls:
            end = _judge_calls(path, place, form)
        elif item.excluded:
            reasons[place] = "excluded"
        elif item.role == "tool":
            reasons[place] = "unanswered"
        elif item.empty:
            reasons[place] = "empty"
        elif item.pinned:
            reasons[place] = "pinned"
            form.fixed.append(place)
        elif item.role == "system":
            reasons[place] = "system"
            form.fixed.append(place)
        if item.failed:
            _judge_prompt(path, place, form)
    return form


def _keep_together(path: Sequence[ContextItem], place: int, form: Form) -> None:
    """Note that an answer hangs together with the one before it, where they go as one message."""
    if place and path[place - 1].beside == path[place].beside:
        head = form.heads[place] = form.heads.get(place - 1, place - 1)
        form.ends[head] = place + 1


def _judge_prompt(path: Sequence[ContextItem], reply: int, form: Form) -> None:
    """Leave out a prompt that was answered by nothing but one reply, or several, which failed."""
    prompt, after = reply - 1, reply + 1
    together = path[reply].beside
    while prompt >= 0 and together and path[prompt].beside == together and path[prompt].failed:
        prompt -= 1
    while after < len(path) and together == path[after].beside != "" and path[after].failed:
        after += 1
    # Summaries were added beside the conversation: those around them are neighbours.
    while prompt >= 0 and path[prompt].summary:
        prompt -= 1
    while after < len(path) and path[after].summary:
        after += 1
    if prompt < 0 or after == len(path) or {path[prompt].role, path[after].role} != {"user"}:
        return
    # What is pinned is wanted, even if it failed; an excluded one has its reason.
    if not form.reasons[prompt]:
        form.reasons[prompt] = "failed"


def _judge_calls(path: Sequence[ContextItem], place: int, form: Form) -> int:
    """Judge a message with calls and the results after it as one; tells where they end."""
    head = path[place]
    marked = head.pinned or head.excluded
    answers = []
    end = place + 1
    while end < len(path) and (result := path[end]).role == "tool":
        form.heads[end] = place
        end += 1
        answers.append(result.answers)
        marked = marked or result.pinned or result.excluded
    form.ends[place] = end
    if marked or tuple(answers) != head.calls:
        _judge_odd_calls(path, place, end, form)
    return end


def _judge_odd_calls(path: Sequence[ContextItem], place: int, end: int, form: Form) -> None:
    """Judge calls that somebody marked, or whose results are not just theirs."""
    unit, calls, reasons = path[place:end], path[place].calls, form.reasons
    if any(item.excluded for item in unit):
        reasons[place:end] = ["excluded"] * len(unit)
        return
    answered = set(calls) <= {item.answers for item in unit}
    for at, item in enumerate(unit[1:], place + 1):
        reasons[at] = "" if answered and item.answers in calls else "unanswered"
    if not answered:
        # Calls that nobody answered would be refused; the words beside them stay.
        if path[place].empty:
            reasons[place] = "unanswered"
        else:
            form.stripped.add(place)
    if any(item.pinned for item in unit):
        kept = [at for at in range(place, end) if not reasons[at]]
        for at in kept:
            reasons[at] = "pinned"
        form.fixed += kept


def _find_newest(path: Sequence[ContextItem], form: Form) -> None:
    last = len(path) - 1
    if last < 0 or path[last].role not in ("user", "tool") or not form.may_go(last):
        raise UsageError("There is nothing to answer.", hint="Type a message first.")
    newest = last
    while newest and not (path[newest].role == "user" and form.may_go(newest)):
        newest -= 1
    form.newest = newest
    form.reasons[newest:] = [reason or "newest" for reason in form.reasons[newest:]]


def _find_summary(path: Sequence[ContextItem], form: Form) -> None:
    """Find the newest summary that stands for something on this path, and leave out its range.

    Its range is that which it names, as far as it lies before the newest turn, with all that hangs
    together with its ends, and with the ranges of the summaries in it: those it sums up too.
    """
    if not form.summaries:
        return
    named = {id_ for summary in form.summaries for id_ in path[summary].covers or ()}
    places = {item.id: place for place, item in enumerate(path) if item.id in named}
    for summary in form.summaries:
        form.reasons[summary] = "excluded" if path[summary].excluded else "superseded"
    for summary in reversed(form.summaries):
        if form.reasons[summary] == "excluded":
            continue
        begin, end = _range(path, summary, form, places)
        if begin < end:
            break
    else:
        return
    form.summary, form.before = summary, begin
    form.reasons[summary] = "summary"
    form.leave_out("summarised", begin, end)


def _range(
    path: Sequence[ContextItem], summary: int, form: Form, places: dict[str, int]
) -> tuple[int, int]:
    """Where the range of a summary begins and ends; nothing between them where it has none."""
    ends = _named(path[summary], places)
    if ends is None or ends[1] >= summary:
        return 0, 0
    begin, last = ends
    for place in reversed(form.summaries):
        older = _named(path[place], places) if begin <= place <= last else None
        if older is not None and older[1] < place:
            begin = min(begin, older[0])
    return form.piece(begin)[0], min(form.piece(last)[1], form.newest)


def _named(summary: ContextItem, places: dict[str, int]) -> tuple[int, int] | None:
    """The ends of the range that a summary names, in order; None where they are not there."""
    first, last = (places.get(id_, -1) for id_ in summary.covers or ("", ""))
    return (first, last) if 0 <= first <= last else None
