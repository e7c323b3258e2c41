"""Keeps what is written and not sent, for each conversation its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.timer import Timer

from chat_tui.core.attachments.prompts import Prompt, prompt_of
from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft, draft_of
from chat_tui.core.errors import ChatError
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.widgets.chips import Chips

if TYPE_CHECKING:
    from chat_tui.core.attachments.values import Attachment
    from chat_tui.ui.screens.conversation.view import ConversationView

DELAY = 0.3
"""Seconds between a key and its draft on disk at the most."""


class DraftKeeper:
    """Saves drafts soon after each change and brings them back.

    What was sent belongs to the draft until its turn is stored: a crash in between loses nothing.

    Args:
        screen: whose prompt it is.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._timer: Timer | None = None
        self._chat: OpenConversation | None = None
        """Whose draft stands in the prompt."""
        self._key = OF_A_NEW_CONVERSATION
        """Under what it was saved last."""
        self._loading = False
        """Whether its stored draft is not in the prompt yet."""
        self._saved: dict[str, Draft] = {}
        """What was given to the store last, by its key."""
        self._sending: dict[str, Draft] = {}
        """What was sent and is not stored yet, by conversation."""
        self._beside: dict[str, Draft] = {}
        """What was written after that."""
        self._asked: dict[str, Draft] = {}
        """What is to be sent when a question about it was answered, by conversation."""

    # Saving

    def changed(self) -> None:
        """Save soon; call it after each change."""
        if self._timer is None and self._chat is not None:
            self._timer = self._screen.set_timer(DELAY, self.save)

    def save(self) -> None:
        """Save now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        chat = self._chat
        if chat is None or self._loading:
            return
        old, self._key = self._key, _key(chat)
        if old != self._key:
            # It was stored meanwhile, and takes its draft along.
            self._store(chat, old, Draft())
        draft = self._draft(chat)
        if self._waits(chat):
            self._beside[chat.id] = draft
        self._store(chat, self._key, self._with_waiting(chat, draft))

    async def keep_queue(self, chat: OpenConversation) -> None:
        """Save what waits in a conversation, on the screen or not.

        Raises:
            StorageError: its draft cannot be read.
        """
        if chat is self._chat:
            self.save()
        else:
            draft = await self._load(chat)
            if chat is self._chat:
                # It came to the screen meanwhile, and what is written there counts.
                self.save()
            else:
                queued = self._screen.queueing.queues.kept(chat)
                self._store(chat, _key(chat), replace(draft, queued=queued))

    def moved(self, chat: OpenConversation) -> None:
        """A conversation is kept in another store now: its draft goes there too."""
        self._saved.pop(_key(chat), None)
        if chat is self._chat:
            self.save()

    def _draft(self, chat: OpenConversation) -> Draft:
        written = self._screen.writing.kept()
        edits = self._screen.branches.edits
        queued = self._screen.queueing.queues.kept(chat)
        return replace(written, queued=queued, editing=edits.message, set_aside=edits.set_aside)

    def _shows(self, chat: OpenConversation) -> bool:
        """Whether a conversation's draft is the one in the prompt."""
        return self._chat is None or _key(chat) == _key(self._chat)

    def _waits(self, chat: OpenConversation) -> bool:
        """Whether something has left the prompt and is not stored yet."""
        return chat.id in self._sending or chat.id in self._asked

    def _with_waiting(self, chat: OpenConversation, draft: Draft) -> Draft:
        """A draft behind what has left the prompt before it and is not stored yet."""
        for waiting in (self._asked, self._sending):
            if (first := waiting.get(chat.id)) is not None:
                draft = joined(first, draft)
        return draft

    def _pop_beside(self, chat: OpenConversation) -> Draft | None:
        """What was written meanwhile, once something of what waits has found its place."""
        left = self._beside.get if self._waits(chat) else self._beside.pop
        return left(chat.id, None)

    def _store(self, chat: OpenConversation, key: str, draft: Draft) -> None:
        if self._saved.get(key) != draft:
            self._saved[key] = draft
            chat.store.save_draft(key, draft)

    # Sending

    def asking(self, chat: OpenConversation, draft: Draft) -> None:
        """A question is asked about what is to be sent; it is kept meanwhile."""
        self._asked[chat.id] = draft
        self.changed()

    def answered(self, chat: OpenConversation) -> None:
        """The question was answered: it is sent or put back now."""
        if self._asked.pop(chat.id, None) is None:
            return
        beside = self._pop_beside(chat) or Draft()
        if chat is not self._chat:
            self._store(chat, _key(chat), self._with_waiting(chat, beside))
        self.changed()

    def sending(self, chat: OpenConversation, draft: Draft) -> None:
        """What is sent now; it is kept with the draft until it is stored or given back."""
        self._sending[chat.id] = draft
        self.changed()

    def sent(self, chat: OpenConversation) -> None:
        """What was sent is stored."""
        if self._sending.pop(chat.id, None) is None:
            return
        beside = self._pop_beside(chat) or Draft()
        if chat is not self._chat:
            # It was left in between, perhaps before it had a key of its own.
            self._store(chat, _key(chat), self._with_waiting(chat, beside))
            if not chat.temporary:
                self._store(chat, OF_A_NEW_CONVERSATION, Draft())
        self.save()

    def give_back(self, chat: OpenConversation, prompt: Prompt | str) -> None:
        """Put a prompt that could not be sent back into the input of its conversation."""
        sent = self._sending.pop(chat.id, draft_of(prompt_of(prompt)))
        beside = self._pop_beside(chat)
        if self._shows(chat):
            if sent.editing is not None:
                self._screen.branches.edits.take_back(sent)
            else:
                self._screen.prompt.give_back(prompt)
            self.save()
        elif beside is not None:
            self._store(chat, _key(chat), joined(sent, self._with_waiting(chat, beside)))
        else:
            self._give_back_later(chat, sent)

    def put_back(self, chat: OpenConversation, draft: Draft) -> None:
        """The same of what was never on its way: a command that cannot be run."""
        if self._shows(chat):
            self._screen.prompt.give_back(draft)
            self.save()
        else:
            self._give_back_later(chat, draft)

    def _give_back_later(self, chat: OpenConversation, sent: Draft) -> None:
        # What is running when the app is left is waited for by this beginning of its name.
        work = self._give_back_to(chat, sent)
        self._screen.run_worker(work, name=f"turn draft {chat.id}", exit_on_error=False)

    async def _give_back_to(self, chat: OpenConversation, sent: Draft) -> None:
        self._store(chat, _key(chat), joined(sent, await self._load(chat)))

    async def attach(
        self,
        chat: OpenConversation,
        parts: Sequence[ImagePart | FilePart],
        attachments: "Sequence[Attachment]",
        instead_of: str = "",
    ) -> None:
        """Attach pictures and documents to what is written in a conversation, seen or not.

        Args:
            chat: the conversation.
            parts: what is attached.
            attachments: the bytes that they name; they are stored first.
            instead_of: see `PromptInput.attach`.

        Raises:
            StorageError: the bytes cannot be stored, or the draft of a conversation that is not
                seen cannot be read; nothing is attached.
        """
        if attachments:
            await chat.store.save_attachments(attachments)
        # It may come to the screen while its draft is read: then that one counts.
        stored = Draft() if self._shows(chat) else await self._load(chat)
        if self._shows(chat):
            self._screen.prompt.attach(*parts, instead_of=instead_of)
            self.save()
            return
        draft = joined(stored, Draft(attached=tuple(parts)))
        if self._waits(chat):
            self._beside[chat.id] = draft
        self._store(chat, _key(chat), self._with_waiting(chat, draft))

    # Showing

    def leave_for(self, chat: OpenConversation) -> None:
        """Keep the draft that stands in the prompt; from now on it is another conversation's."""
        left = self._chat
        if left is not None and _key(left) == _key(chat):
            self._chat = chat
            self._screen.queueing.queues.hand_on(left, chat)
            return
        self.save()
        self._chat, self._key, self._loading = chat, _key(chat), True
        if left is not None:
            self._screen.writing.forget_place()
            self._screen.branches.editing = None
            self._screen.prompt.put("")

    async def show(self, chat: OpenConversation) -> None:
        """Bring the draft of a conversation into the prompt, after it was left for that one."""
        if not self._loading or self._chat is not chat:
            return
        draft = Draft()
        try:
            draft = await self._load(chat)
        except ChatError as error:
            # The conversation can be gone on with all the same.
            self._screen.show_error(error.info)
        if self._chat is chat:
            self._loading = False
            self._fill(chat, draft)

    def _fill(self, chat: OpenConversation, draft: Draft) -> None:
        prompt = self._screen.prompt
        self._screen.queueing.queues.restore(chat, draft.queued)
        self._screen.branches.edits.resume(draft.editing, draft.set_aside)
        if prompt.text:
            # It was typed while the draft was read.
            prompt.give_back(draft)
        else:
            prompt.show(draft)
        self.changed()

    async def _load(self, chat: OpenConversation) -> Draft:
        if self._waits(chat):
            return self._beside.get(chat.id, Draft())
        key = _key(chat)
        if key == OF_A_NEW_CONVERSATION and self._sending:
            # What is stored there is on its way.
            return Draft()
        draft = self._saved[key] = await chat.store.draft(key)
        return draft


def joined(first: Draft, then: Draft) -> Draft:
    """Two drafts of one conversation, the first one's text before the other's.

    Where the first is another version of a message, the other is set aside meanwhile, unless it is
    one of the same message.
    """
    if first.editing is not None and first.editing != then.editing:
        aside = replace(then, queued=(), editing=None, set_aside=None)
        return replace(first, queued=then.queued, set_aside=aside)
    # One prompt's chips have one row of numbers.
    chips = Chips()
    words = "\n".join(filter(None, (chips.take(first), chips.take(then))))
    kept = chips.draft(words)
    return replace(then, text=words, pastes=kept.pastes, attached=kept.attached)


def _key(chat: OpenConversation) -> str:
    """Where a draft is kept: all new conversations share one, but for temporary ones."""
    return chat.id if chat.temporary or len(chat.tree) else OF_A_NEW_CONVERSATION
