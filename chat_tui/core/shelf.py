"""The conversations that are open, and the stores that all of them are kept in."""

from dataclasses import replace

from chat_tui.core.attachments.names import named_by, named_in_draft
from chat_tui.core.conversation import Conversation, ConversationTree, Extent
from chat_tui.core.errors import UsageError
from chat_tui.core.ports import ConversationChanges, ConversationStore
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.core.undo import UndoStack

_STACKS = 50
"""Closed conversations in which changes can still be taken back."""

_LONG_AGO = 1.0
"""The time of deletion of what is dropped at once, in seconds since 1970."""


class Shelf:
    """Knows which conversations are open, and where each one is kept.

    Args:
        store: keeps what is said.
        temporary: keeps temporary conversations, in memory alone; None where there are none.
    """

    def __init__(self, store: ConversationStore, temporary: ConversationStore | None) -> None:
        self._store = store
        self._temporary = temporary
        self._temporary_ids: set[str] = set()
        self._open: dict[str, OpenConversation] = {}
        self._left: list[OpenConversation] = []
        """Temporary conversations that were closed and still take up memory."""
        self._stacks: dict[str, UndoStack] = {}
        """What can be taken back in those that were closed, the latest one last."""

    def store_of(self, id_: str) -> ConversationStore:
        """Where a conversation is kept, open or not."""
        temporary = id_ in self._temporary_ids
        return self._temporary if temporary and self._temporary is not None else self._store

    def put(
        self,
        conversation: Conversation,
        tree: ConversationTree,
        *,
        temporary: bool = False,
        stored: bool = True,
    ) -> OpenConversation:
        """Open a conversation.

        Args:
            conversation: what is known of it.
            tree: its messages.
            temporary: it is new and never written; one that was temporary stays so anyway.
            stored: its store has it already.

        Raises:
            UsageError: there is no place for temporary ones.
        """
        if temporary and self._temporary is None:
            raise UsageError(
                "Conversations cannot be temporary here.", hint="Start one that is saved."
            )
        if temporary:
            self._temporary_ids.add(conversation.id)
        chat = OpenConversation(
            conversation,
            tree,
            self.store_of(conversation.id),
            temporary=conversation.id in self._temporary_ids,
            stored=stored,
            undo_stack=self._stacks.pop(conversation.id, UndoStack()),
        )
        self._open[chat.id] = chat
        return chat

    async def open(self, id_: str, target: Target | None = None) -> OpenConversation:
        """See `ConversationManager.open`."""
        if chat := self.get(id_):
            return chat
        await self.drop_left()
        store = self.store_of(id_)
        conversation = await store.conversation(id_)
        if conversation is None:
            raise UsageError(
                f"There is no conversation {id_}.", hint="Run `chat-tui list` to see them all."
            )
        if not conversation.targets:
            if target is None:
                raise UsageError(f"The conversation {id_} names no model.", hint="Name one.")
            conversation = replace(conversation, targets=(target,))
        conversation = _seated(conversation)
        tree = ConversationTree(await store.nodes(id_), conversation.head)
        # Two callers may have waited for the disk; the first one's object stays.
        return self.get(id_) or self.put(conversation, tree)

    def get(self, id_: str) -> OpenConversation | None:
        """An open conversation; None where it is not open."""
        return self._open.get(id_)

    def close(self, chat: OpenConversation) -> None:
        """Forget one that is open; a temporary one is dropped by the next `drop_left`."""
        self._take_away(chat)
        if chat.temporary:
            self._left.append(chat)

    async def keep(self, chat: OpenConversation, at: float) -> None:
        """Write a temporary conversation with all its branches; it is none any more then.

        Where nothing was said there is nothing to be written: it is like any new one.

        Raises:
            UsageError: an answer is on its way.
            StorageError: it cannot be written; it stays as it is.
        """
        if not chat.temporary:
            return
        passing, turn = chat.store, chat.begin()
        try:
            nodes = list(chat.tree.stored())
            messages = await passing.messages([node.id for node in nodes])
            draft = await passing.draft(chat.id)
            for sha in {*named_by(messages), *named_in_draft(draft)}:
                if (attachment := await passing.attachment(sha)) is not None:
                    await self._store.save_attachments([attachment])
            if messages:
                await self._store.add_messages(chat.conversation, messages)
            marks = {node.id: node.deleted for node in nodes if node.deleted}
            if marks:
                await self._store.mark_messages(chat.id, marks, at)
            chat.store, chat.temporary, chat.stored = self._store, False, bool(messages)
            self._temporary_ids.discard(chat.id)
        finally:
            if chat.turn is turn:
                chat.turn = None
        await _drop(passing, chat.id)

    async def drop_left(self) -> None:
        """Remove the temporary conversations that were closed from memory."""
        gone = [chat for chat in self._left if not chat.streaming]
        self._left = [chat for chat in self._left if chat.streaming]
        for chat in gone:
            await _drop(chat.store, chat.id)

    async def refresh(self, chat: OpenConversation) -> bool:
        """See `ConversationManager.refresh`."""
        while True:
            before = chat.conversation
            stored = await chat.store.conversation(chat.id)
            nodes = await chat.store.nodes(chat.id)
            if stored is None:
                return False
            if before is chat.conversation:
                break
            # This window changed something meanwhile: what was read may be older.
        head = chat.tree.head
        changed = bool(chat.tree.merge(nodes))
        # What the other window has removed for good already. Nothing is to follow it any more.
        there = {node.id for node in nodes}
        gone: dict[str, Extent] = {node.id: "message" for node in chat.tree if node.id not in there}
        changed |= bool(chat.tree.mark(gone))
        if changed and head == chat.tree.head and not chat.streaming:
            # The other window may have gone on from where this one stands: follow it.
            chat.tree.select(head)
        # A slot is never given twice: behind those that are known here stand the other window's.
        targets = (*before.targets, *stored.targets[len(before.targets) :])
        chat.conversation = now = replace(
            stored,
            targets=targets,
            board=before.board,
            heads=before.heads,
            head=chat.tree.head,
        )
        return changed or replace(now, head=before.head, updated=before.updated) != before

    async def update(self, id_: str, changes: ConversationChanges) -> None:
        """Change some fields of a conversation, here and where it is kept.

        Of one that is not stored yet nothing is written.
        """
        if chat := self._open.get(id_):
            chat.conversation = replace(chat.conversation, **changes)
            if not chat.stored:
                return
        await self.store_of(id_).update_conversation(id_, changes)

    async def hide(self, id_: str, at: float) -> None:
        """Take a conversation out of the list; a running answer stops."""
        if chat := self._open.get(id_):
            chat.stop()
            self._take_away(chat)
        await self.store_of(id_).update_conversation(id_, {"deleted": at})

    async def delete(self, id_: str, at: float) -> None:
        """The same, and drop it if it is temporary."""
        chat = self._open.get(id_)
        await self.hide(id_, at)
        if chat is not None and chat.temporary:
            self._left.append(chat)
            await self.drop_left()

    async def show(self, id_: str) -> None:
        """Bring a hidden conversation back.

        Raises:
            UsageError: it was removed for good meanwhile.
        """
        store = self.store_of(id_)
        if await store.conversation(id_) is None:
            raise UsageError("This conversation was removed for good.")
        await store.update_conversation(id_, {"deleted": None})

    def _take_away(self, chat: OpenConversation) -> None:
        """Forget one that is open, but not what can be taken back when it is opened again."""
        del self._open[chat.id]
        if chat.undo_stack.undoable or chat.undo_stack.redoable:
            self._stacks[chat.id] = chat.undo_stack
            if len(self._stacks) > _STACKS:
                del self._stacks[next(iter(self._stacks))]


