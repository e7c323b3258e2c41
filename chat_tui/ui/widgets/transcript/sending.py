"""What the next request leaves out of a conversation, as its transcript tells it."""

from typing import NamedTuple

from rich.cells import cell_len

from chat_tui.core.context.plan import ContextPlan, weight_of
from chat_tui.core.texts import text


class Sending(NamedTuple):
    """Where the part begins that is sent, and what stands above it."""

    begins: str = ""
    """The first message that is sent after those that are not; empty where all are."""
    words: tuple[str, ...] = ()
    """The line above it, the widest form first."""
    superseded: frozenset[str] = frozenset()
    """Summaries in whose place another one is sent."""
    calm: bool = False
    """Whether a summary stands for all that is not sent, so that nothing is lost."""

    def fitting(self, width: int) -> str:
        """The widest form of the line that fits into some cells; else the shortest."""
        return next((each for each in self.words if cell_len(each) <= width), self.words[-1])


def sending_of(plan: ContextPlan, key: str = "", *, approximate: bool = False) -> Sending:
    """What a transcript tells of a plan.

    Args:
        plan: of the next request.
        key: the one that shows the context; clean.
        approximate: whether the tokens are no exact count.
    """
    superseded = frozenset(each.id for each in plan.messages if each.reason == "superseded")
    begins = plan.begins
    if not begins or plan.refused:
        # Of a refused plan nothing is sent at all.
        return Sending(superseded=superseded)
    words = _words(plan, key, "≈" if approximate else "")
    return Sending(begins, words, superseded, not plan.lost)


def _words(plan: ContextPlan, key: str, about: str) -> tuple[str, ...]:
    left = plan.trimmed
    summed = len(left) - len(plan.lost)
    what = message_count(len(left))
    all_summed = not plan.lost
    told = {"what": what, "tokens": f"{about}{weight_of(left):,}"}
    short = text("sending.summed-up" if all_summed else "sending.not-sent", what=what)
    if all_summed:
        line = text("sending.summed-up-tokens", **told)
    elif summed:
        line = text("sending.not-sent-some", some=f"{summed:,}", **told)
    else:
        line = text("sending.not-sent-tokens", **told)
    with_key = (text("sending.look", line=line, key=key),) if key else ()
    return (*with_key, line, short)


def message_count(count: int) -> str:
    """A number of messages in words."""
    return text("sending.message") if count == 1 else text("sending.messages", count=f"{count:,}")
