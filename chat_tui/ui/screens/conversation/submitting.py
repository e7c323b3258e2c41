"""What becomes of a text that is sent: a command, another version, one that waits, a turn."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import Draft, draft_of
from chat_tui.core.errors import ChatError
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.asking import to_send
from chat_tui.ui.screens.conversation.commands.group import told_title
from chat_tui.ui.widgets.prompt import PromptInput

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class Submissions:
    """The one place that decides it.

    Args:
        screen: where it was written.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._one_by_one = asyncio.Lock()
        self._decided = asyncio.Event()
        """Whether nothing is asked about what was sent before."""
        self._decided.set()

    async def take(self, chat: OpenConversation, sent: PromptInput.Submitted) -> None:
        """Do with a text what is meant by it, when what was sent before it is done.

        Args:
            chat: the conversation on the screen.
            sent: what was written; it has left the prompt.
        """
        async with self._one_by_one:
            await self._decided.wait()
            await self._take(chat, sent)

    async def _take(self, chat: OpenConversation, sent: PromptInput.Submitted) -> None:
        screen = self._screen
        if not sent.prompt:
            if not screen.queueing.queues.release(chat):
                screen.writing.tell_empty()
            return
        screen.writing.remember(chat, sent)
        try:
            prompt = await screen.writing.commands.run(chat, sent)
        except ChatError as error:
            screen.show_error(error.info)
            screen.writing.drafts.put_back(chat, sent.draft)
            return
        if prompt is None:
            return
        edited = screen.branches.editing
        if screen.attaching.asks_first(chat, prompt):
            self._decided.clear()
            screen.writing.drafts.asking(chat, sent.draft)
            # Not here: who quits must not be kept by what is asked.
            asks = self._ask_first(chat, prompt, sent.draft, edited)
            screen.run_worker(asks, name="may send", exit_on_error=False)
        else:
            await self._go_on(chat, prompt, sent.draft, edited)

    async def _ask_first(
        self, chat: OpenConversation, prompt: Prompt, draft: Draft, edited: str | None
    ) -> None:
        """Send a prompt if nothing speaks against it, or the user says so; else give it back."""
        screen, may = self._screen, None
        try:
            may = await screen.attaching.may_send(chat, prompt)
        except ChatError as error:
            screen.show_error(error.info)
        except asyncio.CancelledError:
            # The app is left: it is kept with the draft as it is.
            raise
        except Exception:
            self._settle(chat, replace(draft, editing=edited))
            raise
        if edited is not None and screen.branches.editing != edited:
            # The message that it is another version of was left meanwhile.
            may = None
        self._settle(chat, replace(draft, editing=edited) if may is None else None)
        if may is not None:
            # As it stood there, but for what was taken out of it, or came to it.
            await self._go_on(chat, may, draft if may == prompt else draft_of(may), edited)

    def _settle(self, chat: OpenConversation, given_back: Draft | None) -> None:
        """It is decided what becomes of a prompt: it is sent now, or given back."""
        drafts = self._screen.writing.drafts
        drafts.answered(chat)
        self._decided.set()
        if given_back is None:
            return
        drafts.put_back(chat, given_back)
        if chat is not self._screen.session.chat:
            told = text("attaching.left", title=told_title(chat.conversation.title))
            self._screen.app.notify(told, timeout=8, markup=False)

    async def _go_on(
        self, chat: OpenConversation, prompt: Prompt, draft: Draft, edited: str | None
    ) -> None:
        if edited is not None:
            await self._edit(chat, prompt, draft)
        elif chat.streaming or chat.id in self._screen.turns.running:
            self._screen.queueing.queues.add(chat, prompt)
        else:
            self._send(chat, prompt, draft)

    async def _edit(self, chat: OpenConversation, prompt: Prompt, draft: Draft) -> None:
        edits = self._screen.branches.edits
        self._screen.writing.drafts.sending(chat, replace(draft, editing=edits.message))
        await edits.submit(chat, prompt)
        if not self._screen.turns.holds(chat.id):
            # It was refused, or it is the user's own version of an answer.
            self._screen.writing.drafts.sent(chat)

    def _send(self, chat: OpenConversation, prompt: Prompt, draft: Draft) -> None:
        screen = self._screen
        if screen.found is not None and not len(chat.tree):
            screen.banner.show("")
            screen.found = None
        screen.writing.drafts.sending(chat, draft)
        screen.turns.start(chat, to_send(screen.session.manager, chat, prompt), prompt)
