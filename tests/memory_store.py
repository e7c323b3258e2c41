"""A store in memory: to the letter of the port, without a database."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import (
    Conversation,
    ConversationSummary,
    ConversationTree,
    Extent,
    Node,
    node_of,
)
from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft
from chat_tui.core.errors import ChatError
from chat_tui.core.messages import ChatMessage, Flags, text_parts
from chat_tui.core.ports import ConversationChanges, MessageChanges, MessageText, Purged


class MemoryStore:
    """A `ConversationStore` in memory, to the letter of the port.

    Several managers may share one, as several windows share a database.
    """

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.saved: dict[str, ChatMessage] = {}
        """Messages by id, as they were written; the journal is not folded in."""
        self.journal: dict[str, list[tuple[str, str]]] = {}
        """Text and reasoning by message, as they came."""
        self.marks: dict[str, tuple[Extent, float]] = {}
        """What is deleted at a message, and since when."""
        self.drafts: dict[str, Draft] = {}
        """What is written and not sent, by conversation."""
        self.attachments: dict[str, Attachment] = {}
        """Bytes by their hash."""
        self.failure: ChatError | None = None
        """Raised by every call but `append_chunk` and `save_draft`, while it is set."""
        self.written_elsewhere = False
        """What `changed_elsewhere` says next."""
        self._members: dict[str, list[str]] = {}

    async def save_attachments(self, attachments: Sequence[Attachment]) -> None:
        """See `ConversationStore.save_attachments`."""
        await self._pass()
        self.attachments |= {each.sha256: each for each in attachments}

    async def attachment(self, sha256: str) -> Attachment | None:
        """See `ConversationStore.attachment`."""
        await self._pass()
        return self.attachments.get(sha256)

    async def summaries(
        self, *, limit: int = 50, after: ConversationSummary | None = None
    ) -> list[ConversationSummary]:
        """See `ConversationStore.summaries`."""
        await self._pass()
        rows = sorted(map(_summary, self._listed()), key=_place)
        if after is not None:
            rows = [row for row in rows if _place(row) > _place(after)]
        return rows[:limit]

    async def conversation(self, id_: str) -> Conversation | None:
        """See `ConversationStore.conversation`."""
        await self._pass()
        return self.conversations.get(id_)

    async def nodes(self, conversation: str) -> list[Node]:
        """See `ConversationStore.nodes`."""
        await self._pass()
        return list(self._nodes(conversation))

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """See `ConversationStore.messages`."""
        await self._pass()
        return [self._read(id_) for id_ in ids if id_ in self.saved]

    async def add_messages(
        self, conversation: Conversation, messages: Sequence[ChatMessage]
    ) -> None:
        """See `ConversationStore.add_messages`."""
        await self._pass()
        known = self.conversations.get(conversation.id)
        if known is not None:
            asked = any(message.role == "user" or not message.choice for message in messages)
            conversation = replace(
                known,
                head=conversation.head,
                heads=conversation.heads,
                updated=conversation.updated,
                deleted=None if asked else known.deleted,
            )
        self.conversations[conversation.id] = conversation
        for message in messages:
            if message.id not in self.saved:
                self.saved[message.id] = message
                self._members.setdefault(conversation.id, []).append(message.id)

    def append_chunk(self, message: str, text: str, reasoning: str) -> None:
        """See `ConversationStore.append_chunk`."""
        self.journal.setdefault(message, []).append((text, reasoning))

    async def save_message(self, message: ChatMessage) -> None:
        """See `ConversationStore.save_message`."""
        await self._pass()
        self.saved[message.id] = message
        self.journal.pop(message.id, None)

    async def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """See `ConversationStore.update_conversation`."""
        await self._pass()
        if id_ in self.conversations:
            self.conversations[id_] = replace(self.conversations[id_], **changes)

    async def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """See `ConversationStore.update_messages`."""
        await self._pass()
        for id_, changed in changes.items():
            message = self.saved.get(id_)
            if message is not None and message.status != "streaming":
                self.saved[id_] = replace(
                    message,
                    pinned=changed.get("pinned", message.pinned),
                    excluded=changed.get("excluded", message.excluded),
                    tokens={**message.tokens, **changed.get("tokens", {})},
                )

    async def mark_messages(
        self, conversation: str, marks: Mapping[str, Extent], at: float
    ) -> None:
        """See `ConversationStore.mark_messages`."""
        await self._pass()
        for id_ in self._members.get(conversation, ()):
            if extent := marks.get(id_):
                self.marks[id_] = (extent, at)
            elif id_ in marks:
                self.marks.pop(id_, None)

    async def flags(self, conversation: str) -> dict[str, Flags]:
        """See `ConversationStore.flags`."""
        await self._pass()
        members = [id_ for id_ in self._members.get(conversation, ()) if id_ in self.saved]
        flags = {id_: Flags(self.saved[id_].pinned, self.saved[id_].excluded) for id_ in members}
        return {id_: each for id_, each in flags.items() if any(each)}

    async def texts(self, ids: Sequence[str]) -> list[MessageText]:
        """See `ConversationStore.texts`."""
        return [
            MessageText(
                message.id,
                message.text,
                message.reasoning,
                "\n".join(f"{call.name} {call.arguments}" for call in message.tool_calls),
            )
            for message in await self.messages(ids)
        ]

    async def recent_prompts(self, limit: int = 200) -> list[str]:
        """See `ConversationStore.recent_prompts`."""
        await self._pass()
        prompts = [
            self.saved[node.id]
            for chat in self._listed()
            for node in ConversationTree(self._nodes(chat.id))
            if node.role == "user"
        ]
        prompts.sort(key=lambda prompt: (prompt.created, prompt.id), reverse=True)
        return list(dict.fromkeys(prompt.text for prompt in prompts if prompt.text))[:limit]

    def save_draft(self, conversation: str, draft: Draft) -> None:
        """See `ConversationStore.save_draft`."""
        self.drafts[conversation] = draft
        if not draft:
            del self.drafts[conversation]

    async def draft(self, conversation: str) -> Draft:
        """See `ConversationStore.draft`."""
        await self._pass()
        return self.drafts.get(conversation, Draft())

    async def queued_drafts(self) -> frozenset[str]:
        """See `ConversationStore.queued_drafts`."""
        await self._pass()
        waiting = {id_ for id_, draft in self.drafts.items() if draft.queued}
        return frozenset(waiting - {OF_A_NEW_CONVERSATION})

    async def purge(self, before: float) -> Purged:
        """See `ConversationStore.purge`."""
        await self._pass()
        old = [
            chat.id
            for chat in self.conversations.values()
            if chat.deleted is not None and chat.deleted < before
        ]
        for id_ in old:
            del self.conversations[id_]
            self.drafts.pop(id_, None)
            for message in self._members.pop(id_, ()):
                self._forget(message)
        return Purged(len(old), sum(self._purge_in(id_, before) for id_ in self._members))

    async def changed_elsewhere(self) -> bool:
        """See `ConversationStore.changed_elsewhere`."""
        await self._pass()
        changed, self.written_elsewhere = self.written_elsewhere, False
        return changed

    async def _pass(self) -> None:
        """Let others run, as a disk does; fail where told to."""
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure

    def _listed(self) -> list[Conversation]:
        return [chat for chat in self.conversations.values() if chat.deleted is None]

    def _nodes(self, conversation: str) -> Iterator[Node]:
        for id_ in self._members.get(conversation, ()):
            extent, _ = self.marks.get(id_, ("", 0.0))
            yield node_of(self.saved[id_])._replace(deleted=extent)

    def _purge_in(self, conversation: str, before: float) -> int:
        """Remove what was deleted of one conversation; what follows moves up."""
        moved: dict[str | None, str | None] = {None: None}
        removed: set[str | None] = set()
        for id_ in self._members[conversation]:
            message = self.saved[id_]
            extent, at = self.marks.get(id_, ("", 0.0))
            due = bool(extent) and at < before
            if (due and extent == "branch") or message.parent in removed:
                removed.add(id_)
            moved[id_] = moved[message.parent] if due else id_
            self.saved[id_] = replace(message, parent=moved[message.parent])
        kept = [id_ for id_ in self._members[conversation] if moved[id_] == id_]
        kept = [id_ for id_ in kept if id_ not in removed]
        gone = {*self._members[conversation]} - {*kept}
        for id_ in gone:
            self._forget(id_)
        self._members[conversation] = kept
        return len(gone)

    def _forget(self, message: str) -> None:
        del self.saved[message]
        self.journal.pop(message, None)
        self.marks.pop(message, None)

    def _read(self, id_: str) -> ChatMessage:
        message = self.saved[id_]
        chunks = self.journal.get(id_)
        if message.status != "streaming" or not chunks:
            return message
        return replace(
            message,
            parts=text_parts(message.text + "".join(text for text, _ in chunks)),
            reasoning=message.reasoning + "".join(reasoning for _, reasoning in chunks),
        )


def _summary(chat: Conversation) -> ConversationSummary:
    model = chat.target.model if chat.targets else ""
    return ConversationSummary(chat.id, chat.title, chat.updated, chat.pinned, model)


def _place(row: ConversationSummary) -> tuple[bool, float, str]:
    return (not row.pinned, -row.updated, row.id)
