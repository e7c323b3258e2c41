"""Learns from what servers report: how a model counts, and what a conversation weighs for it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from chat_tui.core.context.calibration import (
    Calibration,
    learnt,
    looked_at,
    missed,
    refused,
)
from chat_tui.core.context.cut import thread_key
from chat_tui.core.context.items import ContextItem, with_pictures_of
from chat_tui.core.context.ledger import Ledger
from chat_tui.core.context.outlook import Planned
from chat_tui.core.context.reports import Outgoing, Report, outgoing_of
from chat_tui.core.memory import ModelMemory
from chat_tui.core.messages import NoticeInfo
from chat_tui.core.targets import Target

_FIRST = 3
"""Answers from which a model is learnt from estimates too: they say more than nothing."""

_AT_FIRST = 1.3
"""The ratio, or its inverse, that one answer alone can teach: what a server adds to each prompt is
in it too, and after a "hi" a document must not seem twice as large as it is."""

_FIRM = 0.9
"""The share of a prompt that must have been counted for a ratio to be a tokenizer's."""

_CLEAR = 0.2
"""How much the words beside pictures may be off, as a share of these, for a report to tell what
the pictures weigh."""


class _Waiting(NamedTuple):
    """What will be learnt from when its messages are counted."""

    target: Target
    planned: Planned
    before: Report | None
    reported: int


@dataclass(slots=True)
class History:
    """What servers reported of one conversation."""

    last: dict[str, Report] = field(default_factory=dict)
    """Thread (see `thread_key`) → its last report."""
    waiting: dict[str, _Waiting] = field(default_factory=dict)
    """Thread → what is to be learnt from yet."""
    doubted: set[str] = field(default_factory=set)
    """The threads whose last report was not believed."""

    @property
    def models(self) -> tuple[str, ...]:
        """For whom messages are to be counted, so that something can be learnt."""
        return tuple(each.target.model for each in self.waiting.values())


class Learning:
    """Learns how models count.

    Only what was counted is learnt from, but for the first answers: estimates are off by as much
    as tokenizers differ. Pictures are no matter of tokenizers: how far the rule for them is off is
    learnt apart, from prompts that are mostly pictures.

    Args:
        memory: keeps calibrations over restarts.
    """

    def __init__(self, memory: ModelMemory) -> None:
        self._memory = memory

    def calibration(self, target: Target) -> Calibration:
        """What is known of a model."""
        return self._memory.learnt(target.provider, target.model).calibration

    def take(
        self,
        target: Target,
        history: History,
        planned: Planned,
        reported: int,
        *,
        waits: bool,
    ) -> NoticeInfo | None:
        """Take what a server reported of a plan; a notice where it has read only a part.

        Args:
            target: whose server.
            history: of the conversation.
            planned: what was sent.
            reported: what the server has read.
            waits: whether what was only estimated is about to be counted: see `settle`.
        """
        key, outgoing = thread_key(target, planned.slot), planned.outgoing
        before = history.last.pop(key, None)
        history.waiting.pop(key, None)
        history.doubted.add(key)
        if notice := outgoing.cut_notice(planned.expected, reported):
            return notice
        if not outgoing.credible(reported):
            return None
        history.doubted.discard(key)
        history.last[key] = outgoing.reported(reported)
        self._look_at_pictures(target, outgoing, before, reported)
        learning = partial(self._learn, target, outgoing, before, planned.expected, reported)
        if not learning() and outgoing.estimated:
            if waits:
                history.waiting[key] = _Waiting(target, planned, before, reported)
            else:
                learning(first=True)
        return None

    def refused(self, target: Target, counted: int, least: int, *, told: bool) -> None:
        """Take that a prompt was refused for its size; see `calibration.refused`."""
        known = self._memory.learnt(target.provider, target.model)
        now = refused(known.calibration, counted=counted, least=least, told=told)
        if now != known.calibration:
            self._memory.learn(target.provider, target.model, replace(known, calibration=now))

    def settle(self, history: History, ledger: Ledger) -> None:
        """Learn from what was waiting for its messages to be counted.

        Args:
            history: of the conversation.
            ledger: of the same, which has counted them if it could.
        """
        waiting = [*history.waiting.values()]
        history.waiting.clear()
        for target, planned, before, reported in waiting:
            then, known = planned.outgoing, self._known(ledger, target)
            now = outgoing_of(planned.plan, known, then.system, then.overhead, then.scale)
            learning = partial(self._learn, target, now, before, planned.expected, reported)
            if not learning():
                learning(first=True)

    def _known(self, ledger: Ledger, target: Target) -> Callable[[str], ContextItem | None]:
        """Gives what is known of messages by now, pictures as they are calibrated."""
        factor = self.calibration(target).pictures

        def known(id_: str) -> ContextItem | None:
            item = ledger.known(id_, target.model)
            return None if item is None else with_pictures_of((item,), factor)[0]

        return known

    def _look_at_pictures(
        self, target: Target, outgoing: Outgoing, before: Report | None, reported: int
    ) -> None:
        """Learn what pictures weigh from a prompt that is mostly new pictures.

        What is reported beyond the words is theirs, where those are known well enough.
        """
        new = outgoing.after(before)
        if new.unsure > _CLEAR * new.pictures:
            return
        told, known = outgoing.since(before)[1], self._memory.learnt(target.provider, target.model)
        left = (reported - told) / outgoing.scale - (new.counted - new.pictures)
        now = looked_at(known.calibration, counted=new.pictures, left=left, alone=told > 0)
        if now != known.calibration:
            self._memory.learn(target.provider, target.model, replace(known, calibration=now))

    def _learn(
        self,
        target: Target,
        outgoing: Outgoing,
        before: Report | None,
        expected: int,
        reported: int,
        *,
        first: bool = False,
    ) -> bool:
        """Learn, if enough of what came after the last report is text and counted; tells whether.

        Args:
            target: of what model.
            outgoing: what was sent.
            before: the report before that one.
            expected: what was shown.
            reported: what was read.
            first: learn from estimates too: a ratio, if hardly anything was learnt before, and
                nothing of counts; else only how far the figure was off.
        """
        known = self._memory.learnt(target.provider, target.model)
        new = outgoing.after(before)
        vague = new.ruled + (0 if first else new.estimated)
        if vague > (1 - _FIRM) * new.counted:
            return False
        then = known.calibration
        if first and then.samples and (then.samples >= _FIRST or not then.vague):
            calibration = missed(then, expected=expected, reported=reported)
        else:
            calibration = learnt(
                then,
                counted=outgoing.counted,
                expected=expected,
                reported=reported,
                since=outgoing.since(before),
                vague=first,
            )
        if calibration.samples == 1:
            # A refusal, or estimates, may have taught more.
            least, most = min(1 / _AT_FIRST, then.ratio), max(_AT_FIRST, then.ratio)
            calibration = replace(calibration, ratio=min(max(calibration.ratio, least), most))
        self._memory.learn(target.provider, target.model, replace(known, calibration=calibration))
        return True
