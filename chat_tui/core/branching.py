"""Changes of a conversation's tree without a request, and how all changes are taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chat_tui.core.adding import add_messages, heads_along
from chat_tui.core.clock import Clock
from chat_tui.core.conversation import ConversationTree, Extent, node_of
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.forking import copied, forked
from chat_tui.core.messages import ChatMessage, NoticeInfo, TextPart, text_parts
from chat_tui.core.ports import ConversationChanges
from chat_tui.core.questions import message_shown, thread_to
from chat_tui.core.shelf import Shelf
from chat_tui.core.turns import OpenConversation, busy
from chat_tui.core.undo import Change, Kind, Side

OWN_VERSION = NoticeInfo("own-version", "You wrote this version yourself.")
"""Stands at an answer that the user wrote in the place of a model's."""


class Branching:
    """Versions, deleted messages, forks, the favourite path, undo and redo.

    What it changes is seen at once and stored when a method returns; where storing fails, all is
    as it was before.

    Args:
        shelf: the open conversations.
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(self, shelf: Shelf, clock: Clock, new_id: Callable[[], str]) -> None:
        self._shelf = shelf
        self._clock = clock
        self._new_id = new_id

    # Paths

    async def select(self, chat: OpenConversation, id_: str) -> None:
        """Make the path through a message the active one."""
        head = chat.tree.leaf_below(id_)
        if head != chat.tree.head:
            now = Side(chat.tree.head, chat.conversation.favourite)
            await self._change(chat, "select", now, replace(now, head=head))

    async def set_favourite(
        self, chat: OpenConversation, on: bool, *, leaf: str | None = None
    ) -> None:
        """Mark a path as the favourite one, or take the mark away.

        Args:
            chat: the conversation.
            on: mark it.
            leaf: where the path ends; by default the active one.
        """
        favourite = (leaf or chat.tree.head) if on else None
        if favourite != chat.conversation.favourite:
            now = Side(chat.tree.head, chat.conversation.favourite)
            await self._change(chat, "favourite", now, replace(now, favourite=favourite))

    def favourite_leaf(self, chat: OpenConversation) -> str | None:
        """Where the favourite path ends now: it may have grown, or have lost its end.

        None where no path is marked, or nothing is left of it.
        """
        favourite = chat.conversation.favourite
        if favourite not in chat.tree:
            return None
        nearest = chat.tree.nearest(favourite)
        return None if nearest is None else chat.tree.leaf_below(nearest)

    # Versions and copies

    async def revise(self, chat: OpenConversation, reply_id: str, text: str) -> str:
        """Store the user's own version of an answer beside it, and look at it; gives its id.

        That of a summary goes to the end of the active path: it is the newest one that holds.

        Raises:
            UsageError: an answer is on its way, the message is neither an answer nor a summary, or
                there are no words.
            StorageError: it cannot be stored.
        """
        if not text.strip():
            raise UsageError("There are no words in this version.", hint="Write some first.")
        chat.begin()
        try:
            old = await message_shown(chat, reply_id)
            if old.role != "assistant" and old.covers is None:
                raise UsageError("Only an answer can have a version of your own.")
            above = chat.tree.parent(reply_id) if old.covers is None else chat.tree.head
            message = self._own_version(old, above, text)
            async with chat.storing:
                await add_messages(chat, "revise", [], [message], message.created)
        finally:
            chat.turn = None
        return message.id

    async def fork(self, chat: OpenConversation, id_: str) -> OpenConversation:
        """Copy the path from the beginning to a message into a new conversation, and open it.

        Where each model has its own thread that is what the message's model was told. An answer on
        its way is copied as far as it has come. Of a temporary one the new one is temporary too.

        Raises:
            UsageError: the message is deleted.
            StorageError: it cannot be read or stored.
        """
        await message_shown(chat, id_)
        messages = copied(await chat.messages(thread_to(chat, id_)), self._new_id)
        titles = {row.title for row in await chat.store.summaries()}
        old, now = chat.conversation, self._clock.now()
        conversation = forked(old, self._new_id(), messages, now, titles)
        await chat.store.add_messages(conversation, messages)
        tree = ConversationTree(map(node_of, messages))
        fork = self._shelf.put(conversation, tree, temporary=chat.temporary)
        side = Side(chat.tree.head, old.favourite)
        chat.undo_stack.record(Change("fork", side, side, now, made=fork.id))
        return fork

    # Deleting

    async def delete_messages(self, chat: OpenConversation, id_: str, *, branch: bool) -> int:
        """Take a message out of sight, alone or with all below; gives how many went.

        Raises:
            UsageError: the answer that is on its way would be among them.
            StorageError: it cannot be stored.
        """
        if not chat.tree.visible(id_):
            return 0
        for turn in chat.running():
            for running in turn.incoming.ids if turn.incoming else (None,):
                among = [running] if not branch else chat.tree.path(running)
                if running is None or id_ in among:
                    raise busy()
        kind: Kind = "delete-branch" if branch else "delete"
        marks: dict[str, Extent] = {id_: "branch" if branch else "message"}
        return await self._mark(chat, kind, marks)

    async def restore_messages(self, chat: OpenConversation, id_: str) -> int:
        """Bring a deleted message back, with all that went with it; gives how many came.

        It is looked at then.

        Raises:
            UsageError: it was removed for good meanwhile.
            StorageError: it cannot be stored.
        """
        marks: dict[str, Extent] = {}
        at: str | None = id_
        while at is not None and not chat.tree.visible(at):
            node = chat.tree[at]
            # A message deleted alone above it does not keep it out of sight.
            if node.deleted == "branch" or (node.deleted and at == id_):
                marks[at] = ""
            at = node.parent
        if not marks:
            return 0
        await self._check_kept(chat, list(marks))
        return await self._mark(chat, "restore", marks, look_at=id_)

    # Back and forth

    async def undo(self, chat: OpenConversation) -> Change | None:
        """Take the last change back; gives it, or None where there is none.

        What was added goes out of sight, what was deleted comes back, and the path that was
        looked at before is looked at again.

        Raises:
            UsageError: an answer is on its way, or what was deleted was removed for good.
            StorageError: it cannot be stored.
        """
        return await self._step(chat, back=True)

    async def redo(self, chat: OpenConversation) -> Change | None:
        """Do again what was taken back last. Else as `undo`."""
        return await self._step(chat, back=False)

    async def _step(self, chat: OpenConversation, *, back: bool) -> Change | None:
        stack = chat.undo_stack
        while change := stack.undoable if back else stack.redoable:
            if any(chat.running()):
                raise busy()
            there = change.before if back else change.after
            try:
                await self._check_kept(chat, [id_ for id_, to in there.marks.items() if not to])
            except UsageError:
                stack.drop(change)
                raise
            if chat.streaming or change is not (stack.undoable if back else stack.redoable):
                continue  # Others came first while the store was asked.
            stack.step(back=back)
            try:
                await self._go(chat, change, back=back)
            except ChatError:
                # What was changed meanwhile has forgotten it, or stands above it.
                if change is (stack.redoable if back else stack.undoable):
                    stack.step(back=not back)
                raise
            return change
        return None

    async def _go(self, chat: OpenConversation, change: Change, *, back: bool) -> None:
        """Go from one side of a change to the other."""
        if change.kind != "fork":
            here, there = change.before, change.after
            await self._apply(chat, *((there, here) if back else (here, there)))
        elif back:
            await self._shelf.hide(change.made, self._clock.now())
        else:
            await self._shelf.show(change.made)

    # Inside

    async def _mark(
        self,
        chat: OpenConversation,
        kind: Kind,
        marks: Mapping[str, Extent],
        *,
        look_at: str | None = None,
    ) -> int:
        head, favourite = chat.tree.head, chat.conversation.favourite
        before = Side(head, favourite, {id_: chat.tree[id_].deleted for id_ in marks})
        return await self._change(chat, kind, before, Side(look_at or head, favourite, marks))

    async def _change(self, chat: OpenConversation, kind: Kind, before: Side, after: Side) -> int:
        """Make a change and note it; gives how many messages came or went with it."""
        now = self._clock.now()
        count = abs(await self._apply(chat, before, after))
        after = replace(after, head=chat.tree.head)
        chat.undo_stack.record(Change(kind, before, after, now, count))
        return count

    async def _apply(self, chat: OpenConversation, here: Side, there: Side) -> int:
        """Change what differs between two sides; gives how many more messages are visible."""
        before, count = chat.conversation, chat.tree.mark(there.marks)
        if there.head != here.head:
            chat.tree.select(there.head)
        changes: ConversationChanges = {}
        if chat.tree.head != chat.conversation.head:
            changes["head"] = chat.tree.head
            if heads := heads_along(chat):
                changes["heads"] = {**chat.conversation.heads, **heads}
        if there.favourite != here.favourite:
            changes["favourite"] = there.favourite
        # Also where nothing changes in it: `refresh` sees that something was changed here.
        chat.conversation = replace(chat.conversation, **changes)
        try:
            if there.marks:
                await chat.store.mark_messages(chat.id, there.marks, self._clock.now())
                if "head" in changes:  # The next change may have come meanwhile.
                    changes["head"] = chat.conversation.head
            if changes:
                await chat.store.update_conversation(chat.id, changes)
        except ChatError:
            chat.tree.mark(here.marks)
            chat.tree.select(here.head)
            chat.conversation = replace(
                chat.conversation,
                head=chat.tree.head,
                heads=before.heads,
                favourite=here.favourite,
            )
            raise
        return count

    async def _check_kept(self, chat: OpenConversation, ids: Sequence[str]) -> None:
        """Refuse to bring back what is not stored any more."""
        if ids and len(await chat.store.texts(ids)) < len(ids):
            raise UsageError("What was deleted there was removed for good.")

    def _own_version(self, old: ChatMessage, parent: str | None, text: str) -> ChatMessage:
        attached = [part for part in old.parts if not isinstance(part, TextPart)]
        return ChatMessage(
            self._new_id(),
            old.role,
            (*text_parts(text), *attached),
            parent=parent,
            turn=old.turn,
            created=self._clock.now(),
            name=old.name,
            model=old.model,
            provider=old.provider,
            slot=old.slot,
            covers=old.covers,
            annotations=old.annotations,
            raw=old.raw,
            notices=(OWN_VERSION,),
        )
