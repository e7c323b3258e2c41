"""What a request weighs by our own count, and by what its server reported of the one before."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from chat_tui.core.context.calibration import CUT_BELOW, was_cut
from chat_tui.core.context.items import ContextItem, Weight
from chat_tui.core.context.plan import ContextPlan, Decision
from chat_tui.core.context.wording import SUMMARY_TOKENS, whole_tokens
from chat_tui.core.messages import ChatMessage, NoticeInfo, Usage
from chat_tui.core.targets import Target

_NOTHING = Weight(0, exact=True)

_VERSION = re.compile(r"-[\d-]+|")
"""What servers put behind the name of a model that they were asked for: `gpt-4o-2024-08-06`."""

_VAGUE = 0.25
"""How far an estimate may be off, as a share."""

_CLOSE = 0.05
"""How far a calibrated count may be."""


class Report(NamedTuple):
    """What a server reported, and of what."""

    besides: tuple[int, ...]
    """Tokens of what was sent besides messages: system prompt, overhead, filler."""
    sent: tuple[tuple[str, Decision], ...]
    """The messages in their order, the system prompt not among them."""
    tokens: int
    """The server's `prompt_tokens`."""


class Row(NamedTuple):
    """A message as it is sent."""

    id: str
    decision: Decision
    own: int
    """What it weighs by our own count, not calibrated."""
    estimated: int = 0
    """The part of that which nobody counted."""
    ruled: int = 0
    """The part that goes by rules: pictures, and what is shortened and was not counted so."""
    pictures: int = 0
    """The part of that which pictures are."""


@dataclass(frozen=True)
class Outgoing:
    """What a plan sends, weighed by our own count; all figures are tokens."""

    rows: tuple[Row, ...]
    """The messages in their order, the system prompt not among them."""
    system: Weight = _NOTHING
    overhead: int = 0
    """What each request costs besides its messages."""
    filler: int = 0
    scale: float = 1.0
    """What makes our tokens the model's: see `calibration`."""

    @cached_property
    def counted(self) -> int:
        """All of it, not calibrated."""
        return sum(self._besides) + sum(row.own for row in self.rows)

    @cached_property
    def estimated(self) -> int:
        """The part that nobody counted."""
        system = 0 if self.system.exact else self.system.tokens
        return system + sum(row.estimated for row in self.rows)

    @cached_property
    def ruled(self) -> int:
        """The part that goes by rules: pictures, and what is shortened and was not counted so."""
        return sum(row.ruled for row in self.rows)

    @cached_property
    def pictures(self) -> int:
        """The part that pictures are, by their rule and what was learnt of it."""
        return sum(row.pictures for row in self.rows)

    @property
    def unsure(self) -> float:
        """How much all but the pictures may be off."""
        words = self.counted - self.pictures
        return _VAGUE * (self.estimated + self.ruled - self.pictures) + _CLOSE * words

    def since(self, report: Report | None) -> tuple[int, int]:
        """Our own count of what a report is about, and what it says.

        Two zeros where this does not begin with all of that in the same form.
        """
        new = self.after(report)
        return (
            (0, 0) if report is None or new is self else (self.counted - new.counted, report.tokens)
        )

    def after(self, report: Report | None) -> "Outgoing":
        """What comes after that which a report is about; all, where it does not begin with it."""
        if report is None or report.besides != self._besides:
            return self
        common = len(report.sent)
        if tuple((row.id, row.decision) for row in self.rows[:common]) != report.sent:
            return self
        return Outgoing(self.rows[common:], scale=self.scale)

    def expected(self, report: Report | None) -> int:
        """What the server will report: what it reported last, and calibrated what came after."""
        counted, reported = self.since(report)
        return reported + round(self.scale * (self.counted - counted))

    def reported(self, tokens: int) -> Report:
        """What there is to be kept of what a server reported of this."""
        sent = tuple((row.id, row.decision) for row in self.rows)
        return Report(self._besides, sent, tokens)

    def credible(self, reported: int) -> bool:
        """Whether a server that reports so many tokens may have read all of it."""
        return reported >= CUT_BELOW * (self.scale * self.counted - self._doubt)

    def cut_notice(self, expected: int, reported: int) -> NoticeInfo | None:
        """What the user is told where a server has read only a part of it; else None.

        Args:
            expected: what was shown before it was sent.
            reported: what the server has read.
        """
        # Reports that stay the same while the conversation grows are expected, and no less cut.
        expected = max(expected, self.expected(None))
        if not was_cut(expected=int(expected - self._doubt), reported=reported):
            return None
        return NoticeInfo(
            "cut",
            f"The server cut the prompt: sent ≈{expected:,} tokens, the server read {reported:,}. "
            "Load the model with a larger context window, or set its window in the context "
            "inspector, so that nothing is left out unseen.",
        )

    @property
    def _besides(self) -> tuple[int, ...]:
        return (self.system.tokens, self.overhead, self.filler)

    @property
    def _doubt(self) -> float:
        """How much less it may weigh than it seems, calibrated."""
        return self.scale * (self.ruled + _VAGUE * self.estimated)


def outgoing_of(
    plan: ContextPlan,
    item_of: Callable[[str], ContextItem | None],
    system: Weight,
    overhead: int,
    scale: float,
) -> Outgoing:
    """Weigh what a plan sends.

    Args:
        plan: the plan.
        item_of: gives the items of its messages, as far as they are known.
        system: the system prompt's weight.
        overhead: what each request costs besides its messages.
        scale: what the plan multiplied our tokens with.
    """
    rows: list[Row] = []
    for each in plan.sent:
        if not each.id:
            continue
        item = item_of(each.id)
        if item is not None and item.short and each.decision == "shortened":
            rows.append(Row(each.id, each.decision, item.short))
            continue
        if item is None or each.decision == "shortened":
            own = round(each.tokens / scale)
            shortened = own if each.decision == "shortened" else 0
            rows.append(Row(each.id, each.decision, own, 0 if each.exact else own, shortened))
            continue
        own = whole_tokens(item) + (SUMMARY_TOKENS if each.id == plan.summary else 0)
        ruled = min(item.images, own)
        estimated, seen = 0 if item.exact else own - ruled, ruled if item.role == "user" else 0
        rows.append(Row(each.id, each.decision, own, estimated, ruled, seen))
    return Outgoing(tuple(rows), system, overhead, plan.filler, scale)


class Told(NamedTuple):
    """What a stored reply tells of its prompt."""

    provider: str
    model: str
    """As the server calls it."""
    tokens: int

    def by(self, target: Target) -> bool:
        """Whether it was a target that has said so."""
        name, version = self.model[: len(target.model)], self.model[len(target.model) :]
        same = (self.provider, name) == (target.provider, target.model)
        return same and _VERSION.fullmatch(version) is not None


def told_of(reply: ChatMessage) -> Told | None:
    """What a reply that has ended tells of its prompt; None where it is none, or tells nothing."""
    tokens = reported_prompt(reply.usage)
    if reply.role != "assistant" or not tokens:
        return None
    return Told(reply.provider, reply.model, tokens)


def reported_prompt(usage: Usage | None) -> int:
    """How many tokens of a prompt a server has read; 0 where it does not say."""
    if usage is None or not usage.prompt_tokens:
        return 0
    cached = usage.cached_tokens or 0
    # A part is never larger than the whole: such a server counts apart what it had kept.
    return usage.prompt_tokens + (cached if cached > usage.prompt_tokens else 0)
