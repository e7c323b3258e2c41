"""What is written and not sent, in tokens: at once by an estimate, exactly soon after."""

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from textual.timer import Timer

from chat_tui.core.errors import ChatError

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView

INTERVAL = 0.05
"""Seconds between two counts of a draft at the least …"""

_REST = 4
"""… and so many times as long as the last one took: a huge draft must not keep a core busy."""


class DraftCount:
    """Counts what stands in the prompt, while one writes.

    Between two counts the last one holds, with the estimate of what was changed since: the figure
    moves with each key, and does not jump back and forth.

    Args:
        screen: whose prompt it is.
        changed: called when the figure is another one, but not for what `follow` itself changes.
    """

    def __init__(self, screen: "ConversationView", changed: Callable[[], None]) -> None:
        self._screen = screen
        self._changed = changed
        self.tokens = 0
        """What is written, chips and all; 0 for an empty prompt."""
        self._estimate = 0
        """Of what is written now."""
        self._counted = (0, 0)
        """The last count, and the estimate of the same text."""
        self._version = 0
        self._timer: Timer | None = None
        self._counting = False
        self._wait = INTERVAL

    @property
    def settled(self) -> bool:
        """Whether the figure is that of a count."""
        return self._timer is None and not self._counting

    def follow(self) -> None:
        """Take what stands in the prompt now; returns at once."""
        self._version += 1
        self._estimate = self._screen.prompt.tokens if self._is_prompt() else 0
        if not self._estimate:
            self._counted = (0, 0)
            self._stop_timer()
        self._show()
        self.recount()

    def _is_prompt(self) -> bool:
        """Whether a request would have it: no command, no other version of what a model said."""
        screen = self._screen
        edited, chat = screen.branches.editing, screen.session.chat
        if edited is not None and chat is not None and edited in chat.tree:
            return chat.tree[edited].role == "user"
        begins = screen.prompt.document.get_line(0).startswith("/")
        return not (begins and screen.writing.commands.runs(screen.prompt.text))

    def recount(self) -> None:
        """Count again, as for another model."""
        if self._estimate and self._timer is None and not self._counting:
            self._timer = self._screen.set_timer(self._wait, self._start)

    def _show(self) -> None:
        count, estimate = self._counted
        least = 1 if self._estimate else 0
        self.tokens = max(count + self._estimate - estimate, least)

    def _start(self) -> None:
        self._stop_timer()
        self._counting = True
        self._screen.run_worker(self._count(), name="draft count", exit_on_error=False)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    async def _count(self) -> None:
        session, version, estimate = self._screen.session, self._version, self._estimate
        try:
            if session.chat is None or not estimate:
                return
            prompt, target = self._screen.prompt.written, session.chat.target
            began = perf_counter()
            count = await session.manager.context.draft_tokens(prompt, target)
            self._wait = max(INTERVAL, _REST * (perf_counter() - began))
            if not self._estimate:
                return
            before, self._counted = self.tokens, (count, estimate)
            self._show()
            if self.tokens != before:
                self._changed()
        except ChatError:
            # The estimate stands; a draft that cannot be counted is no error of anybody's.
            self._version = version
        finally:
            self._counting = False
            if version != self._version:
                self.recount()
