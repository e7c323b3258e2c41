"""What the next request leaves out of a conversation, as its transcript tells it."""

from typing import NamedTuple

from rich.cells import cell_len

from chat_tui.core.context.plan import DRAFT, ContextPlan, weight_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.texts import text


class Sending(NamedTuple):
    """Where the part begins that is sent, and what stands above it."""

    begins: str = ""
    """The first message that is sent after those that are not; empty where all are, or none."""
    words: tuple[str, ...] = ()
    """The line above it, the widest form first."""
    superseded: frozenset[str] = frozenset()
    """Summaries that stand for nothing: others replace them, or they did not come to their end."""
    replaced: frozenset[str] = frozenset()
    """Those of them that a later one replaces."""
    summary: str = ""
    """The summary that holds."""
    summed_up: int = 0
    """How many messages that one stands for."""
    ends: str = ""
    """The message below which the line stands, where nothing after those not sent is sent yet."""
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
    sending = _summaries(plan)
    if not plan.trimmed or plan.refused:
        # Of a refused plan nothing is sent at all.
        return sending
    sending = sending._replace(
        words=_words(plan, key, "≈" if approximate else ""), calm=not plan.lost
    )
    if plan.begins not in ("", DRAFT):
        return sending._replace(begins=plan.begins)
    stored = (each.id for each in reversed(plan.messages) if each.id not in ("", DRAFT))
    return sending._replace(ends=next(stored, ""))


def _summaries(plan: ContextPlan) -> Sending:
    """What becomes of the summaries."""
    superseded = [each.id for each in plan.messages if each.reason == "superseded"]
    if not plan.summary:
        return Sending(superseded=frozenset(superseded))
    ids = [each.id for each in plan.messages]
    later = set(ids[ids.index(plan.summary) :])
    return Sending(
        superseded=frozenset(superseded),
        replaced=frozenset(superseded) - later,
        summary=plan.summary,
        summed_up=sum(each.reason == "summarised" for each in plan.messages),
    )


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


def came_to_its_end(summary: ChatMessage) -> bool:
    """Whether a summary can stand for what it sums up."""
    return summary.status in ("complete", "length") and not summary.empty


def message_count(count: int) -> str:
    """A number of messages in words."""
    return text("sending.message") if count == 1 else text("sending.messages", count=f"{count:,}")
