"""Waits as long as a server asked for, then answers again."""

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import Worker

from chat_tui.core.durations import duration
from chat_tui.core.requests import RetryGate
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation

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
    """The waits that the user began, one a conversation at most.

    Args:
        screen: where the answers are shown.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._waits: dict[str, _Wait] = {}

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._waits

    def __len__(self) -> int:
        return len(self._waits)

    def reply_id(self, conversation: str) -> str:
        """The failed reply that is waited for; empty where nothing waits."""
        return wait.reply_id if (wait := self._waits.get(conversation)) is not None else ""

    def describe(self, conversation: str) -> str:
        """What is left of the wait, in words; empty where nothing waits."""
        if (wait := self._waits.get(conversation)) is None:
            return ""
        left = max(wait.until - self._screen.clock.monotonic(), 0.0)
        return text("status.later", time=duration(left))

    def begin(self, chat: OpenConversation, reply_id: str, seconds: float) -> None:
        """Wait, then answer again what a reply was the answer to."""
        self.cancel(chat.id)
        wait = self._waits[chat.id] = _Wait(reply_id, self._screen.clock.monotonic() + seconds)
        wait.worker = self._screen.run_worker(
            self._run(chat, reply_id, wait), name=f"wait {chat.id}", exit_on_error=False
        )
        self._screen.answering_changed()
        self._screen.turns.tell(chat)

    def cancel(self, conversation: str) -> bool:
        """Wait no longer, and do not answer; tells whether something waited."""
        wait = self._waits.pop(conversation, None)
        if wait is None:
            return False
        if wait.worker is not None:
            wait.worker.cancel()
        self._screen.turns.untell(conversation, wait.reply_id)
        self._screen.answering_changed()
        return True

    def end(self, conversation: str) -> bool:
        """Wait no longer and answer now; tells whether something waited."""
        wait = self._waits.get(conversation)
        if wait is None:
            return False
        wait.until = self._screen.clock.monotonic()
        wait.gate.open()
        return True

    async def _run(self, chat: OpenConversation, reply_id: str, wait: _Wait) -> None:
        while (left := wait.until - self._screen.clock.monotonic()) > 0:
            await wait.gate.wait(self._screen.clock, min(left, _STEP))
        del self._waits[chat.id]
        self._screen.turns.untell(chat.id, reply_id)
        again = partial(self._screen.session.manager.regenerate, chat, reply_id)
        self._screen.turns.start(chat, again)
