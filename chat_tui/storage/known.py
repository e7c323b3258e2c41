"""What a session remembers of what it wrote: enough to write it anew into another database."""

from collections.abc import Iterable

from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage
from chat_tui.storage.backlog import Overlay
from chat_tui.storage.operations import (
    AddMessages,
    ChangeConversation,
    ChangeMessages,
    Journal,
    MarkMessages,
    Operation,
    SaveDraft,
    SaveMessage,
)


class Known:
    """Conversations seen, who owns which message, and the replies that are streaming."""

    def __init__(self) -> None:
        self.touched: set[str] = set()
        """Conversations that this session wrote to."""
        self._conversations: dict[str, Conversation] = {}
        self._owners: dict[str, str] = {}
        self._streaming = Overlay()

    def saw_conversation(self, conversation: Conversation) -> None:
        """Remember a conversation that was read."""
        self._conversations[conversation.id] = conversation

    def saw_message(self, id_: str, conversation: str) -> None:
        """Remember whose a message is that was read."""
        self._owners[id_] = conversation

    def note(self, operation: Operation) -> None:
        """Remember what an operation is about."""
        match operation:
            case AddMessages(conversation, messages):
                self._conversations[conversation.id] = conversation
                self._owners |= {message.id: conversation.id for message in messages}
                self.touched.add(conversation.id)
                for message in messages:
                    self._note_message(message)
            case SaveMessage(message):
                if owner := self._owners.get(message.id):
                    self.touched.add(owner)
                self._note_message(message)
            case ChangeConversation(id_, _) | MarkMessages(id_, _) | SaveDraft(id_, _, _):
                self.touched.add(id_)
            case ChangeMessages(changes):
                self.touched |= {owner for id_ in changes if (owner := self._owners.get(id_))}
            case Journal():
                operation.run(self._streaming)

    def forget(self, conversations: Iterable[str]) -> None:
        """Forget conversations that were removed for good, so that nothing brings them back."""
        gone = set(conversations)
        self.touched -= gone
        for id_ in gone:
            self._conversations.pop(id_, None)
        self._owners = {id_: owner for id_, owner in self._owners.items() if owner not in gone}

    def saw(self, conversation: str) -> bool:
        """Whether a conversation was read or written here."""
        return conversation in self._conversations

    def conversation(self, id_: str) -> Conversation:
        """A conversation as it was seen last, or one that stands for it."""
        return self._conversations.get(id_) or Conversation(id_)

    def owner(self, message: str) -> str | None:
        """The conversation of a message; None where it was never seen."""
        return self._owners.get(message)

    def streaming(self, message: str) -> ChatMessage | None:
        """A streaming reply with all its text so far; None where it was not added here."""
        return self._streaming.message(message, None)

    def _note_message(self, message: ChatMessage) -> None:
        self._streaming.forget(message.id)
        if message.status == "streaming":
            self._streaming.save_message(message)
