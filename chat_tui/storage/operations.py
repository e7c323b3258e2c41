"""What can be written, as values: done at once, or kept and done later. Doing one twice is safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, Extent
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges, MessageChanges


class Mark(NamedTuple):
    """How much was deleted at a message, and when."""

    extent: Extent
    at: float


class Choice(NamedTuple):
    """A small record of the user's, as JSON values, and when it was written."""

    data: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """What came for a streaming message since the chunk before."""

    message: str
    text: str
    reasoning: str


class Writer(Protocol):
    """What operations are done on."""

    def add_messages(self, conversation: Conversation, messages: Sequence[ChatMessage]) -> None:
        """See `ConversationStore.add_messages`."""
        ...

    def append_chunks(self, chunks: Sequence[Chunk]) -> None:
        """Journal what came for streaming messages."""
        ...

    def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`."""
        ...

    def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        ...

    def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """See `ConversationStore.update_messages`."""
        ...

    def mark_messages(self, conversation: str, marks: Mapping[str, Mark]) -> None:
        """Write how much is deleted at some messages of a conversation; "" brings it back."""
        ...

    def save_draft(self, conversation: str, draft: Draft, at: float) -> None:
        """Keep what is not sent, written at a time; an empty draft is forgotten."""
        ...

    def save_attachments(self, attachments: Sequence[Attachment], at: float) -> None:
        """See `ConversationStore.save_attachments`; they came at a time."""
        ...

    def save_choice(self, kind: str, name: str, choice: Choice | None) -> None:
        """Keep a record of the user's in place of one of the same name; None deletes it."""
        ...


@dataclass(frozen=True, slots=True)
class AddMessages:
    """Add messages, and their conversation if it is new."""

    conversation: Conversation
    messages: tuple[ChatMessage, ...]

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.add_messages(self.conversation, self.messages)


@dataclass(frozen=True, slots=True)
class SaveMessage:
    """Write a message's new state."""

    message: ChatMessage

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.save_message(self.message)


@dataclass(frozen=True, slots=True)
class ChangeConversation:
    """Write some fields of a conversation."""

    id: str
    changes: ConversationChanges

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.update_conversation(self.id, self.changes)


@dataclass(frozen=True, slots=True)
class ChangeMessages:
    """Write some fields of messages that have ended."""

    changes: Mapping[str, MessageChanges]

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.update_messages(self.changes)


@dataclass(frozen=True, slots=True)
class Journal:
    """Append chunks; they need not survive a loss of power."""

    chunks: tuple[Chunk, ...]

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.append_chunks(self.chunks)


@dataclass(frozen=True, slots=True)
class MarkMessages:
    """Delete messages, or bring them back."""

    conversation: str
    marks: Mapping[str, Mark]

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.mark_messages(self.conversation, self.marks)


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Keep a draft; like the journal it need not survive a loss of power."""

    conversation: str
    draft: Draft
    at: float

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.save_draft(self.conversation, self.draft, self.at)


@dataclass(frozen=True, slots=True)
class SaveChoice:
    """Keep a record of the user's, or delete it."""

    kind: str
    name: str
    choice: Choice | None

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.save_choice(self.kind, self.name, self.choice)


@dataclass(frozen=True, slots=True)
class SaveAttachments:
    """Keep bytes; the message that names them makes them survive a loss of power."""

    attachments: tuple[Attachment, ...]
    at: float

    def run(self, writer: Writer) -> None:
        """Do it."""
        writer.save_attachments(self.attachments, self.at)


Operation = (
    AddMessages
    | SaveMessage
    | ChangeConversation
    | ChangeMessages
    | MarkMessages
    | Journal
    | SaveDraft
    | SaveChoice
    | SaveAttachments
)

LIGHT = (Journal, SaveDraft)
"""Operations that come many times a second: nothing waits for the disk on their account."""
