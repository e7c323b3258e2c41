"""Waits as long as a server asked for, then answers again."""

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import Worker

from chat_tui.core.durations import duration
from chat_tui.core.requests import RetryGate
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.asking import slot_asked, to_answer_again

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView

_STEP = 30.0
"""Seconds slept at once at most: a laptop may sleep meanwhile, which some clocks do not count."""

WHILE_WAITING = ("retry-now", "stop")
"""What is offered meanwhile, by the ids of the actions."""


@dataclass(slots=True, eq=False)
class _Wait:
    reply_id: str
    until: float
    """By the clock that only goes forward."""
    gate: RetryGate = field(default_factory=RetryGate)
    worker: "Worker[None] | None" = None


class Waits:
    """The waits that the user began: one a conversation at most, side by side one a slot.

    Args:
        screen: where the answers are shown.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._waits: dict[str, dict[int | None, _Wait]] = {}

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._waits

    def __len__(self) -> int:
        return len(self._waits)

    def holds(self, conversation: str, slot: int) -> bool:
        """Whether a slot waits."""
        return slot in self._waits.get(conversation, {})

    def told(self, conversation: str) -> list[tuple[str, str]]:
        """The failed replies that are waited for, each with what is left of its wait, in words."""
        waits = self._waits.get(conversation, {}).values()
        return [(wait.reply_id, self._words(wait)) for wait in waits]

    def describe(self, conversation: str) -> str:
        """What is left of the wait that ends first, in words; empty where nothing waits."""
        waits = self._waits.get(conversation, {}).values()
        first = min(waits, key=lambda wait: wait.until, default=None)
        return "" if first is None else self._words(first)

    def _words(self, wait: _Wait) -> str:
        left = max(wait.until - self._screen.clock.monotonic(), 0.0)
        return text("status.later", time=duration(left))

    def begin(self, chat: OpenConversation, reply_id: str, seconds: float) -> None:
        """Wait, then answer again what a reply was the answer to."""
        slot = slot_asked(chat, reply_id)
        self.cancel(chat.id, slot)
        wait = _Wait(reply_id, self._screen.clock.monotonic() + seconds)
        self._waits.setdefault(chat.id, {})[slot] = wait
        wait.worker = self._screen.run_worker(
            # Not the coroutine itself: one that is cancelled before it begins is never awaited.
            partial(self._run, chat, slot, wait),
            name=f"wait {chat.id} {slot}",
            exit_on_error=False,
        )
        self._screen.answering_changed()
        self._screen.turns.holding.tell(chat)

    def cancel(self, conversation: str, slot: int | None = None) -> bool:
        """Wait no longer, and do not answer; tells whether something waited.

        Args:
            conversation: its id.
            slot: leave the others; None for all.
        """
        waits = self._waits.get(conversation, {})
        gone = [each for each in waits if slot is None or each == slot]
        for each in gone:
            wait = self._take(conversation, each)
            if wait.worker is not None:
                wait.worker.cancel()
        if gone:
            self._screen.answering_changed()
        return bool(gone)

    def end(self, conversation: str) -> bool:
        """Wait no longer and answer now; tells whether something waited."""
        waits = self._waits.get(conversation, {}).values()
        for wait in waits:
            wait.until = self._screen.clock.monotonic()
            wait.gate.open()
        return bool(waits)

    def _take(self, conversation: str, slot: int | None) -> _Wait:
        waits = self._waits[conversation]
        wait = waits.pop(slot)
        if not waits:
            del self._waits[conversation]
        self._screen.turns.holding.untell(conversation, wait.reply_id)
        return wait

    async def _run(self, chat: OpenConversation, slot: int | None, wait: _Wait) -> None:
        while (left := wait.until - self._screen.clock.monotonic()) > 0:
            await wait.gate.wait(self._screen.clock, min(left, _STEP))
        self._take(chat.id, slot)
        manager = self._screen.session.manager
        self._screen.turns.start(chat, to_answer_again(manager, chat, wait.reply_id))
