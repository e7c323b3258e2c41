"""Runs turns and shows what happens in them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, assert_never

from chat_tui.core.errors import ChatError
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
from chat_tui.core.manager import OpenConversation, busy
from chat_tui.core.safety import clean_line
from chat_tui.ui.screens.conversation.progress import Progress

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


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

    def progress(self, conversation: str) -> Progress | None:
        """How far a conversation's answer is; None where none is on its way."""
        return self._progress.get(conversation)

    @property
    def running(self) -> frozenset[str]:
        """The conversations that are being answered."""
        return frozenset(self._progress)

    def start(
        self, chat: OpenConversation, events: AsyncGenerator[TurnEvent, None], prompt: str = ""
    ) -> None:
        """Run a turn; `prompt` goes back into the input where it is refused."""
        if chat.id in self._progress:
            self._screen.refuse(prompt, busy().info)
            return
        progress = self._progress[chat.id] = Progress(self._screen.clock.monotonic())
        self._chats[chat.id] = chat
        self._screen.run_worker(
            self._run(chat, events, prompt, progress),
            name=f"turn {chat.id}",
            group=f"turn-{chat.id}",
            exit_on_error=False,
        )

    def stop_all(self) -> None:
        """Stop all answers; their texts stay."""
        for chat in self._chats.values():
            self._screen.session.manager.stop(chat)

    async def _run(
        self,
        chat: OpenConversation,
        events: AsyncGenerator[TurnEvent, None],
        prompt: str,
        progress: Progress,
    ) -> None:
        screen = self._screen
        screen.answering_changed()
        started = False
        try:
            # Nothing else may be awaited in this loop: stopping interrupts it where it waits.
            async with aclosing(events) as stream:
                async for event in stream:
                    started = True
                    self._show(chat, progress, event)
        except ChatError as error:
            screen.refuse("" if started else prompt, error.info)
        except Exception:
            # The app reports what a worker raises, and goes on.
            await screen.recover(chat)
            raise
        finally:
            del self._progress[chat.id], self._chats[chat.id]
            self._reply_ids.pop(chat.id, None)
            screen.answering_changed()

    def _show(self, chat: OpenConversation, progress: Progress, event: TurnEvent) -> None:
        transcript = self._screen.transcript_of(chat)
        reply_id = self._reply_ids.get(chat.id, "")
        match event:
            case TextDelta(text, choice):
                self._note_content(progress)
                if transcript is not None and choice == 0:
                    transcript.append(reply_id, text)
            case ReasoningDelta(text, choice):
                self._note_content(progress)
                if transcript is not None and choice == 0:
                    transcript.append_reasoning(reply_id, text)
            case ToolCallDelta():
                self._note_content(progress)
            case TurnStarted():
                self._reply_ids[chat.id] = event.replies[0].id
                self._screen.show_started(chat, event)
            case RetryScheduled() | Notice():
                note = self._note_delay(progress, event)
                if transcript is not None:
                    transcript.note(reply_id, note)
            case UsageReported():
                # It is part of the message that `TurnFinished` brings.
                pass
            case TurnFinished(reply):
                if transcript is not None:
                    transcript.finish(reply)
                self._screen.show_finished(chat, reply)
            case _:
                assert_never(event)

    def _note_delay(self, progress: Progress, event: RetryScheduled | Notice) -> str:
        """Keep what holds an answer up; gives it in clean words."""
        if isinstance(event, Notice):
            progress.notice = event.message
            return clean_line(event.message)
        now = self._screen.clock.monotonic()
        progress.retry, progress.retry_at = event, now + event.delay
        return progress.describe(now)

    def _note_content(self, progress: Progress) -> None:
        if progress.first_token is None:
            progress.first_token = self._screen.clock.monotonic()
            progress.retry = None
