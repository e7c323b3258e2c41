"""What is read: the database, with what waits for it in bad times laid over."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, ConversationSummary, Node
from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import ChatMessage, Flags
from chat_tui.core.ports import MessageText, Purged
from chat_tui.storage.backlog import Backlog
from chat_tui.storage.known import Known
from chat_tui.storage.operations import Choice
from chat_tui.storage.sqlite import Database

T = TypeVar("T")


class Read(Protocol):
    """Reads from the database; raises `StorageError` where that is impossible."""

    def __call__(self, reading: Callable[[Database], T], /) -> T:
        """Give what a function reads."""
        ...


class View:
    """The reading half of a session.

    Args:
        read: reads from the database.
        known: is told what was seen.
        ever_opened: whether there was a database at any time.
    """

    def __init__(self, read: Read, known: Known, ever_opened: Callable[[], bool]) -> None:
        self.backlog = Backlog()
        """What waits for the database; empty in good times."""
        self._read = read
        self._known = known
        self._ever_opened = ever_opened

    def summaries(self, limit: int, after: ConversationSummary | None) -> list[ConversationSummary]:
        """See `ConversationStore.summaries`. In bad times what is known is given."""
        changed = len(self.backlog.conversation_ids)
        try:
            rows = self._read(lambda database: database.summaries(limit + changed, after))
        except StorageError:
            rows = []
        return self.backlog.summaries(rows, limit, after)

    def conversation(self, id_: str) -> Conversation | None:
        """See `ConversationStore.conversation`."""
        try:
            stored = self._read(lambda database: database.conversation(id_))
        except StorageError:
            stored = None
            if self.backlog.conversation(id_, None) is None:
                raise
        conversation = self.backlog.conversation(id_, stored)
        if conversation is not None:
            self._known.saw_conversation(conversation)
        return conversation

    def find(self, prefix: str, limit: int) -> list[str]:
        """Ids of conversations that begin with a text."""
        found = set(self._read(lambda database: database.find(prefix, limit)))
        found |= {id_ for id_ in self.backlog.conversation_ids if id_.startswith(prefix)}
        return sorted(found)[:limit]

    def nodes(self, conversation: str) -> list[Node]:
        """See `ConversationStore.nodes`."""
        stored: list[Node] = []
        try:
            stored = self._read(lambda database: database.nodes(conversation))
        except StorageError:
            # Part of a tree must not pass for the whole.
            if self._ever_opened():
                raise
        return self.backlog.nodes(conversation, stored)

    def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """See `ConversationStore.messages`."""
        if not ids:
            return []
        stored: dict[str, tuple[str, ChatMessage]] = {}
        try:
            stored = self._read(lambda database: database.messages(ids))
        except StorageError:
            if any(self.backlog.message(id_, None) is None for id_ in ids):
                raise
        found: list[ChatMessage] = []
        for id_ in ids:
            owner, message = stored.get(id_, (None, None))
            if owner is not None:
                self._known.saw_message(id_, owner)
            message = self.backlog.message(id_, message)
            if message is not None:
                found.append(message)
        return found

    def flags(self, conversation: str) -> dict[str, Flags]:
        """See `ConversationStore.flags`."""
        stored = self._read(lambda database: database.flags(conversation))
        here = (id_ for id_ in self.backlog.flagged_ids if self._known.owner(id_) == conversation)
        now = {id_: self.backlog.flags(id_, stored.get(id_, Flags())) for id_ in here}
        return {id_: flags for id_, flags in (stored | now).items() if any(flags)}

    def texts(self, ids: Sequence[str]) -> list[MessageText]:
        """See `ConversationStore.texts`."""
        stored: dict[str, MessageText] = {}
        try:
            stored = self._read(lambda database: database.texts(ids))
        except StorageError:
            if any(self.backlog.text(id_, None) is None for id_ in ids):
                raise
        texts = (self.backlog.text(id_, stored.get(id_)) for id_ in ids)
        return [each for each in texts if each is not None]

    def recent_prompts(self, limit: int) -> list[str]:
        """See `ConversationStore.recent_prompts`. In bad times what is known is given."""
        try:
            stored = self._read(lambda database: database.recent_prompts(limit))
        except StorageError:
            stored = []
        return list(dict.fromkeys([*self.backlog.prompts(), *stored]))[:limit]

    def draft(self, conversation: str) -> Draft:
        """See `ConversationStore.draft`."""
        if conversation in self.backlog.drafts:
            return self.backlog.drafts[conversation][0]
        return self._read(lambda database: database.draft(conversation))[0]

    def queued_drafts(self) -> frozenset[str]:
        """See `ConversationStore.queued_drafts`. In bad times what is known is given."""
        try:
            stored = self._read(lambda database: database.queued_drafts())
        except StorageError:
            stored = frozenset()
        waiting = {id_ for id_, (draft, _) in self.backlog.drafts.items() if draft.queued}
        return (stored - self.backlog.drafts.keys() | waiting) - {OF_A_NEW_CONVERSATION}

    def attachment(self, sha: str) -> Attachment | None:
        """See `ConversationStore.attachment`."""
        waiting = self.backlog.attachments.get(sha)
        return waiting or self._read(lambda database: database.attachment(sha))

    def choices(self, kind: str) -> dict[str, Choice]:
        """The user's records of one kind, by name, the oldest first; see `Store.choices`."""
        found = self._read(lambda database: database.choices(kind))
        for (of, name), choice in self.backlog.choices.items():
            if of == kind:
                found.pop(name, None)
                if choice is not None:
                    found[name] = choice
        return found

    def deleted(self) -> Purged:
        """How much is deleted and waits to be purged, as far as it is in the database."""
        return self._read(lambda database: database.deleted())

    def owners(self, ids: Sequence[str]) -> dict[str, str]:
        """Which conversation each message belongs to; unknown ones left out."""
        owners = self._read(lambda database: database.owners(ids))
        return owners | {id_: owner for id_ in ids if (owner := self.backlog.owner(id_))}
