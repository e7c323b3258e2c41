"""What could not be written yet: kept in order, and readable as if it had been."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, ConversationSummary, Node, node_of
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage, Flags, TextPart, text_parts
from chat_tui.core.ports import ConversationChanges, MessageChanges, MessageText
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.operations import Choice, Chunk, Mark, Operation, SaveDraft
from chat_tui.storage.records import LISTED_TITLE, asks_again, listed_model
from chat_tui.storage.texts import text_of


class Overlay:
    """The state that operations lead to, laid over what the database gives.

    Its own part is a `Writer`: operations are done on it as on a database.
    """

    def __init__(self) -> None:
        self._conversations: dict[str, Conversation] = {}
        self._changes: dict[str, ConversationChanges] = {}
        self._messages: dict[str, ChatMessage] = {}
        self._fields: dict[str, MessageChanges] = {}
        self._owners: dict[str, str] = {}
        self._journal: dict[str, list[Chunk]] = {}
        self.marks: dict[str, dict[str, Mark]] = {}
        """Conversation → message → what was deleted there, or brought back."""
        self.drafts: dict[str, tuple[Draft, float]] = {}
        """Conversation → its draft and when it was written; an empty one is forgotten."""
        self.attachments: dict[str, Attachment] = {}
        """Hash → bytes."""
        self.choices: dict[tuple[str, str], Choice | None] = {}
        """Kind and name → a record of the user's, the oldest first; None for a deleted one."""

    # Writing

    def add_messages(self, conversation: Conversation, messages: Sequence[ChatMessage]) -> None:
        """See `ConversationStore.add_messages`."""
        changes: ConversationChanges = {
            "head": conversation.head,
            "heads": conversation.heads,
            "updated": conversation.updated,
        }
        is_known = conversation.id in self._conversations
        if asks_again(messages) and (is_known or conversation.deleted is None):
            changes["deleted"] = None  # whatever the database has: it may be deleted there
        self._conversations.setdefault(conversation.id, conversation)
        self.update_conversation(conversation.id, changes)
        for message in messages:
            self._messages.setdefault(message.id, message)
            self._owners[message.id] = conversation.id

    def append_chunks(self, chunks: Sequence[Chunk]) -> None:
        """Journal what came for streaming messages."""
        for chunk in chunks:
            self._journal.setdefault(chunk.message, []).append(chunk)

    def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`."""
        self._messages[message.id] = message
        self._journal.pop(message.id, None)

    def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        self._changes[id_] = {**self._changes.get(id_, {}), **changes}

    def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """See `ConversationStore.update_messages`."""
        for id_, changed in changes.items():
            known = self._fields.get(id_, {})
            counts = {**known.get("tokens", {}), **changed.get("tokens", {})}
            self._fields[id_] = {**known, **changed}
            if counts:
                self._fields[id_]["tokens"] = counts

    def mark_messages(self, conversation: str, marks: Mapping[str, Mark]) -> None:
        """See `ConversationStore.mark_messages`."""
        self.marks[conversation] = {**self.marks.get(conversation, {}), **marks}

    def save_draft(self, conversation: str, draft: Draft, at: float) -> None:
        """See `ConversationStore.save_draft`."""
        self.drafts[conversation] = draft, at

    def save_choice(self, kind: str, name: str, choice: Choice | None) -> None:
        """See `Writer.save_choice`."""
        self.choices.pop((kind, name), None)
        self.choices[kind, name] = choice

    def save_attachments(self, attachments: Sequence[Attachment], at: float) -> None:
        """See `Writer.save_attachments`."""
        self.attachments |= {each.sha256: each for each in attachments}

    def forget(self, message: str) -> None:
        """Drop a message and its journal."""
        self._messages.pop(message, None)
        self._journal.pop(message, None)

    # Reading

    @property
    def message_ids(self) -> list[str]:
        """All messages that are in it or journalled in it, oldest first."""
        return [*self._messages, *(id_ for id_ in self._journal if id_ not in self._messages)]

    @property
    def conversation_ids(self) -> list[str]:
        """All conversations that were added or changed in it."""
        return list(self._changes)

    def owner(self, message: str) -> str | None:
        """The conversation that a message was added to here."""
        return self._owners.get(message)

    def conversation(self, id_: str, stored: Conversation | None) -> Conversation | None:
        """A conversation as it is now.

        Args:
            id_: its id.
            stored: what the database has of it.
        """
        base = stored or self._conversations.get(id_)
        changes = self._changes.get(id_)
        return base if base is None or changes is None else replace(base, **changes)

    def nodes(self, conversation: str, stored: list[Node]) -> list[Node]:
        """The nodes of a conversation as they are now."""
        marks = self.marks.get(conversation, {})
        if not self._messages and not marks:
            return stored
        nodes = {node.id: node for node in stored}
        for id_, message in self._messages.items():
            if node := nodes.get(id_):
                nodes[id_] = node_of(message)._replace(parent=node.parent, deleted=node.deleted)
            elif self._owners.get(id_) == conversation:
                nodes[id_] = node_of(message)
        for id_, mark in marks.items():
            if id_ in nodes:
                nodes[id_] = nodes[id_]._replace(deleted=mark.extent)
        return list(nodes.values())

    def message(self, id_: str, stored: ChatMessage | None) -> ChatMessage | None:
        """A message as it is now, with what was journalled."""
        message = self._messages.get(id_, stored)
        chunks = self._journal.get(id_)
        if message is None or message.status != "streaming":
            return message and with_fields(message, self._fields.get(id_, {}))
        return message if chunks is None else with_more(message, chunks)

    @property
    def flagged_ids(self) -> list[str]:
        """All messages that it may know to be pinned or excluded, or no longer."""
        return [*self._messages, *(id_ for id_ in self._fields if id_ not in self._messages)]

    @property
    def changed_flags(self) -> dict[str, dict[str, bool]]:
        """Message → what was changed of its flags here, by their names."""
        return {
            id_: {name: flag for name, flag in changes.items() if isinstance(flag, bool)}
            for id_, changes in self._fields.items()
            if changes.keys() & Flags._fields
        }

    def flags(self, id_: str, stored: Flags) -> Flags:
        """Whether a message is pinned or excluded now."""
        message, changes = self._messages.get(id_), self._fields.get(id_, {})
        base = stored if message is None else Flags(message.pinned, message.excluded)
        return Flags(changes.get("pinned", base.pinned), changes.get("excluded", base.excluded))

    def text(self, id_: str, stored: MessageText | None) -> MessageText | None:
        """What can be searched of a message as it is now."""
        if id_ in self._messages:
            message = self.message(id_, None)
            return stored if message is None else text_of(message)
        chunks = self._journal.get(id_, ())
        if stored is None or not chunks:
            return stored
        text = stored.text + "".join(chunk.text for chunk in chunks)
        reasoning = stored.reasoning + "".join(chunk.reasoning for chunk in chunks)
        return stored._replace(text=text, reasoning=reasoning)

    def prompts(self) -> list[str]:
        """The prompts in it, the newest first."""
        marked = {
            id_ for marks in self.marks.values() for id_, mark in marks.items() if mark.extent
        }
        return [
            message.text
            for message in reversed(self._messages.values())
            if message.role == "user" and message.text.strip() and message.id not in marked
        ]

    def summaries(
        self, stored: list[ConversationSummary], limit: int, after: ConversationSummary | None
    ) -> list[ConversationSummary]:
        """A page of the list as it is now.

        Args:
            stored: the page that the database gives, longer by the conversations known here.
            limit: rows at the most.
            after: the last row of the page before.
        """
        if not self._changes:
            return stored[:limit]
        rows = {row.id: row for row in stored}
        for id_ in self._changes:
            row = self._summary(id_, rows.pop(id_, None))
            if row is not None and (after is None or _rank(row) < _rank(after)):
                rows[id_] = row
        return sorted(rows.values(), key=_rank, reverse=True)[:limit]

    def _summary(self, id_: str, row: ConversationSummary | None) -> ConversationSummary | None:
        stored = None
        if row is not None:
            stored = Conversation(id_, row.title, updated=row.updated, pinned=row.pinned)
        now = self.conversation(id_, stored)
        if now is None or now.deleted is not None:
            return None
        model = listed_model(now) or (row.model if row else "")
        return ConversationSummary(id_, now.title[:LISTED_TITLE], now.updated, now.pinned, model)


class Backlog(Overlay):
    """The operations that wait for the database, and the overlay that they make."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[Operation] = deque()
        """Oldest first; the first one is taken away when it is done."""

    def keep(self, operation: Operation) -> None:
        """Take an operation in; of a conversation's drafts the last one alone waits."""
        if isinstance(operation, SaveDraft):
            earlier = [each for each in self.waiting if _is_draft_of(each, operation.conversation)]
            for each in earlier:
                self.waiting.remove(each)
        self.waiting.append(operation)
        operation.run(self)


def _is_draft_of(operation: Operation, conversation: str) -> bool:
    return isinstance(operation, SaveDraft) and operation.conversation == conversation


def with_fields(message: ChatMessage, changes: MessageChanges) -> ChatMessage:
    """A message that has ended, with some fields changed; counts are added to those it has."""
    if not changes:
        return message
    return replace(
        message,
        pinned=changes.get("pinned", message.pinned),
        excluded=changes.get("excluded", message.excluded),
        tokens={**message.tokens, **changes.get("tokens", {})},
    )


def with_more(message: ChatMessage, chunks: Iterable[Chunk]) -> ChatMessage:
    """A streaming message with what came since."""
    chunks = list(chunks)
    text = join_surrogates("".join(chunk.text for chunk in chunks))
    reasoning = join_surrogates("".join(chunk.reasoning for chunk in chunks))
    parts = message.parts
    if text and parts and isinstance(last := parts[-1], TextPart):
        parts = (*parts[:-1], TextPart(last.text + text))
    else:
        parts += text_parts(text)
    return replace(message, parts=parts, reasoning=message.reasoning + reasoning)


def _rank(row: ConversationSummary) -> tuple[bool, float, str]:
    return row.pinned, row.updated, row.id
