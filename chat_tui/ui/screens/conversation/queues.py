"""What waits for the end of answers, and when it goes out."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.messages import Status
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.asking import to_send
from chat_tui.ui.screens.conversation.runs import GOOD

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class Queues:
    """The waiting prompts of each conversation, on the screen or not.

    After an answer that was stopped or has failed, and after a restart, they are held: nothing is
    sent unasked.

    Args:
        screen: runs the turns.
        changed: called with a conversation in which something else waits now, or is held.
    """

    def __init__(
        self, screen: "ConversationView", changed: Callable[[OpenConversation], None]
    ) -> None:
        self._screen = screen
        self._changed = changed
        self._going: dict[str, Prompt] = {}
        """The prompt that has left the queue and is not stored yet, by conversation."""
        self._held: set[str] = set()
        self._known: set[str] = set()
        """The open conversations whose queue is as it should be: what is stored may be older."""
        self._places: dict[str, int] = {}
        """Where the prompt stood that was taken back to be changed."""
        self._closing = False

    @property
    def held(self) -> frozenset[str]:
        """The conversations whose prompts wait to be released."""
        return frozenset(self._held)

    @property
    def known(self) -> frozenset[str]:
        """The open conversations: what waits in them is as it is here, whatever is stored."""
        return frozenset(self._known)

    def kept(self, chat: OpenConversation) -> tuple[Prompt, ...]:
        """What is to be kept for a conversation: what waits, and what is not stored yet."""
        going = self._going.get(chat.id)
        return (*(() if going is None else (going,)), *chat.queued)

    # Coming and going

    def restore(self, chat: OpenConversation, queued: Iterable[Prompt]) -> None:
        """Take over what waited when a conversation was left; it is held."""
        if chat.id in self._known:
            return
        self._known.add(chat.id)
        chat.queued[:0] = queued
        if chat.queued:
            self._held.add(chat.id)
            self._changed(chat)

    def hand_on(self, left: OpenConversation, chat: OpenConversation) -> None:
        """Of two new conversations the later one gets what waits: they share one draft."""
        if left is not chat and left.queued and not self._screen.turns.holds(left.id):
            chat.queued[:0], left.queued[:] = left.queued, []
            self._held.discard(left.id)
            self._held.add(chat.id)

    def forget(self, chat: OpenConversation) -> None:
        """A conversation is closed; what waits in it is stored."""
        self._known.discard(chat.id)
        self._places.pop(chat.id, None)

    def drop(self, chat: OpenConversation) -> None:
        """Send nothing more of what waits in a conversation."""
        chat.queued.clear()
        self._told(chat)

    def hold_all(self) -> None:
        """The app is being left: nothing more goes out."""
        self._closing = True

    # Changing it

    def add(self, chat: OpenConversation, prompt: Prompt) -> None:
        """Send a prompt when the answer has ended."""
        chat.queued.insert(self._places.pop(chat.id, len(chat.queued)), prompt)
        self._known.add(chat.id)
        self._told(chat)

    def take(self, chat: OpenConversation, at: int, *, comes_back: bool = False) -> Prompt:
        """Take a prompt out, and give it.

        Args:
            chat: where it waits.
            at: its place.
            comes_back: what is added next gets its place.
        """
        prompt = chat.queued.pop(at)
        if comes_back:
            self._places[chat.id] = at
        self._told(chat)
        return prompt

    def move(self, chat: OpenConversation, at: int, to: int) -> None:
        """Give a prompt another place."""
        chat.queued.insert(to, chat.queued.pop(at))
        self._told(chat)

    def _told(self, chat: OpenConversation) -> None:
        if not chat.queued:
            self._held.discard(chat.id)
        self._changed(chat)

    # Sending

    def release(self, chat: OpenConversation, *, anyway: bool = False) -> bool:
        """Let what is held go out, the first one at once; tells whether something was held.

        Args:
            chat: where it waits.
            anyway: send the first one whatever its size.
        """
        if not chat.queued or chat.id not in self._held:
            return False
        self._go_on(chat, anyway=anyway)
        return True

    async def send_now(self, chat: OpenConversation) -> None:
        """Stop the answer and send the first one; the others follow."""
        await self._screen.turns.stop(chat)
        self._go_on(chat)

    def started(self, chat: OpenConversation) -> bool:
        """A prompt is stored; tells whether it had waited."""
        place = self._places.pop(chat.id, None)
        if self._going.pop(chat.id, None) is None:
            return False
        if place is not None:
            # What is being changed stands one place further up now.
            self._places[chat.id] = max(place - 1, 0)
        self._told(chat)
        return True

    def turn_ended(self, chat: OpenConversation, status: Status | None) -> None:
        """Send the next prompt, or hold it where the answer did not come to its end.

        Args:
            chat: whose answer.
            status: how it ended; None where it could not even begin.
        """
        refused = self._going.pop(chat.id, None)
        if refused is not None:
            chat.queued.insert(0, refused)
        if not chat.queued:
            return
        goes_on = status in GOOD and refused is None and not self._closing
        if goes_on and chat.id not in self._held:
            self._send_next(chat)
        else:
            self._held.add(chat.id)
        self._told(chat)

    def _go_on(self, chat: OpenConversation, *, anyway: bool = False) -> None:
        if self._closing:
            return
        self._held.discard(chat.id)
        # The answer may have ended by itself, and the next one be on its way.
        busy = chat.streaming or chat.id in self._screen.turns.running
        if chat.queued and not busy:
            self._send_next(chat, anyway=anyway)
        self._told(chat)

    def _send_next(self, chat: OpenConversation, *, anyway: bool = False) -> None:
        prompt = self._going[chat.id] = chat.queued.pop(0)
        send = to_send(self._screen.session.manager, chat, prompt)
        self._screen.turns.start(chat, send, prompt, anyway=anyway, waits=True)
