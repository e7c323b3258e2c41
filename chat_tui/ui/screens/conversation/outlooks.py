"""Keeps what is known of the next request of the conversation on the screen."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.errors import ChatError
from chat_tui.core.messages import ImagePart

if TYPE_CHECKING:
    from chat_tui.core.context.planner import Outlook
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class Outlooks:
    """Finds out in the background what the next request would be.

    Several wishes in a row are one, and what is found out for a conversation that has left the
    screen is dropped.

    Args:
        screen: what stands on it.
        draft: tells the tokens of what is written.
        found: called when there is another outlook.
    """

    def __init__(
        self, screen: "ConversationView", draft: Callable[[], int], found: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._draft = draft
        self._found = found
        self.count = 0
        """How often one was found out."""
        self._last: Outlook | None = None
        self.by_slot: Mapping[int, Outlook] = {}
        """Of each model side by side."""
        self.refused: Collection[int] = ()
        """The slots whose next request would not fit."""
        self._known: object = None
        """What the outlook was found out of, as far as it can be compared."""
        self._held = False
        """Whether a conversation comes to the screen: it is drawn first."""
        self._running: OpenConversation | None = None
        self._again = False

    @property
    def now(self) -> "Outlook | None":
        """The outlook with the draft as it is now; None until it was found out."""
        last, draft = self._last, self._draft()
        if last is None or last.draft == draft:
            return last
        cost, before = last.cost, last.used + last.draft
        if cost is not None and before:
            cost *= (last.used + draft) / before
        return replace(last, draft=draft, cost=cost)

    @property
    def settled(self) -> bool:
        """Whether nothing is being found out."""
        return not self._held and self._running is None

    def shown(self) -> None:
        """Another conversation comes to the screen: look at it once it is drawn."""
        self._last, self._held = None, True
        self._screen.call_after_refresh(self._let_go)

    def _let_go(self) -> None:
        self._held = False
        self._known = self._key()
        self.refresh()

    def look(self) -> bool:
        """Find it out anew if something of the conversation is other than it was.

        Cheap enough for every update of the status line; tells whether something was.
        """
        if self._held or self._key() == self._known:
            return False
        self._known = self._key()
        self.refresh()
        return True

    def _key(self) -> object:
        session = self._screen.session
        if (chat := session.chat) is None:
            return None
        about = chat.conversation
        of_chat = chat.id, chat.tree.head, about.targets, about.policy, about.system_prompt
        return *of_chat, about.board, about.heads, session.settings

    def refresh(self) -> None:
        """Find it out anew; returns at once."""
        chat = self._screen.session.chat
        if chat is None or self._held:
            return
        if self._running is chat:
            self._again = True
            return
        self._running = chat
        # Not the coroutine itself: one that is cancelled before it begins is never awaited.
        find_out = partial(self._find_out, chat)
        self._screen.run_worker(
            find_out,  # type: ignore[arg-type] # mypy takes the type of its result for Never
            name="outlook",
            group="outlook",
            exclusive=True,
            exit_on_error=False,
        )

    async def _find_out(self, chat: "OpenConversation") -> None:
        session = self._screen.session
        try:
            while self._running is chat is session.chat:
                self._again = False
                try:
                    outlook = await self._look_at(chat)
                except ChatError:
                    # Whoever sends is told; a figure that is missing needs no toast.
                    outlook = None
                if chat is session.chat:
                    self._last, self.count = outlook, self.count + 1
                    self._found()
                if not self._again:
                    break
        finally:
            # Another conversation's may have begun already.
            if self._running is chat:
                self._running = None

    async def _look_at(self, chat: "OpenConversation") -> "Outlook | None":
        """The outlook of a conversation; side by side the fullest one, at what all cost."""
        manager, draft = self._screen.session.manager, self._draft()
        if not chat.conversation.board:
            self.by_slot, self.refused = {}, ()
            return await manager.context.outlook(chat, draft)
        # Each model weighs pictures by a rule of its own.
        attached = self._screen.prompt.attached if draft else ()
        pictures = [part for part in attached if isinstance(part, ImagePart)]
        ahead = await manager.sides.foresee_round(chat, draft, pictures)
        self.by_slot, self.refused = ahead.outlooks, ahead.refused
        fullest = max(ahead.outlooks.values(), key=lambda each: each.share or 0.0, default=None)
        return None if fullest is None else replace(fullest, cost=ahead.cost)