def with_target(conversation: Conversation, target: Target) -> tuple[Target, ...]:
    """The targets of a conversation with another one in the place of who is asked alone."""
    targets = list(conversation.targets)
    alone = conversation.board.alone
    targets[alone if alone < len(targets) else 0] = target
    return tuple(targets)


def switched(conversation: Conversation, target: Target) -> ConversationChanges:
    """What changes where another one is asked alone.

    Where several have been side by side, each keeps its slot: messages name it.
    """
    targets, board = conversation.targets, conversation.board
    if len(targets) < 2 or str(conversation.target) == str(target):
        return {"targets": with_target(conversation, target)}
    known = (at for at, each in enumerate(targets) if str(each) == str(target))
    place = next(known, len(targets))
    now = (*targets[:place], target, *targets[place + 1 :])
    return {"targets": now, "board": replace(board, alone=place)}


def _seated(conversation: Conversation) -> Conversation:
    """A conversation whose board names no slot that there is not, as one from outside may."""
    board, count = conversation.board, len(conversation.targets)
    if all(slot < count for slot in (*board.slots, board.alone)):
        return conversation
    slots = tuple(slot for slot in board.slots if slot < count)
    alone = board.alone if board.alone < count else 0
    return replace(conversation, board=replace(board, slots=slots, alone=alone).sane())


async def _drop(store: ConversationStore, id_: str) -> None:
    """Remove a conversation from a store for good."""
    await store.update_conversation(id_, {"deleted": _LONG_AGO})
    await store.purge(_LONG_AGO + 1)
