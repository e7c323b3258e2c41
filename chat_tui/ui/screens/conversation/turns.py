"""Runs turns and shows what happens in them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, NamedTuple, assert_never

from chat_tui.core.errors import ChatError, ErrorInfo, PlanRefusedError
from chat_tui.core.events import (
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
from chat_tui.core.messages import ChatMessage
from chat_tui.core.turns import OpenConversation, busy
from chat_tui.ui.actions import active_keys
from chat_tui.ui.notifying import Notifier
from chat_tui.ui.screens.conversation.progress import Progress
from chat_tui.ui.screens.conversation.waiting import WHILE_WAITING, Waits
from chat_tui.ui.widgets.status import Piece
from chat_tui.ui.widgets.transcript.offers import offers_meanwhile

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView

Request = Callable[..., AsyncGenerator[TurnEvent, None]]
"""Makes a request, as often as it is called; with `anyway=True` whatever its size."""


class Asked(NamedTuple):
    """What a turn was asked for: what becomes of it where it is refused."""

    request: Request
    prompt: str = ""
    """Its new text; empty where an answer is made anew."""
    waits: bool = False
    """Whether a refused prompt goes back to those that wait, and not into the input."""

    @property
    def given_back(self) -> str:
        """What goes back into the input; empty for nothing."""
        return "" if self.waits else self.prompt


_RANKS = {"stop": 0, "retry-now": 2}
"""Which offers keep their place in a narrow status line: the way out first."""


class TurnRunner:
    """Consumes the events of turns, each in a worker of its own.

    Several conversations may be answered at once; only the one on the screen is drawn.

    Args:
        screen: where the events are shown.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._progress: dict[str, Progress] = {}
        self._chats: dict[str, OpenConversation] = {}
        self._reply_ids: dict[str, str] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self._notifier = Notifier(screen.app, lambda: screen.session.settings)
        self.waits = Waits(screen)
        """The waits before answering again."""
        self._told: dict[str, str] = {}
        """What stands in place of a reply that is held up, by its id."""

    def describe(self, chat: OpenConversation) -> list[Piece]:
        """How far a conversation's answer is, and what can be done; empty where none is to come."""
        progress, now = self._progress.get(chat.id), self._screen.clock.monotonic()
        if progress is not None:
            (state, more), ids = progress.describe(now), progress.offered(now)
        elif chat.id in self.waits:
            state, more, ids = self.waits.describe(chat.id), "", WHILE_WAITING
        else:
            return []
        pieces = [Piece(state, "$success"), Piece(more, "$success", rank=3)]
        for offer in offers_meanwhile(ids, active_keys(self._screen)):
            rank = _RANKS.get(offer.action, 5)
            pieces.append(Piece(f"{offer.key} {offer.label}", "$success", rank))
        return pieces

    def waits_to_send(self, chat: OpenConversation) -> bool:
        """Whether a request waits to be sent again."""
        progress = self._progress.get(chat.id)
        counts_down = progress and progress.counts_down(self._screen.clock.monotonic())
        return bool(counts_down) or chat.id in self.waits

    @property
    def moving(self) -> bool:
        """Whether there is anything that goes on with time."""
        return bool(self._progress) or len(self.waits) > 0

    def holds(self, conversation: str) -> bool:
        """Whether a conversation is being answered, or is going to be."""
        return conversation in self._progress or conversation in self.waits

    @property
    def running(self) -> frozenset[str]:
        """The conversations that are being answered."""
        return frozenset(self._progress)

    def start(
        self,
        chat: OpenConversation,
        request: Request,
        prompt: str = "",
        *,
        anyway: bool = False,
        waits: bool = False,
        sums_up: bool = False,
    ) -> None:
        """Run a turn.

        Args:
            chat: the conversation.
            request: makes its events; it is asked for them again where it was too large.
            prompt: its new text; it goes back to where it was written where it is refused.
            anyway: send it whatever its size.
            waits: whether the prompt has waited, and is kept with those that still do.
            sums_up: whether it is a summary that is asked for.
        """
        asked = Asked(request, prompt, waits)
        if chat.id in self._progress:
            self._screen.refuse(chat, asked.given_back, busy().info)
            return
        self.waits.cancel(chat.id)
        now = self._screen.clock.monotonic()
        progress = self._progress[chat.id] = Progress(now, sums_up=sums_up)
        self._chats[chat.id], self._ends[chat.id] = chat, asyncio.Event()
        self._screen.run_worker(
            self._run(chat, asked, request(anyway=True) if anyway else request(), progress),
            name=f"turn {chat.id}",
            group=f"turn-{chat.id}",
            exit_on_error=False,
        )

    def stop_all(self) -> None:
        """Stop all answers; their texts stay."""
        for chat in self._chats.values():
            self._screen.session.manager.stop(chat)

    async def stop(self, chat: OpenConversation) -> None:
        """Stop the answer to a conversation, if one is on its way, and wait until it is stored."""
        end = self._ends.get(chat.id)
        if end is not None:
            self._screen.session.manager.stop(chat)
            await end.wait()

    def hurry(self, chat: OpenConversation) -> bool:
        """Send again at once what waits for it; tells whether something did."""
        progress, now = self._progress.get(chat.id), self._screen.clock.monotonic()
        if progress is None or not progress.counts_down(now):
            return self.waits.end(chat.id)
        self._screen.session.manager.retry_now(chat)
        progress.hurry(now)
        self.tell(chat)
        return True

    def tell(self, chat: OpenConversation, *, anew: bool = False) -> None:
        """Say in place of a reply why it does not come; for a countdown, again and again.

        Args:
            chat: whose reply.
            anew: say it although it was said: the transcript has forgotten it.
        """
        transcript, now = self._screen.transcript_of(chat), self._screen.clock.monotonic()
        if transcript is None:
            return
        if (progress := self._progress.get(chat.id)) is not None:
            reply_id, words = self._reply_ids.get(chat.id, ""), progress.held_up(now)
            offered = progress.offered(now)
        else:
            reply_id, words = self.waits.reply_id(chat.id), self.waits.describe(chat.id)
            offered = WHILE_WAITING
        if reply_id and (anew or words != self._told.get(reply_id, "")):
            self._told[reply_id] = words
            transcript.note(reply_id, words, offered)

    def untell(self, conversation: str, reply_id: str) -> None:
        """Say no longer that an answer is waited for."""
        chat = self._screen.session.chat
        if self._told.pop(reply_id, "") and chat is not None and chat.id == conversation:
            self._screen.transcript.note(reply_id, "")

    async def _run(
        self,
        chat: OpenConversation,
        asked: Asked,
        events: AsyncGenerator[TurnEvent, None],
        progress: Progress,
    ) -> None:
        screen, prompt = self._screen, asked.given_back
        screen.answering_changed()
        started = False
        try:
            # Nothing else may be awaited in this loop: stopping interrupts it where it waits.
            async with aclosing(events) as stream:
                async for event in stream:
                    started = True
                    self._show(chat, progress, event)
            if not started and prompt:
                # It was stopped before it was sent.
                screen.writing.drafts.give_back(chat, prompt)
        except ChatError as error:
            if started:
                self._break_off(chat, error.info)
            elif isinstance(error, PlanRefusedError):
                screen.context.screens.refused(chat, asked, error)
            elif progress.sums_up:
                screen.show_error(error.info)
            else:
                screen.refuse(chat, prompt, error.info)
        except Exception:
            # The app reports what a worker raises, and goes on.
            if not started and prompt:
                screen.writing.drafts.give_back(chat, prompt)
            await screen.recover(chat)
            raise
        finally:
            del self._progress[chat.id], self._chats[chat.id]
            self._told.pop(self._reply_ids.pop(chat.id, ""), None)
            self._ends.pop(chat.id).set()
            if screen.is_running:
                self._go_on_after(chat, progress)
            screen.answering_changed()

    def _go_on_after(self, chat: OpenConversation, progress: Progress) -> None:
        """Send what waits for the end of an answer, or let go of its conversation."""
        screen = self._screen
        screen.queueing.queues.turn_ended(chat, progress.ended)
        if chat is not screen.session.chat:
            if progress.ended not in (None, "stopped"):
                screen.keeper.note_new(chat.id)
            screen.chats.close_unless_needed(chat)

    def _break_off(self, chat: OpenConversation, error: ErrorInfo) -> None:
        """Show as a card of the reply that it could not be brought to its end, as of storage."""
        transcript, reply_id = self._screen.transcript_of(chat), self._reply_ids.get(chat.id)
        if transcript is not None and reply_id is not None:
            transcript.break_off(reply_id, error)
        else:
            self._screen.show_error(error)

    def _show(self, chat: OpenConversation, progress: Progress, event: TurnEvent) -> None:
        match event:
            case TextDelta() | ReasoningDelta():
                self._show_text(chat, progress, event)
            case ToolCallDelta():
                self._go_on(chat, progress)
            case TurnStarted():
                self._reply_ids[chat.id] = event.replies[0].id
                if event.replies[0].covers:
                    progress.begin_summary(self._screen.clock.monotonic())
                self._screen.show_started(chat, event)
            case RetryScheduled():
                progress.schedule(event, self._screen.clock.monotonic())
                self.tell(chat)
            case Notice(kind="compact", message=message):
                # Nothing comes after it in whose place it could stand.
                self._screen.warn(message)
            case Notice():
                progress.tell(event)
                self.tell(chat)
            case UsageReported():
                # It is part of the message that `TurnFinished` brings.
                pass
            case TurnFinished(reply):
                self._screen.show_finished(chat, reply)
                if reply.choice == 0:
                    self._note_end(chat, progress, reply)
            case _:
                assert_never(event)

    def _note_end(self, chat: OpenConversation, progress: Progress, reply: ChatMessage) -> None:
        """Note how an answer ended, and tell somebody who is elsewhere; not of a summary."""
        is_summary = reply.covers is not None
        progress.end(reply.status, summary=is_summary)
        if not is_summary:
            seconds = self._screen.clock.monotonic() - progress.started
            self._notifier.notify_end(chat, seconds, reply.status)

    def _show_text(
        self, chat: OpenConversation, progress: Progress, event: TextDelta | ReasoningDelta
    ) -> None:
        if not progress.calm:
            self._go_on(chat, progress)
        transcript = self._screen.transcript_of(chat)
        if transcript is None or event.choice != 0:
            return
        reply_id = self._reply_ids.get(chat.id, "")
        if isinstance(event, TextDelta):
            transcript.append(reply_id, event.text)
        else:
            transcript.append_reasoning(reply_id, event.text)

    def _go_on(self, chat: OpenConversation, progress: Progress) -> None:
        progress.go_on(self._screen.clock.monotonic())
        self.tell(chat)
