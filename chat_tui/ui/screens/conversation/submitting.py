"""What becomes of a text that is sent: a command, another version, one that waits, a turn."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_tui.core.drafts import Draft
from chat_tui.core.errors import ChatError
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.asking import to_send
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

    async def take(self, chat: OpenConversation, sent: PromptInput.Submitted) -> None:
        """Do with a text what is meant by it, when what was sent before it is done.

        Args:
            chat: the conversation on the screen.
            sent: what was written; it has left the prompt.
        """
        async with self._one_by_one:
            await self._take(chat, sent)

    async def _take(self, chat: OpenConversation, sent: PromptInput.Submitted) -> None:
        screen = self._screen
        if not sent.text.strip():
            if not screen.queueing.queues.release(chat):
                screen.writing.tell_empty()
            return
        screen.writing.remember(sent.draft)
        try:
            words = await screen.writing.commands.run(chat, sent)
        except ChatError as error:
            screen.show_error(error.info)
            screen.writing.drafts.put_back(chat, sent.draft)
            return
        if words is None:
            return
        if screen.branches.editing is not None:
            await self._edit(chat, words, sent.draft)
        elif chat.streaming or chat.id in screen.turns.running:
            screen.queueing.queues.add(chat, words)
        else:
            self._send(chat, words, sent.draft)

    async def _edit(self, chat: OpenConversation, words: str, draft: Draft) -> None:
        edits = self._screen.branches.edits
        self._screen.writing.drafts.sending(chat, replace(draft, editing=edits.message))
        await edits.submit(chat, words)
        if not self._screen.turns.holds(chat.id):
            # It was refused, or it is the user's own version of an answer.
            self._screen.writing.drafts.sent(chat)

    def _send(self, chat: OpenConversation, words: str, draft: Draft) -> None:
        screen = self._screen
        if screen.found is not None and not len(chat.tree):
            screen.banner.show("")
            screen.found = None
        screen.writing.drafts.sending(chat, draft)
        screen.turns.start(chat, to_send(screen.session.manager, chat, words), words)
