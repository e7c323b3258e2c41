"""Shows what happens in a turn."""

from typing import TYPE_CHECKING, assert_never

from chat_tui.core.events import (
    ChoiceFinished,
    ChoiceStarted,
    Notice,
    ReasoningDelta,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
    UsageReported,
)
from chat_tui.ui.notifying import Notifier
from chat_tui.ui.screens.conversation.progress import Progress
from chat_tui.ui.screens.conversation.runs import RunningChoice

if TYPE_CHECKING:
    from chat_tui.core.errors import ErrorInfo
    from chat_tui.core.messages import ChatMessage, Status
    from chat_tui.ui.screens.conversation.holding import Holding
    from chat_tui.ui.screens.conversation.runs import Run
    from chat_tui.ui.screens.conversation.view import ConversationView


class EventShow:
    """Hands events to the transcripts that show their conversation, and notes how far it is.

    Args:
        screen: where they are shown.
        holding: says why nothing comes.
    """

    def __init__(self, screen: "ConversationView", holding: "Holding") -> None:
        self._screen = screen
        self._holding = holding
        self._notifier = Notifier(screen.app, lambda: screen.session.settings)

    def show(self, run: "Run", event: TurnEvent) -> None:
        """Show one event; cheap, it is called for each delta."""
        chat, progress = run.chat, run.progress
        match event:
            case TextDelta() | ReasoningDelta():
                self._show_text(run, event)
            case ToolCallDelta():
                self._go_on(run)
            case TurnStarted():
                run.reply_id = event.replies[0].id
                run.choices.clear()
                if event.replies[0].covers:
                    progress.begin_summary(self._screen.clock.monotonic())
                self._screen.show_started(chat, event)
            case RetryScheduled():
                progress.schedule(event, self._screen.clock.monotonic())
                self._holding.tell(chat)
            case Notice(kind="compact", message=message):
                # Nothing comes after it in whose place it could stand.
                self._screen.warn(message)
            case Notice():
                progress.tell(event)
                self._holding.tell(chat)
            case UsageReported():
                # It is part of the message that `TurnFinished` brings.
                pass
            case ChoiceStarted(reply):
                self._begin_choice(run, reply)
            case ChoiceFinished(reply):
                self._finish_choice(run, reply)
            case TurnFinished(reply):
                self.finish(run, reply)
            case _:
                assert_never(event)

    def finish(self, run: "Run", reply: "ChatMessage") -> None:
        """Show that a reply has ended."""
        self._screen.show_finished(run.chat, reply)
        is_summary = reply.covers is not None
        run.progress.end(reply.status, summary=is_summary)
        if not is_summary and run.slot is None:
            self.notify_end(run, reply.status)

    def notify_end(self, run: "Run", status: "Status") -> None:
        """Tell somebody who is elsewhere that an answer has ended, or a round of them."""
        seconds = self._screen.clock.monotonic() - run.progress.started
        self._notifier.notify_end(run.chat, seconds, status)

    def break_off(self, run: "Run", error: "ErrorInfo") -> None:
        """Show as a card of the reply that it could not be brought to its end, as of storage."""
        if run.chat is not self._screen.session.chat:
            self._screen.show_error(error)
        for transcript in self._screen.transcripts_of(run.chat):
            for reply_id in run.reply_ids:
                transcript.break_off(reply_id, error)

    def _begin_choice(self, run: "Run", reply: "ChatMessage") -> None:
        """Another one of n answers has begun: the first of them turns all into columns."""
        screen, chat = self._screen, run.chat
        run.choices[reply.choice] = RunningChoice(reply.id, Progress(run.progress.started))
        screen.panes.started(chat, [reply], calm=True)
        board = chat.conversation.board
        if reply.choice == 1 and not (board or board.folded):
            show = screen.sides.models.show_answers(chat)
            screen.run_worker(show, name="columns", group="columns", exit_on_error=False)

    def _finish_choice(self, run: "Run", reply: "ChatMessage") -> None:
        if reply.choice not in run.choices:
            # Nobody asked for it; so it was not seen while it came.
            self._screen.panes.started(run.chat, [reply], calm=True)
        self._screen.panes.finish(run.chat, reply)
        if run.chat is self._screen.session.chat:
            self._screen.finding.ended(reply.id)

    def _show_text(self, run: "Run", event: TextDelta | ReasoningDelta) -> None:
        if not run.progress.calm:
            self._go_on(run)
        reply_id, progress = run.reply_id, run.progress
        if event.choice != 0:
            if (choice := run.choices.get(event.choice)) is None:
                return
            reply_id, progress = choice
            if not progress.calm:
                progress.go_on(self._screen.clock.monotonic())
        if run.slot is not None or run.choices:
            progress.count(event.text)
        transcripts = self._screen.transcripts_of(run.chat)
        if isinstance(event, TextDelta):
            for transcript in transcripts:
                transcript.append(reply_id, event.text)
        else:
            for transcript in transcripts:
                transcript.append_reasoning(reply_id, event.text)

    def _go_on(self, run: "Run") -> None:
        run.progress.go_on(self._screen.clock.monotonic())
        self._holding.tell(run.chat)
