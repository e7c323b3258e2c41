"""Fills the headings of the columns: how each answer stands, and its figures."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.side_by_side.figures import AnswerFigures, Best, best_of, figures_of_all
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.progress import Progress
from chat_tui.ui.widgets.columns.facts import HeadFacts, HeadState

if TYPE_CHECKING:
    from chat_tui.core.messages import ChatMessage, Status
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.pane_row import Pane
    from chat_tui.ui.screens.conversation.runs import Run
    from chat_tui.ui.screens.conversation.view import ConversationView

_LOOKED_AT = 4
"""Messages at the end of a column among which its newest answer is looked for: summaries follow."""

_STATES: dict["Status", HeadState] = {
    "streaming": "running",
    "complete": "done",
    "length": "done",
    "stopped": "stopped",
    "filtered": "failed",
    "interrupted": "failed",
    "error": "failed",
}


class _Known(NamedTuple):
    """The figures of answers that have ended, and who was the best."""

    replies: tuple["ChatMessage", ...] = ()
    figures: Sequence[AnswerFigures] = ()
    best: Best = Best()


class _Times(NamedTuple):
    """Of an answer on its way, in seconds from when it was sent on."""

    passed: float
    first_token: float | None


class Heads:
    """Tells in the headings what is known of the answers; cheap enough for each tick.

    Args:
        screen: whose columns they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._known = _Known()

    def show(self) -> None:
        """Fill all headings anew; nothing where there are no columns."""
        panes, chat = self._screen.panes.panes, self._screen.session.chat
        if chat is None or not panes:
            return
        answers = [_answer(pane) for pane in panes]
        ended = tuple(each for each in answers if each is not None and each.status != "streaming")
        known, now = self._figures_of(ended), self._screen.clock.monotonic()
        runs = self._screen.turns.runs
        best = Best() if chat.id in runs else known.best
        hides = self._screen.comparing.hides
        awaited = {run.slot for run in runs.all_of(chat.id)} if hides else ()
        for pane, answer in zip(panes, answers, strict=True):
            if pane.column.slot in awaited:
                # Who is slow and who is fast may tell who it is.
                pane.show_head(replace(_blank(pane.head), state="awaited"))
                continue
            run = runs.find(chat.id, pane.column.slot) or runs.find(chat.id, None)
            progress = None if run is None else _progress(run, pane, answer)
            if run is not None and progress is not None:
                # Why stands below, in the place of the answer.
                held_up = run.progress.describe(now)[0] if run.progress.held_up(now) else ""
                times = self._times(chat, answer, progress, now)
                pane.show_head(_running(pane.head, progress, held_up, now, times, hides=hides))
            elif answer in ended:
                at = known.replies.index(answer)
                vote = self._screen.comparing.verdict_on(answer, chosen=pane.head.chosen)
                head = replace(pane.head, vote=vote)
                pane.show_head(_ended(head, answer, known.figures[at], best, at))
            else:
                pane.show_head(replace(_blank(pane.head), vote=""))
        self._mark_waiting(chat, panes)

    def _times(
        self,
        chat: "OpenConversation",
        answer: "ChatMessage | None",
        progress: Progress,
        now: float,
    ) -> "_Times":
        """As they are told at its end: both count from when it was sent, not from its prompt on."""
        incoming = None if answer is None else chat.live(answer.id)
        if incoming is None:
            return _Times(now - progress.started, None)
        sent, first = incoming.timings.sent, incoming.timings.first_token
        passed = max(self._screen.clock.now() - sent, 0.0)
        return _Times(passed, None if first is None or first < sent else first - sent)

    def _figures_of(self, ended: tuple["ChatMessage", ...]) -> _Known:
        same = len(ended) == len(self._known.replies) and all(
            one is other for one, other in zip(ended, self._known.replies, strict=True)
        )
        if not same:
            figures = figures_of_all(ended)
            self._known = _Known(ended, figures, best_of(figures))
        return self._known

    def _mark_waiting(self, chat: "OpenConversation", panes: Sequence["Pane"]) -> None:
        """Say where an answer is waited for that a server wants to give later."""
        told = dict(self._screen.turns.waits.told(chat.id))
        for pane in panes if told else ():
            answer = _answer(pane)
            if answer is not None and answer.id in told:
                pane.show_head(replace(pane.head, state="waiting", told=told[answer.id]))


def _answer(pane: "Pane") -> "ChatMessage | None":
    """The newest answer of a column, if it is its own and its text is there."""
    column, slot = pane.transcript.column, pane.column.slot
    for at in range(len(column) - 1, max(len(column) - 1 - _LOOKED_AT, -1), -1):
        message = column.message(at)
        if message is None or message.role == "user":
            return None
        if message.role == "assistant":
            return message if message.slot == slot else None
    return None


def _progress(run: "Run", pane: "Pane", answer: "ChatMessage | None") -> Progress | None:
    """How far the answer is that a column ends with; None where that is none on its way."""
    if answer is not None and run.reply_id:
        return run.progress_of(answer.id)
    return run.progress if run.slot == pane.column.slot else None


def _running(
    head: HeadFacts, progress: Progress, held_up: str, now: float, times: _Times, *, hides: bool
) -> HeadFacts:
    """The heading of an answer that is on its way; of hidden ones only the state is told."""
    if progress.queued:
        return replace(_blank(head), state="queued", told=text("sides.queued"))
    state: HeadState = "waiting" if progress.first_token is None else "running"
    if hides:
        return replace(_blank(head), state=state)
    passed = text("sides.seconds", seconds=f"{times.passed:.0f}")
    return replace(
        _blank(head),
        state=state,
        told=held_up or passed,
        first_token=times.first_token,
        rate=progress.rate(now),
        tokens=progress.tokens or None,
        about=True,
    )


def _ended(
    head: HeadFacts, answer: "ChatMessage", figures: AnswerFigures, best: Best, at: int
) -> HeadFacts:
    """The heading of an answer that has ended."""
    told = ""
    if answer.error is not None:
        told = text(f"sides.failed.{answer.error.kind}")
    elif answer.status == "length":
        told = text("sides.cut")
    elif answer.status == "stopped":
        told = text("sides.stopped")
    return replace(
        _blank(head),
        state=_STATES[answer.status],
        told=told,
        seconds=figures.total_s,
        first_token=figures.first_token_s,
        rate=figures.rate,
        tokens=figures.completion_tokens,
        cost=figures.cost,
        about=figures.estimated,
        fastest=best.fastest == at,
        first=best.first == at,
        cheapest=best.cheapest == at,
    )


def _blank(head: HeadFacts) -> HeadFacts:
    """A heading without state and figures; whose it is stays, and what became of the answer."""
    return HeadFacts(
        head.number,
        head.title,
        head.provider,
        head.hint,
        chosen=head.chosen,
        left_out=head.left_out,
        vote=head.vote,
        twin=head.twin,
        hidden=head.hidden,
    )
