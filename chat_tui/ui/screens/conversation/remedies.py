"""What can be done about a reply that did not end well, and about one that does not come."""

from typing import TYPE_CHECKING

from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.asking import slot_asked, to_answer_again, to_continue
from chat_tui.ui.widgets.transcript.offers import offers_for, refused_parameter, wait_wanted

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class Remedies:
    """Does what the cards of the transcript offer, for the message that is meant.

    Args:
        screen: whose conversation it is.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen

    def offers(self, action: str) -> bool:
        """Whether an action (by its id) would do something now."""
        chat = self._screen.session.chat
        if chat is None:
            return False
        if action == "retry-now":
            return self._screen.turns.waits_to_send(chat)
        if action == "retry-other-model":
            return len(self._screen.transcript.column) > 0
        reply = self.reply()
        if reply is None or self._screen.turns.busy(chat, slot_asked(chat, reply.id)):
            return False
        if action == "wait-and-retry" and reply.id in dict(self._screen.turns.waits.told(chat.id)):
            return False
        return any(offer.action == action for offer in offers_for(reply, active_keys(self._screen)))

    def reply(self) -> ChatMessage | None:
        """The reply that is meant; None where none is, or its text is not loaded yet."""
        at = self._screen.reading.meant
        message = None if at is None else self._screen.transcript.column.message(at)
        return message if message is not None and message.role == "assistant" else None

    def continue_reply(self, chat: OpenConversation, reply: ChatMessage) -> None:
        """Go on with a reply that was cut."""
        go_on = to_continue(self._screen.session.manager, chat, reply.id)
        self._screen.turns.start(chat, go_on)

    def leave_out(self, chat: OpenConversation, reply: ChatMessage) -> None:
        """Never send the parameter again that was refused, and answer again."""
        target = Target(reply.provider, reply.model)
        self._screen.session.desk.leave_out(target, refused_parameter(reply))
        again = to_answer_again(self._screen.session.manager, chat, reply.id)
        self._screen.turns.start(chat, again)

    def wait_and_retry(self, chat: OpenConversation, reply: ChatMessage) -> None:
        """Answer again when the time is over that the server asked for."""
        ended = reply.timings.ended if reply.timings is not None else None
        passed = self._screen.clock.now() - ended if ended is not None else 0.0
        self._screen.turns.waits.begin(chat, reply.id, max(wait_wanted(reply) - passed, 0.0))
